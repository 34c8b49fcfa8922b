//! Invoices as the ledger pushes them and people see and pay them.
//!
//! Money that is being paid is reserved: `due_minor` is what is neither settled nor in flight, so
//! concurrent payments can never exceed the total.
//!
//! INVARIANT: total = paid + settled elsewhere + in flight + due. A payment can be started only for what
//! is due. What was paid can go back to the payer and return again; so `due_minor` is negative while more
//! came in than was asked for, and [`Invoice::amounts`] shows the surplus as `overpaid_minor`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    event::{NewEvent, kinds},
    id::{CompanyId, Org, PaymentId, UserId},
    ledger_report::{ReportVersion, Reported},
    money::{Amount, Currency, Total},
    text::{Name, Note, Reference},
    time::{Day, UtcTime},
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
    /// Its total in minor units. An invoice of zero is settled from the start.
    pub total_minor: Total,
    /// What was settled other than through the payment provider, such as by bank transfer, in minor
    /// units.
    #[serde(default)]
    pub settled_elsewhere_minor: Total,
    /// When it was issued.
    pub issued_on: Day,
    /// When it is to be paid.
    pub due_on: Day,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Note>,
}

/// A payment that has not ended: it holds a part of its invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PendingPayment {
    /// The payment.
    pub id: PaymentId,
    /// Who started it.
    pub started_by: UserId,
    /// Their name at that time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_by_name: Option<Name>,
    /// When it was started.
    pub started_at: UtcTime,
    /// How much it holds, in minor units of the invoice's currency.
    pub amount_minor: Amount,
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
    /// What the payment provider holds of its payments, in minor units.
    pub paid_minor: i64,
    /// What is neither settled nor in flight, in minor units; negative when more came in than was asked
    /// for.
    pub due_minor: i64,
    /// The pending payments, oldest first. Those from before this list was kept are not in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pending: Vec<PendingPayment>,
    /// The ledger's version of its data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report_version: Option<ReportVersion>,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

/// How the total of an invoice is made up, in minor units of its currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct InvoiceAmounts {
    /// The amount paid through the payment provider: what it holds now, up to the total. Refunds and
    /// disputed amounts are not part of it.
    pub paid_minor: i64,
    /// The amount settled otherwise, as the ledger reports it.
    pub settled_elsewhere_minor: i64,
    /// The amount of pending payments.
    pub in_flight_minor: i64,
    /// The amount that is neither settled nor being paid.
    pub due_minor: i64,
    /// The amount received beyond the total. It is above zero only if a refund failed or a dispute was won
    /// after the amount had been paid again.
    pub overpaid_minor: i64,
}

/// Why the ledger's change was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// More is settled elsewhere than the total.
    #[error("must be at most the total")]
    SettledBeyondTotal,
    /// With what is settled elsewhere, more than the total has been paid or is being paid.
    #[error("with what is settled elsewhere, more than the total is already paid or being paid")]
    BelowPaid {
        /// The payments that are pending.
        pending: Vec<PendingPayment>,
    },
    /// It is being paid or has been paid in part, so it cannot be withdrawn or change currency.
    #[error("payments exist")]
    PaymentsExist {
        /// The payments that are pending.
        pending: Vec<PendingPayment>,
    },
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
    if terms.settled_elsewhere_minor > terms.total_minor {
        return Err(RecordError::SettledBeyondTotal);
    }
    let Some(known) = known else {
        let mut invoice = Invoice {
            company: company.clone(),
            reference: reference.clone(),
            terms,
            status: InvoiceStatus::Open,
            paid_minor: 0,
            due_minor: 0,
            pending: Vec::new(),
            report_version: None,
            version: 1,
        };
        invoice.withdraw_or_settle(void, 0);
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
    let committed = known.paid_minor + known.in_flight_minor();
    if committed > 0 && (void || terms.currency != known.terms.currency) {
        return Err(RecordError::PaymentsExist { pending: known.pending });
    }
    let mut changed = Invoice { terms, version: known.version + 1, ..known.clone() };
    changed.withdraw_or_settle(void, committed);
    // What is overpaid already may be corrected step by step.
    if changed.due_minor < known.due_minor.min(0) {
        return Err(RecordError::BelowPaid { pending: known.pending });
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
        self.total_owed_minor() - self.settled_elsewhere_minor() - self.paid_minor - self.due_minor
    }

    /// How the total is made up.
    #[must_use]
    pub fn amounts(&self) -> InvoiceAmounts {
        let settled_elsewhere_minor = self.settled_elsewhere_minor();
        let payable_minor = self.total_owed_minor() - settled_elsewhere_minor;
        let overpaid_minor = (self.paid_minor - payable_minor).max(0);
        InvoiceAmounts {
            paid_minor: self.paid_minor - overpaid_minor,
            settled_elsewhere_minor,
            in_flight_minor: self.in_flight_minor(),
            due_minor: self.due_minor.max(0),
            overpaid_minor,
        }
    }

    /// The pending payment of a person.
    #[must_use]
    pub fn pending_of(&self, user: &UserId) -> Option<&PendingPayment> {
        self.pending.iter().find(|pending| pending.started_by == *user)
    }

    /// The same invoice with this much more held by the provider; less when it is negative. What is due
    /// changes the other way, unless the amount was reserved.
    pub(crate) fn received(&mut self, minor: i64, was_reserved: bool) {
        self.paid_minor += minor;
        if !was_reserved {
            self.due_minor -= minor;
        }
        if self.status != InvoiceStatus::Void {
            self.status = self.settled_status();
        }
    }

    /// The state after a report: what payments have taken or hold is committed.
    fn withdraw_or_settle(&mut self, void: bool, committed_minor: i64) {
        self.status = if void { InvoiceStatus::Void } else { self.settled_status() };
        self.due_minor = self.total_owed_minor() - self.settled_elsewhere_minor() - committed_minor;
    }

    /// Nothing is owed for a withdrawn invoice.
    fn total_owed_minor(&self) -> i64 {
        match self.status {
            InvoiceStatus::Void => 0,
            InvoiceStatus::Open | InvoiceStatus::Paid => self.terms.total_minor.minor(),
        }
    }

    fn settled_elsewhere_minor(&self) -> i64 {
        match self.status {
            InvoiceStatus::Void => 0,
            InvoiceStatus::Open | InvoiceStatus::Paid => self.terms.settled_elsewhere_minor.minor(),
        }
    }

    fn settled_status(&self) -> InvoiceStatus {
        let settled_minor = self.paid_minor + self.terms.settled_elsewhere_minor.minor();
        if settled_minor >= self.terms.total_minor.minor() { InvoiceStatus::Paid } else { InvoiceStatus::Open }
    }

    fn recorded(&self, before: Option<&Self>) -> NewEvent {
        let recorded = InvoiceRecorded {
            number: self.terms.number.clone(),
            counterparty: self.terms.counterparty.clone(),
            total_minor: self.terms.total_minor,
            settled_elsewhere_minor: self.terms.settled_elsewhere_minor,
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
    pub total_minor: Total,
    /// What was settled other than through the payment provider, in minor units.
    #[serde(default)]
    pub settled_elsewhere_minor: Total,
    /// The total before the change; `null` for a new invoice.
    #[schema(required = true)]
    pub before_total_minor: Option<Total>,
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
    /// What is neither settled nor in flight, in minor units.
    pub due_minor: i64,
}

/// Adds up what is still due, each currency by itself, in the order in which they first occur.
///
/// A page of invoices at the largest amount still fits an `i64`; more than that stays at its end.
#[must_use]
pub fn due_by_currency(invoices: &[Invoice]) -> Vec<Due> {
    let mut sums: Vec<Due> = Vec::new();
    for invoice in invoices {
        let (currency, due_minor) = (invoice.terms.currency, invoice.due_minor.max(0));
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
            settled_elsewhere_minor: Total::default(),
            issued_on: "2026-11-01".to_owned().try_into().unwrap(),
            due_on: "2026-12-01".to_owned().try_into().unwrap(),
            description: None,
        }
    }

    pub(crate) fn report(known: Option<Invoice>, terms: InvoiceTerms, void: bool) -> Result<Invoice, RecordError> {
        let company = CompanyId::from_uuid(Uuid::from_u128(1));
        record(&company, &"INV-1".parse().unwrap(), known, terms, void).map(|r| match r {
            Recording::Recorded(invoice, _) | Recording::Unchanged(invoice) => invoice,
        })
    }

    pub(crate) fn send(known: Option<Invoice>, total_minor: i64, void: bool) -> Result<Invoice, RecordError> {
        report(known, terms(total_minor), void)
    }

    /// The ledger reports that this much was settled elsewhere.
    pub(crate) fn settle_elsewhere(known: Option<Invoice>, total: i64, minor: i64) -> Result<Invoice, RecordError> {
        let settled_elsewhere_minor = minor.try_into().unwrap();
        report(known, InvoiceTerms { settled_elsewhere_minor, ..terms(total) }, false)
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
        let pending = Vec::new();
        assert_eq!(
            send(Some(invoice.clone()), 1000, true),
            Err(RecordError::PaymentsExist { pending: pending.clone() })
        );
        assert_eq!(send(Some(invoice.clone()), 599, false), Err(RecordError::BelowPaid { pending }));
        assert_eq!(send(Some(invoice), 600, false).unwrap().due_minor, 0);
    }

    /// Proves: U5
    #[test]
    fn an_invoice_of_zero_is_settled_from_the_start_and_opens_when_it_grows() {
        let free = send(None, 0, false).unwrap();
        assert_eq!((free.status, free.due_minor), (InvoiceStatus::Paid, 0));
        let grown = send(Some(free), 500, false).unwrap();
        assert_eq!((grown.status, grown.due_minor), (InvoiceStatus::Open, 500));
        assert_eq!(send(None, 0, true).unwrap().status, InvoiceStatus::Void);
    }

    /// Proves: U4
    #[test]
    fn what_is_settled_elsewhere_is_no_longer_due() {
        let part = settle_elsewhere(Some(send(None, 1000, false).unwrap()), 1000, 400).unwrap();
        assert_eq!((part.status, part.due_minor), (InvoiceStatus::Open, 600));
        let whole = settle_elsewhere(Some(part), 1000, 1000).unwrap();
        assert_eq!((whole.status, whole.due_minor, whole.paid_minor), (InvoiceStatus::Paid, 0, 0));
        // The bank returned the transfer.
        let returned = send(Some(whole), 1000, false).unwrap();
        assert_eq!((returned.status, returned.due_minor), (InvoiceStatus::Open, 1000));
        assert_eq!(settle_elsewhere(None, 1000, 1001), Err(RecordError::SettledBeyondTotal));
        assert_eq!(settle_elsewhere(None, 1000, 1000).unwrap().status, InvoiceStatus::Paid);
    }

    /// Proves: U4
    #[test]
    fn what_is_settled_elsewhere_never_takes_what_is_being_paid() {
        let mut invoice = send(None, 1000, false).unwrap();
        invoice.due_minor = 400;
        assert_eq!(settle_elsewhere(Some(invoice.clone()), 1000, 400).unwrap().in_flight_minor(), 600);
        let refused = settle_elsewhere(Some(invoice), 1000, 401);
        assert_eq!(refused, Err(RecordError::BelowPaid { pending: Vec::new() }));
    }

    /// An item as it was written before payments were listed in it.
    #[test]
    fn an_older_invoice_is_read() {
        let older = serde_json::json!({
            "company": CompanyId::from_uuid(Uuid::from_u128(1)), "reference": "INV-1", "number": "2026/17",
            "counterparty": "Papelaria", "currency": "EUR", "total_minor": 1000, "issued_on": "2026-11-01",
            "due_on": "2026-12-01", "status": "open", "paid_minor": 100, "due_minor": 650, "version": 3,
        });
        let invoice: Invoice = serde_json::from_value(older).unwrap();
        let amounts = invoice.amounts();
        assert_eq!((amounts.in_flight_minor, amounts.due_minor, amounts.settled_elsewhere_minor), (250, 650, 0));
        assert!(invoice.pending.is_empty());
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
