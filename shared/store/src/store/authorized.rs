//! Reads with a proof: the authority's items and the data in one round trip.

use std::future::Future;

use domain::UtcTime;

use super::Store;
use crate::{
    authority::{Authority, judge},
    batch_get::{BatchGet, FoundItems, RawKeyList},
    error::StoreError,
    idempotency::{FirstUse, Idempotency},
    item::Entity,
    keys::Tenant,
    listing::{Listing, Page, PageRequest},
    parts::FoundSeat,
    queries::Queries,
};

impl Store {
    /// Proves the authority and reads entities of its tenant, in one strongly consistent
    /// `BatchGetItem`.
    ///
    /// # Errors
    /// [`StoreError::Denied`] when the authority does not hold at `now`, before anything else.
    pub async fn load<W: BatchGet>(
        &self,
        authority: &Authority,
        now: UtcTime,
        wanted: impl FnOnce(&Tenant) -> W,
    ) -> Result<W::Found, StoreError> {
        let wanted = wanted(&Tenant::new(authority.org()));
        let mut found = self.get_proven(authority, now, &(), &wanted).await?;
        wanted.take(&mut found)
    }

    /// As [`Store::load`], for a request that may carry an idempotency key: a request that was answered
    /// before gets its [`crate::Replay`]. The same one `BatchGetItem`.
    ///
    /// # Errors
    /// As [`Store::load`], before a replay.
    pub async fn load_once<W: BatchGet>(
        &self,
        authority: &Authority,
        now: UtcTime,
        idempotency: Option<&Idempotency>,
        wanted: impl FnOnce(&Tenant) -> W,
    ) -> Result<FirstUse<W::Found>, StoreError> {
        let wanted = wanted(&Tenant::new(authority.org()));
        let record = idempotency.map(Idempotency::record_key);
        let mut found = self.get_proven(authority, now, &record, &wanted).await?;
        if let (Some(idempotency), Some(key)) = (idempotency, &record)
            && let Err(replay) = idempotency.judge_item(found.0.get(&key.raw), now)?
        {
            return Ok(Err(replay));
        }
        wanted.take(&mut found).map(Ok)
    }

    /// Reads an authority's proof with two sets of keys, and gives the items only if it holds.
    pub(super) async fn get_proven(
        &self,
        authority: &Authority,
        now: UtcTime,
        first: &impl BatchGet,
        second: &impl BatchGet,
    ) -> Result<FoundItems, StoreError> {
        let checks = authority.checks();
        let mut keys: Vec<RawKeyList> = checks.iter().map(|check| RawKeyList(check.key())).collect();
        first.keys(&mut keys);
        second.keys(&mut keys);
        let found = self.batch_get(keys).await?;
        judge(&checks, &found.0, now)?;
        Ok(found)
    }

    /// Runs queries beside the authority's proof and gives what they found only if it holds: two
    /// concurrent requests, the latency of one.
    ///
    /// # Errors
    /// [`StoreError`]; a denial comes first, whatever the errors of the queries.
    pub async fn query_authorized<'s, T, F>(
        &'s self,
        authority: &Authority,
        now: UtcTime,
        queries: impl FnOnce(Queries<'s>) -> F,
    ) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, StoreError>>,
    {
        let tenant = Tenant::new(authority.org());
        let proof = self.prove(authority, now);
        let (proof, data) = tokio::join!(proof, queries(Queries { store: self, tenant }));
        proof?;
        data
    }

    /// As [`Store::load`], with queries of the same tenant at the same time: concurrent requests, the
    /// latency of one.
    ///
    /// # Errors
    /// As [`Store::load`], whose come first, whatever the errors of the queries.
    pub async fn load_and_query<'s, W, T, F>(
        &'s self,
        authority: &Authority,
        now: UtcTime,
        wanted: impl FnOnce(&Tenant) -> W,
        queries: impl FnOnce(Queries<'s>) -> F,
    ) -> Result<(W::Found, T), StoreError>
    where
        W: BatchGet,
        F: Future<Output = Result<T, StoreError>>,
    {
        let tenant = Tenant::new(authority.org());
        let loading = self.load(authority, now, wanted);
        let (found, data) = tokio::join!(loading, queries(Queries { store: self, tenant }));
        let found = found?;
        Ok((found, data?))
    }

    /// As [`Store::load_and_query`], for an answer in parts that each need an authority of the same seat: the queries read each
    /// by [`Queries::part`], and the seat that was found opens those that it may see. Concurrent requests, the latency of one.
    ///
    /// # Errors
    /// As [`Store::load_and_query`]. A part that is denied is no error.
    pub async fn load_and_query_parts<'s, W, T, F>(
        &'s self,
        authority: &Authority,
        now: UtcTime,
        wanted: impl FnOnce(&Tenant) -> W,
        queries: impl FnOnce(Queries<'s>) -> F,
    ) -> Result<(W::Found, FoundSeat, T), StoreError>
    where
        W: BatchGet,
        F: Future<Output = Result<T, StoreError>>,
    {
        let tenant = Tenant::new(authority.org());
        let wanted = wanted(&tenant);
        let loading = self.get_proven(authority, now, &(), &wanted);
        let (found, data) = tokio::join!(loading, queries(Queries { store: self, tenant }));
        let mut found = found?;
        let loaded = wanted.take(&mut found)?;
        Ok((loaded, FoundSeat { items: found.0, now }, data?))
    }

    /// As [`Store::load_once`], with queries as in [`Store::load_and_query`].
    ///
    /// # Errors
    /// As [`Store::load_and_query`]; a replay comes before the errors of the queries.
    pub async fn load_once_and_query<'s, W, T, F>(
        &'s self,
        authority: &Authority,
        now: UtcTime,
        idempotency: Option<&Idempotency>,
        wanted: impl FnOnce(&Tenant) -> W,
        queries: impl FnOnce(Queries<'s>) -> F,
    ) -> Result<FirstUse<(W::Found, T)>, StoreError>
    where
        W: BatchGet,
        F: Future<Output = Result<T, StoreError>>,
    {
        let tenant = Tenant::new(authority.org());
        let loading = self.load_once(authority, now, idempotency, wanted);
        let (found, data) = tokio::join!(loading, queries(Queries { store: self, tenant }));
        match found? {
            Ok(found) => Ok(Ok((found, data?))),
            Err(replay) => Ok(Err(replay)),
        }
    }

    /// One page of a list of the authority's tenant, given only if the authority holds.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn page<T: Entity>(
        &self,
        authority: &Authority,
        now: UtcTime,
        listing: impl FnOnce(&Tenant) -> Listing<T>,
        request: &PageRequest,
    ) -> Result<Page<T>, StoreError> {
        self.query_authorized(authority, now, async |queries| queries.page(listing, request).await).await
    }

    /// As [`Store::page`], of those entries only that `keep` keeps; see [`Queries::page_matching`]
    /// for its bounds.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn page_matching<T: Entity>(
        &self,
        authority: &Authority,
        now: UtcTime,
        listing: impl FnOnce(&Tenant) -> Listing<T>,
        request: &PageRequest,
        keep: impl Fn(&T) -> bool,
    ) -> Result<Page<T>, StoreError> {
        self.query_authorized(authority, now, async |queries| queries.page_matching(listing, request, keep).await).await
    }

    /// Proves an authority: one strongly consistent `BatchGetItem`, none for the stack itself.
    ///
    /// # Errors
    /// [`StoreError::Denied`].
    pub async fn prove(&self, authority: &Authority, now: UtcTime) -> Result<(), StoreError> {
        let checks = authority.checks();
        if checks.is_empty() {
            return Ok(());
        }
        let found = self.batch_get(checks.iter().map(|check| RawKeyList(check.key())).collect()).await?;
        judge(&checks, &found.0, now)
    }
}
