//! The name of a file, as people see it. It is never part of a key.

use std::{fmt, str::FromStr};

use icu_normalizer::ComposingNormalizerBorrowed;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::text::is_forbidden;

/// The name of a file: one line of 1–255 bytes in UTF-8, in Unicode normalization form C. It has no path separator
/// and is not made of dots alone.
///
/// A name that comes decomposed, as macOS sends it, is stored composed: both spellings are the same name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, max_length = 255)]
pub struct FileName(String);

/// Why a file name was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FileNameError {
    /// Nothing but white space.
    #[error("must not be empty")]
    Empty,
    /// More than 255 bytes.
    #[error("is longer than 255 bytes in UTF-8")]
    TooLong,
    /// A slash or a backslash.
    #[error("must not contain a path separator")]
    Separator,
    /// A control or text-direction character.
    #[error("contains a control character")]
    Control,
    /// Dots alone.
    #[error("must not be made of dots alone")]
    Dots,
}

impl FileName {
    /// The longest name, in bytes.
    pub const MAX_BYTES: usize = 255;

    /// The name itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for FileName {
    type Err = FileNameError;

    fn from_str(text: &str) -> Result<Self, FileNameError> {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Err(FileNameError::Empty);
        }
        // Before normalization, which a caller could make expensive with a long text.
        if trimmed.len() > 4 * Self::MAX_BYTES {
            return Err(FileNameError::TooLong);
        }
        let name = ComposingNormalizerBorrowed::new_nfc().normalize(trimmed);
        if name.len() > Self::MAX_BYTES {
            return Err(FileNameError::TooLong);
        }
        if name.contains(['/', '\\']) {
            return Err(FileNameError::Separator);
        }
        let line_break = |c: char| matches!(c, '\u{2028}' | '\u{2029}');
        if name.chars().any(|c| is_forbidden(c) || line_break(c)) {
            return Err(FileNameError::Control);
        }
        if name.chars().all(|c| c == '.' || c.is_whitespace()) {
            return Err(FileNameError::Dots);
        }
        Ok(Self(name.into_owned()))
    }
}

impl TryFrom<String> for FileName {
    type Error = FileNameError;

    fn try_from(text: String) -> Result<Self, FileNameError> {
        text.parse()
    }
}

impl From<FileName> for String {
    fn from(name: FileName) -> Self {
        name.0
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_that_could_mislead_or_escape_is_refused_with_its_reason() {
        for (text, error) in [
            ("", FileNameError::Empty),
            ("  ", FileNameError::Empty),
            ("../etc/passwd", FileNameError::Separator),
            ("a\\b.pdf", FileNameError::Separator),
            ("a\r\nb.pdf", FileNameError::Control),
            ("a\u{0}b.pdf", FileNameError::Control),
            ("invoice\u{202E}fdp.exe", FileNameError::Control),
            ("a\u{2028}b", FileNameError::Control),
            ("..", FileNameError::Dots),
            (". .", FileNameError::Dots),
        ] {
            assert_eq!(text.parse::<FileName>(), Err(error), "{text:?}");
        }
        assert_eq!("é".repeat(128).parse::<FileName>(), Err(FileNameError::TooLong));
        assert!("é".repeat(127).parse::<FileName>().is_ok());
    }

    #[test]
    fn the_composed_and_the_decomposed_spelling_are_one_name() {
        let composed: FileName = "Factura-caf\u{e9}.pdf".parse().unwrap();
        assert_eq!("Factura-cafe\u{301}.pdf".parse::<FileName>().unwrap(), composed);
        assert_eq!(composed.as_str(), "Factura-caf\u{e9}.pdf");
    }

    proptest! {
        #[test]
        fn a_name_that_was_taken_is_taken_again_unchanged(text in "\\PC{0,300}") {
            if let Ok(name) = text.parse::<FileName>() {
                prop_assert!(name.as_str().len() <= FileName::MAX_BYTES);
                prop_assert_eq!(name.as_str().parse::<FileName>().unwrap(), name);
            }
        }
    }
}
