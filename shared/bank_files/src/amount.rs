//! Amounts as files write them, into minor units. There is no floating point here.

use domain::{
    Currency,
    money::{Balance, MAX_AMOUNT_MINOR},
};

use crate::error::Reason;

/// How a format separates decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Separator {
    /// `1234.5` (ISO 20022).
    Point,
    /// `1234,5` (SWIFT). The comma stands even where no decimals follow.
    Comma,
    /// Either, with or without groups of thousands by the other one (OFX as banks write it).
    Either,
}

/// An amount without a sign, in minor units of its currency.
pub(crate) fn minor(text: &str, currency: Currency, separator: Separator) -> Result<i64, Reason> {
    if text.starts_with(['+', '-']) {
        return Err(Reason::SignedAmount);
    }
    let (whole, fraction) = match separator {
        Separator::Point => text.split_once('.').unwrap_or((text, "")),
        Separator::Comma => text.split_once(',').ok_or(Reason::NotAnAmount)?,
        Separator::Either => return grouped(text, currency),
    };
    digits(&[whole], fraction, currency)
}

/// An amount with a sign of its own, as OFX has it.
pub(crate) fn signed(text: &str, currency: Currency) -> Result<i64, Reason> {
    let (negative, unsigned) = match (text.strip_prefix('-'), text.strip_prefix('+')) {
        (Some(unsigned), _) => (true, unsigned),
        (None, Some(unsigned)) => (false, unsigned),
        (None, None) => (false, text),
    };
    let minor = minor(unsigned, currency, Separator::Either).map_err(|reason| match reason {
        Reason::SignedAmount => Reason::NotAnAmount,
        reason => reason,
    })?;
    Ok(if negative { -minor } else { minor })
}

/// The last separator is that of the decimals, unless it stands more than once. The other one groups thousands.
fn grouped(text: &str, currency: Currency) -> Result<i64, Reason> {
    let (whole, fraction, grouping) = match text.rfind([',', '.']).and_then(|at| text.split_at_checked(at)) {
        None => (text, "", None),
        Some((whole, rest)) => {
            let mut rest = rest.chars();
            let decimal = rest.next().unwrap_or('.');
            let other = if decimal == '.' { ',' } else { '.' };
            if whole.contains(decimal) { (text, "", Some(decimal)) } else { (whole, rest.as_str(), Some(other)) }
        }
    };
    let groups: Vec<&str> = grouping.map_or_else(|| vec![whole], |grouping| whole.split(grouping).collect());
    let well_grouped = match groups.split_first() {
        Some((first, rest)) => {
            rest.is_empty() || ((1..=3).contains(&first.len()) && rest.iter().all(|group| group.len() == 3))
        }
        None => false,
    };
    if well_grouped { digits(&groups, fraction, currency) } else { Err(Reason::NotAnAmount) }
}

fn digits(whole: &[&str], fraction: &str, currency: Currency) -> Result<i64, Reason> {
    let all = whole.iter().copied().chain([fraction]);
    let are_digits = all.flat_map(str::bytes).all(|byte| byte.is_ascii_digit());
    // ISO 20022 allows `.50`; nothing at all is no amount.
    if !are_digits || (fraction.is_empty() && whole.iter().all(|group| group.is_empty())) {
        return Err(Reason::NotAnAmount);
    }
    let decimals = usize::from(currency.exponent());
    let (kept, excess) = fraction.split_at_checked(decimals).unwrap_or((fraction, ""));
    if excess.bytes().any(|byte| byte != b'0') {
        return Err(Reason::TooManyDecimals(currency.exponent()));
    }
    let padding = std::iter::repeat_n(b'0', decimals.saturating_sub(kept.len()));
    let mut minor = whole.iter().flat_map(|group| group.bytes()).chain(kept.bytes()).chain(padding);
    let minor = minor.try_fold(0_i64, |minor, digit| {
        minor.checked_mul(10)?.checked_add(i64::from(digit - b'0')).filter(|minor| *minor <= MAX_AMOUNT_MINOR)
    });
    minor.ok_or(Reason::AmountTooLarge)
}

/// An amount with the sign that the format states apart.
pub(crate) fn balance(minor: i64, negative: bool) -> Result<Balance, Reason> {
    Balance::try_from(if negative { -minor } else { minor }).map_err(|_| Reason::AmountTooLarge)
}

#[cfg(test)]
mod tests {
    use domain::Money;
    use proptest::prelude::*;

    use super::*;

    fn currency(code: &str) -> Currency {
        code.parse().unwrap()
    }

    #[test]
    fn an_amount_has_the_decimals_of_its_currency() {
        for (text, code, read) in [
            ("5442.09000", "EUR", Ok(544_209)),
            ("18.150", "EUR", Ok(1_815)),
            ("18.150", "KWD", Ok(18_150)),
            ("2700", "JPY", Ok(2_700)),
            ("2700.00", "JPY", Ok(2_700)),
            (".5", "EUR", Ok(50)),
            ("7.", "EUR", Ok(700)),
            ("0", "EUR", Ok(0)),
            ("1000000000000000", "JPY", Ok(1_000_000_000_000_000)),
            ("1000000000000001", "JPY", Err(Reason::AmountTooLarge)),
            ("99999999999999999999999999", "EUR", Err(Reason::AmountTooLarge)),
            ("18.155", "EUR", Err(Reason::TooManyDecimals(2))),
            ("1.5", "JPY", Err(Reason::TooManyDecimals(0))),
            ("-1.00", "EUR", Err(Reason::SignedAmount)),
            ("1,00", "EUR", Err(Reason::NotAnAmount)),
            ("1e3", "EUR", Err(Reason::NotAnAmount)),
            ("1.0.0", "EUR", Err(Reason::NotAnAmount)),
            (".", "EUR", Err(Reason::NotAnAmount)),
            ("", "EUR", Err(Reason::NotAnAmount)),
            ("١", "EUR", Err(Reason::NotAnAmount)),
        ] {
            assert_eq!(minor(text, currency(code), Separator::Point), read, "{text} {code}");
        }
    }

    #[test]
    fn swift_writes_the_comma_even_without_decimals() {
        for (text, read) in [("12,", Ok(1_200)), ("12,3", Ok(1_230)), (",05", Ok(5)), ("12", Err(Reason::NotAnAmount))]
        {
            assert_eq!(minor(text, currency("EUR"), Separator::Comma), read, "{text}");
        }
    }

    #[test]
    fn a_bank_that_groups_thousands_is_understood_and_decimals_are_never_taken_for_them() {
        for (text, read) in [
            ("1.400,82", Ok(140_082)),
            ("1,400.82", Ok(140_082)),
            ("1.234.567,8", Ok(123_456_780)),
            ("1.234.567", Ok(123_456_700)),
            ("-8.95000", Ok(-895)),
            ("+12,5", Ok(1_250)),
            ("-0.01", Ok(-1)),
            ("1.400", Ok(140)),
            ("12.34.56", Err(Reason::NotAnAmount)),
            ("1,23,456.00", Err(Reason::NotAnAmount)),
            ("--1", Err(Reason::NotAnAmount)),
            ("-", Err(Reason::NotAnAmount)),
            ("1 000.00", Err(Reason::NotAnAmount)),
        ] {
            assert_eq!(signed(text, currency("EUR")), read, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_to_the_minor_unit(
            amount in 0..=MAX_AMOUNT_MINOR, code in prop::sample::select(vec!["EUR", "JPY", "KWD"])
        ) {
            let currency = currency(code);
            let written = Money { minor: amount, currency }.to_string();
            let written = written.split(' ').next().unwrap();
            prop_assert_eq!(signed(&format!("-{written}"), currency).ok(), (code != "KWD" || written.contains('.')).then_some(-amount));
            let plain = written.replace(',', "");
            prop_assert_eq!(minor(&plain, currency, Separator::Point), Ok(amount));
            let swift = if plain.contains('.') { plain.replace('.', ",") } else { format!("{plain},") };
            prop_assert_eq!(minor(&swift, currency, Separator::Comma), Ok(amount));
        }

        #[test]
        fn any_text_is_an_amount_or_refused(text in "[-+.,0-9]{0,30}") {
            let _read = signed(&text, currency("EUR"));
        }
    }
}
