//! The payment provider: the port the product pays through, and its one adapter, Stripe.
//!
//! The port (`PaymentProvider` in the design) is the set of methods of [`Stripe`]: make an intent,
//! look one up, cancel one, the same for a session, and [`webhook::verify`] the provider's webhooks. It is a struct and
//! no trait because there is one implementation; local stacks and tests talk to a provider
//! emulator over real HTTP through the same code. A second provider would turn it into a trait.
//!
//! This crate owns Stripe's wire format, its retries, its signatures and where its credentials are kept. It must never know the
//! table or decide what a payment means: callers compare an intent's amount, currency and mode
//! with their own record, and a webhook is only a reason to look an intent up. Card data never
//! passes through here; it goes from the payer's browser to Stripe.
//!
//! # Cryptography and TLS
//! The webhook's HMAC is computed by `aws-lc-rs`, which every function links already as the crypto
//! provider of rustls: a second implementation would only add to the binary, and its `verify`
//! compares in constant time. `reqwest` brings no second provider (no ring) and shares rustls,
//! hyper and aws-lc with the AWS SDK. Its certificate verifier reads the system's root
//! certificates when the client is built; [`Stripe`] therefore builds it at the first call, so that
//! requests that only read the table do not pay for it at a cold start.

mod currency;
mod dispute;
mod intent;
mod metadata;
mod provider;
mod secrets;
mod session;
mod stripe;
pub mod webhook;

pub use currency::{is_chargeable, minimum_minor};
pub use intent::{Intent, IntentStatus, NewIntent};
pub use metadata::Metadata;
pub use provider::Provider;
pub use secrecy::{ExposeSecret, SecretString};
pub use secrets::{ProviderSecrets, SecretsError};
pub use session::{NewSession, Session, SessionStatus};
pub use stripe::{ProviderError, Stripe};
