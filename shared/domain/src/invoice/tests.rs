//! How invoices are recorded, credited and settled.

use uuid::Uuid;

use super::*;
use crate::{
    id::CompanyId,
    money::Total,
    sales::{
        DocumentSource,
        samples::{any_content, content, each_change, with_everything},
    },
    time::UtcTime,
};

pub(crate) fn terms(total_minor: i64) -> InvoiceTerms {
    terms_in("EUR", total_minor)
}

fn terms_in(currency: &str, total_minor: i64) -> InvoiceTerms {
    InvoiceTerms {
        content: content("2026/17", "CUS-1", currency, total_minor),
        settled_elsewhere_minor: Total::default(),
        due_on: "2026-12-01".to_owned().try_into().unwrap(),
        payment_options: Vec::new(),
        estimate: None,
    }
}

pub(crate) fn report(known: Option<Invoice>, terms: InvoiceTerms, void: bool) -> Result<Invoice, RecordError> {
    let company = CompanyId::from_uuid(Uuid::from_u128(1));
    let state = if void { InvoiceState::Void } else { InvoiceState::Open };
    let report = InvoiceReport { terms, state, source: DocumentSource::Ledger, by: None, at: UtcTime::EPOCH };
    record(&company, &"INV-1".parse().unwrap(), known, report).map(|r| match r {
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
    assert_eq!(send(Some(invoice.clone()), 1000, true), Err(RecordError::PaymentsExist { pending: pending.clone() }));
    assert_eq!(send(Some(invoice.clone()), 599, false), Err(RecordError::BelowPaid { pending }));
    assert_eq!(send(Some(invoice), 600, false).unwrap().due_minor, 0);
}

/// Proves: U5
#[test]
fn an_invoice_of_zero_is_settled_from_the_start_and_opens_when_it_grows() {
    let free = send(None, 0, false).unwrap();
    assert_eq!((free.state, free.due_minor), (InvoiceState::Settled, 0));
    let grown = send(Some(free), 500, false).unwrap();
    assert_eq!((grown.state, grown.due_minor), (InvoiceState::Open, 500));
    assert_eq!(send(None, 0, true).unwrap().state, InvoiceState::Void);
}

/// Proves: FC2
#[test]
fn an_invoice_becomes_paid_elsewhere_once() {
    let open = send(None, 1000, false).unwrap();
    let part = settle_elsewhere(Some(open.clone()), 1000, 400).unwrap();
    assert_eq!(part.paid_elsewhere(Some(&open)), None, "something is still due");
    let paid = settle_elsewhere(Some(part.clone()), 1000, 1000).unwrap();
    let told = paid.paid_elsewhere(Some(&part)).unwrap();
    let settled = told.payload.into_data().get("settled_elsewhere_minor").cloned();
    assert_eq!(settled, Some(1000.into()));
    assert_eq!(settle_elsewhere(Some(paid.clone()), 1000, 1200).unwrap().paid_elsewhere(Some(&paid)), None);
    // The ledger takes the transfer back and books it again.
    let unpaid = settle_elsewhere(Some(paid), 1000, 0).unwrap();
    let again = settle_elsewhere(Some(unpaid.clone()), 1000, 1000).unwrap();
    assert_eq!((again.state, again.paid_elsewhere(Some(&unpaid))), (InvoiceState::Settled, None));
    let imported = settle_elsewhere(None, 1000, 1000).unwrap();
    assert_eq!(imported.paid_elsewhere(None), None, "it was never unpaid here");
    // Less is asked for than came in before: nothing came in.
    let cheaper = settle_elsewhere(Some(part.clone()), 400, 400).unwrap();
    assert_eq!((cheaper.state, cheaper.paid_elsewhere(Some(&part))), (InvoiceState::Settled, None));
}

/// Proves: U4
#[test]
fn what_is_settled_elsewhere_is_no_longer_due() {
    let part = settle_elsewhere(Some(send(None, 1000, false).unwrap()), 1000, 400).unwrap();
    assert_eq!((part.state, part.due_minor), (InvoiceState::Open, 600));
    let whole = settle_elsewhere(Some(part), 1000, 1000).unwrap();
    assert_eq!((whole.state, whole.due_minor, whole.paid_minor), (InvoiceState::Settled, 0, 0));
    // The bank returned the transfer.
    let returned = send(Some(whole), 1000, false).unwrap();
    assert_eq!((returned.state, returned.due_minor), (InvoiceState::Open, 1000));
    assert_eq!(settle_elsewhere(None, 1000, 1000).unwrap().state, InvoiceState::Settled);
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

/// The ledger could not say that a customer transferred too much, and the account would differ from its own.
/// Proves: C11
#[test]
fn a_transfer_of_too_much_settles_the_invoice_and_its_rest_is_overpaid() {
    let before = send(None, 1000, false).unwrap();
    for known in [None, Some(before.clone())] {
        let overpaid = settle_elsewhere(known, 1000, 1300).unwrap();
        assert_eq!((overpaid.state, overpaid.due_minor), (InvoiceState::Settled, -300));
        let amounts = overpaid.amounts();
        assert_eq!((amounts.settled_elsewhere_minor, amounts.overpaid_minor, amounts.paid_minor), (1300, 300, 0));
        // What was too much is paid back by transfer.
        let back = settle_elsewhere(Some(overpaid), 1000, 1000).unwrap();
        assert_eq!((back.state, back.amounts().overpaid_minor), (InvoiceState::Settled, 0));
    }
    // It was paid by card and then by transfer too; the card's money comes first.
    let mut paid = before;
    paid.received(800, false);
    let twice = settle_elsewhere(Some(paid), 1000, 1300).unwrap();
    assert_eq!((twice.amounts().paid_minor, twice.amounts().overpaid_minor), (0, 1100));
    assert_eq!(settle_elsewhere(Some(twice.clone()), 800, 1300).unwrap().amounts().overpaid_minor, 1300);
    let refused = settle_elsewhere(Some(twice), 799, 1300);
    assert_eq!(refused, Err(RecordError::BelowPaid { pending: Vec::new() }), "less than the provider holds");
}

#[test]
fn currencies_are_never_added_to_each_other() {
    let euros = send(None, 1000, false).unwrap();
    let dollars = report(None, terms_in("USD", 70), false).unwrap();
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

/// Proves: F12
#[test]
fn a_credit_takes_no_more_than_is_due_and_comes_back_when_it_is_withdrawn() {
    let (customer, euros) = ("CUS-1".parse().unwrap(), "EUR".parse().unwrap());
    let invoice = send(None, 1000, false).unwrap();
    let part = invoice.credit(400, &customer, euros).unwrap();
    assert_eq!((part.state, part.due_minor, part.paid_minor), (InvoiceState::Open, 600, 0));
    let today = part.terms.due_on;
    assert_eq!(part.status(today), InvoiceStatus::Sent, "a credit of a part is no payment");
    let refused = part.credit(601, &customer, euros);
    assert_eq!(refused, Err(CreditError::MoreThanDue { due_minor: 600, pending: Vec::new() }));
    let whole = part.credit(600, &customer, euros).unwrap();
    assert_eq!((whole.state, whole.status(today)), (InvoiceState::Settled, InvoiceStatus::Credited));
    let back = whole.credit(-1000, &customer, euros).unwrap();
    assert_eq!((back.state, back.due_minor), (InvoiceState::Open, 1000));
    assert_eq!(whole.credit(1, &"CUS-2".parse().unwrap(), euros), Err(CreditError::Other));
    assert_eq!(send(Some(whole), 1000, true), Err(RecordError::Credited));
}

#[test]
fn a_sent_invoice_stays_with_its_customer_and_a_changed_one_is_another_revision() {
    let sent = send(None, 1000, false).unwrap();
    assert_eq!((sent.revision, sent.sent_at), (1, Some(UtcTime::EPOCH)));
    let mut other = terms(1000);
    other.content.customer = "CUS-2".parse().unwrap();
    assert_eq!(report(Some(sent.clone()), other, false), Err(RecordError::OtherCustomer));
    let received = settle_elsewhere(Some(sent.clone()), 1000, 10).unwrap();
    assert_eq!(received.digest(), sent.digest(), "the customer sees the same content");
    let changed = send(Some(received), 900, false).unwrap();
    assert_eq!(changed.revision, 2);
    assert_ne!(changed.digest(), sent.digest());
}

proptest::proptest! {
    /// The status follows from what was received and credited, what was seen, and the day.
    #[test]
    fn the_status_of_an_invoice_follows_from_the_stored_facts_and_the_day(
        elsewhere in 0_i64..=100, credited in 0_i64..=100, seen in proptest::option::of(1_u32..3), days in -3_i32..4,
    ) {
        let credited = credited.min(100 - elsewhere);
        let invoice = settle_elsewhere(None, 100, elsewhere).unwrap();
        let mut invoice = invoice.credit(credited, &"CUS-1".parse().unwrap(), "EUR".parse().unwrap()).unwrap();
        if let Some(revision) = seen {
            invoice = invoice.seen(crate::sales::ViewedRevision { revision, at: UtcTime::EPOCH });
        }
        let expected = match (100 - elsewhere - credited, elsewhere, days > 0) {
            (0, 0, _) => InvoiceStatus::Credited,
            (0, ..) => InvoiceStatus::Paid,
            (_, _, true) => InvoiceStatus::Overdue,
            (_, 1.., false) => InvoiceStatus::PartiallyPaid,
            (.., false) if seen == Some(1) => InvoiceStatus::Viewed,
            _ => InvoiceStatus::Sent,
        };
        proptest::prop_assert_eq!(invoice.status(invoice.terms.due_on.plus_days(days)), expected);
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(16))]

    /// Whatever the customer sees of an invoice, a change of it changes the digest; what came in elsewhere does not.
    /// Proves: 26
    #[test]
    fn the_digest_covers_all_that_is_seen(content in any_content()) {
        let terms = InvoiceTerms {
            content: with_everything(content),
            payment_options: vec![PaymentOption::BankTransfer],
            estimate: Some("EST-1".parse().unwrap()),
            ..terms(1000)
        };
        for (place, changed) in each_change(&terms) {
            let is_seen = place != "/settled_elsewhere_minor";
            proptest::prop_assert_eq!(changed.content_digest() != terms.content_digest(), is_seen, "{}", place);
        }
    }
}
