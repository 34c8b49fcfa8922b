//! The client list follows invitations that were sent by address: whoever is asked for a connection is
//! on the list from then on.

use domain::{
    Email, FirmId,
    client::{Entry, Identity},
    invitation::{Invitation, Offer},
};
use edge::clock;
use store::{Change, ClientClaim, Key, Tenant};

/// What the address of a client is known as on the list; `None` for other offers, and for a client that
/// is named.
pub(crate) fn by_address(offer: &Offer, email: &Email) -> Option<Identity> {
    match offer {
        Offer::Client { client: None, .. } => Some(Identity::Email(email.clone())),
        Offer::Client { client: Some(_), .. } | Offer::Member { .. } | Offer::Firm { .. } | Offer::Staff { .. } => None,
    }
}

/// Who is known so.
pub(crate) fn holder(tenant: &Tenant, identity: Option<&Identity>) -> Option<Key<ClientClaim>> {
    identity.map(|identity| tenant.client_claim(identity))
}

/// An entry that does not exist yet.
pub(crate) fn new_entry() -> domain::ClientId {
    domain::ClientId::from_uuid(clock::new_uuid())
}

/// Puts the client that is invited on the list, or marks it as invited there, in the change that invites
/// it.
pub(crate) fn follow(change: &mut Change<'_>, firm: &FirmId, entry: &Entry, invitation: &Invitation) {
    let Some(invited) = entry.invited(firm, invitation) else { return };
    let client = &invited.client;
    change.put(|tenant| tenant.client(&client.id), invited.before, client);
    if let Some(added) = invited.added {
        if let Some(identity) = client.claims() {
            change.put(|tenant| tenant.client_claim(&identity), None, &ClientClaim::of(&client.id));
        }
        change.record(added);
    }
}
