//! The values of single fields of camt.053.

use domain::Currency;

use crate::{
    amount::{Separator, minor},
    error::Reason,
    field::code,
    statement::{BalanceKind, Copy},
};

pub(super) fn whole(value: &str) -> Result<u64, Reason> {
    value.parse().map_err(|_| Reason::NotANumber)
}

pub(super) fn boolean(value: &str) -> Result<bool, Reason> {
    match value {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(Reason::UnknownValue),
    }
}

pub(super) fn copy(value: &str) -> Result<Copy, Reason> {
    match value {
        "COPY" => Ok(Copy::Copy),
        "DUPL" => Ok(Copy::Duplicate),
        "CODU" => Ok(Copy::CopyOfDuplicate),
        _ => Err(Reason::UnknownValue),
    }
}

pub(super) fn amount(value: &str, currency: Option<&str>) -> Result<(Currency, i64), Reason> {
    let currency = code(currency.filter(|code| !code.is_empty()).ok_or(Reason::MissingCurrency)?)?;
    Ok((currency, minor(value, currency, Separator::Point)?))
}

pub(super) fn is_debit(value: &str) -> Result<bool, Reason> {
    match value {
        "CRDT" => Ok(false),
        "DBIT" => Ok(true),
        "" => Err(Reason::MissingSign),
        _ => Err(Reason::UnknownSign),
    }
}

/// Whether an entry is in the booked balance. PDNG, INFO, FUTR and what a bank names itself are not.
pub(super) fn is_booked(value: &str) -> bool {
    value == "BOOK"
}

/// `None` for kinds that say nothing of a day's balance, such as XPCD and INFO.
pub(super) fn kind(value: &str) -> Option<BalanceKind> {
    match value {
        "OPBD" | "PRCD" => Some(BalanceKind::OpeningBooked),
        "CLBD" => Some(BalanceKind::ClosingBooked),
        "ITBD" => Some(BalanceKind::InterimBooked),
        "OPAV" => Some(BalanceKind::OpeningAvailable),
        "CLAV" => Some(BalanceKind::ClosingAvailable),
        "ITAV" => Some(BalanceKind::InterimAvailable),
        "FWAV" => Some(BalanceKind::ForwardAvailable),
        _ => None,
    }
}
