//! Due work for schedules. A schedule reads what is due, never everything.

use domain::{
    UtcTime,
    bank::{BalanceReport, BankAccount},
    delivery::Delivery,
    document::Document,
    document_request::RequestSchedule,
    invitation::Invitation,
    invoice::InvoiceReminders,
    notification::PostponedMail,
    payment::Payment,
    report::CashflowForecast,
};

use super::Store;
use crate::{
    error::StoreError,
    item::Entity,
    keys::{self, Unsealed},
    listing::{Listing, PageRequest},
};

/// The most pages of due work that one run takes from a partition.
const MAX_DUE_PAGES: u32 = 10;

impl Store {
    /// The tenants that have something to seal, those that wait the longest first, up to a thousand from each shard.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn unsealed_tenants(&self) -> Result<Vec<Unsealed>, StoreError> {
        let mut waiting = self.due(keys::unsealed_tenants()).await?;
        waiting.sort_by_key(|unsealed| unsealed.since);
        Ok(waiting)
    }

    /// Pending reminders of letters whose link expires within a time, with their invitations: up to a thousand from
    /// each partition, those that expire first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn unreminded(&self, from: UtcTime, until: UtcTime) -> Result<Vec<(Invitation, Delivery)>, StoreError> {
        let found = self.due(keys::unreminded(from, until)).await?;
        let invitations: Vec<_> = found.iter().map(|due| keys::invitation(&due.invitation)).collect();
        let invitations = self.get(invitations).await?;
        Ok(invitations.into_iter().zip(found).filter_map(|(invitation, due)| Some((invitation?, due))).collect())
    }

    /// Bank accounts with a crossing that somebody is to be told of by now, up to a thousand from each partition, those
    /// that have waited longest.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn accounts_to_tell_of(&self, now: UtcTime) -> Result<Vec<BankAccount>, StoreError> {
        // The clock of a ledger may be ahead of ours, and so the time of a balance.
        self.due(keys::due_balances(now.plus_s(BalanceReport::MAX_AHEAD_S))).await
    }

    /// Cashflow forecasts with a crossing that somebody is to be told of by now, up to a thousand from each partition, those
    /// that have waited longest.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forecasts_to_tell_of(&self, now: UtcTime) -> Result<Vec<CashflowForecast>, StoreError> {
        self.due(keys::due_forecasts(now)).await
    }

    /// Schedules of document requests of which something is due by now, up to a thousand from each partition, those
    /// that have waited longest.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn due_request_schedules(&self, now: UtcTime) -> Result<Vec<RequestSchedule>, StoreError> {
        self.due(keys::due_request_schedules(now)).await
    }

    /// Companies whose reminders of invoices are due by now, up to a thousand from each partition, those that have
    /// waited longest.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn due_invoice_reminders(&self, now: UtcTime) -> Result<Vec<InvoiceReminders>, StoreError> {
        let mut waiting = self.due(keys::due_invoice_reminders(now)).await?;
        waiting.sort_by_key(|reminders| reminders.next_at);
        Ok(waiting)
    }

    /// Mail to people that waited and is due by now, up to a thousand from each partition, that which has waited longest.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn due_postponed_mail(&self, now: UtcTime) -> Result<Vec<PostponedMail>, StoreError> {
        self.due(keys::due_postponed_mail(now)).await
    }

    /// Deleted documents whose files are to be removed by now, up to a thousand from each partition, those that have
    /// waited longest.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn due_document_purges(&self, now: UtcTime) -> Result<Vec<Document>, StoreError> {
        self.due(keys::due_purges(now)).await
    }

    /// Payments started before `before` whose outcome is not known, up to a thousand from each
    /// partition, the oldest.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn unsettled_payments(&self, before: UtcTime) -> Result<Vec<Payment>, StoreError> {
        let mut payments = self.due(keys::due_payments()).await?;
        payments.retain(|payment| payment.started_at < before);
        Ok(payments)
    }

    /// Succeeded payments that are to be looked up again by now, up to a thousand from each partition, those
    /// that have waited longest.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn unchecked_payments(&self, now: UtcTime) -> Result<Vec<Payment>, StoreError> {
        self.due(keys::due_payment_checks(now)).await
    }

    /// What is due in each shard, up to a thousand entries, the first ones.
    async fn due<T: Entity>(&self, shards: impl Iterator<Item = Listing<T>>) -> Result<Vec<T>, StoreError> {
        let mut found = Vec::new();
        for listing in shards {
            let mut request = PageRequest::largest();
            for _ in 0..MAX_DUE_PAGES {
                let page = self.query(&listing, &request).await?;
                found.extend(page.items);
                let Some(next) = page.next else { break };
                request = PageRequest::largest().starting_at(next);
            }
        }
        Ok(found)
    }
}
