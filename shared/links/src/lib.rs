//! Invitation links whose secret is derived, never stored.
//!
//! A token is `<invitation id>.<generation>.<MAC>`: an HMAC-SHA-256 that KMS computes over the
//! invitation's id, its generation and the invited address, under a key that never leaves KMS.
//! The mail step recomputes the token when it sends, acceptance lets KMS verify it, and a resend
//! bumps the generation, so the old link is dead at once. Nothing that could be stolen from the
//! table, an event, a queue or a backup opens an invitation.
//!
//! This crate owns the token's spelling and what its MAC covers. It must never know whether an invitation is still
//! open: a valid MAC proves only that we made this link for this address and generation. The caller compares the
//! generation with the stored one, and judges status and expiry; a MAC of an older generation verifies here for
//! ever.
//!
//! There is deliberately no comparison of MACs in this crate: KMS compares, in constant time, and
//! `LinkToken` is not `PartialEq`, so that nobody does it by accident.

mod document;
mod mail_preferences;
mod signer;
mod signup;
mod token;

pub use document::{DocumentLinkSigner, DocumentToken};
pub use kms_error::KmsError;
pub use mail_preferences::{MailPreferencesSigner, MailPreferencesToken};
pub use signer::LinkSigner;
pub use signup::{RegistrationSigner, RegistrationToken};
pub use token::{LinkToken, LinkTokenError};
