use proptest::prelude::*;

use super::{
    super::{Every, examples::*, request_documents},
    *,
};
use crate::{
    EventType, Grants, MemberRole,
    access::ActingAs,
    org::{Connection, Member, Status},
    samples::{company, firm},
};

const HOUR_S: i64 = 3_600;

fn at(text: &str) -> UtcTime {
    text.parse().unwrap()
}

fn noon() -> UtcTime {
    at("2026-11-02T12:00:00Z")
}

/// Everything that a schedule does until an instant, if it looks every `pause_s` seconds: when, and what.
fn told(
    request: &DocumentRequest,
    zone: &Zone,
    standing: &Standing,
    until: UtcTime,
    pause_s: i64,
) -> Vec<(UtcTime, EventType)> {
    let mut live = vec![(request.clone(), RequestSchedule::of(request, zone))];
    let mut events = Vec::new();
    let mut now = request.asked_at;
    let mut made = 100;
    while now <= until {
        let mut added = Vec::new();
        for (request, schedule) in &mut live {
            // Two runs at once: the second meets the versions of the first and finds nothing.
            made += 1;
            let Some(step) = schedule.step(request, zone, standing, id(made), now) else { continue };
            assert_eq!(step.schedule.version, schedule.version + 1);
            assert!(step.next.is_none() || step.request.is_some(), "a next one is claimed by the one before");
            events.extend(step.events.iter().map(|event| (now, event.kind())));
            *schedule = step.schedule;
            if let Some(after) = step.request {
                assert_eq!(after.version, request.version + 1);
                *request = after;
            }
            added.extend(step.next);
        }
        live.extend(added);
        now = now.plus_s(pause_s);
    }
    events
}

fn kinds_of(told: &[(UtcTime, EventType)], kind: EventType) -> Vec<String> {
    told.iter().filter(|(_, found)| *found == kind).map(|(at, _)| at.to_string()[..16].to_owned()).collect()
}

fn own() -> Standing {
    Standing { connection: None, member: Some(member(noon().plus_s(-60))) }
}

/// Proves: F13
#[test]
fn reminders_come_three_days_before_the_day_after_and_then_four_weeks() {
    let request = made(owner(), "2026-11-10", None, noon());
    let told = told(&request, &lisbon(), &own(), noon().plus_s(100 * 24 * HOUR_S), 900);
    let days = ["2026-11-07", "2026-11-11", "2026-11-18", "2026-11-25", "2026-12-02", "2026-12-09"];
    let expected: Vec<String> = days.iter().map(|day| format!("{day}T09:00")).collect();
    assert_eq!(kinds_of(&told, EventType::DocumentRequestReminded), expected);
    assert_eq!(kinds_of(&told, EventType::DocumentRequestOverdue), ["2026-11-11T09:00"]);
}

/// Proves: F14
#[test]
fn reminders_come_at_nine_by_the_companys_clock_before_and_after_it_changes() {
    let zone = Zone::try_from("America/New_York".to_owned()).unwrap();
    let asked_at = at("2026-10-20T12:00:00Z");
    let command = draft(owner(), "2026-10-31", None);
    let request = request_documents(command, &zone, asked_at).unwrap().0;
    let told = told(&request, &zone, &own(), asked_at.plus_s(25 * 24 * HOUR_S), 900);
    let expected = ["2026-10-28T13:00", "2026-11-01T14:00", "2026-11-08T14:00"];
    assert_eq!(kinds_of(&told, EventType::DocumentRequestReminded), expected);
}

#[test]
fn people_who_were_just_asked_are_not_reminded_the_same_day() {
    let request = made(owner(), "2026-11-05", None, at("2026-11-01T10:00:00Z"));
    assert_eq!(RequestSchedule::of(&request, &lisbon()).reminders_past, 1, "in 23 hours");
    let request = made(owner(), "2026-11-05", None, at("2026-11-01T08:30:00Z"));
    assert_eq!(RequestSchedule::of(&request, &lisbon()).reminders_past, 0, "in a day and a half hour");
}

#[test]
fn reminders_stop_when_nothing_is_missing_and_go_on_when_a_paper_is_sent_back() {
    let mut request = made(owner(), "2026-11-10", None, noon());
    for number in 1..=3 {
        request = request.fulfilled(number, &document(number.into())).unwrap().0;
    }
    let schedule = RequestSchedule::of(&request, &lisbon());
    let step = |request: &DocumentRequest, schedule: &RequestSchedule, now: &str| {
        schedule.step(request, &lisbon(), &own(), id(9), at(now)).unwrap()
    };
    let quiet = step(&request, &schedule, "2026-11-07T09:05:00Z");
    assert_eq!((quiet.events.len(), quiet.schedule.reminders_past), (0, 1));
    let (back, _) = request.document_refused(2, &document(2), "Empty.".parse().unwrap()).unwrap();
    let told = step(&back, &quiet.schedule, "2026-11-11T09:05:00Z");
    let kinds: Vec<_> = told.events.iter().map(NewEvent::kind).collect();
    assert_eq!(kinds, [EventType::DocumentRequestOverdue, EventType::DocumentRequestReminded]);
    let (withdrawn, _) = back.withdraw(&owner()).unwrap();
    let over = step(&withdrawn, &told.schedule, "2026-11-18T09:05:00Z");
    assert_eq!((over.events.len(), over.schedule.next_at), (0, None));
}

/// Proves: F13
#[test]
fn a_schedule_that_did_not_run_for_weeks_sends_one_reminder() {
    let request = made(owner(), "2026-11-10", None, noon());
    let schedule = RequestSchedule::of(&request, &lisbon());
    let late = at("2026-11-26T00:00:00Z");
    let step = schedule.step(&request, &lisbon(), &own(), id(9), late).unwrap();
    let reminded = step.events.iter().filter(|event| event.kind() == EventType::DocumentRequestReminded);
    assert_eq!((reminded.count(), step.schedule.reminders_past), (1, 4));
    assert_eq!(step.schedule.step(&request, &lisbon(), &own(), id(9), late), None, "it fires twice");
}

#[test]
fn another_due_day_has_reminders_of_its_own() {
    let request = made(owner(), "2026-11-10", None, noon());
    let late = at("2026-11-26T00:00:00Z");
    let past = RequestSchedule::of(&request, &lisbon()).step(&request, &lisbon(), &own(), id(9), late).unwrap();
    let moved = DocumentRequest { due_on: day("2026-12-10"), ..request.clone() };
    let schedule = past.schedule.changed(&request, &moved, &lisbon(), late);
    assert_eq!((schedule.reminders_past, schedule.overdue_recorded), (0, false));
    assert_eq!(schedule.next_at, Some(at("2026-12-07T09:00:00Z")));
    let renamed = past.schedule.changed(&request, &request, &lisbon(), late);
    assert_eq!((renamed.reminders_past, renamed.next_at), (4, past.schedule.next_at));
}

/// Proves: 25
#[test]
fn nothing_is_sent_or_made_in_the_name_of_a_firm_whose_connection_ended() {
    let (early, late) = (noon().plus_s(-60), noon().plus_s(60));
    let request = made(admin(), "2026-11-10", Some(Every::Month), noon());
    let until = at("2026-12-31T00:00:00Z");
    let by = |connection: Option<Connection>| {
        let standing = Standing { connection, member: None };
        let told = told(&request, &lisbon(), &standing, until, HOUR_S);
        let count = |kind| kinds_of(&told, kind).len();
        let reminded = count(EventType::DocumentRequestReminded);
        (reminded, count(EventType::DocumentRequestMade), count(EventType::DocumentRequestOverdue))
    };
    // The next period's request is made on 2 December; it is reminded of four times before the year ends.
    assert_eq!(by(Some(connection(early))), (6 + 4, 1, 2));
    let ended = Connection { status: Status::Ended, ..connection(early) };
    let narrowed = Connection { grants: Grants::default(), ..connection(early) };
    for gone in [None, Some(ended), Some(narrowed), Some(connection(late))] {
        assert_eq!(by(gone), (0, 0, 1), "it stays on record that the papers are overdue");
    }
}

#[test]
fn a_members_request_repeats_while_they_may_ask_and_is_reminded_of_in_any_case() {
    let request = made(owner(), "2026-11-10", Some(Every::Month), noon());
    let until = at("2026-12-05T00:00:00Z");
    let here = member(noon());
    let left = Member { status: Status::Ended, ..here.clone() };
    let narrowed = Member { role: MemberRole::Custom, grants: Grants::default(), ..here.clone() };
    let back = member(noon().plus_s(60));
    for (member, made) in [(Some(here.clone()), 1), (Some(left), 0), (Some(narrowed), 0), (Some(back), 0), (None, 0)] {
        let standing = Standing { connection: None, member };
        let told = told(&request, &lisbon(), &standing, until, HOUR_S);
        assert_eq!(kinds_of(&told, EventType::DocumentRequestMade).len(), made);
        assert_eq!(kinds_of(&told, EventType::DocumentRequestChanged).len(), 1 - made, "the log says that it stopped");
        assert!(kinds_of(&told, EventType::DocumentRequestReminded).len() > 1);
    }
    // A member whom a firm invited asks while the firm is connected.
    let seat = ActingAs::BoundedMember { firm: firm(2), company: company(1) };
    let bounded = Member { inviting_firm: Some(firm(2)), ..here };
    let request = made(seat, "2026-11-10", Some(Every::Month), noon());
    let standing = |connection| Standing { connection, member: Some(bounded.clone()) };
    let connected = standing(Some(connection(noon().plus_s(-60))));
    assert!(connected.may_repeat(&request, noon()) && connected.may_remind(&request, noon()));
    let alone = standing(None);
    assert!(!alone.may_repeat(&request, noon()) && !alone.may_remind(&request, noon()));
}

#[test]
fn a_company_that_moves_to_another_zone_is_reminded_by_its_new_clock() {
    let request = made(owner(), "2026-11-10", None, noon());
    let schedule = RequestSchedule::of(&request, &lisbon());
    let west = Zone::try_from("America/Los_Angeles".to_owned()).unwrap();
    let step = schedule.step(&request, &west, &own(), id(9), at("2026-11-07T09:00:00Z")).unwrap();
    assert_eq!((step.events.len(), step.schedule.next_at), (0, Some(at("2026-11-07T17:00:00Z"))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Proves: F13, F14
    #[test]
    fn however_often_and_late_the_schedule_runs_each_period_has_one_request(
        pause_s in 21_600_i64..5_000_000, start in 0_i64..1_500, lead in 0_i32..40, is_quarterly in any::<bool>()
    ) {
        let asked_at = at("2026-11-02T12:00:00Z").plus_s(start * 24 * HOUR_S);
        let due_on = asked_at.day_in(&lisbon()).plus_days(lead);
        let every = if is_quarterly { Every::Quarter } else { Every::Month };
        let request = made(owner(), &due_on.to_string(), Some(every), asked_at);
        let until = asked_at.plus_s(500 * 24 * HOUR_S);
        let told = told(&request, &lisbon(), &own_since(asked_at), until, pause_s);
        let made = kinds_of(&told, EventType::DocumentRequestMade).len();
        let first = request.recurrence.clone().unwrap();
        let periods = std::iter::successors(Some(first.next()), |recurrence| Some(recurrence.next()));
        let last_look = until.plus_s(-((until.unix_s() - asked_at.unix_s()) % pause_s));
        let due = periods.take_while(|recurrence| recurrence.made_at(&lisbon()) <= last_look).count();
        prop_assert!(made <= due, "{made} of {due}");
        // A run makes one request and sends one reminder at most, so a rare one lags behind.
        if pause_s <= 24 * HOUR_S {
            prop_assert!(made + 1 >= due, "{made} of {due}");
        }
    }
}

fn own_since(asked_at: UtcTime) -> Standing {
    Standing { connection: None, member: Some(member(asked_at.plus_s(-60))) }
}
