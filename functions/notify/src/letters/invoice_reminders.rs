//! Letters that remind of invoices: to the customer's contacts who may see them, and to those who have a hosted link.

use std::collections::BTreeSet;

use domain::{
    Email, Event, Money, Permission, Reference, UserId,
    comment::Topic,
    customer::{Contact, Customer, CustomerStatus, seat::ContactSeat},
    invoice::{Invoice, InvoiceReminded},
    org::Company,
    sales::DocumentLink,
};
use mail::{
    Envelope,
    letters::invoice_reminder::{InvoiceReminder, ReminderLink},
    write,
};
use queue::UnreadableMessage;
use store::{Authority, PageRequest};

use super::{
    document_links::url,
    sales_documents::{contacts, contacts_page, named},
};
use crate::{
    Notify,
    error::NotifyError,
    outgoing::{Outgoing, brand},
    recipients::{addressed_to_each, company},
};

/// To everybody at the customer who can open the invoice, each address once.
pub(super) async fn reminded(
    notify: &Notify,
    event: &Event,
    reminded: &InvoiceReminded,
) -> Result<Vec<Outgoing>, NotifyError> {
    let reference: Reference = event.subject.id.parse().map_err(|_| UnreadableMessage)?;
    let (authority, company_id) = (Authority::System(event.org.clone()), company(event)?);
    let (invoice, company) = notify
        .store
        .load(&authority, api::clock::now(), |tenant| (tenant.invoice(&reference), tenant.company()))
        .await?;
    let Some((invoice, company)) = invoice.zip(company) else { return Ok(Vec::new()) };
    // It was paid, or is being paid, since; or it has another due day, and its own reminders.
    if !invoice.waits_for_payment() || invoice.terms.due_on != reminded.due_on {
        return Ok(Vec::new());
    }
    let letter = InvoiceReminder {
        invoice: named(&invoice, (&company.name).into())?,
        due: Money { minor: invoice.due_minor, currency: invoice.terms.content.currency },
        due_on: reminded.due_on,
        overdue: reminded.overdue,
        link: ReminderLink::Portal(contacts_page(notify, company_id, &invoice)?),
    };
    let recipients = contacts(notify, company_id, &invoice.terms.content.customer, Permission::InvoicesView).await?;
    let mut letters = addressed_to_each(notify, event, &recipients, &letter)?;
    let mut reached: BTreeSet<Email> = recipients.into_iter().map(|recipient| recipient.email).collect();
    for link in open_links(notify, &authority, &invoice, &company).await? {
        if !reached.insert(link.email.clone()) {
            continue;
        }
        let letter = InvoiceReminder { link: ReminderLink::Hosted(url(notify, &link).await?), ..letter.clone() };
        let envelope = Envelope { event: &event.id, to: &link.email, reply_to: None, unsubscribe: None };
        let message = write(&letter, &brand(notify), &envelope)?;
        letters.push(Outgoing { recipient: format!("{}.{}", link.id, link.generation), message, notifies: None });
    }
    Ok(letters)
}

/// The hundred newest links to an invoice, those of them that open it now, the newest first.
async fn open_links(
    notify: &Notify,
    authority: &Authority,
    invoice: &Invoice,
    company: &Company,
) -> Result<Vec<DocumentLink>, NotifyError> {
    let now = api::clock::now();
    let listing = |tenant: &store::Tenant| tenant.links_to(Topic::Invoice, &invoice.reference);
    let links = notify.store.page(authority, now, listing, &PageRequest::largest()).await?.items;
    if links.is_empty() {
        return Ok(links);
    }
    let (customer, settings, contacts) = notify
        .store
        .load(authority, now, |tenant| {
            let contacts: Vec<_> = links.iter().map(|link| tenant.contact(&link.customer, &link.contact)).collect();
            (tenant.customer(&invoice.terms.content.customer), tenant.portal_settings(), contacts)
        })
        .await?;
    let customer: Option<Customer> = customer;
    let contacts: Vec<Option<Contact>> = contacts;
    if customer.is_none_or(|customer| customer.status != CustomerStatus::Active) {
        return Ok(Vec::new());
    }
    let for_them = links.into_iter().zip(contacts).filter_map(|(link, contact)| Some((link, contact?)));
    let is_open = |link: &DocumentLink| link.open(link.generation, &company.time_zone, now).is_ok();
    let mut links: Vec<_> = for_them.filter(|(link, contact)| is_open(link) && link.is_for(contact)).collect();
    let behind: BTreeSet<_> = links.iter().flat_map(|(link, contact)| link.bounded_by(contact)).collect();
    let seats = notify
        .store
        .load(authority, now, |tenant| {
            let seat = |user: &&UserId| tenant.contact_seat(&invoice.terms.content.customer, user);
            behind.iter().map(seat).collect::<Vec<_>>()
        })
        .await?;
    let seats: Vec<ContactSeat> = seats.into_iter().flatten().collect();
    links.retain(|(link, contact)| link.grants(settings.as_ref(), contact, &seats, now).is_some());
    Ok(links.into_iter().map(|(link, _)| link).collect())
}
