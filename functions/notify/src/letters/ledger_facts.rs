//! The letter about a fact that the ledger stated, to the members who may see what it is about.

use domain::{Event, ledger_fact::FactContent};
use mail::letters::ledger_fact::LedgerFact as Letter;

use crate::{
    Notify,
    error::NotifyError,
    outgoing::{Outgoing, portal_link},
    recipients::{company, company_name, holders_in, notification_to_each},
};

pub(super) async fn stated(notify: &Notify, event: &Event, fact: &FactContent) -> Result<Vec<Outgoing>, NotifyError> {
    let company = company(event)?;
    let recipients = holders_in(notify, &event.org, fact.kind.permission()).await?;
    let letter = Letter {
        company: company_name(notify, company).await?,
        fact: fact.clone(),
        link: portal_link(notify, &format!("/companies/{company}"))?,
    };
    notification_to_each(notify, event, &recipients, &[fact.kind.permission()], &letter)
}
