//! OFX, Open Financial Exchange: 1.x as SGML and 2.x as XML. Accounts at banks and credit cards; securities are not read.
//!
//! OFX states no opening balance, so its entries are not checked against its balances. `FITID` is neither unique nor stable
//! and is not read. An amount has its own sign.
//!
//! Source: OFX 1.0.3 and 2.3, chapters 2 (header, signon) and 11 (banking).

use domain::{
    Currency, UtcTime,
    bank::{AccountNumber, Iban},
    time::Day,
};

use crate::{
    MAX_STATEMENTS,
    amount::{balance, signed},
    day::{ofx_day, ofx_time},
    entries::EntryCount,
    error::{FileError, Reason},
    field::{bank_number, bounded, code, once},
    merge::{Page, statements},
    sgml,
    statement::{BalanceKind, BankFile, Copy, Entries, Format, Pages, Period, StatedBalance, Statement, Warning},
    xml,
};

pub(crate) fn read_sgml(text: &str) -> Result<BankFile, FileError> {
    let header = text.split('<').next().unwrap_or_default();
    let mut reader = sgml::Reader::new(text);
    let mut message = Message::default();
    while let Some(step) = reader.step()? {
        let (taken, field) = match step {
            sgml::Step::Opened => (message.opened(reader.path()), ""),
            sgml::Step::Value(field, value) => (message.value(reader.path(), field, &value), field),
            sgml::Step::Closed => (message.closed(reader.path()), ""),
        };
        taken.map_err(|refused| reader.error_at(refused.field.unwrap_or(field), refused.reason))?;
    }
    message.into_file(version(header.split_once("VERSION:").map(|(_, version)| version)))
}

pub(crate) fn read_xml(text: &str) -> Result<BankFile, FileError> {
    let header = text.split_once("<?OFX").and_then(|(_, header)| header.split("?>").next()).unwrap_or_default();
    let mut reader = xml::Reader::new(text);
    let mut message = Message::default();
    while let Some(step) = reader.step()? {
        let taken = match step {
            xml::Step::Opened => message.opened(reader.path()),
            xml::Step::Closed(value) => {
                let path = reader.path();
                match path.split_last() {
                    Some((field, around)) if !value.is_empty() => message.value(around, field, &value),
                    _ => message.closed(path),
                }
            }
        };
        taken.map_err(|refused| reader.error_at(refused.field.unwrap_or_default(), refused.reason))?;
    }
    // `OFXHEADER="200" VERSION="211"`; the name of the first attribute does not end in the second's.
    message.into_file(version(header.split_once("VERSION=").map(|(_, version)| version)))
}

fn version(text: Option<&str>) -> Option<u16> {
    let text = text?.trim_start_matches(['"', '\'', ' ']);
    text.get(..3)?.parse().ok()
}

/// A value or element that is refused; the field where it is not the one that was just read.
struct Refused {
    field: Option<&'static str>,
    reason: Reason,
}

impl From<Reason> for Refused {
    fn from(reason: Reason) -> Self {
        Self { field: None, reason }
    }
}

const fn at(field: &'static str, reason: Reason) -> Refused {
    Refused { field: Some(field), reason }
}

#[derive(Debug, Default)]
struct Message {
    created: Option<(UtcTime, Day)>,
    bank_name: Option<String>,
    statement: RawStatement,
    amount: Option<i64>,
    other_currency: Option<Currency>,
    day: Option<Day>,
    entries: EntryCount,
    pages: Vec<Page>,
}

#[derive(Debug, Default)]
struct RawStatement {
    currency: Option<Currency>,
    bank: Option<String>,
    account: Option<String>,
    from: Option<Day>,
    to: Option<Day>,
    balances: Vec<StatedBalance>,
    entries: Entries,
    others: u32,
}

/// The path below one statement; `None` outside of statements.
fn in_statement<'p, 't>(path: &'p [&'t str]) -> Option<&'p [&'t str]> {
    match path {
        ["OFX", "BANKMSGSRSV1", "STMTTRNRS", "STMTRS", inner @ ..]
        | ["OFX", "CREDITCARDMSGSRSV1", "CCSTMTTRNRS", "CCSTMTRS", inner @ ..] => Some(inner),
        _ => None,
    }
}

impl Message {
    fn opened(&mut self, path: &[&str]) -> Result<(), Refused> {
        match in_statement(path) {
            Some([]) => {
                if self.pages.len() >= MAX_STATEMENTS {
                    return Err(Reason::TooMany { what: "statements", most: MAX_STATEMENTS }.into());
                }
                self.statement = RawStatement::default();
            }
            Some(["BANKTRANLIST", "STMTTRN"]) => {
                (self.amount, self.other_currency, self.day) = (None, None, None);
                self.entries.one_more()?;
            }
            Some(["LEDGERBAL" | "AVAILBAL"]) => (self.amount, self.day) = (None, None),
            Some(_) | None => {}
        }
        Ok(())
    }

    fn value(&mut self, path: &[&str], field: &str, value: &str) -> Result<(), Refused> {
        let of = &mut self.statement;
        let taken = match (path, in_statement(path), field) {
            (["OFX", "SIGNONMSGSRSV1", "SONRS"], _, "DTSERVER") => {
                once(&mut self.created, (ofx_time(value)?, ofx_day(value)?))
            }
            (["OFX", "SIGNONMSGSRSV1", "SONRS", "FI"], _, "ORG") => once(&mut self.bank_name, bounded(value)?),
            (_, Some([]), "CURDEF") => once(&mut of.currency, code(value)?),
            (_, Some(["BANKACCTFROM"]), "BANKID") => once(&mut of.bank, bounded(value)?),
            (_, Some(["BANKACCTFROM" | "CCACCTFROM"]), "ACCTID") => once(&mut of.account, bounded(value)?),
            (_, Some(["BANKTRANLIST"]), "DTSTART") => once(&mut of.from, ofx_day(value)?),
            (_, Some(["BANKTRANLIST"]), "DTEND") => once(&mut of.to, ofx_day(value)?),
            (_, Some(["BANKTRANLIST", "STMTTRN"]), "DTPOSTED") | (_, Some(["LEDGERBAL" | "AVAILBAL"]), "DTASOF") => {
                once(&mut self.day, ofx_day(value)?)
            }
            (_, Some(["BANKTRANLIST", "STMTTRN"]), "TRNAMT") | (_, Some(["LEDGERBAL" | "AVAILBAL"]), "BALAMT") => {
                let currency = of.currency.ok_or(Reason::MissingCurrency)?;
                once(&mut self.amount, signed(value, currency)?)
            }
            (_, Some(["BANKTRANLIST", "STMTTRN", "CURRENCY"]), "CURSYM") => {
                once(&mut self.other_currency, code(value)?)
            }
            _ => Ok(()),
        };
        taken.map_err(Refused::from)
    }

    fn closed(&mut self, path: &[&str]) -> Result<(), Refused> {
        match in_statement(path) {
            Some([]) => self.end_statement(),
            Some(["BANKTRANLIST", "STMTTRN"]) => {
                let minor = self.amount.take().ok_or(at("TRNAMT", Reason::Missing))?;
                let of = &mut self.statement;
                if self.other_currency.is_some_and(|other| Some(other) != of.currency) {
                    of.others = of.others.saturating_add(1);
                    return Ok(());
                }
                Ok(of.entries.add_booked(minor, self.day.take())?)
            }
            Some([kind @ ("LEDGERBAL" | "AVAILBAL")]) => {
                let minor = self.amount.take().ok_or(at("BALAMT", Reason::Missing))?;
                let day = self.day.take().ok_or(at("DTASOF", Reason::Missing))?;
                // A file of the same day was made before the day was over.
                let is_over = self.created.is_none_or(|(_, made_on)| day < made_on);
                let kind = match (*kind, is_over) {
                    ("LEDGERBAL", true) => BalanceKind::ClosingBooked,
                    ("LEDGERBAL", false) => BalanceKind::InterimBooked,
                    (_, true) => BalanceKind::ClosingAvailable,
                    (_, false) => BalanceKind::InterimAvailable,
                };
                if self.statement.balances.iter().any(|known| known.kind == kind) {
                    return Err(Reason::Twice.into());
                }
                let balance_minor = balance(minor, false)?;
                self.statement.balances.push(StatedBalance { kind, day, balance_minor });
                Ok(())
            }
            Some(_) | None => Ok(()),
        }
    }

    fn end_statement(&mut self) -> Result<(), Refused> {
        let of = std::mem::take(&mut self.statement);
        let number = of.account.ok_or(at("ACCTID", Reason::Missing))?;
        let account = match number.parse::<Iban>() {
            Ok(iban) => AccountNumber::Iban(iban),
            Err(_) => AccountNumber::Own {
                bank: of.bank.map(|bank| bank_number(&bank)).transpose().map_err(|reason| at("BANKID", reason))?,
                number: number.parse().map_err(|_| at("ACCTID", Reason::NotAnAccount))?,
            },
        };
        let period = of.from.zip(of.to).map(|(from, to)| Period { from, to });
        if period.is_some_and(|period| period.from > period.to) {
            return Err(at("BANKTRANLIST", Reason::EndsBeforeItBegins));
        }
        let warnings = if of.others > 0 { vec![Warning::OtherCurrency { count: of.others }] } else { Vec::new() };
        let statement = Statement {
            account,
            account_name: None,
            bank_name: self.bank_name.clone(),
            currency: of.currency.ok_or(at("CURDEF", Reason::MissingCurrency))?,
            id: None,
            sequence: None,
            pages: Pages::ONE,
            period,
            balances: of.balances,
            closing: None,
            entries: of.entries,
            created_at: self.created.map(|(at, _)| at),
            copy: Copy::Original,
            warnings,
        };
        self.pages.push(Page::new(statement, None));
        Ok(())
    }

    fn into_file(self, version: Option<u16>) -> Result<BankFile, FileError> {
        if self.pages.is_empty() {
            return Err(FileError::of_file(Reason::OtherMessage("OFX without an account".to_owned())));
        }
        Ok(BankFile { format: Format::Ofx { version }, statements: statements(self.pages) })
    }
}
