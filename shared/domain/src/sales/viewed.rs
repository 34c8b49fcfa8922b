//! The event that somebody at a customer saw a revision of a document for the first time.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    content::Revision,
    view::{DocumentView, Viewer},
};
use crate::{
    comment::Topic,
    event::{NewEvent, kinds},
    id::Org,
    text::Reference,
};

/// Payload of `sales_document.viewed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SalesDocumentViewed {
    /// The kind of document.
    pub kind: Topic,
    /// The customer.
    pub customer: Reference,
    /// Which content was seen.
    pub revision: Revision,
    /// Who saw it.
    pub viewer: Viewer,
}

/// The event of a viewer's first look at a revision. Later looks are counted in the view and are no events.
#[must_use]
pub fn viewed_event(view: &DocumentView, customer: &Reference) -> NewEvent {
    let data = SalesDocumentViewed {
        kind: view.topic,
        customer: customer.clone(),
        revision: view.revision,
        viewer: view.viewer.clone(),
    };
    NewEvent::new(Org::Company(view.company.clone()), view.document.as_str(), kinds::SalesDocumentViewed::of(data))
}
