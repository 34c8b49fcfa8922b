//! The characters of a file, by the encoding that it declares. Bytes that the encoding does not have are refused, never
//! replaced: a garbled name would be taken for the right one.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

use crate::error::{FileError, Reason};

/// Within how many bytes a file declares its encoding.
const DECLARED_WITHIN: usize = 1024;

pub(crate) fn of_xml(file: &[u8]) -> Result<Cow<'_, str>, FileError> {
    if let Some((marked, mark_bytes)) = Encoding::for_bom(file) {
        return decode(file.get(mark_bytes..).unwrap_or_default(), marked);
    }
    let label = match file {
        [b'<', 0, ..] => "utf-16le",
        [0, b'<', ..] => "utf-16be",
        _ => return decode(file, known(&declared_in_xml(&head(file)).unwrap_or_else(|| "utf-8".to_owned()))?),
    };
    decode(file, known(label)?)
}

/// By `ENCODING` and `CHARSET` of the header. A header that says neither is of Windows, as most banks' software is, unless
/// the bytes are UTF-8.
pub(crate) fn of_ofx(file: &[u8]) -> Result<Cow<'_, str>, FileError> {
    if let Some((marked, mark_bytes)) = Encoding::for_bom(file) {
        return decode(file.get(mark_bytes..).unwrap_or_default(), marked);
    }
    let head = head(file);
    let header = head.split('<').next().unwrap_or_default().to_ascii_uppercase();
    let encoding = header_value(&header, "ENCODING").unwrap_or_default();
    let charset = header_value(&header, "CHARSET").unwrap_or_default();
    match (encoding, charset) {
        ("UTF-8" | "UTF8" | "UNICODE", _) | (_, "UTF-8" | "UTF8") => decode(file, UTF_8),
        (_, "1252" | "ISO-8859-1" | "8859-1" | "WINDOWS-1252") => decode(file, WINDOWS_1252),
        (_, "" | "NONE") => undeclared(file),
        (_, number) if number.bytes().all(|byte| byte.is_ascii_digit()) => {
            decode(file, known(&format!("windows-{number}"))?)
        }
        (_, label) => decode(file, known(label)?),
    }
}

/// SWIFT declares none, and what is read of it is ASCII.
pub(crate) fn of_mt940(file: &[u8]) -> Result<Cow<'_, str>, FileError> {
    undeclared(file.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(file))
}

fn undeclared(file: &[u8]) -> Result<Cow<'_, str>, FileError> {
    std::str::from_utf8(file).map_or_else(|_| decode(file, WINDOWS_1252), |text| Ok(Cow::Borrowed(text)))
}

fn head(file: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(file.get(..DECLARED_WITHIN).unwrap_or(file))
}

fn known(label: &str) -> Result<&'static Encoding, FileError> {
    Encoding::for_label(label.as_bytes()).ok_or_else(|| {
        FileError::of_file(Reason::UnknownCharset(label.chars().filter(|c| !c.is_control()).take(40).collect()))
    })
}

/// The value of `encoding="…"` in the declaration at the start.
fn declared_in_xml(head: &str) -> Option<String> {
    let declaration = head.trim_start().strip_prefix("<?xml")?.split("?>").next()?;
    let (_, value) = declaration.split_once("encoding")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    value.get(1..)?.split(quote).next().map(str::to_owned)
}

/// The value of a key in a header that has one pair on a line, or all on one.
fn header_value<'h>(header: &'h str, key: &str) -> Option<&'h str> {
    const KEYS: [&str; 6] = ["COMPRESSION:", "OLDFILEUID:", "NEWFILEUID:", "CHARSET:", "SECURITY:", "VERSION:"];
    let (_, value) = header.split_once(key)?;
    let value = value.strip_prefix(':')?.split(['\r', '\n']).next()?;
    let end = KEYS.iter().filter_map(|key| value.find(key)).min().unwrap_or(value.len());
    value.get(..end).map(str::trim)
}

fn decode<'f>(bytes: &'f [u8], encoding: &'static Encoding) -> Result<Cow<'f, str>, FileError> {
    if encoding == UTF_8 {
        return std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|error| {
            let before = bytes.get(..error.valid_up_to()).and_then(|before| std::str::from_utf8(before).ok());
            let before = before.unwrap_or_default();
            FileError::at(before, before.len(), String::new(), Reason::NotInCharset(UTF_8.name()))
        });
    }
    encoding
        .decode_without_bom_handling_and_without_replacement(bytes)
        .ok_or_else(|| FileError::of_file(Reason::NotInCharset(encoding.name())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_xml_file_is_read_in_the_encoding_that_it_declares() {
        let windows = b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xE9\x80</a>";
        assert!(of_xml(windows).unwrap().ends_with("<a>é€</a>"));
        assert!(of_xml("<?xml version=\"1.0\" encoding=\"UTF-8\"?><a>é</a>".as_bytes()).unwrap().ends_with("<a>é</a>"));
        let utf16: Vec<u8> = "<a>é</a>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(of_xml(&utf16).unwrap(), "<a>é</a>");
        assert_eq!(of_xml(&[b"\xFF\xFE".as_slice(), &utf16].concat()).unwrap(), "<a>é</a>");
        assert_eq!(of_xml(b"\xEF\xBB\xBF<a/>").unwrap(), "<a/>");
        assert_eq!(
            of_xml(b"<a>\n\xE9</a>").unwrap_err().to_string(),
            "line 2: a character is not in UTF-8, the encoding that the file declares"
        );
        let unknown = of_xml(b"<?xml version='1.0' encoding='klingon'?><a/>").unwrap_err();
        assert_eq!(unknown.reason, Reason::UnknownCharset("klingon".to_owned()));
    }

    #[test]
    fn an_ofx_file_is_read_by_the_encoding_and_charset_of_its_header() {
        let file = |header: &str, text: &[u8]| [header.as_bytes(), b"\n\n<OFX>".as_slice(), text].concat();
        for (header, text) in [
            ("OFXHEADER:100\nENCODING:USASCII\nCHARSET:1252", b"\xE9\x80".as_slice()),
            ("OFXHEADER:100ENCODING:USASCIICHARSET:1252COMPRESSION:NONE", b"\xE9\x80"),
            ("OFXHEADER:100\r\nENCODING:UTF-8\r\nCHARSET:NONE\r\n", "é€".as_bytes()),
            ("OFXHEADER:100\nENCODING:UNICODE", "é€".as_bytes()),
            ("OFXHEADER:100\nENCODING:USASCII\nCHARSET:NONE", b"\xE9\x80"),
            ("OFXHEADER:100\nENCODING:USASCII\nCHARSET:NONE", "é€".as_bytes()),
        ] {
            assert!(of_ofx(&file(header, text)).unwrap().ends_with("<OFX>é€"), "{header}");
        }
        assert!(of_ofx(&file("OFXHEADER:100\nENCODING:USASCII\nCHARSET:1251", b"\xE9")).unwrap().ends_with("й"));
        let wrong = of_ofx(&file("OFXHEADER:100\nENCODING:UTF-8", b"\n\xE9")).unwrap_err();
        assert_eq!(wrong.place.line, Some(5));
        let unknown = of_ofx(&file("OFXHEADER:100\nCHARSET:9999", b"")).unwrap_err();
        assert_eq!(unknown.reason, Reason::UnknownCharset("windows-9999".to_owned()));
    }
}
