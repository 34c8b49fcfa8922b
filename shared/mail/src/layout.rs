//! The two layouts, text and HTML, that render every letter from its words.
//!
//! The order in which a letter's parts stand is decided here, for all letters at once: what it is about, the button,
//! then the details.

use std::fmt;

use askama::Template;
use domain::{Grants, color::Color, language::Reader, messages};

use crate::{
    inert::{Line, Quote},
    look::Look,
    url::HttpUrl,
};

/// The sender.
#[derive(Debug, Clone, Copy)]
pub struct Brand<'a> {
    /// The product's name, as in the sender's display name.
    pub product: &'a str,
    /// The colour of letters in the product's name; `None` for ours.
    pub color: Option<&'a Color>,
}

/// A company that writes to its customer. The letter then shows the company's name and colour in place of the product's.
#[derive(Debug, Clone)]
pub struct Company {
    /// The company's name.
    pub name: Line,
    /// The colour that it chose.
    pub color: Option<Color>,
}

impl Company {
    /// The name in a subject.
    #[must_use]
    pub fn short(&self) -> Line {
        self.name.short()
    }
}

impl fmt::Display for Company {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name.fmt(f)
    }
}

/// A layout failed to render. Ours write to memory only, so this does not happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a message could not be rendered")]
pub struct RenderError;

/// A letter.
pub trait Letter {
    /// Its name in tags and logs, of lower-case letters and `-`.
    fn name(&self) -> &'static str;

    /// The text, in the reader's language.
    fn words(&self, reader: &Reader) -> Words;

    /// Example letters, each under the name of its snapshot. Text from people passes `say`.
    #[cfg(test)]
    fn examples(say: crate::say::Say<'_>) -> Vec<(&'static str, Self)>
    where
        Self: Sized;
}

/// The words of a letter, in the order in which it is read. Every text in it is a [`Line`] or a [`Quote`], so text from
/// people is harmless; the layouts escape all of it.
#[derive(Debug, Clone)]
pub struct Words {
    /// The company in whose name it is, where that writes to its customer.
    pub on_behalf_of: Option<Company>,
    /// The subject, and the heading.
    pub subject: Line,
    /// The greeting.
    pub greeting: Option<Line>,
    /// What it is about: an event, or a request, in one or two short paragraphs. The first is also what mail lists show
    /// after the subject.
    pub about: Vec<Line>,
    /// The link to act on.
    pub button: Option<Button>,
    /// The quotation of a person's text.
    pub quotation: Option<Quotation>,
    /// The details.
    pub facts: Vec<Fact>,
    /// More details, each part under a heading.
    pub sections: Vec<Section>,
    /// Notes below the details.
    pub notes: Vec<Line>,
    /// Why the recipient gets the letter.
    pub why: Line,
}

impl Words {
    /// The subject, the message and the reason of a letter; the other words are added to them.
    #[must_use]
    pub fn new(subject: &str, about: &str, why: &str) -> Self {
        Self {
            on_behalf_of: None,
            subject: Line::subject(subject),
            greeting: None,
            about: vec![Line::sentence(about)],
            button: None,
            quotation: None,
            facts: Vec::new(),
            sections: Vec::new(),
            notes: Vec::new(),
            why: Line::sentence(why),
        }
    }

    /// The same words, with a second paragraph of the message.
    #[must_use]
    pub fn and(mut self, about: &str) -> Self {
        self.about.push(Line::sentence(about));
        self
    }

    fn preheader(&self) -> &str {
        self.about.first().map_or("", Line::as_str)
    }
}

/// One detail.
#[derive(Debug, Clone)]
pub struct Fact {
    /// What it is.
    pub label: &'static str,
    /// Its value.
    pub value: Line,
}

impl Fact {
    /// A detail.
    #[must_use]
    pub fn new(label: &'static str, value: impl ToString) -> Self {
        Self { label, value: Line::new(&value.to_string()) }
    }

    /// A detail that may be missing.
    #[must_use]
    pub fn if_any(label: &'static str, value: Option<impl ToString>) -> Option<Self> {
        value.map(|value| Self::new(label, value))
    }
}

/// Details under a heading.
#[derive(Debug, Clone)]
pub struct Section {
    /// What they are: `Still missing`.
    pub heading: Line,
    /// The details.
    pub content: SectionContent,
}

/// What stands under a heading.
#[derive(Debug, Clone)]
pub enum SectionContent {
    /// Items of one kind.
    List(Vec<Line>),
    /// Details with labels.
    Facts(Vec<Fact>),
}

impl Section {
    /// A list under a heading; `None` where it is empty.
    #[must_use]
    pub fn list(heading: &str, items: &[Line]) -> Option<Self> {
        let content = || SectionContent::List(items.to_vec());
        (!items.is_empty()).then(|| Self { heading: Line::sentence(heading), content: content() })
    }

    /// Permissions by module under a heading; `None` where there are none.
    #[must_use]
    pub fn permissions(reader: &Reader, heading: &str, grants: &Grants) -> Option<Self> {
        let facts =
            || grants.by_module(reader).iter().map(|module| Fact::new(module.module, module.listed())).collect();
        (!grants.is_empty()).then(|| Self { heading: Line::sentence(heading), content: SectionContent::Facts(facts()) })
    }
}

/// What a person wrote, and who.
#[derive(Debug, Clone)]
pub struct Quotation {
    /// The writer's name.
    pub writer: Line,
    /// The text.
    pub text: Quote,
}

impl Quotation {
    /// The quotation of a text that may be missing.
    #[must_use]
    pub fn if_any(writer: &Line, text: Option<&Quote>) -> Option<Self> {
        text.map(|text| Self { writer: writer.clone(), text: text.clone() })
    }
}

/// A link to act on.
#[derive(Debug, Clone)]
pub struct Button {
    /// What it does.
    pub label: &'static str,
    /// Where it leads.
    pub link: HttpUrl,
    /// Whether its QR code, which the link's server draws, stands below the details.
    pub has_qr_code: bool,
}

impl Button {
    /// A button.
    #[must_use]
    pub fn new(label: &'static str, link: &HttpUrl) -> Self {
        Self { label, link: link.clone(), has_qr_code: false }
    }
}

#[derive(Template)]
#[template(path = "letter.txt")]
struct Text<'a> {
    product: &'a Line,
    words: &'a Words,
    unsubscribe: Option<&'a HttpUrl>,
    reader: &'a Reader,
}

#[derive(Template)]
#[template(path = "letter.html")]
struct Html<'a> {
    product: &'a Line,
    words: &'a Words,
    unsubscribe: Option<&'a HttpUrl>,
    look: &'a Look,
    reader: &'a Reader,
}

messages! {
    /// What stands above a quotation.
    writes(writer) {
        English: "{writer} writes:",
        German: "{writer} schreibt:",
        French: "{writer} écrit :",
        Dutch: "{writer} schrijft:",
        Spanish: "{writer} escribe:",
    }
    /// What stands above a QR code.
    pub(crate) or_scan {
        English: "Or scan the link with a phone:",
        German: "Oder scannen Sie den Link mit einem Telefon:",
        French: "Ou scannez le lien avec un téléphone :",
        Dutch: "Of scan de link met een telefoon:",
        Spanish: "O escanee el enlace con un teléfono:",
    }
    qr_code {
        English: "The invitation's link as a QR code",
        German: "Der Link der Einladung als QR-Code",
        French: "Le lien de l’invitation sous forme de code QR",
        Dutch: "De link van de uitnodiging als QR-code",
        Spanish: "El enlace de la invitación como código QR",
    }
    /// What stands before the button's link.
    pub(crate) or_open {
        English: "If the button does not work, open this address:",
        German: "Falls die Schaltfläche nicht funktioniert, öffnen Sie diese Adresse:",
        French: "Si le bouton ne fonctionne pas, ouvrez cette adresse :",
        Dutch: "Werkt de knop niet, open dan dit adres:",
        Spanish: "Si el botón no funciona, abra esta dirección:",
    }
    /// The link that stops letters such as this.
    pub(crate) stop {
        English: "Stop these messages",
        German: "Diese Nachrichten abbestellen",
        French: "Ne plus recevoir ces messages",
        Dutch: "Deze berichten stopzetten",
        Spanish: "Dejar de recibir estos mensajes",
    }
    /// A colon after words that stand alone on their line.
    colon {
        English: ":",
        German: ":",
        French: " :",
        Dutch: ":",
        Spanish: ":",
    }
}

/// What a message is rendered from.
#[derive(Debug, Clone)]
pub(crate) struct Parts {
    pub(crate) words: Words,
    pub(crate) product: Line,
    pub(crate) color: Option<Color>,
    pub(crate) reader: Reader,
}

impl Parts {
    /// The text and the HTML part, with the link that stops such letters.
    pub(crate) fn rendered(&self, unsubscribe: Option<&HttpUrl>) -> Result<(String, String), RenderError> {
        let Self { words, product, color, reader } = self;
        let look = &match &words.on_behalf_of {
            Some(company) => Look::new(&company.name, company.color.as_ref()),
            None => Look::new(product, color.as_ref()),
        };
        let text = Text { product, words, unsubscribe, reader }.render().map_err(|_| RenderError)?;
        let html = Html { product, words, unsubscribe, look, reader }.render().map_err(|_| RenderError)?;
        Ok((text, html))
    }
}
