//! Clients: the businesses that a firm looks after. One is on the firm's list before it is connected
//! and stays on it when the connection has ended.
//!
//! Its name, address and reference are the firm's own words for it, not the company's.

mod entry;
mod inviting;
mod last_invitation;
mod likeness;

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    event::{EventData, NewEvent, kinds},
    id::{ClientId, CompanyId, FirmId, Org},
    locale::Locale,
    patch::Patch,
    text::{Email, Name, Reference},
    time::UtcTime,
};

pub use entry::{ClientEntry, ClientsAtAddress, InvitedEntry};
pub use inviting::NotInvited;
pub use last_invitation::{LastInvitation, Undelivered};
pub use likeness::{ClientMatch, ListedClient};

/// The status of a client: the tabs of the list. `bounced` holds those whose letter bounced or was complained of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClientStatus {
    /// On the list, and neither connected nor invited.
    Inactive,
    /// Invited, and has not answered; the invitation may have expired since.
    Invited,
    /// Connected.
    Active,
    /// Invited, and the letter bounced or was complained of.
    Bounced,
}

impl ClientStatus {
    /// Every status, in the order of the tabs.
    pub const ALL: &'static [Self] = &[Self::Active, Self::Inactive, Self::Invited, Self::Bounced];

    /// The status as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Inactive => "inactive",
            Self::Invited => "invited",
            Self::Active => "active",
            Self::Bounced => "bounced",
        }
    }
}

impl fmt::Display for ClientStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A firm's details of a client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientDetails {
    /// The firm's name for it.
    pub name: Name,
    /// Where it is invited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
    /// The language it is written to in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Locale>,
    /// The firm's own number for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Reference>,
}

/// The identity that no two entries of one firm's list share: the reference where there is one, else the address,
/// else the name to the letter. Of several clients at one address, one is known by it and the others by address and
/// name together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ClientIdentity {
    /// The firm's own number.
    Reference(Reference),
    /// The address.
    Email(Email),
    /// The address and the name, as [`ClientIdentity::email_and_name`] writes them.
    EmailAndName(String),
    /// The name.
    Name(Name),
}

impl ClientIdentity {
    /// Of a client that shares its address. An address has no spaces, so the two can be told apart.
    #[must_use]
    pub fn email_and_name(email: &Email, name: &Name) -> Self {
        Self::EmailAndName(format!("{} {}", email.as_str(), name.as_str()))
    }

    /// The field or fields that it comes from.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        match self {
            Self::Reference(_) => "reference",
            Self::Email(_) => "email",
            Self::EmailAndName(_) => "email_and_name",
            Self::Name(_) => "name",
        }
    }

    /// The text that must be the same.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Reference(reference) => reference.as_str(),
            Self::Email(email) => email.as_str(),
            Self::EmailAndName(both) => both,
            Self::Name(name) => name.as_str(),
        }
    }
}

impl ClientDetails {
    /// What makes an entry with these details the same as another.
    #[must_use]
    pub fn identity(&self) -> ClientIdentity {
        match (&self.reference, &self.email) {
            (Some(reference), _) => ClientIdentity::Reference(reference.clone()),
            (None, Some(email)) => ClientIdentity::Email(email.clone()),
            (None, None) => ClientIdentity::Name(self.name.clone()),
        }
    }

    /// The identity of an entry that shares its address with another client.
    fn shared_identity(&self) -> ClientIdentity {
        match (&self.reference, &self.email) {
            (None, Some(email)) => ClientIdentity::email_and_name(email, &self.name),
            (Some(_), _) | (None, None) => self.identity(),
        }
    }

    /// Everything by which this client may be known already.
    #[must_use]
    pub fn identities(&self) -> Vec<ClientIdentity> {
        let mut identities = vec![ClientIdentity::Name(self.name.clone())];
        identities.extend(self.reference.clone().map(ClientIdentity::Reference));
        if let Some(email) = &self.email {
            identities.push(ClientIdentity::Email(email.clone()));
            identities.push(ClientIdentity::email_and_name(email, &self.name));
        }
        identities
    }
}

/// A business on a firm's client list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    /// Its id; sorts by when it was added.
    pub id: ClientId,
    /// Whose list it is on.
    pub firm: FirmId,
    /// The firm's details of it.
    #[serde(flatten)]
    pub details: ClientDetails,
    /// Its status.
    pub status: ClientStatus,
    /// Whether its identity is unique on the list. An entry that a connection created may not be unique: its name
    /// is the company's choice, and may be on the list already.
    pub distinct: bool,
    /// Whether another client was known by its address when it got that; it is known by address and name then.
    #[serde(default)]
    pub shares_address: bool,
    /// The company it is, or was, connected to the firm as.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company: Option<CompanyId>,
    /// The last invitation it was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invitation: Option<LastInvitation>,
    /// When it was added.
    pub created_at: UtcTime,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

/// Payload of `client.added`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClientAdded {
    /// The firm's own number for the client.
    #[schema(required = true)]
    pub reference: Option<Reference>,
    /// The language that the client is written to in.
    #[schema(required = true)]
    pub language: Option<Locale>,
    /// Whether the firm wrote down an address.
    pub has_email: bool,
}

/// Payload of `client.changed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClientChanged {
    /// The fields that changed.
    pub changed: Vec<ClientField>,
    /// The firm's own number for the client, after the change.
    #[schema(required = true)]
    pub reference: Option<Reference>,
    /// The language that the client is written to in, after the change.
    #[schema(required = true)]
    pub language: Option<Locale>,
}

/// A field that a firm writes down about a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClientField {
    /// The firm's name for it.
    Name,
    /// The address where it is invited.
    Email,
    /// The language it is written to in.
    Language,
    /// The firm's own number for it.
    Reference,
}

/// Payload of `client.removed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClientRemoved {
    /// The firm's own number for the client.
    #[schema(required = true)]
    pub reference: Option<Reference>,
    /// The client's last state.
    pub status: ClientStatus,
    /// The company that the client was connected as, if it ever was.
    #[schema(required = true)]
    pub company: Option<CompanyId>,
    /// When it was added to the list.
    pub created_at: UtcTime,
}

/// A change to a client.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientUpdate {
    /// A new name; `None` keeps it.
    pub name: Option<Name>,
    /// The address.
    pub email: Patch<Email>,
    /// The language.
    pub language: Patch<Locale>,
    /// The reference.
    pub reference: Patch<Reference>,
}

/// Why a client cannot be taken off the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RemoveError {
    /// It is connected.
    #[error("it is connected; end the connection first")]
    Connected,
    /// It could still accept.
    #[error("it has an open invitation; withdraw that first")]
    Invited,
}

/// Puts a client on a firm's list.
#[must_use]
pub fn add(id: ClientId, firm: FirmId, details: ClientDetails, now: UtcTime) -> (Client, NewEvent) {
    let client = Client {
        id,
        firm,
        details,
        status: ClientStatus::Inactive,
        distinct: true,
        shares_address: false,
        company: None,
        invitation: None,
        created_at: now,
        version: 1,
    };
    let event = client.event(kinds::ClientAdded::of(ClientAdded {
        reference: client.details.reference.clone(),
        language: client.details.language.clone(),
        has_email: client.details.email.is_some(),
    }));
    (client, event)
}

/// The entry of a company that was connected before it was on the list: it invited the firm, or registered through
/// a link or code.
#[must_use]
pub fn of_connection(id: ClientId, firm: FirmId, company: CompanyId, name: Name, now: UtcTime) -> Client {
    Client {
        id,
        firm,
        details: ClientDetails { name, email: None, language: None, reference: None },
        status: ClientStatus::Active,
        distinct: false,
        shares_address: false,
        company: Some(company),
        invitation: None,
        created_at: now,
        version: 1,
    }
}

impl Client {
    fn event(&self, payload: EventData) -> NewEvent {
        NewEvent::new(Org::Firm(self.firm.clone()), self.id.as_str(), payload)
    }

    fn next(&self) -> Self {
        Self { version: self.version + 1, ..self.clone() }
    }

    /// The identity that no other entry on the list may have.
    #[must_use]
    pub fn claims(&self) -> Option<ClientIdentity> {
        self.distinct.then(|| self.identity())
    }

    fn identity(&self) -> ClientIdentity {
        if self.shares_address { self.details.shared_identity() } else { self.details.identity() }
    }

    /// The same client, where another one is known by its address.
    #[must_use]
    pub fn sharing_address(self) -> Self {
        Self { shares_address: self.details.shared_identity() != self.details.identity(), ..self }
    }

    /// The address that it is found by beside its identity; none where the address is its identity.
    #[must_use]
    pub fn found_at(&self) -> Option<&Email> {
        let is_beside = self.details.reference.is_some() || self.shares_address;
        self.details.email.as_ref().filter(|_| is_beside)
    }

    /// Changes the firm's details of it. `None` if that changes nothing.
    #[must_use]
    pub fn edit(&self, edit: ClientUpdate) -> Option<(Self, NewEvent)> {
        let before = &self.details;
        let details = ClientDetails {
            name: edit.name.unwrap_or_else(|| before.name.clone()),
            email: edit.email.after(before.email.clone()),
            language: edit.language.after(before.language.clone()),
            reference: edit.reference.after(before.reference.clone()),
        };
        if details == *before {
            return None;
        }
        let changed = [
            (ClientField::Name, details.name != before.name),
            (ClientField::Email, details.email != before.email),
            (ClientField::Language, details.language != before.language),
            (ClientField::Reference, details.reference != before.reference),
        ]
        .into_iter()
        .filter_map(|(field, changed)| changed.then_some(field))
        .collect();
        let data = ClientChanged { changed, reference: details.reference.clone(), language: details.language.clone() };
        let shares_address = self.shares_address && details.email == before.email;
        let client = Self { details, shares_address, ..self.next() };
        // An identity that comes from an edit is unique from then on, as for any other entry.
        let client = Self { distinct: self.distinct || client.identity() != self.identity(), ..client };
        let event = client.event(kinds::ClientChanged::of(data));
        Some((client, event))
    }

    /// Removes it from the list. Its events remain.
    ///
    /// # Errors
    /// [`RemoveError`].
    pub fn remove(&self, now: UtcTime) -> Result<NewEvent, RemoveError> {
        match (self.status, self.open_invitation(now)) {
            (ClientStatus::Active, _) => Err(RemoveError::Connected),
            (_, Some(_)) => Err(RemoveError::Invited),
            (_, None) => {
                let data = ClientRemoved {
                    reference: self.details.reference.clone(),
                    status: self.status,
                    company: self.company.clone(),
                    created_at: self.created_at,
                };
                Ok(self.event(kinds::ClientRemoved::of(data)))
            }
        }
    }

    /// The client after it was connected as this company.
    #[must_use]
    pub fn connected(&self, company: &CompanyId) -> Self {
        Self {
            status: ClientStatus::Active,
            company: Some(company.clone()),
            invitation: self.invitation.as_ref().map(LastInvitation::accepted),
            ..self.next()
        }
    }

    /// The client after the connection with this company ended. `None` if the client is another company.
    #[must_use]
    pub fn disconnected(&self, company: &CompanyId) -> Option<Self> {
        let connected = self.status == ClientStatus::Active && self.company.as_ref() == Some(company);
        connected.then(|| Self { status: ClientStatus::Inactive, ..self.next() })
    }
}

#[cfg(test)]
mod tests;
