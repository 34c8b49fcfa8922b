//! Changes: everything one command does, in one `TransactWriteItems`.
//!
//! The authority's checks, the state change, its events, their outbox entries and the idempotency
//! record commit together or not at all. There is no other way to write to a tenant's data.

mod cancellation;
mod contacts;
mod documents;
mod operation;
mod sales;

use aws_sdk_dynamodb::{operation::transact_write_items::TransactWriteItemsError, types::AttributeValue};
use domain::{
    AccessRequirement, ActingAs, Actor, EventId, NewEvent, Org, RelationRequirement, UtcTime,
    context_list::Visit,
    invitation_record::InvitationRecord,
    org::{Company, Firm, Staff, User},
    team::CountDelta,
};

use crate::{
    authority::{Authority, Check},
    condition::Condition,
    error::StoreError,
    idempotency::{FirstUse, Idempotency},
    item::{Entity, RawKey, to_item, to_item_in},
    keys::{self, Key, OutboxEntry, Tenant},
    limits::Tally,
    retry::BACKOFF,
    store::Store,
};

use cancellation::{Cancelled, meaning};
use operation::{Operation, Purpose, Update, Write, is_absent, is_as_read, is_at};

/// How often a transaction that met another one is tried.
const MAX_TRIES: u32 = 6;
/// Who changes something, when, and in answer to which request.
#[derive(Debug, Clone)]
pub struct ChangeContext {
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
    change_context: ChangeContext,
    operations: Vec<Operation>,
    failed: Option<StoreError>,
}

impl<'s> Change<'s> {
    /// Starts a change in the authority's tenant; see [`Store::change`].
    pub(crate) fn new(store: &'s Store, authority: &Authority, change_context: ChangeContext) -> Self {
        let tenant = Tenant::new(authority.org());
        let mut change = Self { store, tenant, change_context, operations: Vec::new(), failed: None };
        change.require(authority);
        change
    }
}

impl Change<'_> {
    /// The time the decision was made for.
    #[must_use]
    pub const fn at(&self) -> UtcTime {
        self.change_context.at
    }

    /// Adds another authority that must hold too.
    pub fn require(&mut self, authority: &Authority) {
        for check in authority.checks() {
            let condition = check.condition(self.change_context.at);
            self.operation(check.key()).conditions.push((Purpose::Authority(check), condition));
        }
    }

    /// Adds the inviter's right, which fails as [`StoreError::InviterDenied`].
    pub fn require_inviter(&mut self, access: &AccessRequirement) {
        for check in Authority::Person(access.clone()).checks() {
            let condition = check.condition(self.change_context.at);
            self.operation(check.key()).conditions.push((Purpose::Inviter(check), condition));
        }
    }

    /// Adds a relationship by which the caller is somebody to whom the thing is addressed. Where it does not hold, the
    /// thing does not exist for them: [`StoreError::NotFound`].
    pub fn require_addressee(&mut self, requirement: RelationRequirement) {
        let check = Check::Relation(requirement);
        let condition = check.condition(self.change_context.at);
        self.operation(check.key()).conditions.push((Purpose::Addressee(check), condition));
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

    /// Writes an entity in place of whatever is there. For a pointer to the newest of something: its target is
    /// always read before a decision.
    pub fn put_unconditional<T: Entity>(&mut self, key: impl FnOnce(&Tenant) -> Key<T>, entity: &T) {
        let key = key(&self.tenant).raw;
        match to_item(&key, entity) {
            Ok(item) => self.operation(key).write = Some(Write::Put(item)),
            Err(error) => self.failed = Some(error.into()),
        }
    }

    /// Deletes an entity that is at this version.
    pub fn delete<T: Entity>(&mut self, key: impl FnOnce(&Tenant) -> Key<T>, version: u64) {
        let key = key(&self.tenant);
        self.delete_raw(key.raw, version);
    }

    /// As [`Change::delete`], where the tenant may be of the wrong kind to have such a thing.
    pub fn delete_some<T: Entity>(&mut self, key: impl FnOnce(&Tenant) -> Option<Key<T>>, version: u64) {
        match key(&self.tenant) {
            Some(key) => self.delete_raw(key.raw, version),
            None => self.failed = Some(StoreError::NotFound),
        }
    }

    fn delete_raw(&mut self, key: RawKey, version: u64) {
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

    /// Records when a person was here, for their context list. The latest visit overwrites any other: no decision
    /// depends on it.
    pub fn put_visit(&mut self, acting_as: &ActingAs, visit: &Visit) {
        let key = keys::visit_of_seat(&visit.user, acting_as).raw;
        match to_item(&key, visit) {
            Ok(item) => self.operation(key).write = Some(Write::Put(item)),
            Err(error) => self.failed = Some(error.into()),
        }
    }

    /// Requires that an entity is still at this version, without writing it.
    pub fn unchanged<T: Entity>(&mut self, key: impl FnOnce(&Tenant) -> Key<T>, version: u64) {
        let key = key(&self.tenant).raw;
        self.operation(key).conditions.push(is_at(version));
    }

    /// Requires that an entity is as it was read, though it is not written: at this version, or
    /// still absent.
    pub fn require_version<T: Entity>(&mut self, key: impl FnOnce(&Tenant) -> Key<T>, version: Option<u64>) {
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
    pub fn count_owners(&mut self, count: CountDelta) {
        self.apply_count_delta("owner_count", count);
    }

    /// Counts a firm's admins, one remaining at least.
    pub fn count_admins(&mut self, count: CountDelta) {
        self.apply_count_delta("admin_count", count);
    }

    fn apply_count_delta(&mut self, attribute: &'static str, count: CountDelta) {
        let profile = keys::profile(self.tenant.org());
        let (delta, condition) = match count {
            CountDelta::Same => return,
            CountDelta::OneMore => (1, Condition::new("attribute_exists(pk)")),
            CountDelta::OneFewer => {
                (-1, Condition::new(&format!("{attribute} > :one")).value(":one", AttributeValue::N("1".to_owned())))
            }
        };
        self.update(profile.clone(), |update| update.count = Some((attribute, delta)));
        self.operation(profile).conditions.push((Purpose::OneRemains, condition));
    }

    /// Counts an accepted invitation in the record of the organisation that sent it, which may be another than the
    /// change's own. The first one makes the record.
    pub fn count_accepted_invitation(&mut self, inviting: &Org) {
        let key = Tenant::new(inviting.clone()).invitation_record().raw;
        self.update(key, |update| {
            update.count = Some(("accepted", 1));
            update.makes = Some((InvitationRecord::ENTITY, InvitationRecord::VERSION));
        });
    }

    /// Changes a company's name and time zone where they differ, if they are as they were read. The rest of the
    /// company's item stays as it is.
    pub fn update_company(&mut self, before: &Company, after: &Company) {
        let texts = |company: &Company| {
            [("name", Some(company.name.to_string())), ("time_zone", Some(company.time_zone.clone().into()))]
        };
        self.update_texts(texts(before), texts(after));
    }

    /// As [`Change::update_company`]: a firm's name and main address.
    pub fn update_firm(&mut self, before: &Firm, after: &Firm) {
        let texts = |firm: &Firm| {
            let holder = firm.email_holder.as_ref().map(ToString::to_string);
            [
                ("name", Some(firm.name.to_string())),
                ("email", firm.email.clone().map(String::from)),
                ("email_holder", holder),
            ]
        };
        self.update_texts(texts(before), texts(after));
    }

    fn update_texts<const N: usize>(
        &mut self,
        before: [(&'static str, Option<String>); N],
        after: [(&'static str, Option<String>); N],
    ) {
        let profile = keys::profile(self.tenant.org());
        for ((attribute, was), (_, is)) in before.into_iter().zip(after).filter(|(was, is)| was != is) {
            self.update(profile.clone(), |update| update.texts.push((attribute, is)));
            self.operation(profile.clone()).conditions.push(is_as_read(attribute, was));
        }
    }

    /// Updates an item, which several parts of a change may do.
    fn update(&mut self, key: RawKey, change: impl FnOnce(&mut Update)) {
        let operation = self.operation(key);
        let mut update = match operation.write.take() {
            Some(Write::Update(update)) => update,
            Some(_) | None => Update::default(),
        };
        change(&mut update);
        operation.write = Some(Write::Update(update));
    }

    /// Counts towards a limit along with the rest: a change that is refused counts nothing, and one
    /// that would exceed the limit fails as [`StoreError::Limited`].
    pub fn count(&mut self, tally: &Tally) {
        let operation = self.operation(tally.key().clone());
        // Of one change, several things may count towards the same limit.
        let tally = match &operation.write {
            Some(Write::Count(so_far)) => so_far.and(tally),
            Some(_) | None => tally.clone(),
        };
        operation.conditions = vec![(Purpose::Limit(tally.clone()), tally.condition())];
        operation.write = Some(Write::Count(tally));
    }

    /// Records an event of the tenant, and its outbox entry.
    ///
    /// The event's id is drawn here, so that ids within a tenant sort by the time of recording.
    pub fn record(&mut self, new_event: NewEvent) -> EventId {
        let id = EventId::from_uuid(uuid::Uuid::now_v7());
        let firm = new_event.firm.clone();
        let event = new_event.recorded(
            id.clone(),
            self.change_context.at,
            self.change_context.actor.clone(),
            self.change_context.request_id.clone(),
        );
        let key = keys::event(&event.org, &id).raw;
        match to_item_in(&key, &event, keys::event_indexes(&event, firm.as_ref())) {
            Ok(item) => {
                let operation = self.operation(key);
                operation.write = Some(Write::Put(item));
                operation.conditions.push(is_absent());
            }
            Err(error) => self.failed = Some(error.into()),
        }
        self.put_raw(&keys::outbox(&id).raw, None, &OutboxEntry::of(&event));
        id
    }

    /// Commits everything, or nothing.
    ///
    /// A transaction that meets another is retried with full jitter, at most [`MAX_TRIES`] times; after a lost
    /// reply, the SDK repeats the request under the same request token.
    ///
    /// # Errors
    /// [`StoreError`]: what the first failed condition means, the authority's first, then the rest.
    pub async fn commit(self) -> Result<(), StoreError> {
        // Without a record of an answer, no condition fails as a replay.
        match self.commit_once(None, 0, String::new()).await? {
            Ok(()) => Ok(()),
            Err(_) => Err(StoreError::Unexpected("a replay of no request".to_owned())),
        }
    }

    /// As [`Change::commit`], and keeps the answer under the caller's idempotency key, if there is one.
    /// `body` is the JSON to replay. A request that was answered in the meantime changes nothing and gets
    /// its [`crate::Replay`], if the authority still holds.
    ///
    /// # Errors
    /// As [`Change::commit`].
    pub async fn commit_once(
        mut self,
        idempotency: Option<&Idempotency>,
        status: u16,
        body: String,
    ) -> Result<FirstUse<()>, StoreError> {
        if let Some(idempotency) = idempotency {
            self.put_record(idempotency, status, body);
        }
        if let Some(failed) = self.failed {
            return Err(failed);
        }
        let items = self
            .operations
            .iter()
            .map(|operation| operation.write_item(&self.store.table))
            .collect::<Result<Vec<_>, _>>()?;
        for round in 0..MAX_TRIES {
            BACKOFF.wait_after(round).await;
            let sent = self.store.client.transact_write_items().set_transact_items(Some(items.clone())).send().await;
            let Err(error) = sent else { return Ok(Ok(())) };
            let reasons = match error.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                    cancelled.cancellation_reasons().to_vec()
                }
                _ => return Err(StoreError::from_sdk(error)),
            };
            match meaning(&self.operations, &reasons, self.change_context.at) {
                Some(Cancelled::Replay(replay)) => return Ok(Err(replay)),
                Some(Cancelled::Error(error)) => return Err(error),
                None => {}
            }
        }
        Err(StoreError::Unavailable("TransactionConflict".to_owned()))
    }

    fn put_record(&mut self, idempotency: &Idempotency, status: u16, body: String) {
        let key = idempotency.record_key().raw;
        let recorded = idempotency.record(status, body, self.change_context.at);
        let condition = Condition::new("attribute_not_exists(pk) OR expires_at <= :now")
            .value(":now", AttributeValue::S(self.change_context.at.to_string()));
        match to_item(&key, &recorded) {
            Ok(item) => {
                let operation = self.operation(key);
                operation.write = Some(Write::Put(item));
                operation.conditions.push((Purpose::Idempotency(idempotency.clone()), condition));
            }
            Err(error) => self.failed = Some(error.into()),
        }
    }

    fn put_raw<T: Entity>(&mut self, key: &RawKey, expected: Option<u64>, entity: &T) {
        match to_item(key, entity) {
            Ok(item) => {
                let operation = self.operation(key.clone());
                operation.write = Some(Write::Put(item));
                operation.conditions.push(expected.map_or_else(is_absent, is_at));
            }
            Err(error) => self.failed = Some(error.into()),
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
