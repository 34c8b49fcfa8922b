//! Reads the files in which banks send statements: camt.053 (ISO 20022), OFX and MT940 (SWIFT), into one shape.
//!
//! What is wanted are the balances of accounts by day, and whether they agree with the entries between them. Entries are
//! counted and summed, never kept, so the size of a file does not decide how much memory it takes.
//!
//! The bytes decide which format a file has, never its name. They are hostile: nothing is expanded, nothing is fetched, each
//! loop and text has a limit, and what is refused names its line and its place. This crate must never know where a file
//! came from, whose accounts those are, or what is known of them already.

mod amount;
mod camt;
mod charset;
mod day;
mod entries;
mod error;
mod field;
mod format;
mod merge;
mod mt940;
mod ofx;
mod place;
mod sgml;
mod statement;
#[cfg(test)]
mod tests;
mod xml;

pub use error::{FileError, Place, Reason};
pub use statement::{
    BalanceKind, BankFile, Closing, Copy, Entries, Format, Pages, Period, StatedBalance, Statement, Warning,
};

/// The most bytes of a file: 25 MB.
pub const MAX_FILE_BYTES: usize = 25_000_000;
/// The most statements in a file, each page of one counted: one for each day and account of a year's bundle.
pub const MAX_STATEMENTS: usize = 2_000;
/// The most entries in a file.
pub const MAX_ENTRIES: u32 = 100_000;
/// The most balances in one statement.
pub const MAX_BALANCES: usize = 400;
/// The most currencies in one statement.
pub const MAX_CURRENCIES: usize = 20;
/// How deep elements may lie in one another; camt.053 has less than 20.
pub const MAX_DEPTH: usize = 40;
/// The longest text of a field that is read, in characters; the formats allow 140 for names and 35 for numbers.
pub const MAX_TEXT_CHARS: usize = 200;

/// Reads a file that is here as a whole.
///
/// # Errors
/// Where the file cannot be taken as what it is, and why. A file is taken as a whole or not at all; figures that do not
/// agree with each other are [`Warning`]s.
pub fn read(file: &[u8]) -> Result<BankFile, FileError> {
    if file.len() > MAX_FILE_BYTES {
        return Err(FileError::of_file(Reason::FileTooLarge));
    }
    match format::detect(file)? {
        format::Kind::Xml => {
            let text = charset::of_xml(file)?;
            match format::root(&text) {
                format::Root::Ofx => ofx::read_xml(&text),
                format::Root::Document => camt::read(&text),
            }
        }
        format::Kind::OfxSgml => ofx::read_sgml(&charset::of_ofx(file)?),
        format::Kind::Mt940 => mt940::read(&charset::of_mt940(file)?),
    }
}
