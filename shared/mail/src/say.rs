//! The texts of example letters.

use crate::url::HttpUrl;

/// Gives an example's text as it is, or another in its place.
pub(crate) type Say<'a> = &'a dyn Fn(&'static str) -> String;

/// The link in every example.
pub(crate) fn link() -> HttpUrl {
    HttpUrl::parse("https://c.example/i/in_0192f5c4a7b87c3d9e0f112233445566.1.AAEC-_").unwrap()
}
