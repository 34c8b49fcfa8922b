//! Letters about a connection that started or ended, to the people of both sides who manage connections.

use domain::{Event, Org, Permission, membership::ConnectionStarted, team::ConnectionEnded};
use mail::letters::{
    access_ended::{AccessEnded, Ended},
    firm_connected::FirmConnected,
};

use crate::{
    Notify,
    error::NotifyError,
    outgoing::{Outgoing, portal_link},
    recipients::{actor_name, company, company_name, notification_to_each, others_who_hold},
};

pub(super) async fn started(
    notify: &Notify,
    event: &Event,
    started: &ConnectionStarted,
) -> Result<Vec<Outgoing>, NotifyError> {
    let company = company(event)?;
    let needed = Permission::ConnectionsManage;
    let recipients = others_who_hold(notify, event, &event.org, needed).await?;
    let letter = FirmConnected {
        company: (&started.company_name).into(),
        firm: (&started.firm_name).into(),
        can: started.grants.clone(),
        by: actor_name(event),
        link: portal_link(notify, &format!("/companies/{company}/connections"))?,
    };
    notification_to_each(notify, event, &recipients, &[needed], &letter)
}

/// The firm's people may not enter the company any more: they have the mail, and no inbox there.
pub(super) async fn ended(
    notify: &Notify,
    event: &Event,
    ended: &ConnectionEnded,
) -> Result<Vec<Outgoing>, NotifyError> {
    let firm = Org::Firm(ended.firm.clone());
    let (of_company, mut of_firm) = tokio::try_join!(
        others_who_hold(notify, event, &event.org, Permission::ConnectionsManage),
        others_who_hold(notify, event, &firm, Permission::ClientsManage),
    )?;
    // Who is on both sides is told once.
    of_firm.retain(|recipient| of_company.iter().all(|told| told.user != recipient.user));
    let company = company_name(notify, company(event)?).await?;
    let ended = Ended::Connection { company, firm: (&ended.firm_name).into() };
    let letter = AccessEnded { ended, by: actor_name(event) };
    let mut letters = notification_to_each(notify, event, &of_company, &[Permission::ConnectionsManage], &letter)?;
    letters.extend(notification_to_each(notify, event, &of_firm, &[], &letter)?);
    Ok(letters)
}
