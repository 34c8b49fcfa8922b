//! The language an inviter asks for.

use serde::Deserialize;

/// A language tag of two or three letters, with a region where it matters: `en`, `pt-BR`.
///
/// Letters exist in English only, so it is checked and then forgotten; a caller that sends it now
/// needs no change when there are more.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Locale;

impl TryFrom<String> for Locale {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let (language, region) = match text.split_once('-') {
            Some((language, region)) => (language, Some(region)),
            None => (text.as_str(), None),
        };
        let language = (2..=3).contains(&language.len()) && language.bytes().all(|b| b.is_ascii_lowercase());
        let region = region.is_none_or(|region| region.len() == 2 && region.bytes().all(|b| b.is_ascii_uppercase()));
        if language && region { Ok(Self) } else { Err("is not a language tag such as en or pt-BR") }
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
