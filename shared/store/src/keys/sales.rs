//! Keys of sales documents, which are invoices, credit notes and estimates, of the lines that do not fit into them,
//! and of who saw them.
//!
//! All sent documents of a customer are in one partition of an index, by kind and day of issue. A draft is not there,
//! so no list that a contact reads can hold one.

use domain::{
    CompanyId, Org, Reference,
    comment::Topic,
    credit_note::{CreditNote, CreditNoteState},
    estimate::{Estimate, EstimateState},
    invoice::{Invoice, InvoiceState},
    sales::{DocumentView, LinePart, Revision, Viewer},
    time::Day,
};

use super::{
    key::Key,
    parts::key_words,
    template::{Gsi1, Gsi2, Item, Partition},
    tenant::{COMPANY, Tenant},
};
use crate::{
    item::{Entity, Indexes},
    listing::Listing,
};

key_words!(CreditNoteState, EstimateState, InvoiceState);

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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use domain::{
        UtcTime,
        document::{Checksum, VersionNumber},
        invoice::{InvoiceReport, InvoiceTerms, PaymentOption, Recording, record},
        receivables::{AccountInput, CustomerAccount, DocumentChange, Movement, account_change},
        sales::{Attachment, DocumentContent, DocumentSource, LineInput, SalesDocument, ViewedRevision, compute},
    };

    use super::*;
    use crate::item::{Source, from_item, to_item};

    fn company() -> CompanyId {
        "co_00000000000000000000000000000001".parse().unwrap()
    }

    fn tenant() -> Tenant {
        Tenant::new(Org::Company(company()))
    }

    fn day(text: &str) -> Day {
        text.to_owned().try_into().unwrap()
    }

    fn invoice(state: InvoiceState, lines: usize, words: &str) -> Invoice {
        let line = LineInput {
            description: words.parse().unwrap(),
            quantity: "-2.5".parse().unwrap(),
            unit: Some("hour".parse().unwrap()),
            unit_price: "0".parse().unwrap(),
            discount_percent: Some("12.5".parse().unwrap()),
            discount_minor: None,
            tax_category: domain::sales::TaxCategory::Standard,
            tax_percent: "8.875".parse().unwrap(),
        };
        let currency = "EUR".parse().unwrap();
        let paid = LineInput { quantity: "3".parse().unwrap(), unit_price: "19.99".parse().unwrap(), ..line.clone() };
        let mut all = vec![paid.with_amount(currency).unwrap()];
        all.resize(lines, line.with_amount(currency).unwrap());
        let (taxes, totals, total_minor) = compute(currency, &all, &[]).unwrap();
        let content = DocumentContent {
            number: "2026/17".parse().unwrap(),
            customer: "CUS-1".parse().unwrap(),
            customer_name: "Papelaria Sol".parse().unwrap(),
            currency,
            total_minor,
            issued_on: day("2026-11-01"),
            description: None,
            purchase_order: Some("PO 7".parse().unwrap()),
            terms_text: Some("30 days".parse().unwrap()),
            attachments: vec![Attachment {
                document: "doc_00000000000000000000000000000003".parse().unwrap(),
                number: VersionNumber::FIRST,
                sha256: Checksum::of([3; 32]),
            }],
            lines: all,
            adjustments: Vec::new(),
            taxes,
            totals,
        };
        let terms = InvoiceTerms {
            content,
            settled_elsewhere_minor: 100.try_into().unwrap(),
            due_on: day("2026-12-01"),
            payment_options: vec![PaymentOption::BankTransfer],
            estimate: Some("EST-1".parse().unwrap()),
        };
        let report = InvoiceReport { terms, state, source: DocumentSource::Staff, by: None, at: UtcTime::EPOCH };
        match record(&company(), &"INV-1".parse().unwrap(), None, report).unwrap() {
            Recording::Recorded(invoice, _) | Recording::Unchanged(invoice) => invoice,
        }
    }

    #[test]
    fn an_invoice_is_read_as_it_was_written() {
        let sent =
            invoice(InvoiceState::Open, 3, "Consulting").seen(ViewedRevision { revision: 1, at: UtcTime::EPOCH });
        let key = tenant().invoice(&sent.reference).raw;
        let read: Invoice = from_item(to_item(&key, &sent).unwrap()).unwrap();
        assert_eq!(read, sent);
    }

    #[test]
    fn many_long_lines_fit_into_items_of_their_own() {
        let long = invoice(InvoiceState::Open, 300, &"x".repeat(1_500));
        let (stored, parts) = long.stored_apart();
        assert!(parts.len() > 1 && stored.terms.content.lines.is_empty(), "{}", parts.len());
        let key = tenant().invoice(&stored.reference).raw;
        let read: Invoice = from_item(to_item(&key, &stored).unwrap()).unwrap();
        let keys = tenant().line_parts(Invoice::TOPIC, &read.reference, read.line_parts);
        let parts = keys.iter().zip(&parts).map(|(key, part)| from_item(to_item(&key.raw, part).unwrap()).ok());
        let whole = read.with_lines(parts.collect()).unwrap();
        assert_eq!(whole.terms, long.terms);
    }

    #[test]
    fn a_draft_is_in_no_list_of_its_customer() {
        let customer = "CUS-1".parse().unwrap();
        let listing = tenant().invoices_of_customer(&company(), &customer);
        for (state, is_listed) in [(InvoiceState::Draft, false), (InvoiceState::Open, true)] {
            let entries = invoice(state, 1, "Consulting").indexes().entries;
            let of_customer = entries.iter().filter(|entry| entry.source == Source::Gsi2);
            let listed = of_customer.filter(|entry| entry.pk == listing.pk && entry.sk.starts_with(&listing.prefix));
            assert_eq!(listed.count(), usize::from(is_listed), "{state:?}");
        }
        let others = tenant().invoices_of_customer(&company(), &"CUS-10".parse().unwrap());
        assert_ne!(others.pk, listing.pk);
    }

    #[test]
    fn an_account_and_its_movements_are_read_as_they_were_written_and_listed_from_a_day_on() {
        let (company, customer) = (company(), "CUS-1".parse().unwrap());
        let input = AccountInput {
            company: &company,
            customer: &customer,
            account: None,
            today: day("2026-11-20"),
            at: UtcTime::EPOCH,
        };
        let sent = invoice(InvoiceState::Open, 1, "Consulting");
        let change = account_change(input, &[DocumentChange::Invoice(None, &sent)]).unwrap();
        let key = tenant().customer_account(&customer).raw;
        let read: CustomerAccount = from_item(to_item(&key, &change.account).unwrap()).unwrap();
        assert_eq!(read, change.account);
        let due: &BTreeMap<Day, i64> = &read.currencies.first().unwrap().due;
        assert_eq!(due.keys().collect::<Vec<_>>(), [&day("2026-12-01")]);
        let since = |from: &str| {
            let (least, greatest) = tenant().movements_since(&customer, day(from)).range.unwrap();
            let keys = change.movements.iter().map(|movement| tenant().movement(movement).raw);
            keys.filter(|key| (&least..=&greatest).contains(&&key.sk)).count()
        };
        // The invoice counts on its day of issue, and what was settled elsewhere on the day on which that was said.
        assert_eq!([since("2026-11-01"), since("2026-11-02"), since("2026-11-20"), since("2026-11-21")], [2, 1, 1, 0]);
        let movement = change.movements.first().unwrap();
        let key = tenant().movement(movement).raw;
        let read: Movement = from_item(to_item(&key, movement).unwrap()).unwrap();
        assert_eq!(&read, movement);
    }
}
