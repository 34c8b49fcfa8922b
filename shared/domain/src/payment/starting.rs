//! Starts a payment, or finds the one that the person has started already.

use super::{
    event::of_status,
    state::{Payment, PaymentStatus},
};
use crate::{
    event::{NewEvent, kinds},
    id::{PaymentId, UserId},
    invoice::{Invoice, InvoiceState, PayingLink, PendingPayment},
    money::{Amount, Currency},
    text::Name,
    time::UtcTime,
};

/// The most payments of one invoice that are pending at a time.
const MAX_PENDING: usize = 100;

/// The payment that a person asks for.
#[derive(Debug, Clone)]
pub struct NewPayment<'a> {
    /// Its id, if it is started.
    pub id: &'a PaymentId,
    /// How much.
    pub amount_minor: Amount,
    /// In which currency.
    pub currency: Currency,
    /// The least that the provider takes in this currency, in minor units.
    pub provider_minimum_minor: i64,
    /// Who asks.
    pub user: &'a UserId,
    /// Their name.
    pub user_name: &'a Name,
    /// When.
    pub at: UtcTime,
}

/// The payment that the holder of a hosted link asks for: of all that is due.
#[derive(Debug, Clone)]
pub struct WholePayment<'a> {
    /// Its id, if it is started.
    pub id: &'a PaymentId,
    /// The least that the provider takes in the invoice's currency, in minor units.
    pub provider_minimum_minor: i64,
    /// The link.
    pub through: &'a PayingLink,
    /// The name of the contact whom the link is for.
    pub contact_name: &'a Name,
    /// When.
    pub at: UtcTime,
}

/// A payment to go on with.
#[derive(Debug, Clone, PartialEq)]
pub enum PaymentStart {
    /// It starts now: the invoice with the amount reserved, the payment, and the event.
    Started(Box<(Invoice, Payment, NewEvent)>),
    /// The person, or a holder of the link, has started it before; nothing changes.
    Resumed(PendingPayment),
}

/// Why a payment was not started.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PayError {
    /// The invoice is paid or void.
    #[error("the invoice is not open")]
    NotOpen(InvoiceState),
    /// The person has started a payment of another amount, and it is pending.
    #[error("your payment of {} is pending since {}: complete it or cancel it", .0.amount_minor.minor(), .0.started_at)]
    OwnPending(Box<PendingPayment>),
    /// The invoice is paid in another way.
    #[error("the invoice is not paid online")]
    NotOnline,
    /// More than is due.
    #[error("only {due_minor} is due{}", being_paid(.pending))]
    MoreThanDue {
        /// The amount that is neither settled nor being paid, in minor units.
        due_minor: i64,
        /// The pending payments.
        pending: Vec<PendingPayment>,
    },
    /// As many payments as can be are pending.
    #[error("{MAX_PENDING} payments of this invoice are pending")]
    TooManyPending,
    /// Not the invoice's currency.
    #[error("the invoice is in {0}")]
    Currency(Currency),
    /// The provider takes no payment so small: neither this one nor one of what would be left.
    #[error("{}", possible(*.due_minor, *.minimum_minor))]
    BelowMinimum {
        /// What is due, in minor units.
        due_minor: i64,
        /// The least that the provider takes, in minor units.
        minimum_minor: i64,
    },
}

/// Who is paying how much, for the person who cannot.
fn being_paid(pending: &[PendingPayment]) -> String {
    let mut text = String::new();
    for payment in pending {
        let name = payment.started_by_name.as_ref().map_or("somebody", Name::as_str);
        let (amount, since) = (payment.amount_minor.minor(), payment.started_at);
        text.push_str(&format!("; {name} is paying {amount} since {since} ({})", payment.id));
    }
    text
}

/// The amounts that can be paid.
fn possible(due_minor: i64, minimum_minor: i64) -> String {
    let most_minor = due_minor - minimum_minor;
    if due_minor < minimum_minor {
        format!("only {due_minor} is due, and the payment provider takes no less than {minimum_minor}")
    } else if most_minor < minimum_minor {
        format!("must be {due_minor}: the payment provider takes no less than {minimum_minor}, also of the rest")
    } else {
        format!(
            "must be {due_minor}, or {minimum_minor} to {most_minor}: the payment provider takes no less than \
             {minimum_minor}, also of the rest"
        )
    }
}

/// Starts a payment and reserves its amount; or resumes the one of the same amount that the person has
/// pending on this invoice. A person has one pending payment of an invoice.
///
/// # Errors
/// [`PayError`].
pub fn start(invoice: &Invoice, new: &NewPayment<'_>) -> Result<PaymentStart, PayError> {
    if new.currency != invoice.terms.content.currency {
        return Err(PayError::Currency(invoice.terms.content.currency));
    }
    if let Some(own) = invoice.pending_of(new.user) {
        let own = own.clone();
        let is_the_same = own.amount_minor == new.amount_minor;
        return if is_the_same { Ok(PaymentStart::Resumed(own)) } else { Err(PayError::OwnPending(Box::new(own))) };
    }
    can_be_paid(invoice)?;
    let due_minor = invoice.due_minor.max(0);
    let rest_minor = due_minor - new.amount_minor.minor();
    if rest_minor < 0 {
        return Err(PayError::MoreThanDue { due_minor, pending: invoice.pending.clone() });
    }
    let minimum_minor = new.provider_minimum_minor;
    if new.amount_minor.minor() < minimum_minor || (1..minimum_minor).contains(&rest_minor) {
        return Err(PayError::BelowMinimum { due_minor, minimum_minor });
    }
    reserve(
        invoice,
        PendingPayment {
            id: new.id.clone(),
            started_by: Some(new.user.clone()),
            started_through: None,
            started_by_name: Some(new.user_name.clone()),
            started_at: new.at,
            amount_minor: new.amount_minor,
        },
    )
}

/// Starts a payment of all that is due, and reserves it; or resumes the one that is pending through the same hosted
/// link, whatever is due by now. A link has one pending payment.
///
/// # Errors
/// [`PayError`], but nothing of who else pays.
pub fn start_whole(invoice: &Invoice, new: &WholePayment<'_>) -> Result<PaymentStart, PayError> {
    if let Some(pending) = invoice.pending_through(&new.through.link) {
        return Ok(PaymentStart::Resumed(pending.clone()));
    }
    can_be_paid(invoice)?;
    let due_minor = invoice.due_minor.max(0);
    let nothing_due = |_| PayError::MoreThanDue { due_minor, pending: Vec::new() };
    let amount_minor = Amount::try_from(due_minor).map_err(nothing_due)?;
    let minimum_minor = new.provider_minimum_minor;
    if due_minor < minimum_minor {
        return Err(PayError::BelowMinimum { due_minor, minimum_minor });
    }
    reserve(
        invoice,
        PendingPayment {
            id: new.id.clone(),
            started_by: None,
            started_through: Some(new.through.clone()),
            started_by_name: Some(new.contact_name.clone()),
            started_at: new.at,
            amount_minor,
        },
    )
}

/// Whether an invoice takes payments through the provider at all.
fn can_be_paid(invoice: &Invoice) -> Result<(), PayError> {
    if invoice.state != InvoiceState::Open {
        return Err(PayError::NotOpen(invoice.state));
    }
    if invoice.is_paid_online() { Ok(()) } else { Err(PayError::NotOnline) }
}

/// Takes the amount of a payment, which is no more than what is due, off what is due.
fn reserve(invoice: &Invoice, pending: PendingPayment) -> Result<PaymentStart, PayError> {
    if invoice.pending.len() >= MAX_PENDING {
        return Err(PayError::TooManyPending);
    }
    let payment = Payment {
        id: pending.id.clone(),
        company: invoice.company.clone(),
        invoice: invoice.reference.clone(),
        amount_minor: pending.amount_minor,
        currency: invoice.terms.content.currency,
        status: PaymentStatus::Pending,
        refunded_minor: 0,
        disputed_minor: 0,
        provider_id: None,
        session_id: None,
        started_by: pending.started_by.clone(),
        started_through: pending.started_through.clone(),
        started_by_name: pending.started_by_name.clone(),
        started_at: pending.started_at,
        ended_at: None,
        check_at: None,
        version: 1,
    };
    let reserved = Invoice {
        due_minor: invoice.due_minor.max(0) - payment.amount_minor.minor(),
        pending: invoice.pending.iter().cloned().chain([pending]).collect(),
        version: invoice.version + 1,
        ..invoice.clone()
    };
    let event = of_status(&payment, kinds::PaymentStarted::of, &reserved);
    Ok(PaymentStart::Started(Box::new((reserved, payment, event))))
}
