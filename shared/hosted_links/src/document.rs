//! The document of a link, of whatever kind.

use domain::{
    comment::Topic,
    content_digest::ContentDigest,
    credit_note::CreditNote,
    estimate::Estimate,
    invoice::Invoice,
    sales::{DocumentContent, DocumentLink, Revision, SalesDocument, ViewedRevision},
    time::Day,
};
use store::{Change, Key, Tenant};

/// A sales document that was sent to its customer.
#[derive(Debug, Clone)]
pub enum Hosted {
    /// An invoice.
    Invoice(Invoice),
    /// A credit note.
    CreditNote(CreditNote),
    /// An estimate.
    Estimate(Box<Estimate>),
}

/// The keys of the one document of a link, by its kind.
pub(crate) type HostedKeys = (Option<Key<Invoice>>, Option<Key<CreditNote>>, Option<Key<Estimate>>);
/// What is found under them.
pub(crate) type HostedFound = (Option<Option<Invoice>>, Option<Option<CreditNote>>, Option<Option<Estimate>>);

impl Hosted {
    pub(crate) fn keys(tenant: &Tenant, link: &DocumentLink) -> HostedKeys {
        let on = |topic: Topic| (link.topic == topic).then_some(&link.document);
        (
            on(Topic::Invoice).map(|document| tenant.invoice(document)),
            on(Topic::CreditNote).map(|document| tenant.credit_note(document)),
            on(Topic::Estimate).map(|document| tenant.estimate(document)),
        )
    }

    /// The document, if it was sent to the customer of the link.
    pub(crate) fn of((invoice, credit_note, estimate): HostedFound, link: &DocumentLink) -> Option<Self> {
        let found = invoice.flatten().map(Self::Invoice);
        let found = found.or(credit_note.flatten().map(Self::CreditNote));
        let found = found.or(estimate.flatten().map(|estimate| Self::Estimate(Box::new(estimate))));
        found.filter(|document| document.revision() > 0 && document.content().customer == link.customer)
    }

    /// Its content.
    #[must_use]
    pub fn content(&self) -> &DocumentContent {
        match self {
            Self::Invoice(invoice) => invoice.content(),
            Self::CreditNote(note) => note.content(),
            Self::Estimate(estimate) => estimate.content(),
        }
    }

    /// Which content of it the customer has.
    #[must_use]
    pub fn revision(&self) -> Revision {
        match self {
            Self::Invoice(invoice) => invoice.revision,
            Self::CreditNote(note) => note.revision,
            Self::Estimate(estimate) => estimate.revision,
        }
    }

    /// The digest of the content and its revision.
    #[must_use]
    pub fn digest(&self) -> ContentDigest {
        match self {
            Self::Invoice(invoice) => invoice.digest(),
            Self::CreditNote(note) => note.digest(),
            Self::Estimate(estimate) => estimate.digest(),
        }
    }

    /// Which revision the customer saw last.
    #[must_use]
    pub fn viewed(&self) -> Option<ViewedRevision> {
        match self {
            Self::Invoice(invoice) => invoice.viewed,
            Self::CreditNote(note) => note.viewed,
            Self::Estimate(estimate) => estimate.viewed,
        }
    }

    /// When it is due, or the last day on which it can be accepted.
    #[must_use]
    pub fn last_day(&self) -> Option<Day> {
        match self {
            Self::Invoice(invoice) => Some(invoice.terms.due_on),
            Self::CreditNote(_) => None,
            Self::Estimate(estimate) => Some(estimate.terms.valid_until),
        }
    }

    /// Notes in a change that the customer saw a revision.
    pub fn put_seen(&self, change: &mut Change<'_>, viewed: ViewedRevision) {
        match self {
            Self::Invoice(it) => {
                let seen = it.seen(viewed);
                change.put_sales_document(|tenant, reference| tenant.invoice(reference), Some(it.version), &seen);
            }
            Self::CreditNote(it) => {
                let seen = it.seen(viewed);
                change.put_sales_document(|tenant, reference| tenant.credit_note(reference), Some(it.version), &seen);
            }
            Self::Estimate(it) => {
                let seen = it.seen(viewed);
                change.put_sales_document(|tenant, reference| tenant.estimate(reference), Some(it.version), &seen);
            }
        }
    }

    /// Requires in a change that it is as it was read.
    pub fn unchanged(&self, change: &mut Change<'_>) {
        match self {
            Self::Invoice(it) => change.unchanged(|tenant| tenant.invoice(&it.reference), it.version),
            Self::CreditNote(it) => change.unchanged(|tenant| tenant.credit_note(&it.reference), it.version),
            Self::Estimate(it) => change.unchanged(|tenant| tenant.estimate(&it.reference), it.version),
        }
    }
}
