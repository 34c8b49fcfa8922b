//! Money: `i64` minor units and an ISO 4217 currency. There is no floating point here.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An ISO 4217 currency in use, written as its three-letter code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, pattern = "^[A-Z]{3}$")]
pub struct Currency(iso_currency::Currency);

/// Text that is not the code of a currency in which amounts can be stated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not an ISO 4217 currency code such as EUR")]
pub struct CurrencyError;

impl Currency {
    /// The three-letter code, upper case.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// How many decimal digits the minor unit has: 2 for EUR, 0 for JPY, 3 for KWD.
    #[must_use]
    pub fn exponent(self) -> u16 {
        self.0.exponent().unwrap_or(0)
    }
}

impl TryFrom<String> for Currency {
    type Error = CurrencyError;

    fn try_from(code: String) -> Result<Self, CurrencyError> {
        // A code without a minor unit (XAU, XXX …) names no amount of money.
        iso_currency::Currency::from_code(&code)
            .filter(|currency| currency.exponent().is_some())
            .map(Self)
            .ok_or(CurrencyError)
    }
}

impl std::str::FromStr for Currency {
    type Err = CurrencyError;

    fn from_str(code: &str) -> Result<Self, CurrencyError> {
        code.to_owned().try_into()
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.code().to_owned()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// The largest amount accepted, in minor units: sums of a page of them still fit an `i64`.
pub const MAX_AMOUNT_MINOR: i64 = 1_000_000_000_000_000;

/// Why a number is not an amount that can be paid or invoiced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// Zero or less.
    #[error("must be greater than zero")]
    NotPositive,
    /// More than [`MAX_AMOUNT_MINOR`].
    #[error("must be at most {MAX_AMOUNT_MINOR}")]
    TooLarge,
}

/// An amount greater than zero, in minor units, at most 10^15.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "i64", into = "i64")]
#[schema(value_type = i64, minimum = 1, maximum = 1_000_000_000_000_000_i64)]
pub struct Amount(i64);

impl Amount {
    /// The amount in minor units.
    #[must_use]
    pub const fn minor(self) -> i64 {
        self.0
    }
}

impl TryFrom<i64> for Amount {
    type Error = AmountError;

    fn try_from(minor: i64) -> Result<Self, AmountError> {
        match minor {
            ..=0 => Err(AmountError::NotPositive),
            1..=MAX_AMOUNT_MINOR => Ok(Self(minor)),
            _ => Err(AmountError::TooLarge),
        }
    }
}

impl From<Amount> for i64 {
    fn from(amount: Amount) -> Self {
        amount.0
    }
}

/// A total in minor units, from 0 to 10^15.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "i64", into = "i64")]
#[schema(value_type = i64, minimum = 0, maximum = 1_000_000_000_000_000_i64)]
pub struct Total(i64);

/// A number below zero or above [`MAX_AMOUNT_MINOR`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be between 0 and {MAX_AMOUNT_MINOR}")]
pub struct TotalError;

impl Total {
    /// The total in minor units.
    #[must_use]
    pub const fn minor(self) -> i64 {
        self.0
    }
}

impl TryFrom<i64> for Total {
    type Error = TotalError;

    fn try_from(minor: i64) -> Result<Self, TotalError> {
        if (0..=MAX_AMOUNT_MINOR).contains(&minor) { Ok(Self(minor)) } else { Err(TotalError) }
    }
}

impl From<Total> for i64 {
    fn from(total: Total) -> Self {
        total.0
    }
}

/// An amount that may be below zero, in minor units, from -10^15 to 10^15.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "i64", into = "i64")]
#[schema(value_type = i64)]
pub struct Balance(i64);

/// A number outside ±[`MAX_AMOUNT_MINOR`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be between -{MAX_AMOUNT_MINOR} and {MAX_AMOUNT_MINOR}")]
pub struct BalanceError;

impl Balance {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// The balance in minor units.
    #[must_use]
    pub const fn minor(self) -> i64 {
        self.0
    }
}

impl TryFrom<i64> for Balance {
    type Error = BalanceError;

    fn try_from(minor: i64) -> Result<Self, BalanceError> {
        if (-MAX_AMOUNT_MINOR..=MAX_AMOUNT_MINOR).contains(&minor) { Ok(Self(minor)) } else { Err(BalanceError) }
    }
}

impl From<Balance> for i64 {
    fn from(balance: Balance) -> Self {
        balance.0
    }
}

/// An amount with its currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Money {
    /// Minor units.
    pub minor: i64,
    /// The currency the minor units are of.
    pub currency: Currency,
}

impl fmt::Display for Money {
    /// Writes the amount for people: `-1,234.56 EUR`, `1,234 JPY`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exponent = usize::from(self.currency.exponent());
        let digits = format!("{:0>width$}", self.minor.unsigned_abs(), width = exponent + 1);
        let (whole, fraction) = digits.split_at(digits.len() - exponent);
        if self.minor < 0 {
            f.write_str("-")?;
        }
        for (place, digit) in whole.chars().enumerate() {
            if place > 0 && (whole.len() - place).is_multiple_of(3) {
                f.write_str(",")?;
            }
            write!(f, "{digit}")?;
        }
        if exponent > 0 {
            write!(f, ".{fraction}")?;
        }
        write!(f, " {}", self.currency)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn money(minor: i64, code: &str) -> String {
        Money { minor, currency: code.parse().unwrap() }.to_string()
    }

    #[test]
    fn an_amount_is_written_with_its_currencys_decimals() {
        assert_eq!(money(123_456, "EUR"), "1,234.56 EUR");
        assert_eq!(money(5, "EUR"), "0.05 EUR");
        assert_eq!(money(-100_000_000, "EUR"), "-1,000,000.00 EUR");
        assert_eq!(money(1_234, "JPY"), "1,234 JPY");
        assert_eq!(money(1_234, "KWD"), "1.234 KWD");
        assert_eq!(money(i64::MIN, "JPY"), "-9,223,372,036,854,775,808 JPY");
    }

    #[test]
    fn only_currencies_in_which_money_is_counted_are_known() {
        for code in ["eur", "EURO", "ZZZ", "XXX", "XAU", ""] {
            assert!(code.parse::<Currency>().is_err(), "{code}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_says_the_same_amount(minor in any::<i64>()) {
            let digits: String = money(minor, "EUR").chars().filter(|c| c.is_ascii_digit()).collect();
            prop_assert_eq!(digits.parse::<u64>().unwrap(), minor.unsigned_abs());
        }

        #[test]
        fn no_amount_is_zero_negative_or_beyond_the_limit(minor in any::<i64>()) {
            prop_assert_eq!(Amount::try_from(minor).is_ok(), minor > 0 && minor <= MAX_AMOUNT_MINOR);
        }

        #[test]
        fn a_total_may_be_zero_but_never_negative_or_beyond_the_limit(minor in any::<i64>()) {
            prop_assert_eq!(Total::try_from(minor).is_ok(), (0..=MAX_AMOUNT_MINOR).contains(&minor));
            prop_assert!(Total::try_from(0).is_ok());
        }
    }
}
