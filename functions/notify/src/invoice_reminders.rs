//! The scheduled search for invoices that customers are reminded of.

use std::time::Duration;

use domain::{
    Actor, Org, Reference, UtcTime,
    invoice::{InvoiceReminders, InvoiceState, ReminderRound},
    time::Day,
};
use store::{Authority, ChangeContext, PageRequest, Store, StoreError};
use tokio::time::Instant;

/// The most invoices of one company of which one run reminds. It goes on with the rest when the others had their turn.
const MAX_OF_ONE_COMPANY: usize = 300;
/// A run begins nothing new when less than this is left of its time.
const LAST_STEP: Duration = Duration::from_secs(5);
/// How often an invoice that changes while it is looked at is read again.
const MAX_TRIES: u32 = 3;

/// What one run has time for, and where it stands.
struct Run<'r> {
    store: &'r Store,
    now: UtcTime,
    until: Instant,
    request_id: &'r str,
}

/// Records each reminder that is due, once: that it was given stands in the invoice, so a run that fires twice, late or
/// beside another finds nothing left to do, or loses the condition that the invoice is as it was read.
///
/// How far a company has come is written when its round is over. A run that ends before that begins the round again,
/// after the companies that waited longer, and passes over the invoices that were reminded of.
pub(crate) async fn run(store: &Store, time_left: Duration, request_id: &str) -> Result<usize, StoreError> {
    let until = Instant::now() + time_left.saturating_sub(LAST_STEP);
    let run = Run { store, now: api::clock::now(), until, request_id };
    let (mut invoices, mut failed) = (0, None);
    for due in store.due_invoice_reminders(run.now).await? {
        if Instant::now() >= until {
            break;
        }
        match run.company(&due).await {
            Ok(reminded) => invoices += reminded,
            Err(StoreError::Conflict) => tracing::info!("a company's reminders changed while they were given"),
            // What one company's data cannot be read for, the others do not wait for.
            Err(error) => {
                tracing::error!(company = %due.company, %error, "a company's reminders were not given");
                failed = Some(error);
            }
        }
    }
    failed.map_or(Ok(invoices), Err)
}

/// What was done in a round.
#[derive(Debug)]
struct Given {
    /// How many invoices were reminded of.
    reminded: usize,
    /// Whether all were come to, and none is worth another try by itself.
    is_over: bool,
    /// Why an invoice could not be read or written.
    failed: Option<StoreError>,
}

impl Given {
    /// Whether the round, which gives the reminders of the days after `from` until `to`, is over. An invoice that failed
    /// is tried again until the next day's reminders are due as well. Then the round ends without it: otherwise it would
    /// grow by a day each day, and days that the company chooses later would count for the past.
    fn ends(&self, from: Day, to: Day) -> bool {
        self.is_over && (self.failed.is_none() || from.plus_days(1) < to)
    }
}

impl Run<'_> {
    /// The round of one company. The index may lag behind, so everything is read again.
    async fn company(&self, due: &InvoiceReminders) -> Result<usize, StoreError> {
        let authority = Authority::System(Org::Company(due.company.clone()));
        let (reminders, settings, company) = self
            .store
            .load(&authority, self.now, |tenant| {
                (tenant.invoice_reminders(), tenant.portal_settings(), tenant.company())
            })
            .await?;
        let (Some(reminders), Some(company)) = (reminders, company) else { return Ok(0) };
        let days = settings.map(|settings| settings.reminder_days()).unwrap_or_default();
        let Some(round) = reminders.round(&days, &company.time_zone, self.now) else { return Ok(0) };
        // Put off first: a run that dies in a very large round lets all others go before that company the next time.
        let claimed = reminders.put_off(self.now);
        self.stand(&authority, &reminders, &claimed).await?;
        let given = self.give(&authority, &round).await?;
        let after = claimed.after(&round);
        if given.ends(claimed.given_until, after.given_until) {
            self.stand(&authority, &claimed, &after).await?;
        }
        given.failed.map_or(Ok(given.reminded), Err)
    }

    /// Writes how far a company has come, if it is still where it was.
    async fn stand(
        &self,
        authority: &Authority,
        known: &InvoiceReminders,
        next: &InvoiceReminders,
    ) -> Result<(), StoreError> {
        let mut change = self.store.change(authority, self.change_context());
        change.put(|tenant| tenant.invoice_reminders(), Some(known.version), next);
        change.commit().await
    }

    /// Reminds of the invoices of a round. One that cannot be written does not keep the others waiting.
    async fn give(&self, authority: &Authority, round: &ReminderRound) -> Result<Given, StoreError> {
        let mut given = Given { reminded: 0, is_over: true, failed: None };
        for (from, until) in round.due_days() {
            let mut request = PageRequest::largest();
            loop {
                if Instant::now() >= self.until {
                    return Ok(Given { is_over: false, ..given });
                }
                let page = self
                    .store
                    .page(
                        authority,
                        self.now,
                        |tenant| tenant.invoices(Some(InvoiceState::Open)).on_days(Some(from), Some(until)),
                        &request,
                    )
                    .await?;
                // The index lags: what it shows as reminded of, or as paid, is so; the rest is read again.
                for invoice in page.items.iter().filter(|invoice| invoice.remind(round).is_some()) {
                    if given.reminded >= MAX_OF_ONE_COMPANY || Instant::now() >= self.until {
                        return Ok(Given { is_over: false, ..given });
                    }
                    match self.remind(authority, &invoice.reference, round).await {
                        Ok(Some(true)) => given.reminded += 1,
                        Ok(Some(false)) => {}
                        Ok(None) => given.is_over = false,
                        Err(error) => {
                            tracing::error!(invoice = %invoice.reference, %error, "an invoice was not reminded of");
                            given.is_over &= !matches!(error, StoreError::Unavailable(_));
                            given.failed = Some(error);
                        }
                    }
                }
                let Some(next) = page.next else { break };
                request = PageRequest::largest().starting_at(next);
            }
        }
        Ok(given)
    }

    /// Whether it was reminded of an invoice; `None` where others changed it again and again.
    async fn remind(
        &self,
        authority: &Authority,
        invoice: &Reference,
        round: &ReminderRound,
    ) -> Result<Option<bool>, StoreError> {
        for _ in 0..MAX_TRIES {
            let found = self.store.load(authority, self.now, |tenant| tenant.invoice(invoice)).await?;
            let Some((known, (reminded, event))) = found.and_then(|known| known.remind(round).map(|it| (known, it)))
            else {
                return Ok(Some(false));
            };
            let mut change = self.store.change(authority, self.change_context());
            change.put(|tenant| tenant.invoice(invoice), Some(known.version), &reminded);
            change.record(event);
            match change.commit().await {
                Ok(()) => return Ok(Some(true)),
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error),
            }
        }
        tracing::info!("an invoice changed while it was looked at");
        Ok(None)
    }

    fn change_context(&self) -> ChangeContext {
        let actor = Actor::schedule("invoice_reminders");
        ChangeContext { at: self.now, actor, request_id: self.request_id.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.to_owned().try_into().unwrap()
    }

    /// One broken invoice would otherwise keep its company's round open for ever, until a reminder day that is chosen much
    /// later counts for all the days since.
    /// Proves: IR1, IR2
    #[test]
    fn an_invoice_that_fails_is_tried_for_a_day_and_then_the_round_ends_without_it() {
        let broken = || Some(StoreError::Unexpected("an item is too large".to_owned()));
        let (from, next, later) = (day("2026-11-20"), day("2026-11-21"), day("2026-11-22"));
        for (is_over, failed, to, ends) in [
            (true, None, next, true),
            (true, None, later, true),
            (true, broken(), next, false),
            (true, broken(), later, true),
            (false, None, later, false),
            (false, broken(), later, false),
        ] {
            let given = Given { reminded: 1, is_over, failed };
            assert_eq!(given.ends(from, to), ends, "{given:?} until {to}");
        }
    }
}
