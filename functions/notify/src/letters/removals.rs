//! The letter to a person whose membership, or place on a firm's staff, somebody else ended.

use domain::{Event, Org, UserId};
use mail::{
    Line,
    letters::access_ended::{AccessEnded, Ended},
};
use queue::UnreadableMessage;

use crate::{
    Notify,
    error::NotifyError,
    outgoing::Outgoing,
    recipients::{notification_to, person},
};

pub(super) async fn ended(notify: &Notify, event: &Event) -> Result<Vec<Outgoing>, NotifyError> {
    let user: UserId = event.subject.id.parse().map_err(|_| UnreadableMessage)?;
    // A person who left needs no letter.
    if event.actor.user.as_ref() == Some(&user) {
        return Ok(Vec::new());
    }
    let Some(recipient) = person(notify, &user).await? else { return Ok(Vec::new()) };
    let of_user = notify.store.for_user(user);
    let org_name = match &event.org {
        Org::Company(company) => of_user.company_name(company).await?,
        Org::Firm(firm) => of_user.firm_name(firm).await?,
    };
    let org_name = Line::new(org_name.as_ref().map_or("", |name| name.as_str()));
    let ended = match &event.org {
        Org::Company(_) => Ended::Member { company: org_name },
        Org::Firm(_) => Ended::Staff { firm: org_name },
    };
    let by = event.actor.name.as_ref().map_or("", |name| name.as_str()).into();
    Ok(vec![notification_to(notify, event, &recipient, &[], &AccessEnded { ended, by })?])
}
