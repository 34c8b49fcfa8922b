//! A firm's client list, and what keeps it and the open invitations free of doubles.

use domain::{
    ClientId, CompanyId, Email, FirmId, InvitationId, Org,
    client::{Client, ClientIdentity, ClientStatus},
};
use serde::{Deserialize, Serialize};

use super::{Key, Tenant, firm_pk, raw, sortable};
use crate::{
    item::{Entity, Indexes},
    listing::{Listing, Source},
};

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

/// That a client of a firm has an address that is not its identity: one such item per client, so that
/// writing one asks nothing of the others. It is written and deleted with what it says of its client.
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

/// The newest invitation of one kind that a tenant sent to one address. It may have ended since: ask
/// the invitation itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LatestInvitation {
    /// The invitation.
    pub invitation: InvitationId,
    /// Tells one from another, for optimistic locking. Drawn from the invitation's id, since a single
    /// invitation takes the place of any before it without having looked.
    pub version: u64,
}

impl LatestInvitation {
    /// Points to an invitation.
    #[must_use]
    pub fn new(invitation: InvitationId) -> Self {
        // The last 15 hexadecimal digits of a `UUIDv7` are random.
        let digits = invitation.as_str();
        let digits = digits.get(digits.len().saturating_sub(15)..).unwrap_or_default();
        let version = u64::from_str_radix(digits, 16).unwrap_or_default();
        Self { invitation, version }
    }
}

impl Tenant {
    /// A client of this firm.
    #[must_use]
    pub fn client(&self, id: &ClientId) -> Key<Client> {
        self.own(format!("CLIENT#{id}"))
    }

    /// Which client of this firm has this identity. What people wrote comes last in the key, so
    /// whatever it holds cannot reach into another part.
    #[must_use]
    pub fn client_unique_key(&self, identity: &ClientIdentity) -> Key<ClientUniqueKey> {
        self.own(format!("CLIENTCLAIM#{}#{}", identity.field(), identity.as_str()))
    }

    /// That a client of this firm has an address that is not its identity.
    #[must_use]
    pub fn client_address(&self, email: &Email, client: &ClientId) -> Key<ClientAddress> {
        self.own(format!("CLIENTAT#{email}#{client}"))
    }

    /// The clients of this firm who have an address that is not their identity. No domain holds a `#`,
    /// so no other address begins with this one and that.
    #[must_use]
    pub fn clients_at(&self, email: &Email) -> Listing<ClientAddress> {
        self.items(&format!("CLIENTAT#{email}#"))
    }

    fn is_side_of(&self, firm: &FirmId, company: &CompanyId) -> bool {
        match &self.org {
            Org::Firm(this) => this == firm,
            Org::Company(this) => this == company,
        }
    }

    /// As which client this company is, or was, connected to this firm; `None` for a tenant that is
    /// neither of the two.
    #[must_use]
    pub fn client_link(&self, firm: &FirmId, company: &CompanyId) -> Option<Key<ClientLink>> {
        self.is_side_of(firm, company).then(|| Key::new(raw(firm_pk(firm), format!("CLIENTLINK#{company}"))))
    }

    /// A client on the firm's list, for starting and ending its connection with this company from
    /// either side; `None` for a tenant that is neither of the two. What a company's change puts there
    /// is an entry of that company alone.
    #[must_use]
    pub fn client_of_connection(&self, firm: &FirmId, company: &CompanyId, id: &ClientId) -> Option<Key<Client>> {
        self.is_side_of(firm, company).then(|| Key::new(raw(firm_pk(firm), format!("CLIENT#{id}"))))
    }

    /// The firm's clients by name, all or those in one state; with a beginning, those whose name
    /// begins so in whatever case.
    #[must_use]
    pub fn clients(&self, status: Option<ClientStatus>, beginning: Option<&str>) -> Listing<Client> {
        let beginning = beginning.map(sortable).unwrap_or_default();
        match status {
            Some(status) => self.by_state(format!("CLIENTS#{status}#{beginning}")),
            None => Listing::new(Source::Gsi2, by_name_pk(&self.org), beginning),
        }
    }

    /// The firm's clients by when they were added.
    #[must_use]
    pub fn clients_as_added(&self) -> Listing<Client> {
        self.items("CLIENT#")
    }

    /// The newest invitation of a kind to an address.
    #[must_use]
    pub fn latest_invitation(&self, kind: &str, email: &Email) -> Key<LatestInvitation> {
        self.own(format!("INVITED#{kind}#{email}"))
    }
}

/// A partition of its own: every client by name, whatever its state.
fn by_name_pk(org: &Org) -> String {
    format!("CLIENTS#{org}")
}

impl Entity for Client {
    const ENTITY: &'static str = "client";

    fn indexes(&self) -> Indexes {
        let name = sortable(self.details.name.as_str());
        let by_state = (firm_pk(&self.firm), format!("CLIENTS#{}#{name}#{}", self.status, self.id));
        let by_name = (by_name_pk(&Org::Firm(self.firm.clone())), format!("{name}#{}", self.id));
        Indexes { gsi1: Some(by_state), gsi2: Some(by_name), ttl_unix_s: None }
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

impl Entity for LatestInvitation {
    const ENTITY: &'static str = "latest_invitation";
}

#[cfg(test)]
mod tests {
    use domain::{UtcTime, client::ClientDetails};

    use super::*;

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
        let indexes = entry("Ünlü # Söhne").indexes();
        let (by_state, by_name) = (indexes.gsi1.unwrap(), indexes.gsi2.unwrap());
        let found = |listing: &Listing<Client>, key: &(String, String)| {
            listing.pk == key.0 && key.1.starts_with(&listing.prefix)
        };
        for beginning in ["ünl", "ÜNLÜ", "Ünlü # s"] {
            assert!(found(&tenant.clients(None, Some(beginning)), &by_name), "{beginning}");
            assert!(found(&tenant.clients(Some(ClientStatus::Inactive), Some(beginning)), &by_state), "{beginning}");
            assert!(!found(&tenant.clients(Some(ClientStatus::Active), Some(beginning)), &by_state), "{beginning}");
        }
        assert!(!found(&tenant.clients(None, Some("unl")), &by_name));
        assert!(found(&tenant.clients(None, None), &by_name));
        assert!(!by_state.1.starts_with(&tenant.connections().prefix), "no client passes for a connection");
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

    #[test]
    fn two_invitations_never_count_as_one() {
        let latest = |id: &str| LatestInvitation::new(id.parse().unwrap()).version;
        let (one, two) = (latest("in_0199c0d5f7c87bb2a6f9d1b0a1c2d3e4"), latest("in_0199c0d5f7c87bb2a6f9d1b0a1c2d3e5"));
        assert!(one != two && one != 0);
    }
}
