//! MT940, the customer statement message of SWIFT, with what banks make of it: with and without the blocks of SWIFT, with
//! headers of their own, one file of many statements, pages whose balances are interim ones.
//!
//! Of an entry (`:61:`) only its mark and amount are read: its value date may be 30 February.
//!
//! Source: SWIFT Standards MT, category 9, MT 940.

mod fields;

use domain::{Currency, bank::AccountNumber};

use crate::{
    MAX_STATEMENTS,
    entries::EntryCount,
    error::{FileError, Reason},
    field::bounded,
    merge::{Page, statements},
    statement::{BalanceKind, BankFile, Copy, Entries, Format, Pages, StatedBalance, Statement},
};

pub(crate) fn read(text: &str) -> Result<BankFile, FileError> {
    let mut message = Message::default();
    let mut offset = 0;
    let mut current: Option<Field<'_>> = None;
    let mut in_block = false;
    for line in text.split_inclusive(['\n', '\r']) {
        let start = offset;
        offset += line.len();
        let mut line = line.trim_end_matches(['\r', '\n']);
        // The blocks around a message of SWIFT: `{1:…}{2:…}{4:` before it, `-}` after it.
        if line.starts_with("{1:") || line.starts_with("{4:") {
            message.check_type(line).map_err(|reason| FileError::at(text, start, String::new(), reason))?;
            in_block = true;
            line = line.split_once("{4:").map_or("", |(_, first)| first);
        }
        if matches!(line.trim_end(), "-" | "-}") || line.starts_with("-}") {
            message.end_field(text, current.take())?;
            message.end_statement(text, start)?;
            in_block = false;
        } else if let Some((tag, value)) = tagged(line) {
            message.end_field(text, current.take())?;
            current = Some(Field { tag, value, second: None, start });
        } else if let Some(field) = current.as_mut().filter(|_| !line.is_empty()) {
            field.second.get_or_insert(line);
        }
    }
    message.end_field(text, current.take())?;
    if in_block {
        return Err(FileError::at(text, text.len(), message.place(""), Reason::Truncated));
    }
    message.end_statement(text, text.len())?;
    if message.pages.is_empty() {
        return Err(FileError::of_file(Reason::NotAStatement));
    }
    Ok(BankFile { format: Format::Mt940, statements: statements(message.pages) })
}

/// A field with its first line and, where there is one, the line below it.
#[derive(Debug, Clone, Copy)]
struct Field<'t> {
    tag: &'t str,
    value: &'t str,
    second: Option<&'t str>,
    start: usize,
}

/// The tag and value of a line that begins a field.
fn tagged(line: &str) -> Option<(&str, &str)> {
    let (tag, value) = line.strip_prefix(':')?.split_once(':')?;
    let is_numbered = matches!(tag.as_bytes(), [b'0'..=b'9', b'0'..=b'9'] | [b'0'..=b'9', b'0'..=b'9', b'A'..=b'Z']);
    (is_numbered || tag == "NS").then_some((tag, value))
}

#[derive(Debug, Default)]
struct Message {
    is_begun: bool,
    count: usize,
    id: Option<String>,
    account: Option<AccountNumber>,
    sequence: Option<u64>,
    page: Option<u32>,
    currency: Option<Currency>,
    balances: Vec<StatedBalance>,
    is_opened: bool,
    is_closed: bool,
    entries: Entries,
    entry_count: EntryCount,
    pages: Vec<Page>,
}

impl Message {
    fn place(&self, tag: &str) -> String {
        let statement = format!("statement[{}]", self.count.max(1));
        if tag.is_empty() { statement } else { format!("{statement}/:{tag}:") }
    }

    /// Refuses a message of another type than 940, where its block says one.
    fn check_type(&self, line: &str) -> Result<(), Reason> {
        let message_type = line.split_once("{2:").and_then(|(_, block)| block.get(1..4));
        match message_type {
            None | Some("940") => Ok(()),
            Some(other) => Err(Reason::OtherMessage(format!(
                "MT{}",
                other.chars().filter(char::is_ascii_alphanumeric).collect::<String>()
            ))),
        }
    }

    fn end_field(&mut self, text: &str, field: Option<Field<'_>>) -> Result<(), FileError> {
        let Some(field) = field else { return Ok(()) };
        match field.tag {
            "20" => self.end_statement(text, field.start)?,
            // Some banks send several statements under one reference.
            "25" | "25P" if self.account.is_some() => self.end_statement(text, field.start)?,
            "60F" | "60M" if self.is_closed => self.end_day(text, field.start)?,
            _ => {}
        }
        self.take(field).map_err(|reason| FileError::at(text, field.start, self.place(field.tag), reason))
    }

    fn take(&mut self, field: Field<'_>) -> Result<(), Reason> {
        if !self.is_begun && matches!(field.tag, "20" | "25" | "25P") {
            self.is_begun = true;
            self.count = self.count.saturating_add(1);
            if self.count > MAX_STATEMENTS {
                return Err(Reason::TooMany { what: "statements", most: MAX_STATEMENTS });
            }
        }
        match field.tag {
            "20" => self.id = Some(bounded(field.value.trim())?).filter(|id| !id.is_empty()),
            "25" | "25P" => {
                let bic = field.second.filter(|_| field.tag == "25P");
                self.account = Some(fields::account(&bounded(field.value)?, bic)?);
            }
            "28" | "28C" => (self.sequence, self.page) = fields::numbers(field.value)?,
            "60F" => self.open(BalanceKind::OpeningBooked, field.value)?,
            "60M" => self.open(BalanceKind::InterimBooked, field.value)?,
            "61" => {
                self.entry_count.one_more()?;
                let currency = self.currency.ok_or(Reason::MissingCurrency)?;
                match fields::entry(field.value, currency)? {
                    (minor, true) => self.entries.add_booked(minor, None)?,
                    (_, false) => self.entries.add_pending(),
                }
            }
            "62F" => self.close(BalanceKind::ClosingBooked, field.value)?,
            "62M" => self.close(BalanceKind::InterimBooked, field.value)?,
            "64" => self.add(BalanceKind::ClosingAvailable, field.value)?,
            "65" => self.add(BalanceKind::ForwardAvailable, field.value)?,
            "34F" | "90C" | "90D" => return Err(Reason::OtherMessage("MT942".to_owned())),
            _ => {}
        }
        Ok(())
    }

    fn open(&mut self, kind: BalanceKind, value: &str) -> Result<(), Reason> {
        if std::mem::replace(&mut self.is_opened, true) {
            return Err(Reason::Twice);
        }
        self.add(kind, value)
    }

    fn close(&mut self, kind: BalanceKind, value: &str) -> Result<(), Reason> {
        if !self.is_opened {
            return Err(Reason::NoOpening);
        }
        if std::mem::replace(&mut self.is_closed, true) {
            return Err(Reason::Twice);
        }
        self.add(kind, value)
    }

    fn add(&mut self, kind: BalanceKind, value: &str) -> Result<(), Reason> {
        let (currency, balance) = fields::balance_of(kind, value)?;
        if let Some(known) = self.currency.filter(|known| *known != currency) {
            return Err(Reason::OtherCurrency(known.code()));
        }
        self.currency = Some(currency);
        if self.balances.len() >= crate::MAX_BALANCES {
            return Err(Reason::TooMany { what: "balances in a statement", most: crate::MAX_BALANCES });
        }
        self.balances.push(balance);
        Ok(())
    }

    /// Ends a statement whose account goes on under the same number: its next day or currency.
    fn end_day(&mut self, text: &str, offset: usize) -> Result<(), FileError> {
        let (id, account, sequence) = (self.id.clone(), self.account.clone(), self.sequence);
        self.end_statement(text, offset)?;
        (self.id, self.account, self.sequence) = (id, account, sequence);
        self.is_begun = true;
        self.count = self.count.saturating_add(1);
        Ok(())
    }

    fn end_statement(&mut self, text: &str, offset: usize) -> Result<(), FileError> {
        if !self.is_begun {
            return Ok(());
        }
        let missing = |tag: &str| FileError::at(text, offset, self.place(tag), Reason::Missing);
        if !self.is_opened {
            return Err(missing("60F"));
        }
        if !self.is_closed {
            return Err(missing("62F"));
        }
        let currency = self.currency.ok_or_else(|| missing("60F"))?;
        let account = self.account.clone().ok_or_else(|| missing("25"))?;
        let more_follow = self.balances.iter().rev().find_map(|balance| match balance.kind {
            BalanceKind::ClosingBooked => Some(false),
            BalanceKind::InterimBooked => Some(true),
            _ => None,
        });
        let statement = Statement {
            account,
            account_name: None,
            bank_name: None,
            currency,
            id: self.id.take(),
            sequence: self.sequence,
            pages: Pages { more_follow: more_follow == Some(true), ..Pages::ONE },
            period: None,
            balances: std::mem::take(&mut self.balances),
            closing: None,
            entries: std::mem::take(&mut self.entries),
            created_at: None,
            copy: Copy::Original,
            warnings: Vec::new(),
        };
        self.pages.push(Page::new(statement, self.page));
        *self = Self {
            count: self.count,
            entry_count: std::mem::take(&mut self.entry_count),
            pages: std::mem::take(&mut self.pages),
            ..Self::default()
        };
        Ok(())
    }
}
