//! The schedule's next step for a payment: it cancels those that nobody completes, and looks the others up.

use super::state::{AtProvider, Payment, PaymentStatus, Progress};
use crate::time::UtcTime;

const HOUR_S: i64 = 3600;
const DAY_S: i64 = 24 * HOUR_S;
/// How long a payment may stay unopened, in seconds, before the schedule abandons it. The person who
/// started it can complete it until then, by repeating their request.
const UNOPENED_FOR_S: i64 = 30 * 60;
/// How long after its start a page of the provider's takes the payment, in seconds. The provider wants 30 minutes or
/// more from the time at which the page is made, which is before [`UNOPENED_FOR_S`] is over; five minutes more are for slow
/// calls and clocks.
const SESSION_FOR_S: i64 = 65 * 60;
/// How long a payer may take to choose a method and to confirm, in seconds.
const OPEN_FOR_S: i64 = DAY_S;
/// How long a method may wait that names no end, in seconds.
const WAITING_FOR_S: i64 = 14 * DAY_S;
/// How long a method may wait at most, whatever end it names, in seconds.
const LONGEST_WAIT_S: i64 = 60 * DAY_S;
/// How long after a method's end the provider may take to say so, in seconds.
const GRACE_S: i64 = HOUR_S;
/// When a payment that succeeded is looked up again, in days after it did: refunds and disputes whose
/// webhook was lost are found then.
const CHECKED_AFTER_DAYS: [i64; 5] = [1, 3, 7, 15, 30];

/// The schedule's next step for a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PendingPaymentAction<'a> {
    /// Nothing: it has ended, or the person who started it can still open it.
    Leave,
    /// [`abandon`](super::abandon) it.
    Abandon,
    /// Ask the provider for its status.
    LookUp(AtProvider<'a>),
}

/// The party that a pending payment waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitsFor {
    /// The payer, who has not confirmed, or has to confirm a card.
    Payer,
    /// A method that takes its time, such as a voucher, a transfer or a bank's redirect: until then, if the
    /// method names an end.
    Method(Option<UtcTime>),
    /// The provider, who is taking the money: it ends by itself.
    Provider,
}

/// The first time after `now` at which a payment that ended at `ended_at` is looked up again.
pub(super) fn next_check(ended_at: UtcTime, now: UtcTime) -> Option<UtcTime> {
    CHECKED_AFTER_DAYS.into_iter().map(|days| ended_at.plus_s(days * DAY_S)).find(|at| *at > now)
}

impl Payment {
    /// The schedule's next step for it at this time.
    #[must_use]
    pub fn pending_payment_action(&self, now: UtcTime) -> PendingPaymentAction<'_> {
        match self.progress() {
            Progress::Unopened if self.started_at.plus_s(UNOPENED_FOR_S) <= now => PendingPaymentAction::Abandon,
            Progress::Unopened | Progress::Ended => PendingPaymentAction::Leave,
            Progress::Open(at_provider) => PendingPaymentAction::LookUp(at_provider),
        }
    }

    /// When the page of the provider's on which it is paid ends. It never changes, so that a page that is asked for
    /// again is the same one.
    #[must_use]
    pub fn session_ends_at(&self) -> UtcTime {
        self.started_at.plus_s(SESSION_FOR_S)
    }

    /// Whether the schedule cancels it at the provider: the payer has not completed it in time, or the
    /// method's own end has passed.
    #[must_use]
    pub fn is_overdue(&self, waits_for: WaitsFor, now: UtcTime) -> bool {
        let after = |seconds| self.started_at.plus_s(seconds);
        let until = match waits_for {
            WaitsFor::Payer => after(OPEN_FOR_S),
            WaitsFor::Method(None) => after(WAITING_FOR_S),
            WaitsFor::Method(Some(end)) => end.plus_s(GRACE_S).clamp(after(OPEN_FOR_S), after(LONGEST_WAIT_S)),
            WaitsFor::Provider => return false,
        };
        until <= now
    }

    /// The payment after the schedule looked it up; `None` where it was not due for that. Makes no event:
    /// nothing has changed for anyone.
    #[must_use]
    pub fn checked(&self, now: UtcTime) -> Option<Self> {
        let (PaymentStatus::Succeeded, Some(ended_at), Some(_)) =
            (self.status, self.ended_at, self.check_at.filter(|at| *at <= now))
        else {
            return None;
        };
        Some(Self { check_at: next_check(ended_at, now), version: self.version + 1, ..self.clone() })
    }
}
