//! What names one mail in the log: its company or firm, its subject, its event and its recipient.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

use crate::{
    event::Subject,
    id::{ContactId, DocumentLinkId, EventId, InvitationId, Org, UserId},
    time::Day,
};

/// How many bytes of a subject's digest name it: 128 bits.
const SUBJECT_BYTES: usize = 16;

/// Names the subject of an event within its company or firm: a digest, since a reference may hold any character.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SubjectKey(String);

/// Text that is no digest of a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not the key of a subject")]
pub struct SubjectKeyError;

impl TryFrom<String> for SubjectKey {
    type Error = SubjectKeyError;

    fn try_from(text: String) -> Result<Self, SubjectKeyError> {
        Self::read(&text).ok_or(SubjectKeyError)
    }
}

impl From<SubjectKey> for String {
    fn from(key: SubjectKey) -> Self {
        key.0
    }
}

impl SubjectKey {
    /// The key of a subject.
    #[must_use]
    pub fn of(subject: &Subject) -> Self {
        // No kind holds a line break, so no two subjects are the same text.
        let digest = Sha256::digest(format!("{}\n{}", subject.kind, subject.id));
        Self(digest.iter().take(SUBJECT_BYTES).map(|byte| format!("{byte:02x}")).collect())
    }

    fn read(text: &str) -> Option<Self> {
        let is_key = text.len() == 2 * SUBJECT_BYTES && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_key.then(|| Self(text.to_owned()))
    }
}

impl fmt::Display for SubjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who a mail is for. Never an address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum MailRecipient {
    /// A person with an account.
    User {
        /// Who.
        id: UserId,
    },
    /// Whoever an invitation is addressed to.
    Invitation {
        /// The invitation.
        id: InvitationId,
        /// How often it has been sent.
        generation: u32,
    },
    /// A contact of a customer, who holds a hosted link.
    DocumentLink {
        /// The link.
        id: DocumentLinkId,
        /// The contact.
        contact: ContactId,
        /// How often it has been renewed.
        generation: u32,
    },
    /// A person whose digest it is.
    Digest {
        /// Who.
        user: UserId,
        /// The local day of the digest.
        day: Day,
    },
}

impl MailRecipient {
    /// The person with an account.
    #[must_use]
    pub const fn user(&self) -> Option<&UserId> {
        match self {
            Self::User { id } | Self::Digest { user: id, .. } => Some(id),
            Self::Invitation { .. } | Self::DocumentLink { .. } => None,
        }
    }
}

/// The recipient in a name: letters, digits, `_` and `-`. A user's id holds no `_`, so no two are the same.
impl fmt::Display for MailRecipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User { id } => write!(f, "{id}"),
            Self::Invitation { id, generation } => write!(f, "{id}_{generation}"),
            Self::DocumentLink { id, generation, .. } => write!(f, "{id}_{generation}"),
            Self::Digest { user, day } => write!(f, "digest_{user}_{day}"),
        }
    }
}

/// Names one mail. Its parts travel as tags of the mail, so that a report about the mail finds its record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailName {
    /// The company or firm that it is from.
    pub org: Org,
    /// The subject of the event.
    pub subject: SubjectKey,
    /// The event.
    pub event: EventId,
    /// The recipient, as [`MailRecipient`] displays it.
    pub recipient: String,
}

impl MailName {
    /// The tags beside `event`, name and value, in SES's alphabet: letters, digits, `_` and `-`.
    #[must_use]
    pub fn tags(&self) -> [(&'static str, String); 3] {
        [("org", self.org.to_string()), ("subject", self.subject.to_string()), ("recipient", self.recipient.clone())]
    }

    /// Reads the name from a mail's tags; `None` where they name none.
    #[must_use]
    pub fn from_tags<'t>(tag: impl Fn(&str) -> Option<&'t str>) -> Option<Self> {
        Some(Self {
            org: tag("org")?.parse().ok()?,
            subject: SubjectKey::read(tag("subject")?)?,
            event: tag("event")?.parse().ok()?,
            recipient: tag("recipient")?.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipients() -> [MailRecipient; 4] {
        let user: UserId = "0190a-B".parse().unwrap();
        [
            MailRecipient::User { id: user.clone() },
            MailRecipient::Invitation { id: format!("in_{:032x}", 1).parse().unwrap(), generation: 2 },
            MailRecipient::DocumentLink {
                id: format!("dl_{:032x}", 1).parse().unwrap(),
                contact: format!("ct_{:032x}", 1).parse().unwrap(),
                generation: 2,
            },
            MailRecipient::Digest { user, day: "2026-11-21".to_owned().try_into().unwrap() },
        ]
    }

    /// Proves: ML1
    #[test]
    fn a_report_finds_the_mail_by_tags_that_ses_takes() {
        let subject = Subject { kind: "invoice".to_owned(), id: "2026/17 # Ü".to_owned() };
        for recipient in recipients() {
            let name = MailName {
                org: format!("co_{:032x}", 1).parse().unwrap(),
                subject: SubjectKey::of(&subject),
                event: format!("ev_{:032x}", 1).parse().unwrap(),
                recipient: recipient.to_string(),
            };
            let mut tags = name.tags().to_vec();
            tags.push(("event", name.event.to_string()));
            for (tag, value) in &tags {
                let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
                assert!(value.len() <= 256 && value.bytes().all(fits), "{tag}: {value}");
            }
            let of = |wanted: &str| tags.iter().find(|(tag, _)| *tag == wanted).map(|(_, value)| value.as_str());
            assert_eq!(MailName::from_tags(of), Some(name.clone()));
            for lost in ["org", "subject", "event", "recipient"] {
                assert_eq!(MailName::from_tags(|tag| of(tag).filter(|_| tag != lost)), None, "{lost}");
            }
            let spoiled = |tag: &str| if tag == "subject" { Some("MAIL#x") } else { of(tag) };
            assert_eq!(MailName::from_tags(spoiled), None);
        }
    }

    #[test]
    fn subjects_of_different_kinds_have_different_keys() {
        let key = |kind: &str, id: &str| SubjectKey::of(&Subject { kind: kind.to_owned(), id: id.to_owned() });
        assert_ne!(key("invoice", "1"), key("estimate", "1"));
        assert_eq!(key("invoice", "1"), key("invoice", "1"));
    }
}
