use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::{
    event::{NewEvent, kinds},
    id::{PaymentId, UserId},
    invoice::{
        Invoice, InvoiceAmounts, InvoiceState, PaymentOption,
        tests::{send, settle_elsewhere},
    },
    money::Currency,
    time::UtcTime,
};

mod schedule;
mod whole;

const MINIMUM: i64 = 50;
const DAY_S: i64 = 24 * 3600;

fn euros() -> Currency {
    "EUR".parse().unwrap()
}

fn at(seconds: i64) -> UtcTime {
    UtcTime::EPOCH.plus_s(seconds)
}

fn ask(invoice: &Invoice, amount_minor: i64, n: u128, user: &str, minimum: i64) -> Result<PaymentStart, PayError> {
    let new = NewPayment {
        id: &PaymentId::from_uuid(Uuid::from_u128(n)),
        amount_minor: amount_minor.try_into().unwrap(),
        currency: euros(),
        provider_minimum_minor: minimum,
        user: &user.parse().unwrap(),
        user_name: &"Petra Payer".parse().unwrap(),
        at: UtcTime::EPOCH,
    };
    start(invoice, &new)
}

/// A person of their own pays, and the provider takes any amount.
fn pay(invoice: &Invoice, amount_minor: i64, n: u128) -> Result<(Invoice, Payment, NewEvent), PayError> {
    match ask(invoice, amount_minor, n, &format!("payer-{n}"), 1)? {
        PaymentStart::Started(started) => Ok(*started),
        PaymentStart::Resumed(_) => panic!("nobody paid before"),
    }
}

fn report(payment: &Payment, outcome: Outcome) -> ProviderStatus {
    ProviderStatus {
        provider_id: Some(format!("pi_{}", payment.id)),
        session_id: None,
        amount_minor: payment.amount_minor.minor(),
        currency: payment.currency,
        outcome,
        refunded_minor: 0,
        disputed_minor: 0,
    }
}

fn changed(settlement: Result<Settlement, SettleError>) -> SettlementChange {
    match settlement {
        Ok(Settlement::Changed(change)) => *change,
        other => panic!("{other:?}"),
    }
}

/// A payment of 1000 that succeeded.
fn paid() -> (Invoice, Payment) {
    let (reserved, payment, _) = pay(&send(None, 1000, false).unwrap(), 1000, 1).unwrap();
    let change = changed(settle(&reserved, &payment, &report(&payment, Outcome::Succeeded), UtcTime::EPOCH));
    (change.invoice, change.payment)
}

/// What the provider knows of a payment, whether or not we heard of it.
#[derive(Debug, Clone)]
struct Provider {
    outcome: Outcome,
    /// The refunds that did not fail.
    refunds: Vec<i64>,
    /// The disputes that were not won.
    disputes: Vec<i64>,
}

impl Provider {
    fn went_back(&self) -> (i64, i64) {
        (self.refunds.iter().sum(), self.disputes.iter().sum())
    }

    /// The provider never gives back more than it took.
    fn can_give_back(&self, payment: &Payment, minor: i64) -> bool {
        let (refunded, disputed) = self.went_back();
        self.outcome == Outcome::Succeeded && refunded + disputed + minor <= payment.amount_minor.minor()
    }

    fn held(&self, payment: &Payment) -> i64 {
        let (refunded, disputed) = self.went_back();
        if self.outcome == Outcome::Succeeded { payment.amount_minor.minor() - refunded - disputed } else { 0 }
    }
}

#[derive(Debug, Clone)]
enum Step {
    Start(i64),
    Open(usize),
    /// The payer pays, or the intent is given up at the provider.
    Pay(usize),
    Cancel(usize),
    Refund(usize, i64),
    RefundFails(usize),
    Dispute(usize, i64),
    DisputeIsWon(usize),
    /// A webhook, or the schedule: however late, often and out of order, it only has us look.
    Look(usize),
    Abandon(usize),
    Resize(i64),
    SettleElsewhere(i64),
}

fn step() -> impl Strategy<Value = Step> {
    let which = || 0_usize..4;
    prop_oneof![
        2 => (1_i64..700).prop_map(Step::Start),
        2 => which().prop_map(Step::Open),
        3 => which().prop_map(Step::Pay),
        1 => which().prop_map(Step::Cancel),
        2 => (which(), 1_i64..400).prop_map(|(which, minor)| Step::Refund(which, minor)),
        1 => which().prop_map(Step::RefundFails),
        2 => (which(), 1_i64..700).prop_map(|(which, minor)| Step::Dispute(which, minor)),
        1 => which().prop_map(Step::DisputeIsWon),
        4 => which().prop_map(Step::Look),
        1 => which().prop_map(Step::Abandon),
        1 => (0_i64..1500).prop_map(Step::Resize),
        1 => (0_i64..1000).prop_map(Step::SettleElsewhere),
    ]
}

/// Everything that there is about one invoice.
struct World {
    invoice: Invoice,
    payments: Vec<(Payment, Provider)>,
}

impl World {
    fn take(&mut self, at: usize, settlement: Result<Settlement, SettleError>) -> bool {
        let Ok(Settlement::Changed(change)) = settlement else { return false };
        self.invoice = change.invoice;
        self.payments[at].0 = change.payment;
        assert!(!change.events.is_empty());
        true
    }

    fn look(&mut self, at: usize) {
        let (payment, provider) = self.payments[at].clone();
        if payment.progress() == Progress::Unopened {
            return;
        }
        let (refunded_minor, disputed_minor) = provider.went_back();
        let said = ProviderStatus { refunded_minor, disputed_minor, ..report(&payment, provider.outcome) };
        let first = settle(&self.invoice, &payment, &said, UtcTime::EPOCH);
        self.take(at, first);
        let again = settle(&self.invoice, &self.payments[at].0, &said, UtcTime::EPOCH);
        assert_eq!(again, Ok(Settlement::Unchanged), "a repeat changes nothing");
    }

    fn play(&mut self, n: u128, step: Step) {
        let known = self.payments.len();
        match step {
            Step::Start(amount) => {
                let due = self.invoice.due_minor;
                match pay(&self.invoice, amount, n) {
                    Ok((reserved, payment, _)) => {
                        assert!(amount <= due);
                        self.invoice = reserved;
                        let nothing = Provider { outcome: Outcome::Open, refunds: vec![], disputes: vec![] };
                        self.payments.push((payment, nothing));
                    }
                    Err(PayError::MoreThanDue { .. }) => assert!(amount > due),
                    Err(PayError::NotOpen(status)) => assert_eq!(status, InvoiceState::Settled),
                    Err(other) => panic!("{other}"),
                }
            }
            Step::Resize(total) => {
                let elsewhere = self.invoice.terms.settled_elsewhere_minor.minor();
                if let Ok(invoice) = settle_elsewhere(Some(self.invoice.clone()), total, elsewhere) {
                    self.invoice = invoice;
                }
            }
            Step::SettleElsewhere(minor) => {
                let total = self.invoice.terms.content.total_minor.minor();
                if let Ok(invoice) = settle_elsewhere(Some(self.invoice.clone()), total, minor) {
                    self.invoice = invoice;
                }
            }
            Step::Look(at) if at < known => self.look(at),
            Step::Abandon(at) if at < known => {
                let was_unopened = self.payments[at].0.progress() == Progress::Unopened;
                let said = abandon(&self.invoice, &self.payments[at].0, UtcTime::EPOCH);
                assert_eq!(self.take(at, said), was_unopened);
            }
            Step::Open(at) if at < known => {
                let payment = &mut self.payments[at].0;
                if payment.progress() == Progress::Unopened {
                    *payment = payment.open(AtProvider::Intent(&format!("pi_{}", payment.id)));
                }
            }
            Step::Pay(at)
            | Step::Cancel(at)
            | Step::RefundFails(at)
            | Step::DisputeIsWon(at)
            | Step::Refund(at, _)
            | Step::Dispute(at, _)
                if at < known =>
            {
                self.at_provider(at, step);
            }
            _ => {}
        }
    }

    fn at_provider(&mut self, at: usize, step: Step) {
        let (payment, provider) = &mut self.payments[at];
        let can_be_paid = provider.outcome == Outcome::Open && matches!(payment.progress(), Progress::Open(_));
        match step {
            Step::Pay(_) if can_be_paid => provider.outcome = Outcome::Succeeded,
            Step::Cancel(_) if can_be_paid => provider.outcome = Outcome::Canceled,
            Step::Refund(_, minor) if provider.can_give_back(payment, minor) => provider.refunds.push(minor),
            Step::Dispute(_, minor) if provider.can_give_back(payment, minor) => provider.disputes.push(minor),
            Step::RefundFails(_) => drop(provider.refunds.pop()),
            Step::DisputeIsWon(_) => drop(provider.disputes.pop()),
            _ => {}
        }
    }

    fn check(&self) {
        let invoice = &self.invoice;
        let of = |status| {
            self.payments.iter().filter(|(p, _)| p.status == status).map(|(p, _)| p.amount_minor.minor()).sum::<i64>()
        };
        let amounts = invoice.amounts();
        let total = invoice.terms.content.total_minor.minor();
        let held: i64 = self.payments.iter().map(|(payment, _)| payment.held_minor()).sum();
        assert!((0..=total).contains(&amounts.paid_minor), "{amounts:?}");
        assert!(amounts.due_minor >= 0 && amounts.overpaid_minor >= 0, "{amounts:?}");
        assert_eq!(of_provider(&amounts, total), held);
        assert_eq!(amounts.in_flight_minor, of(PaymentStatus::Pending));
        let listed: i64 = invoice.pending.iter().map(|pending| pending.amount_minor.minor()).sum();
        assert_eq!(listed, amounts.in_flight_minor);
        let settled = amounts.paid_minor + amounts.settled_elsewhere_minor;
        assert_eq!(invoice.state == InvoiceState::Settled, settled >= total, "{amounts:?}");
        if amounts.overpaid_minor == 0 && invoice.due_minor >= 0 {
            assert_eq!(settled + amounts.in_flight_minor + amounts.due_minor, total);
        }
    }
}

/// What the provider holds, by what an invoice shows: what is overpaid may be of a transfer.
fn of_provider(amounts: &InvoiceAmounts, total: i64) -> i64 {
    amounts.paid_minor + amounts.overpaid_minor - (amounts.settled_elsewhere_minor - total).max(0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// Proves: 27, F12, S10, U4
    #[test]
    fn what_is_paid_is_within_the_total_and_is_what_the_provider_holds(
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let mut world = World { invoice: send(None, 1000, false).unwrap(), payments: Vec::new() };
        for (n, step) in steps.into_iter().enumerate() {
            world.play(n as u128, step);
            world.check();
        }
        // In the end every payment was looked up once more, in any order.
        for at in (0..world.payments.len()).rev() {
            world.look(at);
        }
        world.check();
        let amounts = world.invoice.amounts();
        let held: i64 = world.payments.iter().map(|(payment, provider)| provider.held(payment)).sum();
        prop_assert_eq!(of_provider(&amounts, world.invoice.terms.content.total_minor.minor()), held);
    }

    /// Proves: U22
    #[test]
    fn no_payment_leaves_a_rest_that_cannot_be_paid(total in 1_i64..400, amount in 1_i64..400) {
        let started = ask(&send(None, total, false).unwrap(), amount, 1, "petra", MINIMUM);
        let rest = total - amount;
        let is_payable = amount >= MINIMUM && (rest == 0 || rest >= MINIMUM);
        prop_assert_eq!(started.is_ok(), is_payable, "{:?}", started);
    }
}

/// Proves: U22
#[test]
fn a_refused_amount_names_those_that_are_possible() {
    for (total, amount, expected) in [
        (1000, 980, "must be 1000, or 50 to 950: the payment provider takes no less than 50, also of the rest"),
        (1000, 20, "must be 1000, or 50 to 950: the payment provider takes no less than 50, also of the rest"),
        (80, 50, "must be 80: the payment provider takes no less than 50, also of the rest"),
        (30, 30, "only 30 is due, and the payment provider takes no less than 50"),
    ] {
        let refused = ask(&send(None, total, false).unwrap(), amount, 1, "petra", MINIMUM).unwrap_err();
        assert_eq!(refused.to_string(), expected);
    }
}

/// Proves: U1
#[test]
fn a_person_has_one_pending_payment_of_an_invoice_and_others_learn_of_it() {
    let invoice = send(None, 1000, false).unwrap();
    let PaymentStart::Started(started) = ask(&invoice, 600, 1, "petra", MINIMUM).unwrap() else { panic!() };
    let (reserved, payment, _) = *started;
    let Ok(PaymentStart::Resumed(resumed)) = ask(&reserved, 600, 2, "petra", MINIMUM) else { panic!() };
    assert_eq!(resumed.id, payment.id);
    let Err(PayError::OwnPending(own)) = ask(&reserved, 300, 2, "petra", MINIMUM) else { panic!() };
    assert_eq!(own.id, payment.id);
    let refused = ask(&reserved, 600, 2, "otto", MINIMUM).unwrap_err();
    let said = refused.to_string();
    assert!(said.starts_with("only 400 is due; Petra Payer is paying 600 since 1970-01-01"), "{said}");
    assert!(said.contains(payment.id.as_str()), "{said}");
    let Err(PayError::MoreThanDue { pending, .. }) = ask(&reserved, 600, 2, "otto", MINIMUM) else { panic!() };
    assert_eq!(pending, reserved.pending);
    // What is left can be paid by somebody else.
    assert!(matches!(ask(&reserved, 400, 2, "otto", MINIMUM), Ok(PaymentStart::Started(_))));
    // Once it has ended, the same person pays anew.
    let released = changed(abandon(&reserved, &payment, UtcTime::EPOCH));
    assert!(matches!(ask(&released.invoice, 600, 3, "petra", MINIMUM), Ok(PaymentStart::Started(_))));
}

/// Proves: S10
#[test]
fn what_is_refunded_or_disputed_is_due_again() {
    let (invoice, payment) = paid();
    let refund = ProviderStatus { refunded_minor: 300, ..report(&payment, Outcome::Succeeded) };
    let refunded = changed(settle(&invoice, &payment, &refund, UtcTime::EPOCH));
    assert_eq!((refunded.invoice.state, refunded.invoice.due_minor), (InvoiceState::Open, 300));
    assert_eq!(refunded.invoice.paid_minor, 700);
    let [event] = refunded.events.as_slice() else { panic!("{:?}", refunded.events) };
    let said = event.payload.read::<kinds::PaymentRefunded>();
    assert_eq!((said.refunded_minor, said.before_refunded_minor, said.held_minor), (300, 0, 700));
    assert_eq!(said.invoice_state, InvoiceState::Open);

    // The payer disputes the whole payment; only what is left can go.
    let dispute = ProviderStatus { disputed_minor: 1000, ..refund.clone() };
    let disputed = changed(settle(&refunded.invoice, &refunded.payment, &dispute, UtcTime::EPOCH));
    assert_eq!((disputed.payment.disputed_minor, disputed.invoice.due_minor), (700, 1000));
    let said = disputed.events[0].payload.read::<kinds::PaymentDisputed>();
    assert_eq!((said.disputed_minor, said.held_minor), (700, 0));

    let won = changed(settle(&disputed.invoice, &disputed.payment, &refund, UtcTime::EPOCH));
    assert_eq!((won.invoice.paid_minor, won.payment.disputed_minor), (700, 0));
    assert_eq!(won.events[0].payload.read::<kinds::PaymentDisputed>().before_disputed_minor, 700);
}

/// Proves: S10
#[test]
fn money_that_comes_back_after_the_invoice_was_paid_again_is_named() {
    let (invoice, payment) = paid();
    let refund = ProviderStatus { refunded_minor: 1000, ..report(&payment, Outcome::Succeeded) };
    let refunded = changed(settle(&invoice, &payment, &refund, UtcTime::EPOCH));
    let (reserved, second, _) = pay(&refunded.invoice, 1000, 2).unwrap();
    let again = changed(settle(&reserved, &second, &report(&second, Outcome::Succeeded), UtcTime::EPOCH));
    assert_eq!(again.invoice.amounts().overpaid_minor, 0);
    // The refund failed: the provider holds both.
    let failed = report(&payment, Outcome::Succeeded);
    let both = changed(settle(&again.invoice, &refunded.payment, &failed, UtcTime::EPOCH));
    let amounts = both.invoice.amounts();
    assert_eq!((amounts.paid_minor, amounts.overpaid_minor, amounts.due_minor), (1000, 1000, 0));
    assert_eq!(both.invoice.state, InvoiceState::Settled);
}

/// Proves: S10
#[test]
fn a_payment_that_was_refunded_before_we_heard_of_it_tells_both() {
    let (reserved, payment, _) = pay(&send(None, 1000, false).unwrap(), 600, 1).unwrap();
    let said = ProviderStatus { refunded_minor: 200, ..report(&payment, Outcome::Succeeded) };
    let change = changed(settle(&reserved, &payment, &said, UtcTime::EPOCH));
    let kinds: Vec<_> = change.events.iter().map(NewEvent::kind).collect();
    assert_eq!(kinds, [crate::EventType::PaymentSucceeded, crate::EventType::PaymentRefunded]);
    assert_eq!((change.invoice.paid_minor, change.invoice.due_minor), (400, 600));
    assert_eq!((change.invoice.version, change.payment.version), (reserved.version + 1, payment.version + 1));
}

#[test]
fn a_provider_that_names_another_amount_settles_nothing() {
    let (reserved, payment, _) = pay(&send(None, 1000, false).unwrap(), 600, 1).unwrap();
    let mut said = report(&payment, Outcome::Succeeded);
    said.amount_minor = 60;
    assert_eq!(settle(&reserved, &payment, &said, UtcTime::EPOCH), Err(SettleError::Amount));
}

/// Proves: F11
#[test]
fn an_outcome_told_twice_settles_once() {
    let (reserved, payment, _) = pay(&send(None, 1000, false).unwrap(), 1000, 1).unwrap();
    let said = report(&payment, Outcome::Succeeded);
    let change = changed(settle(&reserved, &payment, &said, UtcTime::EPOCH));
    assert_eq!(change.invoice.state, InvoiceState::Settled);
    assert_eq!(change.events[0].payload.data()["invoice_state"], "settled");
    assert_eq!(settle(&change.invoice, &change.payment, &said, UtcTime::EPOCH), Ok(Settlement::Unchanged));
}

#[test]
fn a_payment_that_the_provider_has_is_never_abandoned() {
    let (reserved, payment, _) = pay(&send(None, 1000, false).unwrap(), 600, 1).unwrap();
    let opened = payment.open(AtProvider::Intent("pi_1"));
    assert_eq!(abandon(&reserved, &opened, UtcTime::EPOCH), Ok(Settlement::Unchanged));
    let change = changed(abandon(&reserved, &payment, UtcTime::EPOCH));
    assert_eq!((change.invoice.due_minor, change.payment.status), (1000, PaymentStatus::Canceled));
    assert_eq!(change.events[0].kind(), crate::EventType::PaymentFailed);
    assert_eq!(abandon(&change.invoice, &change.payment, UtcTime::EPOCH), Ok(Settlement::Unchanged));
}

#[test]
fn money_is_never_booked_on_another_invoice() {
    let (mut reserved, payment, _) = pay(&send(None, 1000, false).unwrap(), 600, 1).unwrap();
    reserved.reference = "INV-2".parse().unwrap();
    let said = report(&payment, Outcome::Succeeded);
    assert_eq!(settle(&reserved, &payment, &said, UtcTime::EPOCH), Err(SettleError::Invoice));
    assert_eq!(abandon(&reserved, &payment, UtcTime::EPOCH), Err(SettleError::Invoice));
}

#[test]
fn money_that_returns_is_never_booked_in_another_currency() {
    let (invoice, payment) = paid();
    let refund = ProviderStatus { refunded_minor: 1000, ..report(&payment, Outcome::Succeeded) };
    let refunded = changed(settle(&invoice, &payment, &refund, UtcTime::EPOCH));
    let mut dollars = refunded.invoice;
    dollars.terms.content.currency = "USD".parse().unwrap();
    let failed = report(&payment, Outcome::Succeeded);
    let settled = settle(&dollars, &refunded.payment, &failed, UtcTime::EPOCH);
    assert_eq!(settled, Err(SettleError::InvoiceCurrency));
    assert_eq!(settle(&dollars, &refunded.payment, &refund, UtcTime::EPOCH), Ok(Settlement::Unchanged));
}

#[test]
fn a_payment_is_settled_only_under_its_own_provider_id() {
    let (reserved, payment, _) = pay(&send(None, 1000, false).unwrap(), 600, 1).unwrap();
    let opened = payment.open(AtProvider::Intent("pi_other"));
    let said = report(&payment, Outcome::Succeeded);
    assert_eq!(settle(&reserved, &opened, &said, UtcTime::EPOCH), Err(SettleError::ProviderId));
}

/// An item as it was written before refunds were recorded.
#[test]
fn an_older_payment_is_read() {
    let older = serde_json::json!({
        "id": "py_0192f5c4a7b87c3d9e0f112233445566", "company": "co_0192f5c4a7b87c3d9e0f112233445566",
        "invoice": "INV-1", "amount_minor": 1000, "currency": "EUR", "status": "succeeded",
        "provider_id": "pi_1", "started_by": "owner", "started_at": "2026-11-01T10:00:00.000Z",
        "ended_at": "2026-11-01T10:01:00.000Z", "version": 3,
    });
    let payment: Payment = serde_json::from_value(older).unwrap();
    assert_eq!((payment.held_minor(), payment.check_at), (1000, None));
    let owner: UserId = "owner".parse().unwrap();
    assert_eq!((payment.started_by, payment.started_through), (Some(owner), None));
}

#[test]
fn an_invoice_that_is_paid_by_transfer_alone_takes_no_card() {
    let mut invoice = send(None, 1000, false).unwrap();
    invoice.terms.payment_options = vec![PaymentOption::BankTransfer];
    assert_eq!(pay(&invoice, 1000, 1).unwrap_err(), PayError::NotOnline);
    invoice.terms.payment_options.push(PaymentOption::Online);
    assert!(pay(&invoice, 1000, 1).is_ok());
}
