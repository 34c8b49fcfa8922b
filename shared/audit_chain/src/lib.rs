//! Seals and verifies a tenant's audit trail: applies the rules of [`domain::seal`] to the table and the
//! signing key.
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

/// Why a trail was not sealed, or not verified.
#[derive(Debug, thiserror::Error)]
pub enum ChainError {
    /// The table did not answer, or not to this caller.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The key did not answer.
    #[error(transparent)]
    Key(#[from] KmsError),
}
