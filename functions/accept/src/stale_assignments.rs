//! Ends assignments that remain from an earlier place or connection.
//!
//! They grant nothing while the place or the connection is ended, but would again once it is renewed.
//! So they end before the renewal commits. Nobody can assign anew in between, because assigning needs
//! both to be active. If the renewal then fails, no access was lost.

use api::{ApiResult, Problem};
use domain::{CompanyId, FirmId, Org, UserId, org::Assignment, org::Status, team::unassign};
use store::{Authority, ChangeContext, Listing, PageRequest, Store, StoreError, Tenant};

/// How many end in one change: each takes three of the hundred items a transaction may have.
const PER_CHANGE: usize = 25;

/// Which assignments of a firm.
#[derive(Debug, Clone, Copy)]
pub(crate) enum StaleAssignments<'a> {
    /// Those of a person who joins the firm again.
    OfUser(&'a UserId),
    /// Those of a company that connects with the firm again.
    InCompany(&'a CompanyId),
}

impl StaleAssignments<'_> {
    /// `None` where the tenant is a company: only firms assign.
    fn listing(self, firm: &Tenant) -> Option<Listing<Assignment>> {
        match self {
            Self::OfUser(user) => firm.assignments_of(user),
            Self::InCompany(company) => firm.assignments_in(company),
        }
    }

    /// Ends them all.
    pub(crate) async fn end(self, store: &Store, firm: &FirmId, change_context: &ChangeContext) -> ApiResult<()> {
        let authority = Authority::System(Org::Firm(firm.clone()));
        let mut request = PageRequest::largest();
        loop {
            let page = store
                .query_authorized(&authority, change_context.at, async |queries| {
                    let listing = self.listing(queries.tenant()).ok_or(StoreError::NotFound)?;
                    queries.page(|_| listing, &request).await
                })
                .await?;
            let active: Vec<Assignment> = page.items.into_iter().filter(|a| a.status == Status::Active).collect();
            for batch in active.chunks(PER_CHANGE) {
                let mut change = store.change(&authority, change_context.clone());
                for assignment in batch {
                    let (ended, event) = unassign(assignment).map_err(Problem::internal)?;
                    let (company, user) = (&assignment.company, &assignment.user);
                    change.put_some(|firm| firm.assignment(company, user), Some(assignment.version), &ended);
                    change.record(event);
                }
                change.commit().await?;
            }
            let Some(next) = page.next else { return Ok(()) };
            request = PageRequest::new(None, Some(next)).map_err(Problem::internal)?;
        }
    }
}
