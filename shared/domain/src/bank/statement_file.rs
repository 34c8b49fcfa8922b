//! Files of statements: what was read in them, or why one was refused.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    history::DayBalance,
    number::{DaysRead, NumberStatement},
    source::NumberId,
};
use crate::{
    document::{Document, DocumentKind, DocumentVersion, FileType, VersionNumber},
    event::{EventData, NewEvent, kinds},
    id::{CompanyId, DocumentId, Org},
    money::Currency,
    time::{Day, UtcTime, Zone},
};

/// The most accounts in one file, each currency of one counted.
pub const MAX_ACCOUNTS: usize = 100;
/// The most warnings that are kept of one account.
const MAX_WARNINGS: usize = 5;
/// The longest text that is kept of a file, in characters.
const MAX_CHARS: usize = 200;

/// The format of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StatementFormat {
    /// Bank to customer statement of ISO 20022.
    Camt053,
    /// Open Financial Exchange.
    Ofx,
    /// Customer statement message of SWIFT.
    Mt940,
}

/// A version of a document of kind bank statement, as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementFile {
    /// The company.
    pub company: CompanyId,
    /// The document.
    pub document: DocumentId,
    /// The version of the document.
    pub number: VersionNumber,
    /// When it was read.
    pub read_at: UtcTime,
    /// The result.
    pub result: StatementResult,
    /// Always 1: it is written once.
    pub version: u64,
}

/// What a file is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum StatementResult {
    /// It was read.
    Read(StatementContent),
    /// It was refused as a whole.
    Refused(StatementRefusal),
}

/// What was read in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StatementContent {
    /// The format.
    pub format: StatementFormat,
    /// The version of the format that the file names: 8 of `camt.053.001.08`, 102 or 220 of OFX.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format_version: Option<u16>,
    /// How many statements it has, pages of one counted together.
    pub statement_count: u32,
    /// How many entries are booked in it.
    pub entry_count: u32,
    /// The accounts, one for each currency of one.
    pub accounts: Vec<AccountRead>,
}

/// What was read of one account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountRead {
    /// The id of its number.
    pub id: NumberId,
    /// The number: an IBAN, or the bank's own, `bank/number` where the bank is known.
    pub number: String,
    /// The currency.
    pub currency: Currency,
    /// The first day with a balance; absent where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_day: Option<Day>,
    /// The last day with a balance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_day: Option<Day>,
    /// How many days it told of, by what they changed.
    pub days: DaysRead,
    /// What does not agree in it, in English; the first five.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// Why a file was refused, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StatementRefusal {
    /// The line, from 1; absent where the file is refused as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// The field by its path, such as `BkToCstmrStmt/Stmt[2]/Bal[1]/Amt`; may be empty.
    pub path: String,
    /// Why, in English.
    pub reason: String,
}

impl StatementRefusal {
    /// A refusal whose texts have a bounded length and no control characters.
    #[must_use]
    pub fn new(line: Option<u64>, path: &str, reason: &str) -> Self {
        Self { line, path: bounded(path), reason: bounded(reason) }
    }

    /// A refusal of the file as a whole.
    #[must_use]
    pub fn of_file(reason: &str) -> Self {
        Self::new(None, "", reason)
    }
}

fn bounded(text: &str) -> String {
    text.chars().take(MAX_CHARS).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// What a statement of a file says of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountStatement {
    /// Number, currency, names and days.
    pub said: NumberStatement,
    /// What does not agree.
    pub warnings: Vec<String>,
}

/// Puts the statements of each account together, in the order in which accounts begin.
///
/// # Errors
/// A refusal of the file where it has more than [`MAX_ACCOUNTS`], or was made, or tells of a day, after tomorrow.
pub fn by_account(
    statements: impl IntoIterator<Item = AccountStatement>,
    today: Day,
) -> Result<Vec<AccountStatement>, StatementRefusal> {
    let mut accounts: Vec<AccountStatement> = Vec::new();
    let mut places: BTreeMap<NumberId, usize> = BTreeMap::new();
    for statement in statements {
        if let Some((day, _)) = statement.said.days.iter().find(|(day, _)| today.days_until(*day) > 1) {
            return Err(StatementRefusal::of_file(&format!("a balance is of {day}, which is more than a day ahead")));
        }
        // The newest statement of a day counts: one from the future would for ever.
        let made = statement.said.days.iter().filter_map(|(_, balance)| Some(balance.created_at?.day_in(&Zone::utc())));
        if let Some(day) = made.max().filter(|day| today.days_until(*day) > 1) {
            return Err(StatementRefusal::of_file(&format!("it was made on {day}, which is more than a day ahead")));
        }
        let next = accounts.len();
        let place = *places.entry(statement.said.id()).or_insert(next);
        if let Some(account) = accounts.get_mut(place) {
            account.said.days.extend(statement.said.days);
            account.warnings.extend(statement.warnings);
        } else if next < MAX_ACCOUNTS {
            accounts.push(statement);
        } else {
            let reason = format!("there are more than {MAX_ACCOUNTS} accounts in it");
            return Err(StatementRefusal::of_file(&reason));
        }
    }
    Ok(accounts)
}

impl AccountStatement {
    /// What is kept of it once it was applied.
    #[must_use]
    pub fn read(&self, days: DaysRead) -> AccountRead {
        let all = || self.said.days.iter().map(|(day, _): &(Day, DayBalance)| *day);
        AccountRead {
            id: self.said.id(),
            number: self.said.number.to_string(),
            currency: self.said.currency,
            first_day: all().min(),
            last_day: all().max(),
            days,
            warnings: self.warnings.iter().take(MAX_WARNINGS).map(|warning| bounded(warning)).collect(),
        }
    }
}

impl StatementFile {
    /// The record of a file, and the event.
    #[must_use]
    pub fn record(
        company: &CompanyId,
        document: &DocumentId,
        number: VersionNumber,
        result: StatementResult,
        now: UtcTime,
    ) -> (Self, NewEvent) {
        let payload = match &result {
            StatementResult::Read(content) => kinds::BankStatementRead::of(BankStatementRead::of(number, content)),
            StatementResult::Refused(refusal) => {
                kinds::BankStatementRefused::of(BankStatementRefused { number, refusal: refusal.clone() })
            }
        };
        let event = event(company, document, payload);
        let file =
            Self { company: company.clone(), document: document.clone(), number, read_at: now, result, version: 1 };
        (file, event)
    }
}

fn event(company: &CompanyId, document: &DocumentId, payload: EventData) -> NewEvent {
    NewEvent::new(Org::Company(company.clone()), document.as_str(), payload)
}

/// What is to be done with a version of a document of kind bank statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StatementTask<'d> {
    /// Its object is to be read.
    Read {
        /// The version.
        version: &'d DocumentVersion,
        /// The version of its object.
        object: &'d str,
    },
    /// It is refused: no statement that is read has this type.
    Refuse {
        /// The version.
        version: &'d DocumentVersion,
        /// Why.
        refusal: StatementRefusal,
    },
}

impl StatementTask<'_> {
    /// The number of the version.
    #[must_use]
    pub const fn number(&self) -> VersionNumber {
        match self {
            Self::Read { version, .. } | Self::Refuse { version, .. } => version.number,
        }
    }
}

impl Document {
    /// What is to be done with a version of a bank statement: the named one, else the newest clean one. `None` unless the document
    /// is of that kind and there, and the version clean.
    ///
    /// XML and plain text are read. A PDF or a picture is a statement for people, and nothing is to be done. Other files hold
    /// data that nobody reads, and the person who sent it must learn that: they are refused.
    #[must_use]
    pub fn statement_task(&self, number: Option<VersionNumber>) -> Option<StatementTask<'_>> {
        if self.kind != DocumentKind::BankStatement {
            return None;
        }
        let (version, object) = self.to_download(number)?;
        match version.file_type {
            FileType::Xml | FileType::Txt => Some(StatementTask::Read { version, object }),
            FileType::Pdf | FileType::Jpeg | FileType::Png | FileType::Heic | FileType::Avif | FileType::Tiff => None,
            FileType::Csv | FileType::Xlsx | FileType::Docx | FileType::Eml => {
                let file_type = version.file_type;
                let reason = format!(
                    "a file of type {file_type} is not read: send camt.053 as application/xml, OFX or MT940 as text/plain"
                );
                Some(StatementTask::Refuse { version, refusal: StatementRefusal::of_file(&reason) })
            }
        }
    }
}

/// Payload of `bank_statement.read`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BankStatementRead {
    /// The version of the document.
    pub number: VersionNumber,
    /// The format.
    pub format: StatementFormat,
    /// How many accounts it has, each currency of one counted.
    pub account_count: u32,
    /// How many statements it has.
    pub statement_count: u32,
    /// How many entries are booked in it.
    pub entry_count: u32,
    /// How many days it told of, by what they changed.
    pub days: DaysRead,
    /// How many of its accounts have warnings.
    pub warned_count: u32,
}

impl BankStatementRead {
    fn of(number: VersionNumber, content: &StatementContent) -> Self {
        let count = |accounts: usize| u32::try_from(accounts).unwrap_or(u32::MAX);
        let sum = |days: fn(&DaysRead) -> u32| {
            content.accounts.iter().fold(0_u32, |sum, account| sum.saturating_add(days(&account.days)))
        };
        Self {
            number,
            format: content.format,
            account_count: count(content.accounts.len()),
            statement_count: content.statement_count,
            entry_count: content.entry_count,
            days: DaysRead {
                changed: sum(|days| days.changed),
                known: sum(|days| days.known),
                older: sum(|days| days.older),
                not_kept: sum(|days| days.not_kept),
            },
            warned_count: count(content.accounts.iter().filter(|account| !account.warnings.is_empty()).count()),
        }
    }
}

/// Payload of `bank_statement.refused`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BankStatementRefused {
    /// The version of the document.
    pub number: VersionNumber,
    /// Why, and where.
    pub refusal: StatementRefusal,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::examples::{clean, declared};

    fn file(kind: DocumentKind, file_type: FileType) -> Document {
        let document = clean();
        Document { kind, newest: DocumentVersion { file_type, ..document.newest.clone() }, ..document }
    }

    /// Proves: U41, U43
    #[test]
    fn a_bank_statement_is_read_refused_or_left_to_people_by_its_type() {
        for file_type in FileType::ALL {
            let document = file(DocumentKind::BankStatement, *file_type);
            let done = match document.statement_task(None) {
                Some(StatementTask::Read { .. }) => "read",
                Some(StatementTask::Refuse { refusal, .. }) => {
                    assert!(refusal.reason.contains(file_type.media_type()), "{}", refusal.reason);
                    assert!(refusal.reason.ends_with("text/plain"), "it is cut off: {}", refusal.reason);
                    "refused"
                }
                None => "left",
            };
            let expected = match file_type {
                FileType::Xml | FileType::Txt => "read",
                FileType::Csv | FileType::Xlsx | FileType::Docx | FileType::Eml => "refused",
                FileType::Pdf | FileType::Jpeg | FileType::Png | FileType::Heic | FileType::Avif | FileType::Tiff => {
                    "left"
                }
            };
            assert_eq!(done, expected, "{file_type}");
            assert_eq!(file(DocumentKind::Receipt, *file_type).statement_task(None), None, "{file_type}");
        }
        let waiting = Document { kind: DocumentKind::BankStatement, ..declared().document };
        assert_eq!(waiting.statement_task(None), None, "nobody knows yet whether it is clean");
    }
}
