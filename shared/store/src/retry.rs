//! Repeats a decision after a conflict.
//!
//! A person gets 409 and decides again. The ledger, the payment provider and the schedules cannot: for them, load,
//! decide and commit are repeated.

use std::{future::Future, time::Duration};

use backoff::{Backoff, Jitter};

use crate::{error::StoreError, idempotency::Replay};

/// The pauses before a retry after a conflict. They are random, so that writers that met once do not meet again.
pub(crate) const BACKOFF: Backoff = Backoff::new(Duration::from_millis(50), Duration::from_millis(800), Jitter::Full);
/// How often a decision is made, the first time included.
const MAX_DECISIONS: u32 = 8;

/// Why one round of load, decide and commit failed.
#[derive(Debug, PartialEq, Eq)]
pub enum Attempt<E> {
    /// Another writer changed the data of the decision: a new round may succeed.
    Raced,
    /// A new round would fail too.
    Final(E),
}

impl<E: From<StoreError>> From<StoreError> for Attempt<E> {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::Raced,
            StoreError::Denied(_)
            | StoreError::NotFound
            | StoreError::InviterDenied
            | StoreError::LastOne
            | StoreError::StorageFull { .. }
            | StoreError::Limited { .. }
            | StoreError::Cursor(_)
            | StoreError::Unavailable(_)
            | StoreError::Unexpected(_) => Self::Final(error.into()),
        }
    }
}

/// A new round would find the same earlier answer.
impl<E: From<Replay>> From<Replay> for Attempt<E> {
    fn from(replay: Replay) -> Self {
        Self::Final(replay.into())
    }
}

/// Repeats a round of load, decide and commit while it meets conflicts: at most eight times, after pauses with full
/// jitter, so that writers that met once do not meet again.
///
/// # Errors
/// The error of a round, or [`StoreError::Unavailable`] when every round met a conflict.
pub async fn retry_on_conflict<T, E, F>(mut round: impl FnMut() -> F) -> Result<T, E>
where
    E: From<StoreError>,
    F: Future<Output = Result<T, Attempt<E>>>,
{
    for decision in 0..MAX_DECISIONS {
        BACKOFF.wait_after(decision).await;
        match round().await {
            Ok(done) => return Ok(done),
            Err(Attempt::Final(error)) => return Err(error),
            Err(Attempt::Raced) => {}
        }
    }
    Err(StoreError::Unavailable("raced throughout".to_owned()).into())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// Runs rounds with these ends, the last one for ever; returns the final result and the number of rounds.
    async fn run(ends: &[fn() -> Result<u8, StoreError>]) -> (Result<u8, StoreError>, usize) {
        let rounds = Cell::new(0);
        let result = retry_on_conflict(|| async {
            let end = ends[rounds.get().min(ends.len() - 1)];
            rounds.set(rounds.get() + 1);
            end().map_err(Attempt::from)
        })
        .await;
        (result, rounds.get())
    }

    #[tokio::test(start_paused = true)]
    async fn a_decision_that_was_raced_is_made_anew() {
        let (result, rounds) = run(&[|| Err(StoreError::Conflict), || Err(StoreError::Conflict), || Ok(7)]).await;
        assert_eq!((result.unwrap(), rounds), (7, 3));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_no_race_ends_it() {
        let (result, rounds) = run(&[|| Err(StoreError::Conflict), || Err(StoreError::NotFound)]).await;
        assert!(matches!(result, Err(StoreError::NotFound)), "{result:?}");
        assert_eq!(rounds, 2);
    }

    #[tokio::test(start_paused = true)]
    async fn rounds_are_bounded() {
        let (result, rounds) = run(&[|| Err(StoreError::Conflict)]).await;
        assert!(matches!(result, Err(StoreError::Unavailable(_))), "{result:?}");
        assert_eq!(rounds, 8);
    }
}
