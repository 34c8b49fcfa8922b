//! Where Stripe's minor units are not ISO 4217's. Our amounts are in ISO minor units and go to
//! Stripe as they are, so a currency in which the two differ is refused: converting would work
//! today, and charge a hundred times too much on the day that either table changes.
//!
//! Source: <https://docs.stripe.com/currencies> (zero-decimal, three-decimal, special cases).
//!
//! | currency | ISO 4217 | Stripe | here |
//! | --- | --- | --- | --- |
//! | JPY, KRW, VND and others of [`ZERO_DECIMAL`] | 0 | 0 | taken |
//! | BHD, JOD, KWD, OMR, TND | 3 | 3, last digit 0 | taken in tens |
//! | ISK | 0 | 2, kept for compatibility, multiples of 100 | refused |
//! | UGX | 0 | listed with 0, and among the special cases with 2 | refused |
//! | MGA | 2 | 0 | refused |
//! | HUF, TWD | 2 | 2 for charges (0 only for payouts) | taken |
//! | IQD, LYD (3), CLF, UYW (4), UYI (0) | as shown | 2 or not at all | refused |
//! | every other | 2 | 2 | taken; Stripe refuses what it does not support |

use domain::Currency;

/// Currencies whose amounts Stripe takes in whole units. MGA is one for Stripe but not for ISO.
const ZERO_DECIMAL: [&str; 15] =
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"];

/// Currencies whose amounts Stripe takes in thousandths, the last digit being zero.
const THREE_DECIMAL: [&str; 5] = ["BHD", "JOD", "KWD", "OMR", "TND"];

/// Currencies about which Stripe's own pages contradict each other.
const AMBIGUOUS: [&str; 2] = ["ISK", "UGX"];

/// The least that Stripe charges, in minor units, by currency. Source:
/// <https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts>.
const MINIMUM_MINOR: [(&str, i64); 24] = [
    ("AED", 200),
    ("AUD", 50),
    ("BGN", 100),
    ("BRL", 50),
    ("CAD", 50),
    ("CHF", 50),
    ("CZK", 1_500),
    ("DKK", 250),
    ("EUR", 50),
    ("GBP", 30),
    ("HKD", 400),
    ("HUF", 17_500),
    ("INR", 50),
    ("JPY", 50),
    ("MXN", 1_000),
    ("MYR", 200),
    ("NOK", 300),
    ("NZD", 50),
    ("PLN", 200),
    ("RON", 200),
    ("SEK", 300),
    ("SGD", 50),
    ("THB", 1_000),
    ("USD", 50),
];

/// The least that the provider charges in a currency, in minor units: 1 where it states none. It may still
/// refuse more than that, when the amount is too small in the currency that it settles in.
#[must_use]
pub fn minimum_minor(currency: Currency) -> i64 {
    MINIMUM_MINOR.iter().find(|(code, _)| *code == currency.code()).map_or(1, |(_, minimum)| *minimum)
}

/// Why an amount cannot be charged through Stripe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unchargeable {
    /// Stripe would read the number as another amount.
    Currency,
    /// Stripe takes this currency only in multiples of ten minor units.
    NotInTens,
}

/// Whether the provider charges this amount: minor units as ISO 4217 has them.
#[must_use]
pub fn is_chargeable(currency: Currency, amount_minor: i64) -> bool {
    check(currency, amount_minor).is_ok()
}

/// Whether Stripe reads this number of ISO 4217 minor units as the same amount of money.
pub(crate) fn check(currency: Currency, amount_minor: i64) -> Result<(), Unchargeable> {
    let code = currency.code();
    let stripe_exponent = if ZERO_DECIMAL.contains(&code) {
        0
    } else if THREE_DECIMAL.contains(&code) {
        3
    } else {
        2
    };
    if AMBIGUOUS.contains(&code) || currency.exponent() != stripe_exponent {
        Err(Unchargeable::Currency)
    } else if stripe_exponent == 3 && amount_minor % 10 != 0 {
        Err(Unchargeable::NotInTens)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(code: &str, amount_minor: i64) -> Result<(), Unchargeable> {
        check(code.parse().unwrap(), amount_minor)
    }

    #[test]
    fn currencies_that_both_sides_count_alike_are_taken() {
        for code in ["EUR", "USD", "GBP", "CHF", "HUF", "TWD", "JPY", "KRW", "CLP", "VND", "XAF"] {
            assert_eq!(checked(code, 1_234), Ok(()), "{code}");
        }
        // The whole of Stripe's list, but for the one where ISO differs.
        for code in ZERO_DECIMAL.into_iter().filter(|code| *code != "MGA") {
            assert_eq!(checked(code, 1), Ok(()), "{code}");
        }
    }

    #[test]
    fn currencies_that_are_counted_differently_are_refused() {
        for code in ["ISK", "UGX", "MGA", "IQD", "LYD", "CLF", "UYW", "UYI"] {
            assert_eq!(checked(code, 1_000), Err(Unchargeable::Currency), "{code}");
        }
    }

    /// Proves: U22
    #[test]
    fn the_least_amount_is_known_where_stripe_states_one() {
        for (code, expected) in [("EUR", 50), ("GBP", 30), ("HUF", 17_500), ("JPY", 50), ("ISK", 1), ("KWD", 1)] {
            assert_eq!(minimum_minor(code.parse().unwrap()), expected, "{code}");
        }
        for (code, _) in MINIMUM_MINOR {
            assert!(code.parse::<Currency>().is_ok(), "{code}");
        }
    }

    #[test]
    fn three_decimal_currencies_are_taken_in_tens() {
        for code in THREE_DECIMAL {
            assert_eq!(checked(code, 5_120), Ok(()), "{code}");
            assert_eq!(checked(code, 5_124), Err(Unchargeable::NotInTens), "{code}");
        }
    }
}
