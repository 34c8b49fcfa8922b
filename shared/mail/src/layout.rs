//! The two layouts, text and HTML, that render every letter from its words.
//!
//! The order in which a letter's parts stand is decided here, for all letters at once.

use askama::Template;

use crate::{
    inert::{Line, Quote},
    message::{Envelope, Message},
    url::HttpUrl,
};

/// The sender.
#[derive(Debug, Clone, Copy)]
pub struct Brand<'a> {
    /// The product's name, as in the sender's display name.
    pub product: &'a str,
}

/// A layout failed to render. Ours write to memory only, so this does not happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a message could not be rendered")]
pub struct RenderError;

/// A letter.
pub trait Letter {
    /// Its name in tags and logs, of lower-case letters and `-`.
    fn name(&self) -> &'static str;

    /// The text.
    fn words(&self) -> Words;

    /// Example letters, each under the name of its snapshot. Text from people passes `say`.
    #[cfg(test)]
    fn examples(say: crate::say::Say<'_>) -> Vec<(&'static str, Self)>
    where
        Self: Sized;
}

/// The words of a letter. Every text in it is a [`Line`] or a [`Quote`], so text from people is harmless; the
/// layouts escape all of it.
#[derive(Debug, Clone)]
pub struct Words {
    /// The subject, and the heading.
    pub subject: Line,
    /// The text that mail lists show after the subject. Default: the first paragraph.
    pub preheader: Option<Line>,
    /// The greeting.
    pub greeting: Option<Line>,
    /// The message: an event, or a request.
    pub paragraphs: Vec<Paragraph>,
    /// The details.
    pub facts: Vec<Fact>,
    /// The quotation of a person's text.
    pub quotation: Option<Quotation>,
    /// The link to act on.
    pub button: Option<Button>,
    /// Notes below the button.
    pub notes: Vec<Line>,
    /// Why the recipient gets the letter.
    pub why: Line,
}

impl Words {
    /// The subject, greeting and reason of a letter; the other words are added to them.
    #[must_use]
    pub fn new(subject: &str, why: &str) -> Self {
        Self {
            subject: Line::subject(subject),
            preheader: None,
            greeting: None,
            paragraphs: Vec::new(),
            facts: Vec::new(),
            quotation: None,
            button: None,
            notes: Vec::new(),
            why: Line::sentence(why),
        }
    }

    fn preheader(&self) -> &str {
        let first = || self.paragraphs.first().map(|paragraph| &paragraph.text);
        self.preheader.as_ref().or_else(first).map_or("", Line::as_str)
    }
}

/// A paragraph, and a list that it introduces.
#[derive(Debug, Clone)]
pub struct Paragraph {
    /// The sentences.
    pub text: Line,
    /// What follows in a list; empty for no list.
    pub list: Vec<Line>,
}

impl Paragraph {
    /// A paragraph without a list.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self { text: Line::sentence(text), list: Vec::new() }
    }

    /// The same paragraph, introducing a list.
    #[must_use]
    pub fn with(mut self, list: &[Line]) -> Self {
        self.list = list.to_vec();
        self
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
    /// Whether its QR code, which the link's server draws, stands below it.
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
}

#[derive(Template)]
#[template(path = "letter.html")]
struct Html<'a> {
    product: &'a Line,
    words: &'a Words,
    unsubscribe: Option<&'a HttpUrl>,
}

/// Makes the message of a letter.
///
/// # Errors
/// [`RenderError`].
pub fn write(letter: &impl Letter, brand: &Brand<'_>, envelope: &Envelope<'_>) -> Result<Message, RenderError> {
    let (words, product, unsubscribe) = (letter.words(), &Line::new(brand.product), envelope.unsubscribe);
    let text = Text { product, words: &words, unsubscribe }.render().map_err(|_| RenderError)?;
    let html = Html { product, words: &words, unsubscribe }.render().map_err(|_| RenderError)?;
    Ok(Message {
        letter: letter.name(),
        event: envelope.event.clone(),
        invitation: None,
        to: envelope.to.clone(),
        reply_to: envelope.reply_to.cloned(),
        unsubscribe: unsubscribe.cloned(),
        subject: words.subject,
        text,
        html,
    })
}
