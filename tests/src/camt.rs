//! Bank statements of camt.053 as a bank sends them, and days that are over.

use jiff::{SignedDuration, Timestamp};

/// A day before today, where banks and companies are near midnight of UTC or far from it.
#[must_use]
pub fn day_before(days: i64) -> String {
    let at = Timestamp::now() - SignedDuration::from_hours(24 * days);
    at.strftime("%Y-%m-%d").to_string()
}

/// A statement of camt.053 that closes a day, made at an hour of it.
#[must_use]
pub fn camt_statement(iban: &str, day: &str, opening: &str, closing: &str, hour: u8) -> String {
    let balance = |code: &str, amount: &str| {
        let (sign, amount) = amount.strip_prefix('-').map_or(("CRDT", amount), |amount| ("DBIT", amount));
        format!(
            "<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd>\
             <Dt><Dt>{day}</Dt></Dt></Bal>"
        )
    };
    format!(
        "<Stmt><Id>S</Id><CreDtTm>{day}T{hour:02}:00:00Z</CreDtTm><Acct><Id><IBAN>{iban}</IBAN></Id></Acct>{}{}</Stmt>",
        balance("OPBD", opening),
        balance("CLBD", closing),
    )
}

/// A file of camt.053 with statements.
#[must_use]
pub fn camt(statements: &[String]) -> String {
    let namespace = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08";
    format!("<Document xmlns=\"{namespace}\"><BkToCstmrStmt>{}</BkToCstmrStmt></Document>", statements.concat())
}
