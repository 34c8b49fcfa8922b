//! Keys of sales documents, which are invoices and estimates, and of the comments on them.

use domain::{
    Org, Reference,
    comment::{Comment, Topic},
    estimate::{Estimate, EstimateStatus},
    id::CommentId,
    invoice::{Invoice, InvoiceStatus},
    time::Day,
};

use super::{
    key::Key,
    parts::{key_parts, key_words},
    template::{Gsi1, Item},
    tenant::{COMPANY, Tenant},
};
use crate::{
    item::{Entity, Indexes},
    listing::Listing,
};

key_parts!(CommentId);
key_words!(EstimateStatus, InvoiceStatus, Topic);

const INVOICE: Item<Invoice, Org, Reference> = Item::new("INVOICE");
const INVOICE_BY_STATUS: Gsi1<Invoice, Org, (InvoiceStatus, Day, Reference)> = Gsi1::new("INVOICE");
const ESTIMATE: Item<Estimate, Org, Reference> = Item::new("ESTIMATE");
const ESTIMATE_BY_STATUS: Gsi1<Estimate, Org, (EstimateStatus, Day, Reference)> = Gsi1::new("ESTIMATE");
const COMMENT: Item<Comment, Org, (Topic, Reference, CommentId)> = Item::new("COMMENT");

impl Tenant {
    /// An invoice.
    #[must_use]
    pub fn invoice(&self, reference: &Reference) -> Key<Invoice> {
        INVOICE.key(self.pk(), reference)
    }

    /// Invoices, all by reference, or those in one state by due date.
    #[must_use]
    pub fn invoices(&self, status: Option<InvoiceStatus>) -> Listing<Invoice> {
        match status {
            Some(status) => INVOICE_BY_STATUS.list(self.pk(), &status),
            None => INVOICE.list(self.pk(), ()),
        }
    }

    /// An estimate.
    #[must_use]
    pub fn estimate(&self, reference: &Reference) -> Key<Estimate> {
        ESTIMATE.key(self.pk(), reference)
    }

    /// Estimates, all by reference, or those in one state by last valid day.
    #[must_use]
    pub fn estimates(&self, status: Option<EstimateStatus>) -> Listing<Estimate> {
        match status {
            Some(status) => ESTIMATE_BY_STATUS.list(self.pk(), &status),
            None => ESTIMATE.list(self.pk(), ()),
        }
    }

    /// One comment.
    #[must_use]
    pub fn comment(&self, comment: &Comment) -> Key<Comment> {
        COMMENT.key(self.pk(), (&comment.topic, &comment.on, &comment.id))
    }

    /// The comments on one invoice or estimate, oldest first.
    #[must_use]
    pub fn comments(&self, topic: Topic, on: &Reference) -> Listing<Comment> {
        COMMENT.list(self.pk(), (&topic, on))
    }
}

impl Entity for Invoice {
    const ENTITY: &'static str = "invoice";

    fn indexes(&self) -> Indexes {
        let by_status = (&self.status, &self.terms.due_on, &self.reference);
        INVOICE_BY_STATUS.entry(COMPANY.pk(&self.company), by_status).into()
    }
}

impl Entity for Estimate {
    const ENTITY: &'static str = "estimate";

    fn indexes(&self) -> Indexes {
        let by_status = (&self.status, &self.terms.valid_until, &self.reference);
        ESTIMATE_BY_STATUS.entry(COMPANY.pk(&self.company), by_status).into()
    }
}

impl Entity for Comment {
    const ENTITY: &'static str = "comment";
}
