//! Exact decimals: quantities, unit prices and percentages. They are text on the wire and whole numbers of the
//! smallest fraction here; none is ever a float.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Text that is no decimal number of the expected kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    /// Not digits with at most one point.
    #[error("must be a decimal number as text, such as \"12.5\"")]
    Form,
    /// More digits than are kept.
    #[error("has more digits than {before} before and {after} after the point")]
    Digits {
        /// Digits before the point.
        before: usize,
        /// Digits after the point.
        after: usize,
    },
    /// Below zero, where that has no meaning.
    #[error("must not be below 0")]
    Negative,
    /// More than a hundred percent.
    #[error("must be at most 100")]
    AboveHundred,
}

/// Reads digits into a whole number of the smallest fraction.
fn parse(text: &str, before: usize, after: usize) -> Result<i64, DecimalError> {
    let (is_negative, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let leading_zero = whole.len() > 1 && whole.starts_with('0');
    if !all_digits(whole) || leading_zero || !fraction.is_none_or(all_digits) {
        return Err(DecimalError::Form);
    }
    let fraction = fraction.unwrap_or_default();
    if whole.len() > before || fraction.len() > after {
        return Err(DecimalError::Digits { before, after });
    }
    let scaled: i64 = format!("{whole}{fraction:0<after$}").parse().map_err(|_| DecimalError::Form)?;
    Ok(if is_negative { -scaled } else { scaled })
}

/// Writes the shortest text of the same number.
fn write(f: &mut fmt::Formatter<'_>, scaled: i64, after: usize) -> fmt::Result {
    let sign = if scaled < 0 { "-" } else { "" };
    let digits = format!("{:0>width$}", scaled.unsigned_abs(), width = after + 1);
    let (whole, fraction) = digits.split_at(digits.len() - after);
    match fraction.trim_end_matches('0') {
        "" => write!(f, "{sign}{whole}"),
        fraction => write!(f, "{sign}{whole}.{fraction}"),
    }
}

macro_rules! decimal {
    ($(#[$doc:meta])* $name:ident, $before:literal, $after:literal, $pattern:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
        #[serde(try_from = "String", into = "String")]
        #[schema(value_type = String, pattern = $pattern)]
        pub struct $name(i64);

        impl FromStr for $name {
            type Err = DecimalError;

            fn from_str(text: &str) -> Result<Self, DecimalError> {
                let check: fn(i64) -> Result<i64, DecimalError> = $check;
                parse(text, $before, $after).and_then(check).map(Self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = DecimalError;

            fn try_from(text: String) -> Result<Self, DecimalError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(decimal: $name) -> Self {
                decimal.to_string()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write(f, self.0, $after)
            }
        }
    };
}

decimal!(
    /// How many of a unit: up to 9 digits before the point and 6 after it. Below zero for what is taken back.
    Quantity, 9, 6, "^-?[0-9]{1,9}(\\.[0-9]{1,6})?$", Ok
);

decimal!(
    /// The price of one unit, in whole units of the currency: up to 9 digits before the point and 6 after it.
    UnitPrice, 9, 6, "^[0-9]{1,9}(\\.[0-9]{1,6})?$",
    |scaled| if scaled < 0 { Err(DecimalError::Negative) } else { Ok(scaled) }
);

decimal!(
    /// A share of a hundred, from 0 to 100, with up to 4 digits after the point.
    Percent, 3, 4, "^[0-9]{1,3}(\\.[0-9]{1,4})?$",
    |scaled| match scaled {
        ..0 => Err(DecimalError::Negative),
        0..=1_000_000 => Ok(scaled),
        _ => Err(DecimalError::AboveHundred),
    }
);

impl Percent {
    /// Nothing of it.
    pub const ZERO: Self = Self(0);

    /// Whether it is nothing.
    #[must_use]
    pub const fn is_zero(&self) -> bool {
        self.0 == 0
    }

    /// This share of an amount, half away from zero.
    #[must_use]
    pub fn of(self, minor: i128) -> i128 {
        rounded(minor * i128::from(self.0), 1_000_000)
    }
}

/// Divides by a power of ten and rounds half away from zero: the rule for the absolute value, with the sign restored.
#[must_use]
pub(super) const fn rounded(number: i128, by: i128) -> i128 {
    let magnitude = (number.abs() + by / 2) / by;
    if number < 0 { -magnitude } else { magnitude }
}

/// The amount of a quantity at a price, in minor units of a currency with so many decimals.
#[must_use]
pub(super) fn priced(quantity: Quantity, price: UnitPrice, exponent: u16) -> i128 {
    // Both have six decimals, so the product has twelve; a currency has at most four.
    let by = 10_i128.pow(12_u32.saturating_sub(u32::from(exponent)));
    rounded(i128::from(quantity.0) * i128::from(price.0), by)
}
