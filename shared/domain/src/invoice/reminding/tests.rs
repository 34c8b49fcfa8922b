use proptest::prelude::*;

use super::{
    super::tests::{send, settle_elsewhere},
    *,
};
use crate::samples::company;

const HOUR_S: i64 = 3_600;
const DAY_S: i64 = 24 * HOUR_S;

fn at(text: &str) -> UtcTime {
    text.parse().unwrap()
}

fn day(text: &str) -> Day {
    text.to_owned().try_into().unwrap()
}

fn zone(name: &str) -> Zone {
    name.to_owned().try_into().unwrap()
}

/// An invoice of 10.00 that was sent at a time and is due on a day.
fn sent(sent_at: UtcTime, due_on: Day) -> Invoice {
    let mut invoice = send(None, 1_000, false).unwrap();
    invoice.terms.due_on = due_on;
    invoice.sent_at = Some(sent_at);
    invoice
}

fn switched_on(days: &[i32], zone: &Zone, now: UtcTime) -> InvoiceReminders {
    InvoiceReminders::switched(None, &company(1), days, zone, now).unwrap()
}

/// When an invoice is reminded of, if the schedule runs at these times. The invoice is found by its due day alone, as
/// the index finds it.
fn reminded(
    invoice: &mut Invoice,
    reminders: &mut InvoiceReminders,
    days: &[i32],
    zone: &Zone,
    runs: impl Iterator<Item = UtcTime>,
) -> Vec<UtcTime> {
    let mut reminded = Vec::new();
    for now in runs {
        let Some(round) = reminders.round(days, zone, now) else { continue };
        for (from, until) in round.due_days().collect::<Vec<_>>() {
            if !(from..=until).contains(&invoice.terms.due_on) {
                continue;
            }
            if let Some((after, _)) = invoice.remind(&round) {
                assert_eq!(after.version, invoice.version + 1);
                *invoice = after;
                reminded.push(now);
            }
        }
        *reminders = reminders.after(&round);
        assert!(reminders.next_at.is_none_or(|next_at| next_at > now), "a round is over and is due at once");
    }
    reminded
}

fn every(pause_s: i64, from: UtcTime, until: UtcTime) -> impl Iterator<Item = UtcTime> {
    std::iter::successors(Some(from), move |now| Some(now.plus_s(pause_s))).take_while(move |now| *now <= until)
}

/// Everything that an invoice brings, if reminders are on from the start and the schedule runs every quarter of an hour.
fn all(sent_at: &str, due_on: &str, days: &[i32], zone: &Zone) -> Vec<String> {
    let mut invoice = sent(at(sent_at), day(due_on));
    let begin = at(sent_at).plus_s(-DAY_S);
    let mut reminders = switched_on(days, zone, begin);
    let runs = every(900, begin, at(sent_at).plus_s(60 * DAY_S));
    let found = reminded(&mut invoice, &mut reminders, days, zone, runs);
    found.iter().map(|at| at.to_string()[..16].to_owned()).collect()
}

/// Proves: IR1
#[test]
fn reminders_come_on_the_days_that_the_company_chose() {
    let found = all("2026-11-02T12:00:00Z", "2026-11-16", &[-3, 1, 14], &zone("Europe/Lisbon"));
    assert_eq!(found, ["2026-11-13T09:00", "2026-11-17T09:00", "2026-11-30T09:00"]);
}

/// Proves: IR1
#[test]
fn reminders_come_at_nine_by_the_companys_clock_before_and_after_it_changes() {
    let found = all("2026-10-20T12:00:00Z", "2026-10-31", &[-3, 1, 8], &zone("America/New_York"));
    assert_eq!(found, ["2026-10-28T13:00", "2026-11-01T14:00", "2026-11-08T14:00"]);
}

/// The morning after it was sent, a customer was told that an invoice is overdue: the draft was old.
/// Proves: IR2
#[test]
fn an_old_draft_that_is_sent_late_brings_no_reminder_for_days_that_are_past() {
    let zone = zone("Europe/Lisbon");
    let found = all("2026-11-20T12:00:00Z", "2026-11-15", &[-3, 1, 6, 14], &zone);
    assert_eq!(found, ["2026-11-29T09:00"], "six days after is the next morning");
}

/// Proves: IR1
#[test]
fn reminders_that_are_switched_on_later_bring_none_for_days_that_are_past() {
    let (zone, days) = (zone("Europe/Lisbon"), [1, 8]);
    let mut invoice = sent(at("2026-11-01T12:00:00Z"), day("2026-11-10"));
    let begin = at("2026-11-15T10:00:00Z");
    let mut reminders = switched_on(&days, &zone, begin);
    assert_eq!(InvoiceReminders::switched(Some(&reminders), &company(1), &[3], &zone, begin), None, "they go on");
    let runs = every(900, begin, begin.plus_s(20 * DAY_S));
    let found = reminded(&mut invoice, &mut reminders, &days, &zone, runs);
    assert_eq!(found, [at("2026-11-18T09:00:00Z")]);
    let off = InvoiceReminders::switched(Some(&reminders), &company(1), &[], &zone, begin).unwrap();
    assert_eq!((off.next_at, off.version), (None, reminders.version + 1));
    assert_eq!(off.round(&days, &zone, begin.plus_s(90 * DAY_S)), None);
}

/// Proves: IR1
#[test]
fn a_schedule_that_stood_still_for_weeks_sends_one_reminder_of_an_invoice() {
    let (zone, days) = (zone("Europe/Lisbon"), [-3, 1, 8, 14]);
    let mut invoice = sent(at("2026-11-01T12:00:00Z"), day("2026-11-10"));
    let mut reminders = switched_on(&days, &zone, at("2026-11-01T12:00:00Z"));
    let late = at("2026-11-20T17:00:00Z");
    let found = reminded(&mut invoice, &mut reminders, &days, &zone, [late, late].into_iter());
    assert_eq!(found, [late]);
    assert_eq!(invoice.reminded_on, Some(day("2026-11-18")));
    let runs = every(900, late, late.plus_s(20 * DAY_S));
    let found = reminded(&mut invoice, &mut reminders, &days, &zone, runs);
    assert_eq!(found, [at("2026-11-24T09:00:00Z")]);
}

/// Proves: IR3
#[test]
fn an_invoice_that_does_not_wait_for_payment_brings_none() {
    let (zone, days) = (zone("Europe/Lisbon"), [1]);
    let begin = at("2026-11-01T12:00:00Z");
    let reminders = switched_on(&days, &zone, begin);
    let round = reminders.round(&days, &zone, at("2026-11-11T09:00:00Z")).unwrap();
    let open = sent(begin, day("2026-11-10"));
    let (reminded, event) = open.remind(&round).unwrap();
    assert_eq!(event.kind(), crate::EventType::InvoiceReminded);
    assert_eq!(reminded.remind(&round), None, "a second time");

    let void = Invoice { due_minor: 0, ..send(Some(open.clone()), 1_000, true).unwrap() };
    let paid = settle_elsewhere(Some(open.clone()), 1_000, 1_000).unwrap();
    let customer = open.terms.content.customer.clone();
    let credited = open.credit(1_000, &customer, open.terms.content.currency).unwrap();
    let being_paid = Invoice { due_minor: 400, ..open.clone() };
    let disputed = Invoice { disputed_minor: 400, ..open.clone() };
    let draft = Invoice { state: InvoiceState::Draft, sent_at: None, ..open.clone() };
    for stopped in [void, paid, credited, being_paid, disputed, draft] {
        let stopped =
            Invoice { terms: super::super::InvoiceTerms { due_on: open.terms.due_on, ..stopped.terms }, ..stopped };
        assert_eq!(stopped.remind(&round), None, "{stopped:?}");
    }
    let in_part = open.credit(400, &customer, open.terms.content.currency).unwrap();
    assert!(in_part.remind(&round).is_some(), "a rest is due");
}

fn zones() -> impl Strategy<Value = Zone> {
    let names = ["UTC", "Europe/Lisbon", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu"];
    proptest::sample::select(names.map(zone).to_vec())
}

proptest! {
    /// Whatever the zone, the clock changes and the gaps between runs: each day of the company's brings a reminder at
    /// most once, never before nine, never within a day of the sending; and without gaps each day brings one.
    /// Proves: IR1, IR2
    #[test]
    fn each_day_brings_at_most_one_reminder_and_none_before_its_time(
        zone in zones(),
        days in proptest::collection::btree_set(-30_i32..30, 1..6),
        start_s in 0_i64..400 * DAY_S,
        due in -40_i32..60,
        pauses in proptest::collection::vec(60_i64..9 * DAY_S, 1..60),
    ) {
        let days: Vec<i32> = days.into_iter().filter(|days| *days != 0).collect();
        prop_assume!(!days.is_empty());
        let sent_at = at("2026-01-01T00:00:00Z").plus_s(start_s);
        let due_on = sent_at.day_in(&zone).plus_days(due);
        let begin = switched_on(&days, &zone, sent_at);
        let end = sent_at.plus_s(120 * DAY_S);

        let (mut invoice, mut reminders) = (sent(sent_at, due_on), begin.clone());
        let hourly = reminded(&mut invoice, &mut reminders, &days, &zone, every(HOUR_S / 4, sent_at, end));
        let expected: Vec<UtcTime> = days.iter().map(|days| due_on.plus_days(*days))
            .map(|day| day.at_hour(REMINDER_HOUR, &zone))
            .filter(|nine| *nine >= sent_at.plus_s(DAY_S) && *nine <= end)
            .collect();
        prop_assert_eq!(hourly.len(), expected.len());
        for (found, nine) in hourly.iter().zip(&expected) {
            prop_assert!(found >= nine && *found < nine.plus_s(HOUR_S / 4), "{} for {}", found, nine);
        }

        let (mut invoice, mut reminders) = (sent(sent_at, due_on), begin);
        let mut now = sent_at;
        let runs: Vec<UtcTime> = pauses.iter().map(|pause| { now = now.plus_s(*pause); now }).collect();
        let rare = reminded(&mut invoice, &mut reminders, &days, &zone, runs.into_iter());
        prop_assert!(rare.len() <= days.len());
        for pair in rare.windows(2) {
            prop_assert!(pair[0] < pair[1], "two letters in one run");
        }
        for found in &rare {
            prop_assert!(expected.iter().any(|nine| nine <= found), "{} is before the first nine o'clock", found);
        }
    }
}
