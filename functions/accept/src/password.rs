//! A chosen password: as Cognito accepts them, and never shown.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

/// The fewest characters; the user pool asks for as many.
pub(crate) const MIN_CHARS: usize = 12;
/// The most characters that Cognito takes.
pub(crate) const MAX_CHARS: usize = 256;

/// A password of 12–256 characters. `Debug` does not show it, and its memory is cleared after use.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Password(SecretString);

/// What is wrong with a password, never quoting it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PasswordError {
    TooShort,
    TooLong,
    Edges,
    Control,
}

impl std::fmt::Display for PasswordError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooShort => write!(f, "must have at least {MIN_CHARS} characters"),
            Self::TooLong => write!(f, "must have at most {MAX_CHARS} characters"),
            Self::Edges => f.write_str("must not begin or end with a space"),
            Self::Control => f.write_str("must not contain control characters"),
        }
    }
}

impl Password {
    /// The password itself, for Cognito and nobody else.
    pub(crate) fn reveal(&self) -> &str {
        self.0.expose_secret()
    }
}

impl TryFrom<String> for Password {
    type Error = PasswordError;

    fn try_from(text: String) -> Result<Self, PasswordError> {
        // Wrapped at once, so that a refused password is cleared too.
        let secret = SecretString::from(text);
        let text = secret.expose_secret();
        match text.chars().count() {
            0..MIN_CHARS => Err(PasswordError::TooShort),
            MIN_CHARS..=MAX_CHARS => Ok(()),
            _ => Err(PasswordError::TooLong),
        }?;
        // Cognito takes no others (pattern `^[\S]+.*[\S]+$`).
        if text.starts_with(char::is_whitespace) || text.ends_with(char::is_whitespace) {
            return Err(PasswordError::Edges);
        }
        if text.chars().any(char::is_control) {
            return Err(PasswordError::Control);
        }
        Ok(Self(secret))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_held_to_what_cognito_takes() {
        for (text, expected) in [
            ("short", Some(PasswordError::TooShort)),
            ("eleven chrs", Some(PasswordError::TooShort)),
            ("twelve chars", None),
            ("zwölf zeiché", None),
            (" leading space", Some(PasswordError::Edges)),
            ("trailing space ", Some(PasswordError::Edges)),
            ("a line\nbreak inside", Some(PasswordError::Control)),
            (&"x".repeat(256), None),
            (&"x".repeat(257), Some(PasswordError::TooLong)),
        ] {
            assert_eq!(Password::try_from(text.to_owned()).err(), expected, "{text}");
        }
    }

    #[test]
    fn a_password_is_not_shown() {
        let password = Password::try_from("Correct-Horse-7-Battery".to_owned()).unwrap();
        assert!(!format!("{password:?}").contains("Horse"));
        assert_eq!(password.reveal(), "Correct-Horse-7-Battery");
    }
}
