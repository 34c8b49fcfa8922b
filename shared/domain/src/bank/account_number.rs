//! How a bank names an account: by its IBAN, or by a number of the bank's own.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An IBAN (ISO 13616): upper case, without spaces, its check digits right.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, pattern = "^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$")]
pub struct Iban(String);

/// Text that is no IBAN, or one that was mistyped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not an IBAN: a country, two check digits and 11 to 30 letters or digits")]
pub struct IbanError;

impl Iban {
    /// As it is stored: upper case, without spaces.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The remainder by 97 of the number that an IBAN spells (ISO 7064): its first four characters last, a letter as two digits.
fn remainder(iban: &[u8]) -> Option<u32> {
    let (head, rest) = iban.split_at_checked(4)?;
    rest.iter().chain(head).try_fold(0, |remainder, character| {
        let digit = char::from(*character).to_digit(36)?;
        Some((remainder * if digit < 10 { 10 } else { 100 } + digit) % 97)
    })
}

impl FromStr for Iban {
    type Err = IbanError;

    fn from_str(text: &str) -> Result<Self, IbanError> {
        let compact: String =
            text.chars().filter(|c| !c.is_ascii_whitespace()).map(|c| c.to_ascii_uppercase()).collect();
        let bytes = compact.as_bytes();
        let country = bytes.get(..2).is_some_and(|country| country.iter().all(u8::is_ascii_uppercase));
        let check = bytes.get(2..4).is_some_and(|check| check.iter().all(u8::is_ascii_digit));
        if country && check && (15..=34).contains(&bytes.len()) && remainder(bytes) == Some(1) {
            Ok(Self(compact))
        } else {
            Err(IbanError)
        }
    }
}

impl TryFrom<String> for Iban {
    type Error = IbanError;

    fn try_from(text: String) -> Result<Self, IbanError> {
        text.parse()
    }
}

impl From<Iban> for String {
    fn from(iban: Iban) -> Self {
        iban.0
    }
}

impl fmt::Display for Iban {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A number that a bank gave an account: 1–40 printable ASCII characters without spaces.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, min_length = 1, max_length = 40)]
pub struct BankNumber(String);

/// Text that is no number of a bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to {} printable ASCII characters", BankNumber::MAX_CHARS)]
pub struct BankNumberError;

impl BankNumber {
    /// The longest number; formats of banks have at most 35 characters.
    pub const MAX_CHARS: usize = 40;

    /// As it is stored: without spaces, letters as the bank writes them.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for BankNumber {
    type Err = BankNumberError;

    fn from_str(text: &str) -> Result<Self, BankNumberError> {
        let compact: String = text.chars().filter(|c| *c != ' ').collect();
        let is_printable = compact.chars().all(|c| c.is_ascii_graphic());
        let is_short = (1..=Self::MAX_CHARS).contains(&compact.len());
        if is_printable && is_short { Ok(Self(compact)) } else { Err(BankNumberError) }
    }
}

impl TryFrom<String> for BankNumber {
    type Error = BankNumberError;

    fn try_from(text: String) -> Result<Self, BankNumberError> {
        text.parse()
    }
}

impl From<BankNumber> for String {
    fn from(number: BankNumber) -> Self {
        number.0
    }
}

impl fmt::Display for BankNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How a bank names an account in its statements.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccountNumber {
    /// By its IBAN.
    Iban(Iban),
    /// By a number that is unique at the bank.
    Own {
        /// The bank: its BIC or its number in the country's clearing. Two banks may give the same number.
        bank: Option<BankNumber>,
        /// The account's number there.
        number: BankNumber,
    },
}

impl fmt::Display for AccountNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Iban(iban) => fmt::Display::fmt(iban, f),
            Self::Own { bank: Some(bank), number } => write!(f, "{bank}/{number}"),
            Self::Own { bank: None, number } => fmt::Display::fmt(number, f),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_iban_is_the_same_with_and_without_spaces() {
        let iban: Iban = "gb82 WEST 1234 5698 7654 32".parse().unwrap();
        assert_eq!(iban.as_str(), "GB82WEST12345698765432");
        for text in ["GB82WEST12345698765433", "GB82", "", "8282WEST12345698765432", "GB82WEST1234569876543ä", "é"] {
            assert_eq!(text.parse::<Iban>(), Err(IbanError), "{text}");
        }
    }

    #[test]
    fn a_number_of_a_bank_is_printable_and_short() {
        assert_eq!("10020030 / 1234567".parse::<BankNumber>().unwrap().as_str(), "10020030/1234567");
        for text in ["", "  ", "1\n2", "ü", &"1".repeat(41)] {
            assert_eq!(text.parse::<BankNumber>(), Err(BankNumberError), "{text}");
        }
    }

    proptest! {
        #[test]
        fn one_wrong_digit_or_two_exchanged_ones_make_no_iban(place in 2_usize..22, by in 1_u8..10) {
            let iban = "DE89370400440532013000";
            let mut wrong = iban.as_bytes().to_vec();
            wrong[place] = b'0' + (wrong[place] - b'0' + by) % 10;
            prop_assert!(String::from_utf8(wrong).unwrap().parse::<Iban>().is_err());
            let mut exchanged = iban.as_bytes().to_vec();
            exchanged.swap(place.min(20), place.min(20) + 1);
            let exchanged = String::from_utf8(exchanged).unwrap();
            prop_assert_eq!(exchanged.parse::<Iban>().is_ok(), exchanged == iban);
        }
    }
}
