//! Hosted links: one sales document for one contact, without signing in.
//!
//! A link is for one document and one address. It ends by itself, and people of the company can end it before. A link
//! that has ended by itself is renewed for the same address only: the new one goes there by letter. Its secret is
//! derived from what is stored and is stored nowhere.

mod bounds;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::view::{Viewer, ViewerKind};
use crate::{
    comment::Topic,
    customer::Contact,
    event::{EventData, NewEvent, kinds},
    id::{CompanyId, ContactId, DocumentLinkId, Org, UserId},
    text::{Email, Name, Note, Reference},
    time::{Day, UtcTime, Zone},
};

/// How many days after the due date a link ends.
const DAYS_AFTER_DUE: i32 = 30;
/// The most days that a link is open after it was made or renewed.
const MAX_DAYS: i32 = 120;

/// A contact who forwards a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forwarder {
    /// Who they sign in as: their seat bounds the link.
    pub user: UserId,
    /// Which contact of the customer they are.
    pub contact: ContactId,
    /// Their name when they forwarded it.
    pub name: Name,
}

/// A link to one sales document for one contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentLink {
    /// The company.
    pub company: CompanyId,
    /// Sorts by when it was made.
    pub id: DocumentLinkId,
    /// The customer whose document it is.
    pub customer: Reference,
    /// The kind of document.
    pub topic: Topic,
    /// The document.
    pub document: Reference,
    /// The number that is printed on it.
    pub number: Name,
    /// The contact whom it is for.
    pub contact: ContactId,
    /// Their name.
    pub contact_name: Name,
    /// Where it is sent.
    pub email: Email,
    /// How often the contact's access had ended when the link was made. One that ends later ends the link.
    #[serde(default)]
    pub access_endings: u32,
    /// The contact who forwarded the document; `None` when people of the company sent it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forwarded_by: Option<Forwarder>,
    /// What the person who sent it wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Note>,
    /// Which sending it is: only the last one opens.
    pub generation: u32,
    /// When it was made.
    pub created_at: UtcTime,
    /// The last day on which it opens, in the company's time zone.
    pub expires_on: Day,
    /// When people of the company ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<UtcTime>,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

/// How far a link has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DocumentLinkStatus {
    /// It opens the document.
    Open,
    /// Its last day is over. Its holder can ask for a new one.
    Expired,
    /// People of the company ended it.
    Revoked,
}

/// Why a link is not changed, or opens nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// People of the company ended it.
    #[error("this link was withdrawn")]
    Revoked,
    /// Its last day is over.
    #[error("this link has expired")]
    Expired,
    /// A later one was sent to the same address.
    #[error("a newer link was sent to the same address")]
    Replaced,
    /// It opens the document: nothing has to be renewed.
    #[error("this link is still open")]
    StillOpen,
}

/// A link to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLink<'c> {
    /// Its id.
    pub id: DocumentLinkId,
    /// The kind of document.
    pub topic: Topic,
    /// The document.
    pub document: Reference,
    /// The number that is printed on it.
    pub number: Name,
    /// When the document is due, or the last day on which it can be accepted, if it has such a day.
    pub due_on: Option<Day>,
    /// The contact of the document's customer.
    pub contact: &'c Contact,
    /// The contact who forwards it; `None` when people of the company send it.
    pub forwarded_by: Option<Forwarder>,
    /// What the person who sends it writes.
    pub message: Option<Note>,
}

/// Payload of `document_link.made`, `document_link.renewed` and `document_link.revoked`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DocumentLinkPayload {
    /// The kind of document.
    pub kind: Topic,
    /// The document.
    pub document: Reference,
    /// The number that is printed on it.
    pub number: Name,
    /// The customer.
    pub customer: Reference,
    /// The contact whom the link is for.
    pub contact: ContactId,
    /// Which sending it is.
    pub generation: u32,
    /// The last day on which it opens, in the company's time zone.
    pub expires_on: Day,
}

impl DocumentLink {
    /// Makes a link. `zone` is the company's.
    #[must_use]
    pub fn make(new: NewLink<'_>, zone: &Zone, now: UtcTime) -> (Self, NewEvent) {
        let link = Self {
            company: new.contact.company.clone(),
            id: new.id,
            customer: new.contact.customer.clone(),
            topic: new.topic,
            document: new.document,
            number: new.number,
            contact: new.contact.id.clone(),
            contact_name: new.contact.details.name.clone(),
            email: new.contact.details.email.clone(),
            access_endings: new.contact.access_endings,
            forwarded_by: new.forwarded_by,
            message: new.message,
            generation: 1,
            created_at: now,
            expires_on: last_day(new.due_on, now.day_in(zone)),
            revoked_at: None,
            version: 1,
        };
        let event = link.event(kinds::DocumentLinkMade::of);
        (link, event)
    }

    /// How far it has come.
    #[must_use]
    pub fn status(&self, zone: &Zone, now: UtcTime) -> DocumentLinkStatus {
        if self.revoked_at.is_some() {
            DocumentLinkStatus::Revoked
        } else if now.day_in(zone) > self.expires_on {
            DocumentLinkStatus::Expired
        } else {
            DocumentLinkStatus::Open
        }
    }

    /// Whether a link of this generation opens the document.
    ///
    /// # Errors
    /// [`LinkError::Revoked`], [`LinkError::Replaced`] and [`LinkError::Expired`].
    pub fn open(&self, generation: u32, zone: &Zone, now: UtcTime) -> Result<(), LinkError> {
        match self.status(zone, now) {
            DocumentLinkStatus::Revoked => Err(LinkError::Revoked),
            _ if generation != self.generation => Err(LinkError::Replaced),
            DocumentLinkStatus::Expired => Err(LinkError::Expired),
            DocumentLinkStatus::Open => Ok(()),
        }
    }

    /// Renews an expired link: a new one goes to the same address, and the old one stays dead.
    ///
    /// # Errors
    /// [`LinkError::Revoked`], [`LinkError::Replaced`] and [`LinkError::StillOpen`].
    pub fn renew(
        &self,
        generation: u32,
        due_on: Option<Day>,
        zone: &Zone,
        now: UtcTime,
    ) -> Result<(Self, NewEvent), LinkError> {
        match self.open(generation, zone, now) {
            Ok(()) => return Err(LinkError::StillOpen),
            Err(LinkError::Expired) => {}
            Err(error) => return Err(error),
        }
        let renewed = Self {
            generation: self.generation.saturating_add(1),
            expires_on: last_day(due_on, now.day_in(zone)),
            version: self.version.saturating_add(1),
            ..self.clone()
        };
        let event = renewed.event(kinds::DocumentLinkRenewed::of);
        Ok((renewed, event))
    }

    /// Ends the link. `None` when it has been ended already.
    #[must_use]
    pub fn revoke(&self, now: UtcTime) -> Option<(Self, NewEvent)> {
        if self.revoked_at.is_some() {
            return None;
        }
        let revoked = Self { revoked_at: Some(now), version: self.version.saturating_add(1), ..self.clone() };
        let event = revoked.event(kinds::DocumentLinkRevoked::of);
        Some((revoked, event))
    }

    /// Its holder, as views of the document name them. Never `None`: an id of ours is a reference.
    #[must_use]
    pub fn viewer(&self) -> Option<Viewer> {
        Some(Viewer { kind: ViewerKind::Link, id: self.id.as_str().parse().ok()? })
    }

    fn event(&self, kind: fn(DocumentLinkPayload) -> EventData) -> NewEvent {
        let data = DocumentLinkPayload {
            kind: self.topic,
            document: self.document.clone(),
            number: self.number.clone(),
            customer: self.customer.clone(),
            contact: self.contact.clone(),
            generation: self.generation,
            expires_on: self.expires_on,
        };
        NewEvent::new(Org::Company(self.company.clone()), self.id.as_str(), kind(data))
    }
}

/// 30 days after the due date, but at least 30 and at most 120 days from today.
fn last_day(due_on: Option<Day>, today: Day) -> Day {
    let after_due = due_on.unwrap_or(today).plus_days(DAYS_AFTER_DUE);
    after_due.clamp(today.plus_days(DAYS_AFTER_DUE), today.plus_days(MAX_DAYS))
}
