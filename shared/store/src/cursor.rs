//! Cursors: where the next page of a list starts.
//!
//! A position names the last entry that was read, which may be one that the caller may not see. So a cursor that leaves
//! the stack is sealed, and tells its reader nothing.

mod key;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

pub use key::CursorKey;

/// The longest cursor taken, in bytes.
const MAX_CURSOR_BYTES: usize = 1024;

/// Where a page starts: opaque to callers, bound to its list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(String);

/// A cursor of another list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a cursor of this list")]
pub struct CursorError;

impl Cursor {
    /// Wraps a caller's text.
    #[must_use]
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// What to send to the caller.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The cursor that these bytes make.
    pub(crate) fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The bytes of a caller's cursor.
    ///
    /// # Errors
    /// [`CursorError`] for text that no cursor has.
    pub(crate) fn bytes(&self) -> Result<Vec<u8>, CursorError> {
        if self.0.len() > MAX_CURSOR_BYTES {
            return Err(CursorError);
        }
        URL_SAFE_NO_PAD.decode(&self.0).map_err(|_| CursorError)
    }
}
