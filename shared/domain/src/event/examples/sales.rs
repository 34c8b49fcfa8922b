//! Examples of the events about invoices, credit notes and estimates.

use super::{NewEvent, now, text};
use crate::{
    comment::Topic,
    credit_note::{self, CreditApplication, CreditNote, CreditNoteReport, CreditNoteState, CreditNoteTerms},
    customer,
    estimate::{
        self, DecisionVia, Estimate, EstimateDecision, EstimateReport, EstimateTerms, EstimateVerdict, UndoneDecision,
    },
    id::DocumentLinkId,
    invoice::{self, Invoice, InvoiceReminders, InvoiceReport, InvoiceState, InvoiceTerms},
    ledger_report::Recording,
    money::Total,
    receivables::{StatementPeriod, send_statement},
    sales::{
        DocumentLink, DocumentSource, DocumentView, NewLink, Viewer, ViewerKind, resend, samples::content, viewed_event,
    },
    samples::{company, user},
    time::Zone,
};

/// One of each.
pub(super) fn events() -> Vec<NewEvent> {
    [invoices(), credit_notes(), estimates(), links(), vec![viewed()], sent_again()].concat()
}

pub(super) fn an_invoice() -> (Invoice, NewEvent) {
    let terms = InvoiceTerms {
        content: content("2026/17", "CUS-7", "EUR", 123_456),
        settled_elsewhere_minor: 0.try_into().unwrap(),
        due_on: "2026-12-01".to_owned().try_into().unwrap(),
        payment_options: Vec::new(),
        estimate: Some(text("EST-8")),
    };
    recorded_invoice(None, InvoiceState::Open, terms)
}

fn recorded_invoice(known: Option<Invoice>, state: InvoiceState, terms: InvoiceTerms) -> (Invoice, NewEvent) {
    let report = InvoiceReport { terms, state, source: DocumentSource::Ledger, by: None, at: now() };
    match invoice::record(&company(1), &text("INV-17"), known, report).unwrap() {
        Recording::Recorded(invoice, event) => (invoice, event),
        Recording::Unchanged(_) => panic!("it is new or changed"),
    }
}

fn invoices() -> Vec<NewEvent> {
    let (sent, sending) = an_invoice();
    let settled_elsewhere_minor = 23_456.try_into().unwrap();
    let terms = InvoiceTerms { settled_elsewhere_minor, ..sent.terms.clone() };
    let (_, recorded) = recorded_invoice(Some(sent.clone()), InvoiceState::Open, terms);
    let terms = InvoiceTerms { settled_elsewhere_minor: 123_456.try_into().unwrap(), ..sent.terms.clone() };
    let (settled, _) = recorded_invoice(Some(sent.clone()), InvoiceState::Open, terms);
    let paid = settled.paid_elsewhere(Some(&sent)).unwrap();
    let reminded = reminded(&sent);
    let (_, voided) = recorded_invoice(Some(sent.clone()), InvoiceState::Void, sent.terms.clone());
    vec![recorded, sending, reminded, paid, voided]
}

/// Ten days after it was due.
fn reminded(sent: &Invoice) -> NewEvent {
    let (days, zone) = ([10], Zone::utc());
    let reminders = InvoiceReminders::switched(None, &company(1), &days, &zone, now()).unwrap();
    let round = reminders.round(&days, &zone, "2026-12-11T09:00:00Z".parse().unwrap()).unwrap();
    sent.remind(&round).unwrap().1
}

fn links() -> Vec<NewEvent> {
    let (_, contact) = customer::examples::with_contact();
    let zone = Zone::utc();
    let new = NewLink {
        id: DocumentLinkId::from_uuid(uuid::Uuid::from_u128(5)),
        topic: Topic::Invoice,
        document: text("INV-17"),
        number: text("2026/17"),
        due_on: Some("2026-12-01".to_owned().try_into().unwrap()),
        contact: &contact,
        forwarded_by: None,
        message: None,
    };
    let (link, made) = DocumentLink::make(new, &zone, now());
    let (renewed, renewal) = link.renew(1, None, &zone, now().plus_s(200 * 86_400)).unwrap();
    let (_, revoked) = renewed.revoke(now()).unwrap();
    vec![made, renewal, revoked]
}

fn credit_notes() -> Vec<NewEvent> {
    let recorded = |known: Option<CreditNote>, state, minor: i64| {
        let applied = CreditApplication { invoice: text("INV-17"), amount_minor: minor.try_into().unwrap() };
        let content = content("2026/C3", "CUS-7", "EUR", 5_000);
        let terms = CreditNoteTerms { content, applied_to: vec![applied], paid_out_minor: Total::default() };
        let report = CreditNoteReport { terms, state, source: DocumentSource::Ledger, by: None, at: now() };
        match credit_note::record(&company(1), &text("CN-3"), known, report).unwrap() {
            Recording::Recorded(note, event) => (note, event),
            Recording::Unchanged(_) => panic!("it is new or changed"),
        }
    };
    let (sent, sending) = recorded(None, CreditNoteState::Issued, 5_000);
    let (_, changed) = recorded(Some(sent.clone()), CreditNoteState::Issued, 3_000);
    let (_, voided) = recorded(Some(sent), CreditNoteState::Void, 5_000);
    vec![changed, sending, voided]
}

fn estimates() -> Vec<NewEvent> {
    let recorded = |known: Option<Estimate>, is_draft: bool, total_minor: i64| {
        let terms = EstimateTerms {
            content: content("E-8", "CUS-7", "EUR", total_minor),
            due_on: None,
            valid_until: "2026-12-31".to_owned().try_into().unwrap(),
        };
        let source = DocumentSource::Staff;
        let report = EstimateReport { terms, is_draft, again: false, source, by: Some(user("bea")), at: now() };
        match estimate::record(&company(1), &text("EST-8"), known, report).unwrap() {
            Recording::Recorded(estimate, event) => (estimate, event),
            Recording::Unchanged(_) => panic!("it is new or changed"),
        }
    };
    let (draft, drafted) = recorded(None, true, 250_000);
    let (sent, sending) = recorded(Some(draft), false, 250_000);
    let (_, reworked) = recorded(Some(sent.clone()), false, 240_000);
    let decision =
        EstimateDecision { verdict: EstimateVerdict::Declined, reason: Some(text("Too dear.")), seen: sent.digest() };
    let decider = estimate::Decider {
        via: DecisionVia::Contact,
        name: text("Carla Contact"),
        user: Some(user("carla")),
        contact: Some(text("ct_00000000000000000000000000000009")),
    };
    let (declined, decided) = sent.decide(decision, decider, &Zone::utc(), now()).unwrap();
    let undone = UndoneDecision {
        by: user("bea"),
        by_name: text("Bea Bookkeeper"),
        at: now(),
        reason: Some(text("They meant another estimate.")),
    };
    let (_, undone) = declined.undo_decision(undone).unwrap();
    let (_, _, invoiced) = estimate::invoiced_by(Some(sent), &an_invoice().0).unwrap().unwrap();
    vec![drafted, sending, reworked, decided, undone, invoiced]
}

fn viewed() -> NewEvent {
    let view = DocumentView {
        company: company(1),
        topic: Topic::Estimate,
        document: text("EST-8"),
        revision: 2,
        viewer: Viewer { kind: ViewerKind::Contact, id: text("ct_00000000000000000000000000000009") },
        viewer_name: text("Carla Contact"),
        first_at: now(),
        last_at: now(),
        count: 1,
        version: 1,
    };
    viewed_event(&view, &text("CUS-7"))
}

fn sent_again() -> Vec<NewEvent> {
    let day = |text: &str| text.to_owned().try_into().unwrap();
    let period = StatementPeriod { from: day("2026-10-01"), until: day("2026-10-31") };
    vec![resend(&company(1), &an_invoice().0).unwrap(), send_statement(&company(1), &text("CUS-7"), period)]
}
