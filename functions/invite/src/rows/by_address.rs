//! Rows that name an address, sent several at once.

use std::collections::HashMap;

use api::{ApiError, ApiResult, CallerNetwork, InContext, clock};
use domain::{
    Email, GrantState, Grants, InvitationId, Name, Org,
    client::Entry,
    invitation::{Invitation, InvitationState, invite},
    org::Connection,
};
use store::{Attempt, Authority, Key, LatestInvitation, StoreError, Tenant, retry_on_conflict};

use super::{BulkInvitationRow, Invites, Needs, Offered, count};
use crate::{
    App,
    invitations::no_invitation,
    listed::{self, CandidateKeys, Candidates},
};

pub(super) struct Sending<'a> {
    pub(super) app: &'a App,
    pub(super) caller: &'a InContext,
    pub(super) network: &'a CallerNetwork,
    pub(super) org_name: &'a Name,
    pub(super) needs: &'a Needs,
}

impl Invites for Sending<'_> {
    type Row = Offered;

    fn number(row: &Offered) -> usize {
        row.row
    }

    async fn send(&self, rows: &[Offered]) -> ApiResult<Vec<BulkInvitationRow>> {
        retry_on_conflict(|| self.invite(rows)).await
    }
}

/// What some rows may each have.
type Maybe<T> = Vec<Option<Key<T>>>;

/// What is known of a row's address before it is invited.
struct Known {
    /// What says which invitation is the newest of this kind.
    latest: Option<LatestInvitation>,
    /// The newest invitation, where it is still for this address.
    sent: Option<Invitation>,
    /// The connection that it made.
    connection: Option<Connection>,
    /// The entry of the client list that goes with the address.
    entry: Option<Entry>,
    /// The invitation that gives way to a new one.
    grant_state: Option<Invitation>,
}

impl Sending<'_> {
    /// Sends those of some rows that are not there already, in one change.
    async fn invite(&self, rows: &[Offered]) -> Result<Vec<BulkInvitationRow>, Attempt<ApiError>> {
        let now = self.caller.now();
        let given: Grants = rows.iter().flat_map(|row| row.offer.given().iter().collect::<Vec<_>>()).collect();
        let authority = Authority::Person(self.needs.access(self.caller, &given));
        let refused = |error| match error {
            StoreError::Conflict => Attempt::Raced,
            error => Attempt::Final(self.needs.refused(error)),
        };
        let known = self.known(&authority, rows).await.map_err(refused)?;

        let mut change = self.app.api.store.change(&authority, self.caller.change_context());
        let mut open: HashMap<(&'static str, &Email), InvitationId> = HashMap::new();
        let mut answered = Vec::with_capacity(rows.len());
        let mut writes = false;
        for (row, known) in rows.iter().zip(known) {
            let whom = (row.offer.kind().as_str(), &row.wanted.email);
            let is_open = |invitation: &Invitation| invitation.state(now) == InvitationState::Pending;
            let sent = known.sent.filter(is_open).map(|invitation| invitation.id);
            if let Some(id) = sent.or_else(|| open.get(&whom).cloned()) {
                answered.push(BulkInvitationRow::open(row.row, id));
                continue;
            }
            if known.connection.is_some_and(|connection| GrantState::from(&connection).holds_at(now)) {
                answered.push(BulkInvitationRow::there(row.row, "whoever has this address is connected already"));
                continue;
            }
            let id = InvitationId::from_uuid(clock::new_uuid());
            let mut command = row.command(id, self.org_name.clone(), self.caller);
            if let Some(entry) = &known.entry {
                command.offer = command.offer.to_client(entry.id());
            }
            let (invitation, event) =
                invite(command, now).map_err(|error| ApiError::from(no_invitation(error, row.offer.needs())))?;
            change.put(|tenant| tenant.invitation(&invitation.id), None, &invitation);
            change.put(
                |tenant| tenant.latest_invitation(whom.0, whom.1),
                known.latest.map(|latest| latest.version),
                &LatestInvitation::new(invitation.id.clone()),
            );
            if let (Some(entry), Some(firm)) = (&known.entry, invitation.offer.org().firm()) {
                listed::follow(&mut change, firm, entry, &invitation);
            }
            listed::withdraw(&mut change, known.grant_state.as_ref());
            count(&mut change, &self.app.api, self.network, &invitation, now);
            change.record(event);
            writes = true;
            open.insert(whom, invitation.id.clone());
            answered.push(BulkInvitationRow::created(row.row, invitation.id));
        }
        if writes {
            change.commit().await.map_err(refused)?;
        }
        Ok(answered)
    }

    /// Looks up what is known of each row's address: one read beside one `Query` for each client's
    /// address; a second where an invitation was sent before or an entry may go with an address; a third
    /// where that invitation was accepted, and a fourth where another gives way.
    async fn known(&self, authority: &Authority, rows: &[Offered]) -> Result<Vec<Known>, StoreError> {
        let (api, now) = (&self.app.api, self.caller.now());
        let addresses: Vec<Option<&Email>> =
            rows.iter().map(|row| listed::by_address(&row.offer, &row.wanted.email)).collect();
        let keys = |tenant: &Tenant| {
            let latest = |row: &Offered| tenant.latest_invitation(row.offer.kind().as_str(), &row.wanted.email);
            let holder = |address: &Option<&Email>| listed::holder(tenant, *address);
            (rows.iter().map(latest).collect::<Vec<_>>(), addresses.iter().map(holder).collect::<Vec<_>>())
        };
        let ((latest, holders), others) = api
            .store
            .load_and_query(authority, now, None, keys, async |queries| {
                listed::others_of_each(&queries, &addresses).await
            })
            .await?;
        let candidates: Vec<Candidates> =
            others.into_iter().zip(holders).map(|(others, holder)| others.held_by(holder.flatten())).collect();
        let of_those = |tenant: &Tenant| -> (Maybe<Invitation>, Vec<CandidateKeys>) {
            (
                latest.iter().map(|latest| latest.as_ref().map(|l| tenant.invitation(&l.invitation))).collect(),
                candidates.iter().map(|candidates| candidates.keys(tenant)).collect(),
            )
        };
        let is_any = latest.iter().any(Option::is_some) || candidates.iter().any(Candidates::is_any);
        let (sent, found) = if is_any {
            api.store.load(authority, now, None, of_those).await?
        } else {
            (latest.iter().map(|_| None).collect(), latest.iter().map(|_| (None, Vec::new())).collect())
        };

        let to_entries = addresses.into_iter().zip(candidates).zip(found);
        let entries = to_entries.map(|((address, candidates), found)| address.and_then(|_| candidates.entry(found)));
        let of_row = |(row, sent): (&Offered, Option<Option<Invitation>>)| {
            // Sent again to a corrected address, it is no longer this one's.
            sent.flatten().filter(|it| it.offer.kind() == row.offer.kind() && it.email == row.wanted.email)
        };
        let sent = rows.iter().zip(sent).map(of_row);
        let mut known: Vec<Known> = (latest.into_iter().zip(sent).zip(entries))
            .map(|((latest, sent), entry)| Known { latest, sent, connection: None, entry, grant_state: None })
            .collect();
        self.follow_up(authority, &mut known).await?;
        Ok(known)
    }

    /// Looks up what only the invitations and entries that were found lead to.
    async fn follow_up(&self, authority: &Authority, known: &mut [Known]) -> Result<(), StoreError> {
        let (api, now) = (&self.app.api, self.caller.now());
        let sides: Vec<Option<Org>> = known.iter().map(|known| known.sent.as_ref()?.connected()).collect();
        if sides.iter().any(Option::is_some) {
            let keys = |tenant: &Tenant| -> Maybe<Connection> {
                sides.iter().map(|side| side.as_ref().and_then(|side| tenant.connection(side))).collect()
            };
            let connections = api.store.load(authority, now, None, keys).await?;
            for (known, connection) in known.iter_mut().zip(connections) {
                known.connection = connection.flatten();
            }
        }
        let giving_way: Vec<Option<InvitationId>> =
            known.iter().map(|known| known.entry.as_ref()?.gives_way(now).cloned()).collect();
        let grant_state = listed::grant_state(api, authority, now, &giving_way).await?;
        for (known, grant_state) in known.iter_mut().zip(grant_state) {
            known.grant_state = grant_state;
        }
        Ok(())
    }
}
