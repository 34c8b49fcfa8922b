//! Keys of comments, and of what somebody has read of them.

use domain::{
    Org, Reference,
    comment::{Comment, CommentMarker, CommentModule, CommentReader, Topic},
    id::CommentId,
};

use super::{
    key::Key,
    parts::{key_parts, key_words},
    template::{Gsi1, Gsi2, Item, KeyPart, append},
    tenant::{COMPANY, Tenant},
};
use crate::{
    item::{Entity, Indexes},
    listing::Listing,
};

key_parts!(CommentId);
key_words!(CommentModule, Topic);

const COMMENT: Item<Comment, Org, (Topic, Reference, CommentId)> = Item::new("COMMENT");
/// The comments that a customer sees, on all their documents.
const COMMENT_TO_CUSTOMER: Gsi1<Comment, Org, (Reference, CommentId)> = Gsi1::new("CUSTOMERCOMMENT");
/// All comments on items of one module, for those of the company's people who see the module.
const COMMENT_OF_MODULE: Gsi2<Comment, Org, (CommentModule, CommentId)> = Gsi2::new("COMMENT");
const MARKER: Item<CommentMarker, Org, (CommentReader, Topic, Reference)> = Item::new("COMMENTMARKER");
const MARKER_BY_COMMENT: Gsi1<CommentMarker, Org, (CommentReader, CommentId)> = Gsi1::new("COMMENTMARKER");

/// A reader's side first, so that no reader's text begins another's.
impl KeyPart for CommentReader {
    fn append_to(&self, key: &mut String) {
        match self {
            Self::Company { user } => {
                append(&"company", key);
                user.append_to(key);
            }
            Self::Customer { customer, user } => {
                append(&"customer", key);
                append(customer, key);
                user.append_to(key);
            }
        }
    }
}

impl Tenant {
    /// One comment, by its id.
    #[must_use]
    pub fn comment(&self, topic: Topic, on: &Reference, id: &CommentId) -> Key<Comment> {
        COMMENT.key(self.pk(), (&topic, on, id))
    }

    /// The comments on one sales document or uploaded document, oldest first.
    #[must_use]
    pub fn comments(&self, topic: Topic, on: &Reference) -> Listing<Comment> {
        COMMENT.list(self.pk(), (&topic, on))
    }

    /// The comments that a customer sees on any of their documents, newest first.
    #[must_use]
    pub fn comments_to_customer(&self, customer: &Reference) -> Listing<Comment> {
        COMMENT_TO_CUSTOMER.list(self.pk(), customer).newest_first()
    }

    /// The comments on the items of a module, newest first. Those that are internal to a firm are among them.
    #[must_use]
    pub fn comments_of_module(&self, module: CommentModule) -> Listing<Comment> {
        COMMENT_OF_MODULE.list(self.pk(), &module).newest_first()
    }

    /// How far somebody has read the comments on one sales document.
    #[must_use]
    pub fn comment_marker(&self, reader: &CommentReader, topic: Topic, on: &Reference) -> Key<CommentMarker> {
        MARKER.key(self.pk(), (reader, &topic, on))
    }

    /// The markers of a reader, the one that names the newest comment first.
    #[must_use]
    pub fn comment_markers(&self, reader: &CommentReader) -> Listing<CommentMarker> {
        MARKER_BY_COMMENT.list(self.pk(), reader).newest_first()
    }
}

impl Entity for Comment {
    const ENTITY: &'static str = "comment";

    fn indexes(&self) -> Indexes {
        let to_customer =
            self.shown_to().map(|customer| COMMENT_TO_CUSTOMER.entry(COMPANY.pk(&self.company), (customer, &self.id)));
        let of_module = COMMENT_OF_MODULE.entry(COMPANY.pk(&self.company), (&self.topic.module(), &self.id));
        Indexes::from(to_customer).and(of_module)
    }
}

impl Entity for CommentMarker {
    const ENTITY: &'static str = "comment_marker";

    fn indexes(&self) -> Indexes {
        MARKER_BY_COMMENT.entry(COMPANY.pk(&self.company), (&self.reader, &self.read_up_to)).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant() -> Tenant {
        Tenant::new(Org::Company("co_00000000000000000000000000000001".parse().unwrap()))
    }

    #[test]
    fn the_markers_of_one_reader_are_no_one_elses() {
        let reference = |text: &str| text.parse::<Reference>().unwrap();
        let customer = |customer: &str, user: &str| CommentReader::Customer {
            customer: reference(customer),
            user: user.parse().unwrap(),
        };
        let company = |user: &str| CommentReader::Company { user: user.parse().unwrap() };
        let readers =
            [customer("CUS", "u"), customer("CUS-1", "u"), customer("CUS", "u1"), company("u"), company("CUS")];
        for reader in &readers {
            let listed = tenant().comment_markers(reader);
            for other in readers.iter().filter(|other| *other != reader) {
                let key = MARKER_BY_COMMENT.sk((other, &"cm_00000000000000000000000000000001".parse().unwrap()));
                assert!(!key.starts_with(&listed.prefix), "{key} is in {}", listed.prefix);
            }
        }
    }
}
