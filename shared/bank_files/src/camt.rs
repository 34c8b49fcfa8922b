//! camt.053, Bank to Customer Statement of ISO 20022, in all its versions.
//!
//! The versions differ in what is read here by little: the BIC is `BIC` or `BICFI`, the state of an entry is a code or lies in
//! one, pages of a statement are numbered from version 3 on. Version 1 has other names for the message, the type of a balance,
//! an account without an IBAN and the bank. Elements are known by their local names and their path, so a version that adds
//! others is read as well.
//!
//! Source: the message definition reports camt.053.001.01 to camt.053.001.13.

mod currency;
mod fields;

use domain::{
    Currency, UtcTime,
    bank::{AccountNumber, Iban},
    time::Day,
};

use crate::{
    MAX_STATEMENTS,
    camt::currency::ByCurrency,
    day::{iso_day, iso_time},
    entries::EntryCount,
    error::{FileError, Reason},
    field::{bank_number, bounded, code, once},
    merge::{Page, statements},
    statement::{BalanceKind, BankFile, Copy, Entries, Format, Pages, Period, Statement, Warning},
    xml::{Reader, Step},
};

const NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:";
const MESSAGE: &str = "camt.053.001.";
/// The element of the message, from version 2 on.
const STATEMENTS: &str = "BkToCstmrStmt";
/// The element of the message in version 1.
const STATEMENTS_V01: &str = "BkToCstmrStmtV01";
/// The longest path of a field that is read, from the element of the message on.
const MAX_PATH: usize = 8;

pub(crate) fn read(text: &str) -> Result<BankFile, FileError> {
    let mut reader = Reader::new(text);
    let mut message = Message::default();
    while let Some(step) = reader.step()? {
        message.take(&mut reader, step)?;
    }
    let Some(element) = message.element else { return Err(FileError::of_file(Reason::NotAStatement)) };
    if message.pages.is_empty() {
        return Err(FileError::at(text, text.len(), format!("{element}/Stmt"), Reason::Missing));
    }
    Ok(BankFile { format: Format::Camt053 { version: message.version }, statements: statements(message.pages) })
}

/// What was read so far.
#[derive(Debug, Default)]
struct Message {
    /// The name of the element of the message, once it was found.
    element: Option<&'static str>,
    version: Option<u8>,
    /// How many elements are around that of the message: the root, and an envelope.
    depth: usize,
    created_at: Option<UtcTime>,
    page: PageNumber,
    statement: RawStatement,
    balance: RawBalance,
    entry: RawEntry,
    entries: EntryCount,
    pages: Vec<Page>,
}

#[derive(Debug, Default, Clone, Copy)]
struct PageNumber {
    number: Option<u32>,
    is_last: Option<bool>,
}

#[derive(Debug, Default)]
struct RawStatement {
    id: Option<String>,
    electronic: Option<u64>,
    legal: Option<u64>,
    created_at: Option<UtcTime>,
    page: PageNumber,
    copy: Option<Copy>,
    from: Option<Day>,
    to: Option<Day>,
    iban: Option<String>,
    other: Option<String>,
    currency: Option<Currency>,
    name: Option<String>,
    bank_name: Option<String>,
    bic: Option<String>,
    clearing: Option<String>,
    stated_entries: Option<u64>,
    counted_entries: u64,
    by_currency: ByCurrency,
}

#[derive(Debug, Default)]
struct RawBalance {
    /// The inner `None` is a kind of which nothing is read.
    kind: Option<Option<BalanceKind>>,
    amount: Option<(Currency, i64)>,
    is_debit: Option<bool>,
    day: Option<Day>,
}

#[derive(Debug, Default)]
struct RawEntry {
    amount: Option<(Currency, i64)>,
    is_debit: Option<bool>,
    is_booked: Option<bool>,
    booked_on: Option<Day>,
}

impl Message {
    fn take(&mut self, reader: &mut Reader<'_>, step: Step<'_>) -> Result<(), FileError> {
        if self.element.is_none() {
            return self.look_for_the_message(reader, &step);
        }
        // Whatever lies deeper is not read. This is most of a file.
        let path = reader.path();
        let Some(path) = path.get(self.depth..).filter(|path| path.len() <= MAX_PATH) else { return Ok(()) };
        let taken = match (step, path) {
            (Step::Opened, [STATEMENTS | STATEMENTS_V01]) => Err(Reason::TwoRoots),
            (Step::Opened, [_, "Stmt"]) => {
                self.statement = RawStatement::default();
                Ok(())
            }
            (Step::Opened, [_, "Stmt", "Bal"]) => {
                self.balance = RawBalance::default();
                Ok(())
            }
            (Step::Opened, [_, "Stmt", "Ntry"]) => {
                self.entry = RawEntry::default();
                self.entries.one_more()
            }
            (Step::Opened, _) => Ok(()),
            (Step::Closed(_), [_, "Stmt"]) => return self.end_statement(reader),
            (Step::Closed(_), [_, "Stmt", "Bal"]) => return self.end_balance(reader),
            (Step::Closed(_), [_, "Stmt", "Ntry"]) => return self.end_entry(reader),
            (Step::Closed(value), [_, "GrpHdr", field @ ..]) => self.header(field, &value),
            (Step::Closed(value), [_, "Stmt", "Bal", field @ ..]) => {
                self.balance.take(field, &value, reader.currency())
            }
            (Step::Closed(value), [_, "Stmt", "Ntry", field @ ..]) => self.entry.take(field, &value, reader.currency()),
            (Step::Closed(value), [_, "Stmt", field @ ..]) => self.statement.take(field, &value),
            (Step::Closed(_), _) => Ok(()),
        };
        taken.map_err(|reason| reader.error(reason))
    }

    /// The message may lie in an envelope, beside a header.
    fn look_for_the_message(&mut self, reader: &mut Reader<'_>, step: &Step<'_>) -> Result<(), FileError> {
        let path = reader.path();
        let [.., "Document", message] = path else { return Ok(()) };
        if *step != Step::Opened {
            return Ok(());
        }
        let namespace = reader.namespace();
        let of_iso = namespace.and_then(|namespace| namespace.strip_prefix(NAMESPACE));
        let version = of_iso.and_then(|of_iso| of_iso.strip_prefix(MESSAGE)).map(str::parse::<u8>);
        let other = |name: &str| {
            let name = name.chars().filter(|c| c.is_ascii_graphic()).take(40).collect();
            Err(reader.error(Reason::OtherMessage(name)))
        };
        let element = match *message {
            STATEMENTS => STATEMENTS,
            STATEMENTS_V01 => STATEMENTS_V01,
            message => return other(of_iso.unwrap_or(message)),
        };
        match (namespace, version) {
            (None, _) => {}
            (Some(_), Some(Ok(version))) => self.version = Some(version),
            (Some(_), Some(Err(_)) | None) => return other(of_iso.unwrap_or(element)),
        }
        self.element = Some(element);
        self.depth = path.len().saturating_sub(1);
        reader.show_from(self.depth);
        Ok(())
    }

    fn header(&mut self, field: &[&str], value: &str) -> Result<(), Reason> {
        match field {
            ["CreDtTm"] => once(&mut self.created_at, iso_time(value)?),
            ["MsgPgntn", field] => self.page.take(field, value),
            _ => Ok(()),
        }
    }

    fn end_balance(&mut self, reader: &Reader<'_>) -> Result<(), FileError> {
        let balance = std::mem::take(&mut self.balance);
        let missing = |field: &str, reason| reader.error_at(field, reason);
        let kind = balance.kind.ok_or_else(|| missing("Tp", Reason::Missing))?;
        let (currency, minor) = balance.amount.ok_or_else(|| missing("Amt", Reason::Missing))?;
        let is_debit = balance.is_debit.ok_or_else(|| missing("CdtDbtInd", Reason::MissingSign))?;
        let day = balance.day.ok_or_else(|| missing("Dt", Reason::Missing))?;
        // A balance of a kind of the bank's own says nothing here.
        let Some(kind) = kind else { return Ok(()) };
        let added = self.statement.by_currency.add_balance(currency, kind, day, minor, is_debit);
        added.map_err(|reason| reader.error(reason))
    }

    fn end_entry(&mut self, reader: &Reader<'_>) -> Result<(), FileError> {
        let entry = std::mem::take(&mut self.entry);
        let missing = |field: &str, reason| reader.error_at(field, reason);
        let (currency, minor) = entry.amount.ok_or_else(|| missing("Amt", Reason::Missing))?;
        let is_debit = entry.is_debit.ok_or_else(|| missing("CdtDbtInd", Reason::MissingSign))?;
        let is_booked = entry.is_booked.ok_or_else(|| missing("Sts", Reason::Missing))?;
        self.statement.counted_entries = self.statement.counted_entries.saturating_add(1);
        let signed = if is_debit { -minor } else { minor };
        let booked = is_booked.then_some((signed, entry.booked_on));
        self.statement.by_currency.add_entry(currency, booked).map_err(|reason| reader.error(reason))
    }

    fn end_statement(&mut self, reader: &Reader<'_>) -> Result<(), FileError> {
        let statement = std::mem::take(&mut self.statement);
        let (account, warning) = statement.account().map_err(|reason| reader.error_at("Acct/Id", reason))?;
        let period = statement.from.zip(statement.to).map(|(from, to)| Period { from, to });
        if period.is_some_and(|period| period.from > period.to) {
            return Err(reader.error_at("FrToDt", Reason::EndsBeforeItBegins));
        }
        let page = if statement.page.number.is_some() { statement.page } else { self.page };
        let mut warnings: Vec<Warning> = warning.into_iter().collect();
        if let Some(stated) = statement.stated_entries.filter(|stated| *stated != statement.counted_entries) {
            warnings.push(Warning::EntryCount { stated, counted: statement.counted_entries });
        }
        let head = Statement {
            account,
            account_name: statement.name,
            bank_name: statement.bank_name,
            currency: statement
                .by_currency
                .main(statement.currency)
                .ok_or_else(|| reader.error_at("Acct/Ccy", Reason::MissingCurrency))?,
            id: statement.id,
            sequence: statement.electronic.or(statement.legal),
            pages: Pages { more_follow: page.is_last == Some(false), ..Pages::ONE },
            period,
            balances: Vec::new(),
            closing: None,
            entries: Entries::default(),
            created_at: statement.created_at.or(self.created_at),
            copy: statement.copy.unwrap_or_default(),
            warnings,
        };
        let made = statement.by_currency.into_statements(head);
        if self.pages.len() + made.len() > MAX_STATEMENTS {
            return Err(reader.error(Reason::TooMany { what: "statements", most: MAX_STATEMENTS }));
        }
        self.pages.extend(made.into_iter().map(|statement| Page::new(statement, page.number)));
        Ok(())
    }
}

impl PageNumber {
    fn take(&mut self, field: &str, value: &str) -> Result<(), Reason> {
        match field {
            "PgNb" => once(&mut self.number, value.parse().map_err(|_| Reason::NotANumber)?),
            "LastPgInd" => once(&mut self.is_last, fields::boolean(value)?),
            _ => Ok(()),
        }
    }
}

impl RawStatement {
    fn take(&mut self, field: &[&str], value: &str) -> Result<(), Reason> {
        match field {
            ["Id"] => once(&mut self.id, bounded(value)?),
            ["ElctrncSeqNb"] => once(&mut self.electronic, fields::whole(value)?),
            ["LglSeqNb"] => once(&mut self.legal, fields::whole(value)?),
            ["CreDtTm"] => once(&mut self.created_at, iso_time(value)?),
            ["CpyDplctInd"] => once(&mut self.copy, fields::copy(value)?),
            ["StmtPgntn", field] => self.page.take(field, value),
            ["FrToDt", "FrDtTm" | "FrDt"] => once(&mut self.from, iso_day(value)?),
            ["FrToDt", "ToDtTm" | "ToDt"] => once(&mut self.to, iso_day(value)?),
            ["Acct", "Id", "IBAN"] => once(&mut self.iban, bounded(value)?),
            ["Acct", "Id", "Othr", "Id"] | ["Acct", "Id", "BBAN" | "UPIC"] | ["Acct", "Id", "PrtryAcct", "Id"] => {
                once(&mut self.other, bounded(value)?)
            }
            ["Acct", "Ccy"] => once(&mut self.currency, code(value)?),
            ["Acct", "Nm"] => once(&mut self.name, bounded(value)?),
            ["Acct", "Svcr", "FinInstnId", field @ ..] => self.bank(field, value),
            ["TxsSummry", "TtlNtries", "NbOfNtries"] => once(&mut self.stated_entries, fields::whole(value)?),
            _ => Ok(()),
        }
    }

    /// A field of the bank. In version 1 several of them lie together in `CmbndId`.
    fn bank(&mut self, field: &[&str], value: &str) -> Result<(), Reason> {
        match field.strip_prefix(&["CmbndId"]).unwrap_or(field) {
            ["BIC" | "BICFI"] => once(&mut self.bic, bounded(value)?),
            ["ClrSysMmbId", "MmbId" | "Id" | "Prtry"] => once(&mut self.clearing, bounded(value)?),
            ["Nm"] | ["NmAndAdr", "Nm"] => once(&mut self.bank_name, bounded(value)?),
            _ => Ok(()),
        }
    }

    /// The account, and whether its IBAN is none.
    fn account(&self) -> Result<(AccountNumber, Option<Warning>), Reason> {
        let (text, warning) = match (&self.iban, &self.other) {
            (Some(iban), _) => match iban.parse::<Iban>() {
                Ok(iban) => return Ok((AccountNumber::Iban(iban), None)),
                Err(_) => (iban, Some(Warning::NotAnIban)),
            },
            (None, Some(other)) => (other, None),
            (None, None) => return Err(Reason::Missing),
        };
        let bank = self.bic.as_ref().or(self.clearing.as_ref()).map(|bank| bank_number(bank)).transpose()?;
        let number = text.parse().map_err(|_| Reason::NotAnAccount)?;
        Ok((AccountNumber::Own { bank, number }, warning))
    }
}

impl RawBalance {
    fn take(&mut self, field: &[&str], value: &str, currency: Option<&str>) -> Result<(), Reason> {
        match field {
            ["Tp", "CdOrPrtry", "Cd"] | ["Tp", "Cd"] => once(&mut self.kind, fields::kind(value)),
            ["Tp", "CdOrPrtry", "Prtry"] | ["Tp", "Prtry"] => once(&mut self.kind, None),
            ["Amt"] => once(&mut self.amount, fields::amount(value, currency)?),
            ["CdtDbtInd"] => once(&mut self.is_debit, fields::is_debit(value)?),
            ["Dt", "Dt" | "DtTm"] => once(&mut self.day, iso_day(value)?),
            _ => Ok(()),
        }
    }
}

impl RawEntry {
    fn take(&mut self, field: &[&str], value: &str, currency: Option<&str>) -> Result<(), Reason> {
        match field {
            ["Amt"] => once(&mut self.amount, fields::amount(value, currency)?),
            ["CdtDbtInd"] => once(&mut self.is_debit, fields::is_debit(value)?),
            // A code until version 7, and from then on in an element of its own.
            ["Sts"] if self.is_booked.is_some() => Ok(()),
            ["Sts"] | ["Sts", "Cd" | "Prtry"] => once(&mut self.is_booked, fields::is_booked(value)),
            ["BookgDt", "Dt" | "DtTm"] => once(&mut self.booked_on, iso_day(value)?),
            _ => Ok(()),
        }
    }
}
