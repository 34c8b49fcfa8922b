//! Reads: the authority's proof and the data in one round trip.

use std::{collections::HashMap, future::Future};

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use domain::{Access, Denied, Grants, Org, UserId, UtcTime, access, event::Event, id::EventId};

use crate::{
    Store,
    authority::{Authority, Check, relation_key, standing},
    error::StoreError,
    idempotency::{Idempotency, Recorded},
    item::{Entity, Item, from_item},
    keys::{self, ContextKeys, Key, RawKey, Tenant},
    listing::{Cursor, Listing, Page, PageRequest, Source},
};

/// `BatchGetItem` takes at most this many keys.
const MAX_BATCH: usize = 100;
/// How often keys that DynamoDB left unprocessed are asked for again.
const MAX_BATCH_ROUNDS: u32 = 5;

/// The items a batch read found, by key.
pub(crate) type Found = HashMap<RawKey, Item>;

/// Keys that can be read together, and what reading them gives: `Option<T>` for a `Key<T>`.
pub trait Wanted {
    /// What reading gives.
    type Found;

    /// Lists the keys.
    #[doc(hidden)]
    fn keys(&self, into: &mut Vec<RawKeyList>);

    /// Takes the entities out of what was found.
    ///
    /// # Errors
    /// [`StoreError::Unexpected`] for an item that is not what its key says.
    #[doc(hidden)]
    fn take(self, found: &mut FoundItems) -> Result<Self::Found, StoreError>;
}

/// A key among others; opaque outside this crate.
#[derive(Debug)]
pub struct RawKeyList(RawKey);

/// What a batch read found; opaque outside this crate.
#[derive(Debug)]
pub struct FoundItems(Found);

impl<T: Entity> Wanted for Key<T> {
    type Found = Option<T>;

    fn keys(&self, into: &mut Vec<RawKeyList>) {
        into.push(RawKeyList(self.raw.clone()));
    }

    fn take(self, found: &mut FoundItems) -> Result<Option<T>, StoreError> {
        // Cloned, not removed: one item may be wanted twice, as access and as data.
        found.0.get(&self.raw).cloned().map(from_item).transpose()
    }
}

impl<W: Wanted> Wanted for Option<W> {
    type Found = Option<W::Found>;

    fn keys(&self, into: &mut Vec<RawKeyList>) {
        if let Some(wanted) = self {
            wanted.keys(into);
        }
    }

    fn take(self, found: &mut FoundItems) -> Result<Self::Found, StoreError> {
        self.map(|wanted| wanted.take(found)).transpose()
    }
}

impl<W: Wanted> Wanted for Vec<W> {
    type Found = Vec<W::Found>;

    fn keys(&self, into: &mut Vec<RawKeyList>) {
        for wanted in self {
            wanted.keys(into);
        }
    }

    fn take(self, found: &mut FoundItems) -> Result<Self::Found, StoreError> {
        self.into_iter().map(|wanted| wanted.take(found)).collect()
    }
}

macro_rules! wanted_tuples {
    ($(($($name:ident),*))*) => {$(
        impl<$($name: Wanted),*> Wanted for ($($name,)*) {
            type Found = ($($name::Found,)*);

            #[allow(non_snake_case, unused_variables)]
            fn keys(&self, into: &mut Vec<RawKeyList>) {
                let ($($name,)*) = self;
                $($name.keys(into);)*
            }

            #[allow(non_snake_case, unused_variables, clippy::unused_unit)]
            fn take(self, found: &mut FoundItems) -> Result<Self::Found, StoreError> {
                let ($($name,)*) = self;
                Ok(($($name.take(found)?,)*))
            }
        }
    )*};
}

wanted_tuples! { () (A) (A, B) (A, B, C) (A, B, C, D) (A, B, C, D, E) }

/// Queries within one tenant, made while its authority is being proven.
#[derive(Debug, Clone)]
pub struct Queries<'s> {
    store: &'s Store,
    tenant: Tenant,
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

    /// Reads entities of this tenant by key: one strongly consistent `BatchGetItem`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get<W: Wanted>(&self, wanted: impl FnOnce(&Tenant) -> W) -> Result<W::Found, StoreError> {
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
    pub async fn load<W: Wanted>(
        &self,
        authority: &Authority,
        now: UtcTime,
        idempotency: Option<&Idempotency>,
        wanted: impl FnOnce(&Tenant) -> W,
    ) -> Result<W::Found, StoreError> {
        let checks = authority.checks();
        let wanted = wanted(&Tenant::new(authority.org()));
        let mut keys: Vec<RawKeyList> = checks.iter().map(|check| RawKeyList(check.key())).collect();
        keys.extend(idempotency.map(|key| RawKeyList(key.raw_key())));
        wanted.keys(&mut keys);
        let mut found = self.batch_get(keys).await?;
        judge(&checks, &found.0, now)?;
        if let Some(idempotency) = idempotency {
            replay(idempotency, found.0.get(&idempotency.raw_key()).cloned(), now)?;
        }
        wanted.take(&mut found)
    }

    /// Runs queries beside the authority's proof and gives what they found only if it holds: two
    /// concurrent requests, the latency of one.
    ///
    /// # Errors
    /// [`StoreError`]; a denial comes first, whatever the queries met with.
    pub async fn beside<'s, T, F>(
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
        self.beside(authority, now, async |queries| queries.page(listing, request).await).await
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
    pub async fn grants_by_seat(
        &self,
        user: &UserId,
        seats: &[access::Seat],
        now: UtcTime,
    ) -> Result<Vec<Result<Grants, Denied>>, StoreError> {
        let relations: Vec<Vec<RawKey>> = seats
            .iter()
            .map(|seat| {
                let entering = Access::to_enter(user.clone(), seat.clone());
                entering.requirements().iter().map(|r| relation_key(&r.relation)).collect()
            })
            .collect();
        let found = self.batch_get(relations.iter().flatten().cloned().map(RawKeyList).collect()).await?;
        Ok(seats
            .iter()
            .zip(relations)
            .map(|(seat, keys)| {
                let standings: Vec<_> = keys.iter().map(|key| found.0.get(key).map(standing)).collect();
                access::effective_grants(user, seat, &standings, now)
            })
            .collect())
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
            .set_key(Some(attributes(&key.raw)))
            .send()
            .await
            .map_err(StoreError::from_sdk)?;
        answer.item.map(from_item).transpose()
    }

    /// One event, for a consumer that was told only its id. One strongly consistent read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn event_by_id(&self, org: &Org, id: &EventId) -> Result<Option<Event>, StoreError> {
        self.get(keys::event_by_id(org, id)).await
    }

    pub(crate) async fn get<W: Wanted>(&self, wanted: W) -> Result<W::Found, StoreError> {
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
        let mut found = Found::with_capacity(keys.len());
        for batch in keys.chunks(MAX_BATCH) {
            let mut pending: Vec<Item> = batch.iter().map(attributes).collect();
            let mut round = 0;
            while !pending.is_empty() {
                if round == MAX_BATCH_ROUNDS {
                    return Err(StoreError::Unavailable("unprocessed keys".to_owned()));
                }
                crate::change::back_off(round).await;
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
                    if let Some(key) = raw_key(&item) {
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
        let (pk_name, sk_name) = listing.key_names();
        let limit = request.limit();
        let start = request.cursor().map(|cursor| cursor.start_key(listing)).transpose()?;
        let condition = if listing.prefix.is_empty() {
            "#pk = :pk".to_owned()
        } else {
            "#pk = :pk AND begins_with(#sk, :prefix)".to_owned()
        };
        let mut query = self
            .client
            .query()
            .table_name(&self.table)
            .set_index_name(listing.index_name().map(str::to_owned))
            .key_condition_expression(condition)
            .expression_attribute_names("#pk", pk_name)
            .expression_attribute_values(":pk", AttributeValue::S(listing.pk.clone()))
            .scan_index_forward(listing.forward)
            // DynamoDB cannot read a global index consistently.
            .consistent_read(listing.source == Source::Table)
            .limit(i32::from(limit))
            .set_exclusive_start_key(start);
        if !listing.prefix.is_empty() {
            query = query
                .expression_attribute_names("#sk", sk_name)
                .expression_attribute_values(":prefix", AttributeValue::S(listing.prefix.clone()));
        }
        let answer = query.send().await.map_err(StoreError::from_sdk)?;
        let next = answer.last_evaluated_key.as_ref().and_then(|last| Cursor::after(listing, last));
        let items = answer.items.unwrap_or_default().into_iter().map(from_item).collect::<Result<_, _>>()?;
        Ok(Page { items, next })
    }
}

fn judge(checks: &[Check], found: &Found, now: UtcTime) -> Result<(), StoreError> {
    checks.iter().try_for_each(|check| check.judge(found.get(&check.key()), now))
}

/// Ends a request that was answered before.
pub(crate) fn replay(idempotency: &Idempotency, item: Option<Item>, now: UtcTime) -> Result<(), StoreError> {
    let Some(item) = item else { return Ok(()) };
    let recorded: Recorded = from_item(item)?;
    if recorded.expires_at <= now {
        Ok(())
    } else if recorded.fingerprint == idempotency.fingerprint {
        Err(StoreError::Answered(Box::new(recorded)))
    } else {
        Err(StoreError::KeyReused)
    }
}

pub(crate) fn attributes(key: &RawKey) -> Item {
    HashMap::from([
        ("pk".to_owned(), AttributeValue::S(key.pk.clone())),
        ("sk".to_owned(), AttributeValue::S(key.sk.clone())),
    ])
}

pub(crate) fn raw_key(item: &Item) -> Option<RawKey> {
    let text = |name: &str| item.get(name).and_then(|v| v.as_s().ok()).cloned();
    Some(RawKey { pk: text("pk")?, sk: text("sk")? })
}
