//! The mail log: claims on mails, so that two senders do not mail one person twice, and what is known of each mail.

use std::future::Future;

use domain::{
    UtcTime,
    mail_log::{ClaimOnMail, MailName, MailRecord, MailStep},
};
use futures_util::{StreamExt, stream};

use super::{Store, put::Put};
use crate::{condition::Condition, error::StoreError, item::from_item, keys};

/// How often a record that others change at the same time is decided on.
const MAX_TRIES: u32 = 5;

/// How many records are written at the same time.
const AT_ONCE: usize = 10;

/// The end of a change of a record.
struct Settled {
    /// The record as it is now.
    record: MailRecord,
    /// Whether this caller wrote it.
    is_written: bool,
}

impl Store {
    /// Claims a mail until `lease_until`. Of `new`, which nothing may be recorded of yet, one `PutItem`; where it is on record
    /// already, two.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn claim_mail(
        &self,
        new: &MailRecord,
        now: UtcTime,
        lease_until: UtcTime,
    ) -> Result<ClaimOnMail, StoreError> {
        let claim = |known: Option<&MailRecord>| known.unwrap_or(new).claim(now, lease_until);
        let won = |known: Option<&MailRecord>| match claim(known) {
            // A digest that is sent again may list other mails than at the first attempt.
            ClaimOnMail::Won(record) => Some(record.listing_as(new)),
            ClaimOnMail::Told(_) | ClaimOnMail::Held => None,
        };
        let settled = self.settle(&new.name(), None, won).await?;
        Ok(match settled {
            Some(Settled { record, is_written: true }) => ClaimOnMail::Won(Box::new(record)),
            Some(Settled { record, is_written: false }) => record.claim(now, lease_until),
            None => ClaimOnMail::Held,
        })
    }

    /// Records the result of sending a mail under a claim that was won, and SES's id where it was sent. Returns `false` when
    /// the claim had run out and another sender took over. One `PutItem`, unless a report about the mail came meanwhile.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn record_mail(
        &self,
        won: &MailRecord,
        step: MailStep,
        message_id: Option<&str>,
    ) -> Result<bool, StoreError> {
        let ours = |known: Option<&MailRecord>| {
            known.filter(|known| known.is_claimed_as(won)).and_then(|known| known.with(step, message_id))
        };
        let settled = self.settle(&won.name(), Some(won.clone()), ours).await?;
        Ok(settled.is_some_and(|settled| settled.record.is_claimed_as(won)))
    }

    /// Records a mail that waits, unless something is recorded of it: one `PutItem`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn record_waiting_mail(&self, new: &MailRecord, step: MailStep) -> Result<(), StoreError> {
        let waits = |known: Option<&MailRecord>| if known.is_none() { new.with(step, None) } else { None };
        self.settle(&new.name(), None, waits).await.map(drop)
    }

    /// Records a report about a mail; nothing where the mail is not on record, or the report says nothing new. One strongly
    /// consistent `BatchGetItem`, then one `PutItem`. Where a digest did not arrive, the mails that it lists say so too: one
    /// more `BatchGetItem` of up to 100 keys, and one `PutItem` each.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn record_mail_report(&self, name: &MailName, step: MailStep) -> Result<(), StoreError> {
        let Some(known) = self.get(keys::mail(name)).await? else { return Ok(()) };
        let settled = self.settle(name, Some(known), |known| known?.with(step, None)).await?;
        // Also where the report is a repeated one: the first may have got no further.
        match settled.and_then(|settled| settled.record.step_of_listed()) {
            Some((listed, step)) => {
                let told: Vec<_> = listed.into_iter().map(|name| (name, step)).collect();
                self.add_steps(&told, |_| true).await
            }
            None => Ok(()),
        }
    }

    /// Ends the waiting of mails that are not sent by themselves, such as those in a digest; those that are not waiting stay as
    /// they are. Strongly consistent `BatchGetItem`s of up to 100 keys, then one `PutItem` each, ten at the same time. One that
    /// fails does not keep the others waiting.
    ///
    /// # Errors
    /// [`StoreError`], of one of those that failed.
    pub async fn end_waiting_mails(&self, ended: &[(MailName, MailStep)]) -> Result<(), StoreError> {
        self.add_steps(ended, MailRecord::is_waiting).await
    }

    /// Adds a step to each of these mails that is on record and for which `takes` holds, ten at the same time.
    async fn add_steps(
        &self,
        steps: &[(MailName, MailStep)],
        takes: impl Fn(&MailRecord) -> bool + Copy,
    ) -> Result<(), StoreError> {
        let known = self.get(steps.iter().map(|(name, _)| keys::mail(name)).collect::<Vec<_>>()).await?;
        let add = |((name, step), known): (&(MailName, MailStep), Option<MailRecord>)| {
            let (name, step) = (name.clone(), *step);
            async move {
                let Some(known) = known else { return Ok(()) };
                let with = |known: Option<&MailRecord>| known.filter(|known| takes(known))?.with(step, None);
                self.settle(&name, Some(known), with).await.map(drop)
            }
        };
        few_at_once(steps.iter().zip(known).map(add).collect()).await
    }

    /// Writes what `decide` makes of the record as it is known, and decides again on what is there where it was changed
    /// meanwhile. `None` where there is no record, and none is to be.
    async fn settle(
        &self,
        name: &MailName,
        mut known: Option<MailRecord>,
        decide: impl Fn(Option<&MailRecord>) -> Option<MailRecord>,
    ) -> Result<Option<Settled>, StoreError> {
        let key = keys::mail(name);
        for _ in 0..MAX_TRIES {
            let Some(next) = decide(known.as_ref()) else {
                return Ok(known.map(|record| Settled { record, is_written: false }));
            };
            let expected = known.as_ref().map(|known| known.version);
            match self.put_if(&key, &next, Condition::as_read(expected)).await? {
                Put::Written => return Ok(Some(Settled { record: next, is_written: true })),
                Put::Refused(found) => known = found.map(from_item).transpose()?,
            }
        }
        Err(StoreError::Conflict)
    }
}

/// Waits for all of these, [`AT_ONCE`] of them at the same time, and returns an error of those that failed.
async fn few_at_once<F: Future<Output = Result<(), StoreError>>>(writes: Vec<F>) -> Result<(), StoreError> {
    let mut written = stream::iter(writes).buffer_unordered(AT_ONCE);
    let mut result = Ok(());
    while let Some(write) = written.next().await {
        result = result.and(write);
    }
    result
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, time::Duration};

    use tokio::time::{Instant, sleep};

    use super::*;

    /// Proves: 28
    #[tokio::test(start_paused = true)]
    async fn the_mails_of_a_digest_are_not_written_one_after_the_other_and_one_that_fails_keeps_no_other_back() {
        let (began, writing, most, done) = (Instant::now(), Cell::new(0), Cell::new(0), Cell::new(0));
        let write = |number: usize| {
            let (writing, most, done) = (&writing, &most, &done);
            async move {
                writing.set(writing.get() + 1);
                most.set(most.get().max(writing.get()));
                sleep(Duration::from_secs(1)).await;
                writing.set(writing.get() - 1);
                done.set(done.get() + 1);
                if number == 3 { Err(StoreError::Conflict) } else { Ok(()) }
            }
        };
        let result = few_at_once((0..100).map(write).collect()).await;
        assert!(matches!(result, Err(StoreError::Conflict)), "the failure is not told");
        assert_eq!((done.get(), most.get()), (100, AT_ONCE));
        assert_eq!(began.elapsed().as_secs(), 10, "a run with the largest digest takes as long as a hundred writes");
    }
}
