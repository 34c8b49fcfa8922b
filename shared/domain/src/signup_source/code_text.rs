//! A signup code as people type it, and the digest it is looked up by.

use std::{fmt, str::FromStr};

/// The letters of a code: digits and capitals without I, L, O and U (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Ten letters of five bits: 50 bits, which nobody guesses at the rate the route allows.
const CODE_CHARS: usize = 10;
const MAX_TYPED_CHARS: usize = 64;

/// A signup code as people type it: a secret of sorts, so `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct CodeText(String);

/// Text that cannot be a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a signup code")]
pub struct CodeTextError;

impl CodeText {
    /// The code of a secret: five bits of each of its first ten bytes.
    #[must_use]
    pub fn from_secret(secret: &[u8; 32]) -> Self {
        let letter = |byte: &u8| ALPHABET.get(usize::from(byte & 31)).map_or('0', |letter| char::from(*letter));
        Self(secret.iter().take(CODE_CHARS).map(letter).collect())
    }

    /// The code in its one spelling, without hyphen.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The code as it is shown: `7K3QX-9TM2B`.
    #[must_use]
    pub fn for_people(&self) -> String {
        let (first, second): (String, String) =
            (self.0.chars().take(CODE_CHARS / 2).collect(), self.0.chars().skip(CODE_CHARS / 2).collect());
        format!("{first}-{second}")
    }
}

impl FromStr for CodeText {
    type Err = CodeTextError;

    /// Reads what somebody typed, in any case, with or without hyphens and spaces; letters that look like digits
    /// are read as those digits.
    fn from_str(typed: &str) -> Result<Self, CodeTextError> {
        if typed.chars().count() > MAX_TYPED_CHARS {
            return Err(CodeTextError);
        }
        let text: String = typed
            .chars()
            .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '\u{2010}' | '\u{2011}' | '\u{2013}'))
            .map(|c| match c.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            })
            .collect();
        let known = |byte: u8| ALPHABET.contains(&byte);
        if text.len() == CODE_CHARS && text.bytes().all(known) { Ok(Self(text)) } else { Err(CodeTextError) }
    }
}

impl fmt::Debug for CodeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeText([redacted])")
    }
}

/// The keyed digest by which a code is looked up. Nobody can compute the text from it.
#[derive(Clone, PartialEq, Eq)]
pub struct CodeDigest([u8; 32]);

impl CodeDigest {
    /// Wraps a digest.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for CodeDigest {
    /// Writes 64 hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for CodeDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeDigest([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let code = CodeText::from_secret(&[17; 32]);
        assert_eq!(code.for_people(), "HHHHH-HHHHH");
        let typed = ["7k3qx-9tm2b", " 7K3QX 9TM2B ", "7K3QX9TM2B", "7-K-3-Q-X-9-T-M-2-B"];
        for text in typed {
            assert_eq!(text.parse::<CodeText>().unwrap().reveal(), "7K3QX9TM2B", "{text}");
        }
        assert_eq!("oil00-00000".parse::<CodeText>().unwrap().reveal(), "0110000000");
        for text in ["", "7K3QX-9TM2", "7K3QX-9TM2BB", "7K3QX-9TM2U", "7K3QX-9TM2Ä", &"-".repeat(10_000)] {
            assert_eq!(text.parse::<CodeText>(), Err(CodeTextError), "{text:.40}");
        }
        assert_eq!(format!("{code:?} {:?}", CodeDigest::new([1; 32])), "CodeText([redacted]) CodeDigest([redacted])");
    }

    proptest! {
        #[test]
        fn every_derived_code_is_read_back(secret: [u8; 32]) {
            let code = CodeText::from_secret(&secret);
            prop_assert_eq!(code.for_people().to_lowercase().parse::<CodeText>().unwrap(), code);
        }

        #[test]
        fn any_text_is_refused_or_has_one_spelling(text in ".{0,16}") {
            if let Ok(code) = text.parse::<CodeText>() {
                prop_assert_eq!(code.reveal().parse::<CodeText>().unwrap(), code);
            }
        }
    }
}
