//! Letters to people whose access somebody else ended: a membership, a place on a firm's staff, an assignment, or the
//! seat of a customer's contact. Who left needs none.

use domain::{Event, Org, customer::ContactAccessEnded, team::AssignmentRemoved};
use mail::letters::access_ended::{AccessEnded, Ended};

use crate::{
    Notify,
    error::NotifyError,
    outgoing::Outgoing,
    recipients::{
        actor_name, addressed_to, affected, affected_subject, company, company_name, firm_name, notification_to,
    },
};

pub(super) async fn ended(notify: &Notify, event: &Event) -> Result<Vec<Outgoing>, NotifyError> {
    let Some(recipient) = affected_subject(notify, event).await? else { return Ok(Vec::new()) };
    let ended = match &event.org {
        Org::Company(company) => Ended::Member { company: company_name(notify, company).await? },
        Org::Firm(firm) => Ended::Staff { firm: firm_name(notify, firm).await? },
    };
    let letter = AccessEnded { ended, by: actor_name(event) };
    Ok(vec![notification_to(notify, event, &recipient, &[], &letter)?])
}

pub(super) async fn assignment_removed(
    notify: &Notify,
    event: &Event,
    removed: &AssignmentRemoved,
) -> Result<Vec<Outgoing>, NotifyError> {
    let Some(recipient) = affected_subject(notify, event).await? else { return Ok(Vec::new()) };
    let (company, firm) = tokio::try_join!(company_name(notify, &removed.company), firm_name(notify, &removed.firm))?;
    let letter = AccessEnded { ended: Ended::Client { company, firm }, by: actor_name(event) };
    Ok(vec![notification_to(notify, event, &recipient, &[], &letter)?])
}

/// A contact has no inbox, so the letter is addressed to them.
pub(super) async fn contact_access_ended(
    notify: &Notify,
    event: &Event,
    ended: &ContactAccessEnded,
) -> Result<Vec<Outgoing>, NotifyError> {
    let Some(recipient) = affected(notify, event, &ended.user).await? else { return Ok(Vec::new()) };
    let company = company_name(notify, company(event)?).await?;
    let ended = Ended::Contact { company, customer: (&ended.customer_name).into() };
    let letter = AccessEnded { ended, by: actor_name(event) };
    Ok(vec![addressed_to(notify, event, &recipient, &letter)?])
}
