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

/// Applies the result of a settlement; returns whether it ended the payment.
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
