//! Sealing and verifying a tenant's trail: the rules of [`domain::seal`], applied to the table and to
//! the key that signs.
//!
//! The function that seals holds the right to sign, whoever verifies the right to verify, and nobody
//! both: a chain that was rewritten in the table alone has no signature.

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
