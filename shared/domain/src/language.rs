//! The languages in which this product writes, and how a reader is written to.
//!
//! Words stand beside what they are about, in every language, in a [`messages!`](crate::messages) block: a language
//! that is missing, and an argument that a language does not use, fail the build.

mod messages;
mod written;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{locale::Locale, time::Zone};

pub use messages::uses;

/// A language that this product speaks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub enum Language {
    /// English: also for readers of a language that is not spoken here.
    #[default]
    #[serde(rename = "en")]
    #[schema(rename = "en")]
    English,
    /// German.
    #[serde(rename = "de")]
    #[schema(rename = "de")]
    German,
    /// French.
    #[serde(rename = "fr")]
    #[schema(rename = "fr")]
    French,
    /// Dutch.
    #[serde(rename = "nl")]
    #[schema(rename = "nl")]
    Dutch,
    /// Spanish.
    #[serde(rename = "es")]
    #[schema(rename = "es")]
    Spanish,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 5] = [Self::English, Self::German, Self::French, Self::Dutch, Self::Spanish];

    /// The language tag (BCP 47): `de`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::French => "fr",
            Self::Dutch => "nl",
            Self::Spanish => "es",
        }
    }

    /// The language of a tag; `None` where it is not spoken here.
    #[must_use]
    pub fn of(locale: &Locale) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag() == locale.language())
    }
}

/// Somebody who reads: their language, the region whose way of writing numbers and dates is theirs, and their clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    language: Language,
    /// The tag by which numbers are written: of the reader, where the language is spoken here.
    locale: Option<Locale>,
    zone: Zone,
}

impl Default for Reader {
    fn default() -> Self {
        Self::of(Language::English)
    }
}

impl Reader {
    /// A reader of this language, or of English where it is not spoken here, with this clock.
    #[must_use]
    pub fn new(locale: Option<&Locale>, zone: Zone) -> Self {
        match locale.and_then(|locale| Some((locale, Language::of(locale)?))) {
            Some((locale, language)) => Self { language, locale: Some(locale.clone()), zone },
            None => Self { language: Language::English, locale: None, zone },
        }
    }

    /// A reader of a language, whose region and clock are not known.
    #[must_use]
    pub fn of(language: Language) -> Self {
        Self { language, locale: None, zone: Zone::utc() }
    }

    /// The reader of a browser, by its `Accept-Language` (RFC 9110): the language that is spoken here and that it
    /// prefers, else English. Their clock is not known.
    #[must_use]
    pub fn accepting(accept_language: &str) -> Self {
        Self::new(Locale::accepted(accept_language, |locale| Language::of(locale).is_some()).as_ref(), Zone::utc())
    }

    /// Their language.
    #[must_use]
    pub const fn language(&self) -> Language {
        self.language
    }

    /// Their clock.
    #[must_use]
    pub const fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The tag of their language, with a region where they named one; `None` where they named no language that is spoken
    /// here.
    #[must_use]
    pub const fn locale(&self) -> Option<&Locale> {
        self.locale.as_ref()
    }

    /// The same reader, in the first of these languages that is spoken here; in their own where none is.
    #[must_use]
    pub fn in_first_of<const N: usize>(&self, locales: [Option<&Locale>; N]) -> Self {
        let spoken = locales.into_iter().flatten().find(|locale| Language::of(locale).is_some());
        spoken.map_or_else(|| self.clone(), |locale| Self::new(Some(locale), self.zone.clone()))
    }

    fn region(&self) -> Option<&str> {
        self.locale.as_ref().and_then(Locale::region)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_that_is_not_spoken_here_is_answered_in_english() {
        let language = |tag: &str| Reader::new(Some(&tag.parse().unwrap()), Zone::utc()).language();
        for (tag, expected) in [
            ("de", Language::German),
            ("de-AT", Language::German),
            ("fr-BE", Language::French),
            ("nl", Language::Dutch),
            ("es-MX", Language::Spanish),
            ("en-US", Language::English),
            ("pt-BR", Language::English),
            ("deu", Language::English),
        ] {
            assert_eq!(language(tag), expected, "{tag}");
        }
        assert_eq!(Reader::new(None, Zone::utc()).language(), Language::English);
    }

    /// A person whom somebody invites in German would otherwise be shown the page in their browser's language.
    #[test]
    fn the_first_language_that_is_spoken_here_comes_before_the_readers_own() {
        let tag = |tag: &str| -> Locale { tag.parse().unwrap() };
        let (french, german, portuguese) = (Reader::accepting("fr-BE"), tag("de-AT"), tag("pt-BR"));
        assert_eq!(french.in_first_of([Some(&german), None]).locale(), Some(&german));
        assert_eq!(french.in_first_of([Some(&portuguese), Some(&german)]).language(), Language::German);
        for kept in [french.in_first_of([Some(&portuguese), None]), french.in_first_of([])] {
            assert_eq!((kept.locale(), kept.language()), (Some(&tag("fr-BE")), Language::French));
        }
        assert_eq!(Reader::accepting("pt-BR").locale(), None);
    }

    #[test]
    fn a_browser_is_answered_in_the_language_that_it_prefers_among_those_spoken_here() {
        for (header, expected) in [
            ("de-CH, de;q=0.9, en;q=0.8", Language::German),
            ("pt-BR, pt;q=0.9, es;q=0.5, en;q=0.4", Language::Spanish),
            ("en;q=0.4, fr;q=0.7", Language::French),
            ("nl-NL", Language::Dutch),
            ("DE-de", Language::German),
            ("fr;q=0, en", Language::English),
            ("*", Language::English),
            ("", Language::English),
            (";;q=,,\u{0}de", Language::English),
        ] {
            assert_eq!(Reader::accepting(header).language(), expected, "{header}");
        }
    }
}
