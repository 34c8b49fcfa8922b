//! A person joins the staff of a firm.

use api::ApiResult;
use domain::{StaffRole, invitation::Invitation};
use store::Change;

use crate::{
    accept_context::AcceptContext,
    refusal::{not_joined, without_profile},
};

/// Makes the person staff of the firm, in one read. Assignments from an earlier place grant nothing in this one.
pub(super) async fn join(
    context: &AcceptContext<'_>,
    accepted: &Invitation,
    role: StaffRole,
    change: &mut Change<'_>,
) -> ApiResult<()> {
    let (authority, user) = (context.authority(&accepted.offer), &context.person.id);
    let (firm, before) =
        context.store.load(&authority, context.change_context.at, |tenant| (tenant.firm(), tenant.staff(user))).await?;
    let firm = firm.ok_or_else(without_profile)?;
    let (staff, admins, event) = context.membership(accepted).firm(&firm, role, before.as_ref()).map_err(not_joined)?;
    change.put(|tenant| tenant.staff(user), before.map(|before| before.version), &staff);
    change.count_admins(admins);
    change.record(event);
    Ok(())
}
