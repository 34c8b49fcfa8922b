//! Payments of invoices through a provider that holds the card data; we hold none.
//!
//! A payment reserves its amount on the invoice when it starts and settles or releases it once,
//! however often and in whatever order the provider tells of the outcome.
//!
//! INVARIANT: what lets a payer complete a payment leaves us only after the provider's id is on
//! record in it. So no money can move on a payment without one, and it can be abandoned safely.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    event::{EventData, NewEvent, kinds},
    id::{CompanyId, Org, PaymentId, UserId},
    invoice::{Invoice, InvoiceStatus},
    money::{Amount, Currency},
    text::{Name, Reference},
    time::UtcTime,
};

/// How long a payment may stay unopened, in seconds, before the schedule abandons it. Whoever
/// started it can complete it until then, by repeating their request.
const UNOPENED_FOR_S: i64 = 30 * 60;
/// How long a payer may take, in seconds, before the schedule gives the payment up.
const OPEN_FOR_S: i64 = 24 * 3600;

/// Where a payment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaymentStatus {
    /// The provider has not told the outcome.
    Pending,
    /// The money moved.
    Succeeded,
    /// It was given up, and its amount released.
    Canceled,
}

impl PaymentStatus {
    /// The status as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Succeeded => "succeeded",
            Self::Canceled => "canceled",
        }
    }
}

/// One attempt to pay an invoice, in whole or in part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// Its id, and the provider's idempotency key.
    pub id: PaymentId,
    /// Whose invoice.
    pub company: CompanyId,
    /// Which invoice.
    pub invoice: Reference,
    /// How much, in minor units of `currency`.
    pub amount_minor: Amount,
    /// The invoice's currency.
    pub currency: Currency,
    /// Where it stands.
    pub status: PaymentStatus,
    /// The provider's id for it, on record before the payer can complete it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_id: Option<String>,
    /// Who started it.
    pub started_by: UserId,
    /// When.
    pub started_at: UtcTime,
    /// When it succeeded or was given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<UtcTime>,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

/// Why a payment was not started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PayError {
    /// The invoice is paid or void.
    #[error("the invoice is not open")]
    NotOpen(InvoiceStatus),
    /// More than is due.
    #[error("only {due_minor} is due")]
    MoreThanDue {
        /// What is neither paid nor in flight, in minor units.
        due_minor: i64,
    },
    /// Not the invoice's currency.
    #[error("the invoice is in {0}")]
    Currency(Currency),
}

/// Starts a payment and reserves its amount.
///
/// # Errors
/// [`PayError`].
pub fn start(
    invoice: &Invoice,
    id: PaymentId,
    amount_minor: Amount,
    currency: Currency,
    user: &UserId,
    now: UtcTime,
) -> Result<(Invoice, Payment, NewEvent), PayError> {
    if invoice.status != InvoiceStatus::Open {
        return Err(PayError::NotOpen(invoice.status));
    }
    if currency != invoice.terms.currency {
        return Err(PayError::Currency(invoice.terms.currency));
    }
    if amount_minor.minor() > invoice.due_minor {
        return Err(PayError::MoreThanDue { due_minor: invoice.due_minor });
    }
    let reserved = Invoice {
        due_minor: invoice.due_minor - amount_minor.minor(),
        version: invoice.version + 1,
        ..invoice.clone()
    };
    let payment = Payment {
        id,
        company: invoice.company.clone(),
        invoice: invoice.reference.clone(),
        amount_minor,
        currency,
        status: PaymentStatus::Pending,
        provider_id: None,
        started_by: user.clone(),
        started_at: now,
        ended_at: None,
        version: 1,
    };
    let event = payment.event(kinds::PaymentStarted::of, &reserved);
    Ok((reserved, payment, event))
}

/// What the provider reports of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderStatus {
    /// The provider's id.
    pub provider_id: String,
    /// What it charged or would charge, in minor units.
    pub amount_minor: i64,
    /// In this currency.
    pub currency: Currency,
    /// What became of it.
    pub outcome: Outcome,
}

/// An outcome as the provider knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Not decided: a declined card leaves the person free to try another.
    Open,
    /// The money moved.
    Succeeded,
    /// It was given up.
    Canceled,
}

/// What settling came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Settlement {
    /// The payment ended now.
    Ended(Box<(Invoice, Payment, NewEvent)>),
    /// It had ended before, or has not ended yet; nothing changes.
    Unchanged,
}

/// The provider's word does not fit our record: nothing is settled, and a person must look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SettleError {
    /// Another amount or currency than we asked for.
    #[error("the provider's amount or currency is not the payment's")]
    Amount,
    /// Another provider id than the payment's.
    #[error("the provider's id is not the payment's")]
    ProviderId,
    /// Another invoice than the payment's.
    #[error("the invoice is not the payment's")]
    Invoice,
    /// It says canceled of what it said succeeded, or the reverse.
    #[error("the payment had ended otherwise")]
    Contradiction,
}

/// Applies the provider's word to a payment and its invoice.
///
/// # Errors
/// [`SettleError`].
pub fn settle(
    invoice: &Invoice,
    payment: &Payment,
    word: &ProviderStatus,
    now: UtcTime,
) -> Result<Settlement, SettleError> {
    if invoice.reference != payment.invoice {
        return Err(SettleError::Invoice);
    }
    if payment.provider_id.as_ref().is_some_and(|known| *known != word.provider_id) {
        return Err(SettleError::ProviderId);
    }
    if word.amount_minor != payment.amount_minor.minor() || word.currency != payment.currency {
        return Err(SettleError::Amount);
    }
    let opened = Payment { provider_id: Some(word.provider_id.clone()), ..payment.clone() };
    match (payment.status, word.outcome) {
        (PaymentStatus::Pending, Outcome::Succeeded) => Ok(succeed(invoice, opened, now)),
        (PaymentStatus::Pending, Outcome::Canceled) => Ok(release(invoice, opened, now)),
        (PaymentStatus::Succeeded, Outcome::Canceled) | (PaymentStatus::Canceled, Outcome::Succeeded) => {
            Err(SettleError::Contradiction)
        }
        (PaymentStatus::Pending | PaymentStatus::Succeeded | PaymentStatus::Canceled, Outcome::Open)
        | (PaymentStatus::Succeeded, Outcome::Succeeded)
        | (PaymentStatus::Canceled, Outcome::Canceled) => Ok(Settlement::Unchanged),
    }
}

/// Gives up a payment that was never opened; changes nothing if it was, or has ended.
///
/// # Errors
/// [`SettleError::Invoice`].
pub fn abandon(invoice: &Invoice, payment: &Payment, now: UtcTime) -> Result<Settlement, SettleError> {
    if invoice.reference != payment.invoice {
        return Err(SettleError::Invoice);
    }
    match payment.progress() {
        Progress::Unopened => Ok(release(invoice, payment.clone(), now)),
        Progress::Open(_) | Progress::Ended => Ok(Settlement::Unchanged),
    }
}

/// Books the money.
fn succeed(invoice: &Invoice, payment: Payment, now: UtcTime) -> Settlement {
    let mut settled = Invoice {
        paid_minor: invoice.paid_minor + payment.amount_minor.minor(),
        version: invoice.version + 1,
        ..invoice.clone()
    };
    settled.status = settled.settled_status();
    payment.end(settled, PaymentStatus::Succeeded, kinds::PaymentSucceeded::of, now)
}

/// Frees the reserved amount.
fn release(invoice: &Invoice, payment: Payment, now: UtcTime) -> Settlement {
    let released = Invoice {
        due_minor: invoice.due_minor + payment.amount_minor.minor(),
        version: invoice.version + 1,
        ..invoice.clone()
    };
    payment.end(released, PaymentStatus::Canceled, kinds::PaymentFailed::of, now)
}

/// How far a payment has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress<'a> {
    /// Not on record with the provider: nobody can have paid it.
    Unopened,
    /// The payer may be completing it, under this id of the provider's.
    Open(&'a str),
    /// It succeeded or was given up.
    Ended,
}

/// What the schedule does about a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PendingPaymentAction<'a> {
    /// Nothing: it has ended, or the person who started it can still open it.
    Leave,
    /// [`abandon`] it.
    Abandon,
    /// Ask the provider for its status.
    LookUp {
        /// The provider's id.
        provider_id: &'a str,
        /// Whether to give it up there, if it still waits for the payer.
        is_overdue: bool,
    },
}

impl Payment {
    /// How far it has come.
    #[must_use]
    pub fn progress(&self) -> Progress<'_> {
        match (self.status, &self.provider_id) {
            (PaymentStatus::Pending, None) => Progress::Unopened,
            (PaymentStatus::Pending, Some(provider_id)) => Progress::Open(provider_id),
            (PaymentStatus::Succeeded | PaymentStatus::Canceled, _) => Progress::Ended,
        }
    }

    /// The payment with the provider's id on record. Makes no event: nothing has changed for
    /// anyone yet.
    #[must_use]
    pub fn open(&self, provider_id: &str) -> Self {
        Self { provider_id: Some(provider_id.to_owned()), version: self.version + 1, ..self.clone() }
    }

    /// What the schedule does about it at this time.
    #[must_use]
    pub fn pending_payment_action(&self, now: UtcTime) -> PendingPaymentAction<'_> {
        let is_older_than = |seconds| self.started_at.plus_s(seconds) <= now;
        match self.progress() {
            Progress::Unopened if is_older_than(UNOPENED_FOR_S) => PendingPaymentAction::Abandon,
            Progress::Unopened | Progress::Ended => PendingPaymentAction::Leave,
            Progress::Open(provider_id) => {
                PendingPaymentAction::LookUp { provider_id, is_overdue: is_older_than(OPEN_FOR_S) }
            }
        }
    }

    fn end(
        self,
        invoice: Invoice,
        status: PaymentStatus,
        kind: fn(PaymentPayload) -> EventData,
        now: UtcTime,
    ) -> Settlement {
        let ended = Self { status, ended_at: Some(now), version: self.version + 1, ..self };
        let event = ended.event(kind, &invoice);
        Settlement::Ended(Box::new((invoice, ended, event)))
    }

    fn event(&self, kind: fn(PaymentPayload) -> EventData, invoice: &Invoice) -> NewEvent {
        let data = PaymentPayload {
            invoice: self.invoice.clone(),
            invoice_number: invoice.terms.number.clone(),
            invoice_status: invoice.status,
            counterparty: invoice.terms.counterparty.clone(),
            amount_minor: self.amount_minor,
            currency: self.currency,
            status: self.status,
        };
        NewEvent::new(Org::Company(self.company.clone()), self.id.as_str(), kind(data))
    }
}

/// Payload of the `payment.*` events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PaymentPayload {
    /// The ledger's reference of the invoice.
    pub invoice: Reference,
    /// The number that is printed on the invoice.
    pub invoice_number: Name,
    /// The state of the invoice after the event.
    pub invoice_status: InvoiceStatus,
    /// The other side of the invoice.
    pub counterparty: Name,
    /// How much is paid, in minor units of `currency`.
    pub amount_minor: Amount,
    /// The currency.
    pub currency: Currency,
    /// The payment's state.
    pub status: PaymentStatus,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::invoice::tests::send;

    fn euros() -> Currency {
        "EUR".parse().unwrap()
    }

    fn pay(invoice: &Invoice, amount_minor: i64, n: u128) -> Result<(Invoice, Payment, NewEvent), PayError> {
        let user: UserId = "owner".parse().unwrap();
        let id = PaymentId::from_uuid(Uuid::from_u128(n));
        start(invoice, id, amount_minor.try_into().unwrap(), euros(), &user, UtcTime::EPOCH)
    }

    fn word(payment: &Payment, outcome: Outcome) -> ProviderStatus {
        ProviderStatus {
            provider_id: format!("pi_{}", payment.id),
            amount_minor: payment.amount_minor.minor(),
            currency: payment.currency,
            outcome,
        }
    }

    #[derive(Debug, Clone)]
    enum Step {
        Start(i64),
        Open(usize),
        Word(usize, Outcome),
        Abandon(usize),
        Resize(i64),
    }

    fn step() -> impl Strategy<Value = Step> {
        let outcome = prop_oneof![Just(Outcome::Open), Just(Outcome::Succeeded), Just(Outcome::Canceled)];
        prop_oneof![
            (1_i64..700).prop_map(Step::Start),
            (0_usize..6).prop_map(Step::Open),
            (0_usize..6, outcome).prop_map(|(which, outcome)| Step::Word(which, outcome)),
            (0_usize..6).prop_map(Step::Abandon),
            (1_i64..1500).prop_map(Step::Resize),
        ]
    }

    /// Applies what a settlement came to; says whether it ended the payment.
    fn take(said: Result<Settlement, SettleError>, invoice: &mut Invoice, payment: &mut Payment) -> bool {
        let Ok(Settlement::Ended(ended)) = said else { return false };
        (*invoice, *payment, _) = *ended;
        true
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        /// Proves: 27, F12
        #[test]
        fn paid_in_flight_and_due_always_make_the_total(steps in prop::collection::vec(step(), 1..40)) {
            let mut invoice = send(None, 1000, false).unwrap();
            let mut payments: Vec<Payment> = Vec::new();
            for (n, step) in steps.into_iter().enumerate() {
                match step {
                    Step::Start(amount) => {
                        let due = invoice.due_minor;
                        match pay(&invoice, amount, n as u128) {
                            Ok((reserved, payment, _)) => {
                                prop_assert!(amount <= due);
                                invoice = reserved;
                                payments.push(payment);
                            }
                            Err(PayError::MoreThanDue { .. }) => prop_assert!(amount > due),
                            Err(PayError::NotOpen(status)) => prop_assert_eq!(status, InvoiceStatus::Paid),
                            Err(PayError::Currency(_)) => prop_assert!(false),
                        }
                    }
                    Step::Open(which) => if let Some(payment) = payments.get_mut(which)
                        && payment.progress() == Progress::Unopened
                    {
                        *payment = payment.open(&format!("pi_{}", payment.id));
                    },
                    Step::Word(which, outcome) => if let Some(payment) = payments.get_mut(which) {
                        let said = settle(&invoice, payment, &word(payment, outcome), UtcTime::EPOCH);
                        take(said, &mut invoice, payment);
                    },
                    Step::Abandon(which) => if let Some(payment) = payments.get_mut(which) {
                        let was_unopened = payment.progress() == Progress::Unopened;
                        let said = abandon(&invoice, payment, UtcTime::EPOCH);
                        prop_assert_eq!(take(said, &mut invoice, payment), was_unopened);
                    },
                    Step::Resize(total) => if let Ok(changed) = send(Some(invoice.clone()), total, false) {
                        invoice = changed;
                    },
                }
                let of = |status| payments.iter().filter(|p| p.status == status)
                    .map(|p| p.amount_minor.minor()).sum::<i64>();
                prop_assert_eq!(invoice.paid_minor, of(PaymentStatus::Succeeded));
                prop_assert_eq!(invoice.in_flight_minor(), of(PaymentStatus::Pending));
                prop_assert!(invoice.due_minor >= 0);
                prop_assert!(invoice.paid_minor <= invoice.terms.total_minor.minor());
                prop_assert_eq!(
                    invoice.status == InvoiceStatus::Paid,
                    invoice.paid_minor == invoice.terms.total_minor.minor()
                );
            }
        }
    }

    #[test]
    fn a_provider_that_names_another_amount_settles_nothing() {
        let (reserved, payment, _) = pay(&send(None, 1000, false).unwrap(), 600, 1).unwrap();
        let mut said = word(&payment, Outcome::Succeeded);
        said.amount_minor = 60;
        assert_eq!(settle(&reserved, &payment, &said, UtcTime::EPOCH), Err(SettleError::Amount));
    }

    /// Proves: F11
    #[test]
    fn an_outcome_told_twice_settles_once() {
        let (reserved, payment, _) = pay(&send(None, 1000, false).unwrap(), 1000, 1).unwrap();
        let said = word(&payment, Outcome::Succeeded);
        let Ok(Settlement::Ended(ended)) = settle(&reserved, &payment, &said, UtcTime::EPOCH) else { panic!() };
        let (paid, payment, event) = *ended;
        assert_eq!(paid.status, InvoiceStatus::Paid);
        assert_eq!(event.payload.data()["invoice_status"], "paid");
        assert_eq!(settle(&paid, &payment, &said, UtcTime::EPOCH), Ok(Settlement::Unchanged));
    }

    #[test]
    fn a_payment_that_the_provider_has_is_never_abandoned() {
        let (reserved, payment, _) = pay(&send(None, 1000, false).unwrap(), 600, 1).unwrap();
        let opened = payment.open("pi_1");
        assert_eq!(abandon(&reserved, &opened, UtcTime::EPOCH), Ok(Settlement::Unchanged));
        let Ok(Settlement::Ended(ended)) = abandon(&reserved, &payment, UtcTime::EPOCH) else { panic!() };
        let (released, given_up, event) = *ended;
        assert_eq!((released.due_minor, given_up.status), (1000, PaymentStatus::Canceled));
        assert_eq!(event.kind(), crate::EventType::PaymentFailed);
        assert_eq!(abandon(&released, &given_up, UtcTime::EPOCH), Ok(Settlement::Unchanged));
    }

    #[test]
    fn money_is_never_booked_on_another_invoice() {
        let (mut reserved, payment, _) = pay(&send(None, 1000, false).unwrap(), 600, 1).unwrap();
        reserved.reference = "INV-2".parse().unwrap();
        let said = word(&payment, Outcome::Succeeded);
        assert_eq!(settle(&reserved, &payment, &said, UtcTime::EPOCH), Err(SettleError::Invoice));
        assert_eq!(abandon(&reserved, &payment, UtcTime::EPOCH), Err(SettleError::Invoice));
    }

    #[test]
    fn a_payment_is_settled_only_under_its_own_provider_id() {
        let (reserved, payment, _) = pay(&send(None, 1000, false).unwrap(), 600, 1).unwrap();
        let opened = payment.open("pi_other");
        let said = word(&payment, Outcome::Succeeded);
        assert_eq!(settle(&reserved, &opened, &said, UtcTime::EPOCH), Err(SettleError::ProviderId));
    }

    #[test]
    fn the_schedule_abandons_what_was_never_opened_and_asks_about_the_rest() {
        let (_, payment, _) = pay(&send(None, 1000, false).unwrap(), 600, 1).unwrap();
        let at = |seconds| UtcTime::EPOCH.plus_s(seconds);
        assert_eq!(payment.pending_payment_action(at(UNOPENED_FOR_S - 1)), PendingPaymentAction::Leave);
        assert_eq!(payment.pending_payment_action(at(UNOPENED_FOR_S)), PendingPaymentAction::Abandon);
        let opened = payment.open("pi_1");
        for (seconds, is_overdue) in [(0, false), (OPEN_FOR_S - 1, false), (OPEN_FOR_S, true)] {
            assert_eq!(
                opened.pending_payment_action(at(seconds)),
                PendingPaymentAction::LookUp { provider_id: "pi_1", is_overdue }
            );
        }
        let ended = Payment { status: PaymentStatus::Succeeded, ..opened };
        assert_eq!(ended.pending_payment_action(at(OPEN_FOR_S)), PendingPaymentAction::Leave);
    }
}
