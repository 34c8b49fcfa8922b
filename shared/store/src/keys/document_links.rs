//! Keys of hosted links to sales documents.

use domain::{DocumentLinkId, Org, sales::DocumentLink};

use super::{key::Key, parts::key_parts, template::Item, tenant::Tenant};
use crate::{item::Entity, listing::Listing};

key_parts!(DocumentLinkId);

const DOCUMENT_LINK: Item<DocumentLink, Org, DocumentLinkId> = Item::new("HOSTEDLINK");

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
}

impl Entity for DocumentLink {
    const ENTITY: &'static str = "hosted_link";
}
