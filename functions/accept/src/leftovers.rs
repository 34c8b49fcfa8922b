//! Assignments that an earlier place or connection left behind.
//!
//! They grant nothing while the place or the connection is ended, and would grant again once it is
//! renewed. So they are ended before it is: nobody can assign anew in between, since assigning needs
//! both to be active. Ending them is harmless should the renewal then fail.

use api::{ApiResult, Problem};
use domain::{CompanyId, FirmId, Org, UserId, org::Assignment, org::Status, team::unassign};
use store::{Authority, ChangeContext, Listing, PageRequest, Store, StoreError, Tenant};

/// How many are ended in one change: each takes three of the hundred items a transaction may have.
const PER_CHANGE: usize = 25;

/// Whose assignments.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Leftovers<'a> {
    /// One person's, who joins the firm again.
    Of(&'a UserId),
    /// Those in one company, which connects with the firm again.
    In(&'a CompanyId),
}

impl Leftovers<'_> {
    /// `None` where the tenant is no firm, which assigns nothing.
    fn listing(self, firm: &Tenant) -> Option<Listing<Assignment>> {
        match self {
            Self::Of(user) => firm.assignments_of(user),
            Self::In(company) => firm.assignments_in(company),
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
            let left: Vec<Assignment> = page.items.into_iter().filter(|a| a.status == Status::Active).collect();
            for batch in left.chunks(PER_CHANGE) {
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
