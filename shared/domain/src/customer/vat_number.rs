//! VAT numbers: their shape, by the country that their prefix names. Check digits are not computed: a number of the
//! right shape may still be nobody's.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::country::Country;

/// Text that does not have the shape of a VAT number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VatNumberError {
    /// It does not begin with the code of a country.
    #[error("must begin with the code of a country, such as PT (EL for Greece)")]
    Prefix,
    /// The rest has another shape than the country's numbers.
    #[error("does not have the shape of a VAT number of {0}")]
    Shape(&'static str),
    /// It is too long or has characters other than letters and digits.
    #[error("must have 4 to 20 letters and digits")]
    Characters,
}

/// A VAT number with its country's prefix, upper case, without spaces, dots and hyphens: `PT509442013`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, max_length = 40)]
pub struct VatNumber(String);

/// What follows each prefix: `9` is a digit, `A` a letter, `*` either; any other character stands for itself. The
/// shapes are those that the European Commission lists for VIES, and the tax authorities' for the rest.
const SHAPES: [(&str, &[&str]); 31] = [
    ("AT", &["U99999999"]),
    ("BE", &["9999999999"]),
    ("BG", &["999999999", "9999999999"]),
    ("CH", &["E999999999", "E999999999MWST", "E999999999TVA", "E999999999IVA"]),
    ("CY", &["99999999A"]),
    ("CZ", &["99999999", "999999999", "9999999999"]),
    ("DE", &["999999999"]),
    ("DK", &["99999999"]),
    ("EE", &["999999999"]),
    ("EL", &["999999999"]),
    ("ES", &["*9999999*"]),
    ("FI", &["99999999"]),
    ("FR", &["**999999999"]),
    ("GB", &["999999999", "999999999999", "GD999", "HA999"]),
    ("HR", &["99999999999"]),
    ("HU", &["99999999"]),
    ("IE", &["9999999A", "9999999AA", "9A99999A"]),
    ("IT", &["99999999999"]),
    ("LT", &["999999999", "999999999999"]),
    ("LU", &["99999999"]),
    ("LV", &["99999999999"]),
    ("MT", &["99999999"]),
    ("NL", &["999999999B99"]),
    ("NO", &["999999999", "999999999MVA"]),
    ("PL", &["9999999999"]),
    ("PT", &["999999999"]),
    ("RO", &["99", "999", "9999", "99999", "999999", "9999999", "99999999", "999999999", "9999999999"]),
    ("SE", &["999999999999"]),
    ("SI", &["99999999"]),
    ("SK", &["9999999999"]),
    ("XI", &["999999999", "999999999999", "GD999", "HA999"]),
];

fn fits(shape: &str, rest: &str) -> bool {
    let char_fits = |(of_shape, c): (char, char)| match of_shape {
        '9' => c.is_ascii_digit(),
        'A' => c.is_ascii_uppercase(),
        '*' => c.is_ascii_digit() || c.is_ascii_uppercase(),
        literal => c == literal,
    };
    shape.len() == rest.len() && shape.chars().zip(rest.chars()).all(char_fits)
}

impl VatNumber {
    /// The number.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for VatNumber {
    type Err = VatNumberError;

    fn from_str(text: &str) -> Result<Self, VatNumberError> {
        let number: String =
            text.chars().filter(|c| !matches!(c, ' ' | '.' | '-')).map(|c| c.to_ascii_uppercase()).collect();
        if !(4..=20).contains(&number.len()) || !number.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(VatNumberError::Characters);
        }
        let (prefix, rest) = number.split_at(2);
        if let Some((country, shapes)) = SHAPES.iter().find(|(country, _)| *country == prefix) {
            let has_shape = shapes.iter().any(|shape| fits(shape, rest));
            return if has_shape { Ok(Self(number)) } else { Err(VatNumberError::Shape(country)) };
        }
        // Greece writes EL, and no other country's shape is known here.
        match Country::try_from(prefix.to_owned()) {
            Ok(country) if country.code() != "GR" => Ok(Self(number)),
            Ok(_) | Err(_) => Err(VatNumberError::Prefix),
        }
    }
}

impl TryFrom<String> for VatNumber {
    type Error = VatNumberError;

    fn try_from(text: String) -> Result<Self, VatNumberError> {
        text.parse()
    }
}

impl From<VatNumber> for String {
    fn from(number: VatNumber) -> Self {
        number.0
    }
}

impl fmt::Display for VatNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Proves: K1
    #[test]
    fn a_number_has_the_shape_of_its_country() {
        for (text, written) in [
            ("PT 509 442 013", "PT509442013"),
            ("de123456789", "DE123456789"),
            ("NL123456789B01", "NL123456789B01"),
            ("CHE-123.456.789 MWST", "CHE123456789MWST"),
            ("ESX1234567X", "ESX1234567X"),
            ("ATU12345678", "ATU12345678"),
            ("EL123456789", "EL123456789"),
            ("IE1A23456B", "IE1A23456B"),
            // A country whose shape is not known here.
            ("US12-3456789", "US123456789"),
        ] {
            assert_eq!(text.parse::<VatNumber>().unwrap().as_str(), written);
        }
        assert_eq!("PT12345678".parse::<VatNumber>(), Err(VatNumberError::Shape("PT")));
        assert_eq!("NL123456789001".parse::<VatNumber>(), Err(VatNumberError::Shape("NL")));
        for prefix in ["GR123456789", "ZZ123456789", "123456789"] {
            assert_eq!(prefix.parse::<VatNumber>(), Err(VatNumberError::Prefix), "{prefix}");
        }
        for characters in ["", "PT", "PT5094#2013", "PT50944201é", &"PT1".repeat(20)] {
            assert_eq!(characters.parse::<VatNumber>(), Err(VatNumberError::Characters), "{characters}");
        }
    }

    proptest! {
        /// Proves: K1
        #[test]
        fn a_taken_number_is_read_as_it_is_written(text in "\\PC{0,24}|[A-Za-z]{2}[0-9 .-]{2,18}") {
            if let Ok(number) = text.parse::<VatNumber>() {
                prop_assert_eq!(String::from(number.clone()).parse(), Ok(number));
            }
        }
    }
}
