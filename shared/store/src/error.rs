//! The errors of store calls.

use domain::{Denied, limit::Allowance};

use crate::{cursor::CursorError, item::ItemError};

/// The code of a single write that met a transaction on the same item.
pub(crate) const TRANSACTION_CONFLICT: &str = "TransactionConflictException";

/// Why a store call gave no data or made no change. A change is never made in part.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The authority does not hold.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The tenant, or the thing a change is about, is not there.
    #[error("not found")]
    NotFound,
    /// Someone else changed one of the items first, or the item is already there.
    #[error("changed by someone else")]
    Conflict,
    /// The inviter no longer has the right that their invitation rests on.
    #[error("the inviter may no longer invite")]
    InviterDenied,
    /// The change would leave a company without an owner or a firm without an admin.
    #[error("the last owner or admin stays")]
    LastOne,
    /// It was done as often as a limit allows; after so many seconds it may be done again.
    #[error("done too often")]
    Limited {
        /// At least 1.
        retry_after_s: u32,
        /// The organisation's own allowance, where that is used up and grows. No other limit is named.
        growing: Option<Allowance>,
    },
    /// There is no room for a file in the quota of the company, or of the firm that uploads it.
    #[error("the storage is full")]
    StorageFull {
        /// Whether it is the firm's quota.
        is_firm: bool,
        /// What is left of it, in bytes.
        left_bytes: u64,
    },
    /// The cursor belongs to another list.
    #[error(transparent)]
    Cursor(#[from] CursorError),
    /// The table did not answer in time, throttled throughout, or had a transaction on the item under way; a
    /// retry may succeed.
    #[error("the table is unavailable: {0}")]
    Unavailable(String),
    /// An item or an answer is not what this code writes; a person must look.
    #[error("unexpected data or answer: {0}")]
    Unexpected(String),
}

impl From<ItemError> for StoreError {
    fn from(error: ItemError) -> Self {
        Self::Unexpected(error.to_string())
    }
}

impl StoreError {
    /// Whether the same call may succeed later, without anybody's help.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Conflict)
    }

    /// Sorts a failed call into one that may succeed when retried and one that needs a person.
    pub(crate) fn from_sdk<E>(error: aws_sdk_dynamodb::error::SdkError<E>) -> Self
    where
        E: std::error::Error + aws_sdk_dynamodb::error::ProvideErrorMetadata + Send + Sync + 'static,
    {
        use aws_sdk_dynamodb::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
        let code = error.code().unwrap_or_default().to_owned();
        let throttled = matches!(
            code.as_str(),
            "ProvisionedThroughputExceededException"
                | "ThrottlingException"
                | "RequestLimitExceeded"
                | "InternalServerError"
                | "ServiceUnavailable"
                | "TransactionInProgressException"
                | TRANSACTION_CONFLICT
        );
        let unreachable =
            matches!(error, SdkError::DispatchFailure(_) | SdkError::TimeoutError(_) | SdkError::ResponseError(_));
        // The error's own text may quote the item; only the code and the kind of failure are kept.
        if throttled || unreachable {
            Self::Unavailable(if code.is_empty() { "no answer".to_owned() } else { code })
        } else {
            tracing::error!(%code, "dynamodb refused a call");
            tracing::debug!(error = %DisplayErrorContext(&error), "dynamodb error");
            Self::Unexpected(code)
        }
    }
}
