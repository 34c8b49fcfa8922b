//! Which format a file has, by its bytes.

use crate::error::{FileError, Reason};

/// How a file is to be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Xml,
    OfxSgml,
    Mt940,
}

/// What an XML file has at its root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Root {
    Document,
    Ofx,
}

/// Within how many bytes a format shows itself: some MT940 files have headers of their bank's first.
const WITHIN: usize = 4096;

const UTF8_MARK: &[u8] = b"\xEF\xBB\xBF";

pub(crate) fn detect(file: &[u8]) -> Result<Kind, FileError> {
    let refused = |reason| Err(FileError::of_file(reason));
    let is_utf16 = file.starts_with(b"\xFF\xFE")
        || file.starts_with(b"\xFE\xFF")
        || file.starts_with(b"<\0")
        || file.starts_with(b"\0<");
    if is_utf16 {
        return Ok(Kind::Xml);
    }
    let bytes = file.strip_prefix(UTF8_MARK).unwrap_or(file).trim_ascii_start();
    let head = bytes.get(..WITHIN).unwrap_or(bytes);
    if bytes.is_empty() {
        return refused(Reason::Empty);
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return refused(Reason::Zip);
    }
    let starts_with = |start: &[u8]| head.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start));
    if starts_with(b"OFXHEADER") || starts_with(b"<OFX>") {
        return Ok(Kind::OfxSgml);
    }
    if head.starts_with(b"<") {
        return Ok(Kind::Xml);
    }
    if head.starts_with(b":20:") || head.starts_with(b"{1:") || has(head, b"\n:20:") || has(head, b"\r:20:") {
        return Ok(Kind::Mt940);
    }
    refused(Reason::NotAStatement)
}

fn has(bytes: &[u8], sought: &[u8]) -> bool {
    bytes.windows(sought.len()).any(|window| window == sought)
}

/// What the root of an XML file is, without reading it: the first tag that is neither declaration nor comment. Malformed
/// files go to the reader of camt.053, which says where.
pub(crate) fn root(text: &str) -> Root {
    let mut rest = text;
    while let Some((_, tag)) = rest.split_once('<') {
        if tag.starts_with("?OFX") {
            return Root::Ofx;
        }
        let end = match tag {
            tag if tag.starts_with('?') => "?>",
            tag if tag.starts_with("!--") => "-->",
            tag if tag.strip_prefix("OFX").is_some_and(|rest| rest.starts_with(['>', ' '])) => return Root::Ofx,
            _ => return Root::Document,
        };
        let Some((_, after)) = tag.split_once(end) else { return Root::Document };
        rest = after;
    }
    Root::Document
}
