//! Payments of all that is due, through a hosted link, on a page of the provider's.

use super::*;
use crate::invoice::PayingLink;

fn link(n: u128) -> PayingLink {
    let (link, contact) = (format!("dl_{n:032x}"), format!("ct_{n:032x}"));
    PayingLink { link: link.parse().unwrap(), contact: contact.parse().unwrap() }
}

fn ask_through(invoice: &Invoice, through: &PayingLink, n: u128, minimum: i64) -> Result<PaymentStart, PayError> {
    let new = WholePayment {
        id: &PaymentId::from_uuid(Uuid::from_u128(n)),
        provider_minimum_minor: minimum,
        through,
        contact_name: &"Nora Nord".parse().unwrap(),
        at: UtcTime::EPOCH,
    };
    start_whole(invoice, &new)
}

fn started(start: Result<PaymentStart, PayError>) -> (Invoice, Payment, NewEvent) {
    match start {
        Ok(PaymentStart::Started(started)) => *started,
        other => panic!("{other:?}"),
    }
}

/// What the provider says of a session, before its payer confirms.
fn of_session(payment: &Payment, session: &str, outcome: Outcome) -> ProviderStatus {
    ProviderStatus { provider_id: None, session_id: Some(session.to_owned()), ..report(payment, outcome) }
}

/// Proves: 27
#[test]
fn a_link_pays_all_that_is_due_and_resumes_what_it_started() {
    let invoice = send(None, 1000, false).unwrap();
    let (invoice, _, _) = pay(&invoice, 300, 1).unwrap();
    let (reserved, payment, event) = started(ask_through(&invoice, &link(7), 2, MINIMUM));
    assert_eq!((payment.amount_minor.minor(), reserved.due_minor), (700, 0));
    assert_eq!((payment.started_by, payment.started_through), (None, Some(link(7))));
    assert_eq!(event.kind(), crate::EventType::PaymentStarted);
    // The same link goes on with it, whatever is due by now; another one is told what is due and not who pays.
    let again = ask_through(&reserved, &link(7), 3, MINIMUM).unwrap();
    assert!(matches!(again, PaymentStart::Resumed(pending) if pending.id == payment.id));
    let other = ask_through(&reserved, &link(8), 3, MINIMUM).unwrap_err();
    assert_eq!(other, PayError::MoreThanDue { due_minor: 0, pending: Vec::new() });
}

#[test]
fn what_takes_no_payment_takes_none_through_a_link() {
    let open = send(None, 1000, false).unwrap();
    let with = |change: fn(&mut Invoice)| {
        let mut invoice = open.clone();
        change(&mut invoice);
        ask_through(&invoice, &link(7), 1, MINIMUM).unwrap_err()
    };
    for state in [InvoiceState::Draft, InvoiceState::Settled, InvoiceState::Void] {
        let refused = ask_through(&Invoice { state, ..open.clone() }, &link(7), 1, MINIMUM);
        assert_eq!(refused.unwrap_err(), PayError::NotOpen(state));
    }
    let by_transfer = with(|invoice| invoice.terms.payment_options = vec![PaymentOption::BankTransfer]);
    assert_eq!(by_transfer, PayError::NotOnline);
    let too_little = PayError::BelowMinimum { due_minor: MINIMUM - 1, minimum_minor: MINIMUM };
    assert_eq!(with(|invoice| invoice.due_minor = MINIMUM - 1), too_little);
    let nothing = PayError::MoreThanDue { due_minor: 0, pending: Vec::new() };
    assert_eq!(with(|invoice| invoice.due_minor = -5), nothing);
}

/// A payment would otherwise be settled by the money of another one.
/// Proves: 16, 27
#[test]
fn a_payment_in_a_session_is_settled_by_a_report_of_that_session_alone() {
    let (reserved, payment, _) = started(ask_through(&send(None, 1000, false).unwrap(), &link(7), 1, MINIMUM));
    let opened = payment.open(AtProvider::Session("cs_1"));
    assert_eq!(opened.progress(), Progress::Open(AtProvider::Session("cs_1")));
    let now = UtcTime::EPOCH;
    let by_intent_alone = settle(&reserved, &opened, &report(&payment, Outcome::Succeeded), now);
    assert_eq!(by_intent_alone, Err(SettleError::ProviderId));
    let of_other = settle(&reserved, &opened, &of_session(&payment, "cs_2", Outcome::Canceled), now);
    assert_eq!(of_other, Err(SettleError::ProviderId));
    let waiting = settle(&reserved, &opened, &of_session(&payment, "cs_1", Outcome::Open), now);
    assert_eq!(waiting, Ok(Settlement::Unchanged));

    let ended = changed(settle(&reserved, &opened, &of_session(&payment, "cs_1", Outcome::Canceled), now));
    assert_eq!((ended.payment.status, ended.invoice.due_minor), (PaymentStatus::Canceled, 1000));

    let with_intent = ProviderStatus { session_id: Some("cs_1".to_owned()), ..report(&payment, Outcome::Succeeded) };
    let paid = changed(settle(&reserved, &opened, &with_intent, now));
    assert_eq!((paid.payment.status, paid.invoice.state), (PaymentStatus::Succeeded, InvoiceState::Settled));
    // From now on its intent says what goes back.
    let refund = ProviderStatus { refunded_minor: 300, ..report(&payment, Outcome::Succeeded) };
    assert_eq!(changed(settle(&paid.invoice, &paid.payment, &refund, now)).payment.refunded_minor, 300);
    let other_session = ProviderStatus { session_id: Some("cs_2".to_owned()), ..refund };
    assert_eq!(settle(&paid.invoice, &paid.payment, &other_session, now), Err(SettleError::ProviderId));
    let late = settle(&ended.invoice, &ended.payment, &with_intent, now);
    assert_eq!(late, Err(SettleError::Contradiction));
}

/// The provider takes no end that is nearer than half an hour.
#[test]
fn a_session_that_is_made_as_late_as_can_be_has_more_than_half_an_hour_left() {
    let (_, payment, _) = started(ask_through(&send(None, 1000, false).unwrap(), &link(7), 1, MINIMUM));
    let last = at(30 * 60 - 1);
    assert_eq!(payment.pending_payment_action(last), PendingPaymentAction::Leave);
    assert!(payment.session_ends_at() >= last.plus_s(35 * 60));
}

proptest! {
    /// Proves: 27
    #[test]
    fn whatever_is_pending_a_link_pays_exactly_the_rest(
        total in 1_i64..5000, parts in proptest::collection::vec(1_i64..900, 0..4), minimum in 1_i64..100,
    ) {
        let mut invoice = send(None, total, false).unwrap();
        for (n, part) in (1..).zip(parts) {
            if let Ok((reserved, _, _)) = pay(&invoice, part, n) {
                invoice = reserved;
            }
        }
        let due_minor = invoice.due_minor;
        match ask_through(&invoice, &link(7), 99, minimum) {
            Ok(PaymentStart::Started(started)) => {
                let (reserved, payment, _) = *started;
                prop_assert!(due_minor >= minimum);
                prop_assert_eq!(payment.amount_minor.minor(), due_minor);
                prop_assert_eq!(reserved.due_minor, 0);
                prop_assert_eq!(reserved.in_flight_minor(), total);
            }
            Ok(PaymentStart::Resumed(_)) => prop_assert!(false, "nothing was started through the link"),
            Err(error) => prop_assert!(due_minor < minimum, "{error}"),
        }
    }
}
