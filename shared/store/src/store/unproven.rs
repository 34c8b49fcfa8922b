//! Reads whose authority depends on what they find.

use std::future::Future;

use domain::{AccessRequirement, UtcTime};

use super::Store;
use crate::{
    authority::Authority, batch_get::BatchGet, error::StoreError, idempotency::Idempotency, keys::Tenant,
    queries::Queries, unproven::Unproven,
};

impl Store {
    /// Reads beside a seat's relationships, for a command whose permission depends on what it is about: one
    /// strongly consistent `BatchGetItem`. The data is withheld until [`Unproven::prove`].
    ///
    /// # Errors
    /// [`StoreError::Denied`] when the person does not hold the seat at `now`.
    pub async fn load_unproven<W: BatchGet>(
        &self,
        entering: &AccessRequirement,
        now: UtcTime,
        idempotency: Option<&Idempotency>,
        wanted: impl FnOnce(&Tenant) -> W,
    ) -> Result<Unproven<W::Found>, StoreError> {
        let wanted = wanted(&Tenant::new(entering.org()));
        let record = idempotency.map(Idempotency::record_key);
        let mut items = self.get_proven(&Authority::Person(entering.clone()), now, &record, &wanted).await?;
        let found = wanted.take(&mut items)?;
        Ok(Unproven { found, items: items.0, now, idempotency: idempotency.cloned() })
    }

    /// As [`Store::load_unproven`], of queries of the same tenant, made at the same time: two concurrent requests,
    /// the latency of one. For a list that shows only what the person may see.
    ///
    /// # Errors
    /// [`StoreError::Denied`] when the person does not hold the seat at `now`, whatever the errors of the queries;
    /// else those errors.
    pub async fn query_unproven<'s, T, F>(
        &'s self,
        entering: &AccessRequirement,
        now: UtcTime,
        queries: impl FnOnce(Queries<'s>) -> F,
    ) -> Result<Unproven<T>, StoreError>
    where
        F: Future<Output = Result<T, StoreError>>,
    {
        let entered = self.load_and_query_unproven(entering, now, |_| (), queries).await?;
        let Unproven { found: ((), data), items, now, idempotency } = entered;
        Ok(Unproven { found: data, items, now, idempotency })
    }

    /// As [`Store::load_unproven`], with queries as in [`Store::query_unproven`].
    ///
    /// # Errors
    /// As [`Store::query_unproven`].
    pub async fn load_and_query_unproven<'s, W, T, F>(
        &'s self,
        entering: &AccessRequirement,
        now: UtcTime,
        wanted: impl FnOnce(&Tenant) -> W,
        queries: impl FnOnce(Queries<'s>) -> F,
    ) -> Result<Unproven<(W::Found, T)>, StoreError>
    where
        W: BatchGet,
        F: Future<Output = Result<T, StoreError>>,
    {
        let tenant = Tenant::new(entering.org());
        let entering = self.load_unproven(entering, now, None, wanted);
        let (entered, data) = tokio::join!(entering, queries(Queries { store: self, tenant }));
        let Unproven { found, items, now, idempotency } = entered?;
        Ok(Unproven { found: (found, data?), items, now, idempotency })
    }
}
