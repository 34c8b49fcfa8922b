//! The letters about a balance that fell below a threshold or recovered: to the members who manage thresholds, or to the
//! person who set it for themselves.

use domain::{Event, Money, Permission, UserId, bank::ThresholdCrossed, threshold::Crossing};
use mail::letters::balance_crossed::BalanceCrossed as Letter;
use queue::UnreadableMessage;
use store::Authority;

use crate::{
    Notify,
    error::NotifyError,
    outgoing::{Outgoing, portal_link},
    recipients::{Recipient, company, company_name, holders_in, notification_to_each, whose_threshold},
};

pub(super) async fn crossed(
    notify: &Notify,
    event: &Event,
    crossing: Crossing,
    account: &ThresholdCrossed,
) -> Result<Vec<Outgoing>, NotifyError> {
    let company = company(event)?;
    let link = portal_link(notify, &format!("/companies/{company}/bank-accounts/{}", event.subject.id))?;
    let money = |minor| Money { minor, currency: account.currency };
    let (recipients, needs) = match &account.user {
        None => (holders_in(notify, &event.org, Permission::BankManage).await?, Permission::BankManage),
        Some(user) => (while_it_is_seen(notify, event, account, user).await?, Permission::BankView),
    };
    let letter = Letter {
        company: company_name(notify, company).await?,
        account: (&account.name).into(),
        has_recovered: crossing == Crossing::Recovered,
        is_own: account.user.is_some(),
        balance: money(account.balance_minor.minor()),
        threshold: money(account.threshold_minor.minor()),
        as_of: Some(account.as_of),
        link,
    };
    notification_to_each(notify, event, &recipients, &[needs], &letter)
}

/// The person, if they still have the threshold, and may see bank balances from the seat from which they set it.
async fn while_it_is_seen(
    notify: &Notify,
    event: &Event,
    crossed: &ThresholdCrossed,
    user: &UserId,
) -> Result<Vec<Recipient>, NotifyError> {
    let reference = event.subject.id.parse().map_err(|_| UnreadableMessage)?;
    let (authority, now) = (Authority::System(event.org.clone()), api::clock::now());
    let found = notify.store.load(&authority, now, |tenant| tenant.bank_account(&reference)).await?;
    let own = found.as_ref().and_then(|account| account.own_thresholds.find(user, crossed.threshold_minor));
    let Some(own) = own else { return Ok(Vec::new()) };
    Ok(whose_threshold(notify, own, Permission::BankView).await?.into_iter().collect())
}
