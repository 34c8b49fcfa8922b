//! What a customer's contacts see, and do, with any sales document that was sent to their customer.

use super::{
    content::{Revision, ViewedRevision},
    document::SalesDocument,
};
use crate::{
    content_digest::ContentDigest, credit_note::CreditNote, customer::OfCustomer, estimate::Estimate, invoice::Invoice,
    text::Reference,
};

/// A sales document as its customer has it once it was sent.
pub trait SentDocument: SalesDocument + OfCustomer {
    /// The digest of the present revision: what somebody saw.
    fn digest(&self) -> ContentDigest;

    /// The last revision that the customer saw.
    fn viewed(&self) -> Option<ViewedRevision>;

    /// The same document with the revision noted that the customer saw.
    #[must_use]
    fn seen(&self, viewed: ViewedRevision) -> Self;

    /// Counts its changes.
    fn version(&self) -> u64;

    /// Whether it was sent. What was sent once stays the customer's to see, also when it is withdrawn.
    fn is_sent(&self) -> bool {
        const NEVER_SENT: Revision = 0;
        self.revision() != NEVER_SENT
    }

    /// Whether the contacts of this customer see it.
    fn is_shown_to(&self, customer: &Reference) -> bool {
        self.is_sent() && self.customer() == customer
    }
}

macro_rules! sent_documents {
    ($($document:ident),*) => {$(
        impl OfCustomer for $document {
            fn customer(&self) -> &Reference {
                &self.terms.content.customer
            }
        }

        impl SentDocument for $document {
            fn digest(&self) -> ContentDigest {
                self.digest()
            }

            fn viewed(&self) -> Option<ViewedRevision> {
                self.viewed
            }

            fn seen(&self, viewed: ViewedRevision) -> Self {
                self.seen(viewed)
            }

            fn version(&self) -> u64 {
                self.version
            }
        }
    )*};
}

sent_documents!(Invoice, Estimate, CreditNote);
