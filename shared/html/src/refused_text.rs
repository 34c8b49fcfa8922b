//! Why a form refuses a text, in the reader's language.

use domain::{language::Reader, messages, text::TextError};

messages! {
    empty(field) {
        English: "{field} must not be empty",
        German: "{field} darf nicht leer sein",
        French: "{field} ne doit pas être vide",
        Dutch: "{field} mag niet leeg zijn",
        Spanish: "{field} no puede estar en blanco",
    }
    required(field) {
        English: "{field} is required",
        German: "{field} fehlt",
        French: "{field} est obligatoire",
        Dutch: "{field} ontbreekt",
        Spanish: "{field} no puede faltar",
    }
    too_long(field, max) {
        English: "{field} is longer than {max} characters",
        German: "{field} ist länger als {max} Zeichen",
        French: "{field} dépasse {max} caractères",
        Dutch: "{field} is langer dan {max} tekens",
        Spanish: "{field} tiene más de {max} caracteres",
    }
    control(field) {
        English: "{field} contains a control character",
        German: "{field} enthält ein Steuerzeichen",
        French: "{field} contient un caractère de contrôle",
        Dutch: "{field} bevat een besturingsteken",
        Spanish: "{field} contiene un carácter de control",
    }
    invisible(field) {
        English: "{field} must contain a visible character",
        German: "{field} muss ein sichtbares Zeichen enthalten",
        French: "{field} doit contenir un caractère visible",
        Dutch: "{field} moet een zichtbaar teken bevatten",
        Spanish: "{field} debe contener un carácter visible",
    }
    web_address(field) {
        English: "{field} must not contain a web address",
        German: "{field} darf keine Internetadresse enthalten",
        French: "{field} ne doit pas contenir d’adresse web",
        Dutch: "{field} mag geen webadres bevatten",
        Spanish: "{field} no puede contener una dirección web",
    }
}

/// The limits of texts that forms take, in characters.
const LIMITS: [usize; 2] = [domain::Name::MAX_CHARS, domain::Note::MAX_CHARS];

/// Why a text is refused, as a sentence without its full stop: `Your name must not be empty`. The field is its subject,
/// with its article; `detail` is what the API says of the field. `None` where that is nothing about a text.
#[must_use]
pub fn refused_text(reader: &Reader, field: &str, detail: &str) -> Option<String> {
    let is = |error: TextError| detail == error.to_string();
    let max = LIMITS.into_iter().find(|max_chars| is(TextError::TooLong { max_chars: *max_chars }));
    if let Some(max) = max {
        return Some(too_long(reader, field, reader.number(u64::try_from(max).unwrap_or(u64::MAX))));
    }
    if detail == "is required" {
        return Some(required(reader, field));
    }
    if is(TextError::Empty) {
        Some(empty(reader, field))
    } else if is(TextError::Control) {
        Some(control(reader, field))
    } else if is(TextError::Invisible) {
        Some(invisible(reader, field))
    } else if is(TextError::WebAddress) {
        Some(web_address(reader, field))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use domain::{Name, language::Language};

    use super::*;

    /// Somebody who fills in a form would otherwise read why it is refused in another language.
    #[test]
    fn why_a_text_is_refused_is_said_in_every_language() {
        let errors = ["", &"x".repeat(121), "a\u{0}"].map(|text| text.parse::<Name>().unwrap_err().to_string());
        let others = [TextError::Invisible, TextError::WebAddress].map(|error| error.to_string());
        let details = errors.into_iter().chain(others).chain(["is required".to_owned()]);
        for detail in details {
            let said = |language| refused_text(&Reader::of(language), "X", &detail);
            assert_eq!(said(Language::English), Some(format!("X {detail}")), "English is the API's");
            let all: std::collections::BTreeSet<_> = Language::ALL.into_iter().map(said).collect();
            assert_eq!(all.len(), Language::ALL.len(), "{all:?}");
            assert!(!all.contains(&None), "{detail}");
        }
        assert_eq!(refused_text(&Reader::default(), "X", "is not a date such as 2026-11-21"), None);
        let long = TextError::TooLong { max_chars: 2000 }.to_string();
        let said = refused_text(&Reader::of(Language::German), "Der Text", &long);
        assert_eq!(said.as_deref(), Some("Der Text ist länger als 2.000 Zeichen"));
    }
}
