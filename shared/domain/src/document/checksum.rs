//! The SHA-256 of a file.

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The SHA-256 of a file, in base64 as S3 writes it (`x-amz-checksum-sha256`): 44 characters.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, pattern = "^[A-Za-z0-9+/]{43}=$")]
pub struct Checksum(String);

/// Text that is no SHA-256 in base64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a SHA-256 in base64: 44 characters, the last of them =")]
pub struct ChecksumError;

impl Checksum {
    /// The checksum of a digest.
    #[must_use]
    pub fn of(digest: [u8; 32]) -> Self {
        Self(STANDARD.encode(digest))
    }

    /// The checksum in base64.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The checksum in lower-case hexadecimal digits, which stand safely in any key.
    #[must_use]
    pub fn hex(&self) -> String {
        STANDARD.decode(&self.0).unwrap_or_default().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl FromStr for Checksum {
    type Err = ChecksumError;

    fn from_str(text: &str) -> Result<Self, ChecksumError> {
        let digest = STANDARD.decode(text).map_err(|_| ChecksumError)?;
        digest.try_into().map(Self::of).map_err(|_| ChecksumError)
    }
}

impl TryFrom<String> for Checksum {
    type Error = ChecksumError;

    fn try_from(text: String) -> Result<Self, ChecksumError> {
        text.parse()
    }
}

impl From<Checksum> for String {
    fn from(checksum: Checksum) -> Self {
        checksum.0
    }
}

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_has_one_spelling() {
        let written = Checksum::of([7; 32]).to_string();
        assert_eq!(written.parse::<Checksum>().unwrap().as_str(), written);
        assert_eq!(written.parse::<Checksum>().unwrap().hex(), "07".repeat(32));
        let hex = "07".repeat(32);
        for text in ["", "BwcH", &hex, written.trim_end_matches('=')] {
            assert_eq!(text.parse::<Checksum>(), Err(ChecksumError), "{text}");
        }
    }
}
