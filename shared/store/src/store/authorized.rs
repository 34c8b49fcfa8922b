//! Reads with a proof: the authority's items and the data in one round trip.

use std::future::Future;

use domain::UtcTime;

use super::Store;
use crate::{
    authority::{Authority, judge},
    batch_get::{BatchGet, RawKeyList},
    error::StoreError,
    idempotency::Idempotency,
    item::Entity,
    keys::Tenant,
    listing::{Listing, Page, PageRequest},
    queries::Queries,
};

impl Store {
    /// Proves the authority and reads entities of its tenant, in one strongly consistent
    /// `BatchGetItem`. With an idempotency key, a request answered before ends here.
    ///
    /// # Errors
    /// [`StoreError::Denied`] when the authority does not hold at `now`, before anything else;
    /// [`StoreError::Answered`] and [`StoreError::KeyReused`] for a known idempotency key.
    pub async fn load<W: BatchGet>(
        &self,
        authority: &Authority,
        now: UtcTime,
        idempotency: Option<&Idempotency>,
        wanted: impl FnOnce(&Tenant) -> W,
    ) -> Result<W::Found, StoreError> {
        let checks = authority.checks();
        let wanted = wanted(&Tenant::new(authority.org()));
        let mut keys: Vec<RawKeyList> = checks.iter().map(|check| RawKeyList(check.key())).collect();
        keys.extend(idempotency.map(|key| RawKeyList(key.record_key().raw)));
        wanted.keys(&mut keys);
        let mut found = self.batch_get(keys).await?;
        judge(&checks, &found.0, now)?;
        if let Some(idempotency) = idempotency {
            idempotency.replay(found.0.get(&idempotency.record_key().raw).cloned(), now)?;
        }
        wanted.take(&mut found)
    }

    /// Runs queries beside the authority's proof and gives what they found only if it holds: two
    /// concurrent requests, the latency of one.
    ///
    /// # Errors
    /// [`StoreError`]; a denial comes first, whatever the queries met with.
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
    /// As [`Store::load`], whose come first, whatever the queries met with.
    pub async fn load_and_query<'s, W, T, F>(
        &'s self,
        authority: &Authority,
        now: UtcTime,
        idempotency: Option<&Idempotency>,
        wanted: impl FnOnce(&Tenant) -> W,
        queries: impl FnOnce(Queries<'s>) -> F,
    ) -> Result<(W::Found, T), StoreError>
    where
        W: BatchGet,
        F: Future<Output = Result<T, StoreError>>,
    {
        let tenant = Tenant::new(authority.org());
        let loading = self.load(authority, now, idempotency, wanted);
        let (found, data) = tokio::join!(loading, queries(Queries { store: self, tenant }));
        let found = found?;
        Ok((found, data?))
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
