//! Letters to people whose access somebody else changed. What was only granted for a time is left out: the person who
//! asked for it has the letter about the decision.

use domain::{
    Event, Grants, Org, Permission, UtcTime,
    team::{AssignmentChanged, ConnectionChanged, MemberChanged, StaffChanged},
};
use mail::letters::access_changed::{AccessChanged, Changed};
use queue::UnreadableMessage;

use crate::{
    Notify,
    error::NotifyError,
    outgoing::{Outgoing, portal_link},
    recipients::{
        Recipient, actor_name, affected_subject, company, company_name, firm_name, notification_to_each,
        others_who_hold,
    },
};

/// What a person or firm may do after a change, and what it took.
struct Change {
    can: Grants,
    no_longer: Grants,
    until: Option<UtcTime>,
}

impl Change {
    fn new(before: &Grants, after: Grants, until: Option<UtcTime>) -> Self {
        Self { no_longer: before.beyond(&after), can: after, until }
    }
}

pub(super) async fn member_changed(
    notify: &Notify,
    event: &Event,
    MemberChanged { before, after }: &MemberChanged,
) -> Result<Vec<Outgoing>, NotifyError> {
    if (before.role, &before.grants, before.expires_at) == (after.role, &after.grants, after.expires_at) {
        return Ok(Vec::new());
    }
    let now = api::clock::now();
    let after_change = after.grants.union(&after.lent.at(now));
    let change = Change::new(&before.grants.union(&before.lent.at(now)), after_change, after.expires_at);
    let company = company(event)?;
    let changed = Changed::Member { company: company_name(notify, company).await? };
    to_subject(notify, event, changed, change, &format!("/companies/{company}")).await
}

pub(super) async fn staff_changed(
    notify: &Notify,
    event: &Event,
    StaffChanged { before, after }: &StaffChanged,
) -> Result<Vec<Outgoing>, NotifyError> {
    let firm = event.org.firm().ok_or(UnreadableMessage)?;
    let change = Change::new(&before.role.preset(), after.role.preset(), after.expires_at);
    let changed = Changed::Staff { firm: firm_name(notify, firm).await? };
    to_subject(notify, event, changed, change, &format!("/firms/{firm}/clients")).await
}

pub(super) async fn assignment_changed(
    notify: &Notify,
    event: &Event,
    changed: &AssignmentChanged,
) -> Result<Vec<Outgoing>, NotifyError> {
    // A change of the assignment itself ends what was granted on top of it.
    if !changed.lent.is_empty() {
        return Ok(Vec::new());
    }
    let before = changed.before.clone();
    let is_new = before.is_none();
    let change = Change::new(&before.unwrap_or_default(), changed.after.clone(), changed.expires_at);
    let path = format!("/companies/{}", changed.company);
    let (company, firm) = tokio::try_join!(company_name(notify, &changed.company), firm_name(notify, &changed.firm))?;
    to_subject(notify, event, Changed::Client { company, firm, is_new }, change, &path).await
}

pub(super) async fn connection_changed(
    notify: &Notify,
    event: &Event,
    ConnectionChanged { firm, firm_name, before, after }: &ConnectionChanged,
) -> Result<Vec<Outgoing>, NotifyError> {
    if (&before.grants, before.expires_at) == (&after.grants, after.expires_at) {
        return Ok(Vec::new());
    }
    let now = api::clock::now();
    let after_change = after.grants.union(&after.lent.at(now));
    let change = Change::new(&before.grants.union(&before.lent.at(now)), after_change, after.expires_at);
    let company = company(event)?;
    let recipients = others_who_hold(notify, event, &Org::Firm(firm.clone()), Permission::ClientsManage).await?;
    let changed = Changed::Firm { company: company_name(notify, company).await?, firm: firm_name.into() };
    letters(notify, event, &recipients, changed, change, &format!("/companies/{company}"))
}

/// To the person who is the event's subject, unless they did it.
async fn to_subject(
    notify: &Notify,
    event: &Event,
    changed: Changed,
    change: Change,
    path: &str,
) -> Result<Vec<Outgoing>, NotifyError> {
    let recipient = affected_subject(notify, event).await?;
    letters(notify, event, recipient.as_slice(), changed, change, path)
}

fn letters(
    notify: &Notify,
    event: &Event,
    recipients: &[Recipient],
    changed: Changed,
    Change { can, no_longer, until }: Change,
    path: &str,
) -> Result<Vec<Outgoing>, NotifyError> {
    let letter =
        AccessChanged { changed, can, no_longer, until, by: actor_name(event), link: portal_link(notify, path)? };
    notification_to_each(notify, event, recipients, &[], &letter)
}
