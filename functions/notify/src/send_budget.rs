//! How long one batch waits for SES, and when it stops sending.
//!
//! SES limits the letters per second and per day. A letter that SES does not take is tried again after pauses
//! that double, while the invocation has time. After that the queue waits: the rest of the batch goes back
//! without asking SES about each letter, since that would keep SES refusing.

use std::time::Duration;

use backoff::{Backoff, Jitter};
use mail::{Mailer, Message, MessageId, SendError};
use tokio::time::Instant;

/// The longest that one letter takes: ten seconds for SES, and the table before and after.
const ONE_LETTER: Duration = Duration::from_secs(14);
/// Pauses of half a second to a second, then twice as long each.
const BACKOFF: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(8), Jitter::Half);
/// How often one letter is tried, the first time included.
const MAX_TRIES: u32 = 5;
/// After how many letters in a row that SES did not take the batch stops sending. A single one may be the
/// letter's own trouble.
const MAX_REFUSALS: u32 = 2;

/// The time that is left of an invocation, and how SES has answered so far.
#[derive(Debug)]
pub(crate) struct SendBudget {
    until: Instant,
    refusals: u32,
}

impl SendBudget {
    /// The budget of an invocation that ends in `time_left`.
    pub(crate) fn new(time_left: Duration) -> Self {
        Self { until: Instant::now() + time_left, refusals: 0 }
    }

    /// Until when work that comes before the letters may begin something: for half of the time in which a letter may be
    /// begun, so that each has its share.
    pub(crate) fn other_work_until(&self) -> Instant {
        let now = Instant::now();
        now + self.until.saturating_duration_since(now + ONE_LETTER) / 2
    }

    /// Whether to send nothing more: SES takes no letters, or there is no time for one.
    pub(crate) fn is_spent(&self) -> bool {
        self.refusals >= MAX_REFUSALS || !self.has_time_after(Duration::ZERO)
    }

    /// Sends one letter, and tries again while SES is unavailable.
    ///
    /// # Errors
    /// The error of the last try.
    pub(crate) async fn send(&mut self, mailer: &Mailer, message: &Message) -> Result<MessageId, SendError> {
        let mut tries = 1;
        loop {
            let answer = mailer.send(message).await;
            if !matches!(answer, Err(SendError::Unavailable { .. })) {
                self.refusals = 0;
                return answer;
            }
            let Some(pause) = self.pause_after(tries) else {
                self.refusals += 1;
                return answer;
            };
            tokio::time::sleep(pause).await;
            tries += 1;
        }
    }

    /// How long to wait after so many tries; `None` when the last was the last.
    fn pause_after(&self, tries: u32) -> Option<Duration> {
        let pause = BACKOFF.pause_after(tries);
        (tries < MAX_TRIES && self.has_time_after(pause)).then_some(pause)
    }

    fn has_time_after(&self, pause: Duration) -> bool {
        Instant::now() + pause + ONE_LETTER <= self.until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn pauses_double_from_half_a_second_and_end() {
        let budget = SendBudget::new(Duration::from_secs(300));
        for (tries, shortest_ms) in [(1, 500), (2, 1_000), (3, 2_000), (4, 4_000)] {
            for _ in 0..100 {
                let pause = budget.pause_after(tries).unwrap().as_millis();
                assert!((shortest_ms..=2 * shortest_ms).contains(&pause), "{pause} ms after {tries}");
            }
        }
        assert_eq!(budget.pause_after(5), None);
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_begun_that_the_invocation_may_not_end() {
        let budget = SendBudget::new(Duration::from_secs(30));
        assert!(!budget.is_spent());
        tokio::time::advance(Duration::from_millis(15_800)).await;
        assert!(!budget.is_spent());
        assert_eq!(budget.pause_after(1), None);
        tokio::time::advance(Duration::from_millis(300)).await;
        assert!(budget.is_spent());
    }

    /// Work before the letters that took all of the time would keep each digest waiting, or end the invocation in the midst
    /// of one.
    #[tokio::test(start_paused = true)]
    async fn work_before_the_letters_leaves_time_for_them() {
        let budget = SendBudget::new(Duration::from_secs(30));
        let until = budget.other_work_until();
        assert_eq!(until, Instant::now() + Duration::from_secs(8));
        tokio::time::advance(Duration::from_secs(8)).await;
        assert!(!budget.is_spent());
        let short = SendBudget::new(Duration::from_secs(10));
        assert!(short.is_spent() && short.other_work_until() <= Instant::now());
    }

    #[tokio::test(start_paused = true)]
    async fn one_letter_that_is_not_taken_stops_nothing_and_two_in_a_row_do() {
        let mut budget = SendBudget::new(Duration::from_secs(300));
        budget.refusals = 1;
        assert!(!budget.is_spent());
        budget.refusals = 2;
        assert!(budget.is_spent());
    }
}
