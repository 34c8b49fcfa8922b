//! The letter with a hosted link, to the address that it is for.

use domain::{DocumentLinkId, Event, Money, comment::Topic, customer::CustomerStatus, sales::DocumentLink};
use mail::{
    Envelope, HttpUrl, Quote,
    letters::{
        document_forwarded::DocumentForwarded,
        sales_document::{SalesDocumentKind, SalesDocumentNamed},
    },
    write,
};
use queue::UnreadableMessage;
use store::Authority;

use crate::{
    Notify,
    error::NotifyError,
    outgoing::{Outgoing, brand},
};

/// To the address of the link, if it opens something now. `is_new` says that somebody forwarded the document.
pub(super) async fn letter(
    notify: &Notify,
    event: &Event,
    generation: u32,
    is_new: bool,
) -> Result<Vec<Outgoing>, NotifyError> {
    let id: DocumentLinkId = event.subject.id.parse().map_err(|_| UnreadableMessage)?;
    let (authority, now) = (Authority::System(event.org.clone()), api::clock::now());
    let (link, company) =
        notify.store.load(&authority, now, |tenant| (tenant.document_link(&id), tenant.company())).await?;
    let Some((link, company)) = link.zip(company) else { return Ok(Vec::new()) };
    // It was ended or sent again meanwhile: this link would open nothing.
    if link.open(generation, &company.time_zone, now).is_err() {
        return Ok(Vec::new());
    }
    let Some(document) = named(notify, &authority, &link, (&company.name).into()).await? else {
        return Ok(Vec::new());
    };
    let letter = DocumentForwarded {
        document,
        forwarded_by: event.actor.name.as_ref().filter(|_| is_new).map(Into::into),
        message: link.message.as_ref().filter(|_| is_new).and_then(|message| Quote::new(message.as_str())),
        expires_on: link.expires_on,
        link: url(notify, &link).await?,
    };
    let envelope = Envelope { event: &event.id, to: &link.email, reply_to: None, unsubscribe: None };
    let message = write(&letter, &brand(notify), &envelope)?;
    Ok(vec![Outgoing { recipient: format!("{id}.{generation}"), message, notifies: None }])
}

/// The address of the page that a link opens.
pub(super) async fn url(notify: &Notify, link: &DocumentLink) -> Result<HttpUrl, NotifyError> {
    let token = notify.document_signer.sign((&link.company, &link.id), link.generation, &link.email).await?;
    HttpUrl::parse(&token.url(&notify.urls.public)).map_err(|_| NotifyError::Letter("the public address is not an URL"))
}

/// The document of a link as letters name it; `None` where its customer is archived, its contact is gone, has another
/// address or lost their access, or it is not there.
async fn named(
    notify: &Notify,
    authority: &Authority,
    link: &DocumentLink,
    company: mail::Line,
) -> Result<Option<SalesDocumentNamed>, NotifyError> {
    let on = |topic: Topic| (link.topic == topic).then_some(&link.document);
    let (invoice, credit_note, estimate, customer, contact) = notify
        .store
        .load(authority, api::clock::now(), |tenant| {
            (
                on(Topic::Invoice).map(|document| tenant.invoice(document)),
                on(Topic::CreditNote).map(|document| tenant.credit_note(document)),
                on(Topic::Estimate).map(|document| tenant.estimate(document)),
                tenant.customer(&link.customer),
                tenant.contact(&link.customer, &link.contact),
            )
        })
        .await?;
    let invoice = invoice.flatten().map(|invoice| invoice.terms.content);
    let credit_note = credit_note.flatten().map(|note| note.terms.content);
    let content = invoice.or(credit_note).or(estimate.flatten().map(|estimate| estimate.terms.content));
    let is_active = customer.is_some_and(|customer| customer.status == CustomerStatus::Active);
    let opens = is_active && contact.is_some_and(|contact| link.is_for(&contact));
    let (Some(content), Some(kind), true) = (content, SalesDocumentKind::of(link.topic), opens) else {
        return Ok(None);
    };
    Ok(Some(SalesDocumentNamed {
        company,
        customer: (&content.customer_name).into(),
        kind,
        number: (&content.number).into(),
        total: Money { minor: content.total_minor.minor(), currency: content.currency },
    }))
}
