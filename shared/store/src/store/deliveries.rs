//! Deliveries of invitations' letters, and addresses that get no letters any more.

use domain::{
    Email, InvitationId,
    delivery::{Delivery, Suppression},
    invitation::Invitation,
};

use super::{Store, put::Put};
use crate::{condition::Condition, error::StoreError, keys};

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
        let put = self.put_if(&keys::suppression(address), suppression, Condition::absent()).await?;
        Ok(matches!(put, Put::Written))
    }
}
