//! A history that is longer than a page.

use serde_json::{Value, json};
use tests::cast::{self, list, text};
use tests::lists;
use tests::machine::Ledger;
use tests::{kit, run};

use super::{day_before, ledger_says, seen};

/// Ten numbers in each of twelve months: 120 items, where a page has 100.
const SOURCES: u32 = 10;
const MONTHS: i64 = 12;
/// Two of these days are never in one month.
const APART: i64 = 31;

/// What a number said of one day, as the table holds it.
fn month(company: &str, account: &str, source: u32, day: &str, minor: i64) -> Value {
    let (month, source) = (&day[..7], format!("{source:064x}"));
    let text = |text: &str| json!({ "S": text });
    let said = json!({ "M": { "b": { "N": minor.to_string() }, "c": text("stated") } });
    json!({
        "pk": text(&format!("COMPANY#{company}")), "sk": text(&format!("BALANCES#{account}#{month}#{source}")),
        "entity": text("month_balances"), "v": { "N": "1" }, "source": text(&source), "month": text(month),
        "days": { "M": { day: said } }, "version": { "N": "1" },
    })
}

/// An account has had more numbers than fit in a page with a year of months: no day is missing.
/// Proves: DB2
#[test]
fn a_period_is_read_to_its_end_however_many_numbers_spoke_in_it() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Long History Ltd").await;
        let ledger = Ledger::sign_in(kit).await;
        ledger_says(kit, &ledger, &owner, "BANK-1", 1, 350).await;
        let days: Vec<String> = (0..MONTHS).rev().map(|nth| day_before(nth * APART)).collect();
        let said =
            days.iter().zip(100_i64..).flat_map(|(day, minor)| (1..=SOURCES).map(move |source| (source, day, minor)));
        let items: Vec<Value> =
            said.map(|(source, day, minor)| month(&owner.company.id, "BANK-1", source, day, minor)).collect();
        assert!(items.len() > 100, "one page holds all of them");
        lists::write(kit, &items).await;
        let path = format!("/v1/bank-accounts/BANK-1/balances?from={}&until={}", days[0], day_before(0));
        let answer = seen(kit, &owner, &path).await;
        let of_bank = list(&answer, "balances").iter().filter(|day| text(day, "/source") == "bank_statement");
        let shown: Vec<(String, i64)> =
            of_bank.map(|day| (text(day, "/day"), day["balance_minor"].as_i64().expect("an amount"))).collect();
        let expected: Vec<(String, i64)> = days.into_iter().zip(100..).collect();
        assert_eq!(shown, expected);
    });
}
