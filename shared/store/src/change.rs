//! Changes: everything one command does, in one `TransactWriteItems`.
//!
//! The authority's checks, the state change, its events, their outbox entries and the idempotency
//! record commit together or not at all. There is no other way to write to a tenant's data.

use std::{collections::HashMap, time::Duration};

use aws_sdk_dynamodb::{
    operation::transact_write_items::TransactWriteItemsError,
    types::{
        AttributeValue, CancellationReason, ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure,
        TransactWriteItem, Update,
    },
};
use domain::{
    Access, Actor, Event, EventId, Fact, Org, UtcTime,
    org::{Firm, Staff, User},
    team::HeadCount,
};

use crate::{
    Store,
    authority::{Authority, Check, denial},
    error::StoreError,
    idempotency::Idempotency,
    item::{Entity, Item, to_item},
    keys::{self, Key, OutboxEntry, RawKey, Tenant},
    read::{attributes, replay},
};

/// How often a transaction that met another one is tried.
const MAX_TRIES: u32 = 6;
/// The first pause before a retry; each further one may be twice as long.
const FIRST_PAUSE_MS: u64 = 25;
/// The longest pause before a retry.
const LONGEST_PAUSE_MS: u64 = 800;

/// Waits before try number `round`, not at all before the first: exponential with full jitter, so
/// that writers that met once do not meet again.
pub(crate) async fn back_off(round: u32) {
    if round > 0 {
        let ceiling = FIRST_PAUSE_MS.saturating_mul(1 << round.min(10)).min(LONGEST_PAUSE_MS);
        tokio::time::sleep(Duration::from_millis(fastrand::u64(0..=ceiling))).await;
    }
}

/// A condition expression with its placeholders.
#[derive(Debug, Clone)]
pub(crate) struct Condition {
    pub(crate) expression: String,
    pub(crate) names: HashMap<String, String>,
    pub(crate) values: HashMap<String, AttributeValue>,
}

impl Condition {
    pub(crate) fn new(expression: &str) -> Self {
        Self { expression: expression.to_owned(), names: HashMap::new(), values: HashMap::new() }
    }

    fn value(mut self, name: &str, value: AttributeValue) -> Self {
        self.values.insert(name.to_owned(), value);
        self
    }

    /// Joins conditions on one item. Placeholders of the same name must mean the same, so those
    /// of all but the first are made distinct.
    fn all(conditions: impl IntoIterator<Item = Self>) -> Option<Self> {
        let mut joined: Option<Self> = None;
        for (n, condition) in conditions.into_iter().enumerate() {
            joined = Some(match joined {
                None => condition,
                Some(mut so_far) => {
                    let other = condition.suffixed(n);
                    so_far.expression = format!("({}) AND ({})", so_far.expression, other.expression);
                    so_far.names.extend(other.names);
                    so_far.values.extend(other.values);
                    so_far
                }
            });
        }
        joined
    }

    fn suffixed(self, n: usize) -> Self {
        let mut expression = self.expression;
        let mut rename = |placeholder: String| {
            let renamed = format!("{placeholder}_{n}");
            expression = replace_placeholder(&expression, &placeholder, &renamed);
            renamed
        };
        let names = self.names.into_iter().map(|(k, v)| (rename(k), v)).collect();
        let values = self.values.into_iter().map(|(k, v)| (rename(k), v)).collect();
        Self { expression, names, values }
    }
}

/// Replaces whole placeholders only: `:p1` is not part of `:p10`.
fn replace_placeholder(expression: &str, from: &str, to: &str) -> String {
    let mut replaced = String::with_capacity(expression.len() + 8);
    let mut rest = expression;
    while let Some(at) = rest.find(from) {
        let (before, after) = rest.split_at(at);
        let after = after.strip_prefix(from).unwrap_or(after);
        let whole = !after.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        replaced.push_str(before);
        replaced.push_str(if whole { to } else { from });
        rest = after;
    }
    replaced.push_str(rest);
    replaced
}

/// Why an item of the transaction is conditional: what a failure means.
#[derive(Debug, Clone)]
enum Purpose {
    Authority(Check),
    Inviter(Check),
    Unchanged { version: u64 },
    Absent,
    OneRemains,
    Idempotency(Idempotency),
}

#[derive(Debug, Clone)]
enum Write {
    Put(Item),
    Add { attribute: &'static str, delta: i8 },
    Delete,
}

#[derive(Debug, Clone)]
struct Operation {
    key: RawKey,
    write: Option<Write>,
    conditions: Vec<(Purpose, Condition)>,
}

/// Who changes something, when, and in answer to which request.
#[derive(Debug, Clone)]
pub struct Stamp {
    /// The time the decision was made for.
    pub at: UtcTime,
    /// Who did it.
    pub actor: Actor,
    /// The request, as the gateway or the runtime names it.
    pub request_id: String,
}

/// One change, being put together.
#[derive(Debug)]
#[must_use = "a change does nothing until it is committed"]
pub struct Change<'s> {
    store: &'s Store,
    tenant: Tenant,
    stamp: Stamp,
    operations: Vec<Operation>,
    failed: Option<StoreError>,
}

impl Store {
    /// Starts a change in the authority's tenant. What must hold for the authority is checked in
    /// the transaction itself: a revocation that commits first refuses the change.
    pub fn change(&self, authority: &Authority, stamp: Stamp) -> Change<'_> {
        let mut change =
            Change { store: self, tenant: Tenant::new(authority.org()), stamp, operations: Vec::new(), failed: None };
        change.require(authority);
        change
    }
}

impl Change<'_> {
    /// The time the decision was made for.
    #[must_use]
    pub const fn at(&self) -> UtcTime {
        self.stamp.at
    }

    /// Adds another authority that must hold too.
    pub fn require(&mut self, authority: &Authority) {
        for check in authority.checks() {
            let condition = check.condition(self.stamp.at);
            self.operation(check.key()).conditions.push((Purpose::Authority(check), condition));
        }
    }

    /// Adds the inviter's right, which fails as [`StoreError::InviterDenied`].
    pub fn require_inviter(&mut self, access: &Access) {
        for check in Authority::Person(access.clone()).checks() {
            let condition = check.condition(self.stamp.at);
            self.operation(check.key()).conditions.push((Purpose::Inviter(check), condition));
        }
    }

    /// Writes an entity: new when `expected` is `None`, else in place of that version.
    pub fn put<T: Entity>(&mut self, key: impl FnOnce(&Tenant) -> Key<T>, expected: Option<u64>, entity: &T) {
        let key = key(&self.tenant);
        self.put_raw(&key.raw, expected, entity);
    }

    /// As [`Change::put`], where the tenant may be of the wrong kind to have such a thing.
    pub fn put_some<T: Entity>(
        &mut self,
        key: impl FnOnce(&Tenant) -> Option<Key<T>>,
        expected: Option<u64>,
        entity: &T,
    ) {
        match key(&self.tenant) {
            Some(key) => self.put_raw(&key.raw, expected, entity),
            None => self.failed = Some(StoreError::NotFound),
        }
    }

    /// Writes an entity in place of whatever is there. For a pointer to the newest of something, which
    /// nothing is decided by without asking what it points to.
    pub fn supersede<T: Entity>(&mut self, key: impl FnOnce(&Tenant) -> Key<T>, entity: &T) {
        let key = key(&self.tenant).raw;
        match to_item(&key, entity) {
            Ok(item) => self.operation(key).write = Some(Write::Put(item)),
            Err(error) => self.failed = Some(error),
        }
    }

    /// Deletes an entity that is at this version.
    pub fn delete<T: Entity>(&mut self, key: impl FnOnce(&Tenant) -> Key<T>, version: u64) {
        let key = key(&self.tenant).raw;
        let operation = self.operation(key);
        operation.write = Some(Write::Delete);
        operation.conditions.push(is_at(version));
    }

    /// Makes a person's profile along with the rest.
    pub fn put_profile(&mut self, user: &User) {
        self.put_raw(&keys::user(&user.id).raw, None, user);
    }

    /// Makes a firm that did not exist, and its first admin, along with the rest.
    pub fn put_new_firm(&mut self, firm: &Firm, admin: &Staff) {
        let tenant = Tenant::new(Org::Firm(firm.id.clone()));
        self.put_raw(&tenant.firm().raw, None, firm);
        self.put_raw(&tenant.staff(&admin.user).raw, None, admin);
    }

    /// Requires that an entity is still at this version, without writing it.
    pub fn unchanged<T: Entity>(&mut self, key: impl FnOnce(&Tenant) -> Key<T>, version: u64) {
        let key = key(&self.tenant).raw;
        self.operation(key).conditions.push(is_at(version));
    }

    /// Requires that an entity is as it was read, though it is not written: at this version, or
    /// still absent.
    pub fn rests_on<T: Entity>(&mut self, key: impl FnOnce(&Tenant) -> Key<T>, version: Option<u64>) {
        let key = key(&self.tenant).raw;
        self.operation(key).conditions.push(version.map_or_else(is_absent, is_at));
    }

    /// As [`Change::unchanged`], where the tenant may be of the wrong kind to have such a thing.
    pub fn unchanged_some<T: Entity>(&mut self, key: impl FnOnce(&Tenant) -> Option<Key<T>>, version: u64) {
        match key(&self.tenant) {
            Some(key) => self.operation(key.raw).conditions.push(is_at(version)),
            None => self.failed = Some(StoreError::NotFound),
        }
    }

    /// Counts a company's owners, one remaining at least.
    pub fn count_owners(&mut self, count: HeadCount) {
        self.count("owner_count", count);
    }

    /// Counts a firm's admins, one remaining at least.
    pub fn count_admins(&mut self, count: HeadCount) {
        self.count("admin_count", count);
    }

    fn count(&mut self, attribute: &'static str, count: HeadCount) {
        let profile = keys::profile(self.tenant.org());
        let (delta, condition) = match count {
            HeadCount::Same => return,
            HeadCount::OneMore => (1, Condition::new("attribute_exists(pk)")),
            HeadCount::OneFewer => {
                (-1, Condition::new(&format!("{attribute} > :one")).value(":one", AttributeValue::N("1".to_owned())))
            }
        };
        let operation = self.operation(profile);
        operation.write = Some(Write::Add { attribute, delta });
        operation.conditions.push((Purpose::OneRemains, condition));
    }

    /// Records what happened: the event, seen by the tenant, and its outbox entry.
    ///
    /// The event's id is drawn here, so that ids within a tenant sort by the time of recording.
    pub fn record(&mut self, fact: Fact) -> EventId {
        let id = EventId::from_uuid(uuid::Uuid::now_v7());
        let event = Event {
            id: id.clone(),
            kind: fact.kind,
            at: self.stamp.at,
            org: fact.org,
            subject: fact.subject,
            actor: self.stamp.actor.clone(),
            data: fact.data,
            request_id: self.stamp.request_id.clone(),
        };
        let entry = OutboxEntry { org: event.org.clone(), event: id.clone(), at: event.at };
        let key = keys::event(&event);
        match to_item(&key, &event) {
            Ok(mut item) => {
                let indexes = keys::event_indexes(&event, fact.firm.as_ref());
                for (name, keys) in [("gsi1", indexes.gsi1), ("gsi2", indexes.gsi2)] {
                    if let Some((pk, sk)) = keys {
                        item.insert(format!("{name}pk"), AttributeValue::S(pk));
                        item.insert(format!("{name}sk"), AttributeValue::S(sk));
                    }
                }
                let operation = self.operation(key);
                operation.write = Some(Write::Put(item));
                operation.conditions.push(is_absent());
            }
            Err(error) => self.failed = Some(error),
        }
        self.put_raw(&keys::outbox(&id), None, &entry);
        id
    }

    /// Keeps the answer under the caller's idempotency key, if there is one. `body` is the JSON
    /// to replay.
    pub fn answer(&mut self, idempotency: Option<&Idempotency>, status: u16, body: String) {
        let Some(idempotency) = idempotency else { return };
        let key = idempotency.raw_key();
        let recorded = idempotency.record(status, body, self.stamp.at);
        let condition = Condition::new("attribute_not_exists(pk) OR expires_at <= :now")
            .value(":now", AttributeValue::S(self.stamp.at.to_string()));
        match to_item(&key, &recorded) {
            Ok(item) => {
                let operation = self.operation(key);
                operation.write = Some(Write::Put(item));
                operation.conditions.push((Purpose::Idempotency(idempotency.clone()), condition));
            }
            Err(error) => self.failed = Some(error),
        }
    }

    /// Commits everything, or nothing.
    ///
    /// A transaction that meets another is retried with full jitter, at most [`MAX_TRIES`] times;
    /// a reply that is lost is asked for again by the SDK under the same request token.
    ///
    /// # Errors
    /// [`StoreError`]: what the first failed condition means, a caller's known idempotency key
    /// first, then the authority, then the rest.
    pub async fn commit(self) -> Result<(), StoreError> {
        if let Some(failed) = self.failed {
            return Err(failed);
        }
        let items =
            self.operations.iter().map(|operation| self.store.write_of(operation)).collect::<Result<Vec<_>, _>>()?;
        for round in 0..MAX_TRIES {
            back_off(round).await;
            let sent = self.store.client.transact_write_items().set_transact_items(Some(items.clone())).send().await;
            let Err(error) = sent else { return Ok(()) };
            let reasons = match error.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                    cancelled.cancellation_reasons().to_vec()
                }
                _ => return Err(StoreError::from_sdk(error)),
            };
            if let Some(meaning) = meaning(&self.operations, &reasons, self.stamp.at) {
                return Err(meaning);
            }
        }
        Err(StoreError::Unavailable("TransactionConflict".to_owned()))
    }

    fn put_raw<T: Entity>(&mut self, key: &RawKey, expected: Option<u64>, entity: &T) {
        match to_item(key, entity) {
            Ok(item) => {
                let operation = self.operation(key.clone());
                operation.write = Some(Write::Put(item));
                operation.conditions.push(expected.map_or_else(is_absent, is_at));
            }
            Err(error) => self.failed = Some(error),
        }
    }

    /// The operation on an item. A transaction may touch each item once, so a check and a write
    /// of the same item become one.
    fn operation(&mut self, key: RawKey) -> &mut Operation {
        let at = self.operations.iter().position(|operation| operation.key == key);
        let at = at.unwrap_or_else(|| {
            self.operations.push(Operation { key, write: None, conditions: Vec::new() });
            self.operations.len() - 1
        });
        #[expect(clippy::indexing_slicing, reason = "the position was found or made just above")]
        &mut self.operations[at]
    }
}

fn is_absent() -> (Purpose, Condition) {
    (Purpose::Absent, Condition::new("attribute_not_exists(pk)"))
}

fn is_at(version: u64) -> (Purpose, Condition) {
    let condition = Condition::new("version = :version").value(":version", AttributeValue::N(version.to_string()));
    (Purpose::Unchanged { version }, condition)
}

impl Store {
    fn write_of(&self, operation: &Operation) -> Result<TransactWriteItem, StoreError> {
        let condition = Condition::all(operation.conditions.iter().map(|(_, condition)| condition.clone()));
        let (expression, mut names, mut values) = match condition {
            Some(c) => (Some(c.expression), c.names, c.values),
            None => (None, HashMap::new(), HashMap::new()),
        };
        let some = |map: HashMap<String, _>| (!map.is_empty()).then_some(map);
        let all_old = ReturnValuesOnConditionCheckFailure::AllOld;
        let built = match operation.write.clone() {
            Some(Write::Put(item)) => Put::builder()
                .table_name(&self.table)
                .set_item(Some(item))
                .set_condition_expression(expression)
                .set_expression_attribute_names((!names.is_empty()).then_some(names))
                .set_expression_attribute_values(some(values))
                .return_values_on_condition_check_failure(all_old)
                .build()
                .map(|put| TransactWriteItem::builder().put(put).build()),
            Some(Write::Add { attribute, delta }) => {
                names.insert("#counted".to_owned(), attribute.to_owned());
                values.insert(":delta".to_owned(), AttributeValue::N(delta.to_string()));
                Update::builder()
                    .table_name(&self.table)
                    .set_key(Some(attributes(&operation.key)))
                    .update_expression("ADD #counted :delta")
                    .set_condition_expression(expression)
                    .set_expression_attribute_names(Some(names))
                    .set_expression_attribute_values(some(values))
                    .return_values_on_condition_check_failure(all_old)
                    .build()
                    .map(|update| TransactWriteItem::builder().update(update).build())
            }
            Some(Write::Delete) => Delete::builder()
                .table_name(&self.table)
                .set_key(Some(attributes(&operation.key)))
                .set_condition_expression(expression)
                .set_expression_attribute_names((!names.is_empty()).then_some(names))
                .set_expression_attribute_values(some(values))
                .return_values_on_condition_check_failure(all_old)
                .build()
                .map(|delete| TransactWriteItem::builder().delete(delete).build()),
            None => ConditionCheck::builder()
                .table_name(&self.table)
                .set_key(Some(attributes(&operation.key)))
                .set_condition_expression(expression)
                .set_expression_attribute_names((!names.is_empty()).then_some(names))
                .set_expression_attribute_values(some(values))
                .return_values_on_condition_check_failure(all_old)
                .build()
                .map(|check| TransactWriteItem::builder().condition_check(check).build()),
        };
        built.map_err(|error| StoreError::Unexpected(error.to_string()))
    }
}

/// What a cancelled transaction means; `None` when it only met another one and may be retried.
fn meaning(operations: &[Operation], reasons: &[CancellationReason], now: UtcTime) -> Option<StoreError> {
    let failed: Vec<(&Operation, &CancellationReason)> =
        operations.iter().zip(reasons).filter(|(_, reason)| !matches!(reason.code(), None | Some("None"))).collect();
    let conditional = |reason: &CancellationReason| reason.code() == Some("ConditionalCheckFailed");
    let mut causes: Vec<(u8, StoreError)> = failed
        .iter()
        .filter(|(_, reason)| conditional(reason))
        .flat_map(|(operation, reason)| {
            let item = reason.item().filter(|item| !item.is_empty());
            operation.conditions.iter().filter_map(move |(purpose, _)| cause(purpose, item, now))
        })
        .collect();
    causes.sort_by_key(|(rank, _)| *rank);
    if let Some((_, first)) = causes.into_iter().next() {
        return Some(first);
    }
    if failed.iter().any(|(_, reason)| conditional(reason)) {
        return Some(StoreError::Conflict);
    }
    let retried = ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"];
    let stuck = failed.iter().find(|(_, reason)| !reason.code().is_some_and(|code| retried.contains(&code)));
    stuck.map(|(_, reason)| {
        let code = reason.code().unwrap_or_default().to_owned();
        tracing::error!(%code, "a transaction was cancelled for a reason that no retry mends");
        StoreError::Unexpected(code)
    })
}

/// What one failed purpose means, judged from the item as the failed condition saw it; `None`
/// when this purpose held. The rank orders causes: the smallest is told.
fn cause(purpose: &Purpose, item: Option<&Item>, now: UtcTime) -> Option<(u8, StoreError)> {
    match purpose {
        Purpose::Idempotency(idempotency) => match replay(idempotency, item.cloned(), now) {
            Err(error) => Some((0, error)),
            Ok(()) => None,
        },
        Purpose::Authority(check) => check.judge(item, now).err().map(|_| (1, denial(check, item, now))),
        Purpose::Inviter(check) => check.judge(item, now).err().map(|_| (2, StoreError::InviterDenied)),
        Purpose::OneRemains => match item {
            Some(_) => Some((3, StoreError::LastOne)),
            None => Some((3, StoreError::NotFound)),
        },
        Purpose::Absent => item.map(|_| (4, StoreError::Conflict)),
        Purpose::Unchanged { version } => {
            let found = item.and_then(|item| item.get("version")).and_then(|v| v.as_n().ok());
            (found != Some(&version.to_string())).then_some((4, StoreError::Conflict))
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{CompanyId, Denied, Permission, access::Seat};

    use super::*;

    #[test]
    fn a_placeholder_is_replaced_only_as_a_whole() {
        assert_eq!(
            replace_placeholder("a = :p1 AND b = :p10 AND c = :p1", ":p1", ":p1_2"),
            "a = :p1_2 AND b = :p10 AND c = :p1_2"
        );
    }

    #[test]
    fn conditions_on_one_item_keep_their_own_values() {
        let value = |n: &str| AttributeValue::N(n.to_owned());
        let joined = Condition::all([
            Condition::new("a = :v").value(":v", value("1")),
            Condition::new("b = :v").value(":v", value("2")),
        ])
        .unwrap();
        assert_eq!(joined.expression, "(a = :v) AND (b = :v_1)");
        assert_eq!(joined.values[":v_1"], value("2"));
    }

    fn reason(code: &str, item: Option<Item>) -> CancellationReason {
        CancellationReason::builder().code(code).set_item(item).build()
    }

    fn operation(purpose: Purpose) -> Operation {
        let key = RawKey { pk: "p".to_owned(), sk: "s".to_owned() };
        Operation { key, write: None, conditions: vec![(purpose, Condition::new("x"))] }
    }

    fn access_check() -> Check {
        let company: CompanyId = "co_00000000000000000000000000000001".parse().unwrap();
        let seat = Seat::Member { company };
        let access = Access::new("u".parse().unwrap(), seat, Permission::TeamView);
        Authority::Person(access).checks().remove(0)
    }

    #[test]
    fn a_denial_is_told_before_a_conflict() {
        let operations = [operation(Purpose::Unchanged { version: 1 }), operation(Purpose::Authority(access_check()))];
        let reasons = [reason("ConditionalCheckFailed", None), reason("ConditionalCheckFailed", None)];
        let told = meaning(&operations, &reasons, UtcTime::EPOCH);
        assert!(matches!(told, Some(StoreError::Denied(Denied::NoRelation))), "{told:?}");
    }

    #[test]
    fn a_transaction_that_only_met_another_is_retried() {
        let operations = [operation(Purpose::Absent), operation(Purpose::Absent)];
        for code in ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"] {
            assert!(meaning(&operations, &[reason("None", None), reason(code, None)], UtcTime::EPOCH).is_none());
        }
        let told = meaning(&operations, &[reason("None", None), reason("ValidationError", None)], UtcTime::EPOCH);
        assert!(matches!(told, Some(StoreError::Unexpected(_))), "{told:?}");
    }
}
