//! The key that seals cursors.

use std::fmt;

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey},
    error::Unspecified,
    hmac, rand,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

/// The length of the key, in bytes.
const KEY_BYTES: usize = 32;

/// The key that seals the cursors of all lists.
///
/// It hides from callers what the table holds, and is kept in the table: who reads that needs no cursor.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CursorKey([u8; KEY_BYTES]);

/// Text that is not a key for cursors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a key of {KEY_BYTES} bytes, base64url")]
pub struct CursorKeyError;

impl TryFrom<String> for CursorKey {
    type Error = CursorKeyError;

    fn try_from(text: String) -> Result<Self, CursorKeyError> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| CursorKeyError)?;
        bytes.try_into().map(Self).map_err(|_| CursorKeyError)
    }
}

impl From<CursorKey> for String {
    fn from(key: CursorKey) -> Self {
        URL_SAFE_NO_PAD.encode(key.0)
    }
}

/// Never the key itself: it would stand in logs.
impl fmt::Debug for CursorKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CursorKey")
    }
}

impl CursorKey {
    /// A random key.
    ///
    /// # Errors
    /// [`Unspecified`] where the system gives no random bytes.
    pub fn generate() -> Result<Self, Unspecified> {
        let mut bytes = [0; KEY_BYTES];
        rand::fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// The key of one list. A nonce is random, and NIST allows 2^32 of these under one key (SP 800-38D, section 8.3): that
    /// many pages of one list, not of all.
    fn of_list(&self, list: &str) -> Option<RandomizedNonceKey> {
        let key = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &self.0), list.as_bytes());
        RandomizedNonceKey::new(&AES_256_GCM, key.as_ref()).ok()
    }

    /// Seals a position in a list: the nonce, then the ciphertext with its tag.
    pub(crate) fn seal(&self, list: &str, mut position: Vec<u8>) -> Option<Vec<u8>> {
        let nonce = self.of_list(list)?.seal_in_place_append_tag(Aad::empty(), &mut position).ok()?;
        Some([nonce.as_ref().as_slice(), &position].concat())
    }

    /// Opens what was sealed for the list; `None` for everything else.
    pub(crate) fn open(&self, list: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, ciphertext) = sealed.split_at_checked(NONCE_LEN)?;
        let (nonce, mut ciphertext) = (Nonce::try_assume_unique_for_key(nonce).ok()?, ciphertext.to_vec());
        let position = self.of_list(list)?.open_in_place(nonce, Aad::empty(), &mut ciphertext).ok()?;
        Some(position.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_back_as_it_was_written_and_never_printed() {
        let key = CursorKey::generate().unwrap();
        let text = String::from(key.clone());
        assert_eq!(CursorKey::try_from(text.clone()), Ok(key.clone()));
        assert!(!format!("{key:?}").contains(&text));
        assert_ne!(key, CursorKey::generate().unwrap());
        for text in ["", "AAAA", "not base64!"] {
            assert_eq!(CursorKey::try_from(text.to_owned()), Err(CursorKeyError), "{text}");
        }
    }
}
