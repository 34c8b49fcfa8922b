//! The letter about a balance below its threshold, to the members who manage thresholds.

use domain::{Event, Money, Permission, bank::BalanceBelowThreshold};
use mail::letters;

use crate::{
    Notify,
    error::NotifyError,
    outgoing::{Outgoing, brand, portal_link},
    recipients::{company, holders_among, to_person},
};

pub(super) async fn below_threshold(
    notify: &Notify,
    event: &Event,
    account: &BalanceBelowThreshold,
) -> Result<Vec<Outgoing>, NotifyError> {
    let company = company(event)?;
    let members = notify.store.members_to_tell(company).await?;
    let link = portal_link(notify, &format!("/companies/{company}/bank-accounts/{}", event.subject.id))?;
    let money = |minor| Money { minor, currency: account.currency };
    holders_among(&members, Permission::BankManage)
        .map(|member| {
            let content = letters::BalanceBelowThreshold {
                company: member.company_name.as_str(),
                account: account.name.as_str(),
                balance: money(account.balance_minor.minor()),
                threshold: money(account.threshold_minor.map_or(0, |threshold| threshold.minor())),
                as_of: Some(account.as_of),
                link: &link,
            };
            to_person(event, &member.into(), |to| letters::balance_below_threshold(&brand(notify), to, &content))
        })
        .collect()
}
