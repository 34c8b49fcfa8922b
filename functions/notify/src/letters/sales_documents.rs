//! Letters about sales documents: to the customer's contacts what was sent, and to the company what they decided.
//!
//! The document is read again for each letter: it may have been changed, paid or withdrawn since.

use domain::{
    CompanyId, Event, Money, Org, Permission, Reference,
    comment::Topic,
    credit_note::{CreditNoteRecorded, CreditNoteState},
    customer::{Customer, CustomerStatus},
    estimate::{DecisionVia, Estimate, EstimateDecisionPayload, EstimatePayload, EstimateState, EstimateVerdict},
    invoice::{Invoice, InvoiceRecorded, InvoiceState},
    sales::{Revision, SalesDocument, SalesDocumentResent},
    team::holders,
};
use mail::{
    Company, HttpUrl, Line, Quote,
    letters::{
        estimate_decided::{EstimateDecided, EstimateDecision},
        estimate_reopened::EstimateReopened,
        sales_document::{SalesDocumentKind, SalesDocumentNamed},
        sales_document_sent::{LastDay, SalesDocumentSent, Sending},
    },
};
use queue::UnreadableMessage;
use store::Authority;

use crate::{
    Notify,
    error::NotifyError,
    outgoing::{Outgoing, portal_link},
    recipients::{
        Recipient, addressed, addressed_in, addressed_to_each, company, notification_to_each, selling_company,
    },
};

/// The first revision that a customer has.
const FIRST: Revision = 1;

pub(super) async fn invoice_sent(
    notify: &Notify,
    event: &Event,
    sent: &InvoiceRecorded,
) -> Result<Vec<Outgoing>, NotifyError> {
    let (reference, authority) = (subject(event)?, Authority::System(event.org.clone()));
    let invoice = notify.store.load(&authority, api::clock::now(), |tenant| tenant.invoice(&reference)).await?;
    // Paid or withdrawn, or changed again, which has a letter of its own.
    let present = invoice.filter(|invoice| invoice.state == InvoiceState::Open && invoice.revision == sent.revision);
    let Some(invoice) = present else { return Ok(Vec::new()) };
    send_invoice(notify, event, &invoice, None).await
}

pub(super) async fn credit_note_sent(
    notify: &Notify,
    event: &Event,
    sent: &CreditNoteRecorded,
) -> Result<Vec<Outgoing>, NotifyError> {
    let (reference, authority) = (subject(event)?, Authority::System(event.org.clone()));
    let note = notify.store.load(&authority, api::clock::now(), |tenant| tenant.credit_note(&reference)).await?;
    let present = note.filter(|note| note.state == CreditNoteState::Issued && note.revision == sent.revision);
    let Some(note) = present else { return Ok(Vec::new()) };
    to_contacts(notify, event, &note, (Permission::InvoicesView, None), None).await
}

pub(super) async fn estimate_sent(
    notify: &Notify,
    event: &Event,
    sent: &EstimatePayload,
) -> Result<Vec<Outgoing>, NotifyError> {
    let (reference, authority) = (subject(event)?, Authority::System(event.org.clone()));
    let estimate = notify.store.load(&authority, api::clock::now(), |tenant| tenant.estimate(&reference)).await?;
    let present = estimate.filter(|it| it.state == EstimateState::Open && it.revision == sent.revision);
    let Some(estimate) = present else { return Ok(Vec::new()) };
    send_estimate(notify, event, &estimate, None).await
}

/// A document that was sent again, while it is what it was then. One that was withdrawn is not sent.
pub(super) async fn sent_again(
    notify: &Notify,
    event: &Event,
    resent: &SalesDocumentResent,
) -> Result<Vec<Outgoing>, NotifyError> {
    let (reference, authority) = (subject(event)?, Authority::System(event.org.clone()));
    let on = |topic: Topic| (resent.kind == topic).then_some(&reference);
    let (invoice, note, estimate) = notify
        .store
        .load(&authority, api::clock::now(), |tenant| {
            (
                on(Topic::Invoice).map(|document| tenant.invoice(document)),
                on(Topic::CreditNote).map(|document| tenant.credit_note(document)),
                on(Topic::Estimate).map(|document| tenant.estimate(document)),
            )
        })
        .await?;
    let sending = Some(Sending::Again);
    if let Some(invoice) = invoice.flatten().filter(|it| it.revision == resent.revision) {
        if invoice.state == InvoiceState::Void {
            return Ok(Vec::new());
        }
        send_invoice(notify, event, &invoice, sending).await
    } else if let Some(note) = note.flatten().filter(|it| it.revision == resent.revision) {
        if note.state == CreditNoteState::Void {
            return Ok(Vec::new());
        }
        to_contacts(notify, event, &note, (Permission::InvoicesView, None), sending).await
    } else if let Some(estimate) = estimate.flatten().filter(|it| it.revision == resent.revision) {
        send_estimate(notify, event, &estimate, sending).await
    } else {
        Ok(Vec::new())
    }
}

async fn send_invoice(
    notify: &Notify,
    event: &Event,
    invoice: &Invoice,
    sending: Option<Sending>,
) -> Result<Vec<Outgoing>, NotifyError> {
    let last_day = Some(LastDay::Due(invoice.terms.due_on));
    to_contacts(notify, event, invoice, (Permission::InvoicesView, last_day), sending).await
}

async fn send_estimate(
    notify: &Notify,
    event: &Event,
    estimate: &Estimate,
    sending: Option<Sending>,
) -> Result<Vec<Outgoing>, NotifyError> {
    let last_day = Some(LastDay::Valid(estimate.terms.valid_until));
    to_contacts(notify, event, estimate, (Permission::EstimatesView, last_day), sending).await
}

/// To the contacts who may see the estimate: it is open again.
pub(super) async fn decision_undone(
    notify: &Notify,
    event: &Event,
    undone: &EstimateDecisionPayload,
) -> Result<Vec<Outgoing>, NotifyError> {
    let Some(decision) = &undone.decision else { return Ok(Vec::new()) };
    let (company, reference, authority) = (company(event)?, subject(event)?, Authority::System(event.org.clone()));
    let estimate = notify.store.load(&authority, api::clock::now(), |tenant| tenant.estimate(&reference)).await?;
    // Decided anew, or changed and sent again, which has a letter of its own.
    let present = estimate.filter(|it| it.state == EstimateState::Open && it.revision == decision.revision + 1);
    let Some(estimate) = present else { return Ok(Vec::new()) };
    let recipients = contacts(notify, company, &estimate.terms.content.customer, Permission::EstimatesView).await?;
    if recipients.is_empty() {
        return Ok(Vec::new());
    }
    let letter = EstimateReopened {
        estimate: named(&estimate, selling_company(notify, company).await?)?,
        undone: verdict(decision.decision),
        valid_until: estimate.terms.valid_until,
        link: contacts_page(notify, company, &estimate)?,
    };
    addressed_to_each(notify, event, &recipients, &letter)
}

const fn verdict(verdict: EstimateVerdict) -> EstimateDecision {
    match verdict {
        EstimateVerdict::Accepted => EstimateDecision::Accepted,
        EstimateVerdict::Declined => EstimateDecision::Declined,
    }
}

/// To the contacts of the document's customer who hold the permission now. `sending` says that they have it already; else
/// it follows from the revision.
async fn to_contacts<D: SalesDocument>(
    notify: &Notify,
    event: &Event,
    document: &D,
    (permission, last_day): (Permission, Option<LastDay>),
    sending: Option<Sending>,
) -> Result<Vec<Outgoing>, NotifyError> {
    let company = company(event)?;
    let recipients = contacts(notify, company, &document.content().customer, permission).await?;
    if recipients.is_empty() {
        return Ok(Vec::new());
    }
    let by_revision = if document.revision() > FIRST { Sending::Changed } else { Sending::First };
    let letter = SalesDocumentSent {
        document: named(document, selling_company(notify, company).await?)?,
        last_day,
        sending: sending.unwrap_or(by_revision),
        link: contacts_page(notify, company, document)?,
    };
    addressed_to_each(notify, event, &recipients, &letter)
}

/// To the members who manage estimates now. The person who recorded the decision of a customer knows it.
pub(super) async fn estimate_decided(
    notify: &Notify,
    event: &Event,
    decided: &EstimateDecisionPayload,
) -> Result<Vec<Outgoing>, NotifyError> {
    let Some(decision) = &decided.decision else { return Ok(Vec::new()) };
    let (company, now) = (company(event)?, api::clock::now());
    let (reference, authority) = (subject(event)?, Authority::System(event.org.clone()));
    let estimate = notify.store.load(&authority, now, |tenant| tenant.estimate(&reference)).await?;
    // One that was a mistake is undone: nobody has to act on it.
    let present = estimate.filter(|estimate| estimate.decision.as_ref() == Some(decision));
    let Some(estimate) = present else { return Ok(Vec::new()) };
    let members = notify.store.members_to_tell(company, now).await?;
    let recorded = decision.by.via == DecisionVia::Staff;
    let knows = decision.by.user.as_ref().filter(|_| recorded);
    let managing = holders(&members, Permission::EstimatesManage, now).map(|member| &member.user);
    let recipients = addressed(notify, managing.filter(|user| Some(*user) != knows)).await?;
    let letter = EstimateDecided {
        estimate: named(&estimate, selling_company(notify, company).await?)?,
        decision: verdict(decision.decision),
        decided_by: Line::from(&decision.by.name),
        recorded,
        reason: decision.reason.as_ref().and_then(|reason| Quote::new(reason.as_str())),
        link: members_page(notify, company, &estimate)?,
    };
    notification_to_each(notify, event, &recipients, &[Permission::EstimatesManage], &letter)
}

/// The document that an event is about.
pub(super) fn subject(event: &Event) -> Result<Reference, NotifyError> {
    Ok(event.subject.id.parse().map_err(|_| UnreadableMessage)?)
}

/// The contacts of a customer who hold a permission now. Those of an archived customer hold none.
pub(super) async fn contacts(
    notify: &Notify,
    company: &CompanyId,
    customer: &Reference,
    permission: Permission,
) -> Result<Vec<Recipient>, NotifyError> {
    let (authority, now) = (Authority::System(Org::Company(company.clone())), api::clock::now());
    let of: Option<Customer> = notify.store.load(&authority, now, |tenant| tenant.customer(customer)).await?;
    let Some(of) = of.filter(|of| of.status == CustomerStatus::Active) else { return Ok(Vec::new()) };
    let seats = notify.store.contacts_to_tell(company, customer, permission, now).await?;
    Ok(addressed_in(notify, seats.iter().map(|seat| &seat.user), of.details.language.as_ref()).await?)
}

/// A document as letters name it.
pub(super) fn named<D: SalesDocument>(document: &D, company: Company) -> Result<SalesDocumentNamed, NotifyError> {
    let content = document.content();
    Ok(SalesDocumentNamed {
        company,
        customer: (&content.customer_name).into(),
        kind: kind::<D>()?,
        number: (&content.number).into(),
        total: Money { minor: content.total_minor.minor(), currency: content.currency },
    })
}

/// A document on the pages of the portal that contacts see.
pub(super) fn contacts_page<D: SalesDocument>(
    notify: &Notify,
    company: &CompanyId,
    document: &D,
) -> Result<HttpUrl, NotifyError> {
    let kind = documents_of(kind::<D>()?);
    let (customer, reference) = (&document.content().customer, document.reference());
    portal_link(notify, &format!("/customer-portal/{company}/{customer}/{kind}/{reference}"))
}

/// A document on the pages of the portal that people of the company see.
pub(super) fn members_page<D: SalesDocument>(
    notify: &Notify,
    company: &CompanyId,
    document: &D,
) -> Result<HttpUrl, NotifyError> {
    portal_link(notify, &format!("/companies/{company}/{}/{}", documents_of(kind::<D>()?), document.reference()))
}

/// How paths name the documents of a kind.
const fn documents_of(kind: SalesDocumentKind) -> &'static str {
    match kind {
        SalesDocumentKind::Invoice => "invoices",
        SalesDocumentKind::CreditNote => "credit-notes",
        SalesDocumentKind::Estimate => "estimates",
    }
}

fn kind<D: SalesDocument>() -> Result<SalesDocumentKind, NotifyError> {
    SalesDocumentKind::of(D::TOPIC).ok_or(NotifyError::Letter("an uploaded document is no sales document"))
}
