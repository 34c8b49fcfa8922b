//! Text: CSV, email, XML, plain; and the text that runs.

use domain::document::{FileType, RefusalReason};

/// Fields of an email's header (RFC 5322, RFC 2045), in lower case. Two of them make an email.
const EMAIL_FIELDS: [&str; 13] = [
    "from",
    "to",
    "cc",
    "date",
    "subject",
    "received",
    "return-path",
    "message-id",
    "mime-version",
    "content-type",
    "reply-to",
    "delivered-to",
    "dkim-signature",
];

/// What begins a script, in lower case.
const SCRIPTS: [&str; 6] = ["#!", "<?php", "<?=", "<%", "@echo", "windows registry editor"];

/// Elements that make a page, a picture that runs, or a program out of markup; in lower case, without their namespace.
const ACTIVE_ELEMENTS: [&str; 26] = [
    "html",
    "head",
    "body",
    "script",
    "svg",
    "iframe",
    "style",
    "title",
    "meta",
    "link",
    "base",
    "img",
    "table",
    "div",
    "p",
    "br",
    "h1",
    "a",
    "b",
    "font",
    "form",
    "object",
    "embed",
    "stylesheet",
    "transform",
    "application",
];

/// Namespaces whose elements run in any XML; in lower case.
const ACTIVE_NAMESPACES: [&str; 3] =
    ["http://www.w3.org/1999/xhtml", "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xsl/transform"];

const SEPARATORS: [char; 4] = [',', ';', '\t', '|'];

/// The start of a file as text, if it is text: UTF-8, UTF-16 with its mark, or one byte for each character. Text has no
/// control characters but those of lines and columns.
pub(crate) fn read(head: &[u8], is_whole: bool) -> Option<String> {
    let text = match head {
        [0xFF, 0xFE, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => wide(rest, u16::from_be_bytes),
        _ => match std::str::from_utf8(head) {
            Ok(text) => text.to_owned(),
            // Cut within a character.
            Err(cut) if !is_whole && cut.error_len().is_none() => String::from_utf8_lossy(head).into_owned(),
            Err(_) => head.iter().map(|byte| char::from(*byte)).collect(),
        },
    };
    let is_text = |c: char| matches!(c, '\t' | '\n' | '\r' | '\u{c}') || u32::from(c) >= 0x20;
    (!text.is_empty() && text.chars().all(is_text)).then_some(text)
}

fn wide(bytes: &[u8], number: fn([u8; 2]) -> u16) -> String {
    let units: Vec<u16> = bytes.chunks_exact(2).filter_map(|pair| Some(number(pair.try_into().ok()?))).collect();
    String::from_utf16_lossy(&units)
}

/// The type of a text.
pub(crate) fn check(text: &str) -> Result<FileType, RefusalReason> {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let lower = text.to_ascii_lowercase();
    if SCRIPTS.iter().any(|script| lower.starts_with(script)) {
        return Err(RefusalReason::ActiveContent);
    }
    // Both are text by their bytes.
    if lower.starts_with("{\\rtf") || lower.starts_with("%!ps") {
        return Err(RefusalReason::TypeNotTaken);
    }
    if lower.starts_with('<') {
        return markup(&lower);
    }
    if is_email(&lower) {
        return Ok(FileType::Eml);
    }
    Ok(if is_table(text) { FileType::Csv } else { FileType::Txt })
}

/// XML, unless it is active.
fn markup(lower: &str) -> Result<FileType, RefusalReason> {
    if ACTIVE_NAMESPACES.iter().any(|namespace| lower.contains(namespace)) {
        return Err(RefusalReason::ActiveContent);
    }
    let mut rest = lower;
    loop {
        rest = rest.trim_start();
        let end = match rest {
            _ if rest.starts_with("<!--") => "-->",
            _ if rest.starts_with("<?") => "?>",
            _ if rest.starts_with("<!doctype") => {
                if rest.starts_with("<!doctype html") || rest.starts_with("<!doctype svg") {
                    return Err(RefusalReason::ActiveContent);
                }
                // A few lines of entities that name each other unpack to gigabytes.
                if rest.contains("<!entity") {
                    return Err(RefusalReason::ArchiveRatio);
                }
                ">"
            }
            _ => break,
        };
        rest = rest.split_once(end).map(|(_, rest)| rest).ok_or(RefusalReason::TypeNotTaken)?;
    }
    let element = rest.strip_prefix('<').ok_or(RefusalReason::TypeNotTaken)?;
    let name = element.split(|c: char| c.is_whitespace() || c == '>' || c == '/').next().unwrap_or_default();
    let local = name.rsplit(':').next().unwrap_or_default();
    if ACTIVE_ELEMENTS.contains(&local) {
        return Err(RefusalReason::ActiveContent);
    }
    if local.starts_with(|c: char| c.is_alphabetic() || c == '_') {
        Ok(FileType::Xml)
    } else {
        Err(RefusalReason::TypeNotTaken)
    }
}

/// Whether a text begins with the header of an email: lines `name: value`, each perhaps folded, two of them known.
fn is_email(lower: &str) -> bool {
    let mut known = 0;
    for line in lower.lines().take(100) {
        if line.is_empty() {
            break;
        }
        if line.starts_with([' ', '\t']) {
            continue;
        }
        let Some((name, _)) = line.split_once(':') else { return false };
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') {
            return false;
        }
        known += usize::from(EMAIL_FIELDS.contains(&name));
        if known == 2 {
            return true;
        }
    }
    false
}

/// Whether the first lines have the same number of columns, more than one.
fn is_table(text: &str) -> bool {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).take(3).collect();
    SEPARATORS.iter().any(|separator| {
        let mut counts = lines.iter().map(|line| columns(line, *separator));
        let first = counts.next().unwrap_or_default();
        first > 1 && counts.all(|count| count == first)
    })
}

fn columns(line: &str, separator: char) -> usize {
    let mut is_quoted = false;
    let breaks = line.chars().filter(|c| {
        is_quoted ^= *c == '"';
        *c == separator && !is_quoted
    });
    breaks.count() + 1
}
