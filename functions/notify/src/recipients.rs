//! Who gets a letter: people, found by the permission that they hold now.
//!
//! An event names people and never carries an address. Addresses are read here, at the last moment.

use domain::{
    CompanyId, Email, Event, Org, Permission, UserId,
    org::{Member, Status},
    team::holders,
};
use mail::{Envelope, Letter, write};
use store::StoreError;

use crate::{
    Notify,
    error::NotifyError,
    outgoing::{Outgoing, brand},
};

/// A person and their address.
#[derive(Debug, Clone)]
pub(crate) struct Recipient {
    /// Names the person in the claim on the letter.
    pub(crate) user: UserId,
    pub(crate) email: Email,
}

impl From<&Member> for Recipient {
    fn from(member: &Member) -> Self {
        Self { user: member.user.clone(), email: member.email.clone() }
    }
}

/// A person by their profile; `None` where they have none.
pub(crate) async fn person(notify: &Notify, user: &UserId) -> Result<Option<Recipient>, StoreError> {
    let profile = notify.store.for_user(user.clone()).profile().await?;
    Ok(profile.map(|profile| Recipient { user: profile.id, email: profile.email }))
}

/// The active members among these who hold the permission now.
pub(crate) fn holders_among(members: &[Member], permission: Permission) -> impl Iterator<Item = &Member> {
    holders(members, permission, api::clock::now()).filter(|member| member.status == Status::Active)
}

/// The members of a company, or the staff of a firm, who hold the permission there now.
pub(crate) async fn holders_in(
    notify: &Notify,
    org: &Org,
    permission: Permission,
) -> Result<Vec<Recipient>, StoreError> {
    let now = api::clock::now();
    Ok(match org {
        Org::Company(company) => {
            let members = notify.store.members_to_tell(company, now).await?;
            holders(&members, permission, now).map(Recipient::from).collect()
        }
        Org::Firm(firm) => {
            let staff = notify.store.staff_to_tell(firm).await?;
            let recipient =
                |staff: &domain::org::Staff| Recipient { user: staff.user.clone(), email: staff.email.clone() };
            holders(&staff, permission, now).map(recipient).collect()
        }
    })
}

/// The message of a letter to one person.
pub(crate) fn to_person(
    notify: &Notify,
    event: &Event,
    recipient: &Recipient,
    letter: &impl Letter,
) -> Result<Outgoing, NotifyError> {
    let envelope = Envelope { event: &event.id, to: &recipient.email, reply_to: None, unsubscribe: None };
    let message = write(letter, &brand(notify), &envelope)?;
    Ok(Outgoing { recipient: recipient.user.to_string(), message })
}

/// The messages of the same letter to each of these people.
pub(crate) fn to_each(
    notify: &Notify,
    event: &Event,
    recipients: &[Recipient],
    letter: &impl Letter,
) -> Result<Vec<Outgoing>, NotifyError> {
    recipients.iter().map(|recipient| to_person(notify, event, recipient, letter)).collect()
}

/// The company in which an event of companies happened.
pub(crate) fn company(event: &Event) -> Result<&CompanyId, NotifyError> {
    Ok(event.org.company().ok_or(queue::UnreadableMessage)?)
}
