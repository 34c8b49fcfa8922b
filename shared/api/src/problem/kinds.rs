//! The kinds of problems: their stable names, their statuses, and their titles in every language.

use axum::http::StatusCode;
use domain::language::Reader;

macro_rules! kinds {
    ($($variant:ident = $name:literal, $status:ident {
        English: $english:literal, $($language:ident: $title:literal,)+
    })*) => {
        /// The stable name of a kind of problem: the last part of its `type`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum ProblemType { $(#[doc = $english] $variant,)* }

        impl ProblemType {
            /// Every kind there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The HTTP status it is sent with.
            #[must_use]
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status,)* }
            }

            /// Its title, in the reader's language.
            #[must_use]
            pub const fn title(self, reader: &Reader) -> &'static str {
                match self {
                    $(Self::$variant => {
                        domain::messages! { title { English: $english, $($language: $title,)+ } }
                        title(reader)
                    })*
                }
            }
        }
    };
}

kinds! {
    MalformedRequest = "malformed-request", BAD_REQUEST {
        English: "The request cannot be read",
        German: "Die Anfrage ist nicht lesbar",
        French: "La requête est illisible",
        Dutch: "Het verzoek is onleesbaar",
        Spanish: "La solicitud no se puede leer",
    }
    InvalidField = "invalid-field", UNPROCESSABLE_ENTITY {
        English: "A field is not acceptable",
        German: "Ein Feld ist ungültig",
        French: "Un champ n’est pas valide",
        Dutch: "Een veld is ongeldig",
        Spanish: "Un campo no es válido",
    }
    NotSignedIn = "not-signed-in", UNAUTHORIZED {
        English: "Sign in first",
        German: "Melden Sie sich zuerst an",
        French: "Connectez-vous d’abord",
        Dutch: "Log eerst in",
        Spanish: "Inicie sesión primero",
    }
    InvalidContext = "invalid-context", UNAUTHORIZED {
        English: "The context token is not acceptable",
        German: "Das Kontext-Token ist ungültig",
        French: "Le jeton de contexte n’est pas valide",
        Dutch: "Het contexttoken is ongeldig",
        Spanish: "El token de contexto no es válido",
    }
    NotGranted = "not-granted", FORBIDDEN {
        English: "This is not granted to you here",
        German: "Dazu sind Sie hier nicht berechtigt",
        French: "Vous n’avez pas les droits nécessaires ici",
        Dutch: "Dit is u hier niet toegestaan",
        Spanish: "Aquí no tiene permiso para esto",
    }
    ExceedsOwnGrants = "exceeds-own-grants", FORBIDDEN {
        English: "Nobody grants more than they hold",
        German: "Niemand gibt mehr Rechte, als er selbst hat",
        French: "Nul n’accorde plus de droits qu’il n’en a",
        Dutch: "Niemand geeft meer rechten dan hij zelf heeft",
        Spanish: "Nadie concede más permisos de los que tiene",
    }
    PreparerCannotDecide = "preparer-cannot-decide", FORBIDDEN {
        English: "The preparer cannot decide it",
        German: "Wer es vorbereitet hat, entscheidet nicht darüber",
        French: "La personne qui l’a préparé ne peut pas en décider",
        Dutch: "Wie het heeft voorbereid, beslist er niet over",
        Spanish: "Quien lo preparó no puede decidir sobre ello",
    }
    WrongRecipient = "wrong-recipient", FORBIDDEN {
        English: "This was sent to another email address",
        German: "Das ging an eine andere E-Mail-Adresse",
        French: "Ceci a été envoyé à une autre adresse e-mail",
        Dutch: "Dit is naar een ander e-mailadres gestuurd",
        Spanish: "Esto se envió a otra dirección de correo electrónico",
    }
    NotFound = "not-found", NOT_FOUND {
        English: "There is no such thing here",
        German: "Das gibt es hier nicht",
        French: "Cela n’existe pas ici",
        Dutch: "Dat bestaat hier niet",
        Spanish: "Eso no existe aquí",
    }
    MethodNotAllowed = "method-not-allowed", METHOD_NOT_ALLOWED {
        English: "This cannot be done here",
        German: "Das ist hier nicht möglich",
        French: "Cette action n’est pas possible ici",
        Dutch: "Dat kan hier niet",
        Spanish: "Esto no se puede hacer aquí",
    }
    Conflict = "conflict", CONFLICT {
        English: "Its present state does not allow this",
        German: "Der jetzige Zustand lässt das nicht zu",
        French: "L’état actuel ne le permet pas",
        Dutch: "De huidige toestand laat dit niet toe",
        Spanish: "El estado actual no lo permite",
    }
    LastOwner = "last-owner", CONFLICT {
        English: "The last owner stays",
        German: "Der letzte Inhaber bleibt",
        French: "Le dernier propriétaire reste",
        Dutch: "De laatste eigenaar blijft",
        Spanish: "El último propietario permanece",
    }
    LastAdmin = "last-admin", CONFLICT {
        English: "The last admin stays",
        German: "Der letzte Administrator bleibt",
        French: "Le dernier administrateur reste",
        Dutch: "De laatste beheerder blijft",
        Spanish: "El último administrador permanece",
    }
    Gone = "gone", GONE {
        English: "This link no longer opens anything",
        German: "Dieser Link öffnet nichts mehr",
        French: "Ce lien n’ouvre plus rien",
        Dutch: "Deze link opent niets meer",
        Spanish: "Este enlace ya no abre nada",
    }
    TooLarge = "too-large", PAYLOAD_TOO_LARGE {
        English: "The request is too large",
        German: "Die Anfrage ist zu groß",
        French: "La requête est trop volumineuse",
        Dutch: "Het verzoek is te groot",
        Spanish: "La solicitud es demasiado grande",
    }
    UnsupportedMediaType = "unsupported-media-type", UNSUPPORTED_MEDIA_TYPE {
        English: "Send JSON",
        German: "Senden Sie JSON",
        French: "Envoyez du JSON",
        Dutch: "Stuur JSON",
        Spanish: "Envíe JSON",
    }
    IdempotencyMismatch = "idempotency-mismatch", UNPROCESSABLE_ENTITY {
        English: "The idempotency key belongs to another request",
        German: "Der Idempotenzschlüssel gehört zu einer anderen Anfrage",
        French: "La clé d’idempotence appartient à une autre requête",
        Dutch: "De idempotentiesleutel hoort bij een ander verzoek",
        Spanish: "La clave de idempotencia pertenece a otra solicitud",
    }
    TooManyRequests = "too-many-requests", TOO_MANY_REQUESTS {
        English: "Slow down",
        German: "Bitte langsamer",
        French: "Veuillez ralentir",
        Dutch: "Doe het rustiger aan",
        Spanish: "Vaya más despacio",
    }
    Internal = "internal", INTERNAL_SERVER_ERROR {
        English: "Something went wrong on our side",
        German: "Bei uns ist etwas schiefgegangen",
        French: "Une erreur s’est produite de notre côté",
        Dutch: "Er is bij ons iets misgegaan",
        Spanish: "Algo ha fallado por nuestra parte",
    }
    Unavailable = "unavailable", SERVICE_UNAVAILABLE {
        English: "Try again shortly",
        German: "Versuchen Sie es in Kürze noch einmal",
        French: "Réessayez dans un instant",
        Dutch: "Probeer het zo meteen opnieuw",
        Spanish: "Vuelva a intentarlo en breve",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use domain::language::Language;

    use super::*;

    /// A program that reads them would otherwise break, and so would a portal that shows the titles.
    #[test]
    fn every_kind_of_problem_keeps_its_type_status_and_titles() {
        let table = ProblemType::ALL.iter().map(|kind| {
            let titles = Language::ALL.map(|language| kind.title(&Reader::of(language)));
            format!("{} {} {}", kind.status().as_u16(), kind.as_str(), titles.join(" | "))
        });
        insta::assert_snapshot!(table.collect::<Vec<_>>().join("\n"));
    }

    /// A reader would otherwise get an English title among words of their own language, or one title for two kinds.
    #[test]
    fn every_title_is_another_in_every_language_and_for_every_kind() {
        let all = ProblemType::ALL.iter().flat_map(|kind| Language::ALL.map(|language| (kind, Reader::of(language))));
        let titles: BTreeSet<&str> = all.map(|(kind, reader)| kind.title(&reader)).collect();
        assert_eq!(titles.len(), ProblemType::ALL.len() * Language::ALL.len());
    }
}
