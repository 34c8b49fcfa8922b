//! PDF (ISO 32000): its start, and whether it is encrypted.

use domain::document::{FileType, RefusalReason};

use crate::{Ends, PDF_START_WITHIN, bytes::find};

/// What a PDF begins with.
pub(crate) const SIGNATURE: &[u8] = b"%PDF-";
/// The entry of a trailer that names the encryption.
const ENCRYPT: &[u8] = b"/Encrypt";
/// Some programs write it, or empty lines, before a PDF.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Whether a file begins as a PDF. Only white space may stand before it: anything else could be another file.
pub(crate) fn starts(head: &[u8]) -> bool {
    let start = head.get(..PDF_START_WITHIN).unwrap_or(head);
    start.strip_prefix(BYTE_ORDER_MARK).unwrap_or(start).trim_ascii_start().starts_with(SIGNATURE)
}

/// Refuses a PDF that is encrypted: with a password, or with rights and an empty one. No scanner looks into either.
///
/// The trailer is at the end; of a PDF for the web a second one is near the start.
pub(crate) fn check(file: Ends<'_>) -> Result<FileType, RefusalReason> {
    if is_encrypted(file.head) || is_encrypted(file.tail) { Err(RefusalReason::Encrypted) } else { Ok(FileType::Pdf) }
}

fn is_encrypted(mut bytes: &[u8]) -> bool {
    while let Some(at) = find(bytes, ENCRYPT) {
        bytes = bytes.get(at + ENCRYPT.len()..).unwrap_or_default();
        // Not `/EncryptMetadata`: a name goes on until white space or a delimiter.
        if bytes.first().is_none_or(|byte| byte.is_ascii_whitespace() || b"<[(/%".contains(byte)) {
            return true;
        }
    }
    false
}
