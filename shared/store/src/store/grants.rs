//! The permissions that a person holds, from each of their seats.

use domain::{AccessRequirement, Denied, Grants, UserId, UtcTime, access};

use super::Store;
use crate::{
    authority::{grant_state, relation_key},
    batch_get::{BatchGet, RawKeyList},
    error::StoreError,
    item::RawKey,
};

/// What may be done from a seat, and the next instant from which it is less.
pub(crate) type ActingAsGrants = Result<(Grants, Option<UtcTime>), Denied>;

impl Store {
    /// What a person may do from each of several seats right now: one strongly consistent
    /// `BatchGetItem`. A seat that does not hold gives its denial.
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
        Ok(found.into_iter().map(|acting_as| acting_as.map(|(grants, _)| grants)).collect())
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
        let entering = AccessRequirement::to_enter(user.clone(), acting_as.clone());
        let keys: Vec<RawKey> = entering.requirements().iter().map(|r| relation_key(&r.relation)).collect();
        let found = self.batch_get(keys.iter().cloned().map(RawKeyList).collect()).await?;
        let grant_states: Vec<_> = keys.iter().map(|key| found.0.get(key).map(grant_state)).collect();
        Ok(access::own_grants(user, acting_as, &grant_states, now)?)
    }

    /// As [`Store::grants_by_acting_as`], each with the next instant from which it is less, and whatever
    /// else is wanted, together.
    pub(crate) async fn grants_by_acting_as_and<W: BatchGet>(
        &self,
        user: &UserId,
        candidates: &[access::ActingAs],
        now: UtcTime,
        wanted: W,
    ) -> Result<(Vec<ActingAsGrants>, W::Found), StoreError> {
        let relations: Vec<Vec<RawKey>> = candidates
            .iter()
            .map(|acting_as| {
                let entering = AccessRequirement::to_enter(user.clone(), acting_as.clone());
                entering.requirements().iter().map(|r| relation_key(&r.relation)).collect()
            })
            .collect();
        let mut keys: Vec<RawKeyList> = relations.iter().flatten().cloned().map(RawKeyList).collect();
        wanted.keys(&mut keys);
        let mut found = self.batch_get(keys).await?;
        let grants = candidates
            .iter()
            .zip(relations)
            .map(|(acting_as, keys)| {
                let grant_states: Vec<_> = keys.iter().map(|key| found.0.get(key).map(grant_state)).collect();
                let grants = access::effective_grants(user, acting_as, &grant_states, now)?;
                Ok((grants, grant_states.iter().flatten().filter_map(|grant_state| grant_state.next_end(now)).min()))
            })
            .collect();
        Ok((grants, wanted.take(&mut found)?))
    }
}
