//! A person becomes a member of a company.

use api::ApiResult;
use domain::{Grants, MemberRole, invitation::Invitation};
use store::Change;

use crate::{
    accept_context::AcceptContext,
    refusal::{not_joined, without_profile},
};

/// Makes the person a member, in one read.
pub(super) async fn join(
    context: &AcceptContext<'_>,
    accepted: &Invitation,
    (role, grants): (MemberRole, &Grants),
    change: &mut Change<'_>,
) -> ApiResult<()> {
    let (authority, user) = (context.authority(&accepted.offer), &context.person.id);
    let (company, before) = context
        .store
        .load(&authority, context.change_context.at, |tenant| (tenant.company(), tenant.member(user)))
        .await?;
    let company = company.ok_or_else(without_profile)?;
    let membership = context.membership(accepted);
    let (member, owners, event) = membership.company(&company, role, grants, before.as_ref()).map_err(not_joined)?;
    change.put(|tenant| tenant.member(user), before.map(|before| before.version), &member);
    change.count_owners(owners);
    change.record(event);
    Ok(())
}
