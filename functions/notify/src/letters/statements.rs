//! Letters with statements of account.

use domain::{Event, Permission, Reference, receivables::StatementSent};
use mail::letters::statement_sent;
use store::Authority;

use super::sales_documents::{contacts, subject};
use crate::{
    Notify,
    error::NotifyError,
    outgoing::{Outgoing, portal_link},
    recipients::{addressed_to_each, company, selling_company},
};

/// To the customer's contacts who may see statements.
pub(super) async fn sent(notify: &Notify, event: &Event, sent: &StatementSent) -> Result<Vec<Outgoing>, NotifyError> {
    let (company, reference): (_, Reference) = (company(event)?, subject(event)?);
    let authority = Authority::System(event.org.clone());
    let customer = notify.store.load(&authority, api::clock::now(), |tenant| tenant.customer(&reference)).await?;
    let Some(customer) = customer else { return Ok(Vec::new()) };
    let recipients = contacts(notify, company, &reference, Permission::StatementsView).await?;
    let (from, until) = (sent.from, sent.until);
    let letter = statement_sent::StatementSent {
        company: selling_company(notify, company).await?,
        customer: (&customer.details.name).into(),
        from,
        until,
        link: portal_link(
            notify,
            &format!("/customer-portal/{company}/{reference}/statement?from={from}&until={until}"),
        )?,
    };
    addressed_to_each(notify, event, &recipients, &letter)
}
