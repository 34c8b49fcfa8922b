//! Comments on invoices, estimates and documents.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    event::{NewEvent, kinds},
    id::{CommentId, CompanyId, FirmId, Org, UserId},
    text::{Name, Note, Reference},
    time::UtcTime,
};

/// The item that is commented on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// An invoice.
    Invoice,
    /// An estimate.
    Estimate,
    /// A credit note.
    CreditNote,
    /// A document.
    Document,
}

impl Topic {
    /// The topic as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invoice => "invoice",
            Self::Estimate => "estimate",
            Self::CreditNote => "credit_note",
            Self::Document => "document",
        }
    }
}

/// One comment; comments are never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment {
    /// Sorts by time.
    pub id: CommentId,
    /// The company.
    pub company: CompanyId,
    /// The kind of item that it is on.
    pub topic: Topic,
    /// Which one: the ledger's reference, or the id of a document.
    pub on: Reference,
    /// The text.
    pub text: Note,
    /// The author.
    pub by: UserId,
    /// Their name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_name: Option<Name>,
    /// When.
    pub at: UtcTime,
    /// The firm to which it is internal; absent for a comment that everybody sees who sees the item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub internal_to: Option<FirmId>,
}

/// Payload of `comment.added`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CommentAdded {
    /// The item that is commented on.
    pub on: CommentedItem,
}

/// The item that a comment is on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CommentedItem {
    /// The kind of item.
    pub kind: Topic,
    /// The ledger's reference of the item, or the id of a document.
    pub id: Reference,
}

impl Comment {
    /// Whether a person sees it who acts for this firm, or for none.
    #[must_use]
    pub fn is_visible_to(&self, firm: Option<&FirmId>) -> bool {
        self.internal_to.as_ref().is_none_or(|internal_to| firm == Some(internal_to))
    }

    /// The event that records it, without the text: that stays in the comment.
    #[must_use]
    pub fn event(&self) -> NewEvent {
        let added = CommentAdded { on: CommentedItem { kind: self.topic, id: self.on.clone() } };
        NewEvent::new(Org::Company(self.company.clone()), self.id.as_str(), kinds::CommentAdded::of(added))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::samples::{at, company, firm, user};

    #[test]
    fn an_internal_comment_is_seen_by_its_firm_alone() {
        let comment = |internal_to| Comment {
            id: CommentId::from_uuid(Uuid::from_u128(1)),
            company: company(1),
            topic: Topic::Document,
            on: "doc_00000000000000000000000000000001".parse().unwrap(),
            text: "Ask the client".parse().unwrap(),
            by: user("bea"),
            by_name: None,
            at: at(0),
            internal_to,
        };
        let internal = comment(Some(firm(2)));
        assert!(internal.is_visible_to(Some(&firm(2))));
        assert!(!internal.is_visible_to(Some(&firm(3))) && !internal.is_visible_to(None));
        assert!(comment(None).is_visible_to(None) && comment(None).is_visible_to(Some(&firm(3))));
    }
}
