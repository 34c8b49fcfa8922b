//! The `Content-Disposition` of a download.

use std::fmt::Write as _;

use domain::document::FileName;

/// Makes a browser save a file under its name, and never show it: the name in ASCII for old clients, and in UTF-8
/// (RFC 6266, RFC 8187).
#[must_use]
pub fn attachment(name: &FileName) -> String {
    // A quote or a backslash would end the text, and some clients decode percent signs.
    let plain = |c: char| if matches!(c, ' '..='~') && !matches!(c, '"' | '\\' | '%') { c } else { '_' };
    let ascii: String = name.as_str().chars().map(plain).collect();
    let mut encoded = String::new();
    for byte in name.as_str().bytes() {
        // The characters that RFC 8187 lets stand for themselves.
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_reaches_old_and_new_clients_and_ends_no_header_early() {
        for (name, header) in [
            ("Receipt 17.pdf", "attachment; filename=\"Receipt 17.pdf\"; filename*=UTF-8''Receipt%2017.pdf"),
            (
                "Café \"x\";%.pdf",
                "attachment; filename=\"Caf_ _x_;_.pdf\"; filename*=UTF-8''Caf%C3%A9%20%22x%22%3B%25.pdf",
            ),
            ("請求書.pdf", "attachment; filename=\"___.pdf\"; filename*=UTF-8''%E8%AB%8B%E6%B1%82%E6%9B%B8.pdf"),
        ] {
            assert_eq!(attachment(&name.parse().unwrap()), header);
        }
    }
}
