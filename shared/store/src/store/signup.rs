//! Reads what a link or a code names, and writes the codes of the vendor, which belong to no tenant.

use domain::{
    InvitationId, RegistrationLinkId,
    invitation::Invitation,
    signup_source::{CodeDigest, CodeIssuer, RegistrationLink, SignupCode},
};

use super::Store;
use crate::{
    error::{StoreError, TRANSACTION_CONFLICT},
    keys,
};

impl Store {
    /// An invitation by the id in a link. Only for a caller with the link's secret, or the stack itself. One
    /// strongly consistent read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn invitation_by_link(&self, id: &InvitationId) -> Result<Option<Invitation>, StoreError> {
        self.get(keys::invitation(id)).await
    }

    /// A registration link by the id in its token. Only for a caller with the token's secret. One strongly
    /// consistent read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn registration_link_by_token(
        &self,
        id: &RegistrationLinkId,
    ) -> Result<Option<RegistrationLink>, StoreError> {
        self.get(keys::registration_link(id)).await
    }

    /// A signup code by the digest of its text: only a person who has the code can compute it. One strongly
    /// consistent read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn signup_code_by_digest(&self, digest: &CodeDigest) -> Result<Option<SignupCode>, StoreError> {
        self.get(keys::signup_code(digest)).await
    }

    /// Writes a code of the vendor's: new when `expected` is `None`, else in place of that version.
    /// One conditional `PutItem`, without an event, since no tenant changed.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is there already, or was changed, or is being changed by a transaction:
    /// somebody registers with it;
    /// [`StoreError::NotFound`] for a firm's code, which is changed in the firm.
    pub async fn put_vendor_code(
        &self,
        digest: &CodeDigest,
        expected: Option<u64>,
        code: &SignupCode,
    ) -> Result<(), StoreError> {
        let CodeIssuer::Vendor { .. } = &code.issuer else { return Err(StoreError::NotFound) };
        match self.put_version(&keys::signup_code(digest), expected, code).await {
            // Only for a code that is there: a new one that meets a transaction need not be there at all.
            Err(StoreError::Unavailable(why)) if expected.is_some() && why == TRANSACTION_CONFLICT => {
                Err(StoreError::Conflict)
            }
            put => put,
        }
    }
}
