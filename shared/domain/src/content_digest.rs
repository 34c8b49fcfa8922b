//! The digest of the content that a person saw: a decision counts only for that content.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

/// The SHA-256 of a content as it is stored, 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, pattern = "^[0-9a-f]{64}$")]
pub struct ContentDigest(String);

/// Text that is no digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be the 64 hexadecimal digits that the GET shows as `digest`")]
pub struct ContentDigestError;

impl ContentDigest {
    /// The digest of a content.
    #[must_use]
    pub fn of(content: &impl Serialize) -> Self {
        // A struct of named fields always has a JSON form.
        let json = serde_json::to_vec(content).unwrap_or_default();
        Self(Sha256::digest(json).iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

impl TryFrom<String> for ContentDigest {
    type Error = ContentDigestError;

    fn try_from(text: String) -> Result<Self, ContentDigestError> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if text.len() == 64 && text.bytes().all(is_digit) { Ok(Self(text)) } else { Err(ContentDigestError) }
    }
}

impl From<ContentDigest> for String {
    fn from(digest: ContentDigest) -> Self {
        digest.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_read_as_it_is_written_and_nothing_else_is() {
        let digest = ContentDigest::of(&serde_json::json!({ "total_minor": 5000 }));
        assert_eq!(ContentDigest::try_from(String::from(digest.clone())), Ok(digest));
        for text in ["", "abc", &"A".repeat(64), &"0".repeat(65)] {
            assert_eq!(ContentDigest::try_from((*text).to_owned()), Err(ContentDigestError), "{text}");
        }
    }
}
