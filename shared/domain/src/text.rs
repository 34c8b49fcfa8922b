//! Text from people: length-limited, free of control characters, validated once when parsed.
//!
//! None of these ever becomes part of a table key unescaped; [`Reference`] is the one that may,
//! because its alphabet excludes the key separator.

mod from_people;

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use from_people::{
    deliverable_email, deliverable_email_if_any, deliverable_email_patch, public_name, public_name_if_any,
};

/// Why a piece of text was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing but white space.
    #[error("must not be empty")]
    Empty,
    /// More than the type's limit, counted in characters.
    #[error("is longer than {max_chars} characters")]
    TooLong {
        /// The limit.
        max_chars: usize,
    },
    /// A control or text-direction character.
    #[error("contains a control character")]
    Control,
    /// A character outside the type's alphabet.
    #[error("may contain only letters, digits, dot, hyphen and underscore")]
    Alphabet,
    /// Not an address that mail can be sent to.
    #[error("is not an email address")]
    NotAnEmail,
    /// An address whose part before the `@` has characters that SES does not write to.
    #[error("may have only ASCII characters before the @")]
    LocalPart,
    /// Nothing in it can be seen.
    #[error("must contain a visible character")]
    Invisible,
    /// A web address, which a letter would turn into a link.
    #[error("must not contain a web address")]
    WebAddress,
}

/// Characters that change how following text is displayed; in a name they let one string pass for
/// another (Unicode Technical Report 36, bidirectional text spoofing).
const fn is_direction_control(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}' | '\u{061C}')
}

/// A control or text-direction character.
pub(crate) fn is_forbidden(c: char) -> bool {
    c.is_control() || is_direction_control(c)
}

fn line(text: &str, max_chars: usize) -> Result<String, TextError> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err(TextError::Empty);
    }
    if trimmed.chars().count() > max_chars {
        return Err(TextError::TooLong { max_chars });
    }
    if trimmed.chars().any(is_forbidden) {
        return Err(TextError::Control);
    }
    Ok(trimmed.to_owned())
}

macro_rules! text_type {
    ($(#[$doc:meta])* $name:ident, $max:tt, $parse:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
        #[serde(try_from = "String", into = "String")]
        #[schema(value_type = String, max_length = $max)]
        pub struct $name(String);

        impl $name {
            /// The longest text this type holds, in characters.
            pub const MAX_CHARS: usize = $max;

            /// The text itself.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = TextError;

            fn from_str(text: &str) -> Result<Self, TextError> {
                let parse: fn(&str) -> Result<String, TextError> = $parse;
                parse(text).map(Self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = TextError;

            fn try_from(text: String) -> Result<Self, TextError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_type!(
    /// The name of a person, an organisation, an account or a customer: one line, 1–120
    /// characters.
    #[derive(Debug)]
    Name, 120, |text| line(text, 120)
);

text_type!(
    /// A message or a reason: 1–2,000 characters, line breaks and tabs allowed.
    #[derive(Debug)]
    Note, 2000, |text| {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Err(TextError::Empty);
        }
        if trimmed.chars().count() > 2000 {
            return Err(TextError::TooLong { max_chars: 2000 });
        }
        let unprintable = |c: char| is_forbidden(c) && !matches!(c, '\n' | '\r' | '\t');
        if trimmed.chars().any(unprintable) {
            return Err(TextError::Control);
        }
        Ok(trimmed.replace("\r\n", "\n"))
    }
);

text_type!(
    /// A label of a report, as the ledger wrote it: one line, 1–200 characters.
    #[derive(Debug)]
    Label, 200, |text| line(text, 200)
);

text_type!(
    /// The ledger's own name for one of its objects: 1–64 of `A-Z a-z 0-9 . _ -`.
    ///
    /// The ledger is the master of transactions, invoices, estimates and bank accounts, so they
    /// are keyed by its reference within a company; sending one again is then a replay by nature.
    #[derive(Debug)]
    Reference, 64, |text| {
        if text.is_empty() {
            return Err(TextError::Empty);
        }
        if text.len() > 64 {
            return Err(TextError::TooLong { max_chars: 64 });
        }
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
        if text.bytes().all(allowed) { Ok(text.to_owned()) } else { Err(TextError::Alphabet) }
    }
);

impl Reference {
    /// A reference of our own: a prefix in the alphabet of references, and the hexadecimal digits of a UUID.
    pub(crate) fn of_uuid(prefix: &'static str, uuid: uuid::Uuid) -> Self {
        Self(format!("{prefix}{}", uuid.simple()))
    }
}

text_type!(
    /// An email address whose domain is lower case and in ASCII form; the local part is kept as
    /// it was written, plus and dots included, except for its case.
    ///
    /// RFC 5321 lets a mailbox distinguish case; no mail provider in use does, and two accounts
    /// that differ only in case would let one person's invitation be taken by another.
    Email, 254, |text| {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Err(TextError::Empty);
        }
        if trimmed.chars().count() > 254 {
            return Err(TextError::TooLong { max_chars: 254 });
        }
        if trimmed.chars().any(is_forbidden) {
            return Err(TextError::Control);
        }
        let (local, domain) = trimmed.rsplit_once('@').ok_or(TextError::NotAnEmail)?;
        let domain = idna::domain_to_ascii_strict(domain).map_err(|_| TextError::NotAnEmail)?;
        let address = format!("{}@{}", local.to_lowercase(), domain);
        let quoted = local.contains(['"', '(', ')', '<', '>', ',', ';', ':', '\\', ' ']);
        let deliverable = domain.contains('.') && address.len() <= 254 && !quoted;
        if deliverable && email_address::EmailAddress::is_valid(&address) {
            Ok(address)
        } else {
            Err(TextError::NotAnEmail)
        }
    }
);

/// Personal data: a log line that prints one by accident shows only the domain.
impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "…@{}", self.0.rsplit('@').next().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_address_is_compared_without_regard_to_case() {
        let written: Email = "Ana.Silva+books@Example.COM".parse().unwrap();
        assert_eq!(written.as_str(), "ana.silva+books@example.com");
    }

    #[test]
    fn an_international_domain_has_one_form() {
        let written: Email = "ana@bücher.example".parse().unwrap();
        assert_eq!(written.as_str(), "ana@xn--bcher-kva.example");
    }

    #[test]
    fn what_is_not_an_address_is_refused() {
        for text in [
            "",
            "ana",
            "ana@",
            "@example.com",
            "ana@localhost",
            "a b@example.com",
            "ana@example.com\r\nBcc: eve@example.com",
            "<ana@example.com>",
            "ana@exa mple.com",
            "\"a@b\"@example.com",
            "ana@example..com",
        ] {
            assert!(text.parse::<Email>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn an_address_shows_only_its_domain_when_debug_printed() {
        let email: Email = "ana@example.com".parse().unwrap();
        assert_eq!(format!("{email:?}"), "…@example.com");
    }

    #[test]
    fn a_name_with_a_line_break_or_direction_override_is_refused() {
        assert_eq!("Ana\nBcc: x".parse::<Name>(), Err(TextError::Control));
        assert_eq!("Ana\u{202E}gpj".parse::<Name>(), Err(TextError::Control));
        assert_eq!("  ".parse::<Name>(), Err(TextError::Empty));
        assert_eq!("  Ana  ".parse::<Name>().unwrap().as_str(), "Ana");
        assert!("x".repeat(121).parse::<Name>().is_err());
    }

    /// Proves: K2
    #[test]
    fn a_reference_of_our_own_is_a_reference() {
        let made = Reference::of_uuid("cus-", uuid::Uuid::from_u128(7));
        assert_eq!(made.as_str().parse(), Ok(made.clone()));
    }

    proptest! {
        #[test]
        fn a_reference_never_carries_a_key_separator(text in ".{0,80}") {
            if let Ok(reference) = text.parse::<Reference>() {
                prop_assert!(!reference.as_str().contains(['#', '/', ' ']));
                prop_assert_eq!(reference.as_str(), text.as_str());
            }
        }

        #[test]
        fn parsing_an_address_twice_changes_nothing(text in "[a-zA-Z0-9.+_-]{1,20}@[a-zA-Z0-9-]{1,20}\\.[a-z]{2,5}") {
            if let Ok(email) = text.parse::<Email>() {
                prop_assert_eq!(email.as_str().parse::<Email>().unwrap(), email);
            }
        }
    }
}
