//! Links in messages: ours, and nothing that could end an attribute or a header.

use std::fmt;

/// Longest link; mail programs and gateways fold or cut what is longer.
const MAX_URL_BYTES: usize = 2000;

/// A link over HTTP(S), in ASCII, free of spaces, quotes and angle brackets. It may hold a secret
/// (an invitation's), so `Debug` shows only where it leads.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpUrl(String);

/// Text that cannot be a link in a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a link that a message can carry")]
pub struct HttpUrlError;

impl HttpUrl {
    /// Takes a link that we made.
    ///
    /// # Errors
    /// [`HttpUrlError`] unless it begins with `https://` or `http://` and a host, has at most 2000
    /// bytes, all of them visible ASCII, and none of `" ' < > \ ^ { | }` or a backtick.
    pub fn parse(text: &str) -> Result<Self, HttpUrlError> {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let has_host = rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphanumeric()));
        let visible = |b: u8| b.is_ascii_graphic() && !b"\"'<>\\^`{|}".contains(&b);
        if has_host && text.len() <= MAX_URL_BYTES && text.bytes().all(visible) {
            Ok(Self(text.to_owned()))
        } else {
            Err(HttpUrlError)
        }
    }

    /// The link itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for HttpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for HttpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origin: Vec<&str> = self.0.splitn(4, '/').take(3).collect();
        write!(f, "{}/…", origin.join("/"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_links_are_taken() {
        for text in [
            "https://c.example",
            "https://c.example/i/in_0192.1.AAEC-_",
            "http://127.0.0.1:4566/_aws/execute-api/abc/$default/i/x?y=1&z=%20#top",
        ] {
            assert_eq!(HttpUrl::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn what_could_leave_its_place_is_refused() {
        for text in [
            "",
            "c.example",
            "//c.example",
            "https://",
            "https:///x",
            "javascript:alert(1)",
            "HTTPS://c.example",
            "https://c.example/a b",
            "https://c.example/\r\nBcc: eve@evil.example",
            "https://c.example/\">",
            "https://c.example/'",
            "https://c.example/>, <mailto:eve@evil.example",
            "https://c.example/é",
            "https://c.example/\\",
            &format!("https://c.example/{}", "a".repeat(2000)),
        ] {
            assert!(HttpUrl::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn debug_hides_the_path() {
        let url = HttpUrl::parse("https://c.example/i/canary").unwrap();
        assert_eq!(format!("{url:?}"), "https://c.example/…");
    }
}
