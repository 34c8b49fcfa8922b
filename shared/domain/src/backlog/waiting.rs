//! Things that wait: how many, and since when.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::state::Counted;
use crate::{
    approval::{Approval, ApprovalStatus},
    bank::BankAccount,
    document_request::DocumentRequest,
    report::Month,
    time::{Day, UtcTime, Zone},
};

/// How many days earlier things of one kind count for their number, at most: one day for each after the first.
const MOST_DAYS_FOR_NUMBER: i32 = 7;

/// Things of one kind that wait in a company.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = WaitingSummary)]
pub struct Waiting {
    /// How many were counted.
    pub count: u32,
    /// Whether there are more than were counted.
    pub more: bool,
    /// The day since which the first of them waits, in the company's time zone: of an approval the day on which it was
    /// requested, of documents their due day, of a balance the day on which it fell below its threshold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Day>,
}

impl Waiting {
    fn of(since: impl Iterator<Item = Day>, more: bool) -> Self {
        let first = |waiting: Self, day: Day| Self {
            count: waiting.count.saturating_add(1),
            since: Some(waiting.since.map_or(day, |since| since.min(day))),
            ..waiting
        };
        since.fold(Self { more, ..Self::default() }, first)
    }

    pub(super) fn approvals(approvals: &Counted<Approval>, zone: &Zone) -> Self {
        let pending = approvals.items.iter().filter(|approval| approval.status == ApprovalStatus::Pending);
        Self::of(pending.map(|approval| approval.requested_at.day_in(zone)), approvals.more)
    }

    /// Each missing document counts, not each request.
    pub(super) fn documents(requests: &Counted<DocumentRequest>) -> Self {
        let missing = requests.items.iter().filter(|request| request.is_missing_something());
        Self::of(missing.flat_map(|request| request.missing().map(|_| request.due_on)), requests.more)
    }

    pub(super) fn balances(accounts: &Counted<BankAccount>, zone: &Zone) -> Self {
        let below = accounts.items.iter().filter_map(BankAccount::fell_below_at);
        Self::of(below.map(|at| at.day_in(zone)), accounts.more)
    }

    /// The day from which they are urgent: so many days before the first waits, and a day for each further one.
    pub(super) fn urgent_from(self, days_ahead: i32) -> Option<Day> {
        let further = i32::try_from(self.count.saturating_sub(1)).unwrap_or(MOST_DAYS_FOR_NUMBER);
        let earlier = days_ahead + further.min(MOST_DAYS_FOR_NUMBER);
        // A time that nobody can mean must not leave the range of days that sort as text.
        self.since.map(|since| since.plus_days(-earlier).max(UtcTime::EPOCH.day_in(&Zone::utc())))
    }
}

/// The monthly accounts of a company.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accounts {
    /// The last month whose accounts are published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<Month>,
    /// The last month whose accounts nobody waits for; `None` while no accounts are kept here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled: Option<Month>,
}

impl Accounts {
    /// A client that never published is behind since it was connected, once its ledger has sent a report. Before that, its
    /// accounts are not kept here.
    pub(super) fn new(published: Option<Month>, has_reports: bool, connected_on: Day) -> Self {
        let before_connection = has_reports.then(|| Month::of(connected_on.minus_months(1)));
        Self { published, settled: published.or(before_connection) }
    }

    /// The first day after the first month that is not published.
    pub(super) fn urgent_from(self) -> Option<Day> {
        self.settled.map(|settled| settled.first_day().plus_months(2))
    }

    /// How many months are over and not published.
    pub(super) fn months_behind(self, today: Day) -> u32 {
        let months = |settled: Month| settled.first_day().months_until(today) - 1;
        self.settled.map_or(0, |settled| u32::try_from(months(settled)).unwrap_or(0))
    }
}
