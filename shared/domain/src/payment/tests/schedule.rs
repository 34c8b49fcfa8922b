//! When a payment is looked up at the provider, and when it is given up.

use super::*;

#[test]
fn the_schedule_abandons_what_was_never_opened_and_asks_about_the_rest() {
    let (_, payment, _) = pay(&send(None, 1000, false).unwrap(), 600, 1).unwrap();
    assert_eq!(payment.pending_payment_action(at(30 * 60 - 1)), PendingPaymentAction::Leave);
    assert_eq!(payment.pending_payment_action(at(30 * 60)), PendingPaymentAction::Abandon);
    let opened = payment.open(AtProvider::Intent("pi_1"));
    assert_eq!(opened.pending_payment_action(at(DAY_S)), PendingPaymentAction::LookUp(AtProvider::Intent("pi_1")));
    let ended = Payment { status: PaymentStatus::Succeeded, ..opened };
    assert_eq!(ended.pending_payment_action(at(DAY_S)), PendingPaymentAction::Leave);
}

/// Proves: U2
#[test]
fn a_method_that_waits_keeps_its_reservation_until_its_own_end() {
    let (_, payment, _) = pay(&send(None, 1000, false).unwrap(), 600, 1).unwrap();
    let hour = 3600;
    for (waits_for, until) in [
        (WaitsFor::Payer, Some(DAY_S)),
        (WaitsFor::Method(Some(at(7 * DAY_S))), Some(7 * DAY_S + hour)),
        // An end that is near or has passed leaves the payer the usual day, and one that is far is bounded.
        (WaitsFor::Method(Some(at(hour))), Some(DAY_S)),
        (WaitsFor::Method(Some(at(1000 * DAY_S))), Some(60 * DAY_S)),
        (WaitsFor::Method(None), Some(14 * DAY_S)),
        (WaitsFor::Provider, None),
    ] {
        let is_overdue = |seconds| payment.is_overdue(waits_for, at(seconds));
        match until {
            Some(until) => assert!(!is_overdue(until - 1) && is_overdue(until), "{waits_for:?}"),
            None => assert!(!is_overdue(1000 * DAY_S), "{waits_for:?}"),
        }
    }
}

/// Proves: S10
#[test]
fn a_payment_that_succeeded_is_looked_up_again_for_thirty_days() {
    let (_, mut payment) = paid();
    let mut days = Vec::new();
    while let Some(due) = payment.check_at {
        assert_eq!(payment.checked(due.plus_s(-1)), None);
        days.push(due.unix_s() / DAY_S);
        payment = payment.checked(due).unwrap();
    }
    assert_eq!(days, [1, 3, 7, 15, 30]);
    // A run that comes late skips what it missed.
    let (_, late) = paid();
    assert_eq!(late.checked(at(10 * DAY_S)).unwrap().check_at, Some(at(15 * DAY_S)));
}
