//! Who gets a letter: people, found by the permission that they hold now.
//!
//! An event names people and never carries an address. Addresses are read here, at the last moment.

use domain::{
    CompanyId, Email, Event, FirmId, Locale, Name, Org, Permission, UserId,
    language::Reader,
    mail_log::MailRecipient,
    notification::{NotificationType, Subscription},
    org::User,
    team::holders,
    threshold::OwnThreshold,
};
use mail::{Company, Envelope, Letter, Line, write};
use store::{Authority, StoreError};

use crate::{
    Notify,
    error::NotifyError,
    outgoing::{Notified, Outgoing, brand},
};

/// A person and their address.
#[derive(Debug, Clone)]
pub(crate) struct Recipient {
    /// Who it is.
    pub(crate) user: UserId,
    pub(crate) email: Email,
    pub(crate) reader: Reader,
}

impl Recipient {
    /// A person in the language of their profile; in the other where they chose none.
    fn of(User { id, email, time_zone, language, .. }: User, other: Option<&Locale>) -> Self {
        Self { user: id, email, reader: Reader::new(language.as_ref().or(other), time_zone) }
    }
}

/// A person by their profile; `None` where they have none.
pub(crate) async fn person(notify: &Notify, user: &UserId) -> Result<Option<Recipient>, StoreError> {
    let profile = notify.store.for_user(user.clone()).profile().await?;
    Ok(profile.map(|profile| Recipient::of(profile, None)))
}

/// A person to whom something happened, by their profile; `None` where they did it themselves.
pub(crate) async fn affected(notify: &Notify, event: &Event, user: &UserId) -> Result<Option<Recipient>, StoreError> {
    if event.actor.user.as_ref() == Some(user) { Ok(None) } else { person(notify, user).await }
}

/// The same, where the person is the event's subject.
pub(crate) async fn affected_subject(notify: &Notify, event: &Event) -> Result<Option<Recipient>, NotifyError> {
    let user: UserId = event.subject.id.parse().map_err(|_| queue::UnreadableMessage)?;
    Ok(affected(notify, event, &user).await?)
}

/// The members of a company, or the staff of a firm, who hold the permission there now, but the person who did it.
pub(crate) async fn others_who_hold(
    notify: &Notify,
    event: &Event,
    org: &Org,
    permission: Permission,
) -> Result<Vec<Recipient>, StoreError> {
    let mut holders = holders_in(notify, org, permission).await?;
    holders.retain(|recipient| event.actor.user.as_ref() != Some(&recipient.user));
    Ok(holders)
}

/// The name of the person who did it; `None` where no person did.
pub(crate) fn actor_name(event: &Event) -> Option<Line> {
    Line::if_any(event.actor.name.as_ref().map(Name::as_str))
}

/// Whose threshold it is, while they hold the permission from the seat from which they set it.
pub(crate) async fn whose_threshold(
    notify: &Notify,
    own: &OwnThreshold,
    permission: Permission,
) -> Result<Option<Recipient>, StoreError> {
    match notify.store.prove(&Authority::Person(own.access(permission)), api::clock::now()).await {
        Ok(()) => person(notify, &own.user).await,
        Err(StoreError::Denied(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The members of a company, or the staff of a firm, who hold the permission there now.
pub(crate) async fn holders_in(
    notify: &Notify,
    org: &Org,
    permission: Permission,
) -> Result<Vec<Recipient>, StoreError> {
    let now = api::clock::now();
    match org {
        Org::Company(company) => {
            let members = notify.store.members_to_tell(company, now).await?;
            addressed(notify, holders(&members, permission, now).map(|member| &member.user)).await
        }
        Org::Firm(firm) => {
            let staff = notify.store.staff_to_tell(firm).await?;
            addressed(notify, holders(&staff, permission, now).map(|staff| &staff.user)).await
        }
    }
}

/// These people at the addresses of their profiles: the address with which they joined may be a mailbox that they
/// have left. A person without a profile gets no letter.
pub(crate) async fn addressed(
    notify: &Notify,
    people: impl Iterator<Item = &UserId>,
) -> Result<Vec<Recipient>, StoreError> {
    addressed_in(notify, people, None).await
}

/// The same; those whose profile names no language are written to in this one.
pub(crate) async fn addressed_in(
    notify: &Notify,
    people: impl Iterator<Item = &UserId>,
    language: Option<&Locale>,
) -> Result<Vec<Recipient>, StoreError> {
    let people: Vec<&UserId> = people.collect();
    let profiles = notify.store.profiles(&people).await?;
    Ok(profiles.into_iter().flatten().map(|profile| Recipient::of(profile, language)).collect())
}

/// A letter that is addressed to one person: an act of the company or firm, such as an invoice to a contact.
pub(crate) fn addressed_to(
    notify: &Notify,
    event: &Event,
    recipient: &Recipient,
    letter: &impl Letter,
) -> Result<Outgoing, NotifyError> {
    let envelope = Envelope { event: &event.id, to: &recipient.email, reader: &recipient.reader, reply_to: None };
    let message = write(letter, &brand(notify), &envelope)?;
    Ok(Outgoing::addressed(event, MailRecipient::User { id: recipient.user.clone() }, message))
}

/// The same letter, addressed to each of these people.
pub(crate) fn addressed_to_each(
    notify: &Notify,
    event: &Event,
    recipients: &[Recipient],
    letter: &impl Letter,
) -> Result<Vec<Outgoing>, NotifyError> {
    recipients.iter().map(|recipient| addressed_to(notify, event, recipient, letter)).collect()
}

/// A notification to one person, who sees it while they hold one of the permissions that it needs.
pub(crate) fn notification_to(
    notify: &Notify,
    event: &Event,
    recipient: &Recipient,
    needs: &[Permission],
    letter: &impl Letter,
) -> Result<Outgoing, NotifyError> {
    let (user, zone) = (recipient.user.clone(), recipient.reader.zone().clone());
    let notified = Notified { user, zone, needs: needs.to_vec() };
    let subscription = NotificationType::about(event.kind).and_then(Subscription::of);
    Ok(addressed_to(notify, event, recipient, letter)?.notifying(notified, subscription))
}

/// The same notification to each of these people.
pub(crate) fn notification_to_each(
    notify: &Notify,
    event: &Event,
    recipients: &[Recipient],
    needs: &[Permission],
    letter: &impl Letter,
) -> Result<Vec<Outgoing>, NotifyError> {
    recipients.iter().map(|recipient| notification_to(notify, event, recipient, needs, letter)).collect()
}

/// The company in which an event of companies happened.
pub(crate) fn company(event: &Event) -> Result<&CompanyId, NotifyError> {
    Ok(event.org.company().ok_or(queue::UnreadableMessage)?)
}

/// The company's name as it is now.
pub(crate) async fn company_name(notify: &Notify, company: &CompanyId) -> Result<Line, StoreError> {
    let authority = Authority::System(Org::Company(company.clone()));
    let found = notify.store.load(&authority, api::clock::now(), |tenant| tenant.company()).await?;
    Ok(Line::new(found.as_ref().map_or("", |company| company.name.as_str())))
}

/// The firm's name as it is now.
pub(crate) async fn firm_name(notify: &Notify, firm: &FirmId) -> Result<Line, StoreError> {
    let authority = Authority::System(Org::Firm(firm.clone()));
    let found = notify.store.load(&authority, api::clock::now(), |tenant| tenant.firm()).await?;
    Ok(Line::new(found.as_ref().map_or("", |firm| firm.name.as_str())))
}

/// The company as letters to its customers show it: its name and colour as they are now.
pub(crate) async fn selling_company(notify: &Notify, company: &CompanyId) -> Result<Company, StoreError> {
    let authority = Authority::System(Org::Company(company.clone()));
    let (found, settings) =
        notify.store.load(&authority, api::clock::now(), |tenant| (tenant.company(), tenant.portal_settings())).await?;
    Ok(Company {
        name: Line::new(found.as_ref().map_or("", |company| company.name.as_str())),
        color: settings.and_then(|settings| settings.color),
    })
}
