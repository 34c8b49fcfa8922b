//! The letter with a hosted link, to the address that it is for; and the links that open a document now.

use std::collections::BTreeSet;

use domain::{
    DocumentLinkId, Event, Money, Reference, UserId,
    comment::Topic,
    customer::{Contact, Customer, CustomerStatus, seat::ContactSeat},
    language::Reader,
    org::Company,
    sales::{DocumentLink, SalesDocument},
};
use mail::{
    Envelope, HttpUrl, Letter, Quote,
    letters::{
        document_forwarded::DocumentForwarded,
        sales_document::{SalesDocumentKind, SalesDocumentNamed},
    },
    write,
};
use queue::UnreadableMessage;
use store::{Authority, PageRequest};

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
    let (link, company, settings) = notify
        .store
        .load(&authority, now, |tenant| (tenant.document_link(&id), tenant.company(), tenant.portal_settings()))
        .await?;
    let Some((link, company)) = link.zip(company) else { return Ok(Vec::new()) };
    // It was sent again meanwhile, or has ended, itself or with what it rests on: this link would open nothing.
    if link.generation != generation {
        return Ok(Vec::new());
    }
    let customer = link.customer.clone();
    let Some(open) = opening(notify, &authority, (&company, &customer), vec![link]).await?.pop() else {
        return Ok(Vec::new());
    };
    let link = &open.link;
    let shown = mail::Company { name: (&company.name).into(), color: settings.and_then(|settings| settings.color) };
    let Some(document) = named(notify, &authority, link, shown).await? else {
        return Ok(Vec::new());
    };
    let letter = DocumentForwarded {
        document,
        forwarded_by: event.actor.name.as_ref().filter(|_| is_new).map(Into::into),
        message: link.message.as_ref().filter(|_| is_new).and_then(|message| Quote::new(message.as_str())),
        expires_on: link.expires_on,
        link: url(notify, link).await?,
    };
    Ok(vec![to_holder(notify, event, &open, &letter)?])
}

/// A link that opens its document now, and who holds it.
pub(super) struct OpenLink {
    pub(super) link: DocumentLink,
    /// The contact that it is for, who need not have an account.
    reader: Reader,
}

/// A letter to the holder of a link, who need not have an account.
pub(super) fn to_holder(
    notify: &Notify,
    event: &Event,
    OpenLink { link, reader }: &OpenLink,
    letter: &impl Letter,
) -> Result<Outgoing, NotifyError> {
    let envelope = Envelope { event: &event.id, to: &link.email, reader, reply_to: None, unsubscribe: None };
    let message = write(letter, &brand(notify), &envelope)?;
    Ok(Outgoing { recipient: format!("{}.{}", link.id, link.generation), message, notifies: None })
}

/// The address of the page that a link opens.
pub(super) async fn url(notify: &Notify, link: &DocumentLink) -> Result<HttpUrl, NotifyError> {
    let token = notify.document_signer.sign((&link.company, &link.id), link.generation, &link.email).await?;
    HttpUrl::parse(&token.url(&notify.urls.public)).map_err(|_| NotifyError::Letter("the public address is not an URL"))
}

/// The hundred newest links to a document, those of them that open it now, the newest first.
pub(super) async fn open_links<D: SalesDocument>(
    notify: &Notify,
    authority: &Authority,
    document: &D,
    company: &Company,
) -> Result<Vec<OpenLink>, NotifyError> {
    let listing = |tenant: &store::Tenant| tenant.links_to(D::TOPIC, document.reference());
    let page = notify.store.page(authority, api::clock::now(), listing, &PageRequest::largest()).await?;
    opening(notify, authority, (company, &document.content().customer), page.items).await
}

/// Those of a customer's links that open their document now, in the same order: they are open, their customer is not
/// archived, and the contact and the seats that they rest on are as [`DocumentLink::grants`] wants them.
async fn opening(
    notify: &Notify,
    authority: &Authority,
    (company, customer): (&Company, &Reference),
    links: Vec<DocumentLink>,
) -> Result<Vec<OpenLink>, NotifyError> {
    let now = api::clock::now();
    if links.is_empty() {
        return Ok(Vec::new());
    }
    let (of, settings, contacts) = notify
        .store
        .load(authority, now, |tenant| {
            let contacts: Vec<_> = links.iter().map(|link| tenant.contact(&link.customer, &link.contact)).collect();
            (tenant.customer(customer), tenant.portal_settings(), contacts)
        })
        .await?;
    let (of, contacts): (Option<Customer>, Vec<Option<Contact>>) = (of, contacts);
    let Some(of) = of.filter(|of| of.status == CustomerStatus::Active) else { return Ok(Vec::new()) };
    let for_them = links.into_iter().zip(contacts).filter_map(|(link, contact)| Some((link, contact?)));
    let is_open = |link: &DocumentLink| link.open(link.generation, &company.time_zone, now).is_ok();
    let mut links: Vec<_> = for_them.filter(|(link, contact)| is_open(link) && link.is_for(contact)).collect();
    let behind: BTreeSet<_> = links.iter().flat_map(|(link, contact)| link.bounded_by(contact)).collect();
    let seats = notify
        .store
        .load(authority, now, |tenant| {
            let seat = |user: &&UserId| tenant.contact_seat(customer, user);
            behind.iter().map(seat).collect::<Vec<_>>()
        })
        .await?;
    let seats: Vec<ContactSeat> = seats.into_iter().flatten().collect();
    links.retain(|(link, contact)| link.grants(settings.as_ref(), contact, &seats, now).is_some());
    let reader = |contact: &Contact| {
        let language = contact.details.language.as_ref().or(of.details.language.as_ref());
        Reader::new(language, company.time_zone.clone())
    };
    Ok(links.into_iter().map(|(link, contact)| OpenLink { link, reader: reader(&contact) }).collect())
}

/// The document of a link as letters name it; `None` where it is not there.
async fn named(
    notify: &Notify,
    authority: &Authority,
    link: &DocumentLink,
    company: mail::Company,
) -> Result<Option<SalesDocumentNamed>, NotifyError> {
    let on = |topic: Topic| (link.topic == topic).then_some(&link.document);
    let (invoice, credit_note, estimate) = notify
        .store
        .load(authority, api::clock::now(), |tenant| {
            (
                on(Topic::Invoice).map(|document| tenant.invoice(document)),
                on(Topic::CreditNote).map(|document| tenant.credit_note(document)),
                on(Topic::Estimate).map(|document| tenant.estimate(document)),
            )
        })
        .await?;
    let invoice = invoice.flatten().map(|invoice| invoice.terms.content);
    let credit_note = credit_note.flatten().map(|note| note.terms.content);
    let content = invoice.or(credit_note).or(estimate.flatten().map(|estimate| estimate.terms.content));
    let (Some(content), Some(kind)) = (content, SalesDocumentKind::of(link.topic)) else { return Ok(None) };
    Ok(Some(SalesDocumentNamed {
        company,
        customer: (&content.customer_name).into(),
        kind,
        number: (&content.number).into(),
        total: Money { minor: content.total_minor.minor(), currency: content.currency },
    }))
}
