//! Each file that cannot be what it says is refused with its place and the reason.

use super::{mt940::PLAIN, ofx::bank, refused, taken};
use crate::{FileError, MAX_BALANCES, MAX_DEPTH, MAX_ENTRIES, MAX_FILE_BYTES, MAX_STATEMENTS, Reason, read};

const CAMT: &str = include_str!("../../fixtures/camt.053.001.02.xml");
const CARD: &str = include_str!("../../fixtures/card-220.ofx");

/// The fixture with one part replaced, which must be there.
fn with(file: &str, part: &str, by: &str) -> Vec<u8> {
    assert!(file.contains(part), "{part}");
    file.replacen(part, by, 1).into_bytes()
}

/// A place without a line is the path alone.
fn assert_refused(file: &[u8], place: &str, reason: Reason) {
    let refused = read(file).expect_err("it is refused");
    let found = if place.starts_with("line ") { refused.place.to_string() } else { refused.place.path };
    assert_eq!((found.as_str(), refused.reason), (place, reason));
}

/// Proves: U41
#[test]
fn a_document_type_entities_and_a_second_root_are_refused_without_being_expanded() {
    let bomb = "<!DOCTYPE lolz [<!ENTITY lol \"lol\"><!ENTITY lol2 \"&lol;&lol;\">]>\n<Document xmlns=";
    assert_refused(&with(CAMT, "<Document xmlns=", bomb), "line 2", Reason::DocumentType);
    let external = "<!DOCTYPE Document SYSTEM \"file:///etc/passwd\">\n<Document xmlns=";
    assert_refused(&with(CAMT, "<Document xmlns=", external), "line 2", Reason::DocumentType);
    let late = format!("{CAMT}<!DOCTYPE Document>");
    assert_refused(late.as_bytes(), "line 94", Reason::DocumentType);
    assert_refused(&with(CAMT, "STMT-A-211", "&lol2;"), "BkToCstmrStmt/Stmt[1]/Id", Reason::Entity("lol2".to_owned()));
    // Also where nothing is read.
    assert_refused(
        &with(CAMT, "thank you", "&nbsp;"),
        "BkToCstmrStmt/Stmt[1]/Ntry[1]/NtryDtls/TxDtls/RmtInf/Ustrd",
        Reason::Entity("nbsp".to_owned()),
    );
    assert_refused(format!("{CAMT}{CAMT}").as_bytes(), "line 94", Reason::Malformed);
    assert_refused(format!("{CAMT}<Document/>").as_bytes(), "line 94", Reason::TwoRoots);
    assert_refused(
        &with(CAMT, "</BkToCstmrStmt>", "</BkToCstmrStmt><BkToCstmrStmt/>"),
        "BkToCstmrStmt",
        Reason::TwoRoots,
    );
    let twice = String::from_utf8_lossy(&bank()).replace("</OFX>", "</OFX>\n<OFX></OFX>");
    assert_eq!(refused(twice.as_bytes()).1, Reason::TwoRoots);
    assert_eq!(refused(b"OFXHEADER:100\n<!DOCTYPE OFX [<!ENTITY a 'b'>]><OFX></OFX>").1, Reason::DocumentType);
}

/// Proves: U41
#[test]
fn a_balance_without_its_sign_currency_amount_or_day_is_refused() {
    let first = "BkToCstmrStmt/Stmt[1]/Bal[1]";
    let balance = |part, by, field: &str, reason| {
        assert_refused(&with(CAMT, part, by), &format!("{first}/{field}"), reason);
    };
    balance("        <CdtDbtInd>CRDT</CdtDbtInd>\n", "", "CdtDbtInd", Reason::MissingSign);
    balance("<CdtDbtInd>CRDT</CdtDbtInd>", "<CdtDbtInd/>", "CdtDbtInd", Reason::MissingSign);
    balance("<CdtDbtInd>CRDT</CdtDbtInd>", "<CdtDbtInd>C</CdtDbtInd>", "CdtDbtInd", Reason::UnknownSign);
    balance("<Amt Ccy=\"EUR\">5442", "<Amt>5442", "Amt", Reason::MissingCurrency);
    balance("<Amt Ccy=\"EUR\">5442", "<Amt Ccy=\"\">5442", "Amt", Reason::MissingCurrency);
    balance("<Amt Ccy=\"EUR\">5442", "<Amt Ccy=\"EURO\">5442", "Amt", Reason::UnknownCurrency);
    balance("<Amt Ccy=\"EUR\">5442", "<Amt Ccy=\"EUR\" Ccy=\"USD\">5442", "Amt/@Ccy", Reason::Twice);
    balance("5442.09000", "5442.09001", "Amt", Reason::TooManyDecimals(2));
    balance("5442.09000", "-5442.09", "Amt", Reason::SignedAmount);
    balance("5442.09000", "5.442,09", "Amt", Reason::NotAnAmount);
    balance("5442.09000", "99999999999999999", "Amt", Reason::AmountTooLarge);
    balance("2026-10-30", "2026-02-30", "Dt/Dt", Reason::NotADay);
    balance("        <Dt><Dt>2026-10-30</Dt></Dt>\n", "", "Dt", Reason::Missing);
    balance("PRCD</Cd>", "PRCD</Cd><Cd>CLBD</Cd>", "Tp/CdOrPrtry/Cd", Reason::Twice);
    let second = "BkToCstmrStmt/Stmt[2]/Bal[1]/CdtDbtInd";
    assert_refused(
        &with(CAMT, "<CdtDbtInd>DBIT</CdtDbtInd>\n        <Dt><Dt>2026-10-31", "<Dt><Dt>2026-10-31"),
        second,
        Reason::MissingSign,
    );
}

/// Proves: U41
#[test]
fn an_entry_or_statement_that_lacks_what_it_must_have_is_refused() {
    let entry = "BkToCstmrStmt/Stmt[1]/Ntry[3]";
    assert_refused(
        &with(CAMT, "        <CdtDbtInd>CRDT</CdtDbtInd>\n        <Sts>PDNG", "        <Sts>PDNG"),
        &format!("{entry}/CdtDbtInd"),
        Reason::MissingSign,
    );
    assert_refused(&with(CAMT, "99.99", "99.999"), &format!("{entry}/Amt"), Reason::TooManyDecimals(2));
    assert_refused(
        &with(CAMT, "<Id><Othr><Id>0012 345-678</Id></Othr></Id>", ""),
        "BkToCstmrStmt/Stmt[2]/Acct/Id",
        Reason::Missing,
    );
    assert_refused(
        &with(CAMT, "<FrDtTm>2026-10-31", "<FrDtTm>2026-11-01"),
        "BkToCstmrStmt/Stmt[1]/FrToDt",
        Reason::EndsBeforeItBegins,
    );
    assert_refused(&with(CAMT, "STMT-A-211", &"9".repeat(201)), "BkToCstmrStmt/Stmt[1]/Id", Reason::TooLong);
    let many = "9".repeat(41);
    assert_eq!(refused(&with(CAMT, "0012 345-678", &many)).1, Reason::NotAnAccount);
}

/// Proves: U41
#[test]
fn a_file_that_is_not_closed_or_ends_early_is_refused() {
    assert_refused(
        &with(CAMT, "<Nm>Bank am Markt</Nm>", "<Nm>Bank am Markt</Name>"),
        "BkToCstmrStmt/Stmt[1]/Acct/Svcr/FinInstnId/Nm",
        Reason::WrongEnd("Name".to_owned()),
    );
    let cut = CAMT.split_once("<Id><Othr>").unwrap().0;
    assert_refused(cut.as_bytes(), "BkToCstmrStmt/Stmt[2]/Acct", Reason::Truncated);
    assert_refused(format!("{cut}<Id").as_bytes(), "BkToCstmrStmt/Stmt[2]/Acct/Id", Reason::Truncated);
    let ofx = bank();
    let (place, reason) = refused(&ofx[..ofx.len() - 30]);
    assert_eq!((place.as_str(), reason), ("line 69, OFX/BANKMSGSRSV1/STMTTRNRS[2]", Reason::Truncated));
    let mt940 = PLAIN.split_once(":62F:D").unwrap().0;
    assert_refused(mt940.as_bytes(), "line 21, statement[2]/:62F:", Reason::Missing);
    assert_refused(&with(PLAIN, "EUR38,16", "EUR38"), "line 21, statement[2]/:62F:", Reason::NotAnAmount);
}

/// Proves: U41
#[test]
fn ofx_without_a_currency_or_with_a_bad_value_is_refused() {
    let file = |part: &str, by: &str| {
        let text = include_str!("../../fixtures/bank-102.ofx");
        assert!(text.contains(part), "{part}");
        encoding_rs::WINDOWS_1252.encode(&text.replacen(part, by, 1)).0.into_owned()
    };
    let statement = "OFX/BANKMSGSRSV1/STMTTRNRS[1]/STMTRS";
    let refused_at = |part, by, field: &str, reason| {
        assert_refused(&file(part, by), &format!("{statement}/{field}"), reason);
    };
    refused_at("<CURDEF>EUR\n", "", "BANKTRANLIST/STMTTRN[1]/TRNAMT", Reason::MissingCurrency);
    refused_at("<BALAMT>-1200,5\n", "", "LEDGERBAL/BALAMT", Reason::Missing);
    refused_at("<DTASOF>20261031235959[-5:EST]\n", "", "LEDGERBAL/DTASOF", Reason::Missing);
    refused_at("-1200,5", "-1200,555", "LEDGERBAL/BALAMT", Reason::TooManyDecimals(2));
    refused_at("20261031235959", "20260231235959", "LEDGERBAL/DTASOF", Reason::NotADay);
    refused_at("<DTEND>20261031", "<DTEND>20260930", "BANKTRANLIST", Reason::EndsBeforeItBegins);
    assert_refused(
        &with(CARD, "<CURDEF>EUR</CURDEF>", ""),
        "OFX/BANKMSGSRSV1/STMTTRNRS[1]/STMTRS/BANKTRANLIST/STMTTRN[1]/TRNAMT",
        Reason::MissingCurrency,
    );
}

/// Proves: U41
#[test]
fn windows_characters_under_a_header_of_utf_8_are_refused_where_they_stand() {
    let wrong: Vec<u8> = {
        let text = include_str!("../../fixtures/bank-102.ofx")
            .replace("ENCODING:USASCII\nCHARSET:1252", "ENCODING:UTF-8\nCHARSET:NONE");
        encoding_rs::WINDOWS_1252.encode(&text).0.into_owned()
    };
    assert_refused(&wrong, "line 17", Reason::NotInCharset("UTF-8"));
    let camt = encoding_rs::WINDOWS_1252.encode(CAMT).0.into_owned();
    assert_refused(&camt, "line 17", Reason::NotInCharset("UTF-8"));
}

/// Proves: U41
#[test]
fn a_field_of_mt940_that_is_wrong_is_named() {
    for (part, by, place, reason) in [
        (":60F:C261029", ":60F:261029", "line 4, statement[1]/:60F:", Reason::MissingSign),
        (":60F:C261029EUR1000", ":60F:C2610291000", "line 4, statement[1]/:60F:", Reason::MissingCurrency),
        (":60F:C261029", ":60F:C260230", "line 4, statement[1]/:60F:", Reason::NotADay),
        ("1030DR250,", "1030250,", "line 5, statement[1]/:61:", Reason::MissingSign),
        ("1030DR250,", "1030DR250,555", "line 5, statement[1]/:61:", Reason::TooManyDecimals(2)),
        (":62F:C261030EUR", ":62F:C261030USD", "line 11, statement[1]/:62F:", Reason::OtherCurrency("EUR")),
        (":62F:C261030EUR761,84\n", "", "line 14, statement[1]/:62F:", Reason::Missing),
        (":60F:C261029EUR1000,00\n", "", "line 4, statement[1]/:61:", Reason::MissingCurrency),
        (":25:10020030/1234567EUR\n", "", "line 14, statement[1]/:25:", Reason::Missing),
        (":28C:00205", ":28C:A", "line 3, statement[1]/:28C:", Reason::NotANumber),
        (":60F:", ":90D:2EUR5,\n:60F:", "line 4, statement[1]/:90D:", Reason::OtherMessage("MT942".to_owned())),
    ] {
        assert_refused(&with(PLAIN, part, by), place, reason);
    }
    let block = format!("{{1:F01X}}{{2:O9421200}}{{4:\n{PLAIN}");
    assert_eq!(refused(block.as_bytes()).1, Reason::OtherMessage("MT942".to_owned()));
    assert_eq!(refused(b"{1:F01X}{2:O9401200}{4:\n:20:A\n").1, Reason::Truncated);
}

/// Proves: U41
#[test]
fn what_is_no_statement_is_said_to_be_none() {
    let whole = |file: &[u8], reason| assert_eq!(read(file), Err(FileError::of_file(reason)));
    whole(b"", Reason::Empty);
    whole(b" \r\n", Reason::Empty);
    whole(b"PK\x03\x04\x14\0\0\0", Reason::Zip);
    whole(b"%PDF-1.7", Reason::NotAStatement);
    whole(b"Date;Amount\n2026-10-31;1", Reason::NotAStatement);
    whole(b"<Invoice xmlns='urn:x'><ID>1</ID></Invoice>", Reason::NotAStatement);
    whole(b"<OFX></OFX>", Reason::OtherMessage("OFX without an account".to_owned()));
    let other = CAMT.replace("camt.053.001.02", "camt.052.001.02").replace("BkToCstmrStmt", "BkToCstmrAcctRpt");
    assert_refused(
        other.as_bytes(),
        "line 3, Document/BkToCstmrAcctRpt",
        Reason::OtherMessage("camt.052.001.02".to_owned()),
    );
    assert_refused(b"<Document><BkToCstmrStmt/></Document>", "BkToCstmrStmt/Stmt", Reason::Missing);
    assert_eq!(refused(b"<Document>").1, Reason::Truncated);
    assert_eq!(refused(b"<html><body>Your session has ended</html>").1, Reason::WrongEnd("html".to_owned()));
}

/// `many` copies of a part of the fixture.
fn repeated(part: &str, many: usize) -> String {
    CAMT.replacen(part, &part.repeat(many), 1)
}

/// Proves: U41
#[test]
fn a_file_has_at_most_25_megabytes() {
    let mut large = CAMT.as_bytes().to_vec();
    large.resize(MAX_FILE_BYTES, b' ');
    let _taken = taken(&large);
    large.push(b' ');
    assert_eq!(read(&large), Err(FileError::of_file(Reason::FileTooLarge)));
}

/// Proves: U41
#[test]
fn a_file_has_at_most_so_many_entries() {
    let entry = "<Ntry><Amt Ccy=\"EUR\">1</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts></Ntry>";
    let (head, tail) = CAMT.split_at(CAMT.rfind("</Stmt>").unwrap());
    let most = usize::try_from(MAX_ENTRIES).unwrap();
    // The fixture has three.
    let file = |many: usize| format!("{head}{}{tail}", entry.repeat(many));
    assert_eq!(taken(file(most - 3).as_bytes()).statements[1].entries.booked, MAX_ENTRIES - 3);
    assert_eq!(refused(file(most - 2).as_bytes()).1, Reason::TooMany { what: "entries", most });
}

/// Proves: U41
#[test]
fn elements_lie_at_most_so_deep() {
    let nested = |deep: usize| {
        let end = "</BkToCstmrStmt>";
        CAMT.replace(end, &format!("{}{}{end}", "<a>".repeat(deep), "</a>".repeat(deep)))
    };
    assert_eq!(taken(nested(MAX_DEPTH - 2).as_bytes()).statements.len(), 2);
    assert_eq!(refused(nested(MAX_DEPTH - 1).as_bytes()).1, Reason::TooDeep);
    assert_eq!(refused(nested(1_000_000).as_bytes()).1, Reason::TooDeep);
}

/// Proves: U41
#[test]
fn a_statement_has_at_most_so_many_balances_and_a_file_so_many_statements() {
    let start = CAMT.rfind("      <Bal>").unwrap();
    let balance = &CAMT[start..CAMT.rfind("    </Stmt>").unwrap()];
    assert_eq!(taken(repeated(balance, MAX_BALANCES - 1).as_bytes()).statements[1].balances.len(), MAX_BALANCES);
    let reason = Reason::TooMany { what: "balances in a statement", most: MAX_BALANCES };
    assert_eq!(refused(repeated(balance, MAX_BALANCES).as_bytes()).1, reason);

    let start = CAMT.rfind("    <Stmt>").unwrap();
    let statement = &CAMT[start..CAMT.rfind("  </BkToCstmrStmt>").unwrap()];
    let _taken = taken(repeated(statement, MAX_STATEMENTS - 1).as_bytes());
    let reason = Reason::TooMany { what: "statements", most: MAX_STATEMENTS };
    assert_eq!(refused(repeated(statement, MAX_STATEMENTS).as_bytes()).1, reason);
}
