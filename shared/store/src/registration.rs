//! What whoever shows a link or a code reaches, and the codes of the vendor, which are no tenant's.

use aws_sdk_dynamodb::{operation::put_item::PutItemError, types::AttributeValue};
use domain::{
    RegistrationLinkId,
    signup_source::{CodeDigest, CodeIssuer, RegistrationLink, SignupCode},
};

use crate::{Store, error::StoreError, item::to_item, keys};

impl Store {
    /// A registration link by the id in its token. Only for whoever can show the token's secret. One
    /// strongly consistent read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn registration_link_by_token(
        &self,
        id: &RegistrationLinkId,
    ) -> Result<Option<RegistrationLink>, StoreError> {
        self.get(keys::registration_link(id)).await
    }

    /// A signup code by the digest of its text: whoever has the one knows the other. One strongly
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
        let item = to_item(&keys::signup_code(digest).raw, code)?;
        let put = self.client.put_item().table_name(&self.table).set_item(Some(item));
        let put = match expected {
            None => put.condition_expression("attribute_not_exists(pk)"),
            Some(version) => put
                .condition_expression("version = :version")
                .expression_attribute_values(":version", AttributeValue::N(version.to_string())),
        };
        put.send().await.map(|_| ()).map_err(|error| match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(_)) => StoreError::Conflict,
            // Only for a code that is there: a new one that meets a transaction need not be there at all.
            Some(PutItemError::TransactionConflictException(_)) if expected.is_some() => StoreError::Conflict,
            _ => StoreError::from_sdk(error),
        })
    }
}
