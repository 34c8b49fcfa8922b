//! The seals over audit logs, and the tenants that wait for one.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Org, UtcTime, seal::Seal};

use super::{Store, put::Put};
use crate::{
    condition::Condition,
    error::StoreError,
    item::{from_item, to_item},
    keys::{self, Unsealed},
};

impl Store {
    /// Notes that tenants have something to seal: one `PutItem` each, two for one that waits already. A new mark keeps the
    /// time since which the tenant waits.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn mark_unsealed(&self, orgs: impl IntoIterator<Item = Org>, now: UtcTime) -> Result<(), StoreError> {
        for org in orgs {
            let key = keys::unsealed(&org);
            let mark = uuid::Uuid::now_v7().simple().to_string();
            let unsealed = Unsealed { org, mark, due: true, since: now };
            let idle =
                Condition::new("attribute_not_exists(pk) OR due = :no").value(":no", AttributeValue::Bool(false));
            if let Put::Refused(found) = self.put_if(&key, &unsealed, idle).await? {
                let waiting: Option<Unsealed> = found.and_then(|item| from_item(item).ok());
                let since = waiting.map_or(now, |waiting| waiting.since);
                // Whatever a run does to the mark meanwhile: one mark too many is harmless.
                let item = to_item(&key.raw, &Unsealed { since, ..unsealed })?;
                let put = self.client.put_item().table_name(&self.table).set_item(Some(item));
                put.send().await.map_err(StoreError::from_sdk)?;
            }
        }
        Ok(())
    }

    /// Notes that all there was when the mark was read has been sealed. Where there is more since, the
    /// mark stays: condition `mark = :seen`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn unmark_unsealed(&self, seen: &Unsealed) -> Result<(), StoreError> {
        self.replace_unsealed(seen, &Unsealed { due: false, ..seen.clone() }).await
    }

    /// Puts a tenant that was tried at the end of those that wait. Where there is more since the mark was read, it keeps its
    /// place: condition `mark = :seen`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn postpone_unsealed(&self, seen: &Unsealed, now: UtcTime) -> Result<(), StoreError> {
        self.replace_unsealed(seen, &Unsealed { since: now, ..seen.clone() }).await
    }

    async fn replace_unsealed(&self, seen: &Unsealed, by: &Unsealed) -> Result<(), StoreError> {
        let unchanged = Condition::new("mark = :seen").value(":seen", AttributeValue::S(seen.mark.clone()));
        self.put_if(&keys::unsealed(&seen.org), by, unchanged).await.map(|_| ())
    }

    /// Adds a seal to its chain: one `PutItem` on condition that its place is free. `false` where
    /// another run was first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn append_seal(&self, seal: &Seal) -> Result<bool, StoreError> {
        Ok(matches!(self.put_if(&keys::seal(seal), seal, Condition::absent()).await?, Put::Written))
    }
}
