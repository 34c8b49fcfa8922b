//! What a form of the page asked for, and why it was not done.

use api::Problem;
use axum::http::StatusCode;
use domain::{language::Reader, messages};
use html::refused_text;

/// What a form asked for, and why it was not done.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Refused<'a> {
    Decision(&'a Problem),
    /// With what was written, which comes back into the form.
    Comment(&'a Problem, &'a str),
}

messages! {
    not_recorded(why) {
        English: "Your decision was not recorded: {why}.",
        German: "Ihre Entscheidung wurde nicht gespeichert: {why}.",
        French: "Votre décision n’a pas été enregistrée : {why}.",
        Dutch: "Uw beslissing is niet vastgelegd: {why}.",
        Spanish: "Su decisión no se ha registrado: {why}.",
    }
    not_added(why) {
        English: "Your comment was not added: {why}.",
        German: "Ihr Kommentar wurde nicht hinzugefügt: {why}.",
        French: "Votre commentaire n’a pas été ajouté : {why}.",
        Dutch: "Uw opmerking is niet toegevoegd: {why}.",
        Spanish: "Su comentario no se ha añadido: {why}.",
    }
    the_text {
        English: "the text",
        German: "Der Text",
        French: "le texte",
        Dutch: "de tekst",
        Spanish: "el texto",
    }
    the_reason {
        English: "the reason",
        German: "Der Grund",
        French: "le motif",
        Dutch: "de reden",
        Spanish: "el motivo",
    }
    reason_needed {
        English: "a reason is needed to decline",
        German: "Zum Ablehnen ist ein Grund nötig",
        French: "un motif est nécessaire pour refuser",
        Dutch: "om af te wijzen is een reden nodig",
        Spanish: "para rechazar hace falta un motivo",
    }
    not_just_now {
        English: "it could not be done just now; please try again shortly",
        German: "Das ging gerade nicht; bitte versuchen Sie es gleich noch einmal",
        French: "cela n’a pas pu être fait pour le moment ; veuillez réessayer dans un instant",
        Dutch: "dat lukte nu even niet; probeer het zo dadelijk opnieuw",
        Spanish: "no ha sido posible en este momento; vuelva a intentarlo en breve",
    }
    too_long {
        English: "the text is too long",
        German: "Der Text ist zu lang",
        French: "le texte est trop long",
        Dutch: "de tekst is te lang",
        Spanish: "el texto es demasiado largo",
    }
    estimate_changed {
        English: "the estimate was decided, changed or ended since you opened it",
        German: "Seit Sie das Angebot geöffnet haben, wurde darüber entschieden, oder es wurde geändert oder gilt \
            nicht mehr",
        French: "depuis que vous avez ouvert le devis, une décision a été prise, ou il a été modifié ou n’est plus \
            valable",
        Dutch: "sinds u de offerte opende, is erover beslist, of is de offerte gewijzigd of niet meer geldig",
        Spanish: "desde que abrió el presupuesto, se ha tomado una decisión, o se ha modificado o ya no es válido",
    }
    may_not_decide {
        English: "you cannot decide on it through this link",
        German: "Über diesen Link können Sie nicht darüber entscheiden",
        French: "vous ne pouvez pas en décider par ce lien",
        Dutch: "via deze link kunt u er niet over beslissen",
        Spanish: "no puede decidir sobre él mediante este enlace",
    }
    document_changed {
        English: "the document changed at the same time; please try again",
        German: "Das Dokument wurde gleichzeitig geändert; bitte versuchen Sie es noch einmal",
        French: "le document a été modifié en même temps ; veuillez réessayer",
        Dutch: "het document is tegelijkertijd gewijzigd; probeer het opnieuw",
        Spanish: "el documento ha cambiado al mismo tiempo; vuelva a intentarlo",
    }
    may_not_comment {
        English: "you cannot comment through this link",
        German: "Über diesen Link können Sie nicht kommentieren",
        French: "vous ne pouvez pas commenter par ce lien",
        Dutch: "via deze link kunt u geen opmerkingen maken",
        Spanish: "no puede comentar mediante este enlace",
    }
    too_many {
        English: "too many comments were sent or files downloaded; please try again later",
        German: "Es wurden zu viele Kommentare gesendet oder Dateien heruntergeladen; bitte versuchen Sie es später noch einmal",
        French: "trop de commentaires ont été envoyés ou de fichiers téléchargés ; veuillez réessayer plus tard",
        Dutch: "er zijn te veel opmerkingen verstuurd of bestanden gedownload; probeer het later opnieuw",
        Spanish: "se han enviado demasiados comentarios o descargado demasiados archivos; vuelva a intentarlo más tarde",
    }
    went_wrong {
        English: "something went wrong; please try again later",
        German: "Etwas ist schiefgegangen; bitte versuchen Sie es später noch einmal",
        French: "une erreur s’est produite ; veuillez réessayer plus tard",
        Dutch: "er is iets misgegaan; probeer het later opnieuw",
        Spanish: "algo ha fallado; vuelva a intentarlo más tarde",
    }
}

impl Refused<'_> {
    const fn problem(&self) -> &Problem {
        match self {
            Self::Decision(problem) | Self::Comment(problem, _) => problem,
        }
    }

    /// The status of the page that says so.
    pub(super) fn status(&self) -> StatusCode {
        self.problem().status()
    }

    /// What was written, as far as it was read.
    pub(super) const fn unsent(&self) -> &str {
        match self {
            Self::Decision(_) => "",
            Self::Comment(_, text) => text,
        }
    }

    /// What was not done, and why.
    pub(super) fn said(&self, reader: &Reader) -> String {
        match self {
            Self::Decision(_) => not_recorded(reader, self.why(reader)),
            Self::Comment(..) => not_added(reader, self.why(reader)),
        }
    }

    /// Why, as the rest of a sentence.
    pub(super) fn why(&self, reader: &Reader) -> String {
        if let Some(error) = self.problem().errors().first() {
            let field = match error.field.as_str() {
                "text" => Some(the_text(reader)),
                "reason" => Some(the_reason(reader)),
                _ => None,
            };
            if let Some(said) = field.and_then(|field| refused_text(reader, field, &error.detail)) {
                return said;
            }
            // The page's own forms send nothing else that is refused by a field.
            return if error.field == "reason" { reason_needed(reader) } else { went_wrong(reader) }.to_owned();
        }
        let said = match (self, self.problem().status()) {
            (_, StatusCode::SERVICE_UNAVAILABLE) => not_just_now(reader),
            (_, StatusCode::PAYLOAD_TOO_LARGE) => too_long(reader),
            (Self::Decision(_), StatusCode::CONFLICT) => estimate_changed(reader),
            (Self::Decision(_), StatusCode::FORBIDDEN) => may_not_decide(reader),
            (Self::Comment(..), StatusCode::CONFLICT) => document_changed(reader),
            (Self::Comment(..), StatusCode::FORBIDDEN) => may_not_comment(reader),
            // Both count together.
            (Self::Comment(..), StatusCode::TOO_MANY_REQUESTS) => too_many(reader),
            _ => went_wrong(reader),
        };
        said.to_owned()
    }
}
