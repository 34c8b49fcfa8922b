//! Invoices as the ledger pushes them and people see and pay them.
//!
//! Money that is being paid is reserved: `due_minor` is what is neither paid nor in flight, so
//! concurrent payments can never exceed the total.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    event::{NewEvent, kinds},
    id::{CompanyId, Org},
    ledger_report::{ReportVersion, Reported},
    money::{Amount, Currency},
    text::{Name, Note, Reference},
    time::Day,
};

pub use crate::ledger_report::Recording;

/// The status of an invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceStatus {
    /// Something is still to be paid.
    Open,
    /// All of it is paid.
    Paid,
    /// Withdrawn by the ledger.
    Void,
}

impl InvoiceStatus {
    /// The status as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Paid => "paid",
            Self::Void => "void",
        }
    }
}

/// The ledger's data of an invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceTerms {
    /// The number printed on it.
    pub number: Name,
    /// The other party.
    pub counterparty: Name,
    /// Its currency.
    pub currency: Currency,
    /// Its total in minor units.
    pub total_minor: Amount,
    /// When it was issued.
    pub issued_on: Day,
    /// When it is to be paid.
    pub due_on: Day,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Note>,
}

/// An invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invoice {
    /// The company.
    pub company: CompanyId,
    /// The ledger's own name for it.
    pub reference: Reference,
    /// The ledger's data.
    #[serde(flatten)]
    pub terms: InvoiceTerms,
    /// Its status.
    pub status: InvoiceStatus,
    /// What has been paid, in minor units.
    pub paid_minor: i64,
    /// The amount that is neither paid nor being paid, in minor units.
    pub due_minor: i64,
    /// The ledger's version of its data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report_version: Option<ReportVersion>,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

/// Why the ledger's change was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// More than the new total has been paid or is being paid.
    #[error("more than this total is already paid or being paid")]
    BelowPaid,
    /// It is being paid or has been paid in part, so it cannot be withdrawn or change currency.
    #[error("payments exist")]
    PaymentsExist,
    /// It was withdrawn.
    #[error("it is void")]
    Void,
}

/// Records an invoice from the ledger, or a change to it.
///
/// While a payment is in flight the ledger may change everything that leaves the payment right; the rest is
/// refused, and the ledger tries again once the payment has ended.
///
/// # Errors
/// [`RecordError`].
pub fn record(
    company: &CompanyId,
    reference: &Reference,
    known: Option<Invoice>,
    terms: InvoiceTerms,
    void: bool,
) -> Result<Recording<Invoice>, RecordError> {
    let Some(known) = known else {
        let total = terms.total_minor.minor();
        let invoice = Invoice {
            company: company.clone(),
            reference: reference.clone(),
            terms,
            status: if void { InvoiceStatus::Void } else { InvoiceStatus::Open },
            paid_minor: 0,
            due_minor: if void { 0 } else { total },
            report_version: None,
            version: 1,
        };
        let event = invoice.recorded(None);
        return Ok(Recording::Recorded(invoice, event));
    };
    let is_void = known.status == InvoiceStatus::Void;
    if known.terms == terms && is_void == void {
        return Ok(Recording::Unchanged(known));
    }
    if is_void {
        return Err(RecordError::Void);
    }
    let committed = known.terms.total_minor.minor() - known.due_minor;
    if committed > 0 && (void || terms.currency != known.terms.currency) {
        return Err(RecordError::PaymentsExist);
    }
    let due_minor = terms.total_minor.minor() - committed;
    if due_minor < 0 {
        return Err(RecordError::BelowPaid);
    }
    let mut changed = Invoice { terms, version: known.version + 1, due_minor, ..known.clone() };
    changed.status = if void { InvoiceStatus::Void } else { changed.settled_status() };
    if void {
        changed.due_minor = 0;
    }
    let event = changed.recorded(Some(&known));
    Ok(Recording::Recorded(changed, event))
}

impl Reported for Invoice {
    fn report_version(&self) -> Option<ReportVersion> {
        self.report_version
    }

    fn set_report_version(&mut self, version: ReportVersion) {
        self.report_version = Some(version);
    }

    fn count_change(&mut self) {
        self.version += 1;
    }
}

impl Invoice {
    /// The amount of pending payments, in minor units.
    #[must_use]
    pub fn in_flight_minor(&self) -> i64 {
        match self.status {
            InvoiceStatus::Void => 0,
            InvoiceStatus::Open | InvoiceStatus::Paid => {
                self.terms.total_minor.minor() - self.paid_minor - self.due_minor
            }
        }
    }

    pub(crate) fn settled_status(&self) -> InvoiceStatus {
        if self.paid_minor == self.terms.total_minor.minor() { InvoiceStatus::Paid } else { InvoiceStatus::Open }
    }

    fn recorded(&self, before: Option<&Self>) -> NewEvent {
        let recorded = InvoiceRecorded {
            number: self.terms.number.clone(),
            counterparty: self.terms.counterparty.clone(),
            total_minor: self.terms.total_minor,
            before_total_minor: before.map(|b| b.terms.total_minor),
            currency: self.terms.currency,
            status: self.status,
            due_on: self.terms.due_on,
        };
        let org = Org::Company(self.company.clone());
        NewEvent::new(org, self.reference.as_str(), kinds::InvoiceRecorded::of(recorded))
    }
}

/// Payload of `invoice.recorded`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InvoiceRecorded {
    /// The number that is printed on the invoice.
    pub number: Name,
    /// The other side of the invoice.
    pub counterparty: Name,
    /// The total, in minor units of `currency`.
    pub total_minor: Amount,
    /// The total before the change; `null` for a new invoice.
    #[schema(required = true)]
    pub before_total_minor: Option<Amount>,
    /// The currency.
    pub currency: Currency,
    /// The invoice's state.
    pub status: InvoiceStatus,
    /// When it is due.
    pub due_on: Day,
}

/// The amount due in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// The currency.
    pub currency: Currency,
    /// The amount that is neither paid nor being paid, in minor units.
    pub due_minor: i64,
}

/// Adds up what is still due, each currency by itself, in the order in which they first occur.
///
/// A page of invoices at the largest amount still fits an `i64`; more than that stays at its end.
#[must_use]
pub fn due_by_currency(invoices: &[Invoice]) -> Vec<Due> {
    let mut sums: Vec<Due> = Vec::new();
    for invoice in invoices {
        let (currency, due_minor) = (invoice.terms.currency, invoice.due_minor);
        match sums.iter_mut().find(|sum| sum.currency == currency) {
            Some(sum) => sum.due_minor = sum.due_minor.saturating_add(due_minor),
            None => sums.push(Due { currency, due_minor }),
        }
    }
    sums
}

#[cfg(test)]
pub(crate) mod tests {
    use uuid::Uuid;

    use super::*;

    pub(crate) fn terms(total_minor: i64) -> InvoiceTerms {
        InvoiceTerms {
            number: "2026/17".parse().unwrap(),
            counterparty: "Papelaria".parse().unwrap(),
            currency: "EUR".parse().unwrap(),
            total_minor: total_minor.try_into().unwrap(),
            issued_on: "2026-11-01".to_owned().try_into().unwrap(),
            due_on: "2026-12-01".to_owned().try_into().unwrap(),
            description: None,
        }
    }

    pub(crate) fn send(known: Option<Invoice>, total_minor: i64, void: bool) -> Result<Invoice, RecordError> {
        let company = CompanyId::from_uuid(Uuid::from_u128(1));
        record(&company, &"INV-1".parse().unwrap(), known, terms(total_minor), void).map(|r| match r {
            Recording::Recorded(invoice, _) | Recording::Unchanged(invoice) => invoice,
        })
    }

    #[test]
    fn the_same_invoice_sent_twice_changes_nothing() {
        let first = send(None, 1000, false).unwrap();
        assert_eq!(send(Some(first.clone()), 1000, false).unwrap(), first);
    }

    /// Proves: F12
    #[test]
    fn an_invoice_in_payment_cannot_be_voided_or_reduced_below_the_payment() {
        let mut invoice = send(None, 1000, false).unwrap();
        invoice.due_minor = 400;
        assert_eq!(send(Some(invoice.clone()), 1000, true), Err(RecordError::PaymentsExist));
        assert_eq!(send(Some(invoice.clone()), 599, false), Err(RecordError::BelowPaid));
        assert_eq!(send(Some(invoice), 600, false).unwrap().due_minor, 0);
    }

    #[test]
    fn currencies_are_never_added_to_each_other() {
        let euros = send(None, 1000, false).unwrap();
        let mut dollars = send(None, 70, false).unwrap();
        dollars.terms.currency = "USD".parse().unwrap();
        let sums = due_by_currency(&[euros.clone(), dollars, euros]);
        let written: Vec<(&str, i64)> = sums.iter().map(|sum| (sum.currency.code(), sum.due_minor)).collect();
        assert_eq!(written, [("EUR", 2000), ("USD", 70)]);
    }

    #[test]
    fn a_void_invoice_stays_void() {
        let void = send(Some(send(None, 1000, false).unwrap()), 1000, true).unwrap();
        assert_eq!(void.due_minor, 0);
        assert_eq!(send(Some(void.clone()), 1000, false), Err(RecordError::Void));
        assert_eq!(send(Some(void.clone()), 1000, true).unwrap(), void);
    }
}
