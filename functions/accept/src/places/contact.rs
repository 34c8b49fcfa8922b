//! A contact of a customer is let into that customer's portal.

use api::{ApiResult, Problem};
use domain::{ContactId, Reference, customer::admission::Admission, invitation::Invitation, membership::JoinError};
use store::Change;

use crate::{
    accept_context::AcceptContext,
    refusal::{not_joined, without_profile},
};

/// Gives the person their seat, unless they work for the company. The contact and the customer must still be as they were read when the seat
/// is written: so a contact whose access was switched off, and one of an archived customer, gets none.
pub(super) async fn let_in(
    context: &AcceptContext<'_>,
    accepted: &Invitation,
    (customer, id): (&Reference, &ContactId),
    change: &mut Change<'_>,
) -> ApiResult<()> {
    let (authority, user) = (context.authority(&accepted.offer), &context.person.id);
    let (company, found, contact, settings, before) = context
        .store
        .load(&authority, context.change_context.at, |tenant| {
            let (seat, contact) = (tenant.contact_seat(customer, user), tenant.contact(customer, id));
            (tenant.company(), tenant.customer(customer), contact, tenant.portal_settings(), seat)
        })
        .await?;
    let company = company.ok_or_else(without_profile)?;
    let works_here = context.store.person_works_at(&company.id, user, context.change_context.at).await?;
    let settings = settings.ok_or_else(|| Problem::internal("a contact was invited without portal settings"))?;
    let (Some(found), Some(contact)) = (found, contact) else { return Err(not_joined(JoinError::EndedSince).into()) };
    let admission = Admission {
        company: &company,
        customer: &found,
        contact: &contact,
        settings: &settings,
        before: before.as_ref(),
        works_here,
    };
    let (seat, admitted, event) = admission.give(&context.membership(accepted)).map_err(not_joined)?;
    change.unchanged(|tenant| tenant.customer(customer), found.version);
    change.put(|tenant| tenant.contact(customer, id), Some(contact.version), &admitted);
    change.put(|tenant| tenant.contact_seat(customer, user), before.map(|before| before.version), &seat);
    change.record(event);
    Ok(())
}
