//! From pages to statements: pages of one statement are joined, and what they say is checked against each other.

use std::collections::BTreeMap;

use domain::{
    bank::{AccountNumber, Certainty},
    money::Balance,
    time::Day,
};

use crate::statement::{BalanceKind, Closing, Pages, Period, Statement, Warning, closing, opening};

/// A page as it stands in the file: a statement whose end was not looked at yet.
#[derive(Debug)]
pub(crate) struct Page {
    statement: Statement,
    /// Its number, where the file numbers pages.
    number: Option<u32>,
    /// The day of its closing balance.
    end: Option<(Day, Certainty)>,
}

impl Page {
    pub(crate) fn new(statement: Statement, number: Option<u32>) -> Self {
        let end = closing(&statement.balances).map(|(end, certainty)| (end.day, certainty));
        Self { statement, number, end }
    }
}

/// What pages of one statement have in common: account, currency, and the statement's number or else its id.
type Key = (AccountNumber, &'static str, Result<u64, String>);

/// The statements of a file, in the order in which they begin.
pub(crate) fn statements(pages: Vec<Page>) -> Vec<Statement> {
    let mut groups: Vec<Vec<Page>> = Vec::new();
    let mut by_key: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
    for page in pages {
        let Some(key) = key(&page) else {
            groups.push(vec![page]);
            continue;
        };
        let known = by_key.entry(key).or_default();
        let fits = |at: &&usize| groups.get(**at).is_some_and(|group| group.iter().all(|other| follow(other, &page)));
        // Pages mostly follow each other, so the search is from the end.
        let group = known.iter().rev().find(fits).copied().and_then(|at| groups.get_mut(at));
        match group {
            Some(group) => group.push(page),
            None => {
                known.push(groups.len());
                groups.push(vec![page]);
            }
        }
    }
    groups.into_iter().filter_map(joined).collect()
}

/// `None` for a page that is a statement of its own.
fn key(page: &Page) -> Option<Key> {
    let statement = &page.statement;
    let number = page.number.and(statement.sequence.map(Ok).or_else(|| statement.id.clone().map(Err)));
    Some((statement.account.clone(), statement.currency.code(), number?))
}

/// Whether two pages of one number belong together. A day that is closed is over: what follows it is another day.
fn follow(one: &Page, other: &Page) -> bool {
    let (earlier, later) = if one.number < other.number { (one, other) } else { (other, one) };
    let goes_on = match (earlier.end, later.end) {
        (Some((end, Certainty::Stated)), Some((later_end, _))) => end == later_end,
        _ => true,
    };
    one.number != other.number && goes_on
}

fn joined(mut pages: Vec<Page>) -> Option<Statement> {
    pages.sort_by_key(|page| page.number);
    let mut is_one_missing = false;
    let mut pages = pages.into_iter().map(|page| {
        let number = page.number.unwrap_or(1);
        let mut statement = page.statement;
        statement.pages = Pages { first: number, last: number, ..statement.pages };
        statement
    });
    let mut whole = pages.next()?;
    for page in pages {
        is_one_missing |= page.pages.first != whole.pages.last.saturating_add(1);
        append(&mut whole, page);
    }
    Some(checked(whole, is_one_missing))
}

/// Appends a page: the balances between the two are neither the opening nor the closing ones of the whole.
fn append(whole: &mut Statement, page: Statement) {
    let first = opening(&whole.balances).copied();
    let end = closing(&page.balances).map(|(end, _)| end.day);
    let carried = opening(&page.balances).copied();
    let mut seen_first = false;
    whole.balances.retain(|balance| match balance.kind {
        BalanceKind::InterimBooked => !std::mem::replace(&mut seen_first, true) && Some(*balance) == first,
        BalanceKind::ClosingBooked => end.is_some_and(|end| balance.day < end),
        BalanceKind::ClosingAvailable | BalanceKind::InterimAvailable | BalanceKind::ForwardAvailable => false,
        BalanceKind::OpeningBooked | BalanceKind::OpeningAvailable => true,
    });
    let mut dropped = false;
    whole.balances.extend(page.balances.into_iter().filter(|balance| {
        let is_carried = !dropped && Some(*balance) == carried;
        dropped |= is_carried;
        !is_carried && balance.kind != BalanceKind::OpeningAvailable
    }));
    whole.pages = Pages { first: whole.pages.first, ..page.pages };
    whole.period = match (whole.period, page.period) {
        (Some(a), Some(b)) => Some(Period { from: a.from.min(b.from), to: a.to.max(b.to) }),
        (a, b) => a.or(b),
    };
    whole.entries.add(&page.entries);
    whole.created_at = whole.created_at.max(page.created_at);
    for warning in page.warnings {
        if !whole.warnings.contains(&warning) {
            whole.warnings.push(warning);
        }
    }
}

fn checked(mut statement: Statement, is_one_missing: bool) -> Statement {
    let has = |kind| statement.balances.iter().any(|balance| balance.kind == kind);
    // Some banks number days or the pages of a whole message: a statement that is opened and closed lacks none.
    let begins_late = statement.pages.first > 1 && !has(BalanceKind::OpeningBooked);
    let ends_early = statement.pages.more_follow && !has(BalanceKind::ClosingBooked);
    if is_one_missing || begins_late || ends_early {
        statement.warnings.push(Warning::MissingPages);
    }
    let opened = opening(&statement.balances).copied();
    let expected = opened
        .filter(|_| !is_one_missing)
        .and_then(|opened| opened.balance_minor.minor().checked_add(statement.entries.sum_minor));
    let stated = closing(&statement.balances);
    if let (Some(expected_minor), Some((stated, _))) = (expected, stated) {
        let stated_minor = stated.balance_minor.minor();
        if expected_minor != stated_minor {
            statement.warnings.push(Warning::DoesNotTie { expected_minor, stated_minor });
        }
    }
    let computed = || {
        let balance_minor = Balance::try_from(expected?).ok()?;
        let day = statement
            .period
            .map(|period| period.to)
            .or(statement.entries.last_booked_on)
            .max(opened.map(|opened| opened.day))?;
        let is_whole = !statement.pages.more_follow;
        is_whole.then_some(Closing { day, balance_minor, certainty: Certainty::Computed })
    };
    statement.closing = stated
        .map(|(end, certainty)| Closing { day: end.day, balance_minor: end.balance_minor, certainty })
        .or_else(computed);
    if statement.closing.is_none() {
        statement.warnings.push(Warning::NoClosing);
    }
    statement
}
