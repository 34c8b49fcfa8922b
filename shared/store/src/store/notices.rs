//! Claims on notifications, so that two senders do not notify one person twice.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{EventId, UtcTime};

use super::{Store, put::Put};
use crate::{
    condition::Condition,
    error::StoreError,
    keys::{self, Notice},
};

/// Who may send a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// The caller sends it.
    Won,
    /// It was sent before.
    Told,
    /// Another sender holds the claim and has not sent yet: it may still fail, so try again later.
    Held,
}

impl Store {
    /// Claims the notification of one recipient about one event until `lease_until`.
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
        let free = "attribute_not_exists(pk) OR (attribute_not_exists(message_id) AND lease_until <= :now)";
        let free = Condition::new(free).value(":now", AttributeValue::S(now.to_string()));
        self.put_notice(recipient, Notice::new(event, lease_until, None, now), free).await
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
        let held = Condition::new("lease_until = :given").value(":given", AttributeValue::S(lease_until.to_string()));
        self.put_notice(recipient, Notice::new(event, lease_until, Some(message_id), now), held).await
    }

    async fn put_notice(&self, recipient: &str, notice: Notice, condition: Condition) -> Result<Claim, StoreError> {
        let key = keys::notice(&notice.event, recipient);
        Ok(match self.put_if(&key, &notice, condition).await? {
            Put::Written => Claim::Won,
            Put::Refused(Some(found)) if found.contains_key("message_id") => Claim::Told,
            Put::Refused(_) => Claim::Held,
        })
    }
}
