//! What can be done with any sales document, whatever its kind.

use uuid::Uuid;

use super::{
    content::{DocumentContent, Revision},
    split::{LinePart, join_lines, split_lines},
};
use crate::{comment::Topic, content_digest::ContentDigest, id::UserId, text::Reference};

/// A reference for a document that nobody gave one, from a UUIDv7 that the caller drew.
#[must_use]
pub fn reference_from(topic: Topic, uuid: Uuid) -> Reference {
    let prefix = match topic {
        Topic::Invoice => "inv-",
        Topic::Estimate => "est-",
        Topic::CreditNote => "crn-",
        Topic::Document => "doc-",
    };
    Reference::of_uuid(prefix, uuid)
}

/// An invoice, a credit note or an estimate.
pub trait SalesDocument: Clone {
    /// The kind.
    const TOPIC: Topic;

    /// The ledger's own name for it.
    fn reference(&self) -> &Reference;

    /// Its content.
    fn content(&self) -> &DocumentContent;

    /// Its content, to put lines in or take them out.
    fn content_mut(&mut self) -> &mut DocumentContent;

    /// The digest of its content, lines included.
    fn content_digest(&self) -> &ContentDigest;

    /// Which content it is; 0 before the first is sent.
    fn revision(&self) -> Revision;

    /// The person who sent the present content, if one did.
    fn sent_by(&self) -> Option<&UserId>;

    /// How many parts its lines are kept in beside it; 0 where they are in it.
    fn line_parts(&self) -> u8;

    /// Notes in how many parts its lines are kept.
    fn set_line_parts(&mut self, parts: u8);

    /// The document as it is stored, and the parts of its lines that are stored beside it and were not before.
    #[must_use]
    fn stored_apart(&self) -> (Self, Vec<LinePart>) {
        let mut stored = self.clone();
        let digest = self.content_digest().clone();
        let parts = split_lines(&mut stored.content_mut().lines, &digest);
        if !parts.is_empty() {
            // A request has fewer bytes than a few parts.
            stored.set_line_parts(u8::try_from(parts.len()).unwrap_or(u8::MAX));
        }
        (stored, parts)
    }

    /// The document with the lines that were read beside it; `None` where it changed between the reads.
    #[must_use]
    fn with_lines(mut self, parts: Vec<Option<LinePart>>) -> Option<Self> {
        if self.line_parts() > 0 {
            let lines = join_lines(parts, self.content_digest())?;
            self.content_mut().lines = lines;
        }
        Some(self)
    }
}

/// Implements [`SalesDocument`] for a struct with the usual fields.
macro_rules! sales_document {
    ($name:ty, $topic:expr) => {
        impl $crate::sales::SalesDocument for $name {
            const TOPIC: $crate::comment::Topic = $topic;

            fn reference(&self) -> &$crate::text::Reference {
                &self.reference
            }

            fn content(&self) -> &$crate::sales::DocumentContent {
                &self.terms.content
            }

            fn content_mut(&mut self) -> &mut $crate::sales::DocumentContent {
                &mut self.terms.content
            }

            fn content_digest(&self) -> &$crate::content_digest::ContentDigest {
                &self.content_digest
            }

            fn revision(&self) -> $crate::sales::Revision {
                self.revision
            }

            fn sent_by(&self) -> Option<&$crate::id::UserId> {
                self.sent_by.as_ref()
            }

            fn line_parts(&self) -> u8 {
                self.line_parts
            }

            fn set_line_parts(&mut self, parts: u8) {
                self.line_parts = parts;
            }
        }
    };
}

pub(crate) use sales_document;
