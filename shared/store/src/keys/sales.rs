//! Keys of sales documents, which are invoices, credit notes and estimates, of the lines that do not fit into them, of
//! who saw them, and of the comments on them.
//!
//! All sent documents of a customer are in one partition of an index, by kind and day of issue. A draft is not there,
//! so no list that a contact reads can hold one.

use domain::{
    CompanyId, Org, Reference,
    comment::{Comment, Topic},
    credit_note::{CreditNote, CreditNoteState},
    estimate::{Estimate, EstimateState},
    id::CommentId,
    invoice::{Invoice, InvoiceState},
    sales::{DocumentView, LinePart, Revision, Viewer},
    time::Day,
};

use super::{
    key::Key,
    parts::{key_parts, key_words},
    template::{Gsi1, Gsi2, Item, Partition},
    tenant::{COMPANY, Tenant},
};
use crate::{
    item::{Entity, Indexes},
    listing::Listing,
};

key_parts!(CommentId);
key_words!(CreditNoteState, EstimateState, InvoiceState, Topic);

const INVOICE: Item<Invoice, Org, Reference> = Item::new("INVOICE");
const INVOICE_BY_STATE: Gsi1<Invoice, Org, (InvoiceState, Day, Reference)> = Gsi1::new("INVOICE");
const CREDIT_NOTE: Item<CreditNote, Org, Reference> = Item::new("CREDITNOTE");
const CREDIT_NOTE_BY_STATE: Gsi1<CreditNote, Org, (CreditNoteState, Day, Reference)> = Gsi1::new("CREDITNOTE");
const ESTIMATE: Item<Estimate, Org, Reference> = Item::new("ESTIMATE");
const ESTIMATE_BY_STATE: Gsi1<Estimate, Org, (EstimateState, Day, Reference)> = Gsi1::new("ESTIMATE");
/// The sent documents of one customer.
const CUSTOMER: Partition<SentDocument, (CompanyId, Reference)> = Partition::new("SALES");
const INVOICE_OF_CUSTOMER: Gsi2<Invoice, SentDocument, (Day, Reference)> = Gsi2::new("INVOICE");
const CREDIT_NOTE_OF_CUSTOMER: Gsi2<CreditNote, SentDocument, (Day, Reference)> = Gsi2::new("CREDITNOTE");
const ESTIMATE_OF_CUSTOMER: Gsi2<Estimate, SentDocument, (Day, Reference)> = Gsi2::new("ESTIMATE");
const LINES: Item<LinePart, Org, (Topic, Reference, u8)> = Item::new("SALESLINES");
const VIEW: Item<DocumentView, Org, (Topic, Reference, str)> = Item::new("VIEW");
const COMMENT: Item<Comment, Org, (Topic, Reference, CommentId)> = Item::new("COMMENT");

/// What the partition of a customer's documents holds.
enum SentDocument {}

/// In the order of revisions.
fn view_name(revision: Revision, viewer: &Viewer) -> String {
    format!("{revision:010}.{viewer}")
}

impl Tenant {
    /// An invoice.
    #[must_use]
    pub fn invoice(&self, reference: &Reference) -> Key<Invoice> {
        INVOICE.key(self.pk(), reference)
    }

    /// Invoices, all by reference, or those in one state by due date.
    #[must_use]
    pub fn invoices(&self, state: Option<InvoiceState>) -> Listing<Invoice> {
        match state {
            Some(state) => INVOICE_BY_STATE.list(self.pk(), &state),
            None => INVOICE.list(self.pk(), ()),
        }
    }

    /// A credit note.
    #[must_use]
    pub fn credit_note(&self, reference: &Reference) -> Key<CreditNote> {
        CREDIT_NOTE.key(self.pk(), reference)
    }

    /// Credit notes, all by reference, or those in one state by day of issue.
    #[must_use]
    pub fn credit_notes(&self, state: Option<CreditNoteState>) -> Listing<CreditNote> {
        match state {
            Some(state) => CREDIT_NOTE_BY_STATE.list(self.pk(), &state),
            None => CREDIT_NOTE.list(self.pk(), ()),
        }
    }

    /// An estimate.
    #[must_use]
    pub fn estimate(&self, reference: &Reference) -> Key<Estimate> {
        ESTIMATE.key(self.pk(), reference)
    }

    /// Estimates, all by reference, or those in one state by last valid day.
    #[must_use]
    pub fn estimates(&self, state: Option<EstimateState>) -> Listing<Estimate> {
        match state {
            Some(state) => ESTIMATE_BY_STATE.list(self.pk(), &state),
            None => ESTIMATE.list(self.pk(), ()),
        }
    }

    /// The sent invoices of a customer, the newest first.
    #[must_use]
    pub fn invoices_of_customer(&self, company: &CompanyId, customer: &Reference) -> Listing<Invoice> {
        INVOICE_OF_CUSTOMER.list(CUSTOMER.pk((company, customer)), ()).newest_first()
    }

    /// The sent credit notes of a customer, the newest first.
    #[must_use]
    pub fn credit_notes_of_customer(&self, company: &CompanyId, customer: &Reference) -> Listing<CreditNote> {
        CREDIT_NOTE_OF_CUSTOMER.list(CUSTOMER.pk((company, customer)), ()).newest_first()
    }

    /// The sent estimates of a customer, the newest first.
    #[must_use]
    pub fn estimates_of_customer(&self, company: &CompanyId, customer: &Reference) -> Listing<Estimate> {
        ESTIMATE_OF_CUSTOMER.list(CUSTOMER.pk((company, customer)), ()).newest_first()
    }

    /// The lines of a document that do not fit into it, in so many parts.
    #[must_use]
    pub fn line_parts(&self, topic: Topic, reference: &Reference, parts: u8) -> Vec<Key<LinePart>> {
        (0..parts).map(|part| self.line_part(topic, reference, part)).collect()
    }

    pub(crate) fn line_part(&self, topic: Topic, reference: &Reference, part: u8) -> Key<LinePart> {
        LINES.key(self.pk(), (&topic, reference, &part))
    }

    /// That somebody of the customer saw one revision of a document.
    #[must_use]
    pub fn document_view(&self, view: &DocumentView) -> Key<DocumentView> {
        self.view_of(view.topic, &view.document, view.revision, &view.viewer)
    }

    /// As [`Tenant::document_view`], by its parts.
    #[must_use]
    pub fn view_of(
        &self,
        topic: Topic,
        document: &Reference,
        revision: Revision,
        viewer: &Viewer,
    ) -> Key<DocumentView> {
        VIEW.key(self.pk(), (&topic, document, view_name(revision, viewer).as_str()))
    }

    /// Who saw which revision of a document, the last revision first.
    #[must_use]
    pub fn document_views(&self, topic: Topic, document: &Reference) -> Listing<DocumentView> {
        VIEW.list(self.pk(), (&topic, document)).newest_first()
    }

    /// One comment.
    #[must_use]
    pub fn comment(&self, comment: &Comment) -> Key<Comment> {
        COMMENT.key(self.pk(), (&comment.topic, &comment.on, &comment.id))
    }

    /// The comments on one document, oldest first.
    #[must_use]
    pub fn comments(&self, topic: Topic, on: &Reference) -> Listing<Comment> {
        COMMENT.list(self.pk(), (&topic, on))
    }
}

impl Entity for Invoice {
    const ENTITY: &'static str = "invoice";

    fn indexes(&self) -> Indexes {
        let by_state = (&self.state, &self.terms.due_on, &self.reference);
        let content = &self.terms.content;
        let of_customer = || {
            let customer = CUSTOMER.pk((&self.company, &content.customer));
            INVOICE_OF_CUSTOMER.entry(customer, (&content.issued_on, &self.reference))
        };
        Indexes::from(INVOICE_BY_STATE.entry(COMPANY.pk(&self.company), by_state))
            .and((self.revision > 0).then(of_customer))
    }
}

impl Entity for CreditNote {
    const ENTITY: &'static str = "credit_note";

    fn indexes(&self) -> Indexes {
        let content = &self.terms.content;
        let by_state = (&self.state, &content.issued_on, &self.reference);
        let of_customer = || {
            let customer = CUSTOMER.pk((&self.company, &content.customer));
            CREDIT_NOTE_OF_CUSTOMER.entry(customer, (&content.issued_on, &self.reference))
        };
        Indexes::from(CREDIT_NOTE_BY_STATE.entry(COMPANY.pk(&self.company), by_state))
            .and((self.revision > 0).then(of_customer))
    }
}

impl Entity for Estimate {
    const ENTITY: &'static str = "estimate";

    fn indexes(&self) -> Indexes {
        let by_state = (&self.state, &self.terms.valid_until, &self.reference);
        let content = &self.terms.content;
        let of_customer = || {
            let customer = CUSTOMER.pk((&self.company, &content.customer));
            ESTIMATE_OF_CUSTOMER.entry(customer, (&content.issued_on, &self.reference))
        };
        Indexes::from(ESTIMATE_BY_STATE.entry(COMPANY.pk(&self.company), by_state))
            .and((self.revision > 0).then(of_customer))
    }
}

impl Entity for LinePart {
    const ENTITY: &'static str = "sales_lines";
}

impl Entity for DocumentView {
    const ENTITY: &'static str = "document_view";
}

impl Entity for Comment {
    const ENTITY: &'static str = "comment";
}
