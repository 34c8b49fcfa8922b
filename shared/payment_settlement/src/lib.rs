//! Applies the provider's status of an intent to our payment and its invoice.
//!
//! The provider's webhook, a person who cancels and the schedule all come here, from two functions, and functions
//! never import functions. It is a crate of its own because neither neighbour can hold it: `payments` must not know
//! the table, and `store` must not know the provider. It decides nothing: [`domain::payment::settle`] does.
//!
//! None of these callers can be asked to try again, so after a conflict with another change of the invoice or the
//! payment the decision is made again (see [`store::retry_on_conflict`]).
//!
//! INVARIANT: what a succeeded payment gave back is written only from a look-up that was made after our
//! record was read, under the version that was read. So of two reports, the older one never replaces the
//! newer one.

use domain::{
    PaymentId, Reference,
    invoice::Invoice,
    payment::{
        self, Outcome, Payment, PaymentStatus, ProviderStatus, SettleError, Settlement, SettlementChange, WaitsFor,
    },
    receivables::{AccountInput, DocumentChange, account_change},
    time::Day,
};
use metrics::Metric;
use payments::{Intent, IntentStatus, ProviderError, Stripe};
use store::{Attempt, Authority, ChangeContext, Store, StoreError, retry_on_conflict};

/// The result of settling, and the payment as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// It changed with this call: it ended, or money went back or returned.
    Changed(Payment),
    /// The record said the same before, or the payment has not ended yet.
    Unchanged(Payment),
}

impl Settled {
    /// The payment as it is now.
    #[must_use]
    pub fn into_payment(self) -> Payment {
        match self {
            Self::Changed(payment) | Self::Unchanged(payment) => payment,
        }
    }
}

/// Which payment of the authority's company, by its id and its invoice.
#[derive(Debug, Clone, Copy)]
pub struct Which<'a> {
    /// The payment.
    pub payment: &'a PaymentId,
    /// The invoice.
    pub invoice: &'a Reference,
}

impl<'a> From<&'a Payment> for Which<'a> {
    fn from(payment: &'a Payment) -> Self {
        Self { payment: &payment.id, invoice: &payment.invoice }
    }
}

/// Why a payment was not settled. Nothing is ever half done.
#[derive(Debug, thiserror::Error)]
pub enum SettlementError {
    /// The table refused or did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The provider could not be asked again.
    #[error(transparent)]
    Provider(#[from] ProviderError),
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

/// Settles a payment by an intent that was looked up just now. Where the payment had succeeded before and
/// the intent says otherwise than the record, the provider is asked again, after the record was read.
/// The same report any number of times settles once. A state that does not match our record is counted for an
/// alarm, each time.
///
/// # Errors
/// [`SettlementError`].
pub async fn settle(
    store: &Store,
    stripe: &Stripe,
    authority: &Authority,
    change_context: &ChangeContext,
    which: Which<'_>,
    intent: &Intent,
) -> Result<Settled, SettlementError> {
    let settled = retry_on_conflict(|| async {
        let (known, payment) = load(store, authority, change_context, which).await?;
        let decide = |intent: &Intent| {
            payment::settle(&known.invoice, &payment, &report(intent), change_context.at).map_err(SettlementError::from)
        };
        let mut settlement = decide(intent)?;
        if settlement != Settlement::Unchanged && payment.status != PaymentStatus::Pending {
            let intent = stripe.intent_by_id(&intent.id).await.map_err(SettlementError::from)?;
            settlement = decide(&intent)?;
        }
        write(store, authority, change_context, &known, payment, settlement).await
    })
    .await;
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
    which: Which<'_>,
) -> Result<Settled, SettlementError> {
    retry_on_conflict(|| async {
        let (known, payment) = load(store, authority, change_context, which).await?;
        let settlement =
            payment::abandon(&known.invoice, &payment, change_context.at).map_err(SettlementError::from)?;
        write(store, authority, change_context, &known, payment, settlement).await
    })
    .await
}

/// An invoice as it was read, and today where its company is.
struct Known {
    invoice: Invoice,
    today: Day,
}

/// Reads an invoice and its payment together: one round trip.
async fn load(
    store: &Store,
    authority: &Authority,
    change_context: &ChangeContext,
    Which { payment, invoice }: Which<'_>,
) -> Result<(Known, Payment), Attempt<SettlementError>> {
    let wanted = store.load(authority, change_context.at, |tenant| {
        (tenant.invoice(invoice), tenant.payment(payment), tenant.company())
    });
    let (Some(invoice), Some(payment), Some(company)) = wanted.await? else {
        return Err(SettlementError::Unknown.into());
    };
    Ok((Known { invoice, today: change_context.at.day_in(&company.time_zone) }, payment))
}

/// Writes an invoice and its payment together, with the account of the customer where the provider holds more or less
/// than before: two round trips then, since the invoice names the customer, and else one.
async fn write(
    store: &Store,
    authority: &Authority,
    change_context: &ChangeContext,
    Known { invoice: known_invoice, today }: &Known,
    known: Payment,
    settlement: Settlement,
) -> Result<Settled, Attempt<SettlementError>> {
    let SettlementChange { invoice, payment, events } = match settlement {
        Settlement::Unchanged => return Ok(Settled::Unchanged(known)),
        Settlement::Changed(changed) => *changed,
    };
    let mut change = store.change(authority, change_context.clone());
    if invoice.paid_minor != known_invoice.paid_minor {
        let customer = &invoice.terms.content.customer;
        let account = store.load(authority, change_context.at, |tenant| tenant.customer_account(customer)).await?;
        let (company, at) = (&invoice.company, change_context.at);
        let input = AccountInput { company, customer, account, today: *today, at };
        // Money that was received is never refused for the limits of an account.
        let account = account_change(input, &[DocumentChange::Invoice(Some(known_invoice), &invoice)]);
        change.put_account(account.as_ref());
    }
    change.put(|tenant| tenant.invoice(&invoice.reference), Some(known_invoice.version), &invoice);
    change.put(|tenant| tenant.payment(&payment.id), Some(known.version), &payment);
    for event in events {
        change.record(event);
    }
    change.commit().await?;
    Ok(Settled::Changed(payment))
}

/// The party that a payment waits for, by its intent.
#[must_use]
pub fn waits_for(intent: &Intent) -> WaitsFor {
    match intent.status {
        // A card is confirmed at once or not at all.
        IntentStatus::RequiresAction if !intent.is_card => WaitsFor::Method(intent.expires_at),
        IntentStatus::RequiresPaymentMethod | IntentStatus::RequiresConfirmation | IntentStatus::RequiresAction => {
            WaitsFor::Payer
        }
        IntentStatus::Processing
        | IntentStatus::RequiresCapture
        | IntentStatus::Succeeded
        | IntentStatus::Canceled
        | IntentStatus::Unknown => WaitsFor::Provider,
    }
}

/// An intent as `domain` reads it. For one that succeeded, the received amount counts.
fn report(intent: &Intent) -> ProviderStatus {
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
    ProviderStatus {
        provider_id: intent.id.clone(),
        amount_minor,
        currency: intent.currency,
        outcome,
        refunded_minor: intent.refunded_minor,
        disputed_minor: intent.disputed_minor,
    }
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
            refunded_minor: 30,
            disputed_minor: 20,
            is_card: false,
            expires_at: None,
            metadata: std::collections::BTreeMap::new(),
            livemode: false,
        }
    }

    #[test]
    fn of_an_intent_that_succeeded_what_was_received_counts() {
        let said = report(&intent(IntentStatus::Succeeded));
        assert_eq!((said.outcome, said.amount_minor, said.provider_id.as_str()), (Outcome::Succeeded, 400, "pi_1"));
        assert_eq!((said.refunded_minor, said.disputed_minor), (30, 20));
        let said = report(&intent(IntentStatus::Canceled));
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
            assert_eq!(report(&intent(status)).outcome, Outcome::Open, "{status:?}");
            assert!(!status.is_final());
        }
    }

    /// Proves: U2
    #[test]
    fn a_voucher_or_redirect_waits_for_its_own_end_and_a_card_for_the_payer() {
        let waiting = intent(IntentStatus::RequiresAction);
        assert_eq!(waits_for(&waiting), WaitsFor::Method(None));
        let end = domain::UtcTime::EPOCH.plus_s(7);
        assert_eq!(waits_for(&Intent { expires_at: Some(end), ..waiting.clone() }), WaitsFor::Method(Some(end)));
        assert_eq!(waits_for(&Intent { is_card: true, ..waiting }), WaitsFor::Payer);
        assert_eq!(waits_for(&intent(IntentStatus::RequiresPaymentMethod)), WaitsFor::Payer);
        assert_eq!(waits_for(&intent(IntentStatus::Processing)), WaitsFor::Provider);
    }
}
