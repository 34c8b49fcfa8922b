//! Letters that remind of invoices: to the customer's contacts who may see them, and to those who have a hosted link.

use std::collections::BTreeSet;

use domain::{Email, Event, Money, Permission, Reference, invoice::InvoiceReminded};
use mail::letters::invoice_reminder::{InvoiceReminder, ReminderLink};
use queue::UnreadableMessage;
use store::Authority;

use super::{
    document_links::{open_links, to_holder, url},
    sales_documents::{contacts, contacts_page, named},
};
use crate::{
    Notify,
    error::NotifyError,
    outgoing::Outgoing,
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
    let (invoice, company, settings) = notify
        .store
        .load(&authority, api::clock::now(), |tenant| {
            (tenant.invoice(&reference), tenant.company(), tenant.portal_settings())
        })
        .await?;
    let Some((invoice, company)) = invoice.zip(company) else { return Ok(Vec::new()) };
    // It was paid, or is being paid, since; or it has another due day, and its own reminders.
    if !invoice.waits_for_payment() || invoice.terms.due_on != reminded.due_on {
        return Ok(Vec::new());
    }
    let shown = mail::Company { name: (&company.name).into(), color: settings.and_then(|settings| settings.color) };
    let letter = InvoiceReminder {
        invoice: named(&invoice, shown)?,
        due: Money { minor: invoice.due_minor, currency: invoice.terms.content.currency },
        due_on: reminded.due_on,
        overdue: reminded.overdue,
        link: ReminderLink::Portal(contacts_page(notify, company_id, &invoice)?),
    };
    let recipients = contacts(notify, company_id, &invoice.terms.content.customer, Permission::InvoicesView).await?;
    let mut letters = addressed_to_each(notify, event, &recipients, &letter)?;
    let mut reached: BTreeSet<Email> = recipients.into_iter().map(|recipient| recipient.email).collect();
    for open in open_links(notify, &authority, &invoice, &company).await? {
        let link = &open.link;
        if !reached.insert(link.email.clone()) {
            continue;
        }
        let letter = InvoiceReminder { link: ReminderLink::Hosted(url(notify, link).await?), ..letter.clone() };
        letters.push(to_holder(notify, event, &open, &letter)?);
    }
    Ok(letters)
}
