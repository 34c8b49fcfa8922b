//! The people of a company who can be asked.

use std::collections::BTreeSet;

use api::Api;
use domain::{FirmId, Org, UtcTime, org::Member, team::bounded};
use store::{Authority, StoreError};

/// These places as the firms that invited some of the people leave them. One read for their connections, and none
/// where everybody is the company's own.
///
/// # Errors
/// [`StoreError`].
pub(crate) async fn as_bounded(
    api: &Api,
    authority: &Authority,
    now: UtcTime,
    members: Vec<Option<Member>>,
) -> Result<Vec<Option<Member>>, StoreError> {
    let firms: BTreeSet<FirmId> = members.iter().flatten().filter_map(|member| member.inviting_firm.clone()).collect();
    if firms.is_empty() {
        return Ok(members);
    }
    let firms: Vec<Org> = firms.into_iter().map(Org::Firm).collect();
    let found = api
        .store
        .load(authority, now, |tenant| firms.iter().map(|firm| tenant.connection(firm)).collect::<Vec<_>>())
        .await?;
    let connections: Vec<_> = found.into_iter().flatten().flatten().collect();
    Ok(members.into_iter().map(|member| member.map(|member| bounded(member, &connections, now))).collect())
}
