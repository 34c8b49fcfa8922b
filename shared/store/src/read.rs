//! Reads: the authority's proof and the data in one round trip.

mod batch_get;
mod unproven;

use std::future::Future;

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use domain::{AccessRequirement, Denied, Grants, Org, UserId, UtcTime, access, event::Event, id::EventId};

use crate::{
    Store,
    authority::{Authority, grant_state, judge, relation_key},
    error::StoreError,
    idempotency::Idempotency,
    item::{Entity, Item, ItemsByKey, RawKey, Source, from_item},
    keys::{self, ContextKeys, Tenant},
    listing::{Cursor, Listed, Listing, MAX_PAGE, Page, PageRequest},
    retry::BACKOFF,
};

use batch_get::{FoundItems, RawKeyList};

pub use batch_get::BatchGet;
pub use unproven::Unproven;

/// `BatchGetItem` takes at most this many keys.
const MAX_BATCH: usize = 100;
/// How many queries one page of matching entries may take.
const MAX_MATCHING_QUERIES: u32 = 4;
/// How often keys that DynamoDB left unprocessed are asked for again.
const MAX_BATCH_ROUNDS: u32 = 5;

/// What may be done from a seat, and the next instant from which it is less.
pub(crate) type ActingAsGrants = Result<(Grants, Option<UtcTime>), Denied>;

/// Queries within one tenant, made while its authority is being proven.
#[derive(Debug, Clone)]
pub struct Queries<'s> {
    pub(crate) store: &'s Store,
    pub(crate) tenant: Tenant,
}

impl Queries<'_> {
    /// The tenant the queries are confined to.
    #[must_use]
    pub const fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// Reads one page of a list of this tenant: one `Query`, strongly consistent on the table
    /// itself, eventually consistent on an index.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn page<T: Entity>(
        &self,
        listing: impl FnOnce(&Tenant) -> Listing<T>,
        request: &PageRequest,
    ) -> Result<Page<T>, StoreError> {
        self.store.query(&listing(&self.tenant), request).await
    }

    /// As [`Queries::page`], of those entries only that `keep` keeps.
    ///
    /// At most four `Query`s, the first of the page's size and the others of 100 entries. So a page
    /// may be short, or empty, and still say where to go on.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn page_matching<T: Entity>(
        &self,
        listing: impl FnOnce(&Tenant) -> Listing<T>,
        request: &PageRequest,
        keep: impl Fn(&T) -> bool,
    ) -> Result<Page<T>, StoreError> {
        self.store.query_matching(&listing(&self.tenant), request, keep).await
    }

    /// Reads entities of this tenant by key: one strongly consistent `BatchGetItem`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get<W: BatchGet>(&self, wanted: impl FnOnce(&Tenant) -> W) -> Result<W::Found, StoreError> {
        self.store.get(wanted(&self.tenant)).await
    }
}

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

    /// Reads beside a seat's relationships, for a command whose permission depends on what it is
    /// about: one strongly consistent `BatchGetItem`. What was found is kept back until
    /// [`Unproven::prove`].
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
        let checks = Authority::Person(entering.clone()).checks();
        let mut keys: Vec<RawKeyList> = checks.iter().map(|check| RawKeyList(check.key())).collect();
        keys.extend(idempotency.map(|key| RawKeyList(key.record_key().raw)));
        wanted.keys(&mut keys);
        let mut items = self.batch_get(keys).await?;
        judge(&checks, &items.0, now)?;
        let found = wanted.take(&mut items)?;
        Ok(Unproven { found, items: items.0, now, idempotency: idempotency.cloned() })
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

    /// The public keys that verify context tokens; none before the first token was signed. One
    /// `GetItem`, eventually consistent: also the cheap read that opens the connection.
    ///
    /// # Errors
    /// [`StoreError`] when the table does not answer.
    pub async fn context_keys(&self) -> Result<Option<ContextKeys>, StoreError> {
        let key = keys::context_keys();
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key.raw.attributes()))
            .send()
            .await
            .map_err(StoreError::from_sdk)?;
        Ok(answer.item.map(from_item).transpose()?)
    }

    /// One event, for a consumer that was told only its id. One strongly consistent read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn event_by_id(&self, org: &Org, id: &EventId) -> Result<Option<Event>, StoreError> {
        self.get(keys::event(org, id)).await
    }

    pub(crate) async fn get<W: BatchGet>(&self, wanted: W) -> Result<W::Found, StoreError> {
        let mut keys = Vec::new();
        wanted.keys(&mut keys);
        let mut found = self.batch_get(keys).await?;
        wanted.take(&mut found)
    }

    async fn batch_get(&self, keys: Vec<RawKeyList>) -> Result<FoundItems, StoreError> {
        let mut keys: Vec<RawKey> = keys.into_iter().map(|key| key.0).collect();
        // DynamoDB refuses a batch that names a key twice.
        let mut seen = std::collections::HashSet::new();
        keys.retain(|key| seen.insert(key.clone()));
        let mut found = ItemsByKey::with_capacity(keys.len());
        for batch in keys.chunks(MAX_BATCH) {
            let mut pending: Vec<Item> = batch.iter().map(RawKey::attributes).collect();
            let mut round = 0;
            while !pending.is_empty() {
                if round == MAX_BATCH_ROUNDS {
                    return Err(StoreError::Unavailable("unprocessed keys".to_owned()));
                }
                BACKOFF.wait_after(round).await;
                round += 1;
                let wanted = KeysAndAttributes::builder()
                    .set_keys(Some(pending))
                    .consistent_read(true)
                    .build()
                    .map_err(|error| StoreError::Unexpected(error.to_string()))?;
                let answer = self
                    .client
                    .batch_get_item()
                    .request_items(&self.table, wanted)
                    .send()
                    .await
                    .map_err(StoreError::from_sdk)?;
                for item in answer.responses.unwrap_or_default().remove(&self.table).unwrap_or_default() {
                    if let Some(key) = RawKey::of(&item) {
                        found.insert(key, item);
                    }
                }
                pending = answer
                    .unprocessed_keys
                    .unwrap_or_default()
                    .remove(&self.table)
                    .map(|unprocessed| unprocessed.keys)
                    .unwrap_or_default();
            }
        }
        Ok(FoundItems(found))
    }

    pub(crate) async fn query<T: Entity>(
        &self,
        listing: &Listing<T>,
        request: &PageRequest,
    ) -> Result<Page<T>, StoreError> {
        let start = request.cursor().map(|cursor| cursor.start_key(listing)).transpose()?;
        let (items, last) = self.query_items(listing, request.limit(), start).await?;
        let next = last.as_ref().and_then(|last| Cursor::after(listing, last));
        let items = items.into_iter().map(from_item).collect::<Result<_, _>>()?;
        Ok(Page { items, next })
    }

    pub(crate) async fn query_matching<T: Entity>(
        &self,
        listing: &Listing<T>,
        request: &PageRequest,
        keep: impl Fn(&T) -> bool,
    ) -> Result<Page<T>, StoreError> {
        let Listed { items, next } = self.query_each(listing, request, keep).await?;
        Ok(Page { items: items.into_iter().map(|(entity, _)| entity).collect(), next })
    }

    /// The entries of a list that `keep` keeps, each with where the list goes on after it. At most
    /// [`MAX_MATCHING_QUERIES`] `Query`s, so there may be few and still more to come.
    pub(crate) async fn query_each<T: Entity>(
        &self,
        listing: &Listing<T>,
        request: &PageRequest,
        keep: impl Fn(&T) -> bool,
    ) -> Result<Listed<T>, StoreError> {
        let wanted = usize::from(request.limit());
        let mut kept = Vec::new();
        let mut start = request.cursor().map(|cursor| cursor.start_key(listing)).transpose()?;
        // Where nearly everything is kept, one query of the page's size is enough; where little
        // is, larger ones get further.
        let mut limit = request.limit();
        for _ in 0..MAX_MATCHING_QUERIES {
            let (items, last) = self.query_items(listing, limit, start).await?;
            let mut items = items.into_iter().peekable();
            while let Some(item) = items.next() {
                let here = Cursor::after(listing, &item);
                let entity = from_item(item)?;
                if keep(&entity) {
                    kept.push((entity, here.clone()));
                }
                if kept.len() == wanted {
                    let more = items.peek().is_some() || last.is_some();
                    return Ok(Listed { items: kept, next: here.filter(|_| more) });
                }
            }
            start = last;
            limit = MAX_PAGE;
            if start.is_none() {
                break;
            }
        }
        let next = start.as_ref().and_then(|last| Cursor::after(listing, last));
        Ok(Listed { items: kept, next })
    }

    /// One `Query`: the items, and the key after which there may be more.
    pub(crate) async fn query_items<T>(
        &self,
        listing: &Listing<T>,
        limit: u16,
        start: Option<Item>,
    ) -> Result<(Vec<Item>, Option<Item>), StoreError> {
        let (pk_name, sk_name) = listing.source.key_names();
        let text = |text: &String| AttributeValue::S(text.clone());
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .set_index_name(listing.source.index_name().map(str::to_owned))
            .expression_attribute_names("#pk", pk_name)
            .expression_attribute_values(":pk", text(&listing.pk))
            .scan_index_forward(listing.forward)
            // DynamoDB cannot read a global index consistently.
            .consistent_read(listing.source == Source::Table)
            .limit(i32::from(limit))
            .set_exclusive_start_key(start);
        let query = match &listing.range {
            // DynamoDB takes one condition on the sort key; a range lies within the prefix.
            Some((least, greatest)) => query
                .key_condition_expression("#pk = :pk AND #sk BETWEEN :least AND :greatest")
                .expression_attribute_names("#sk", sk_name)
                .expression_attribute_values(":least", text(least))
                .expression_attribute_values(":greatest", text(greatest)),
            None if listing.prefix.is_empty() => query.key_condition_expression("#pk = :pk"),
            None => query
                .key_condition_expression("#pk = :pk AND begins_with(#sk, :prefix)")
                .expression_attribute_names("#sk", sk_name)
                .expression_attribute_values(":prefix", text(&listing.prefix)),
        };
        let answer = query.send().await.map_err(StoreError::from_sdk)?;
        Ok((answer.items.unwrap_or_default(), answer.last_evaluated_key))
    }
}
