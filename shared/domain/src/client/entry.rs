//! Finds the entry of a firm's client list that goes with an invited address.

use super::{Client, ClientDetails, ClientStatus, NotInvited, add};
use crate::{
    event::NewEvent,
    id::{ClientId, FirmId, InvitationId},
    invitation::Invitation,
    text::Name,
    time::UtcTime,
};

/// The entry of the client list that goes with an invited address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientEntry {
    /// It is on the list.
    Known(Box<Client>),
    /// It is added with the invitation.
    New(ClientId),
    /// It is added with the invitation, beside another client who is known by the address: it is known by address and
    /// name.
    Sharing(ClientId),
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

    /// The entry that goes with an address and the name of a client, since one owner may have several companies: the
    /// client of that name there; else the only one there that is neither connected nor has an open invitation, whom the
    /// firm may call otherwise; else a new one. Where nobody has the address, or too many do, as
    /// [`ClientEntry::at_address`].
    ///
    /// # Errors
    /// [`NotInvited::Connected`] or [`NotInvited::Open`] for the client of that name.
    pub fn at_address_named(
        known: ClientsAtAddress,
        name: &Name,
        new: ClientId,
        now: UtcTime,
    ) -> Result<Option<Self>, NotInvited> {
        let there: Vec<&Client> = known.holder.iter().flatten().chain(&known.others).collect();
        if there.is_empty() || known.more {
            return Ok(Self::at_address(known, new));
        }
        let open = |client: &Client| match client.gives_way(now) {
            Some(_) => None,
            None => client.open_invitation(now).cloned(),
        };
        if let Some(named) = there.iter().find(|client| client.details.name == *name) {
            return match (named.status, open(named)) {
                (ClientStatus::Active, _) => Err(NotInvited::Connected),
                (_, Some(open)) => Err(NotInvited::Open(open)),
                (_, None) => Ok(Some(Self::Known(Box::new((*named).clone())))),
            };
        }
        let mut free = there.iter().filter(|client| client.status != ClientStatus::Active && open(client).is_none());
        Ok(Some(match (free.next(), free.next()) {
            (Some(only), None) => Self::Known(Box::new((*only).clone())),
            (Some(_) | None, _) => Self::Sharing(new),
        }))
    }

    /// The entry where another company at the same address is invited in the same change: the client of that name, else
    /// a new one.
    #[must_use]
    pub fn beside_another(self, name: Option<&Name>, new: ClientId) -> Self {
        match self {
            Self::Known(client) if Some(&client.details.name) == name => Self::Known(client),
            Self::Known(_) | Self::New(_) | Self::Sharing(_) => Self::Sharing(new),
        }
    }

    /// The client's id.
    #[must_use]
    pub const fn id(&self) -> &ClientId {
        match self {
            Self::Known(client) => &client.id,
            Self::New(id) | Self::Sharing(id) => id,
        }
    }

    /// The open invitation that a new one at this address supersedes; see [`Client::gives_way`].
    #[must_use]
    pub fn gives_way(&self, now: UtcTime) -> Option<&InvitationId> {
        match self {
            Self::Known(client) => client.gives_way(now),
            Self::New(_) | Self::Sharing(_) => None,
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
            Self::New(id) | Self::Sharing(id) => {
                let local = invitation.email.as_str().rsplit_once('@').map(|(local, _)| local);
                let name = invitation.name.clone().or_else(|| local?.parse().ok())?;
                let (email, language) = (Some(invitation.email.clone()), invitation.locale.clone());
                let details = ClientDetails { name, email, language, reference: None };
                let (client, event) = add(id.clone(), firm.clone(), details, invitation.created_at);
                let client = if matches!(self, Self::Sharing(_)) { client.sharing_address() } else { client };
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
        super::{
            inviting::tests::invitation,
            tests::{NOW, client, company, details},
        },
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

    /// One owner may have several companies, and their accountant one list with all of them.
    /// Proves: U13
    #[test]
    fn an_address_and_a_name_go_with_the_company_of_that_name_or_with_a_new_one() {
        let named = |number: u128, name: &str| {
            let client = numbered(number);
            Client { details: ClientDetails { name: name.parse().unwrap(), ..client.details.clone() }, ..client }
        };
        let entry = |others: &[Client], name: &str| {
            let known = ClientsAtAddress { holder: None, others: others.to_vec(), more: false };
            ClientEntry::at_address_named(known, &name.parse().unwrap(), new_id(), NOW)
        };
        let azul = named(10, "Azul");
        let invited = azul.invited(&invitation());
        let connected = azul.connected(&company());
        let known = |client: &Client| Ok(Some(ClientEntry::Known(Box::new(client.clone()))));
        assert_eq!(entry(&[], "Azul"), Ok(Some(ClientEntry::New(new_id()))));
        assert_eq!(entry(std::slice::from_ref(&azul), "Azul"), known(&azul));
        assert_eq!(entry(std::slice::from_ref(&azul), "Ana"), known(&azul), "the firm may call it otherwise");
        assert_eq!(entry(std::slice::from_ref(&invited), "Azul"), Err(NotInvited::Open(invitation().id)));
        assert_eq!(entry(std::slice::from_ref(&connected), "Azul"), Err(NotInvited::Connected));
        for taken in [invited, connected] {
            let verde = named(11, "Verde");
            assert_eq!(entry(std::slice::from_ref(&taken), "Verde"), Ok(Some(ClientEntry::Sharing(new_id()))));
            assert_eq!(entry(&[taken, verde.clone()], "Verde"), known(&verde));
        }
        // A repetition finds both: neither is invited again.
        let new = Invitation { name: Some("Verde".parse().unwrap()), ..invitation() };
        let added = ClientEntry::Sharing(new_id()).invited(&client().firm, &new).unwrap().client;
        assert_eq!(added.found_at(), Some(&new.email));
        assert_eq!(entry(&[named(10, "Azul").invited(&invitation()), added], "Verde"), Err(NotInvited::Open(new.id)));
    }

    #[test]
    fn two_companies_in_one_change_never_take_the_same_entry() {
        let azul = ClientEntry::Known(Box::new(client()));
        let own = client().details.name;
        assert_eq!(azul.clone().beside_another(Some(&own), new_id()), azul);
        for entry in [azul, ClientEntry::New(client().id)] {
            let other = "Verde".parse().unwrap();
            assert_eq!(entry.clone().beside_another(Some(&other), new_id()), ClientEntry::Sharing(new_id()));
            assert_eq!(entry.beside_another(None, new_id()), ClientEntry::Sharing(new_id()));
        }
    }
}
