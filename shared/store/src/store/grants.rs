//! The permissions that a person holds, from each of their seats.

use domain::{AccessRequirement, Denied, GrantState, Grants, UserId, UtcTime, access};

use super::Store;
use crate::{
    authority::{grant_state, relation_key},
    batch_get::{BatchGet, FoundItems, RawKeyList},
    error::StoreError,
    item::RawKey,
    keys,
};

/// A seat that holds.
#[derive(Debug)]
pub(crate) struct HeldSeat {
    /// The seat: for a member whom a firm invited, the one that the firm bounds.
    pub(crate) acting_as: access::ActingAs,
    /// What may be done from it.
    pub(crate) grants: Grants,
    /// The latest beginning of what it rests on.
    pub(crate) since: UtcTime,
    /// The next instant from which less may be done.
    pub(crate) until: Option<UtcTime>,
}

impl Store {
    /// What a person may do from each of several seats right now: one strongly consistent
    /// `BatchGetItem`, and a second for a member whom a firm invited. A seat that does not hold gives its
    /// denial.
    ///
    /// # Errors
    /// [`StoreError`] when the table does not answer.
    pub async fn grants_by_acting_as(
        &self,
        user: &UserId,
        candidates: &[access::ActingAs],
        now: UtcTime,
    ) -> Result<Vec<Result<Grants, Denied>>, StoreError> {
        let found = self.grants_by_acting_as_and(user, candidates, now, ()).await?.0;
        Ok(found.into_iter().map(|seat| seat.map(|seat| seat.grants)).collect())
    }

    /// What a person may do from a seat without what is lent to them for a time: what they may give to
    /// others for good. One strongly consistent `BatchGetItem`.
    ///
    /// # Errors
    /// [`StoreError::Denied`] when the seat is not theirs.
    pub async fn own_grants(
        &self,
        user: &UserId,
        acting_as: &access::ActingAs,
        now: UtcTime,
    ) -> Result<Grants, StoreError> {
        let keys = relation_keys(user, acting_as);
        let found = self.batch_get(keys.iter().cloned().map(RawKeyList).collect()).await?;
        let grant_states: Vec<_> = keys.iter().map(|key| found.0.get(key).map(grant_state)).collect();
        Ok(access::own_grants(user, acting_as, &grant_states, now)?)
    }

    /// As [`Store::grants_by_acting_as`], each with its stay, and whatever else is wanted, together.
    ///
    /// A member's seat is asked for without the firm that may have invited them, which only the member's item
    /// says. The connection of that firm is read then.
    pub(crate) async fn grants_by_acting_as_and<W: BatchGet>(
        &self,
        user: &UserId,
        candidates: &[access::ActingAs],
        now: UtcTime,
        wanted: W,
    ) -> Result<(Vec<Result<HeldSeat, Denied>>, W::Found), StoreError> {
        let mut keys: Vec<RawKeyList> =
            candidates.iter().flat_map(|candidate| relation_keys(user, candidate)).map(RawKeyList).collect();
        wanted.keys(&mut keys);
        let mut found = self.batch_get(keys).await?;
        let seats: Vec<access::ActingAs> =
            candidates.iter().map(|seat| with_inviting_firm(user, seat, &found)).collect();
        let bounded = seats.iter().zip(candidates).filter(|(seat, candidate)| seat != candidate);
        let further: Vec<RawKeyList> =
            bounded.flat_map(|(seat, _)| relation_keys(user, seat)).map(RawKeyList).collect();
        if !further.is_empty() {
            found.0.extend(self.batch_get(further).await?.0);
        }
        let held = seats.into_iter().map(|seat| held_seat(user, seat, &found, now)).collect();
        Ok((held, wanted.take(&mut found)?))
    }
}

fn relation_keys(user: &UserId, acting_as: &access::ActingAs) -> Vec<RawKey> {
    let entering = AccessRequirement::to_enter(user.clone(), acting_as.clone());
    entering.requirements().iter().map(|requirement| relation_key(&requirement.relation)).collect()
}

/// A member's seat with the firm that invited them, by the member's item; any other as it is.
fn with_inviting_firm(user: &UserId, candidate: &access::ActingAs, found: &FoundItems) -> access::ActingAs {
    let access::ActingAs::Member { company } = candidate else { return candidate.clone() };
    let member = found.0.get(&keys::member(company, user).raw).map(grant_state);
    access::ActingAs::member(company.clone(), member.and_then(|member| member.inviting_firm))
}

fn held_seat(user: &UserId, acting_as: access::ActingAs, found: &FoundItems, now: UtcTime) -> Result<HeldSeat, Denied> {
    let keys = relation_keys(user, &acting_as);
    let grant_states: Vec<Option<GrantState>> = keys.iter().map(|key| found.0.get(key).map(grant_state)).collect();
    let grants = access::effective_grants(user, &acting_as, &grant_states, now)?;
    let states = || grant_states.iter().flatten();
    let since = states().map(|state| state.since).max().ok_or(Denied::NoRelation)?;
    Ok(HeldSeat { acting_as, grants, since, until: states().filter_map(|state| state.next_end(now)).min() })
}
