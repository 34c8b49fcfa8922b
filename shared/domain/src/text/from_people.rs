//! What text must be when it comes from people, beyond what a stored text is held to: names that show something
//! and lead nowhere, addresses that a letter reaches.
//!
//! These are functions for serde's `deserialize_with` in request bodies. Items that were written before a rule
//! keep what they hold, and what the ledger reports (a customer may be called `example.com`) is the ledger's.

use serde::{Deserialize, Deserializer, de::Error};

use super::{Email, Name, TextError};
use crate::patch::Patch;

/// Reads the name of a person or an organisation.
///
/// # Errors
/// The deserializer's, with [`TextError`] as its text.
pub fn public_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Name, D::Error> {
    let name = Name::deserialize(deserializer)?;
    check_name(name.as_str()).map_err(D::Error::custom)?;
    Ok(name)
}

/// [`public_name`], or none.
///
/// # Errors
/// As [`public_name`].
pub fn public_name_if_any<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Name>, D::Error> {
    let name = Option::<Name>::deserialize(deserializer)?;
    name.as_ref().map_or(Ok(()), |name| check_name(name.as_str())).map_err(D::Error::custom)?;
    Ok(name)
}

/// Reads an address that letters are to be sent to.
///
/// # Errors
/// The deserializer's, with [`TextError`] as its text.
pub fn deliverable_email<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Email, D::Error> {
    let email = Email::deserialize(deserializer)?;
    if email.is_deliverable() { Ok(email) } else { Err(D::Error::custom(TextError::LocalPart)) }
}

/// [`deliverable_email`], or none.
///
/// # Errors
/// As [`deliverable_email`].
pub fn deliverable_email_if_any<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Email>, D::Error> {
    let email = Option::<Email>::deserialize(deserializer)?;
    match email {
        Some(email) if !email.is_deliverable() => Err(D::Error::custom(TextError::LocalPart)),
        email => Ok(email),
    }
}

/// [`deliverable_email`], or `null`, which removes the address.
///
/// # Errors
/// As [`deliverable_email`].
pub fn deliverable_email_patch<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Patch<Email>, D::Error> {
    Ok(deliverable_email_if_any(deserializer)?.map_or(Patch::Clear, Patch::Set))
}

impl Email {
    /// Whether SES writes to it. It takes a domain of any script in its ASCII form, which every [`Email`] has, but
    /// only ASCII before the `@` (API reference of SES, `Destination`).
    #[must_use]
    pub fn is_deliverable(&self) -> bool {
        self.as_str().is_ascii()
    }
}

fn check_name(name: &str) -> Result<(), TextError> {
    if name.chars().all(is_blank) {
        return Err(TextError::Invisible);
    }
    if names_web_address(name) { Err(TextError::WebAddress) } else { Ok(()) }
}

/// Characters that show nothing: white space, and what Unicode's `Default_Ignorable_Code_Point` lists, with the
/// blanks that it leaves out.
fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || matches!(c,
            '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{2800}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}'
            | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D159}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Top-level domains of more than two letters under which a word with a dot in it is taken for a web address. Names
/// that only look like one (`St.Gallen`, `Tic.Ltd`) end in none of them.
const TOP_LEVEL_DOMAINS: [&str; 52] = [
    "app", "art", "bank", "best", "biz", "blog", "bond", "business", "center", "chat", "click", "cloud", "club",
    "codes", "com", "company", "dev", "digital", "edu", "email", "finance", "fun", "gov", "group", "help", "info",
    "int", "lat", "life", "link", "live", "lol", "media", "mobi", "money", "name", "net", "news", "online", "org",
    "page", "pay", "pro", "sbs", "shop", "site", "space", "store", "tech", "top", "website", "xyz",
];

/// Whether a part of a name would be shown as a link, or reads as one: a scheme, `www.`, or a host name.
///
/// A mail program makes a link of `example.com` by itself. Of two letters every ending counts, for each may be a
/// country's; `Co.KG` and the like, with fewer than three letters before the dot, count only with a path.
fn names_web_address(name: &str) -> bool {
    // Browsers take these for dots, and pass over what shows nothing.
    let dotted = |c: char| if matches!(c, '\u{3002}' | '\u{FF0E}' | '\u{FF61}' | '\u{2024}') { '.' } else { c };
    let text: String =
        name.chars().filter(|c| c.is_whitespace() || !is_blank(*c)).map(dotted).flat_map(char::to_lowercase).collect();
    text.contains("://") || text.contains(":\\\\") || text.split(is_between).any(is_host)
}

/// What stands around a host name. A hyphen may be in one.
fn is_between(c: char) -> bool {
    !(c.is_alphanumeric() || matches!(c, '.' | '-' | '/' | ':' | '?' | '#'))
}

fn is_host(word: &str) -> bool {
    let (host, rest) = word.find(['/', ':', '?', '#']).map_or((word, ""), |at| word.split_at(at));
    let host = host.trim_matches(['.', '-']);
    if host.strip_prefix("www.").is_some_and(|rest| !rest.is_empty()) {
        return true;
    }
    let Some((before, ending)) = host.rsplit_once('.') else { return false };
    let label = before.rsplit('.').next().unwrap_or_default();
    if label.is_empty() {
        return false;
    }
    let is_country = ending.len() == 2 && ending.bytes().all(|b| b.is_ascii_lowercase());
    let has_path = rest.len() > 1;
    let is_coded = ending.starts_with("xn--");
    TOP_LEVEL_DOMAINS.contains(&ending) || is_coded || (is_country && (has_path || label.chars().count() > 2))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn name(text: &str) -> Result<(), TextError> {
        check_name(text.parse::<Name>().unwrap().as_str())
    }

    /// Proves: U16
    #[test]
    fn a_name_that_shows_nothing_is_refused() {
        for text in ["\u{200B}", "\u{2800}", "\u{3164}\u{3164}", "\u{FEFF} \u{2060}", "\u{00AD}", "\u{E0041}"] {
            assert_eq!(name(text), Err(TextError::Invisible), "{text:?}");
        }
        for text in ["x", "Ana\u{200C}", "\u{2800}.", "日本", "👩\u{200D}💻"] {
            assert_eq!(name(text), Ok(()), "{text:?}");
        }
    }

    /// Proves: U16, S8
    #[test]
    fn a_name_that_leads_somewhere_is_refused() {
        for text in [
            "Claim 500 EUR at https://evil.example",
            "Claim at www.evil.example now",
            "WWW.Evil.Example",
            "PayPal (paypal-secure.com)",
            "evil.com/login",
            "t.co/abc",
            "bücher.de",
            "evil\u{3002}com",
            "evil\u{200B}.com",
            "Mail me@evil.com",
            "hxxp://evil",
            "evil.xn--p1ai",
            "evil.shop:8443",
            "see,evil.io,now",
        ] {
            assert_eq!(name(text), Err(TextError::WebAddress), "{text}");
        }
    }

    #[test]
    fn names_that_companies_and_people_have_are_taken() {
        for text in [
            "Müller GmbH & Co.KG",
            "S.p.A. Rossi",
            "Contas e Cia, Lda.",
            "A/S Fjord",
            "J.P. Morgan",
            "Dr.Müller",
            "St.Gallen Treuhand",
            "Tic.Ltd.Şti.",
            "No.1 Bakery",
            "d.o.o. Sava",
            "Yahoo!",
            "24/7 Taxi",
            "Anna-Lena Ø. Ærø",
            "株式会社 日本",
            "Loja: Azul",
            "…",
        ] {
            assert_eq!(name(text), Ok(()), "{text}");
        }
    }

    proptest! {
        /// Proves: U16, S8
        #[test]
        #[test]
        fn no_name_hides_a_web_address_between_words(
            before in "[A-Za-z ]{0,12}", host in "[a-z]{3,12}", ending in prop::sample::select(TOP_LEVEL_DOMAINS.to_vec()),
            after in "[A-Za-z ]{0,12}", hidden in prop::sample::select(vec!["", "\u{200B}", "\u{2060}", "\u{00AD}"])
        ) {
            let text = format!("x{before} {host}{hidden}.{ending} {after}");
            prop_assert_eq!(check_name(&text), Err(TextError::WebAddress));
        }

        /// Proves: U16
        #[test]
        #[test]
        fn a_taken_name_shows_something_and_has_no_scheme(text in "\\PC{1,40}") {
            if check_name(&text).is_ok() {
                prop_assert!(text.chars().any(|c| !is_blank(c)));
                prop_assert!(!text.contains("://"));
            }
        }

        /// Proves: U15
        #[test]
        #[test]
        fn only_an_address_in_ascii_is_written_to(local in "[a-zé]{1,12}", domain in "[a-zü]{3,12}") {
            if let Ok(email) = format!("{local}@{domain}.example").parse::<Email>() {
                prop_assert_eq!(email.is_deliverable(), local.is_ascii());
            }
        }
    }

    /// Proves: U15
    #[test]
    fn an_international_domain_is_written_to_and_an_international_mailbox_is_not() {
        assert!("ana@bücher.example".parse::<Email>().unwrap().is_deliverable());
        assert!(!"josé@example.com".parse::<Email>().unwrap().is_deliverable());
    }
}
