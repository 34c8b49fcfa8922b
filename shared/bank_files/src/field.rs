//! Fields that all formats have.

use domain::{Currency, bank::BankNumber};

use crate::{MAX_TEXT_CHARS, error::Reason};

/// Sets a field that may stand once.
pub(crate) fn once<T>(field: &mut Option<T>, value: T) -> Result<(), Reason> {
    if field.replace(value).is_some() { Err(Reason::Twice) } else { Ok(()) }
}

/// A text of the file, as long as one may be, without control characters.
pub(crate) fn bounded(value: &str) -> Result<String, Reason> {
    if value.chars().take(MAX_TEXT_CHARS + 1).count() > MAX_TEXT_CHARS {
        return Err(Reason::TooLong);
    }
    Ok(value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect())
}

/// The code of a currency.
pub(crate) fn code(value: &str) -> Result<Currency, Reason> {
    value.parse().map_err(|_| Reason::UnknownCurrency)
}

/// The number of a bank. A BIC of its head office is written with and without `XXX`, and is the same.
pub(crate) fn bank_number(value: &str) -> Result<BankNumber, Reason> {
    let compact: String = value.chars().filter(|c| !c.is_whitespace()).collect();
    let bank = compact.strip_suffix("XXX").filter(|bank| bank.len() == 8).unwrap_or(&compact);
    bank.parse().map_err(|_| Reason::NotAnAccount)
}
