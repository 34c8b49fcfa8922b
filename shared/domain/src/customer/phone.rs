//! Telephone numbers.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Text that is no international telephone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be an international number: + and 7 to 15 digits, the first not 0")]
pub struct PhoneError;

/// A telephone number as ITU-T E.164 writes it: `+` and 7 to 15 digits. Spaces, dots, hyphens and parentheses between
/// them are left out.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, max_length = 40)]
pub struct Phone(String);

/// The longest text that is read as a number.
const MAX_TEXT_BYTES: usize = 40;

impl Phone {
    /// The number.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Phone {
    type Err = PhoneError;

    fn from_str(text: &str) -> Result<Self, PhoneError> {
        let rest = text.trim().strip_prefix('+').filter(|_| text.len() <= MAX_TEXT_BYTES).ok_or(PhoneError)?;
        let digits: String = rest.chars().filter(|c| !matches!(c, ' ' | '.' | '-' | '(' | ')')).collect();
        let is_number = (7..=15).contains(&digits.len())
            && !digits.starts_with('0')
            && digits.bytes().all(|byte| byte.is_ascii_digit());
        if is_number { Ok(Self(format!("+{digits}"))) } else { Err(PhoneError) }
    }
}

impl TryFrom<String> for Phone {
    type Error = PhoneError;

    fn try_from(text: String) -> Result<Self, PhoneError> {
        text.parse()
    }
}

impl From<Phone> for String {
    fn from(phone: Phone) -> Self {
        phone.0
    }
}

/// Personal data: a log line that prints one by accident shows only its length.
impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "phone of {} digits", self.0.len().saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves: K1
    #[test]
    fn a_number_is_international_and_written_in_one_way() {
        let phone: Phone = " +351 (21) 123-45.67".parse().unwrap();
        assert_eq!(phone.as_str(), "+351211234567");
        assert_eq!(format!("{phone:?}"), "phone of 12 digits");
        for text in
            ["", "+", "211234567", "00351211234567", "+0351211234567", "+123456", "+1234567890123456", "+35121x"]
        {
            assert_eq!(text.parse::<Phone>(), Err(PhoneError), "{text}");
        }
        assert_eq!(format!("+351211234567{}", " ".repeat(40)).parse::<Phone>(), Err(PhoneError));
    }
}
