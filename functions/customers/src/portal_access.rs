//! Switches a contact's access to the portal on and off.

use api::{Answer, Api, ApiError, ApiResult, Body, CallerNetwork, InCompany, Path, Problem, clock};
use axum::extract::State;
use contact_access::Ending;
use domain::{
    ContactId, Grants, InvitationId, Note, Org, Permission, Reference, UtcTime,
    customer::{
        Contact, PortalSettings,
        admission::{AdmissionError, offer_to},
    },
    invitation::{Invite, InviteError, invite},
    permission::may,
};
use serde::{Deserialize, Serialize};
use store::{Attempt, Authority, Tally, retry_on_conflict};
use utoipa::ToSchema;

use crate::App;

/// How a contact is let in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GivePortalAccess {
    /// What the contact may do, of what your portal settings give to contacts. Default: all of it, also what the settings
    /// give later.
    #[serde(default)]
    permissions: Option<Grants>,
    /// Your own words, for the letter.
    #[serde(default)]
    message: Option<Note>,
    /// 1–30; by default what this deployment sets, usually 7.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 30)]
    expires_in_days: Option<u8>,
}

/// A contact who was invited to the portal.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PortalInvitation {
    /// The invitation. It is sent again and withdrawn as every other one.
    invitation: InvitationId,
    contact: ContactId,
    /// What the contact could do by the settings now.
    permissions: Grants,
    expires_at: UtcTime,
}

/// Switches a contact's access to the portal on: they are sent an invitation.
///
/// What contacts may do is set for all of them in the portal settings; a seat may have less, never more. The contact
/// accepts at the address of their record. Their access does not depend on the person who let them in, nor on a firm for
/// which that person acted. Nobody who works for the company is let in: no member, and nobody on the staff of a connected
/// firm. The limits on invitations count this one too.
///
/// Needs `customers.manage`.
#[utoipa::path(post, path = "/v1/customers/{reference}/contacts/{contact}/portal-access",
    params(("reference" = Reference, Path), ("contact" = ContactId, Path)),
    request_body = GivePortalAccess, responses((status = 201, body = PortalInvitation)))]
pub(crate) async fn give_portal_access(
    State(app): State<App>,
    caller: InCompany<may::CustomersManage>,
    network: CallerNetwork,
    Path((reference, contact)): Path<(Reference, ContactId)>,
    body: Body<GivePortalAccess>,
) -> ApiResult {
    let (api, now) = (&app.api, caller.now());
    let idempotency = body.idempotent.by(&caller.caller.user);
    let wanted = body.value;
    let (company, customer, found, stored, record) = api
        .store
        .load_once(&caller.authority(), now, idempotency.as_ref(), |tenant| {
            let (settings, record) = (tenant.portal_settings(), tenant.invitation_record());
            (tenant.company(), tenant.customer(&reference), tenant.contact(&reference, &contact), settings, record)
        })
        .await??;
    let company = company.ok_or_else(|| Problem::internal("a company without a profile"))?;
    let (customer, found): (_, Contact) = customer.zip(found).ok_or_else(Problem::not_found)?;
    let is_first = stored.is_none();
    let settings = stored.unwrap_or_else(|| PortalSettings::default_of(&caller.company, now));

    let offer = offer_to(&found, &customer, &settings, wanted.permissions).map_err(not_offered)?;
    if api.store.works_at(&caller.company, &found.details.email, now).await? {
        return Err(not_offered(AdmissionError::WorksHere).into());
    }
    let claims = caller.context.claims();
    let command = Invite {
        id: InvitationId::from_uuid(clock::new_uuid()),
        offer,
        org_name: company.name,
        email: found.details.email.clone(),
        name: Some(found.details.name.clone()),
        message: wanted.message,
        locale: found.details.language.clone().or(customer.details.language),
        expires_in_days: wanted.expires_in_days.unwrap_or(app.expiry_days),
        invited_by: claims.sub.clone(),
        invited_by_name: claims.name.clone(),
        acting_as: caller.context.acting_as().clone(),
        held_since: caller.context.since(),
    };
    let (invitation, event) = invite(command, now).map_err(not_invited)?;

    // The inviter's right as acceptance checks it again: for good, so not one that is lent for a time.
    let authority = Authority::Person(invitation.offer.to_send(caller.context.present()));
    let mut change = api.store.change(&authority, caller.change_context());
    let org = Org::Company(caller.company.clone());
    let counted = (&org, record.unwrap_or_default());
    for tally in Tally::of_invitation(&api.allowances, counted, &invitation.email, &network.0, now) {
        change.count(&tally);
    }
    if is_first {
        change.put(|tenant| tenant.portal_settings(), None, &settings);
    }
    change.unchanged(|tenant| tenant.customer(&reference), customer.version);
    let waiting = found.invited(&invitation.id);
    change.put(|tenant| tenant.contact(&reference, &contact), Some(found.version), &waiting);
    change.put(|tenant| tenant.invitation(&invitation.id), None, &invitation);
    change.record(event);
    let answer = Answer::created(&PortalInvitation {
        permissions: invitation.offer.grants(),
        expires_at: invitation.expires_at,
        invitation: invitation.id,
        contact,
    })?;
    Ok(answer.commit(change, idempotency.as_ref()).await??)
}

/// Switches a contact's access to the portal off: it ends with the contact's next request.
///
/// An invitation that waits for the contact is withdrawn. `404 not-found` where access is not switched on.
///
/// Needs `customers.manage`.
#[utoipa::path(delete, path = "/v1/customers/{reference}/contacts/{contact}/portal-access",
    params(("reference" = Reference, Path), ("contact" = ContactId, Path)), responses((status = 204)))]
pub(crate) async fn end_portal_access(
    State(api): State<Api>,
    caller: InCompany<may::CustomersManage>,
    Path((reference, contact)): Path<(Reference, ContactId)>,
) -> ApiResult {
    retry_on_conflict(|| end(&api, &caller, &reference, &contact)).await
}

async fn end(
    api: &Api,
    caller: &InCompany<may::CustomersManage>,
    reference: &Reference,
    contact: &ContactId,
) -> Result<Answer, Attempt<ApiError>> {
    let authority = caller.authority();
    let found = api.store.load(&authority, caller.now(), |tenant| tenant.contact(reference, contact)).await?;
    let found: Contact = found.filter(|found: &Contact| found.portal.is_on()).ok_or_else(Problem::not_found)?;
    let ending = api.store.load(&authority, caller.now(), |tenant| Ending::keys(tenant, &found)).await?;

    let mut change = api.store.change(&authority, caller.change_context());
    Ending::of(ending, &found).add_to(&mut change, &found);
    change.commit().await?;
    Ok(Answer::nothing())
}

fn not_offered(error: AdmissionError) -> Problem {
    match error {
        AdmissionError::Archived => Problem::conflict(error, "archived"),
        AdmissionError::SwitchedOn(state) => Problem::conflict(error, state),
        AdmissionError::WorksHere => Problem::field("contact", error),
        AdmissionError::NoPermissions | AdmissionError::BeyondSettings(_) => Problem::field("permissions", error),
    }
}

fn not_invited(error: InviteError) -> Problem {
    match error {
        InviteError::Expiry => Problem::field("expires_in_days", error),
        InviteError::Grants(_) => Problem::field("permissions", error),
        InviteError::WrongContext => Problem::not_granted(Permission::CustomersManage),
    }
}

#[cfg(test)]
mod tests {
    use domain::invitation::GrantsError;

    use super::*;

    #[test]
    fn every_refusal_has_its_status_and_names_its_field() {
        let cases = [
            (not_offered(AdmissionError::Archived), 409, None),
            (not_offered(AdmissionError::SwitchedOn("active")), 409, None),
            (not_offered(AdmissionError::WorksHere), 422, Some("contact")),
            (not_offered(AdmissionError::NoPermissions), 422, Some("permissions")),
            (not_offered(AdmissionError::BeyondSettings(Permission::PaymentsPay)), 422, Some("permissions")),
            (not_invited(InviteError::Expiry), 422, Some("expires_in_days")),
            (not_invited(GrantsError::NoPermissions.into()), 422, Some("permissions")),
            (not_invited(InviteError::WrongContext), 403, None),
        ];
        for (problem, status, field) in cases {
            assert_eq!(problem.status().as_u16(), status, "{problem:?}");
            assert_eq!(problem.errors().first().map(|error| error.field.as_str()), field);
        }
    }
}
