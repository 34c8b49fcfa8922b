//! Seals and verifies a tenant's audit log: applies the rules of [`domain::seal`] to the table and the signing key.
//!
//! The function that seals may sign, the verifiers may verify, and nobody may do both: a chain that was
//! rewritten only in the table has no valid signature.

mod key;
mod seal;
mod verify;

pub use key::SealKey;
pub use kms_error::KmsError;
pub use seal::{Sealed, seal_tenant};
pub use verify::{ChainVerification, UnsealedEvents, VerificationStatus, VerifiedRange, verify};

use store::StoreError;

/// Why an audit log was not sealed, or not verified.
#[derive(Debug, thiserror::Error)]
pub enum ChainError {
    /// The table did not answer, or refused the caller.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// KMS did not answer.
    #[error(transparent)]
    Key(#[from] KmsError),
}
