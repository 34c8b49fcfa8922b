//! Finds the entry of a firm's client list that goes with an invited address.

use super::{Client, ClientDetails, ClientStatus, add};
use crate::{
    event::NewEvent,
    id::{ClientId, FirmId, InvitationId},
    invitation::Invitation,
    time::UtcTime,
};

/// The entry of the client list that goes with an invited address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientEntry {
    /// It is on the list.
    Known(Box<Client>),
    /// It is added with the invitation.
    New(ClientId),
}

/// An entry whose client is invited.
#[derive(Debug, Clone, PartialEq)]
pub struct InvitedEntry {
    /// The client as it is now.
    pub client: Client,
    /// Its version before; `None` for a new one.
    pub before: Option<u64>,
    /// The event that it was added, for a new one.
    pub added: Option<NewEvent>,
}

/// The clients of a firm's list at an address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientsAtAddress {
    /// The client that is known by the address: none, a client, or one that is gone (`Some(None)`).
    pub holder: Option<Option<Client>>,
    /// Clients that are known by a reference and have the address besides.
    pub others: Vec<Client>,
    /// Whether there are more of these than were read.
    pub more: bool,
}

impl ClientEntry {
    /// The entry that goes with an address: the client that is known by it, else the only client that has
    /// it. If several have it, the address gets an entry of its own.
    ///
    /// No entry goes with an address that only connected clients have: its owner may have another company,
    /// which gets an entry when it is connected.
    #[must_use]
    pub fn at_address(known: ClientsAtAddress, new: ClientId) -> Option<Self> {
        let waits = |client: &Client| client.status != ClientStatus::Active;
        let ClientsAtAddress { holder, others, more } = known;
        let is_held = holder.is_some();
        if let Some(client) = holder.flatten().filter(waits) {
            return Some(Self::Known(Box::new(client)));
        }
        let is_unknown = others.is_empty();
        let mut waiting = others.into_iter().filter(waits);
        match (waiting.next(), waiting.next()) {
            (Some(only), None) if !more => Some(Self::Known(Box::new(only))),
            // The address would be the identity of a new entry, so it must be nobody's yet.
            (Some(_), _) if !is_held => Some(Self::New(new)),
            (None, _) if !is_held && (is_unknown || more) => Some(Self::New(new)),
            (Some(_) | None, _) => None,
        }
    }

    /// The client's id.
    #[must_use]
    pub const fn id(&self) -> &ClientId {
        match self {
            Self::Known(client) => &client.id,
            Self::New(id) => id,
        }
    }

    /// The open invitation that a new one at this address supersedes; see [`Client::gives_way`].
    #[must_use]
    pub fn gives_way(&self, now: UtcTime) -> Option<&InvitationId> {
        match self {
            Self::Known(client) => client.gives_way(now),
            Self::New(_) => None,
        }
    }

    /// The entry after its firm sent it an invitation. A new entry takes its name from the invitation, else
    /// from the part of the address before the `@`. `None` if neither is a name.
    #[must_use]
    pub fn invited(&self, firm: &FirmId, invitation: &Invitation) -> Option<InvitedEntry> {
        match self {
            Self::Known(client) => {
                let before = Some(client.version);
                Some(InvitedEntry { client: client.invited(invitation), before, added: None })
            }
            Self::New(id) => {
                let local = invitation.email.as_str().rsplit_once('@').map(|(local, _)| local);
                let name = invitation.name.clone().or_else(|| local?.parse().ok())?;
                let (email, language) = (Some(invitation.email.clone()), invitation.locale.clone());
                let details = ClientDetails { name, email, language, reference: None };
                let (client, event) = add(id.clone(), firm.clone(), details, invitation.created_at);
                let client = Client { version: client.version, ..client.invited(invitation) };
                Some(InvitedEntry { client, before: None, added: Some(event) })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{
        super::tests::{client, company, details},
        *,
    };

    fn new_id() -> ClientId {
        ClientId::from_uuid(Uuid::from_u128(9))
    }

    /// The id of the entry that goes with an address.
    fn at(holder: Option<Option<Client>>, others: &[Client]) -> Option<ClientId> {
        let known = ClientsAtAddress { holder, others: others.to_vec(), more: false };
        ClientEntry::at_address(known, new_id()).map(|entry| entry.id().clone())
    }

    #[test]
    fn an_address_goes_with_its_entry_unless_that_is_connected() {
        let known = ClientEntry::at_address(ClientsAtAddress::default(), new_id());
        assert_eq!(known, Some(ClientEntry::New(new_id())));
        assert_eq!(at(Some(Some(client())), &[]), Some(client().id));
        assert_eq!(at(Some(Some(client().connected(&company()))), &[]), None);
        assert_eq!(at(Some(None), &[]), None);
    }

    fn numbered(number: u128) -> Client {
        let details = details("Loja", Some("olga@loja.example"), Some("C-1"));
        Client { id: ClientId::from_uuid(Uuid::from_u128(number)), details, ..client() }
    }

    /// Proves: M5
    #[test]
    fn an_address_goes_with_the_only_client_who_has_it_whatever_their_reference() {
        let (one, other) = (numbered(10), numbered(11));
        let connected = numbered(12).connected(&company());
        assert_eq!(one.found_at(), one.details.email.as_ref());
        assert_eq!(client().found_at(), None, "its address is its identity");
        assert_eq!(at(None, std::slice::from_ref(&one)), Some(one.id.clone()));
        assert_eq!(at(None, &[connected.clone(), one.clone()]), Some(one.id.clone()));
        assert_eq!(at(Some(Some(client())), std::slice::from_ref(&one)), Some(client().id), "whose identity it is");
        assert_eq!(at(Some(Some(connected.clone())), std::slice::from_ref(&one)), Some(one.id.clone()));
        assert_eq!(at(None, &[one.clone(), other.clone()]), Some(new_id()), "nobody knows which");
        assert_eq!(at(Some(Some(connected.clone())), &[one.clone(), other]), None);
        assert_eq!(at(None, std::slice::from_ref(&connected)), None, "it may be another company's");
        let many = ClientsAtAddress { holder: None, others: vec![one], more: true };
        assert_eq!(ClientEntry::at_address(many, new_id()), Some(ClientEntry::New(new_id())));
    }
}
