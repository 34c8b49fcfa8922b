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

    /// The language: `pt`.
    #[must_use]
    pub fn language(&self) -> &str {
        self.0.split_once('-').map_or(&self.0, |(language, _)| language)
    }

    /// The region, where one is named: `BR`.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        self.0.split_once('-').map(|(_, region)| region)
    }
}

impl Locale {
    /// The tag that a browser prefers (`Accept-Language`, RFC 9110) among those that `is_known`. Parts of the header that
    /// are no such tags are passed over.
    #[must_use]
    pub fn accepted(accept_language: &str, is_known: impl Fn(&Self) -> bool) -> Option<Self> {
        let mut best: Option<(u32, Self)> = None;
        for range in accept_language.split(',').take(MAX_RANGES) {
            let (tag, weight) = range.split_once(';').map_or((range, None), |(tag, weight)| (tag, Some(weight)));
            let Some(locale) = Self::of_any_case(tag.trim()).filter(&is_known) else { continue };
            let Some(weight) = weight.map_or(Some(MAX_WEIGHT), parse_weight) else { continue };
            // Of several with the same weight, the first.
            if weight > best.as_ref().map_or(0, |(best, _)| *best) {
                best = Some((weight, locale));
            }
        }
        best.map(|(_, locale)| locale)
    }

    /// A tag in any case, without the parts that this type does not have: `zh-Hans-CN` is `zh`.
    fn of_any_case(tag: &str) -> Option<Self> {
        let mut parts = tag.split('-');
        let language = parts.next()?.to_ascii_lowercase();
        let region = parts.next().filter(|region| region.len() == 2).map(str::to_ascii_uppercase);
        let with_region = region.map(|region| format!("{language}-{region}"));
        with_region.and_then(|tag| Self::try_from(tag).ok()).or_else(|| Self::try_from(language).ok())
    }
}

/// The most parts of an `Accept-Language` that are read.
const MAX_RANGES: usize = 20;
/// The weight of a part that names none, in thousandths.
const MAX_WEIGHT: u32 = 1000;

/// A weight (`q=0.8`) in thousandths; `None` where it is none.
fn parse_weight(parameter: &str) -> Option<u32> {
    let weight = parameter.trim().strip_prefix("q=")?;
    let (whole, fraction) = weight.split_once('.').unwrap_or((weight, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    match whole {
        "0" => format!("{fraction:0<3}").parse().ok(),
        "1" => Some(MAX_WEIGHT),
        _ => None,
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

impl std::str::FromStr for Locale {
    type Err = LocaleError;

    fn from_str(text: &str) -> Result<Self, LocaleError> {
        Self::try_from(text.to_owned())
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
