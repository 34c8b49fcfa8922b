use super::{all_shown, taken};
use crate::{Format, Pages};

pub(super) const PLAIN: &str = include_str!("../../fixtures/plain.mt940");
const PAGES: &str = include_str!("../../fixtures/pages.mt940");
const HEADERS: &str = include_str!("../../fixtures/headers.mt940");

/// Proves: U40
#[test]
fn two_days_of_one_account_are_two_statements_that_tie() {
    let file = taken(PLAIN.as_bytes());
    assert_eq!(file.format, Format::Mt940);
    assert_eq!(
        all_shown(&file),
        [
            "10020030/1234567 closes 2026-10-30 at 761.84 EUR, 3 of -238.16 EUR",
            "10020030/1234567 closes 2026-10-31 at -38.16 EUR, 1 of -800.00 EUR",
        ]
    );
    assert_eq!((file.statements[0].sequence, file.statements[1].sequence), (Some(205), Some(206)));
}

/// Proves: U40
#[test]
fn pages_with_interim_balances_are_one_statement_and_the_blocks_around_them_say_nothing() {
    let file = taken(PAGES.as_bytes());
    assert_eq!(all_shown(&file), ["ABNANL2A/0417164300 closes 2026-10-31 at 104.00 EUR, 2 of 4.00 EUR"]);
    assert_eq!(file.statements[0].pages, Pages { first: 1, last: 2, more_follow: false });
}

/// Proves: U40
#[test]
fn a_first_page_alone_ends_with_an_interim_balance() {
    let first = PAGES.split_inclusive("}}\n").next().unwrap();
    assert_eq!(
        all_shown(&taken(first.as_bytes())),
        ["ABNANL2A/0417164300 stands 2026-10-31 at 101.00 EUR, 1 of 1.00 EUR; pages are missing"]
    );
}

/// Proves: U40
#[test]
fn headers_of_a_bank_and_two_currencies_under_one_reference_are_read() {
    assert_eq!(
        all_shown(&taken(HEADERS.as_bytes())),
        [
            "NL91ABNA0417164300 closes 2026-10-31 at -5.00 EUR, 0 of 0.00 EUR",
            "NL91ABNA0417164300 closes 2026-10-31 at 1,001 JPY, 1 of 100 JPY; the opening balance and the booked entries \
             make 1000, and the closing balance is 1001",
        ]
    );
}

/// Proves: U40
#[test]
fn lines_end_as_they_end_anywhere() {
    for end in ["\r\n", "\r"] {
        assert_eq!(taken(PLAIN.replace('\n', end).as_bytes()), taken(PLAIN.as_bytes()), "{end:?}");
    }
}

/// Proves: U40
#[test]
fn a_bank_that_numbers_its_days_like_pages_has_no_page_missing() {
    let days = PLAIN.replace("00205/001", "1/2").replace("00206/001", "1/3");
    assert_eq!(all_shown(&taken(days.as_bytes())), all_shown(&taken(PLAIN.as_bytes())));
}
