//! A person becomes a member of a company.

use api::ApiResult;
use domain::{Grants, MemberRole, Org, invitation::Invitation, org::Member, team::bounded};
use store::{Authority, Change};

use crate::{
    accept_context::AcceptContext,
    refusal::{not_joined, without_profile},
};

/// Makes the person a member, in one read. If a firm invited them before, a second read of its connection shows
/// whether their place is vacant.
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
    let before = match before {
        Some(before) => Some(present(context, before).await?),
        None => None,
    };
    let membership = context.membership(accepted);
    let (member, owners, event) = membership.company(&company, role, grants, before.as_ref()).map_err(not_joined)?;
    change.put(|tenant| tenant.member(user), before.map(|before| before.version), &member);
    change.count_owners(owners);
    change.record(event);
    Ok(())
}

/// The member, as far as the connection of the firm that invited them still allows.
async fn present(context: &AcceptContext<'_>, member: Member) -> ApiResult<Member> {
    let Some(firm) = member.inviting_firm.clone().map(Org::Firm) else { return Ok(member) };
    let (now, company) = (context.change_context.at, Authority::System(Org::Company(member.company.clone())));
    let connection = context.store.load(&company, now, |tenant| tenant.connection(&firm)).await?.flatten();
    Ok(bounded(member, connection.as_slice(), now))
}
