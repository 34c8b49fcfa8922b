//! The event of a comment: who said something about what, and who sees it. The words stay with the comment.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{AuthorKind, Comment, CommentVisibility, Topic};
use crate::{
    event::{NewEvent, kinds},
    id::{CommentId, ContactId, Org, UserId},
    text::Reference,
};

/// Payload of `comment.added`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CommentAdded {
    /// The item that is commented on.
    pub on: CommentedItem,
    /// As what the author wrote it.
    #[serde(default)]
    #[schema(required = true)]
    pub written_as: AuthorKind,
    /// Whether the customer sees it.
    #[serde(default)]
    #[schema(required = true)]
    pub visibility: CommentVisibility,
    /// The customer to whom the sales document is addressed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<Reference>,
    /// Which contact of the customer wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<ContactId>,
    /// The comment that it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<CommentId>,
    /// The company's people whom it names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<UserId>,
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
    /// The event that records it, without the text: that stays in the comment.
    #[must_use]
    pub fn event(&self) -> NewEvent {
        let added = CommentAdded {
            on: CommentedItem { kind: self.topic, id: self.on.clone() },
            written_as: self.author.kind,
            visibility: self.visibility,
            customer: self.customer.clone(),
            contact: self.author.contact.clone(),
            reply_to: self.reply_to.clone(),
            mentions: self.mentions.clone(),
        };
        NewEvent::new(Org::Company(self.company.clone()), self.id.as_str(), kinds::CommentAdded::of(added))
    }
}
