//! Finds the entry of the client list that goes with an invited address, and keeps it in step with the
//! invitation. A client who is invited is on the list from then on.

use api::{Api, clock};
use domain::{
    Email, FirmId, InvitationId, Name, UtcTime,
    client::{Client, ClientEntry, ClientIdentity, ClientsAtAddress, NotInvited},
    invitation::{Invitation, Offer},
};
use futures_util::future::try_join_all;
use store::{Authority, Change, ClientUniqueKey, Key, PageRequest, Queries, StoreError, Tenant};

/// How many clients that share an address are read, to find whether only one of them can be meant.
const MAX_AT_ADDRESS: usize = 10;

/// The address to find on the list; `None` for other offers, and for a client that is named.
pub(crate) fn by_address<'e>(offer: &Offer, email: &'e Email) -> Option<&'e Email> {
    match offer {
        Offer::Client { client: None, .. } => Some(email),
        Offer::Client { client: Some(_), .. }
        | Offer::Member { .. }
        | Offer::Firm { .. }
        | Offer::Staff { .. }
        | Offer::Contact { .. } => None,
    }
}

/// The key of the client that is known by an address.
pub(crate) fn holder(tenant: &Tenant, email: Option<&Email>) -> Option<Key<ClientUniqueKey>> {
    email.map(|email| tenant.client_unique_key(&ClientIdentity::Email(email.clone())))
}

/// The key of the client that is known by an address together with a name; the address has others too.
pub(crate) fn named(tenant: &Tenant, email: Option<&Email>, name: Option<&Name>) -> Option<Key<ClientUniqueKey>> {
    let (email, name) = email.zip(name)?;
    Some(tenant.client_unique_key(&ClientIdentity::email_and_name(email, name)))
}

/// The clients that may go with an address, before they are read.
#[derive(Debug, Default)]
pub(crate) struct Candidates {
    holder: Option<ClientUniqueKey>,
    others: Vec<domain::ClientId>,
    more: bool,
}

/// The keys of candidates, and what reading them gives.
pub(crate) type CandidateKeys = (Option<Key<Client>>, Vec<Key<Client>>);
pub(crate) type FoundCandidates = (Option<Option<Client>>, Vec<Option<Client>>);

impl Candidates {
    pub(crate) fn is_any(&self) -> bool {
        self.holder.is_some() || !self.others.is_empty()
    }

    pub(crate) fn held_by(self, holder: Option<ClientUniqueKey>) -> Self {
        Self { holder, ..self }
    }

    /// With the client of that name there, which the list of the others leaves out while it is connected.
    pub(crate) fn with_named(mut self, named: Option<ClientUniqueKey>) -> Self {
        self.others.extend(named.map(|named| named.client).filter(|id| !self.others.contains(id)));
        self
    }

    pub(crate) fn keys(&self, tenant: &Tenant) -> CandidateKeys {
        let holder = self.holder.as_ref().map(|held| tenant.client(&held.client));
        (holder, self.others.iter().map(|id| tenant.client(id)).collect())
    }

    /// The entry that goes with the address; see [`ClientEntry::at_address`].
    pub(crate) fn entry(&self, found: FoundCandidates) -> Option<ClientEntry> {
        ClientEntry::at_address(self.known(found), new_id())
    }

    /// The entry that goes with the address and a name; see [`ClientEntry::at_address_named`].
    pub(crate) fn entry_named(
        &self,
        found: FoundCandidates,
        name: Option<&Name>,
        now: UtcTime,
    ) -> Result<Option<ClientEntry>, NotInvited> {
        match name {
            Some(name) => ClientEntry::at_address_named(self.known(found), name, new_id(), now),
            None => Ok(self.entry(found)),
        }
    }

    fn known(&self, (holder, others): FoundCandidates) -> ClientsAtAddress {
        ClientsAtAddress { holder, others: others.into_iter().flatten().collect(), more: self.more }
    }
}

/// The id of a client that is added.
pub(crate) fn new_id() -> domain::ClientId {
    domain::ClientId::from_uuid(clock::new_uuid())
}

/// The clients who have an address beside their identity: one `Query`, none without an address.
///
/// # Errors
/// [`StoreError`].
pub(crate) async fn others(queries: &Queries<'_>, email: Option<&Email>) -> Result<Candidates, StoreError> {
    let Some(email) = email else { return Ok(Candidates::default()) };
    let page = queries.page(|tenant| tenant.clients_at(email), &PageRequest::largest()).await?;
    let more = page.items.len() > MAX_AT_ADDRESS;
    let others = page.items.into_iter().take(MAX_AT_ADDRESS).map(|at| at.client).collect();
    Ok(Candidates { holder: None, others, more })
}

/// As [`others`], for several addresses at the same time.
///
/// # Errors
/// [`StoreError`].
pub(crate) async fn others_of_each(
    queries: &Queries<'_>,
    emails: &[Option<&Email>],
) -> Result<Vec<Candidates>, StoreError> {
    try_join_all(emails.iter().map(|email| others(queries, *email))).await
}

/// The open invitations that new ones supersede; see [`Client::gives_way`]. One read, none where there
/// are none.
///
/// # Errors
/// [`StoreError`].
pub(crate) async fn superseded(
    api: &Api,
    authority: &Authority,
    now: UtcTime,
    ids: &[Option<InvitationId>],
) -> Result<Vec<Option<Invitation>>, StoreError> {
    if ids.iter().all(Option::is_none) {
        return Ok(vec![None; ids.len()]);
    }
    let keys = |tenant: &Tenant| ids.iter().map(|id| id.as_ref().map(|id| tenant.invitation(id))).collect::<Vec<_>>();
    let found = api.store.load(authority, now, keys).await?;
    Ok(found.into_iter().map(Option::flatten).collect())
}

/// Revokes the open invitation that a new one supersedes, in the change that sends the new one.
pub(crate) fn withdraw(change: &mut Change<'_>, superseded: Option<&Invitation>) {
    let Some(superseded) = superseded else { return };
    // An answer in the meantime moved its client as well, so that the change is refused.
    let Ok((revoked, event)) = superseded.revoke() else { return };
    change.put(|tenant| tenant.invitation(&revoked.id), Some(superseded.version), &revoked);
    change.record(event);
}

/// Marks the client as invited on the list, or adds it, in the change that invites it.
pub(crate) fn follow(change: &mut Change<'_>, firm: &FirmId, entry: &ClientEntry, invitation: &Invitation) {
    let Some(invited) = entry.invited(firm, invitation) else { return };
    let client = &invited.client;
    change.put(|tenant| tenant.client(&client.id), invited.before, client);
    if let Some(added) = invited.added {
        if let Some(identity) = client.claims() {
            change.put(|tenant| tenant.client_unique_key(&identity), None, &ClientUniqueKey::of(&client.id));
        }
        change.record(added);
    }
}
