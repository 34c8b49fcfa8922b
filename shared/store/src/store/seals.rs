//! The seals over audit logs, and the tenants that wait for one.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Org, seal::Seal};

use super::{Store, put::Put};
use crate::{
    condition::Condition,
    error::StoreError,
    item::to_item,
    keys::{self, Unsealed},
};

impl Store {
    /// Marks tenants that have events to seal: one `PutItem` each.
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

    /// Removes a tenant's mark after its events were sealed. If there are more since, the mark stays: condition
    /// `mark = :seen`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn unmark_unsealed(&self, seen: &Unsealed) -> Result<(), StoreError> {
        let unchanged = Condition::new("mark = :seen").value(":seen", AttributeValue::S(seen.mark.clone()));
        self.put_if(&keys::unsealed(&seen.org), &Unsealed { due: false, ..seen.clone() }, unchanged).await?;
        Ok(())
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
