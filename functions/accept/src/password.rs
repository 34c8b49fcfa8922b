//! A chosen password: as Cognito accepts them, and never shown.

use domain::{language::Reader, messages};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

/// The fewest characters; the user pool asks for as many.
pub(crate) const MIN_CHARS: usize = 12;
/// The most characters that Cognito takes.
pub(crate) const MAX_CHARS: usize = 256;

/// A password of 12–256 characters. `Debug` does not show it, and its memory is cleared after use.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Password(SecretString);

/// What is wrong with a password, never quoting it. The latter ones are the user pool's, in our own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PasswordError {
    TooShort,
    TooLong,
    Edges,
    Control,
    ShorterThanAsked,
    NoLowerCase,
    NoUpperCase,
    NoDigit,
    NoSymbol,
    NotTaken,
}

impl PasswordError {
    const ALL: [Self; 10] = [
        Self::TooShort,
        Self::TooLong,
        Self::Edges,
        Self::Control,
        Self::ShorterThanAsked,
        Self::NoLowerCase,
        Self::NoUpperCase,
        Self::NoDigit,
        Self::NoSymbol,
        Self::NotTaken,
    ];

    /// The error that the API tells so.
    pub(crate) fn of_detail(detail: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|error| error.to_string() == detail)
    }

    /// As a sentence, without its full stop.
    pub(crate) fn in_words(self, reader: &Reader) -> String {
        let said = match self {
            Self::TooShort => return too_short(reader, MIN_CHARS),
            Self::TooLong => return too_long(reader, MAX_CHARS),
            Self::Edges => edges(reader),
            Self::Control => control(reader),
            Self::ShorterThanAsked => shorter_than_asked(reader),
            Self::NoLowerCase => no_lower_case(reader),
            Self::NoUpperCase => no_upper_case(reader),
            Self::NoDigit => no_digit(reader),
            Self::NoSymbol => no_symbol(reader),
            Self::NotTaken => not_taken(reader),
        };
        said.to_owned()
    }
}

impl std::fmt::Display for PasswordError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooShort => write!(f, "must have at least {MIN_CHARS} characters"),
            Self::TooLong => write!(f, "must have at most {MAX_CHARS} characters"),
            Self::Edges => f.write_str("must not begin or end with a space"),
            Self::Control => f.write_str("must not contain control characters"),
            Self::ShorterThanAsked => f.write_str("is too short"),
            Self::NoLowerCase => f.write_str("must contain a lower-case letter"),
            Self::NoUpperCase => f.write_str("must contain an upper-case letter"),
            Self::NoDigit => f.write_str("must contain a digit"),
            Self::NoSymbol => f.write_str("must contain a symbol"),
            Self::NotTaken => f.write_str("is not a password that is taken here"),
        }
    }
}

messages! {
    too_short(min) {
        English: "The password must have at least {min} characters",
        German: "Das Passwort muss mindestens {min} Zeichen haben",
        French: "Le mot de passe doit comporter au moins {min} caractères",
        Dutch: "Het wachtwoord moet minstens {min} tekens hebben",
        Spanish: "La contraseña debe tener al menos {min} caracteres",
    }
    too_long(max) {
        English: "The password must have at most {max} characters",
        German: "Das Passwort darf höchstens {max} Zeichen haben",
        French: "Le mot de passe doit comporter au plus {max} caractères",
        Dutch: "Het wachtwoord mag hoogstens {max} tekens hebben",
        Spanish: "La contraseña debe tener como máximo {max} caracteres",
    }
    edges {
        English: "The password must not begin or end with a space",
        German: "Das Passwort darf nicht mit einem Leerzeichen beginnen oder enden",
        French: "Le mot de passe ne doit ni commencer ni se terminer par une espace",
        Dutch: "Het wachtwoord mag niet met een spatie beginnen of eindigen",
        Spanish: "La contraseña no puede empezar ni terminar con un espacio",
    }
    control {
        English: "The password must not contain control characters",
        German: "Das Passwort darf keine Steuerzeichen enthalten",
        French: "Le mot de passe ne doit pas contenir de caractères de contrôle",
        Dutch: "Het wachtwoord mag geen besturingstekens bevatten",
        Spanish: "La contraseña no puede contener caracteres de control",
    }
    shorter_than_asked {
        English: "The password is too short",
        German: "Das Passwort ist zu kurz",
        French: "Le mot de passe est trop court",
        Dutch: "Het wachtwoord is te kort",
        Spanish: "La contraseña es demasiado corta",
    }
    no_lower_case {
        English: "The password must contain a lower-case letter",
        German: "Das Passwort muss einen Kleinbuchstaben enthalten",
        French: "Le mot de passe doit contenir une minuscule",
        Dutch: "Het wachtwoord moet een kleine letter bevatten",
        Spanish: "La contraseña debe contener una minúscula",
    }
    no_upper_case {
        English: "The password must contain an upper-case letter",
        German: "Das Passwort muss einen Großbuchstaben enthalten",
        French: "Le mot de passe doit contenir une majuscule",
        Dutch: "Het wachtwoord moet een hoofdletter bevatten",
        Spanish: "La contraseña debe contener una mayúscula",
    }
    no_digit {
        English: "The password must contain a digit",
        German: "Das Passwort muss eine Ziffer enthalten",
        French: "Le mot de passe doit contenir un chiffre",
        Dutch: "Het wachtwoord moet een cijfer bevatten",
        Spanish: "La contraseña debe contener un número",
    }
    no_symbol {
        English: "The password must contain a symbol",
        German: "Das Passwort muss ein Sonderzeichen enthalten",
        French: "Le mot de passe doit contenir un caractère spécial",
        Dutch: "Het wachtwoord moet een leesteken of symbool bevatten",
        Spanish: "La contraseña debe contener un símbolo",
    }
    not_taken {
        English: "The password is not a password that is taken here",
        German: "Das Passwort wird hier nicht angenommen",
        French: "Le mot de passe n’est pas accepté ici",
        Dutch: "Het wachtwoord wordt hier niet geaccepteerd",
        Spanish: "La contraseña no se admite aquí",
    }
}

impl Password {
    /// The password itself, for Cognito and nobody else.
    pub(crate) fn reveal(&self) -> &str {
        self.0.expose_secret()
    }
}

impl TryFrom<String> for Password {
    type Error = PasswordError;

    fn try_from(text: String) -> Result<Self, PasswordError> {
        // Wrapped at once, so that a refused password is cleared too.
        let secret = SecretString::from(text);
        let text = secret.expose_secret();
        match text.chars().count() {
            0..MIN_CHARS => Err(PasswordError::TooShort),
            MIN_CHARS..=MAX_CHARS => Ok(()),
            _ => Err(PasswordError::TooLong),
        }?;
        // Cognito takes no others (pattern `^[\S]+.*[\S]+$`).
        if text.starts_with(char::is_whitespace) || text.ends_with(char::is_whitespace) {
            return Err(PasswordError::Edges);
        }
        if text.chars().any(char::is_control) {
            return Err(PasswordError::Control);
        }
        Ok(Self(secret))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_held_to_what_cognito_takes() {
        for (text, expected) in [
            ("short", Some(PasswordError::TooShort)),
            ("eleven chrs", Some(PasswordError::TooShort)),
            ("twelve chars", None),
            ("zwölf zeiché", None),
            (" leading space", Some(PasswordError::Edges)),
            ("trailing space ", Some(PasswordError::Edges)),
            ("a line\nbreak inside", Some(PasswordError::Control)),
            (&"x".repeat(256), None),
            (&"x".repeat(257), Some(PasswordError::TooLong)),
        ] {
            assert_eq!(Password::try_from(text.to_owned()).err(), expected, "{text}");
        }
    }

    /// A person would otherwise read in English why their password is refused.
    #[test]
    fn what_is_wrong_is_found_again_by_its_detail_and_said_as_a_sentence() {
        for error in PasswordError::ALL {
            assert_eq!(PasswordError::of_detail(&error.to_string()), Some(error));
            assert_eq!(error.in_words(&Reader::default()), format!("The password {error}"));
        }
        assert_eq!(PasswordError::of_detail("is required"), None);
    }

    #[test]
    fn a_password_is_not_shown() {
        let password = Password::try_from("Correct-Horse-7-Battery".to_owned()).unwrap();
        assert!(!format!("{password:?}").contains("Horse"));
        assert_eq!(password.reveal(), "Correct-Horse-7-Battery");
    }
}
