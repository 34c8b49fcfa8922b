//! Keys of a firm's client list, and of the items that keep it free of doubles.

use domain::{
    ClientId, CompanyId, Email, FirmId, Org,
    client::{Client, ClientIdentity, ClientStatus},
};
use serde::{Deserialize, Serialize};

use super::{
    key::Key,
    parts::{Beginning, SortName, key_parts},
    template::{Gsi1, Gsi2, Item, KeyPart, Partition},
    tenant::{FIRM, Tenant},
};
use crate::{
    item::{Entity, Indexes},
    listing::Listing,
};

key_parts!(ClientId);

const CLIENT: Item<Client, Org, ClientId> = Item::new("CLIENT");
const CLIENT_BY_STATUS: Gsi1<Client, Org, (ListState, SortName, ClientId)> = Gsi1::new("CLIENT");
/// A partition of its own: every client by name, whatever its state.
const CLIENTS: Partition<Client, Org> = Partition::new("CLIENTS");
const CLIENT_BY_NAME: Gsi2<Client, Client, (SortName, ClientId)> = Gsi2::without_kind();
const IDENTITY: Item<ClientUniqueKey, Org, (&str, str)> = Item::new("CLIENTIDENTITY");
const ADDRESS: Item<ClientAddress, Org, (Email, ClientId)> = Item::new("CLIENTEMAIL");
const LINK: Item<ClientLink, Org, CompanyId> = Item::new("CLIENTCOMPANY");

/// A client's status as it stands in `gsi1`. The keys of connections begin with `CLIENT#active`, so the
/// entry of a connected client is called otherwise there.
struct ListState(ClientStatus);

impl KeyPart for ListState {
    fn append_to(&self, key: &mut String) {
        key.push_str(match self.0 {
            ClientStatus::Active => "connected",
            other @ (ClientStatus::Inactive | ClientStatus::Invited | ClientStatus::Bounced) => other.as_str(),
        });
    }
}

/// Which client of a firm has an identity: there is one such item per identity, so two imports cannot
/// both add it. It is written with its client, deleted with it, and never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientUniqueKey {
    /// The client.
    pub client: ClientId,
    /// Always 1.
    pub version: u64,
}

impl ClientUniqueKey {
    /// This client's.
    #[must_use]
    pub fn of(client: &ClientId) -> Self {
        Self { client: client.clone(), version: Self::VERSION }
    }

    /// Written once and never changed.
    pub const VERSION: u64 = 1;
}

/// That a client of a firm has an address that is not its identity: one such item per client, so that writing one
/// needs no other. It is written and deleted with its client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientAddress {
    /// The client.
    pub client: ClientId,
    /// Always 1.
    pub version: u64,
}

impl ClientAddress {
    /// This client's.
    #[must_use]
    pub fn of(client: &ClientId) -> Self {
        Self { client: client.clone(), version: Self::VERSION }
    }

    /// Written once and never changed.
    pub const VERSION: u64 = 1;
}

/// As which client of a firm a company is, or was, connected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientLink {
    /// The client.
    pub client: ClientId,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

impl Tenant {
    /// A client of this firm.
    #[must_use]
    pub fn client(&self, id: &ClientId) -> Key<Client> {
        CLIENT.key(self.pk(), id)
    }

    /// Which client of this firm has this identity.
    #[must_use]
    pub fn client_unique_key(&self, identity: &ClientIdentity) -> Key<ClientUniqueKey> {
        IDENTITY.key(self.pk(), (&identity.field(), identity.as_str()))
    }

    /// That a client of this firm has an address that is not its identity.
    #[must_use]
    pub fn client_address(&self, email: &Email, client: &ClientId) -> Key<ClientAddress> {
        ADDRESS.key(self.pk(), (email, client))
    }

    /// The clients of this firm who have an address that is not their identity.
    #[must_use]
    pub fn clients_at(&self, email: &Email) -> Listing<ClientAddress> {
        ADDRESS.list(self.pk(), email)
    }

    fn is_side_of(&self, firm: &FirmId, company: &CompanyId) -> bool {
        match self.org() {
            Org::Firm(this) => this == firm,
            Org::Company(this) => this == company,
        }
    }

    /// As which client this company is, or was, connected to this firm; `None` for a tenant that is
    /// neither of the two.
    #[must_use]
    pub fn client_link(&self, firm: &FirmId, company: &CompanyId) -> Option<Key<ClientLink>> {
        self.is_side_of(firm, company).then(|| LINK.key(FIRM.pk(firm), company))
    }

    /// A client on the firm's list, for starting and ending its connection with this company from
    /// either side; `None` for a tenant that is neither of the two. A company's change may write an
    /// entry of that company alone.
    #[must_use]
    pub fn client_of_connection(&self, firm: &FirmId, company: &CompanyId, id: &ClientId) -> Option<Key<Client>> {
        self.is_side_of(firm, company).then(|| CLIENT.key(FIRM.pk(firm), id))
    }

    /// The firm's clients by name, all or those in one state; with a beginning, those whose name
    /// begins so in whatever case.
    #[must_use]
    pub fn clients(&self, status: Option<ClientStatus>, beginning: Option<&str>) -> Listing<Client> {
        let beginning = Beginning(beginning.unwrap_or_default());
        match status {
            Some(status) => CLIENT_BY_STATUS.list(self.pk(), (&ListState(status), beginning)),
            None => CLIENT_BY_NAME.list(CLIENTS.pk(self.org()), beginning),
        }
    }

    /// The firm's clients by when they were added.
    #[must_use]
    pub fn clients_as_added(&self) -> Listing<Client> {
        CLIENT.list(self.pk(), ())
    }
}

impl Entity for Client {
    const ENTITY: &'static str = "client";

    fn indexes(&self) -> Indexes {
        let name = SortName::of(self.details.name.as_str());
        let by_status = (&ListState(self.status), &name, &self.id);
        let by_status = CLIENT_BY_STATUS.entry(FIRM.pk(&self.firm), by_status);
        let by_name = CLIENT_BY_NAME.entry(CLIENTS.pk(&Org::Firm(self.firm.clone())), (&name, &self.id));
        Indexes::from(by_status).and(by_name)
    }
}

impl Entity for ClientUniqueKey {
    const ENTITY: &'static str = "client_claim";
}

impl Entity for ClientAddress {
    const ENTITY: &'static str = "client_address";
}

impl Entity for ClientLink {
    const ENTITY: &'static str = "client_link";
}

#[cfg(test)]
mod tests {
    use domain::{UtcTime, client::ClientDetails};

    use super::*;
    use crate::item::IndexEntry;

    fn firm() -> FirmId {
        "fm_00000000000000000000000000000002".parse().unwrap()
    }

    fn entry(name: &str) -> Client {
        let details = ClientDetails { name: name.parse().unwrap(), email: None, language: None, reference: None };
        let id = "cl_00000000000000000000000000000001".parse().unwrap();
        domain::client::add(id, firm(), details, UtcTime::EPOCH).0
    }

    #[test]
    fn a_client_is_found_by_the_beginning_of_its_name_in_any_case_and_in_its_own_tab_alone() {
        let tenant = Tenant::new(Org::Firm(firm()));
        let entries = entry("Ünlü # Söhne").indexes().entries;
        let [by_state, by_name] = &entries[..] else { panic!("{entries:?}") };
        let found = |listing: &Listing<Client>, entry: &IndexEntry| {
            listing.source == entry.source && listing.pk == entry.pk && entry.sk.starts_with(&listing.prefix)
        };
        for beginning in ["ünl", "ÜNLÜ", "Ünlü # s"] {
            assert!(found(&tenant.clients(None, Some(beginning)), by_name), "{beginning}");
            assert!(found(&tenant.clients(Some(ClientStatus::Inactive), Some(beginning)), by_state), "{beginning}");
            assert!(!found(&tenant.clients(Some(ClientStatus::Active), Some(beginning)), by_state), "{beginning}");
        }
        assert!(!found(&tenant.clients(None, Some("unl")), by_name));
        assert!(found(&tenant.clients(None, None), by_name));
        assert!(!by_state.sk.starts_with(&tenant.connections().prefix), "no client passes for a connection");
    }

    #[test]
    fn a_link_belongs_to_the_firm_whichever_side_asks_and_nobody_else_may() {
        let company: CompanyId = "co_00000000000000000000000000000003".parse().unwrap();
        let other: CompanyId = "co_00000000000000000000000000000004".parse().unwrap();
        let link = |org: Org| Tenant::new(org).client_link(&firm(), &company).map(|key| key.raw);
        let from_firm = link(Org::Firm(firm())).unwrap();
        assert_eq!(link(Org::Company(company.clone())), Some(from_firm));
        assert_eq!(link(Org::Company(other.clone())), None);
        assert!(Tenant::new(Org::Company(other)).client_of_connection(&firm(), &company, &entry("A").id).is_none());
    }
}
