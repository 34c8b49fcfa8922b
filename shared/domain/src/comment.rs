//! Comments on sales documents and on uploaded documents.
//!
//! A comment on a sales document is for its customer too, or internal to the company's own people: its members, and
//! the people of a firm who act for it. Comments never change. What somebody has read is in [`marker`].

mod adding;
mod author;
mod event;
mod marker;
mod module;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use self::{
    adding::{CommentError, MAX_MENTIONS, NewComment, add, mentionable},
    author::{AuthorKind, CommentAuthor},
    event::{CommentAdded, CommentedItem},
    marker::{CommentMarker, CommentReader, count_unread, looked_at, unread},
    module::CommentModule,
};
use crate::{
    id::{CommentId, CompanyId, FirmId, UserId},
    text::{Note, Reference},
    time::UtcTime,
};

/// The item that is commented on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
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

/// Who sees a comment on a sales document.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CommentVisibility {
    /// The customer and the company's people.
    Customer,
    /// The company's people alone. So are all comments that were written before there were customers.
    #[default]
    Internal,
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
    /// The customer to whom the sales document is addressed; absent for other documents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<Reference>,
    /// Whether that customer sees it.
    #[serde(default)]
    pub visibility: CommentVisibility,
    /// The text.
    pub text: Note,
    /// The comment that it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<CommentId>,
    /// The company's people whom it names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<UserId>,
    /// Who wrote it.
    #[serde(flatten)]
    pub author: CommentAuthor,
    /// When.
    pub at: UtcTime,
    /// The firm to which it is internal; absent for a comment that everybody sees who sees the item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub internal_to: Option<FirmId>,
}

impl Comment {
    /// Whether one of the company's people sees it who acts for this firm, or for none.
    #[must_use]
    pub fn is_visible_to(&self, firm: Option<&FirmId>) -> bool {
        self.internal_to.as_ref().is_none_or(|internal_to| firm == Some(internal_to))
    }

    /// Whether this customer sees it.
    ///
    /// INVARIANT: each answer to a contact or to the holder of a link shows only comments for which this holds.
    #[must_use]
    pub fn is_visible_to_customer(&self, customer: &Reference) -> bool {
        self.shown_to() == Some(customer)
    }

    /// The customer who sees it, if one does.
    #[must_use]
    pub fn shown_to(&self) -> Option<&Reference> {
        match self.visibility {
            CommentVisibility::Customer if self.internal_to.is_none() => self.customer.as_ref(),
            CommentVisibility::Customer | CommentVisibility::Internal => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{adding::tests::new_comment, *};
    use crate::samples::firm;

    fn comment(visibility: CommentVisibility, internal_to: Option<FirmId>) -> Comment {
        let (comment, _) = add(NewComment { visibility, ..new_comment() }, None, |_| false).unwrap();
        Comment { internal_to, ..comment }
    }

    #[test]
    fn a_comment_that_is_internal_to_a_firm_is_seen_by_that_firm_alone() {
        let internal = comment(CommentVisibility::Customer, Some(firm(2)));
        assert!(internal.is_visible_to(Some(&firm(2))));
        assert!(!internal.is_visible_to(Some(&firm(3))) && !internal.is_visible_to(None));
        assert_eq!(internal.shown_to(), None);
        let open = comment(CommentVisibility::Internal, None);
        assert!(open.is_visible_to(None) && open.is_visible_to(Some(&firm(3))));
    }

    /// Proves: CP1
    #[test]
    fn a_customer_sees_the_comments_to_them_and_no_others() {
        let customer = |reference: &str| reference.parse::<Reference>().unwrap();
        let to_them = comment(CommentVisibility::Customer, None);
        assert!(to_them.is_visible_to_customer(&customer("CUS-1")));
        assert!(!to_them.is_visible_to_customer(&customer("CUS-2")), "another customer");
        assert!(!comment(CommentVisibility::Internal, None).is_visible_to_customer(&customer("CUS-1")));
        let of_nobody = Comment { customer: None, ..to_them };
        assert!(!of_nobody.is_visible_to_customer(&customer("CUS-1")));
    }

    /// Proves: CP1
    #[test]
    fn a_comment_from_before_there_were_customers_is_internal() {
        let mut stored = serde_json::to_value(comment(CommentVisibility::Customer, None)).unwrap();
        for later in ["customer", "visibility", "reply_to", "mentions", "written_as", "firm", "contact"] {
            stored.as_object_mut().unwrap().remove(later);
        }
        let read: Comment = serde_json::from_value(stored).unwrap();
        assert_eq!((read.visibility, read.shown_to()), (CommentVisibility::Internal, None));
        assert_eq!(read.author.kind, AuthorKind::Member);
    }
}
