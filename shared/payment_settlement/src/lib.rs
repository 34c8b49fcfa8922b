//! Applies the provider's status of an intent to our payment and its invoice.
//!
//! The provider's webhook, a person who cancels and the schedule all come here, from two functions, and functions
//! never import functions. It is a crate of its own because neither neighbour can hold it: `payments` must not know
//! the table, and `store` must not know the provider. It decides nothing: [`domain::payment::settle`] does.
//!
//! None of these callers can be asked to try again, so after a conflict with another change of the invoice or the
//! payment the decision is made again (see [`store::retry_on_conflict`]).

use domain::{
    PaymentId, Reference,
    invoice::Invoice,
    payment::{self, Outcome, Payment, ProviderStatus, SettleError, Settlement},
};
use metrics::Metric;
use payments::{Intent, IntentStatus};
use store::{Attempt, Authority, ChangeContext, Store, StoreError, retry_on_conflict};

/// The result of settling, and the payment as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// It ended with this call.
    Ended(Payment),
    /// It had ended before, or has not ended yet.
    Unchanged(Payment),
}

impl Settled {
    /// The payment as it is now.
    #[must_use]
    pub fn into_payment(self) -> Payment {
        match self {
            Self::Ended(payment) | Self::Unchanged(payment) => payment,
        }
    }
}

/// Why a payment was not settled. Nothing is ever half done.
#[derive(Debug, thiserror::Error)]
pub enum SettlementError {
    /// The table refused or did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The provider's status does not match our record; an operator must check.
    #[error(transparent)]
    Disagreement(#[from] SettleError),
    /// There is no such payment, or no such invoice, in this company.
    #[error("no such payment")]
    Unknown,
}

impl From<SettlementError> for Attempt<SettlementError> {
    fn from(error: SettlementError) -> Self {
        Self::Final(error)
    }
}

/// Settles a payment of the authority's company by an intent in the state that the provider just returned. The same
/// state settles once, however often it is applied. A state that does not match our record is counted for an
/// alarm, each time.
///
/// # Errors
/// [`SettlementError`].
pub async fn settle(
    store: &Store,
    authority: &Authority,
    change_context: &ChangeContext,
    payment: &PaymentId,
    invoice: &Reference,
    intent: &Intent,
) -> Result<Settled, SettlementError> {
    let word = word(intent);
    let decide = |invoice: &Invoice, payment: &Payment| payment::settle(invoice, payment, &word, change_context.at);
    let settled = apply(store, authority, change_context, (payment, invoice), decide).await;
    if matches!(settled, Err(SettlementError::Disagreement(_))) {
        metrics::count(Metric::PaymentDisagreement, 1, change_context.at);
    }
    settled
}

/// Gives up a payment that was never opened; changes nothing if it was, or has ended.
///
/// # Errors
/// [`SettlementError`].
pub async fn abandon(
    store: &Store,
    authority: &Authority,
    change_context: &ChangeContext,
    payment: &PaymentId,
    invoice: &Reference,
) -> Result<Settled, SettlementError> {
    let decide = |invoice: &Invoice, payment: &Payment| payment::abandon(invoice, payment, change_context.at);
    apply(store, authority, change_context, (payment, invoice), decide).await
}

/// Two round trips a round: payment and invoice are read together and written together.
async fn apply(
    store: &Store,
    authority: &Authority,
    change_context: &ChangeContext,
    (payment, invoice): (&PaymentId, &Reference),
    decide: impl Fn(&Invoice, &Payment) -> Result<Settlement, SettleError>,
) -> Result<Settled, SettlementError> {
    retry_on_conflict(|| async {
        let wanted =
            store.load(authority, change_context.at, |tenant| (tenant.invoice(invoice), tenant.payment(payment)));
        let (Some(known_invoice), Some(known)) = wanted.await? else {
            return Err(SettlementError::Unknown.into());
        };
        let settlement = decide(&known_invoice, &known).map_err(SettlementError::from)?;
        let (changed_invoice, ended, event) = match settlement {
            Settlement::Unchanged => return Ok(Settled::Unchanged(known)),
            Settlement::Ended(changed) => *changed,
        };
        let mut change = store.change(authority, change_context.clone());
        change.put(|tenant| tenant.invoice(invoice), Some(known_invoice.version), &changed_invoice);
        change.put(|tenant| tenant.payment(payment), Some(known.version), &ended);
        change.record(event);
        change.commit().await?;
        Ok(Settled::Ended(ended))
    })
    .await
}

/// An intent as `domain` reads it. For one that succeeded, the received amount counts.
fn word(intent: &Intent) -> ProviderStatus {
    let (outcome, amount_minor) = match intent.status {
        IntentStatus::Succeeded => (Outcome::Succeeded, intent.amount_received_minor),
        IntentStatus::Canceled => (Outcome::Canceled, intent.amount_minor),
        IntentStatus::RequiresPaymentMethod
        | IntentStatus::RequiresConfirmation
        | IntentStatus::RequiresAction
        | IntentStatus::Processing
        | IntentStatus::RequiresCapture
        | IntentStatus::Unknown => (Outcome::Open, intent.amount_minor),
    };
    ProviderStatus { provider_id: intent.id.clone(), amount_minor, currency: intent.currency, outcome }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn intent(status: IntentStatus) -> Intent {
        Intent {
            id: "pi_1".to_owned(),
            status,
            amount_minor: 1000,
            amount_received_minor: 400,
            currency: "EUR".parse().unwrap(),
            client_secret: None,
            metadata: std::collections::BTreeMap::new(),
            livemode: false,
        }
    }

    #[test]
    fn of_an_intent_that_succeeded_what_was_received_counts() {
        let said = word(&intent(IntentStatus::Succeeded));
        assert_eq!((said.outcome, said.amount_minor, said.provider_id.as_str()), (Outcome::Succeeded, 400, "pi_1"));
        let said = word(&intent(IntentStatus::Canceled));
        assert_eq!((said.outcome, said.amount_minor), (Outcome::Canceled, 1000));
    }

    #[test]
    fn only_what_is_final_ends_a_payment() {
        for status in [
            IntentStatus::RequiresPaymentMethod,
            IntentStatus::RequiresConfirmation,
            IntentStatus::RequiresAction,
            IntentStatus::Processing,
            IntentStatus::RequiresCapture,
            IntentStatus::Unknown,
        ] {
            assert_eq!(word(&intent(status)).outcome, Outcome::Open, "{status:?}");
            assert!(!status.is_final());
        }
    }
}
