//! What a change of documents does to the account of their customer.

use super::{
    account::{AccountError, CustomerAccount, LastPaid, Share},
    movement::{Movement, MovementKind},
};
use crate::{
    credit_note::{CreditNote, CreditNoteState},
    id::CompanyId,
    invoice::{Invoice, InvoiceState},
    money::Currency,
    text::{Name, Reference},
    time::{Day, UtcTime},
};

/// A document before and after a change.
#[derive(Debug, Clone, Copy)]
pub enum DocumentChange<'a> {
    /// An invoice.
    Invoice(Option<&'a Invoice>, &'a Invoice),
    /// A credit note.
    CreditNote(Option<&'a CreditNote>, &'a CreditNote),
}

/// Where a change counts.
#[derive(Debug, Clone)]
pub struct AccountInput<'a> {
    /// The company.
    pub company: &'a CompanyId,
    /// The customer of all documents of the change.
    pub customer: &'a Reference,
    /// The account as it was read; `None` before the first document was sent.
    pub account: Option<CustomerAccount>,
    /// Today in the company's time zone.
    pub today: Day,
    /// Now.
    pub at: UtcTime,
}

/// The account after a change, and the movements that lead to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountChange {
    /// The account as it is now.
    pub account: CustomerAccount,
    /// The version that was read; `None` where the account is new.
    pub expected: Option<u64>,
    /// The movements.
    pub movements: Vec<Movement>,
    before: CustomerAccount,
}

impl AccountChange {
    /// Whether the account stays within its limits, or at least does not grow. Payments never ask.
    ///
    /// # Errors
    /// [`AccountError`].
    pub fn check(&self) -> Result<(), AccountError> {
        self.account.check(&self.before)
    }
}

/// Applies a change of documents of one customer to their account; `None` where the account stays as it is, as with
/// drafts.
#[must_use]
pub fn account_change(input: AccountInput<'_>, changes: &[DocumentChange<'_>]) -> Option<AccountChange> {
    let AccountInput { company, customer, account, today, at } = input;
    let expected = account.as_ref().map(|account| account.version);
    let before = account.unwrap_or_else(|| CustomerAccount::new(company.clone(), customer.clone()));
    let mut account = before.clone();
    let mut movements = Vec::new();
    for change in changes {
        let (was, is) = change.shares();
        was.into_iter().for_each(|share| account.add(share, -1));
        is.into_iter().for_each(|share| account.add(share, 1));
        if let Some((currency, amount_minor)) = change.newly_paid() {
            account.last_paid = Some(LastPaid { at, amount_minor, currency });
        }
        movements.extend(change.causes().into_iter().map(|cause| cause.movement(company, customer, change, today, at)));
    }
    if account == before && movements.is_empty() {
        return None;
    }
    account.version += 1;
    Some(AccountChange { account, expected, movements, before })
}

/// One cause of a change.
struct Cause {
    kind: MovementKind,
    currency: Currency,
    amount_minor: i64,
    /// The day of issue, where that is the day that counts.
    issued_on: Option<Day>,
}

impl Cause {
    fn movement(
        self,
        company: &CompanyId,
        customer: &Reference,
        change: &DocumentChange<'_>,
        today: Day,
        at: UtcTime,
    ) -> Movement {
        let (document, number, document_version) = change.document();
        Movement {
            company: company.clone(),
            customer: customer.clone(),
            day: self.issued_on.unwrap_or(today),
            kind: self.kind,
            document: document.clone(),
            number: number.clone(),
            currency: self.currency,
            amount_minor: self.amount_minor,
            at,
            document_version,
        }
    }
}

/// The parts of what is owed for a document.
#[derive(Debug, Clone, Copy, Default)]
struct Parts {
    total: i64,
    elsewhere: i64,
    paid: i64,
    /// What pending payments hold.
    in_flight: i64,
    paid_out: i64,
}

impl Parts {
    /// How much of payments succeeded since. What succeeds is no longer in flight; money that went back and returns was
    /// not in flight.
    fn succeeded(self, is: Self) -> i64 {
        if is.paid == self.paid { 0 } else { (self.in_flight - is.in_flight).max(0) }
    }
}

/// The currency of a document and what is owed for it, if it counts.
type Counted = Option<(Currency, Parts)>;

impl DocumentChange<'_> {
    fn document(&self) -> (&Reference, &Name, u64) {
        match self {
            Self::Invoice(_, after) => (&after.reference, &after.terms.content.number, after.version),
            Self::CreditNote(_, after) => (&after.reference, &after.terms.content.number, after.version),
        }
    }

    fn shares(&self) -> (Option<Share>, Option<Share>) {
        match self {
            Self::Invoice(before, after) => (before.and_then(Share::of_invoice), Share::of_invoice(after)),
            Self::CreditNote(before, after) => (before.and_then(Share::of_credit_note), Share::of_credit_note(after)),
        }
    }

    /// The currency and the parts before, if it counted, and after, if it counts.
    fn parts(&self) -> (Counted, Counted) {
        let of_invoice = |invoice: &Invoice| {
            let counts = invoice.state != InvoiceState::Draft;
            counts.then(|| {
                let total = invoice.total_owed_minor();
                let elsewhere = invoice.settled_elsewhere_minor();
                let (paid, in_flight) = (invoice.paid_minor, invoice.in_flight_minor());
                let parts = Parts { total, elsewhere, paid, in_flight, paid_out: 0 };
                (invoice.terms.content.currency, parts)
            })
        };
        let of_note = |note: &CreditNote| {
            let counts = note.state == CreditNoteState::Issued;
            let total = -note.terms.content.total_minor.minor();
            let paid_out = note.terms.paid_out_minor.minor();
            counts.then(|| (note.terms.content.currency, Parts { total, paid_out, ..Parts::default() }))
        };
        match self {
            Self::Invoice(before, after) => {
                let was = before.and_then(of_invoice);
                // One that is withdrawn before it was sent never counted.
                let is = of_invoice(after).filter(|_| was.is_some() || after.state != InvoiceState::Void);
                (was, is)
            }
            Self::CreditNote(before, after) => (before.and_then(of_note), of_note(after)),
        }
    }

    /// The money that came in, where the document counted before.
    fn newly_paid(&self) -> Option<(Currency, i64)> {
        let (Some((old, was)), Some((currency, is))) = self.parts() else { return None };
        let minor = was.succeeded(is) + (is.elsewhere - was.elsewhere).max(0);
        (old == currency && minor > 0).then_some((currency, minor))
    }

    fn causes(&self) -> Vec<Cause> {
        let (first, correction, issued_on) = match self {
            Self::Invoice(_, after) => {
                (MovementKind::Invoice, MovementKind::InvoiceCorrection, after.terms.content.issued_on)
            }
            Self::CreditNote(_, after) => {
                (MovementKind::CreditNote, MovementKind::CreditNoteCorrection, after.terms.content.issued_on)
            }
        };
        let mut causes = Vec::new();
        match self.parts() {
            (None, None) => {}
            (None, Some((currency, is))) => {
                causes.push(Cause { kind: first, currency, amount_minor: is.total, issued_on: Some(issued_on) });
                causes.extend(received(currency, Parts { total: is.total, ..Parts::default() }, is));
            }
            (Some((currency, was)), None) => {
                causes.extend(corrected(correction, currency, -was.total));
                causes.extend(received(currency, was, Parts::default()));
            }
            (Some((old, was)), Some((currency, is))) if old == currency => {
                causes.extend(corrected(correction, currency, is.total - was.total));
                causes.extend(received(currency, was, is));
            }
            (Some((old, was)), Some((currency, is))) => {
                causes.extend(corrected(correction, old, -was.total));
                causes.extend(received(old, was, Parts::default()));
                causes.extend(corrected(correction, currency, is.total));
                causes.extend(received(currency, Parts::default(), is));
            }
        }
        // An invoice of nothing is issued all the same; no other cause without an amount is one.
        causes.retain(|cause| cause.amount_minor != 0 || cause.issued_on.is_some());
        causes
    }
}

fn corrected(kind: MovementKind, currency: Currency, amount_minor: i64) -> Option<Cause> {
    (amount_minor != 0).then_some(Cause { kind, currency, amount_minor, issued_on: None })
}

/// What was received and paid out, more or less.
fn received(currency: Currency, was: Parts, is: Parts) -> impl Iterator<Item = Cause> {
    let succeeded = was.succeeded(is);
    let moved = is.paid - was.paid - succeeded;
    let kind = if moved > 0 { MovementKind::Returned } else { MovementKind::Refund };
    [
        corrected(MovementKind::SettledElsewhere, currency, was.elsewhere - is.elsewhere),
        corrected(MovementKind::Payment, currency, -succeeded),
        corrected(kind, currency, -moved),
        corrected(MovementKind::PaidOut, currency, is.paid_out - was.paid_out),
    ]
    .into_iter()
    .flatten()
}
