//! Deliveries of invitations' letters, and suppressed addresses.

use domain::{
    Email, InvitationId,
    delivery::{Delivery, Suppression},
    invitation::Invitation,
};

use super::{Store, put::Put};
use crate::{condition::Condition, error::StoreError, keys};

impl Store {
    /// An invitation and the delivery of its letter, for the stack itself. One strongly consistent `BatchGetItem`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn invitation_and_delivery(
        &self,
        id: &InvitationId,
    ) -> Result<(Option<Invitation>, Option<Delivery>), StoreError> {
        self.get((keys::invitation(id), keys::delivery(id))).await
    }

    /// The suppressed ones of these addresses, in their order. Strongly consistent `BatchGetItem`s of up to 100
    /// keys, one after the other; none for no addresses.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn suppressions(&self, addresses: &[&Email]) -> Result<Vec<Option<Suppression>>, StoreError> {
        self.get(addresses.iter().map(|address| keys::suppression(address)).collect::<Vec<_>>()).await
    }

    /// Suppresses an address. `false` if it was suppressed already; the first record stays.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn suppress(&self, address: &Email, suppression: &Suppression) -> Result<bool, StoreError> {
        let put = self.put_if(&keys::suppression(address), suppression, Condition::absent()).await?;
        Ok(matches!(put, Put::Written))
    }
}
