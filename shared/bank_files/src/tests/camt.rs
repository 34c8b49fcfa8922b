use domain::bank::Certainty;

use super::{all_shown, refused, taken};
use crate::{BalanceKind, Copy, Format, Pages, Reason, Warning};

const VERSION_1: &str = include_str!("../../fixtures/camt.053.001.01.xml");
const VERSION_2: &str = include_str!("../../fixtures/camt.053.001.02.xml");
const VERSION_4: &str = include_str!("../../fixtures/camt.053.001.04.xml");
const VERSION_8: &str = include_str!("../../fixtures/camt.053.001.08.xml");
const VERSION_13: &str = include_str!("../../fixtures/camt.053.001.13.xml");

/// Proves: U40
#[test]
fn two_accounts_of_one_file_each_have_their_own_balance_and_sign() {
    let file = taken(VERSION_2.as_bytes());
    assert_eq!(file.format, Format::Camt053 { version: Some(2) });
    assert_eq!(
        all_shown(&file),
        [
            "DE89370400440532013000 closes 2026-10-31 at 3,891.09 EUR, 2 of -1,551.00 EUR, 1 pending",
            "COBADEFF/0012345-678 closes 2026-10-31 at -10.00 EUR, 0 of 0.00 EUR",
        ]
    );
    let [first, second] = file.statements.as_slice() else { panic!("two statements") };
    assert_eq!(first.account_name.as_deref(), Some("Café & Söhne"));
    assert_eq!(first.bank_name.as_deref(), Some("Bank am Markt"));
    assert_eq!((first.id.as_deref(), first.sequence), (Some("STMT-A-211"), Some(211)));
    assert_eq!(first.created_at.unwrap().to_string(), "2026-10-31T21:10:00.000Z");
    assert_eq!(first.period.unwrap().from.to_string(), "2026-10-31");
    assert_eq!((first.copy, second.copy), (Copy::Original, Copy::Duplicate));
    let kinds: Vec<BalanceKind> = first.balances.iter().map(|balance| balance.kind).collect();
    assert_eq!(kinds, [BalanceKind::OpeningBooked, BalanceKind::ClosingBooked, BalanceKind::ClosingAvailable]);
}

/// Proves: U40
#[test]
fn pages_of_one_statement_are_one_and_the_last_page_closes_it() {
    let file = taken(VERSION_4.as_bytes());
    assert_eq!(all_shown(&file), ["GB82WEST12345698765432 closes 2026-10-30 at -20.00 GBP, 3 of -120.00 GBP"]);
    assert_eq!(file.statements[0].pages, Pages { first: 1, last: 3, more_follow: false });
    let said = file.statements[0].day_balances();
    assert_eq!(said[0].1.opening_minor.unwrap().minor(), 10_000);
    assert_eq!(said[0].1.created_at.unwrap().to_string(), "2026-10-30T20:00:00.000Z", "that of the message");
}

/// Proves: U40
#[test]
fn a_page_alone_says_where_it_ends_and_that_pages_are_missing() {
    let first_only = VERSION_4.split_once("    <Stmt>\n      <Id>STMT-C</Id>\n      <StmtPgntn><PgNb>3").unwrap().0;
    let file = taken(format!("{first_only}</BkToCstmrStmt></Document>").as_bytes());
    assert_eq!(
        all_shown(&file),
        ["GB82WEST12345698765432 stands 2026-10-30 at 70.00 GBP, 1 of -30.00 GBP; pages are missing"]
    );
}

/// Proves: U40
#[test]
fn decimals_follow_the_currency_and_days_the_bank() {
    let file = taken(VERSION_8.as_bytes());
    assert_eq!(file.format, Format::Camt053 { version: Some(8) });
    assert_eq!(
        all_shown(&file),
        [
            "KW81CBKU0000000000001234560101 closes 2026-10-30 at 17.900 KWD, 2 of -0.250 KWD",
            "0005001/7654321 computes 2026-10-30 at -2,400 JPY, 1 of 300 JPY, 1 pending",
        ]
    );
    assert_eq!(file.statements[0].copy, Copy::Copy);
}

/// Proves: U40
#[test]
fn each_day_of_a_statement_that_tells_of_several_is_said() {
    let file = taken(VERSION_8.as_bytes());
    let said = file.statements[0].day_balances();
    let days: Vec<(String, i64)> =
        said.iter().map(|(day, said)| (day.to_string(), said.balance_minor.minor())).collect();
    assert_eq!(days, [("2026-10-29".to_owned(), 18_151), ("2026-10-30".to_owned(), 17_900)]);
    assert_eq!(said[0].1.opening_minor.unwrap().minor(), 18_150);
    assert_eq!((said[1].1.opening_minor, said[1].1.from), (None, Some(said[0].0)));
    assert_eq!(file.statements[1].day_balances()[0].1.certainty, Certainty::Computed);
}

/// Proves: U40
#[test]
fn a_balance_in_another_currency_is_one_of_its_own_and_what_does_not_agree_is_a_warning() {
    let file = taken(VERSION_13.as_bytes());
    assert_eq!(file.format, Format::Camt053 { version: Some(13) });
    assert_eq!(
        all_shown(&file),
        [
            "DE89370400440532013001 closes 2026-10-31 at 3.00 CHF, 1 of 1.00 CHF; the IBAN has wrong check digits; \
             the file says that it has 3 entries, and has 2; 1 entries are in a currency without a balance; the opening \
             balance and the booked entries make 200, and the closing balance is 300",
            "DE89370400440532013001 closes 2026-10-31 at 0.00 USD, 0 of 0.00 USD; the IBAN has wrong check digits; \
             the file says that it has 3 entries, and has 2",
        ]
    );
    assert!(file.statements[0].warnings.contains(&Warning::DoesNotTie { expected_minor: 200, stated_minor: 300 }));
}

/// The first version names the message, a balance's type, an account and its bank as no other does.
/// Proves: U40
#[test]
fn the_first_version_is_read_by_its_own_names() {
    let file = taken(VERSION_1.as_bytes());
    assert_eq!(file.format, Format::Camt053 { version: Some(1) });
    assert_eq!(
        all_shown(&file),
        [
            "DE89370400440532013000 closes 2026-10-30 at 949.50 EUR, 1 of -50.50 EUR, 1 pending",
            "370400440532013001 closes 2026-10-30 at -0.07 EUR, 0 of 0.00 EUR",
            "021000021/59999500000123456 closes 2026-10-30 at 100.00 USD, 0 of 0.00 USD",
            "COBADEFF/0012345-678 closes 2026-10-30 at 2,400 JPY, 0 of 0 JPY",
        ]
    );
    let banks: Vec<_> = file.statements.iter().map(|statement| statement.bank_name.as_deref()).collect();
    assert_eq!(banks, [None, Some("Bank am Markt"), None, Some("Bank am Hafen")]);
    let first = &file.statements[0];
    assert_eq!((first.id.as_deref(), first.sequence, first.copy), (Some("STMT-A-12"), Some(12), Copy::Copy));
    let kinds: Vec<BalanceKind> = first.balances.iter().map(|balance| balance.kind).collect();
    assert_eq!(kinds, [BalanceKind::OpeningBooked, BalanceKind::ClosingBooked]);

    let bare = VERSION_1.replace(" xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.01\"", "");
    assert_eq!(taken(bare.as_bytes()).statements, file.statements);
    let twice = VERSION_1.replace("</Document>", "<BkToCstmrStmtV01/></Document>");
    assert_eq!(refused(twice.as_bytes()).1, Reason::TwoRoots);
    let empty = "<Document><BkToCstmrStmtV01></BkToCstmrStmtV01></Document>";
    let (place, reason) = refused(empty.as_bytes());
    assert!(place.contains("BkToCstmrStmtV01/Stmt"), "{place}");
    assert_eq!(reason, Reason::Missing);
}

/// Proves: U40
#[test]
fn every_later_version_is_read_by_its_local_names() {
    for version in 2..=13_u8 {
        for (fixture, own) in [(VERSION_2, "02"), (VERSION_4, "04"), (VERSION_8, "08"), (VERSION_13, "13")] {
            let name = |version: &str| format!("xsd:camt.053.001.{version}\"");
            let file = fixture.replace(&name(own), &name(&format!("{version:02}")));
            let read = taken(file.as_bytes());
            assert_eq!(read.format, Format::Camt053 { version: Some(version) });
            assert_eq!(read.statements, taken(fixture.as_bytes()).statements);
        }
    }
    let bare = VERSION_2.replace(" xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02\"", "");
    assert_eq!(taken(bare.as_bytes()).format, Format::Camt053 { version: None });
}

/// Proves: U40
#[test]
fn a_file_in_another_encoding_says_the_same() {
    let latin = encoding_rs::WINDOWS_1252.encode(&VERSION_2.replace("UTF-8", "ISO-8859-1")).0.into_owned();
    assert_eq!(taken(&latin), taken(VERSION_2.as_bytes()));
    let wide: Vec<u8> = VERSION_2.encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(taken(&[b"\xFE\xFF".as_slice(), &wide].concat()), taken(VERSION_2.as_bytes()));
}
