use std::cmp::Ordering;

use proptest::prelude::*;

use super::*;
use crate::{
    DocumentRequestId,
    access::ActingAs,
    approval::{Approval, ApprovalStatus, Transaction},
    bank::BankAccount,
    document_request::{AskedPerson, DocumentRequest, DocumentRequestDraft, request_documents},
    id::DocumentId,
    money::Currency,
    org::{Connection, Status},
    permission::{Grants, Permission},
    report::Month,
    samples::{company, firm, user},
    temporary_grants::TemporaryGrants,
    text::Reference,
    threshold::{OwnThresholds, ThresholdRule},
    time::{Day, UtcTime, Zone},
};

const ALL: [Permission; 4] =
    [Permission::ReportsView, Permission::ApprovalsView, Permission::DocumentsRequest, Permission::BankView];

fn day(text: &str) -> Day {
    text.to_owned().try_into().unwrap()
}

fn noon(text: &str) -> UtcTime {
    day(text).at_hour(12, &Zone::utc())
}

fn month(text: &str) -> Month {
    text.parse().unwrap()
}

fn euro() -> Currency {
    "EUR".parse().unwrap()
}

fn connection(permissions: &[Permission]) -> Connection {
    Connection {
        company: company(1),
        company_name: "Loja Azul".parse().unwrap(),
        firm: firm(2),
        firm_name: "Contas".parse().unwrap(),
        grants: permissions.iter().copied().collect(),
        lent: TemporaryGrants::default(),
        status: Status::Active,
        expires_at: None,
        since: noon("2026-03-31"),
        version: 1,
    }
}

fn approval(number: usize, requested_on: Day, status: ApprovalStatus) -> Approval {
    Approval {
        company: company(1),
        transaction: Transaction {
            reference: format!("TX-{number}").parse().unwrap(),
            kind: "payment".parse().unwrap(),
            payee: "Fornecedor".parse().unwrap(),
            amount_minor: 100.try_into().unwrap(),
            currency: euro(),
            description: None,
            prepared_by: None,
        },
        status,
        requested_at: requested_on.at_hour(12, &Zone::utc()),
        decided_by: None,
        decided_by_name: None,
        decided_at: None,
        reason: None,
        withdrawn_at: None,
        report_version: None,
        version: 1,
    }
}

fn request(number: u128, due_on: Day, papers: usize) -> DocumentRequest {
    let draft = DocumentRequestDraft {
        id: DocumentRequestId::from_uuid(uuid::Uuid::from_u128(number)),
        company: company(1),
        title: "Papers".parse().unwrap(),
        note: None,
        items: (0..papers).map(|n| format!("Paper {n}").parse().unwrap()).collect(),
        asked_of: vec![AskedPerson { user: user("mia"), name: "Mia".parse().unwrap() }],
        due_on,
        every: None,
        asked_by: user("ada"),
        asked_by_name: "Ada".parse().unwrap(),
        acting_as: ActingAs::FirmAdmin { firm: firm(2), company: company(1) },
    };
    let asked_at = due_on.plus_days(-10).at_hour(12, &Zone::utc());
    request_documents(draft, &Zone::utc(), asked_at).unwrap().0
}

/// An account that fell below its threshold on this day; of `None` one that did not.
fn account(number: usize, fell_on: Option<Day>) -> BankAccount {
    let as_of = fell_on.unwrap_or_else(|| day("2026-01-01")).at_hour(12, &Zone::utc());
    let account = BankAccount {
        company: company(1),
        reference: format!("BANK-{number}").parse().unwrap(),
        name: "Main".parse().unwrap(),
        currency: euro(),
        balance_minor: 100.try_into().unwrap(),
        as_of,
        reported: None,
        newest: std::collections::BTreeMap::new(),
        threshold: None,
        own_thresholds: OwnThresholds::default(),
        below_since: None,
        version: 1,
    };
    match fell_on {
        Some(_) => account.set_threshold(Some(ThresholdRule::at(101.try_into().unwrap()))).0,
        None => account,
    }
}

/// A company in a few words: the day of each thing that waits.
#[derive(Debug, Clone, Default)]
struct Waits {
    published: Option<Month>,
    has_reports: bool,
    approvals: Vec<Day>,
    due: Vec<Day>,
    fell: Vec<Day>,
}

impl Waits {
    fn state(&self) -> CompanyState {
        let approvals = self.approvals.iter().enumerate();
        let fell = self.fell.iter().enumerate();
        CompanyState {
            time_zone: Zone::utc(),
            published: self.published,
            has_reports: self.has_reports,
            approvals: all(approvals.map(|(n, day)| approval(n, *day, ApprovalStatus::Pending))),
            requests: all(self.due.iter().zip(1_u128..).map(|(day, n)| request(n, *day, 1))),
            bank_accounts: all(fell.map(|(n, day)| account(n, Some(*day))).chain([account(99, None)])),
        }
    }

    fn backlog(&self, permissions: &[Permission]) -> Backlog {
        Backlog::of(&connection(permissions), &self.state(), None)
    }
}

fn all<T>(items: impl Iterator<Item = T>) -> Counted<T> {
    Counted { items: items.collect(), more: false }
}

/// The order of the list: what waits since the earliest day first, and what waits for nothing last.
fn order(one: &Backlog, other: &Backlog) -> Ordering {
    let key = |backlog: &Backlog| backlog.urgent_from.map_or("none".to_owned(), |from| from.to_string());
    key(one).cmp(&key(other))
}

fn any_day() -> impl Strategy<Value = Day> {
    (0_i32..1500).prop_map(|days| day("2025-01-01").plus_days(days))
}

fn waits() -> impl Strategy<Value = Waits> {
    let days = || prop::collection::vec(any_day(), 0..12);
    let month = prop::option::of(any_day().prop_map(Month::of));
    (month, any::<bool>(), days(), days(), days()).prop_map(|(published, has_reports, approvals, due, fell)| Waits {
        published,
        has_reports,
        approvals,
        due,
        fell,
    })
}

fn permissions() -> impl Strategy<Value = Vec<Permission>> {
    prop::sample::subsequence(ALL.to_vec(), 0..=ALL.len())
}

proptest! {
    /// Proves: O1
    #[test]
    fn the_order_of_clients_is_the_same_on_every_day(
        one in waits(), other in waits(), permissions in permissions(), today in any_day(),
    ) {
        let (one, other) = (one.backlog(&permissions), other.backlog(&permissions));
        let grants: Grants = permissions.iter().copied().collect();
        let now = today.at_hour(9, &Zone::utc());
        let urgent = |backlog: &Backlog| backlog.seen_with(&grants, now).urgent_days;
        match order(&one, &other) {
            Ordering::Less => prop_assert!(urgent(&one) >= urgent(&other)),
            Ordering::Equal => prop_assert_eq!(urgent(&one), urgent(&other)),
            Ordering::Greater => prop_assert!(urgent(&one) <= urgent(&other)),
        }
    }

    /// Proves: O1
    #[test]
    fn one_more_thing_that_waits_makes_no_client_less_urgent(
        waits in waits(), kind in 0..3, since in any_day(), permissions in permissions(),
    ) {
        let mut more = waits.clone();
        match kind {
            0 => more.approvals.push(since),
            1 => more.due.push(since),
            _ => more.fell.push(since),
        }
        prop_assert_ne!(order(&more.backlog(&permissions), &waits.backlog(&permissions)), Ordering::Greater);
    }

    /// Proves: O1
    #[test]
    fn a_later_month_that_is_published_makes_no_client_more_urgent(waits in waits(), later in 1_u32..40) {
        let settled = waits.backlog(&ALL).accounts.settled.unwrap_or(month("2026-02"));
        let published = Some(Month::of(settled.first_day().plus_months(later)));
        let after = Waits { published, has_reports: true, ..waits.clone() };
        let before = Waits { has_reports: true, ..waits };
        prop_assert_ne!(order(&after.backlog(&ALL), &before.backlog(&ALL)), Ordering::Less);
    }

    /// Proves: O2
    #[test]
    fn what_a_person_may_not_see_changes_nothing_that_they_see(
        waits in waits(), hidden in waits(), permissions in permissions(), today in any_day(),
    ) {
        let may = |permission: Permission| permissions.contains(&permission);
        let other = Waits {
            published: if may(Permission::ReportsView) { waits.published } else { hidden.published },
            has_reports: if may(Permission::ReportsView) { waits.has_reports } else { hidden.has_reports },
            approvals: if may(Permission::ApprovalsView) { waits.approvals.clone() } else { hidden.approvals },
            due: if may(Permission::DocumentsRequest) { waits.due.clone() } else { hidden.due },
            fell: if may(Permission::BankView) { waits.fell.clone() } else { hidden.fell },
        };
        let grants: Grants = permissions.iter().copied().collect();
        let now = today.at_hour(9, &Zone::utc());
        let (one, other) = (waits.backlog(&permissions), other.backlog(&permissions));
        prop_assert_eq!(one.seen_with(&grants, now), other.seen_with(&grants, now));
        prop_assert_eq!(one.urgent_from, other.urgent_from, "the place in the firm's list shows it");
    }
}

/// Proves: O1
#[test]
fn accounts_are_behind_once_a_month_is_over() {
    let behind = |waits: &Waits, today: &str| {
        let grants: Grants = ALL.into_iter().collect();
        let seen = waits.backlog(&ALL).seen_with(&grants, noon(today));
        (seen.accounts.unwrap().months_behind, seen.urgent_days)
    };
    let september = Waits { published: Some(month("2026-09")), ..Waits::default() };
    for (today, months, days) in [
        ("2026-10-31", 0, 0),
        ("2026-11-01", 1, 0),
        ("2026-11-30", 1, 29),
        ("2026-12-01", 2, 30),
        ("2027-11-05", 13, 369),
    ] {
        assert_eq!(behind(&september, today), (months, days), "{today}");
    }
    let ahead = Waits { published: Some(month("2027-02")), ..Waits::default() };
    assert_eq!(behind(&ahead, "2026-11-30"), (0, 0));
    // Connected on 31 March and never published: the month of the connection is the first that is owed.
    let new = Waits { has_reports: true, ..Waits::default() };
    assert_eq!(behind(&new, "2026-04-02"), (1, 1));
    assert_eq!(behind(&new, "2026-03-31"), (0, 0));
    assert_eq!(behind(&Waits::default(), "2036-03-31"), (0, 0), "accounts that are not kept here");
}

/// Proves: O1
#[test]
fn the_client_in_which_something_waited_longest_comes_first() {
    let nothing = Waits::default();
    let papers = Waits { due: vec![day("2026-11-20")], ..Waits::default() };
    let payment = Waits { approvals: vec![day("2026-11-20")], ..Waits::default() };
    let payments = Waits { approvals: vec![day("2026-11-20"), day("2026-11-21")], ..Waits::default() };
    let money = Waits { fell: vec![day("2026-11-20")], ..Waits::default() };
    let years = Waits { published: Some(month("2024-11")), ..Waits::default() };
    let mut list = [&nothing, &papers, &payment, &payments, &money, &years].map(|waits| waits.backlog(&ALL));
    list.sort_by(order);
    let expected = ["2025-01-01", "2026-10-21", "2026-11-12", "2026-11-13", "2026-11-20"].map(|text| Some(day(text)));
    assert_eq!(list.map(|backlog| backlog.urgent_from).to_vec(), [&expected[..], &[None]].concat());
}

/// Proves: O1
#[test]
fn only_what_waits_counts_and_an_index_that_lags_is_corrected() {
    let on = day("2026-11-02");
    let mut state = Waits { approvals: vec![on, on], due: vec![on], ..Waits::default() }.state();
    let reference: fn(&Approval) -> &Reference = |approval| &approval.transaction.reference;
    state.approvals.items.push(approval(7, on, ApprovalStatus::Approved));
    assert_eq!(Waiting::approvals(&state.approvals, &Zone::utc()).count, 2);
    state.approvals.correct(approval(0, on, ApprovalStatus::Rejected), reference);
    state.approvals.correct(approval(8, on.plus_days(-1), ApprovalStatus::Pending), reference);
    let waiting = Waiting::approvals(&state.approvals, &Zone::utc());
    assert_eq!((waiting.count, waiting.since), (2, Some(day("2026-11-01"))));

    let document = DocumentId::from_uuid(uuid::Uuid::from_u128(4));
    let two = request(2, on, 2);
    let uploaded = two.fulfilled(1, &document).unwrap().0;
    let listed = all([two, uploaded.fulfilled(2, &document).unwrap().0, uploaded].into_iter());
    assert_eq!(Waiting::documents(&listed), Waiting { count: 3, more: false, since: Some(on) });
    let more = Counted { items: vec![account(1, None)], more: true };
    assert_eq!(Waiting::balances(&more, &Zone::utc()), Waiting { count: 0, more: true, since: None });
}

#[test]
fn a_permission_that_is_given_for_a_time_shows_a_part_and_does_not_move_the_client() {
    let waits = Waits { fell: vec![day("2026-11-20")], due: vec![day("2026-11-10")], ..Waits::default() };
    let backlog = waits.backlog(&[Permission::DocumentsRequest]);
    assert_eq!(backlog.urgent_from, Some(day("2026-11-10")));
    let lent: Grants = [Permission::DocumentsRequest, Permission::BankView].into_iter().collect();
    let seen = backlog.seen_with(&lent, noon("2026-11-30"));
    assert_eq!((seen.balances.map(|balances| balances.count), seen.urgent_days), (Some(1), 40));
}

#[test]
fn a_balance_of_long_ago_does_not_leave_the_days_that_sort() {
    let old = Waits { fell: vec![day("0000-01-01")], ..Waits::default() };
    assert_eq!(old.backlog(&ALL).urgent_from, Some(day("1970-01-01")));
}
