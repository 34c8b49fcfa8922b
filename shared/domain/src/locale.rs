//! The language in which a person gets letters.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Text that is no language tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a language tag such as en or pt-BR")]
pub struct LocaleError;

/// A language tag of two or three letters, with a region where it matters: `en`, `pt-BR` (of the
/// form of BCP 47, without its rarer parts).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, pattern = "^[a-z]{2,3}(-[A-Z]{2})?$")]
pub struct Locale(String);

impl Locale {
    /// The tag as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The region, where one is named: `BR`.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        self.0.split_once('-').map(|(_, region)| region)
    }
}

impl TryFrom<String> for Locale {
    type Error = LocaleError;

    fn try_from(text: String) -> Result<Self, LocaleError> {
        let (language, region) = match text.split_once('-') {
            Some((language, region)) => (language, Some(region)),
            None => (text.as_str(), None),
        };
        let language = (2..=3).contains(&language.len()) && language.bytes().all(|b| b.is_ascii_lowercase());
        let region = region.is_none_or(|region| region.len() == 2 && region.bytes().all(|b| b.is_ascii_uppercase()));
        if language && region { Ok(Self(text)) } else { Err(LocaleError) }
    }
}

impl From<Locale> for String {
    fn from(locale: Locale) -> Self {
        locale.0
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_language_tag_is_a_locale() {
        for (text, is_tag) in [
            ("en", true),
            ("deu", true),
            ("pt-BR", true),
            ("", false),
            ("e", false),
            ("EN", false),
            ("pt-br", false),
            ("pt-", false),
            ("klingon-and-more", false),
        ] {
            assert_eq!(Locale::try_from(text.to_owned()).is_ok(), is_tag, "{text}");
        }
    }
}
