//! The stack's own work on letters: what became of them, whom to remind, and who is not written to
//! any more.

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use domain::{
    Email, InvitationId, UtcTime,
    delivery::{Delivery, Suppression},
    invitation::Invitation,
};

use crate::{Store, error::StoreError, item::to_item, keys};

impl Store {
    /// An invitation and what became of its letter, for the stack itself. One strongly consistent
    /// `BatchGetItem`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn invitation_and_delivery(
        &self,
        id: &InvitationId,
    ) -> Result<(Option<Invitation>, Option<Delivery>), StoreError> {
        self.get((keys::invitation(id), keys::delivery(id))).await
    }

    /// Pending reminders of letters whose link ceases to work within a time, with their invitations:
    /// up to a thousand from each partition, those that expire first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn unreminded(&self, from: UtcTime, until: UtcTime) -> Result<Vec<(Invitation, Delivery)>, StoreError> {
        let found = self.due(keys::unreminded(from, until)).await?;
        let invitations: Vec<_> = found.iter().map(|due| keys::invitation(&due.invitation)).collect();
        let invitations = self.get(invitations).await?;
        Ok(invitations.into_iter().zip(found).filter_map(|(invitation, due)| Some((invitation?, due))).collect())
    }

    /// Which of these addresses are not written to any more, in their order. Strongly consistent
    /// `BatchGetItem`s of up to 100 keys, one after the other; none for no addresses.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn suppressions(&self, addresses: &[&Email]) -> Result<Vec<Option<Suppression>>, StoreError> {
        self.get(addresses.iter().map(|address| keys::suppression(address)).collect::<Vec<_>>()).await
    }

    /// Writes to an address no more. `false` when it was so already; what was written first stays.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn suppress(&self, address: &Email, suppression: &Suppression) -> Result<bool, StoreError> {
        let key = keys::suppression(address);
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(to_item(&key.raw, suppression)?))
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
