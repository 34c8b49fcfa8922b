//! The letter about a balance below its threshold, to the members who manage thresholds.

use domain::{Event, Money, Permission, bank::BalanceBelowThreshold};
use mail::letters::balance_below_threshold::BalanceBelowThreshold as Letter;

use crate::{
    Notify,
    error::NotifyError,
    outgoing::{Outgoing, portal_link},
    recipients::{company, company_name, holders_in, notification_to_each},
};

pub(super) async fn below_threshold(
    notify: &Notify,
    event: &Event,
    account: &BalanceBelowThreshold,
) -> Result<Vec<Outgoing>, NotifyError> {
    let company = company(event)?;
    let link = portal_link(notify, &format!("/companies/{company}/bank-accounts/{}", event.subject.id))?;
    let money = |minor| Money { minor, currency: account.currency };
    let recipients = holders_in(notify, &event.org, Permission::BankManage).await?;
    let letter = Letter {
        company: company_name(notify, company).await?,
        account: (&account.name).into(),
        balance: money(account.balance_minor.minor()),
        threshold: money(account.threshold_minor.map_or(0, |threshold| threshold.minor())),
        as_of: Some(account.as_of),
        link,
    };
    notification_to_each(notify, event, &recipients, &[Permission::BankManage], &letter)
}
