//! The letter about a balance below its threshold, to the members who manage thresholds.

use domain::{Event, Money, Permission, bank::BalanceBelowThreshold};
use mail::letters::balance_below_threshold::BalanceBelowThreshold as Letter;

use crate::{
    Notify,
    error::NotifyError,
    outgoing::{Outgoing, portal_link},
    recipients::{company, holders_among, to_person},
};

pub(super) async fn below_threshold(
    notify: &Notify,
    event: &Event,
    account: &BalanceBelowThreshold,
) -> Result<Vec<Outgoing>, NotifyError> {
    let company = company(event)?;
    let members = notify.store.members_to_tell(company, api::clock::now()).await?;
    let link = portal_link(notify, &format!("/companies/{company}/bank-accounts/{}", event.subject.id))?;
    let money = |minor| Money { minor, currency: account.currency };
    holders_among(&members, Permission::BankManage)
        .map(|member| {
            let letter = Letter {
                company: (&member.company_name).into(),
                account: (&account.name).into(),
                balance: money(account.balance_minor.minor()),
                threshold: money(account.threshold_minor.map_or(0, |threshold| threshold.minor())),
                as_of: Some(account.as_of),
                link: link.clone(),
            };
            to_person(notify, event, &member.into(), &letter)
        })
        .collect()
}
