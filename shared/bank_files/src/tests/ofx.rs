use super::{all_shown, taken};
use crate::{BalanceKind, Format};

const BANK: &str = include_str!("../../fixtures/bank-102.ofx");
const CARD: &str = include_str!("../../fixtures/card-220.ofx");

/// The file as banks send it.
pub(super) fn bank() -> Vec<u8> {
    encoding_rs::WINDOWS_1252.encode(BANK).0.into_owned()
}

/// Proves: U40
#[test]
fn ofx_without_end_tags_is_read_to_the_cent_in_the_characters_of_windows() {
    let file = taken(&bank());
    assert_eq!(file.format, Format::Ofx { version: Some(102) });
    assert_eq!(
        all_shown(&file),
        [
            "20041/0500013M026 closes 2026-10-31 at -1,200.50 EUR, 2 of 1,391.87 EUR",
            "20041/77 closes 2026-10-31 at 270,000 JPY, 0 of 0 JPY",
        ]
    );
    let first = &file.statements[0];
    assert_eq!(first.bank_name.as_deref(), Some("Crédit du Nord & Fils €"));
    assert_eq!(first.created_at.unwrap().to_string(), "2026-11-01T13:15:00.000Z");
    assert_eq!(first.balances[1].kind, BalanceKind::ClosingAvailable);
    assert_eq!(first.balances[1].balance_minor.minor(), 300_000);
}

/// Proves: U40
#[test]
fn a_header_on_one_line_and_end_tags_change_nothing() {
    let (header, body) = BANK.split_once("\n\n").unwrap();
    let one_line = format!("{} {body}", header.replace('\n', ""));
    let closed = body.replace("<BALAMT>-1200,5", "<BALAMT>-1200,5</BALAMT>").replace("<TRNUID>0", "<TRNUID>0</TRNUID>");
    for file in [one_line, format!("{header}\r\n\r\n{}", closed.replace('\n', "\r\n")), BANK.replace('\n', "\r")] {
        let encoded = encoding_rs::WINDOWS_1252.encode(&file).0.into_owned();
        assert_eq!(taken(&encoded), taken(&bank()));
    }
}

/// Proves: U40
#[test]
fn ofx_as_xml_is_read_and_a_balance_of_the_same_day_is_an_interim_one() {
    let file = taken(CARD.as_bytes());
    assert_eq!(file.format, Format::Ofx { version: Some(220) });
    assert_eq!(
        all_shown(&file),
        [
            "NL91ABNA0417164300 closes 2026-10-30 at 5.00 EUR, 0 of 0.00 EUR; 1 entries are in a currency without a balance",
            "XXXX-1234 stands 2026-10-31 at -310.07 EUR, 0 of 0.00 EUR",
        ]
    );
}
