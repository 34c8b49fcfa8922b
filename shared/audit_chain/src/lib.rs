//! Seals and verifies a tenant's audit log: applies the rules of [`domain::seal`] to the table, the signing key and the
//! kept heads.
//!
//! The function that seals may sign and note heads; the verifiers may read the public key and the heads. A chain that was
//! rewritten in the table alone has no valid signature, and one that was cut off ends before its kept head
//! (`docs/decisions/0037-heads-outside-the-table.md`).

mod heads;
mod key;
mod seal;
mod verify;

pub use heads::{Heads, KeptHead};
pub use key::{PublicSealKey, SealKey};
pub use kms_error::KmsError;
pub use s3_client::BucketError;
pub use seal::{SealError, Sealed, Sealer};
pub use verify::{ChainVerification, UnsealedEvents, VerificationStatus, VerifiedRange, Verifier};

use store::StoreError;

/// Why an audit log was not sealed, or not verified.
#[derive(Debug, thiserror::Error)]
pub enum ChainError {
    /// The table did not answer, or not to this caller.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The key did not answer.
    #[error(transparent)]
    Key(#[from] KmsError),
    /// The bucket of the kept heads did not answer.
    #[error("the kept heads: {0}")]
    Heads(#[from] BucketError),
}

impl ChainError {
    /// Whether an operator must repair something: a key or a bucket that is missing or may not be used.
    #[must_use]
    pub const fn is_misconfigured(&self) -> bool {
        matches!(self, Self::Key(KmsError::Misconfigured { .. }) | Self::Heads(BucketError::Misconfigured(_)))
    }
}
