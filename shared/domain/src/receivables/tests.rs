//! Accounts, movements and statements tie, whatever happened.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::{
    Currency, Reference,
    credit_note::{self, CreditApplication, CreditNote, CreditNoteReport, CreditNoteState, CreditNoteTerms},
    invoice::{self, Invoice, InvoiceReport, InvoiceState, InvoiceTerms},
    ledger_report::Recording,
    money::Total,
    sales::{DocumentSource, samples::content},
    samples::company,
    time::{Day, UtcTime},
};

fn day(n: i32) -> Day {
    Day::try_from("2026-01-01".to_owned()).unwrap().plus_days(n)
}

fn euros() -> Currency {
    "EUR".parse().unwrap()
}

/// Something that happens to one of the invoices.
#[derive(Debug, Clone)]
enum Step {
    Report { invoice: usize, total: i64, elsewhere: i64, due: i32, currency: &'static str },
    Void { invoice: usize },
    Receive { invoice: usize, minor: i64 },
    GiveBack { invoice: usize, minor: i64 },
    Return { invoice: usize },
    Credit { note: usize, invoice: usize, total: i64, applied: i64 },
    PayOut { note: usize, minor: i64 },
    VoidCredit { note: usize },
}

fn any_step() -> impl Strategy<Value = Step> {
    let invoice = 0_usize..3;
    let minor = 1_i64..2_000;
    prop_oneof![
        4 => (invoice.clone(), 0_i64..2_000, prop_oneof![0_i64..500, 0_i64..3_000], 0_i32..120, prop::sample::select(vec!["EUR", "EUR", "USD"]))
            .prop_map(|(invoice, total, elsewhere, due, currency)| Step::Report {
                invoice, total, elsewhere, due, currency
            }),
        1 => invoice.clone().prop_map(|invoice| Step::Void { invoice }),
        3 => (invoice.clone(), minor.clone()).prop_map(|(invoice, minor)| Step::Receive { invoice, minor }),
        2 => (invoice.clone(), minor.clone()).prop_map(|(invoice, minor)| Step::GiveBack { invoice, minor }),
        1 => invoice.clone().prop_map(|invoice| Step::Return { invoice }),
        3 => (0_usize..2, invoice, minor.clone(), minor)
            .prop_map(|(note, invoice, total, applied)| Step::Credit { note, invoice, total, applied }),
        2 => (0_usize..2, 0_i64..1_000).prop_map(|(note, minor)| Step::PayOut { note, minor }),
        1 => (0_usize..2).prop_map(|note| Step::VoidCredit { note }),
    ]
}

#[derive(Debug, Default)]
struct Books {
    invoices: BTreeMap<usize, Invoice>,
    notes: BTreeMap<usize, CreditNote>,
    /// What went back of each invoice's payments.
    gone: BTreeMap<usize, i64>,
    account: Option<CustomerAccount>,
    movements: Vec<Movement>,
}

fn customer() -> Reference {
    "CUS-1".parse().unwrap()
}

impl Books {
    fn commit(&mut self, today: Day, invoices: Vec<(usize, Invoice)>, note: Option<(usize, CreditNote)>) {
        let mut changes = Vec::new();
        for (n, after) in &invoices {
            changes.push(DocumentChange::Invoice(self.invoices.get(n), after));
        }
        if let Some((n, after)) = &note {
            changes.push(DocumentChange::CreditNote(self.notes.get(n), after));
        }
        let input = AccountInput {
            company: &company(1),
            customer: &customer(),
            account: self.account.clone(),
            today,
            at: UtcTime::EPOCH.plus_s(self.movements.len() as i64),
        };
        if let Some(change) = account_change(input, &changes) {
            assert_eq!(change.expected, self.account.as_ref().map(|account| account.version));
            change.check().unwrap();
            self.account = Some(change.account);
            self.movements.extend(change.movements);
        }
        self.invoices.extend(invoices);
        self.notes.extend(note);
    }

    fn happen(&mut self, step: Step, today: Day) {
        match step {
            Step::Report { invoice, total, elsewhere, due, currency } => {
                let terms = InvoiceTerms {
                    content: content("1", "CUS-1", currency, total),
                    settled_elsewhere_minor: elsewhere.try_into().unwrap(),
                    due_on: day(due),
                    payment_options: Vec::new(),
                    estimate: None,
                };
                self.report(invoice, terms, InvoiceState::Open, today);
            }
            Step::Void { invoice } => {
                if let Some(known) = self.invoices.get(&invoice) {
                    self.report(invoice, known.terms.clone(), InvoiceState::Void, today);
                }
            }
            Step::Receive { invoice, minor } => {
                let open = |known: &&Invoice| known.state == InvoiceState::Open && known.due_minor >= minor;
                if let Some(mut paid) = self.invoices.get(&invoice).filter(open).cloned() {
                    // The payment holds its amount from its start on; the account knows nothing of it yet.
                    paid.due_minor -= minor;
                    self.invoices.insert(invoice, paid.clone());
                    paid.received(minor, true);
                    paid.version += 1;
                    self.commit(today, vec![(invoice, paid)], None);
                }
            }
            Step::GiveBack { invoice, minor } => {
                if let Some(mut known) = self.invoices.get(&invoice).filter(|one| one.paid_minor >= minor).cloned() {
                    known.received(-minor, false);
                    known.version += 1;
                    self.commit(today, vec![(invoice, known)], None);
                    *self.gone.entry(invoice).or_default() += minor;
                }
            }
            Step::Return { invoice } => {
                let gone = self.gone.remove(&invoice).unwrap_or_default();
                // A payment settles in the currency of its invoice alone.
                let same = |known: &&Invoice| known.terms.content.currency == euros();
                if let Some(mut known) = self.invoices.get(&invoice).filter(same).cloned().filter(|_| gone > 0) {
                    known.received(gone, false);
                    known.version += 1;
                    self.commit(today, vec![(invoice, known)], None);
                }
            }
            Step::Credit { note, invoice, total, applied } => {
                let applied = CreditApplication {
                    invoice: format!("INV-{invoice}").parse().unwrap(),
                    amount_minor: applied.min(total).try_into().unwrap(),
                };
                let content = content("C", "CUS-1", "EUR", total);
                let paid_out_minor =
                    self.notes.get(&note).map_or_else(Total::default, |note| note.terms.paid_out_minor);
                let terms = CreditNoteTerms { content, applied_to: vec![applied], paid_out_minor };
                self.credit(note, terms, CreditNoteState::Issued, today);
            }
            Step::PayOut { note, minor } => {
                if let Some(known) = self.notes.get(&note) {
                    let terms = CreditNoteTerms { paid_out_minor: minor.try_into().unwrap(), ..known.terms.clone() };
                    self.credit(note, terms, CreditNoteState::Issued, today);
                }
            }
            Step::VoidCredit { note } => {
                if let Some(known) = self.notes.get(&note) {
                    self.credit(note, known.terms.clone(), CreditNoteState::Void, today);
                }
            }
        }
    }

    fn report(&mut self, n: usize, terms: InvoiceTerms, state: InvoiceState, today: Day) {
        let report = InvoiceReport { terms, state, source: DocumentSource::Ledger, by: None, at: UtcTime::EPOCH };
        let reference = format!("INV-{n}").parse().unwrap();
        let recorded = invoice::record(&company(1), &reference, self.invoices.get(&n).cloned(), report);
        if let Ok(Recording::Recorded(after, _)) = recorded {
            self.commit(today, vec![(n, after)], None);
        }
    }

    fn credit(&mut self, n: usize, terms: CreditNoteTerms, state: CreditNoteState, today: Day) {
        let before = self.notes.get(&n).cloned();
        let report = CreditNoteReport { terms, state, source: DocumentSource::Ledger, by: None, at: UtcTime::EPOCH };
        let reference = format!("CN-{n}").parse().unwrap();
        let recorded = credit_note::record(&company(1), &reference, before.clone(), report);
        let Ok(Recording::Recorded(after, _)) = recorded else { return };
        let mut credited = Vec::new();
        for (reference, minor) in credit_note::application_changes(before.as_ref(), &after) {
            let of_reference = |(_, invoice): &(&usize, &Invoice)| invoice.reference == reference;
            let Some((n, invoice)) = self.invoices.iter().find(of_reference) else { return };
            let Ok(invoice) = invoice.credit(minor, &customer(), after.terms.content.currency) else { return };
            credited.push((*n, invoice));
        }
        self.commit(today, credited, Some((n, after)));
    }

    fn check(&self, today: Day) -> Result<(), TestCaseError> {
        let Some(account) = &self.account else { return Ok(()) };
        for account in &account.currencies {
            let currency = account.currency;
            let moved: i64 =
                self.movements.iter().filter(|one| one.currency == currency).map(|one| one.amount_minor).sum();
            prop_assert_eq!(account.balance_minor, moved);
            let invoices = self.invoices.values().filter(|one| one.terms.content.currency == currency);
            let live: Vec<&Invoice> =
                invoices.filter(|one| one.state != InvoiceState::Void || one.paid_minor > 0).collect();
            let open: i64 = live.iter().map(|one| one.due_minor.max(0) + one.in_flight_minor()).sum();
            let overpaid: i64 = live.iter().map(|one| one.amounts().overpaid_minor).sum();
            let overcredited: i64 = live.iter().map(|one| (-one.due_minor).max(0) - one.amounts().overpaid_minor).sum();
            let notes = self.notes.values().filter(|one| one.terms.content.currency == currency);
            let unapplied: i64 = notes.map(CreditNote::unapplied_minor).sum();
            prop_assert_eq!(account.open_minor(), open);
            prop_assert_eq!(account.unapplied_minor, unapplied + overpaid + overcredited);
            prop_assert_eq!(account.balance_minor, account.open_minor() - account.unapplied_minor);
            let ageing = account.ageing(today);
            let overdue = ageing.days_1_to_30_minor
                + ageing.days_31_to_60_minor
                + ageing.days_61_to_90_minor
                + ageing.over_90_days_minor;
            prop_assert_eq!(overdue, account.overdue_minor(today));
            prop_assert_eq!(ageing.current_minor + overdue, account.open_minor());
        }
        Ok(())
    }
}

proptest! {
    /// A customer's statement ties for every history and every period, and the end of the last one is what is open.
    #[test]
    fn opening_and_documents_less_payments_are_closing_and_closing_is_what_is_open(
        steps in prop::collection::vec((any_step(), 0_i32..3), 1..40), from in -400_i32..80, length in 0_i32..80,
    ) {
        let mut books = Books::default();
        let mut today = day(0);
        for (step, later) in steps {
            today = today.plus_days(later);
            books.happen(step, today);
            books.check(today)?;
        }
        let balance = books.account.as_ref().and_then(|account| account.in_currency(euros()));
        let balance = balance.map_or(0, |account| account.balance_minor);
        let make = |from: Day, until: Day| {
            statement(StatementPeriod { from, until }, euros(), balance, books.movements.clone())
        };
        let (from, until) = (day(from), day(from + length));
        let one = make(from, until);
        prop_assert_eq!(one.opening_minor + one.documents_minor - one.received_minor, one.closing_minor);
        prop_assert_eq!(one.closing_minor, one.entries.last().map_or(one.opening_minor, |entry| entry.balance_minor));
        let next = make(until.plus_days(1), day(1_000));
        prop_assert_eq!(next.opening_minor, one.closing_minor, "the next period begins with what was owed");
        prop_assert_eq!(next.closing_minor, balance);
        prop_assert_eq!(make(day(-1_000), day(1_000)).opening_minor, 0, "nothing was owed at the beginning");
        let mut names: Vec<String> = books.movements.iter().map(|one| format!("{} {}", one.day, one.name())).collect();
        names.sort_unstable();
        names.dedup();
        prop_assert_eq!(names.len(), books.movements.len(), "each movement has a key of its own");
    }
}

#[test]
fn a_partial_credit_leaves_the_rest_due_and_is_no_payment() {
    let mut books = Books::default();
    let step = Step::Report { invoice: 0, total: 1_000, elsewhere: 0, due: 30, currency: "EUR" };
    books.happen(step, day(1));
    books.happen(Step::Credit { note: 0, invoice: 0, total: 400, applied: 300 }, day(2));
    let invoice = &books.invoices[&0];
    assert_eq!((invoice.state, invoice.due_minor), (InvoiceState::Open, 700));
    assert_eq!(invoice.status(day(2)), invoice::InvoiceStatus::Sent);
    let account = books.account.as_ref().unwrap();
    assert_eq!(account.last_paid, None);
    let account = account.in_currency(euros()).unwrap();
    assert_eq!((account.balance_minor, account.open_minor(), account.unapplied_minor), (600, 700, 100));
    assert_eq!((account.next_due(day(2)), account.overdue_minor(day(31))), (Some((day(30), 700)), 700));
}

#[test]
fn money_that_returns_to_a_withdrawn_invoice_is_in_the_customers_favour() {
    let mut books = Books::default();
    books.happen(Step::Report { invoice: 0, total: 1_000, elsewhere: 0, due: 30, currency: "EUR" }, day(1));
    books.happen(Step::Receive { invoice: 0, minor: 1_000 }, day(2));
    books.happen(Step::GiveBack { invoice: 0, minor: 1_000 }, day(3));
    books.happen(Step::Void { invoice: 0 }, day(4));
    assert_eq!(books.invoices[&0].state, InvoiceState::Void);
    // The refund failed.
    books.happen(Step::Return { invoice: 0 }, day(5));
    let account = books.account.as_ref().unwrap().in_currency(euros()).unwrap();
    assert_eq!((account.balance_minor, account.open_minor(), account.unapplied_minor), (-1_000, 0, 1_000));
    assert_eq!(books.movements.iter().map(|one| one.amount_minor).sum::<i64>(), -1_000);
}

/// A contact's home would say that a failed refund was their last payment, and nothing of their transfer.
#[test]
fn what_was_paid_last_is_a_payment_or_a_transfer_and_no_money_that_came_back() {
    let mut books = Books::default();
    let paid =
        |books: &Books| books.account.as_ref().and_then(|account| account.last_paid).map(|paid| paid.amount_minor);
    let report = |elsewhere| Step::Report { invoice: 0, total: 1_000, elsewhere, due: 30, currency: "EUR" };
    books.happen(report(100), day(1));
    assert_eq!(paid(&books), None, "it was received before the invoice was recorded");
    books.happen(report(400), day(2));
    assert_eq!(paid(&books), Some(300));
    books.happen(Step::Receive { invoice: 0, minor: 500 }, day(3));
    assert_eq!(paid(&books), Some(500));
    books.happen(Step::GiveBack { invoice: 0, minor: 200 }, day(4));
    books.happen(Step::Return { invoice: 0 }, day(5));
    books.happen(report(350), day(6));
    assert_eq!(paid(&books), Some(500));
    let kinds: Vec<(MovementKind, i64)> = books.movements.iter().map(|one| (one.kind, one.amount_minor)).collect();
    let expected = [
        (MovementKind::Invoice, 1_000),
        (MovementKind::SettledElsewhere, -100),
        (MovementKind::SettledElsewhere, -300),
        (MovementKind::Payment, -500),
        (MovementKind::Refund, 200),
        (MovementKind::Returned, -200),
        (MovementKind::SettledElsewhere, 50),
    ];
    assert_eq!(kinds, expected);
}

/// Credit that was paid back would stay on the statement for ever.
/// Proves: C11
#[test]
fn money_on_no_invoice_is_in_the_customers_favour_until_it_is_paid_back() {
    let mut books = Books::default();
    let sums = |books: &Books| {
        let account = books.account.as_ref().unwrap().in_currency(euros()).unwrap();
        (account.balance_minor, account.open_minor(), account.unapplied_minor)
    };
    let report = |elsewhere| Step::Report { invoice: 0, total: 1_000, elsewhere, due: 30, currency: "EUR" };
    books.happen(report(1_300), day(1));
    assert_eq!(sums(&books), (-300, 0, 300), "the transfer was of too much");
    books.happen(report(1_000), day(2));
    assert_eq!(sums(&books), (0, 0, 0));
    books.happen(report(0), day(3));
    books.happen(Step::Credit { note: 0, invoice: 0, total: 500, applied: 200 }, day(4));
    assert_eq!(sums(&books), (500, 800, 300));
    books.happen(Step::PayOut { note: 0, minor: 301 }, day(5));
    assert_eq!(sums(&books), (500, 800, 300), "more than is left is not paid out");
    books.happen(Step::PayOut { note: 0, minor: 300 }, day(5));
    assert_eq!(sums(&books), (800, 800, 0));
    let last = books.movements.last().unwrap();
    assert_eq!((last.kind, last.amount_minor), (MovementKind::PaidOut, 300));
    books.happen(Step::VoidCredit { note: 0 }, day(6));
    assert_eq!(books.notes[&0].state, CreditNoteState::Issued, "what was paid out is not withdrawn");
    books.happen(Step::PayOut { note: 0, minor: 0 }, day(7));
    books.happen(Step::VoidCredit { note: 0 }, day(7));
    assert_eq!(sums(&books), (1_000, 1_000, 0));
}

/// Refunds can bring an account beyond its limit; nobody could withdraw anything then.
#[test]
fn an_account_that_is_too_full_takes_what_makes_it_smaller() {
    let open = |due: i32| {
        let terms = InvoiceTerms {
            content: content("1", "CUS-1", "EUR", 1),
            settled_elsewhere_minor: Total::default(),
            due_on: day(due),
            payment_options: Vec::new(),
            estimate: None,
        };
        let report = |state| InvoiceReport {
            terms: terms.clone(),
            state,
            source: DocumentSource::Ledger,
            by: None,
            at: UtcTime::EPOCH,
        };
        let record = |known, state| match invoice::record(&company(1), &"INV-1".parse().unwrap(), known, report(state))
        {
            Ok(Recording::Recorded(invoice, _)) => invoice,
            other => panic!("{other:?}"),
        };
        let sent = record(None, InvoiceState::Open);
        (sent.clone(), record(Some(sent), InvoiceState::Void))
    };
    let full = CustomerAccount {
        currencies: vec![CurrencyAccount {
            currency: euros(),
            balance_minor: 1_002,
            unapplied_minor: 0,
            due: (0..1_002).map(|n| (day(n), 1)).collect(),
        }],
        version: 1,
        ..CustomerAccount::new(company(1), customer())
    };
    let check = |change: DocumentChange<'_>| {
        let (company, customer) = (&company(1), &customer());
        let input = AccountInput { company, customer, account: Some(full.clone()), today: day(0), at: UtcTime::EPOCH };
        account_change(input, &[change]).unwrap().check()
    };
    let (_, withdrawn) = open(7);
    assert_eq!(check(DocumentChange::Invoice(Some(&open(7).0), &withdrawn)), Ok(()));
    assert_eq!(check(DocumentChange::Invoice(None, &open(7).0)), Ok(()), "on a day that there is");
    assert_eq!(check(DocumentChange::Invoice(None, &open(2_000).0)), Err(AccountError::DueDays));
}
