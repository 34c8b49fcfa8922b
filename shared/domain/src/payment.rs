//! Payments of invoices through a provider that holds the card data; we hold none.
//!
//! A payment reserves its amount on the invoice when it starts and settles or releases it once,
//! however often and in whatever order the provider tells of the outcome.

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::{
    event::{EventType, Fact},
    id::{CompanyId, Org, PaymentId, UserId},
    invoice::{Invoice, InvoiceStatus},
    money::{Amount, Currency},
    text::Reference,
    time::UtcTime,
};

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
    /// The provider's id for it, once known.
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
) -> Result<(Invoice, Payment, Fact), PayError> {
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
    let fact = payment.fact(EventType::PaymentStarted, &reserved);
    Ok((reserved, payment, fact))
}

/// What the provider says became of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderWord {
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
    Ended(Box<(Invoice, Payment, Fact)>),
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
    word: &ProviderWord,
    now: UtcTime,
) -> Result<Settlement, SettleError> {
    if payment.provider_id.as_ref().is_some_and(|known| *known != word.provider_id) {
        return Err(SettleError::ProviderId);
    }
    if word.amount_minor != payment.amount_minor.minor() || word.currency != payment.currency {
        return Err(SettleError::Amount);
    }
    let status = match (payment.status, word.outcome) {
        (PaymentStatus::Pending, Outcome::Succeeded) => PaymentStatus::Succeeded,
        (PaymentStatus::Pending, Outcome::Canceled) => PaymentStatus::Canceled,
        (PaymentStatus::Succeeded, Outcome::Canceled) | (PaymentStatus::Canceled, Outcome::Succeeded) => {
            return Err(SettleError::Contradiction);
        }
        (PaymentStatus::Pending | PaymentStatus::Succeeded | PaymentStatus::Canceled, Outcome::Open)
        | (PaymentStatus::Succeeded, Outcome::Succeeded)
        | (PaymentStatus::Canceled, Outcome::Canceled) => return Ok(Settlement::Unchanged),
    };
    let amount = payment.amount_minor.minor();
    let mut settled = Invoice { version: invoice.version + 1, ..invoice.clone() };
    let kind = if status == PaymentStatus::Succeeded {
        settled.paid_minor += amount;
        settled.status = settled.settled_status();
        EventType::PaymentSucceeded
    } else {
        settled.due_minor += amount;
        EventType::PaymentFailed
    };
    let ended = Payment {
        status,
        provider_id: Some(word.provider_id.clone()),
        ended_at: Some(now),
        version: payment.version + 1,
        ..payment.clone()
    };
    let fact = ended.fact(kind, &settled);
    Ok(Settlement::Ended(Box::new((settled, ended, fact))))
}

impl Payment {
    fn fact(&self, kind: EventType, invoice: &Invoice) -> Fact {
        let data = json!({
            "invoice": self.invoice,
            "invoice_number": invoice.terms.number,
            "invoice_status": invoice.status,
            "counterparty": invoice.terms.counterparty,
            "amount_minor": self.amount_minor,
            "currency": self.currency,
            "status": self.status,
        });
        Fact::new(kind, Org::Company(self.company.clone()), ("payment", self.id.as_str()), data)
    }
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

    fn pay(invoice: &Invoice, amount_minor: i64, n: u128) -> Result<(Invoice, Payment, Fact), PayError> {
        let user: UserId = "owner".parse().unwrap();
        let id = PaymentId::from_uuid(Uuid::from_u128(n));
        start(invoice, id, amount_minor.try_into().unwrap(), euros(), &user, UtcTime::EPOCH)
    }

    fn word(payment: &Payment, outcome: Outcome) -> ProviderWord {
        ProviderWord {
            provider_id: format!("pi_{}", payment.id),
            amount_minor: payment.amount_minor.minor(),
            currency: payment.currency,
            outcome,
        }
    }

    #[derive(Debug, Clone)]
    enum Step {
        Start(i64),
        Word(usize, Outcome),
        Resize(i64),
    }

    fn step() -> impl Strategy<Value = Step> {
        let outcome = prop_oneof![Just(Outcome::Open), Just(Outcome::Succeeded), Just(Outcome::Canceled)];
        prop_oneof![
            (1_i64..700).prop_map(Step::Start),
            (0_usize..6, outcome).prop_map(|(which, outcome)| Step::Word(which, outcome)),
            (1_i64..1500).prop_map(Step::Resize),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

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
                    Step::Word(which, outcome) => if let Some(payment) = payments.get(which) {
                        let said = settle(&invoice, payment, &word(payment, outcome), UtcTime::EPOCH);
                        if let Ok(Settlement::Ended(ended)) = said {
                            let (settled, ended, _) = *ended;
                            invoice = settled;
                            payments[which] = ended;
                        }
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

    #[test]
    fn an_outcome_told_twice_settles_once() {
        let (reserved, payment, _) = pay(&send(None, 1000, false).unwrap(), 1000, 1).unwrap();
        let said = word(&payment, Outcome::Succeeded);
        let Ok(Settlement::Ended(ended)) = settle(&reserved, &payment, &said, UtcTime::EPOCH) else { panic!() };
        let (paid, payment, fact) = *ended;
        assert_eq!(paid.status, InvoiceStatus::Paid);
        assert_eq!(fact.data["invoice_status"], "paid");
        assert_eq!(settle(&paid, &payment, &said, UtcTime::EPOCH), Ok(Settlement::Unchanged));
    }
}
