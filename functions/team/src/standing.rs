//! Checks the assignments and members of a page against the relationships that they depend on.

use domain::{
    Org, UtcTime,
    org::{Assignment, Member},
    team::{bounded, stands},
};
use store::{Page, PageRequest, Queries, StoreError};

/// The assignments of a page that are in force at `now`: one more read, of the connection and the place on staff of
/// each.
pub(crate) async fn standing(
    queries: &Queries<'_>,
    page: Page<Assignment>,
    now: UtcTime,
) -> Result<Page<Assignment>, StoreError> {
    let rests_on = queries
        .get(|tenant| {
            let keys = page.items.iter().map(|assignment| {
                let other = match tenant.org() {
                    Org::Company(_) => Org::Firm(assignment.firm.clone()),
                    Org::Firm(_) => Org::Company(assignment.company.clone()),
                };
                (tenant.connection(&other), tenant.staff_through(&other, &assignment.user))
            });
            keys.collect::<Vec<_>>()
        })
        .await?;
    let counts = |(assignment, (connection, staff)): (Assignment, (Option<Option<_>>, Option<Option<_>>))| {
        let (connection, staff) = connection.flatten().zip(staff.flatten())?;
        stands(&assignment, &connection, &staff, now).then_some(assignment)
    };
    let items = page.items.into_iter().zip(rests_on).filter_map(counts).collect();
    Ok(Page { items, next: page.next })
}

/// The members of a page, each as far as the connection of the firm that invited them allows at `now`. If there is
/// such a member, one more query reads the company's first hundred connections.
pub(crate) async fn as_bounded(
    queries: &Queries<'_>,
    page: Page<Member>,
    now: UtcTime,
) -> Result<Page<Member>, StoreError> {
    if page.items.iter().all(|member| member.inviting_firm.is_none()) {
        return Ok(page);
    }
    let connections = queries.page(|tenant| tenant.connections(), &PageRequest::largest()).await?.items;
    let items = page.items.into_iter().map(|member| bounded(member, &connections, now)).collect();
    Ok(Page { items, next: page.next })
}
