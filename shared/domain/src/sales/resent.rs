//! A sales document is sent to its customer's contacts again, as it is.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{content::Revision, document::SalesDocument, shown::SentDocument};
use crate::{
    comment::Topic,
    event::{NewEvent, kinds},
    id::{CompanyId, Org},
    text::{Name, Reference},
};

/// Payload of `sales_document.resent`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SalesDocumentResent {
    /// The kind of document.
    pub kind: Topic,
    /// The number that is printed on it.
    pub number: Name,
    /// The customer.
    pub customer: Reference,
    /// Which content it is.
    pub revision: Revision,
}

/// The event of a document that is sent again; `None` where its customer does not have it: it was never sent.
#[must_use]
pub fn resend(company: &CompanyId, document: &impl SentDocument) -> Option<NewEvent> {
    document.is_sent().then(|| event(company, document))
}

fn event<D: SalesDocument>(company: &CompanyId, document: &D) -> NewEvent {
    let content = document.content();
    let data = SalesDocumentResent {
        kind: D::TOPIC,
        number: content.number.clone(),
        customer: content.customer.clone(),
        revision: document.revision(),
    };
    let org = Org::Company(company.clone());
    NewEvent::new(org, document.reference().as_str(), kinds::SalesDocumentResent::of(data))
}
