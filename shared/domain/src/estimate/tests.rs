//! How estimates are decided, reworked and undone.

use proptest::prelude::*;

use super::*;
use crate::{
    invoice::{Invoice, InvoiceReport, InvoiceState},
    ledger_report::Recording,
    sales::{
        DocumentSource, ViewedRevision,
        samples::{any_content, content, each_change, with_everything},
    },
    samples::{company, user},
    time::{Day, UtcTime, Zone},
};

fn day(text: &str) -> Day {
    text.to_owned().try_into().unwrap()
}

fn report(total_minor: i64, is_draft: bool) -> EstimateReport {
    EstimateReport {
        terms: EstimateTerms {
            content: content("E-1", "CUS-1", "EUR", total_minor),
            due_on: None,
            valid_until: day("1970-01-02"),
        },
        is_draft,
        again: false,
        source: DocumentSource::Ledger,
        by: None,
        at: UtcTime::EPOCH,
    }
}

fn recorded(known: Option<Estimate>, report: EstimateReport) -> Result<Estimate, EstimateError> {
    record(&company(1), &"E-1".parse().unwrap(), known, report).map(|recording| match recording {
        Recording::Recorded(estimate, _) | Recording::Unchanged(estimate) => estimate,
    })
}

fn estimate() -> Estimate {
    recorded(None, report(5_000, false)).unwrap()
}

fn decider() -> Decider {
    Decider {
        via: DecisionVia::Contact,
        name: "Carla Contact".parse().unwrap(),
        user: Some(user("carla")),
        contact: Some("ct_1".parse().unwrap()),
    }
}

fn invoice(reference: &str) -> Invoice {
    let mut terms = crate::invoice::tests::terms(5_000);
    terms.estimate = Some("E-1".parse().unwrap());
    let (state, source) = (InvoiceState::Open, DocumentSource::Ledger);
    let report = InvoiceReport { terms, state, source, by: None, at: UtcTime::EPOCH };
    match crate::invoice::record(&company(1), &reference.parse().unwrap(), None, report).unwrap() {
        Recording::Recorded(invoice, _) | Recording::Unchanged(invoice) => invoice,
    }
}

fn undone() -> UndoneDecision {
    UndoneDecision { by: user("bea"), by_name: "Bea".parse().unwrap(), at: UtcTime::EPOCH, reason: None }
}

fn zone(name: &str) -> Zone {
    name.to_owned().try_into().unwrap()
}

fn decide(estimate: &Estimate, verdict: EstimateVerdict, now: UtcTime) -> Result<Estimate, EstimateError> {
    let reason = (verdict == EstimateVerdict::Declined).then(|| "Too dear.".parse().unwrap());
    let decision = EstimateDecision { verdict, reason, seen: estimate.digest() };
    estimate.decide(decision, decider(), &Zone::utc(), now).map(|(decided, _)| decided)
}

/// A company that is not told why cannot rework its estimate. Who is late or saw another content hears of that first.
#[test]
fn declining_takes_a_reason_and_accepting_none() {
    let estimate = estimate();
    let decide = |estimate: &Estimate, verdict| {
        let decision = EstimateDecision { verdict, reason: None, seen: estimate.digest() };
        estimate.decide(decision, decider(), &Zone::utc(), UtcTime::EPOCH).map(|(decided, _)| decided)
    };
    assert_eq!(decide(&estimate, EstimateVerdict::Declined).unwrap_err(), EstimateError::NoReason);
    let accepted = decide(&estimate, EstimateVerdict::Accepted).unwrap();
    let again = decide(&accepted, EstimateVerdict::Declined).unwrap_err();
    assert_eq!(again, EstimateError::Decided(EstimateState::Accepted));
}

#[test]
fn an_accepted_estimate_is_fixed_and_decided_once() {
    let taken = decide(&estimate(), EstimateVerdict::Accepted, UtcTime::EPOCH).unwrap();
    let again = decide(&taken, EstimateVerdict::Declined, UtcTime::EPOCH);
    assert_eq!(again.unwrap_err(), EstimateError::Decided(EstimateState::Accepted));
    let changed = recorded(Some(taken), report(1, false));
    assert_eq!(changed.unwrap_err(), EstimateError::Decided(EstimateState::Accepted));
}

#[test]
fn a_declined_estimate_is_reworked_and_open_again_with_the_decision_on_record() {
    let declined = decide(&estimate(), EstimateVerdict::Declined, UtcTime::EPOCH).unwrap();
    assert_eq!(
        recorded(Some(declined.clone()), report(5_000, false)).unwrap(),
        declined,
        "a repetition changes nothing"
    );
    let reworked = recorded(Some(declined.clone()), report(4_000, false)).unwrap();
    assert_eq!((reworked.state, reworked.revision, &reworked.decision), (EstimateState::Open, 2, &None));
    let [earlier] = &reworked.earlier_decisions[..] else { panic!("{reworked:?}") };
    assert_eq!((earlier.decision, earlier.revision), (EstimateVerdict::Declined, 1));
    assert_eq!(earlier.digest, declined.digest());
    // The same offer again is another revision: nobody has decided about it.
    let again = EstimateReport { again: true, ..report(5_000, false) };
    let again = recorded(Some(declined.clone()), again).unwrap();
    assert_ne!(again.digest(), declined.digest());
    assert_eq!((again.state, again.revision), (EstimateState::Open, 2));
}

#[test]
fn a_mistaken_decision_is_undone_and_the_old_digest_no_longer_counts() {
    let open = estimate();
    assert_eq!(open.undo_decision(undone()).unwrap_err(), EstimateError::NotDecided(EstimateState::Open));
    let accepted = decide(&open, EstimateVerdict::Accepted, UtcTime::EPOCH).unwrap();
    let (reopened, _) = accepted.undo_decision(undone()).unwrap();
    assert_eq!((reopened.state, reopened.revision), (EstimateState::Open, 2));
    assert!(reopened.earlier_decisions.first().is_some_and(|decision| decision.undone.is_some()));
    let late = EstimateDecision { verdict: EstimateVerdict::Accepted, reason: None, seen: open.digest() };
    let late = reopened.decide(late, decider(), &Zone::utc(), UtcTime::EPOCH);
    assert_eq!(late.unwrap_err(), EstimateError::Changed);
    assert!(decide(&reopened, EstimateVerdict::Declined, UtcTime::EPOCH).is_ok());
}

#[test]
fn a_draft_is_nobodys_to_decide_and_staff_leave_the_ledgers_alone() {
    let draft = recorded(None, report(5_000, true)).unwrap();
    assert_eq!(decide(&draft, EstimateVerdict::Accepted, UtcTime::EPOCH).unwrap_err(), EstimateError::Draft);
    assert_eq!(invoiced_by(Some(draft.clone()), &invoice("INV-1")).unwrap_err(), InvoicedError::Draft);
    let by_staff = EstimateReport { source: DocumentSource::Staff, ..report(6_000, true) };
    assert_eq!(recorded(Some(draft.clone()), by_staff).unwrap_err(), EstimateError::LedgerKeeps);
    let sent = recorded(Some(draft), report(5_000, false)).unwrap();
    assert_eq!((sent.state, sent.revision), (EstimateState::Open, 1));
    assert_eq!(recorded(Some(sent), report(5_000, true)).unwrap_err(), EstimateError::Sent);
}

#[test]
fn an_expired_estimate_still_becomes_an_invoice_that_the_company_makes() {
    let open = estimate();
    let (_, invoiced, _) = invoiced_by(Some(open.clone()), &invoice("INV-1")).unwrap().unwrap();
    assert_eq!(invoiced.status(day("2030-01-01")), EstimateStatus::Invoiced);
    assert!(invoiced_by(Some(invoiced.clone()), &invoice("INV-2")).unwrap().is_none());
    let mut others = open;
    others.terms.content.customer = "CUS-2".parse().unwrap();
    for unknown in [None, Some(others)] {
        assert_eq!(invoiced_by(unknown, &invoice("INV-1")).unwrap_err(), InvoicedError::Unknown);
    }
    assert_eq!(invoiced.invoice, Some("INV-1".parse().unwrap()));
}

proptest! {
    /// The status follows from the stored facts and the day alone.
    #[test]
    fn the_status_of_an_estimate_follows_from_its_state_and_the_day(
        verdict in prop::option::of(prop::bool::ANY),
        seen in prop::option::of(1_u32..3),
        days in -3_i32..6,
    ) {
        let mut estimate = estimate();
        if let Some(revision) = seen {
            estimate = estimate.seen(ViewedRevision { revision, at: UtcTime::EPOCH });
        }
        let verdict = verdict.map(|yes| if yes { EstimateVerdict::Accepted } else { EstimateVerdict::Declined });
        if let Some(verdict) = verdict {
            estimate = decide(&estimate, verdict, UtcTime::EPOCH).unwrap();
        }
        let expected = match (verdict, days > 0, seen) {
            (Some(EstimateVerdict::Accepted), ..) => EstimateStatus::Accepted,
            (Some(EstimateVerdict::Declined), ..) => EstimateStatus::Declined,
            (None, true, _) => EstimateStatus::Expired,
            (None, false, Some(1)) => EstimateStatus::Viewed,
            (None, false, _) => EstimateStatus::Sent,
        };
        prop_assert_eq!(estimate.status(estimate.terms.valid_until.plus_days(days)), expected);
    }
}

/// Proves: 26, U3
#[test]
fn a_decision_counts_only_for_the_terms_that_were_seen() {
    let seen = estimate();
    let now = recorded(Some(seen.clone()), report(9_000, false)).unwrap();
    let decision =
        |seen: &Estimate| EstimateDecision { verdict: EstimateVerdict::Accepted, reason: None, seen: seen.digest() };
    let unseen = now.decide(decision(&seen), decider(), &Zone::utc(), UtcTime::EPOCH);
    assert_eq!(unseen.unwrap_err(), EstimateError::Changed);
    assert!(now.decide(decision(&now), decider(), &Zone::utc(), UtcTime::EPOCH).is_ok());
}

/// The zones with the largest offsets, with changes of clocks at midnight, and one that left out a day.
const ZONES: [&str; 10] = [
    "UTC",
    "America/Los_Angeles",
    "Asia/Tokyo",
    "Europe/Lisbon",
    "America/Sao_Paulo",
    "Asia/Beirut",
    "Pacific/Kiritimati",
    "Pacific/Niue",
    "Pacific/Apia",
    "Australia/Lord_Howe",
];

proptest! {
    /// The model counts days from the zone's offset, without a calendar.
    /// Proves: U24
    #[test]
    fn the_last_day_ends_at_midnight_where_the_company_is(
        name in prop::sample::select(&ZONES[..]),
        days in 0_i64..30_000,
        from_midnight_s in -50_i64 * 3_600..50 * 3_600,
    ) {
        let now = UtcTime::from_unix_ms((days * 86_400 + from_midnight_s) * 1000);
        let mut estimate = estimate();
        estimate.terms.valid_until = UtcTime::from_unix_ms(days * 86_400_000).day_in(&Zone::utc());
        let decision =
            EstimateDecision { verdict: EstimateVerdict::Accepted, reason: None, seen: estimate.digest() };
        let decided = estimate.decide(decision, decider(), &zone(name), now);
        let at = jiff::Timestamp::from_second(now.unix_s()).unwrap();
        let offset_s = i64::from(jiff::tz::db().get(name).unwrap().to_offset(at).seconds());
        let local_day = (now.unix_s() + offset_s).div_euclid(86_400);
        prop_assert_eq!(decided.is_ok(), local_day <= days, "{} in {}", now, name);
    }
}

/// Proves: U24
#[test]
fn the_afternoon_counts_in_los_angeles_and_the_morning_after_does_not_in_tokyo() {
    let mut estimate = estimate();
    estimate.terms.valid_until = "2026-11-21".to_owned().try_into().unwrap();
    let decide = |name: &str, now: &str| {
        let decision = EstimateDecision { verdict: EstimateVerdict::Accepted, reason: None, seen: estimate.digest() };
        estimate.decide(decision, decider(), &zone(name), now.parse().unwrap()).map(|_| ())
    };
    let lapsed = Err(EstimateError::Lapsed(estimate.terms.valid_until));
    assert_eq!(decide("America/Los_Angeles", "2026-11-22T01:00:00Z"), Ok(()), "17:00 on the last day");
    assert_eq!(decide("America/Los_Angeles", "2026-11-22T08:00:00Z"), lapsed, "midnight");
    assert_eq!(decide("Asia/Tokyo", "2026-11-21T14:59:59Z"), Ok(()), "a second to midnight");
    assert_eq!(decide("Asia/Tokyo", "2026-11-21T15:00:00Z"), lapsed, "midnight");
}

/// A customer who said yes on the last day would be told the day after that they had not.
/// Proves: C12
#[test]
fn what_a_customer_said_in_time_is_recorded_later() {
    let mut sent = report(5_000, false);
    sent.terms.valid_until = day("2026-12-31");
    let open = recorded(None, sent).unwrap();
    let last = open.terms.valid_until;
    let record = |decided_on, now: &str| {
        let decision = EstimateDecision { verdict: EstimateVerdict::Accepted, reason: None, seen: open.digest() };
        let recorded = open.record_decision(decided_on, decision, decider(), &Zone::utc(), now.parse().unwrap());
        recorded.map(|(estimate, _)| estimate.decision.unwrap().decided_on)
    };
    let (in_time, late) = (format!("{last}T12:00:00Z"), format!("{}T12:00:00Z", last.plus_days(3)));
    assert_eq!(record(None, &in_time), Ok(None));
    let lapsed = Err(RecordDecisionError::Estimate(EstimateError::Lapsed(last)));
    assert_eq!(record(None, &late), lapsed);
    assert_eq!(record(Some(last), &late), Ok(Some(last)));
    assert_eq!(record(Some(last.plus_days(1)), &late), lapsed);
    assert_eq!(record(Some(last.plus_days(4)), &late), Err(RecordDecisionError::Day), "tomorrow");
    let before = open.terms.content.issued_on.plus_days(-1);
    assert_eq!(record(Some(before), &late), Err(RecordDecisionError::Day));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Whatever the customer sees of an estimate, a change of it changes the digest.
    /// Proves: 26
    #[test]
    fn the_digest_covers_all_that_is_seen(content in any_content()) {
        let terms = EstimateTerms {
            content: with_everything(content),
            due_on: Some(day("1970-02-01")),
            valid_until: day("1970-01-02"),
        };
        let changes = each_change(&terms);
        prop_assert!(changes.iter().any(|(place, _)| place == "/valid_until"));
        for (place, changed) in changes {
            prop_assert_ne!(changed.content_digest(), terms.content_digest(), "{}", place);
        }
    }
}
