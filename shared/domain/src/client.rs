//! Clients: the businesses that a firm looks after. One is on the firm's list before it is connected
//! and stays on it when the connection has ended.
//!
//! Its name, address and reference are the firm's own words for it, not the company's.

mod entry;
mod inviting;
mod last_invitation;

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

/// What makes two entries of one firm's list the same client: the reference where there is one, else
/// the address, else the name to the letter.
///
/// A reference comes first because one person may own several companies and read all their mail under
/// one address.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ClientIdentity {
    /// The firm's own number.
    Reference(Reference),
    /// The address.
    Email(Email),
    /// The name.
    Name(Name),
}

impl ClientIdentity {
    /// The field that it comes from.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        match self {
            Self::Reference(_) => "reference",
            Self::Email(_) => "email",
            Self::Name(_) => "name",
        }
    }

    /// The text that must be the same.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Reference(reference) => reference.as_str(),
            Self::Email(email) => email.as_str(),
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
        self.distinct.then(|| self.details.identity())
    }

    /// The address that it is found by beside its identity; none where the address is its identity.
    #[must_use]
    pub fn found_at(&self) -> Option<&Email> {
        self.details.reference.as_ref().and(self.details.email.as_ref())
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
        // An identity that comes from an edit is unique from then on, as for any other entry.
        let distinct = self.distinct || details.identity() != before.identity();
        let data = ClientChanged { changed, reference: details.reference.clone(), language: details.language.clone() };
        let client = Self { details, distinct, ..self.next() };
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
mod tests {
    use uuid::Uuid;

    use super::{inviting::tests::invited, *};
    use crate::invitation::InvitationStatus;

    pub(super) const NOW: UtcTime = UtcTime::EPOCH;

    pub(super) fn details(name: &str, email: Option<&str>, reference: Option<&str>) -> ClientDetails {
        ClientDetails {
            name: name.parse().unwrap(),
            email: email.map(|email| email.parse().unwrap()),
            language: None,
            reference: reference.map(|reference| reference.parse().unwrap()),
        }
    }

    pub(super) fn client() -> Client {
        let id = ClientId::from_uuid(Uuid::from_u128(1));
        let firm = FirmId::from_uuid(Uuid::from_u128(2));
        add(id, firm, details("Loja Azul", Some("olga@loja.example"), None), NOW).0
    }

    pub(super) fn company() -> CompanyId {
        CompanyId::from_uuid(Uuid::from_u128(3))
    }

    #[test]
    fn two_entries_are_one_client_by_reference_else_address_else_name() {
        let identity = |name, email, reference| details(name, email, reference).identity();
        let (ana, bia) = (Some("ana@x.example"), Some("bia@x.example"));
        assert_eq!(identity("A", ana, Some("7")), identity("B", bia, Some("7")));
        assert_ne!(identity("A", ana, Some("7")), identity("A", ana, Some("8")), "one owner, two companies");
        assert_eq!(identity("A", ana, None), identity("B", Some("Ana@X.example"), None));
        assert_eq!(identity("A", None, None), identity(" A ", None, None));
        assert_ne!(identity("A", None, None), identity("a", None, None));
        assert_ne!(identity("7", None, None), identity("B", None, Some("7")), "a name is no reference");
    }

    #[test]
    fn what_is_recorded_of_a_client_names_neither_address_nor_name() {
        let client = client();
        let (_, added) = add(client.id.clone(), client.firm.clone(), client.details.clone(), NOW);
        let edit = ClientUpdate { email: Patch::Set("new@loja.example".parse().unwrap()), ..ClientUpdate::default() };
        let (_, changed) = client.edit(edit).unwrap();
        let removed = client.remove(NOW).unwrap();
        for event in [added, changed, removed] {
            let data = event.payload.data().to_string();
            assert!(!data.contains('@') && !data.contains("Loja"), "{data}");
        }
    }

    #[test]
    fn an_edit_says_what_it_changed_and_nothing_is_no_edit() {
        let client = client();
        assert_eq!(client.edit(ClientUpdate::default()), None);
        assert_eq!(
            client.edit(ClientUpdate { name: Some("Loja Azul".parse().unwrap()), ..ClientUpdate::default() }),
            None
        );
        let edit =
            ClientUpdate { name: Some("Loja Verde".parse().unwrap()), email: Patch::Clear, ..ClientUpdate::default() };
        let (edited, event) = client.edit(edit).unwrap();
        assert_eq!((edited.details.email.as_ref(), edited.version), (None, 2));
        assert_eq!(event.payload.data()["changed"], serde_json::json!(["name", "email"]));
        assert_eq!(edited.claims(), Some(ClientIdentity::Name("Loja Verde".parse().unwrap())));
    }

    #[test]
    fn an_entry_that_a_connection_made_claims_nothing_until_it_is_given_an_identity() {
        let name: Name = "Loja Azul".parse().unwrap();
        let made = of_connection(client().id, client().firm, company(), name, NOW);
        assert_eq!((made.status, made.claims()), (ClientStatus::Active, None));
        let language = ClientUpdate {
            language: Patch::Set(Locale::try_from("pt".to_owned()).unwrap()),
            ..ClientUpdate::default()
        };
        assert_eq!(made.edit(language).unwrap().0.claims(), None);
        let reference: Reference = "C-7".parse().unwrap();
        let edit = ClientUpdate { reference: Patch::Set(reference.clone()), ..ClientUpdate::default() };
        assert_eq!(made.edit(edit).unwrap().0.claims(), Some(ClientIdentity::Reference(reference)));
    }

    #[test]
    fn only_a_client_that_can_accept_nothing_any_more_is_removed() {
        use InvitationStatus::{Pending, Rejected, Revoked};
        assert!(client().remove(NOW).is_ok());
        assert_eq!(client().connected(&company()).remove(NOW), Err(RemoveError::Connected));
        assert_eq!(invited(Pending).remove(NOW), Err(RemoveError::Invited));
        assert!(invited(Pending).remove(NOW.plus_s(86_400)).is_ok(), "it has expired");
        assert!(invited(Revoked).remove(NOW).is_ok());
        assert!(invited(Rejected).remove(NOW).is_ok());
    }

    #[test]
    fn a_client_stays_on_the_list_when_its_connection_ends() {
        let connected = invited(InvitationStatus::Pending).connected(&company());
        assert_eq!(connected.status, ClientStatus::Active);
        assert_eq!(connected.invitation.as_ref().map(|last| last.status), Some(InvitationStatus::Accepted));
        let other = CompanyId::from_uuid(Uuid::from_u128(8));
        assert_eq!(connected.disconnected(&other), None);
        let ended = connected.disconnected(&company()).unwrap();
        assert_eq!((ended.status, ended.version), (ClientStatus::Inactive, connected.version + 1));
        assert_eq!(ended.disconnected(&company()), None);
        assert!(ended.invite_at(NOW).is_ok(), "it can be invited back");
    }
}
