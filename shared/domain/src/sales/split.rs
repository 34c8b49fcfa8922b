//! Lines that do not fit into the item of their document.

use serde::{Deserialize, Serialize};

use super::line::Line;
use crate::content_digest::ContentDigest;

/// The most bytes of lines that stay in their document, as JSON. An item of the table has at most 400 KB.
const MAX_INLINE_BYTES: usize = 200 * 1024;

/// Some of the lines of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinePart {
    /// The digest of the document's content that they are of.
    pub content_digest: ContentDigest,
    /// The lines.
    pub lines: Vec<Line>,
}

/// Takes lines out of a document in which they do not fit; none where they fit.
#[must_use]
pub fn split_lines(lines: &mut Vec<Line>, content_digest: &ContentDigest) -> Vec<LinePart> {
    // A line always has a JSON form.
    let size = |line: &Line| serde_json::to_vec(line).map_or(0, |json| json.len());
    if lines.iter().map(size).sum::<usize>() <= MAX_INLINE_BYTES {
        return Vec::new();
    }
    let mut parts = Vec::new();
    let (mut part, mut bytes) = (Vec::new(), 0);
    for line in lines.drain(..) {
        let of_line = size(&line);
        if bytes + of_line > MAX_INLINE_BYTES && !part.is_empty() {
            parts.push(LinePart { content_digest: content_digest.clone(), lines: std::mem::take(&mut part) });
            bytes = 0;
        }
        bytes += of_line;
        part.push(line);
    }
    parts.push(LinePart { content_digest: content_digest.clone(), lines: part });
    parts
}

/// Puts lines together again; `None` where a part is missing or of another content, because the document changed
/// between the reads.
#[must_use]
pub fn join_lines(parts: Vec<Option<LinePart>>, content_digest: &ContentDigest) -> Option<Vec<Line>> {
    let mut lines = Vec::new();
    for part in parts {
        let part = part.filter(|part| part.content_digest == *content_digest)?;
        lines.extend(part.lines);
    }
    Some(lines)
}
