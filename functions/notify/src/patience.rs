//! How long SES is waited for within one batch, and when it is asked no more.
//!
//! SES takes so many letters a second, and so many a day. A letter that it does not take is tried again
//! after pauses that double, while the invocation has time. After that the queue is what waits, and the
//! rest of the batch goes back without SES being asked about each letter: that would keep it refusing.

use std::time::Duration;

use mail::{Mailer, Message, MessageId, SendError};
use tokio::time::Instant;

/// What one letter may need: SES's ten seconds, and the table before and after.
const ONE_LETTER: Duration = Duration::from_secs(14);
/// The first pause is at least this long and at most twice that; each later one twice as long.
const FIRST_PAUSE_MS: u64 = 500;
/// How often one letter is tried, the first time included.
const MAX_TRIES: u32 = 5;
/// After how many letters in a row that were not taken SES is asked no more. One by itself may be the
/// letter's own trouble.
const MAX_UNTAKEN: u32 = 2;

/// What is left of an invocation for waiting, and how SES has answered so far.
#[derive(Debug)]
pub(crate) struct Patience {
    until: Instant,
    untaken: u32,
}

impl Patience {
    /// For an invocation that ends in `time_left`.
    pub(crate) fn for_the_next(time_left: Duration) -> Self {
        Self { until: Instant::now() + time_left, untaken: 0 }
    }

    /// Whether no further letter is begun: SES takes none, or there is no time for one.
    pub(crate) fn is_over(&self) -> bool {
        self.untaken >= MAX_UNTAKEN || !self.has_time_after(Duration::ZERO)
    }

    /// Hands one letter to SES, again and again while SES does not take it for a passing reason.
    ///
    /// # Errors
    /// What the last try ended with.
    pub(crate) async fn send(&mut self, mailer: &Mailer, message: &Message) -> Result<MessageId, SendError> {
        let mut tries = 1;
        loop {
            let answer = mailer.send(message).await;
            if !matches!(answer, Err(SendError::Unavailable { .. })) {
                self.untaken = 0;
                return answer;
            }
            let Some(pause) = self.pause_after(tries) else {
                self.untaken += 1;
                return answer;
            };
            tokio::time::sleep(pause).await;
            tries += 1;
        }
    }

    /// How long to wait after so many tries; `None` when the last was the last.
    fn pause_after(&self, tries: u32) -> Option<Duration> {
        let shortest_ms = FIRST_PAUSE_MS << tries.saturating_sub(1).min(MAX_TRIES);
        let pause = Duration::from_millis(fastrand::u64(shortest_ms..=2 * shortest_ms));
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
        let patience = Patience::for_the_next(Duration::from_secs(300));
        for (tries, shortest_ms) in [(1, 500), (2, 1_000), (3, 2_000), (4, 4_000)] {
            for _ in 0..100 {
                let pause = patience.pause_after(tries).unwrap().as_millis();
                assert!((shortest_ms..=2 * shortest_ms).contains(&pause), "{pause} ms after {tries}");
            }
        }
        assert_eq!(patience.pause_after(5), None);
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_begun_that_the_invocation_may_not_end() {
        let patience = Patience::for_the_next(Duration::from_secs(30));
        assert!(!patience.is_over());
        tokio::time::advance(Duration::from_millis(15_800)).await;
        assert!(!patience.is_over());
        assert_eq!(patience.pause_after(1), None);
        tokio::time::advance(Duration::from_millis(300)).await;
        assert!(patience.is_over());
    }

    #[tokio::test(start_paused = true)]
    async fn one_letter_that_is_not_taken_stops_nothing_and_two_in_a_row_do() {
        let mut patience = Patience::for_the_next(Duration::from_secs(300));
        patience.untaken = 1;
        assert!(!patience.is_over());
        patience.untaken = 2;
        assert!(patience.is_over());
    }
}
