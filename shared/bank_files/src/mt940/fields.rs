//! The values of single fields.

use domain::{
    Currency,
    bank::{AccountNumber, Iban},
};

use crate::{
    amount::{Separator, balance, minor},
    day::swift_day,
    error::Reason,
    field::bank_number,
    statement::{BalanceKind, StatedBalance},
};

/// `C261031EUR1234,56`: the sign, the day, the currency and the amount.
pub(super) fn balance_of(kind: BalanceKind, value: &str) -> Result<(Currency, StatedBalance), Reason> {
    let value = value.trim();
    let (is_debit, rest) = match value.strip_prefix('D') {
        Some(rest) => (true, rest),
        None => (false, value.strip_prefix('C').ok_or_else(|| no_sign(value))?),
    };
    let (day, rest) = rest.split_at_checked(6).ok_or(Reason::NotADay)?;
    let day = swift_day(day)?;
    if rest.starts_with(|c: char| c.is_ascii_digit() || c == ',') {
        return Err(Reason::MissingCurrency);
    }
    let (currency, amount) = rest.split_at_checked(3).ok_or(Reason::MissingCurrency)?;
    let currency: Currency = currency.parse().map_err(|_| Reason::UnknownCurrency)?;
    let minor = minor(amount, currency, Separator::Comma)?;
    Ok((currency, StatedBalance { kind, day, balance_minor: balance(minor, is_debit)? }))
}

fn no_sign(value: &str) -> Reason {
    if value.starts_with(|c: char| c.is_ascii_digit()) || value.is_empty() {
        Reason::MissingSign
    } else {
        Reason::UnknownSign
    }
}

/// The amount of an entry, above zero for a credit, and whether it is booked: `2610311031CR1234,56NTRF…` is the value date,
/// perhaps the booking date, the mark, perhaps the third letter of the currency, the amount, and what follows it.
pub(super) fn entry(value: &str, currency: Currency) -> Result<(i64, bool), Reason> {
    let (date, rest) = value.split_at_checked(6).ok_or(Reason::NotADay)?;
    if !date.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Reason::NotADay);
    }
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    if !matches!(digits, 0 | 4) {
        return Err(Reason::MissingSign);
    }
    let marked = rest.get(digits..).unwrap_or_default();
    // A reversed credit takes money, a reversed debit gives it back; an expected one is not booked.
    let marks =
        [("RC", -1, true), ("RD", 1, true), ("EC", 1, false), ("ED", -1, false), ("C", 1, true), ("D", -1, true)];
    let found = marks.into_iter().find_map(|(mark, sign, booked)| Some((marked.strip_prefix(mark)?, sign, booked)));
    let (rest, sign, is_booked) = found.ok_or(if marked.starts_with(',') || marked.is_empty() {
        Reason::MissingSign
    } else {
        Reason::UnknownSign
    })?;
    let rest = rest.strip_prefix(|c: char| c.is_ascii_alphabetic()).unwrap_or(rest);
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != ',').unwrap_or(rest.len());
    let minor = minor(rest.get(..end).unwrap_or_default(), currency, Separator::Comma)?;
    Ok((sign * minor, is_booked))
}

/// The number of a statement and of its page: `123/2`, `00123/002`, `123`.
pub(super) fn numbers(value: &str) -> Result<(Option<u64>, Option<u32>), Reason> {
    let value = value.trim();
    let (statement, page) = value.split_once('/').map_or((value, None), |(statement, page)| (statement, Some(page)));
    let statement = statement.trim().parse().map_err(|_| Reason::NotANumber)?;
    let page = page.map(|page| page.trim().parse().map_err(|_| Reason::NotANumber)).transpose()?;
    // Zero stands for "no number" where banks do not count.
    Ok((Some(statement).filter(|number| *number > 0), page.filter(|number| *number > 0)))
}

/// An IBAN, a number with that of the bank before it (`10020030/1234567`), or a number alone; each perhaps with the currency
/// after it. In `:25P:` the BIC is on a line of its own.
pub(super) fn account(value: &str, bic: Option<&str>) -> Result<AccountNumber, Reason> {
    let compact: String = value.chars().filter(|c| !c.is_whitespace()).collect();
    let without_currency = compact.split_at_checked(compact.len().saturating_sub(3)).and_then(|(number, currency)| {
        let ends_in_digit = number.ends_with(|c: char| c.is_ascii_digit());
        currency.parse::<Currency>().ok().filter(|_| ends_in_digit).map(|_| number)
    });
    let last = |text: &str| text.rsplit('/').next().unwrap_or_default().parse::<Iban>().ok();
    let iban = last(&compact).or_else(|| without_currency.and_then(last));
    if let Some(iban) = iban {
        return Ok(AccountNumber::Iban(iban));
    }
    let text = without_currency.unwrap_or(&compact);
    let (bank, number) = match text.rsplit_once('/') {
        Some((bank, number)) if !bank.is_empty() => (Some(bank), number),
        Some((_, number)) => (bic, number),
        None => (bic, text),
    };
    let bank = bank.map(str::trim).filter(|bank| !bank.is_empty()).map(bank_number).transpose()?;
    Ok(AccountNumber::Own { bank, number: number.parse().map_err(|_| Reason::NotAnAccount)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn euro() -> Currency {
        "EUR".parse().unwrap()
    }

    #[test]
    fn the_mark_of_an_entry_says_its_sign_also_when_it_is_a_reversal() {
        for (value, read) in [
            ("2610311031C1234,56NTRFNONREF", Ok((123_456, true))),
            ("261031D0,5NMSCNONREF", Ok((-50, true))),
            ("2610311031RC10,NTRF", Ok((-1_000, true))),
            ("2610311031RD10,NTRF", Ok((1_000, true))),
            ("2610311031DR10,NTRF", Ok((-1_000, true))),
            ("2610311031RDR10,NTRF", Ok((1_000, true))),
            ("2610311031CD10,NTRF", Ok((1_000, true))),
            ("261031EC10,NTRF", Ok((1_000, false))),
            ("2602301031C10,NTRF", Ok((1_000, true))),
            ("2610311031,56NTRF", Err(Reason::MissingSign)),
            ("26103110311234,56NTRF", Err(Reason::MissingSign)),
            ("2610311031X1,NTRF", Err(Reason::UnknownSign)),
            ("2610311031C1234NTRF", Err(Reason::NotAnAmount)),
            ("26103", Err(Reason::NotADay)),
        ] {
            assert_eq!(entry(value, euro()), read, "{value}");
        }
    }

    #[test]
    fn an_account_is_an_iban_or_a_number_of_its_bank() {
        for (value, bic, read) in [
            ("DE89370400440532013000", None, "DE89370400440532013000"),
            ("DE89 3704 0044 0532 0130 00 EUR", None, "DE89370400440532013000"),
            ("COBADEFFXXX/DE89370400440532013000EUR", None, "DE89370400440532013000"),
            ("10020030/1234567", None, "10020030/1234567"),
            ("10020030/1234567EUR", None, "10020030/1234567"),
            ("0417164300", Some("ABNANL2A"), "ABNANL2A/0417164300"),
            ("/0417164300", None, "0417164300"),
        ] {
            assert_eq!(account(value, bic).unwrap().to_string(), read, "{value}");
        }
        for value in ["", "/", "Zürich"] {
            assert_eq!(account(value, None), Err(Reason::NotAnAccount), "{value}");
        }
    }

    #[test]
    fn a_statement_without_a_number_has_none() {
        assert_eq!(numbers("00123/002"), Ok((Some(123), Some(2))));
        assert_eq!(numbers("0"), Ok((None, None)));
        assert_eq!(numbers("1/x"), Err(Reason::NotANumber));
    }
}
