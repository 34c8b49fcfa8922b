//! Letters about sales documents: to the customer's contacts what was sent, and to the company what they decided.
//!
//! The document is read again for each letter: it may have been changed, paid or withdrawn since.

use domain::{
    CompanyId, Event, Money, Org, Permission, Reference,
    credit_note::{CreditNoteRecorded, CreditNoteState},
    customer::{Customer, CustomerStatus},
    estimate::{DecisionVia, EstimateDecisionPayload, EstimatePayload, EstimateState, EstimateVerdict},
    invoice::{InvoiceRecorded, InvoiceState},
    sales::{Revision, SalesDocument},
    team::holders,
};
use mail::{
    HttpUrl, Line, Quote,
    letters::{
        estimate_decided::{EstimateDecided, EstimateDecision},
        sales_document::{SalesDocumentKind, SalesDocumentNamed},
        sales_document_sent::{LastDay, SalesDocumentSent},
    },
};
use queue::UnreadableMessage;
use store::Authority;

use crate::{
    Notify,
    error::NotifyError,
    outgoing::{Outgoing, portal_link},
    recipients::{Recipient, addressed, company, company_name, to_each},
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
    let last_day = Some(LastDay::Due(invoice.terms.due_on));
    to_contacts(notify, event, &invoice, Permission::InvoicesView, last_day).await
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
    to_contacts(notify, event, &note, Permission::InvoicesView, None).await
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
    let last_day = Some(LastDay::Valid(estimate.terms.valid_until));
    to_contacts(notify, event, &estimate, Permission::EstimatesView, last_day).await
}

/// To the contacts of the document's customer who hold the permission now.
async fn to_contacts<D: SalesDocument>(
    notify: &Notify,
    event: &Event,
    document: &D,
    permission: Permission,
    last_day: Option<LastDay>,
) -> Result<Vec<Outgoing>, NotifyError> {
    let company = company(event)?;
    let recipients = contacts(notify, company, &document.content().customer, permission).await?;
    if recipients.is_empty() {
        return Ok(Vec::new());
    }
    let letter = SalesDocumentSent {
        document: named(document, company_name(notify, company).await?)?,
        last_day,
        again: document.revision() > FIRST,
        link: contacts_page(notify, company, document)?,
    };
    to_each(notify, event, &recipients, &letter)
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
        estimate: named(&estimate, company_name(notify, company).await?)?,
        decision: match decision.decision {
            EstimateVerdict::Accepted => EstimateDecision::Accepted,
            EstimateVerdict::Declined => EstimateDecision::Declined,
        },
        decided_by: Line::from(&decision.by.name),
        recorded,
        reason: decision.reason.as_ref().and_then(|reason| Quote::new(reason.as_str())),
        link: members_page(notify, company, &estimate)?,
    };
    to_each(notify, event, &recipients, &letter)
}

/// The document that an event is about.
fn subject(event: &Event) -> Result<Reference, NotifyError> {
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
    if of.is_none_or(|of| of.status != CustomerStatus::Active) {
        return Ok(Vec::new());
    }
    let seats = notify.store.contacts_to_tell(company, customer, permission, now).await?;
    Ok(addressed(notify, seats.iter().map(|seat| &seat.user)).await?)
}

/// A document as letters name it.
pub(super) fn named<D: SalesDocument>(document: &D, company: Line) -> Result<SalesDocumentNamed, NotifyError> {
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
