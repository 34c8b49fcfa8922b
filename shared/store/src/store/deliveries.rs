//! Deliveries of invitations' letters, and suppressed addresses.

use domain::{
    Email, InvitationId, UtcTime,
    delivery::Delivery,
    invitation::Invitation,
    suppression::{LetterPurpose, Suppression, SuppressionReason, Suppressions},
};

use super::Store;
use crate::{
    error::StoreError,
    keys::{self, Key},
};

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

    /// What keeps letters from each of these addresses, in their order. Strongly consistent `BatchGetItem`s of up
    /// to 100 keys, three an address, one after the other; none for no addresses.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn suppressions(&self, addresses: &[&Email]) -> Result<Vec<Suppressions>, StoreError> {
        let found = self.get(addresses.iter().map(|address| suppression_keys(address)).collect::<Vec<_>>()).await?;
        Ok(found
            .into_iter()
            .map(|(all, invitations, notifications)| Suppressions { all, invitations, notifications })
            .collect())
    }

    /// Suppresses an address: for every letter after a bounce, for letters of that purpose after a complaint. One
    /// `PutItem`; the latest report counts.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn suppress(
        &self,
        address: &Email,
        purpose: LetterPurpose,
        suppression: &Suppression,
    ) -> Result<(), StoreError> {
        let key = match suppression.reason {
            SuppressionReason::Bounced => keys::suppression(address),
            SuppressionReason::Complained => keys::complaint(address, purpose),
        };
        self.put_over(&key, suppression).await
    }

    /// Lifts everything that keeps letters from an address: one read, and a `PutItem` for each thing that does.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn lift_suppressions(&self, address: &Email, now: UtcTime) -> Result<(), StoreError> {
        let keys = || suppression_keys(address);
        let (all, invitations, notifications) = self.get(keys()).await?;
        let lifted = Suppressions { all, invitations, notifications }.lifted(now);
        let (all, invitations, notifications) = keys();
        for (key, lifted) in
            [(all, lifted.all), (invitations, lifted.invitations), (notifications, lifted.notifications)]
        {
            if let Some(lifted) = lifted {
                self.put_over(&key, &lifted).await?;
            }
        }
        Ok(())
    }
}

type SuppressionKeys = (Key<Suppression>, Key<Suppression>, Key<Suppression>);

fn suppression_keys(address: &Email) -> SuppressionKeys {
    let complaint = |purpose| keys::complaint(address, purpose);
    let (invitations, notifications) = (complaint(LetterPurpose::Invitations), complaint(LetterPurpose::Notifications));
    (keys::suppression(address), invitations, notifications)
}
