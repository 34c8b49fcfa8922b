//! Who at a customer saw which revision of a document, when first and how often.
//!
//! Only an authenticated read by a contact or an explicit request of a hosted page makes a view: never staff, never a
//! preview, never a scanner that follows links.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::content::{Revision, ViewedRevision};
use crate::{
    comment::Topic,
    id::CompanyId,
    text::{Name, Reference},
    time::UtcTime,
};

/// By which way somebody saw a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ViewerKind {
    /// A contact who is signed in.
    Contact,
    /// A hosted link, opened without signing in.
    Link,
}

/// Who saw a document: the contact or the link, by its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Viewer {
    /// By which way.
    pub kind: ViewerKind,
    /// The id of the contact or of the link.
    pub id: Reference,
}

impl fmt::Display for Viewer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            ViewerKind::Contact => "contact",
            ViewerKind::Link => "link",
        };
        write!(f, "{kind}:{}", self.id)
    }
}

/// That one viewer saw one revision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentView {
    /// The company.
    pub company: CompanyId,
    /// The kind of document.
    pub topic: Topic,
    /// The document.
    pub document: Reference,
    /// Which revision of it.
    pub revision: Revision,
    /// Who saw it.
    pub viewer: Viewer,
    /// Their name at that time.
    pub viewer_name: Name,
    /// When first.
    pub first_at: UtcTime,
    /// When last.
    pub last_at: UtcTime,
    /// How often.
    pub count: u32,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

/// A look at a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The view as it is now.
    pub view: DocumentView,
    /// What the document notes: set where nobody of the customer had seen this revision.
    pub first_of_revision: Option<ViewedRevision>,
}

/// Counts a look at a revision. `known` is the viewer's earlier view of the same revision, `viewed` the document's
/// note of the last revision that was seen. `new` has the count of the first look.
#[must_use]
pub fn see(known: Option<DocumentView>, viewed: Option<ViewedRevision>, new: DocumentView) -> Seen {
    let is_first = viewed.is_none_or(|viewed| viewed.revision < new.revision);
    let first_of_revision = is_first.then_some(ViewedRevision { revision: new.revision, at: new.first_at });
    let view = match known {
        Some(known) => DocumentView {
            last_at: new.last_at,
            count: known.count.saturating_add(1),
            version: known.version + 1,
            ..known
        },
        None => new,
    };
    Seen { view, first_of_revision }
}
