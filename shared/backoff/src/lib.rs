//! Pauses between tries: they double from the first to the longest, and a random part of each keeps
//! callers that failed together from coming back together.
//!
//! See <https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/>. How often to
//! try, and which failures to try again, is the caller's decision.

use std::time::Duration;

/// How much of a pause is random.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Jitter {
    /// All of it: the pause lies between nothing and its ceiling. Spreads best.
    Full,
    /// Half of it: the pause lies between half its ceiling and its ceiling. For a try that must not come
    /// back at once.
    Half,
}

/// A schedule of pauses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
    jitter: Jitter,
}

impl Backoff {
    /// Pauses of at most `first`, then at most twice that, and so on up to `longest`.
    #[must_use]
    pub const fn new(first: Duration, longest: Duration, jitter: Jitter) -> Self {
        Self { first, longest, jitter }
    }

    /// Draws the pause after so many tries that failed; none before the first try.
    #[must_use]
    pub fn pause_after(&self, failed_tries: u32) -> Duration {
        let Some(doublings) = failed_tries.checked_sub(1) else { return Duration::ZERO };
        let ceiling = self.first.saturating_mul(2_u32.saturating_pow(doublings)).min(self.longest);
        let (fixed, random) = match self.jitter {
            Jitter::Full => (Duration::ZERO, ceiling),
            Jitter::Half => (ceiling / 2, ceiling / 2),
        };
        let random_us = u64::try_from(random.as_micros()).unwrap_or(u64::MAX);
        fixed + Duration::from_micros(fastrand::u64(0..=random_us))
    }

    /// Waits for the pause after so many tries that failed.
    pub async fn wait_after(&self, failed_tries: u32) {
        let pause = self.pause_after(failed_tries);
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Duration = Duration::from_millis(50);
    const LONGEST: Duration = Duration::from_millis(800);

    fn drawn(jitter: Jitter, failed_tries: u32) -> (Duration, Duration) {
        let backoff = Backoff::new(FIRST, LONGEST, jitter);
        let pauses: Vec<Duration> = (0..200).map(|_| backoff.pause_after(failed_tries)).collect();
        (*pauses.iter().min().unwrap(), *pauses.iter().max().unwrap())
    }

    #[test]
    fn pauses_double_up_to_the_longest() {
        for (failed_tries, ceiling_ms) in [(1, 50), (2, 100), (3, 200), (5, 800), (6, 800), (u32::MAX, 800)] {
            let ceiling = Duration::from_millis(ceiling_ms);
            let (_, longest) = drawn(Jitter::Full, failed_tries);
            assert!(longest <= ceiling && longest > ceiling / 2, "{longest:?} after {failed_tries}");
            let (shortest, longest) = drawn(Jitter::Half, failed_tries);
            assert!(shortest >= ceiling / 2 && longest <= ceiling, "{shortest:?}, {longest:?} after {failed_tries}");
        }
    }

    #[test]
    fn pauses_are_spread() {
        let (shortest, longest) = drawn(Jitter::Full, 5);
        assert!(longest - shortest > LONGEST / 2, "{shortest:?} to {longest:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_try_is_made_at_once() {
        let before = tokio::time::Instant::now();
        Backoff::new(FIRST, LONGEST, Jitter::Half).wait_after(0).await;
        assert_eq!(before.elapsed(), Duration::ZERO);
        Backoff::new(FIRST, LONGEST, Jitter::Half).wait_after(1).await;
        assert!(before.elapsed() >= FIRST / 2);
    }
}
