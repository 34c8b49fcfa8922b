//! The sealing of trails: digests over stored events, the chain, and which tenants wait for it.

use aws_sdk_dynamodb::{operation::put_item::PutItemError, types::AttributeValue};
use domain::{
    EventId, Org, UtcTime,
    seal::{Digest, Seal, SealedEvent, Since},
};

use crate::{
    Store,
    error::StoreError,
    item::{Item, RawKey, from_item, to_item},
    keys::{self, Unsealed},
    listing::Listing,
    read::Queries,
};

/// What a digest covers, as it is written; another way of writing has another number.
const LAYOUT: &[u8] = b"countersign/event-item/1\n";
/// The most events that one look reads.
const MAX_LOOKED_AT: usize = 1000;

/// A seal as it stands in the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedSeal {
    /// The number that its key says.
    pub place: u64,
    /// The seal; `None` where the item does not read as one.
    pub seal: Option<Seal>,
}

/// What a look at a trail found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventScan {
    /// The events, in the order of their ids.
    pub events: Vec<SealedEvent>,
    /// Whether there are more than were looked at.
    pub more: bool,
}

impl Queries<'_> {
    /// Reads up to `limit` (1–100) of the tenant's seals from a number on, in the order of the chain: one
    /// strongly consistent `Query`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn seals(&self, from: u64, limit: u16) -> Result<Vec<PlacedSeal>, StoreError> {
        let (items, _) = self.store.query_items(&self.tenant.seals(from), limit, None).await?;
        Ok(items.into_iter().filter_map(placed).collect())
    }

    /// Reads the tenant's newest seal: one strongly consistent `Query`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn newest_seal(&self) -> Result<Option<PlacedSeal>, StoreError> {
        let (items, _) = self.store.query_items(&self.tenant.newest_seals(), 1, None).await?;
        Ok(items.into_iter().next().and_then(placed))
    }

    /// Digests the tenant's events since somewhere, up to and including `to`: strongly consistent
    /// `Query`s of up to 100 events, ten at most.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn events_between(&self, since: &Since, to: &EventId) -> Result<EventScan, StoreError> {
        self.store.look(&self.tenant.events_between(since, to), MAX_LOOKED_AT).await
    }

    /// Digests up to `most` of the tenant's events since somewhere whose ids were drawn before a time:
    /// strongly consistent `Query`s of up to 100 events, ten at most.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn events_drawn(&self, since: &Since, before: UtcTime, most: usize) -> Result<EventScan, StoreError> {
        self.store.look(&self.tenant.events_drawn(since, before), most).await
    }
}

impl Store {
    async fn look<T>(&self, listing: &Listing<T>, most: usize) -> Result<EventScan, StoreError> {
        let mut events = Vec::new();
        let mut start = None;
        let most = most.min(MAX_LOOKED_AT);
        loop {
            let left = most.saturating_sub(events.len());
            if left == 0 {
                return Ok(EventScan { events, more: true });
            }
            let limit = u16::try_from(left.min(100)).unwrap_or(100);
            let (items, last) = self.query_items(listing, limit, start).await?;
            for item in items {
                events.push(fixed(&item)?);
            }
            if last.is_none() {
                return Ok(EventScan { events, more: false });
            }
            start = last;
        }
    }

    /// Notes that tenants have something to seal: one `PutItem` each.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn mark_unsealed(&self, orgs: impl IntoIterator<Item = Org>) -> Result<(), StoreError> {
        for org in orgs {
            let key = keys::unsealed(&org);
            let mark = uuid::Uuid::now_v7().simple().to_string();
            let item = to_item(&key.raw, &Unsealed { org, mark, due: true })?;
            let put = self.client.put_item().table_name(&self.table).set_item(Some(item));
            put.send().await.map_err(StoreError::from_sdk)?;
        }
        Ok(())
    }

    /// Notes that all there was when the mark was read has been sealed. Where there is more since, the
    /// mark stays: condition `mark = :seen`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn unmark_unsealed(&self, seen: &Unsealed) -> Result<(), StoreError> {
        let key = keys::unsealed(&seen.org);
        let item = to_item(&key.raw, &Unsealed { due: false, ..seen.clone() })?;
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression("mark = :seen")
            .expression_attribute_values(":seen", AttributeValue::S(seen.mark.clone()));
        match put.send().await {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(_)) => Ok(()),
                _ => Err(StoreError::from_sdk(error)),
            },
        }
    }

    /// The tenants that have something to seal, up to a thousand from each shard.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn unsealed_tenants(&self) -> Result<Vec<Unsealed>, StoreError> {
        self.due(keys::unsealed_tenants()).await
    }

    /// Adds a seal to its chain: one `PutItem` on condition that its place is free. `false` where
    /// another run was first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn append_seal(&self, seal: &Seal) -> Result<bool, StoreError> {
        let item = to_item(&keys::seal(seal).raw, seal)?;
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk)");
        match put.send().await {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(_)) => Ok(false),
                _ => Err(StoreError::from_sdk(error)),
            },
        }
    }
}

fn placed(item: Item) -> Option<PlacedSeal> {
    let place = keys::place_of(&RawKey::of(&item)?.sk)?;
    Some(PlacedSeal { place, seal: from_item(item).ok() })
}

/// An event as a seal fixes it: by everything that is stored of it, its keys included.
fn fixed(item: &Item) -> Result<SealedEvent, StoreError> {
    let id = RawKey::of(item).and_then(|key| keys::event_id(&key.sk));
    let id = id.ok_or_else(|| StoreError::Unexpected("an event's key names no event".to_owned()))?;
    Ok(SealedEvent { id, digest: digest(item) })
}

/// Digests an item. The item is digested as it is stored, not as today's code reads it: a field that is
/// added to the type of events one day must not make every old event look altered.
fn digest(item: &Item) -> Digest {
    let mut text = LAYOUT.to_vec();
    write_map(item, &mut text);
    Digest::of(&text)
}

/// Writes a value so that no two different values are written the same: what it is, how long, and then
/// itself. Maps and sets go by the order of their names and members.
fn write(value: &AttributeValue, text: &mut Vec<u8>) {
    match value {
        AttributeValue::S(s) => write_bytes(b's', s.as_bytes(), text),
        AttributeValue::N(n) => write_bytes(b'n', n.as_bytes(), text),
        AttributeValue::Bool(b) => text.push(if *b { b't' } else { b'f' }),
        AttributeValue::Null(_) => text.push(b'0'),
        AttributeValue::B(b) => write_bytes(b'b', b.as_ref(), text),
        AttributeValue::L(list) => {
            write_count(b'l', list.len(), text);
            list.iter().for_each(|value| write(value, text));
        }
        AttributeValue::M(map) => write_map(map, text),
        AttributeValue::Ss(set) | AttributeValue::Ns(set) => {
            let mut members: Vec<&String> = set.iter().collect();
            members.sort_unstable();
            write_count(b'u', members.len(), text);
            members.into_iter().for_each(|member| write_bytes(b's', member.as_bytes(), text));
        }
        // Nothing of ours writes any other kind.
        _ => text.push(b'?'),
    }
}

fn write_map(map: &Item, text: &mut Vec<u8>) {
    let mut names: Vec<&String> = map.keys().collect();
    names.sort_unstable();
    write_count(b'm', names.len(), text);
    for name in names {
        write_bytes(b's', name.as_bytes(), text);
        if let Some(value) = map.get(name) {
            write(value, text);
        }
    }
}

fn write_bytes(kind: u8, bytes: &[u8], text: &mut Vec<u8>) {
    write_count(kind, bytes.len(), text);
    text.extend_from_slice(bytes);
}

fn write_count(kind: u8, count: usize, text: &mut Vec<u8>) {
    text.push(kind);
    text.extend_from_slice(count.to_string().as_bytes());
    text.push(b':');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn s(text: &str) -> AttributeValue {
        AttributeValue::S(text.to_owned())
    }

    fn item(pairs: &[(&str, AttributeValue)]) -> Item {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
    }

    #[test]
    fn a_digest_is_the_same_whatever_the_order_and_another_for_any_other_item() {
        let data = AttributeValue::M(item(&[("b", AttributeValue::N("1".to_owned())), ("a", s("x"))]));
        let one = item(&[("pk", s("p")), ("data", data.clone()), ("list", AttributeValue::L(vec![s("1"), s("2")]))]);
        let mut pairs: Vec<_> = one.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
        pairs.sort_by(|one, other| other.0.cmp(one.0));
        assert_eq!(digest(&one), digest(&item(&pairs)));
        let sets =
            |members: &[&str]| item(&[("set", AttributeValue::Ss(members.iter().map(|m| (*m).to_owned()).collect()))]);
        assert_eq!(digest(&sets(&["a", "b"])), digest(&sets(&["b", "a"])));
        let others = [
            item(&[]),
            item(&[("pk", s("p"))]),
            item(&[("pk", s("p")), ("data", data.clone()), ("list", AttributeValue::L(vec![s("2"), s("1")]))]),
            item(&[("pk", s("p")), ("data", data.clone()), ("list", AttributeValue::L(vec![s("12")]))]),
            item(&[("pk", s("p")), ("data", data), ("more", s("")), ("list", AttributeValue::L(vec![s("1"), s("2")]))]),
            item(&[("pk", AttributeValue::N("1".to_owned()))]),
            item(&[("pk", s("1"))]),
            item(&[("pk", AttributeValue::Null(true))]),
            item(&[("pk", AttributeValue::Bool(true))]),
            item(&[("pk", AttributeValue::Bool(false))]),
        ];
        let mut digests: Vec<Digest> = others.iter().map(digest).chain([digest(&one)]).collect();
        digests.sort_unstable();
        digests.dedup();
        assert_eq!(digests.len(), others.len() + 1);
    }

    #[test]
    fn what_is_no_seal_is_told_by_its_place() {
        let broken = item(&[("pk", s("p")), ("sk", s("SEAL#00000000000000000007")), ("entity", s("seal"))]);
        assert_eq!(placed(broken), Some(PlacedSeal { place: 7, seal: None }));
    }
}
