//! The stack's own work: events on their way out, notices, waiting work, and published keys.
//!
//! Nothing here acts for a person, so nothing here takes an access; each call names what it works
//! on and touches nothing else.

use aws_sdk_dynamodb::{
    operation::put_item::PutItemError,
    types::{AttributeValue, ReturnValuesOnConditionCheckFailure},
};
use domain::{Event, EventId, Org, UtcTime, bank::BankAccount, payment::Payment};

use crate::{
    Store,
    error::StoreError,
    item::{self, Entity, Item},
    keys::{self, ContextKeys, Key, Notice},
    listing::{Listing, PageRequest},
};

/// What came of claiming a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// It is the caller's to send.
    Won,
    /// It was sent before.
    Told,
    /// Another sender holds the claim and has not sent yet: it may still fail, so come back.
    Held,
}

/// The most pages of due work that one run takes from a partition.
const MAX_DUE_PAGES: u32 = 10;
/// How long a notice is remembered: longer than any queue keeps a message.
const REMEMBERED_FOR_S: i64 = 30 * 24 * 3600;

impl Store {
    /// Reads the event out of a stream record's new image; `None` when the record is of something
    /// else.
    ///
    /// # Errors
    /// [`StoreError::Unexpected`] for an event that does not read as one.
    pub fn event_of_image(image: serde_dynamo::Item) -> Result<Option<Event>, StoreError> {
        let item: Item = image.into();
        if item::is_a::<Event>(&item) { Ok(Some(item::from_item(item)?)) } else { Ok(None) }
    }

    /// Takes an event off the outbox once it has left. Idempotent.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn leave_outbox(&self, event: &EventId) -> Result<(), StoreError> {
        self.client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(keys::outbox(event).raw.attributes()))
            .send()
            .await
            .map(|_| ())
            .map_err(StoreError::from_sdk)
    }

    /// Events recorded before `before` that were not seen to leave, up to a page from each
    /// partition, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn overdue_events(&self, before: UtcTime) -> Result<Vec<Event>, StoreError> {
        let mut overdue = Vec::new();
        for listing in keys::outbox_entries() {
            let page = self.query(&listing, &PageRequest::largest()).await?;
            for entry in page.items.into_iter().filter(|entry| entry.at < before) {
                overdue.push(keys::event(&entry.org, &entry.event));
            }
        }
        Ok(self.get(overdue).await?.into_iter().flatten().collect())
    }

    /// Claims the telling of one recipient of one event until `lease_until`.
    ///
    /// The condition, clause by clause: nobody has claimed it; or the claim has run out and no
    /// message was sent under it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn claim_notice(
        &self,
        event: &EventId,
        recipient: &str,
        now: UtcTime,
        lease_until: UtcTime,
    ) -> Result<Claim, StoreError> {
        let key = keys::notice(event, recipient);
        let notice = Notice {
            event: event.clone(),
            lease_until,
            message_id: None,
            forget_at_s: now.plus_s(REMEMBERED_FOR_S).unix_s(),
        };
        self.put_notice(
            &key,
            &notice,
            "attribute_not_exists(pk) OR (attribute_not_exists(message_id) AND lease_until <= :given)",
            now,
        )
        .await
    }

    /// Records that the message was sent under the claim that runs until `lease_until`.
    /// [`Claim::Won`] when it was recorded; otherwise the claim had run out and another sender
    /// took over.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn record_notice(
        &self,
        event: &EventId,
        recipient: &str,
        message_id: &str,
        now: UtcTime,
        lease_until: UtcTime,
    ) -> Result<Claim, StoreError> {
        let key = keys::notice(event, recipient);
        let notice = Notice {
            event: event.clone(),
            lease_until,
            message_id: Some(message_id.to_owned()),
            forget_at_s: now.plus_s(REMEMBERED_FOR_S).unix_s(),
        };
        self.put_notice(&key, &notice, "lease_until = :given", lease_until).await
    }

    async fn put_notice(
        &self,
        key: &Key<Notice>,
        notice: &Notice,
        condition: &str,
        given: UtcTime,
    ) -> Result<Claim, StoreError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item::to_item(&key.raw, notice)?))
            .condition_expression(condition)
            .expression_attribute_values(":given", AttributeValue::S(given.to_string()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match put.send().await {
            Ok(_) => Ok(Claim::Won),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                    let told = failed.item().is_some_and(|item| item.contains_key("message_id"));
                    Ok(if told { Claim::Told } else { Claim::Held })
                }
                _ => Err(StoreError::from_sdk(error)),
            },
        }
    }

    /// Bank accounts whose crossing has not been told of, up to a thousand from each partition.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn accounts_below_threshold(&self) -> Result<Vec<BankAccount>, StoreError> {
        self.due(keys::due_balances()).await
    }

    /// Payments started before `before` whose outcome is not known, up to a thousand from each
    /// partition, the oldest.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn unsettled_payments(&self, before: UtcTime) -> Result<Vec<Payment>, StoreError> {
        let mut payments = self.due(keys::due_payments()).await?;
        payments.retain(|payment| payment.started_at < before);
        Ok(payments)
    }

    /// What is due in each shard, up to a thousand entries, the first ones.
    pub(crate) async fn due<T: Entity>(&self, shards: impl Iterator<Item = Listing<T>>) -> Result<Vec<T>, StoreError> {
        let mut found = Vec::new();
        for listing in shards {
            let mut request = PageRequest::largest();
            for _ in 0..MAX_DUE_PAGES {
                let page = self.query(&listing, &request).await?;
                found.extend(page.items);
                let Some(next) = page.next else { break };
                request = PageRequest::largest().starting_at(next);
            }
        }
        Ok(found)
    }

    /// Publishes the public keys that verify context tokens. Only `switch-context` may.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn publish_context_keys(&self, published: &ContextKeys) -> Result<(), StoreError> {
        let key = keys::context_keys();
        self.client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item::to_item(&key.raw, published)?))
            .send()
            .await
            .map(|_| ())
            .map_err(StoreError::from_sdk)
    }

    /// Members of a company who are to be told of something: the first page of them, past ones
    /// included; the caller picks by permission.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn members_to_tell(&self, company: &domain::CompanyId) -> Result<Vec<domain::org::Member>, StoreError> {
        let tenant = crate::Tenant::new(Org::Company(company.clone()));
        self.people_to_tell(&tenant.members()).await
    }

    /// As [`Store::members_to_tell`], of a firm's staff.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn staff_to_tell(&self, firm: &domain::FirmId) -> Result<Vec<domain::org::Staff>, StoreError> {
        let tenant = crate::Tenant::new(Org::Firm(firm.clone()));
        self.people_to_tell(&tenant.all_staff()).await
    }

    async fn people_to_tell<T: Entity>(&self, listing: &Listing<T>) -> Result<Vec<T>, StoreError> {
        let mut people = Vec::new();
        let mut request = PageRequest::largest();
        loop {
            let page = self.query(listing, &request).await?;
            people.extend(page.items);
            match page.next {
                Some(next) if people.len() < MAX_TOLD => {
                    request = PageRequest::new(None, Some(next))
                        .map_err(|error| StoreError::Unexpected(error.to_string()))?;
                }
                Some(_) | None => return Ok(people),
            }
        }
    }
}

/// The most people of one company or firm that are considered for one notification.
const MAX_TOLD: usize = 500;
