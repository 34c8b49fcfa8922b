//! Why a file is refused, and at which place.

use std::fmt;

use crate::{MAX_DEPTH, MAX_FILE_BYTES, MAX_TEXT_CHARS};

/// Where something is in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The line, from 1. `None` where the file is refused as a whole.
    pub line: Option<usize>,
    /// The field by its path, such as `BkToCstmrStmt/Stmt[2]/Bal[1]/Amt` or `statement[2]/:62F:`; may be empty.
    pub path: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, self.path.as_str()) {
            (None, "") => f.write_str("the file"),
            (None, path) => f.write_str(path),
            (Some(line), "") => write!(f, "line {line}"),
            (Some(line), path) => write!(f, "line {line}, {path}"),
        }
    }
}

/// A file that is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {reason}")]
pub struct FileError {
    /// Where.
    pub place: Place,
    /// Why.
    pub reason: Reason,
}

impl FileError {
    pub(crate) const fn of_file(reason: Reason) -> Self {
        Self { place: Place { line: None, path: String::new() }, reason }
    }

    /// An error at an offset of the text.
    pub(crate) fn at(text: &str, offset: usize, path: String, reason: Reason) -> Self {
        let before = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        Self { place: Place { line: Some(line), path }, reason }
    }
}

/// Why a file is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// More than [`MAX_FILE_BYTES`].
    #[error("the file has more than {} MB", MAX_FILE_BYTES / 1_000_000)]
    FileTooLarge,
    /// No bytes.
    #[error("the file is empty")]
    Empty,
    /// A ZIP.
    #[error("this is a ZIP; send the files in it")]
    Zip,
    /// None of the three formats.
    #[error("this is no bank statement in camt.053, OFX or MT940")]
    NotAStatement,
    /// Another message of ISO 20022 or another service of OFX or SWIFT.
    #[error("this is {0}, not a bank statement")]
    OtherMessage(String),
    /// A character encoding that nobody knows.
    #[error("the character encoding {0} is not known")]
    UnknownCharset(String),
    /// Bytes that the declared encoding does not have.
    #[error("a character is not in {0}, the encoding that the file declares")]
    NotInCharset(&'static str),
    /// A document type declaration.
    #[error("a document type (DOCTYPE) is not taken")]
    DocumentType,
    /// A reference other than the five of XML and those by number.
    #[error("the entity &{0}; is not taken")]
    Entity(String),
    /// A second root.
    #[error("a second root element follows the first")]
    TwoRoots,
    /// Not well-formed.
    #[error("this is not well-formed")]
    Malformed,
    /// An end tag without its start.
    #[error("</{0}> does not end the element that is open")]
    WrongEnd(String),
    /// The file ends in the middle.
    #[error("the file ends before this is closed")]
    Truncated,
    /// Deeper than [`MAX_DEPTH`].
    #[error("elements lie more than {MAX_DEPTH} deep")]
    TooDeep,
    /// More than a limit allows.
    #[error("there are more than {most} {what}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// The limit.
        most: usize,
    },
    /// A text longer than [`MAX_TEXT_CHARS`].
    #[error("is longer than {MAX_TEXT_CHARS} characters")]
    TooLong,
    /// A required field that is not there.
    #[error("is missing")]
    Missing,
    /// A closing balance without the opening one before it.
    #[error("no opening balance (:60F: or :60M:) stands before it")]
    NoOpening,
    /// A field that stands twice.
    #[error("is there twice")]
    Twice,
    /// A balance or entry without its sign.
    #[error("the sign (credit or debit) is missing")]
    MissingSign,
    /// A sign that is neither credit nor debit.
    #[error("is neither credit nor debit")]
    UnknownSign,
    /// An amount without its currency.
    #[error("the currency is missing")]
    MissingCurrency,
    /// No code of a currency.
    #[error("is not an ISO 4217 currency code such as EUR")]
    UnknownCurrency,
    /// Two currencies where there can be one.
    #[error("is not in {0}, the currency of the balance before")]
    OtherCurrency(&'static str),
    /// Not a number as the format writes it.
    #[error("is not an amount")]
    NotAnAmount,
    /// A sign where the format has a field of its own for it.
    #[error("an amount has no sign of its own here")]
    SignedAmount,
    /// More decimals than the currency has.
    #[error("has more than the {0} decimals of its currency")]
    TooManyDecimals(u16),
    /// Beyond the largest amount.
    #[error("is beyond the largest amount")]
    AmountTooLarge,
    /// Not a day.
    #[error("is not a day of the calendar")]
    NotADay,
    /// A period the wrong way round.
    #[error("ends before it begins")]
    EndsBeforeItBegins,
    /// Not a time.
    #[error("is not a time")]
    NotATime,
    /// Not a whole number.
    #[error("is not a whole number")]
    NotANumber,
    /// Text that names no account.
    #[error("is not the number of an account")]
    NotAnAccount,
    /// Neither true nor false, or no code of the list.
    #[error("is not one of the values of this field")]
    UnknownValue,
}
