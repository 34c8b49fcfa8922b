//! Lists across a firm's clients, of which each of its staff sees their own part.

use domain::{
    CompanyId, Org, UserId,
    org::{Assignment, Connection, Staff},
    team::ClientSeat,
};

use super::Queries;
use crate::{
    error::StoreError,
    item::Entity,
    keys::{Key, Tenant},
    listing::{Listing, Page, PageRequest},
};

/// What decides what one of a firm's staff sees: their own place, and for each company its connection and its assignment
/// to them.
type Relations<S, C, A> = (S, Vec<(C, A)>);

impl Queries<'_> {
    /// As [`Queries::page_shown`], for a list of a firm with entries about its clients. Such a list is an index and grants
    /// nothing: the person's place, the connections and the assignments to them are read beside each page, and `shown` says
    /// what of an entry to show from their seat in its company. Entries of companies that are not connected are left out.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn page_of_clients<T: Entity, U>(
        &self,
        listing: impl FnOnce(&Tenant) -> Option<Listing<T>>,
        request: &PageRequest,
        user: &UserId,
        company: fn(&T) -> &CompanyId,
        shown: impl Fn(T, &ClientSeat<'_>) -> Option<U>,
    ) -> Result<Page<U>, StoreError> {
        let beside = |tenant: &Tenant, found: &[T]| relations(tenant, user, &companies(found, company));
        let seen = |found: Vec<T>, relations: Relations<_, Option<Option<Connection>>, Option<Option<Assignment>>>| {
            let companies = companies(&found, company);
            let (staff, relations): (Option<Staff>, Vec<_>) = relations;
            let Some(staff) = staff else { return Vec::new() };
            let show = |entry: T| {
                let at = companies.binary_search(company(&entry)).ok()?;
                let (connection, assignment) = relations.get(at)?;
                let connection = connection.as_ref()?.as_ref()?;
                let assignment = assignment.as_ref().and_then(Option::as_ref);
                shown(entry, &ClientSeat { staff: &staff, connection, assignment })
            };
            found.into_iter().filter_map(show).collect()
        };
        self.page_shown(listing, request, beside, seen).await
    }
}

/// The companies of some entries, each once.
fn companies<T>(found: &[T], company: fn(&T) -> &CompanyId) -> Vec<CompanyId> {
    let mut companies: Vec<CompanyId> = found.iter().map(|entry| company(entry).clone()).collect();
    companies.sort();
    companies.dedup();
    companies
}

fn relations(
    tenant: &Tenant,
    user: &UserId,
    companies: &[CompanyId],
) -> Relations<Key<Staff>, Option<Key<Connection>>, Option<Key<Assignment>>> {
    let of_client =
        |company: &CompanyId| (tenant.connection(&Org::Company(company.clone())), tenant.assignment(company, user));
    (tenant.staff(user), companies.iter().map(of_client).collect())
}
