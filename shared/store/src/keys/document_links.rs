//! Keys of hosted links to sales documents.

use domain::{DocumentLinkId, Org, Reference, comment::Topic, sales::DocumentLink};

use super::{
    key::Key,
    parts::key_parts,
    template::{Gsi1, Item},
    tenant::{COMPANY, Tenant},
};
use crate::{
    item::{Entity, Indexes},
    listing::Listing,
};

key_parts!(DocumentLinkId);

const DOCUMENT_LINK: Item<DocumentLink, Org, DocumentLinkId> = Item::new("HOSTEDLINK");
const LINK_TO_DOCUMENT: Gsi1<DocumentLink, Org, (Topic, Reference, DocumentLinkId)> = Gsi1::new("HOSTEDLINK");

impl Tenant {
    /// A hosted link to a sales document.
    #[must_use]
    pub fn document_link(&self, id: &DocumentLinkId) -> Key<DocumentLink> {
        DOCUMENT_LINK.key(self.pk(), id)
    }

    /// The hosted links of the company, the newest first.
    #[must_use]
    pub fn document_links(&self) -> Listing<DocumentLink> {
        DOCUMENT_LINK.list(self.pk(), ()).newest_first()
    }

    /// The hosted links to one document, the newest first.
    #[must_use]
    pub fn links_to(&self, topic: Topic, document: &Reference) -> Listing<DocumentLink> {
        LINK_TO_DOCUMENT.list(self.pk(), (&topic, document)).newest_first()
    }
}

impl Entity for DocumentLink {
    const ENTITY: &'static str = "hosted_link";

    fn indexes(&self) -> Indexes {
        LINK_TO_DOCUMENT.entry(COMPANY.pk(&self.company), (&self.topic, &self.document, &self.id)).into()
    }
}
