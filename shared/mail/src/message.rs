//! A message, ready to send.

use std::fmt;

use domain::{Email, EventId, InvitationId, language::Reader};

use crate::{inert::Line, url::HttpUrl};

/// The recipient of a message, and its cause.
#[derive(Debug, Clone, Copy)]
pub struct Envelope<'a> {
    /// The event that the message is about; it is the SES tag `event`, so that delivery reports name it.
    pub event: &'a EventId,
    /// The one recipient.
    pub to: &'a Email,
    /// How the recipient is written to.
    pub reader: &'a Reader,
    /// Who gets the answers: the organisation's contact, never the sender of the mail. Nothing
    /// where answers should go to the vendor.
    pub reply_to: Option<&'a Email>,
    /// Where a POST without further ado stops notifications of this kind (RFC 8058). An invitation
    /// is no subscription and leaves it out.
    pub unsubscribe: Option<&'a HttpUrl>,
}

/// A message, ready to send: one recipient, text and HTML that say the same.
///
/// Made by [`crate::letters`] alone, so its subject is one bounded line and its HTML is escaped.
/// `Debug` shows neither recipient nor content: an invitation's link is a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    pub(crate) letter: &'static str,
    pub(crate) event: EventId,
    pub(crate) invitation: Option<(InvitationId, u32)>,
    pub(crate) to: Email,
    pub(crate) reply_to: Option<Email>,
    pub(crate) unsubscribe: Option<HttpUrl>,
    pub(crate) subject: Line,
    pub(crate) text: String,
    pub(crate) html: String,
}

impl Message {
    /// The name of the letter that it is; also the value of its SES tag `kind`.
    #[must_use]
    pub fn letter(&self) -> &'static str {
        self.letter
    }

    /// The event that it is about.
    #[must_use]
    pub fn event(&self) -> &EventId {
        &self.event
    }

    /// Names the invitation whose link it carries, and the generation: delivery reports then find the invitation,
    /// whether or not the sending was recorded.
    #[must_use]
    pub fn carrying(mut self, invitation: &InvitationId, generation: u32) -> Self {
        self.invitation = Some((invitation.clone(), generation));
        self
    }

    /// The invitation, and its generation, that it carries the link of.
    #[must_use]
    pub fn invitation(&self) -> Option<(&InvitationId, u32)> {
        self.invitation.as_ref().map(|(id, generation)| (id, *generation))
    }

    /// The one recipient.
    #[must_use]
    pub fn to(&self) -> &Email {
        &self.to
    }

    /// Who gets the answers.
    #[must_use]
    pub fn reply_to(&self) -> Option<&Email> {
        self.reply_to.as_ref()
    }

    /// Where a POST stops notifications of this kind.
    #[must_use]
    pub fn unsubscribe(&self) -> Option<&HttpUrl> {
        self.unsubscribe.as_ref()
    }

    /// The subject, as people read it: SES encodes it.
    #[must_use]
    pub fn subject(&self) -> &str {
        self.subject.as_str()
    }

    /// The plain-text part.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The HTML part, a whole document.
    #[must_use]
    pub fn html(&self) -> &str {
        &self.html
    }

    /// The SES tags, name and value: `kind` and `event`, and of a letter that carries an invitation
    /// `invitation` and `generation`. All keep to SES's alphabet (letters, digits, `_` and `-`).
    #[must_use]
    pub fn tags(&self) -> Vec<(&'static str, String)> {
        let mut tags = vec![("kind", self.letter.to_owned()), ("event", self.event.to_string())];
        if let Some((id, generation)) = &self.invitation {
            tags.extend([("invitation", id.to_string()), ("generation", generation.to_string())]);
        }
        tags
    }

    /// Header fields beside those that SES writes: this is a machine's mail that no vacation notice
    /// need answer (RFC 3834), and how to stop it, where one can (RFC 8058).
    #[must_use]
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        let mut headers = vec![("Auto-Submitted", "auto-generated".to_owned())];
        if let Some(url) = &self.unsubscribe {
            headers.push(("List-Unsubscribe", format!("<{url}>")));
            headers.push(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()));
        }
        headers
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message").field("letter", &self.letter).field("event", &self.event).finish_non_exhaustive()
    }
}
