//! Applies the provider's status of an intent or a session to our payment and its invoice.
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

mod reported;
mod which;

use std::borrow::Cow;

use domain::{
    invoice::Invoice,
    payment::{self, AtProvider, Payment, PaymentStatus, SettleError, Settlement, SettlementChange},
    receivables::{AccountInput, DocumentChange, account_change},
    time::Day,
};
use metrics::Metric;
use payments::{ProviderError, Stripe};
use store::{Attempt, Authority, ChangeContext, Store, StoreError, retry_on_conflict};

pub use self::{reported::Reported, which::Which};

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

/// Settles a payment by what was looked up just now. Where the payment had succeeded before and that says otherwise
/// than the record, the provider is asked again, after the record was read. So it is where an intent was looked up that
/// was made in a session: its session is the source.
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
    reported: &Reported,
) -> Result<Settled, SettlementError> {
    let settled = retry_on_conflict(|| async {
        let (known, payment) = load(store, authority, change_context, which).await?;
        let reported = in_its_session(stripe, &payment, reported).await?;
        let mut settlement = decide(&known.invoice, &payment, &reported, change_context)?;
        if settlement != Settlement::Unchanged && payment.status != PaymentStatus::Pending {
            let again = reported.again(stripe).await.map_err(SettlementError::from)?;
            settlement = decide(&known.invoice, &payment, &again, change_context)?;
        }
        write(store, authority, change_context, &known, payment, settlement).await
    })
    .await;
    if matches!(settled, Err(SettlementError::Disagreement(_))) {
        metrics::count(Metric::PaymentDisagreement, 1, change_context.at);
    }
    settled
}

/// What was looked up, or the session of a payment that is paid in one, where only its intent was.
async fn in_its_session<'r>(
    stripe: &Stripe,
    payment: &Payment,
    reported: &'r Reported,
) -> Result<Cow<'r, Reported>, SettlementError> {
    let (Reported::Intent(intent), Some(AtProvider::Session(id))) = (reported, payment.at_provider()) else {
        return Ok(Cow::Borrowed(reported));
    };
    let session = stripe.session_by_id(id).await?;
    if session.intent.as_ref().is_some_and(|known| known.id != intent.id) {
        return Err(SettleError::ProviderId.into());
    }
    Ok(Cow::Owned(session.into()))
}

/// What a report changes. What a session asks for and what was paid in it must both match our record.
fn decide(
    invoice: &Invoice,
    payment: &Payment,
    reported: &Reported,
    change_context: &ChangeContext,
) -> Result<Settlement, SettlementError> {
    let which = Which { payment: &payment.id, invoice: &payment.invoice };
    if !reported.names_only(which) {
        return Err(SettleError::ProviderId.into());
    }
    if let Some(asked) = reported.asked() {
        payment::settle(invoice, payment, &asked, change_context.at)?;
    }
    Ok(payment::settle(invoice, payment, &reported.status(), change_context.at)?)
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
