//! Statements, numbers and accounts together: what a file changes, in any order, and what a choice of an account changes.

use std::collections::BTreeMap;

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::{
    document::VersionNumber,
    event::EventType,
    id::DocumentId,
    ledger_report::ReportOutcome,
    report::Month,
    samples::company,
    time::{Day, Zone},
};

const NOW: &str = "2026-11-30T10:00:00Z";

fn now() -> UtcTime {
    NOW.parse().unwrap()
}

fn zone() -> Zone {
    Zone::try_from("Europe/Lisbon".to_owned()).unwrap()
}

fn day(text: &str) -> Day {
    Day::try_from(text.to_owned()).unwrap()
}

fn closes(on: &str, minor: i64, at: i64) -> (Day, DayBalance) {
    let said = DayBalance::new(minor.try_into().unwrap(), Certainty::Stated);
    (day(on), DayBalance { created_at: Some(UtcTime::from_unix_ms(at)), ..said })
}

fn statement(days: Vec<(Day, DayBalance)>) -> NumberStatement {
    NumberStatement {
        number: AccountNumber::Iban("DE89370400440532013000".parse().unwrap()),
        currency: "EUR".parse().unwrap(),
        account_name: None,
        bank_name: None,
        days,
    }
}

/// What the table holds of one number and two accounts.
#[derive(Debug, Clone, Default, PartialEq)]
struct Held {
    number: Option<BankAccountNumber>,
    accounts: BTreeMap<Reference, BankAccount>,
    months: BTreeMap<(Option<Reference>, BalanceSource, Month), MonthBalances>,
    events: Vec<EventType>,
}

impl Held {
    fn with_accounts() -> Self {
        let mut held = Self::default();
        held.ledger("MAIN", 100, "2026-10-01T09:00:00Z");
        held.ledger("OTHER", 7, "2026-10-01T09:00:00Z");
        held.events.clear();
        held
    }

    fn account(&self, reference: &str) -> &BankAccount {
        &self.accounts[&reference.parse().unwrap()]
    }

    fn place(&self) -> Option<Reference> {
        self.number.as_ref().and_then(|number| number.bank_account.clone())
    }

    fn write(&mut self, place: Option<&Reference>, months: Vec<MonthBalances>) {
        for month in months {
            let key = (place.cloned(), month.source.clone(), month.month);
            assert_eq!(month.of.as_ref().map(|of| &of.bank_account), place, "it is listed with its account");
            let known = self.months.insert(key, month.clone());
            assert_eq!(month.expected(), known.map(|known| known.version));
        }
    }

    fn ledger(&mut self, reference: &str, minor: i64, as_of: &str) -> ReportOutcome<BankAccount> {
        let reference: Reference = reference.parse().unwrap();
        let sent = BalanceReport {
            name: "Main account".parse().unwrap(),
            currency: "EUR".parse().unwrap(),
            balance_minor: minor.try_into().unwrap(),
            as_of: as_of.parse().unwrap(),
        };
        let key = |month: &Month| (Some(reference.clone()), BalanceSource::Ledger, *month);
        let months = sent.months_to_read().iter().filter_map(|month| self.months.get(&key(month)).cloned()).collect();
        let known = self.accounts.get(&reference).cloned();
        let recorded = report((&company(1), &reference), known, months, sent, (&zone(), now())).unwrap();
        self.write(Some(&reference), recorded.months);
        match &recorded.outcome {
            ReportOutcome::Recorded(account, event) => {
                self.events.push(event.payload.kind());
                self.accounts.insert(reference, account.clone());
            }
            ReportOutcome::Renumbered(account) => {
                self.accounts.insert(reference, account.clone());
            }
            ReportOutcome::Unchanged(_) | ReportOutcome::Superseded(_) => {}
        }
        recorded.outcome
    }

    fn file(&mut self, n: u128, days: Vec<(Day, DayBalance)>) -> DaysRead {
        let (said, place) = (statement(days), self.place());
        let source = BalanceSource::Number(said.id());
        let to_read = said.months_to_read(self.number.as_ref());
        let key = |month: &Month| (place.clone(), source.clone(), *month);
        let months = to_read.iter().filter_map(|month| self.months.get(&key(month)).cloned()).collect();
        let account = place.as_ref().map(|reference| self.accounts[reference].clone());
        let before = BeforeStatement { number: self.number.clone(), account, months };
        let (company, document, zone) = (company(1), DocumentId::from_uuid(Uuid::from_u128(n)), zone());
        let number = VersionNumber::FIRST;
        let file = FileContext { company: &company, document: &document, number, zone: &zone, now: now() };
        let applied = apply(before, &said, file).unwrap();
        self.write(place.as_ref(), applied.months);
        self.number = applied.number.or_else(|| self.number.take());
        self.accounts.extend(applied.account.map(|account| (account.reference.clone(), account)));
        self.events.extend(applied.events.iter().map(|event| event.payload.kind()));
        applied.days
    }

    fn map(&mut self, reference: &str) {
        let number = self.number.clone().unwrap();
        let left = number.bank_account.as_ref().map(|left| self.accounts[left].clone());
        let joined = self.account(reference).clone();
        let Some(mapped) = number.map_to(left.as_ref(), &joined, &zone(), now()).unwrap() else { return };
        let place = self.place();
        let kept = number.newest_day().map(SourceBalances::kept_months).unwrap_or_default();
        for month in kept {
            if let Some(moved) = self.months.remove(&(place.clone(), number.source(), month)) {
                self.write(Some(&joined.reference), vec![moved.anew(joined.of_balances())]);
            }
        }
        self.number = Some(mapped.number);
        for account in mapped.left.into_iter().chain([mapped.joined]) {
            self.accounts.insert(account.reference.clone(), account);
        }
        self.events.extend(mapped.events.iter().map(|event| event.payload.kind()));
    }

    /// The history and the balance of an account, without what counts changes.
    fn end(&self, reference: &str) -> (BalanceHistory, i64) {
        let of = |(place, ..): &&(Option<Reference>, BalanceSource, Month)| {
            place.as_ref().is_some_and(|place| place.as_str() == reference)
        };
        let months = self.months.iter().filter(|(key, _)| of(key)).map(|(_, month)| month);
        let days = months.flat_map(|month| month.days.days().map(|(day, said)| (&month.source, day, said)));
        (AccountHistory::of(days).balances(), self.account(reference).balance_minor.minor())
    }
}

/// Proves: U43
#[test]
fn what_was_read_of_an_unknown_number_counts_from_its_mapping_on() {
    let mut held = Held::with_accounts();
    let days = held.file(1, vec![closes("2026-09-30", 50, 1), closes("2026-10-31", 70, 1)]);
    assert_eq!(days, DaysRead { changed: 2, ..DaysRead::default() });
    assert_eq!(held.account("MAIN").balance_minor.minor(), 100, "nobody guesses whose the number is");
    held.map("MAIN");
    assert_eq!(held.end("MAIN").1, 70);
    assert_eq!(held.end("MAIN").0.days().count(), 3);
    let events =
        [EventType::BankAccountNumberUnknown, EventType::BankAccountNumberMapped, EventType::BankAccountRecorded];
    assert_eq!(held.events, events);
    held.file(2, vec![closes("2026-11-02", 80, 1)]);
    assert_eq!(held.end("MAIN").1, 80);
    // A report of the ledger about an earlier day is no step back.
    assert!(matches!(held.ledger("MAIN", 65, "2026-10-31T12:00:00Z"), ReportOutcome::Renumbered(_)));
    assert_eq!(held.end("MAIN").1, 80);
    assert!(matches!(held.ledger("MAIN", 85, "2026-11-03T12:00:00Z"), ReportOutcome::Recorded(..)));
    assert_eq!(
        (held.end("MAIN").1, held.account("MAIN").as_of.to_string()),
        (85, "2026-11-03T12:00:00.000Z".to_owned())
    );
}

/// Proves: U43
#[test]
fn a_number_that_was_mapped_wrongly_takes_its_days_along() {
    let mut held = Held::with_accounts();
    let untouched = held.end("MAIN");
    held.file(1, vec![closes("2026-10-31", 70, 1)]);
    held.map("MAIN");
    held.map("OTHER");
    assert_eq!(held.end("MAIN"), untouched);
    assert_eq!(held.end("OTHER").1, 70);
    held.map("OTHER");
    let mut once = Held::with_accounts();
    once.file(1, vec![closes("2026-10-31", 70, 1)]);
    once.map("OTHER");
    assert_eq!(once.end("OTHER"), held.end("OTHER"));
}

/// Proves: U43
#[test]
fn the_same_file_again_changes_nothing_and_says_the_same_and_an_older_one_says_that_it_is_older() {
    let mut held = Held::with_accounts();
    let first = held.file(1, vec![closes("2026-10-31", 70, 20)]);
    let after = held.clone();
    assert_eq!(held.file(1, vec![closes("2026-10-31", 70, 20)]), first);
    assert_eq!(held.file(2, vec![closes("2026-10-31", 60, 10)]), DaysRead { older: 1, ..DaysRead::default() });
    assert_eq!(held.file(3, vec![closes("2026-10-31", 70, 20)]), DaysRead { known: 1, ..DaysRead::default() });
    assert_eq!(held.file(4, vec![closes("2020-01-01", 9, 9)]), DaysRead { not_kept: 1, ..DaysRead::default() });
    assert_eq!(held, after);
}

/// Proves: U42
#[test]
fn a_correction_of_the_same_day_reaches_the_account_and_its_threshold() {
    let mut held = Held::with_accounts();
    held.file(1, vec![closes("2026-10-31", 700, 1)]);
    held.map("MAIN");
    let (watched, _) = held.account("MAIN").set_threshold(Some(ThresholdRule::at(600.try_into().unwrap())));
    assert_eq!(watched.due_at(), None);
    held.accounts.insert(watched.reference.clone(), watched);
    held.file(2, vec![closes("2026-10-31", 500, 2)]);
    assert_eq!((held.end("MAIN").1, held.account("MAIN").due_at().is_some()), (500, true));
}

#[test]
fn an_account_from_before_there_were_statements_keeps_its_balance_and_its_order_of_reports() {
    let mut held = Held::with_accounts();
    let mut written = serde_json::to_value(held.account("MAIN")).unwrap();
    for later in ["reported", "newest"] {
        written.as_object_mut().unwrap().remove(later).unwrap();
    }
    let read: BankAccount = serde_json::from_value(written).unwrap();
    held.accounts.insert(read.reference.clone(), read);
    assert!(matches!(held.ledger("MAIN", 1, "2026-10-01T08:00:00Z"), ReportOutcome::Superseded(_)));
    assert!(matches!(held.ledger("MAIN", 100, "2026-10-01T09:00:00Z"), ReportOutcome::Unchanged(_)));
    held.file(1, vec![closes("2026-09-30", 50, 1)]);
    held.map("MAIN");
    assert_eq!(held.account("MAIN").balance_minor.minor(), 100, "the ledger's balance is newer");
}

#[test]
fn a_number_is_no_account_of_another_currency_and_an_account_has_few_numbers() {
    let mut held = Held::with_accounts();
    held.file(1, vec![closes("2026-10-31", 70, 1)]);
    let number = held.number.clone().unwrap();
    let dollars = BankAccount { currency: "USD".parse().unwrap(), ..held.account("MAIN").clone() };
    assert!(matches!(number.map_to(None, &dollars, &zone(), now()), Err(MapError::Currency { .. })));
    let newest = (0..BankAccount::MAX_NUMBERS).map(|n| {
        let own = AccountNumber::Own { bank: None, number: n.to_string().parse().unwrap() };
        (BalanceSource::Number(NumberId::of(&own, dollars.currency)), closes("2026-10-31", 1, 1))
    });
    let full = BankAccount { newest: newest.collect(), ..held.account("MAIN").clone() };
    assert_eq!(number.map_to(None, &full, &zone(), now()), Err(MapError::TooMany(TooManyNumbers)));
}

#[test]
fn a_file_with_a_day_ahead_or_too_many_accounts_is_refused_whole() {
    let of = |n: usize, on: &str| {
        let number = AccountNumber::Own { bank: None, number: n.to_string().parse().unwrap() };
        let said = NumberStatement { number, ..statement(vec![closes(on, 1, 1)]) };
        AccountStatement { said, warnings: vec!["a\nb".to_owned(); 9] }
    };
    let today = day("2026-11-30");
    let refused = |statements: Vec<AccountStatement>| by_account(statements, today).unwrap_err().reason;
    assert_eq!(
        refused(vec![of(1, "2026-11-30"), of(2, "2026-12-02")]),
        "a balance is of 2026-12-02, which is more than a day ahead"
    );
    let mut early = of(1, "2026-11-30");
    early.said.days[0].1.created_at = Some("9999-01-01T00:00:00.000Z".parse().unwrap());
    assert_eq!(refused(vec![early]), "it was made on 9999-01-01, which is more than a day ahead");
    assert_eq!(
        refused((0..=MAX_ACCOUNTS).map(|n| of(n, "2026-11-30")).collect()),
        "there are more than 100 accounts in it"
    );
    let joined = by_account([of(1, "2026-11-30"), of(2, "2026-12-01"), of(1, "2026-11-28")], today).unwrap();
    let read: Vec<_> = joined.iter().map(|account| account.read(DaysRead::default())).collect();
    assert_eq!((read[0].first_day, read[0].last_day), (Some(day("2026-11-28")), Some(day("2026-11-30"))));
    assert_eq!((read.len(), &read[0].warnings), (2, &vec!["a b".to_owned(); 5]));
}

proptest! {
    /// Proves: U43
    #[test]
    fn files_reports_and_the_mapping_in_any_order_end_in_the_same_history(
        (told, again) in prop::collection::vec((0_u8..4, 0_i32..40, -50_i64..50, 0_u32..3), 1..10).prop_flat_map(|told| {
            let twice: Vec<_> = told.iter().chain(&told).cloned().enumerate().collect();
            (Just(told), Just(twice).prop_shuffle())
        }),
        mapped_after in any::<prop::sample::Index>()
    ) {
        let tell = |held: &mut Held, n: usize, (kind, back, minor, at): (u8, i32, i64, u32)| {
            let on = day("2026-11-29").plus_days(-back).to_string();
            if kind == 0 {
                // Each time of a report of the ledger has one balance.
                held.ledger("MAIN", i64::from(back) * 10 + i64::from(at), &format!("{on}T{:02}:00:00Z", 10 + at));
            } else {
                held.file(n as u128, vec![closes(&on, minor, i64::from(at))]);
            }
        };
        let mut once = Held::with_accounts();
        once.file(999, vec![closes("2026-08-01", 1, 1)]);
        once.map("MAIN");
        for (n, one) in told.iter().enumerate() {
            tell(&mut once, n, *one);
        }
        let mut other = Held::with_accounts();
        other.file(999, vec![closes("2026-08-01", 1, 1)]);
        let at = mapped_after.index(again.len());
        for (turn, (n, one)) in again.iter().enumerate() {
            tell(&mut other, *n, *one);
            if turn == at {
                other.map("MAIN");
            }
        }
        prop_assert_eq!(once.end("MAIN"), other.end("MAIN"));
    }
}
