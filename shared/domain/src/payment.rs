//! Payments of invoices through a provider that holds the card data; we hold none.
//!
//! A payment reserves its amount on the invoice when it starts and settles or releases it once,
//! however often and in whatever order the provider reports the outcome. What was paid can go back: by
//! refunds and by disputes. The record says at any time how much the provider still holds.
//!
//! INVARIANT: what lets a payer complete a payment leaves us only after the provider's id is on
//! record in it. So no money can move on a payment without one, and it can be abandoned safely.

mod event;
mod schedule;
mod settling;
mod starting;
mod state;
#[cfg(test)]
mod tests;

pub use event::{PaymentDisputed, PaymentPayload, PaymentRefunded};
pub use schedule::{PendingPaymentAction, WaitsFor};
pub use settling::{Outcome, ProviderStatus, SettleError, Settlement, SettlementChange, abandon, settle};
pub use starting::{NewPayment, PayError, PaymentStart, WholePayment, start, start_whole};
pub use state::{AtProvider, Payment, PaymentStatus, Progress};
