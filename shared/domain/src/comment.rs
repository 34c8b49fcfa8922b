//! Comments on invoices and estimates.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    event::{NewEvent, kinds},
    id::{CommentId, CompanyId, Org, UserId},
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
}

impl Topic {
    /// The topic as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invoice => "invoice",
            Self::Estimate => "estimate",
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
    /// Which one.
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
    /// The ledger's reference of the item.
    pub id: Reference,
}

impl Comment {
    /// The event that records it, without the text: that stays in the comment.
    #[must_use]
    pub fn event(&self) -> NewEvent {
        let added = CommentAdded { on: CommentedItem { kind: self.topic, id: self.on.clone() } };
        NewEvent::new(Org::Company(self.company.clone()), self.id.as_str(), kinds::CommentAdded::of(added))
    }
}
