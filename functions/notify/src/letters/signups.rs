//! The letter to a firm whose registration link or signup code brought a client.

use domain::{Event, Name, Permission, referral::ReferralRegistered, signup_source::SignupSourceKind};
use mail::{
    Line,
    letters::client_registered::{ClientRegistered, SignupSource},
};
use queue::UnreadableMessage;
use store::Authority;

use crate::{
    Notify,
    error::NotifyError,
    outgoing::{Outgoing, portal_link},
    recipients::{holders_in, notification_to_each},
};

pub(super) async fn client_registered(
    notify: &Notify,
    event: &Event,
    referral: &ReferralRegistered,
) -> Result<Vec<Outgoing>, NotifyError> {
    let through = match referral.through {
        SignupSourceKind::RegistrationLink => SignupSource::Link,
        SignupSourceKind::SignupCode => SignupSource::Code,
        // It attributes a signup to the firm and connects nobody, so the firm has no new client.
        SignupSourceKind::VendorCode => return Ok(Vec::new()),
    };
    let firm = event.org.firm().ok_or(UnreadableMessage)?;
    let authority = Authority::System(event.org.clone());
    let found = notify.store.load(&authority, api::clock::now(), |tenant| tenant.firm()).await?;
    let Some(found) = found else { return Ok(Vec::new()) };
    let recipients = holders_in(notify, &event.org, Permission::ClientsManage).await?;
    let link = portal_link(notify, &format!("/firms/{firm}/clients"))?;
    let letter = ClientRegistered {
        company: (&referral.company_name).into(),
        firm: (&found.name).into(),
        through,
        label: Line::if_any(referral.label.as_ref().map(Name::as_str)),
        registered_by: Line::if_any(event.actor.name.as_ref().map(Name::as_str)),
        link,
    };
    notification_to_each(notify, event, &recipients, &[Permission::ClientsManage], &letter)
}
