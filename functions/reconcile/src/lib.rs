//! Asks the payment provider about pending payments, and for thirty days about those that succeeded: a
//! webhook may be lost, and a payer may close the browser.
//!
//! Why no run can lose money:
//! - A payment with a recorded intent or session ends only with the status that the provider returns. One that still
//!   waits for the payer after a day, or after the end of a voucher or transfer, is cancelled at the provider
//!   first, and here by its answer.
//! - A payment without either on record is abandoned after half an hour without asking. The
//!   provider may have made one for it, but what completes it leaves us only after it is on
//!   record, so nobody can pay it; and if that record is being made at this moment, the condition
//!   on the payment's version lets only one of the two through.
//!
//! A run may be repeated, late or concurrent with a webhook: the second one finds nothing to do.

use domain::{
    Actor, Org, UtcTime,
    payment::{Payment, PaymentStatus, PendingPaymentAction},
};
use metrics::Metric;
use payment_settlement::{Reported, Settled, SettlementError, abandon, settle};
use payments::{Provider, ProviderError, Stripe};
use serde::{Deserialize, Serialize};
use store::{Authority, ChangeContext, Store, StoreError};

/// No payment is begun when less than this is left of the invocation, in seconds: four calls to the
/// provider at their longest, and the table.
const LONGEST_STEP_S: i64 = 65;

/// The function's input.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    schedule: ScheduleName,
    /// Payments started less than this many seconds ago wait for their webhook.
    #[serde(default)]
    older_than_s: u32,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ScheduleName {
    Payments,
}

/// The result of a run, in numbers of payments.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Payments checked.
    pub checked: usize,
    /// Payments that had succeeded.
    pub settled: usize,
    /// Payments cancelled, with their amounts released.
    pub released: usize,
    /// Payments that had succeeded before, of which money went back or returned.
    pub adjusted: usize,
    /// Payments of which the provider says something else than our record; a person must look.
    pub disagreeing: usize,
    /// Payments that could not be checked. Where others can be, the run succeeds: a metric tells of these.
    pub failed: usize,
}

/// Why a whole run failed; the next one checks again.
#[derive(Debug, thiserror::Error)]
pub enum ReconcileError {
    /// The table did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The provider cannot be asked at all.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// No payment could be checked.
    #[error("none of {0} payments could be checked")]
    NothingChecked(usize),
}

/// Why one payment was not settled; the run continues with the others.
#[derive(Debug, thiserror::Error)]
enum StepError {
    #[error(transparent)]
    Settlement(#[from] SettlementError),
    #[error(transparent)]
    Provider(#[from] ProviderError),
}

/// The function and its clients.
#[derive(Debug)]
pub struct Reconcile {
    store: Store,
    provider: Provider,
}

impl Reconcile {
    /// A reconciler of this table with this provider.
    #[must_use]
    pub const fn new(store: Store, provider: Provider) -> Self {
        Self { store, provider }
    }

    /// Handles one invocation, which ends at `deadline`.
    ///
    /// # Errors
    /// [`ReconcileError`].
    pub async fn run(&self, due: Schedule, request_id: &str, deadline: UtcTime) -> Result<Report, ReconcileError> {
        let Schedule { schedule: ScheduleName::Payments, older_than_s } = due;
        let now = api::clock::now();
        let stripe = self.provider.at(now).await?;
        let mut waiting = self.store.unsettled_payments(now.plus_s(-i64::from(older_than_s))).await?;
        let mut settled = self.store.unchecked_payments(now).await?;
        // A run that stops early must not skip the same payments every time.
        fastrand::shuffle(&mut waiting);
        fastrand::shuffle(&mut settled);
        let total = waiting.len() + settled.len();
        let mut report = Report::default();
        let mut misconfigured = None;
        for payment in waiting.iter().chain(&settled) {
            let now = api::clock::now();
            if now.plus_s(LONGEST_STEP_S) > deadline {
                tracing::warn!(left = total - report.checked, "the rest is left to the next run");
                break;
            }
            let change_context =
                ChangeContext { at: now, actor: Actor::schedule("payments"), request_id: request_id.to_owned() };
            report.checked += 1;
            let checked = match payment.status {
                PaymentStatus::Pending => self.step(&stripe, &change_context, payment).await,
                PaymentStatus::Succeeded | PaymentStatus::Canceled => {
                    self.look_again(&stripe, &change_context, payment).await
                }
            };
            match (payment.status, checked) {
                (PaymentStatus::Pending, Ok(Some(PaymentStatus::Succeeded))) => report.settled += 1,
                (_, Ok(Some(PaymentStatus::Canceled))) => report.released += 1,
                (_, Ok(Some(PaymentStatus::Succeeded))) => report.adjusted += 1,
                (_, Ok(Some(PaymentStatus::Pending) | None)) => {}
                (_, Err(error)) => {
                    log(payment, &error);
                    match error {
                        StepError::Settlement(SettlementError::Disagreement(_)) => report.disagreeing += 1,
                        StepError::Provider(error @ ProviderError::Misconfigured { .. }) => {
                            report.failed += 1;
                            misconfigured = Some(error);
                        }
                        StepError::Settlement(_) | StepError::Provider(_) => report.failed += 1,
                    }
                }
            }
        }
        metrics::count(Metric::PaymentCheckFailed, report.failed, now);
        end(report, misconfigured)
    }

    /// Looks up a payment that had succeeded; returns its status if money went back or returned.
    async fn look_again(
        &self,
        stripe: &Stripe,
        change_context: &ChangeContext,
        payment: &Payment,
    ) -> Result<Option<PaymentStatus>, StepError> {
        let Some(at_provider) = payment.at_provider() else { return Ok(None) };
        let authority = &Authority::System(Org::Company(payment.company.clone()));
        let reported = Reported::look_up(stripe, at_provider).await?;
        let settled = settle(&self.store, stripe, authority, change_context, payment.into(), &reported).await?;
        let changed = match &settled {
            Settled::Changed(payment) => Some(payment.status),
            Settled::Unchanged(_) => None,
        };
        let payment = settled.into_payment();
        if let Some(checked) = payment.checked(change_context.at) {
            let mut change = self.store.change(authority, change_context.clone());
            change.put(|tenant| tenant.payment(&payment.id), Some(payment.version), &checked);
            match change.commit().await {
                // A webhook was first: the next run looks again.
                Ok(()) | Err(StoreError::Conflict) => {}
                Err(error) => return Err(SettlementError::from(error).into()),
            }
        }
        Ok(changed)
    }

    /// Checks one payment; returns its final status if it ended now.
    async fn step(
        &self,
        stripe: &Stripe,
        change_context: &ChangeContext,
        payment: &Payment,
    ) -> Result<Option<PaymentStatus>, StepError> {
        let authority = &Authority::System(Org::Company(payment.company.clone()));
        let settled = match payment.pending_payment_action(change_context.at) {
            PendingPaymentAction::Leave => return Ok(None),
            PendingPaymentAction::Abandon => abandon(&self.store, authority, change_context, payment.into()).await?,
            PendingPaymentAction::LookUp(at_provider) => {
                let mut reported = Reported::look_up(stripe, at_provider).await?;
                if payment.is_overdue(reported.waits_for(), change_context.at) {
                    reported = Reported::cancel(stripe, at_provider).await?;
                }
                settle(&self.store, stripe, authority, change_context, payment.into(), &reported).await?
            }
        };
        Ok(match settled {
            Settled::Changed(payment) => Some(payment.status),
            Settled::Unchanged(_) => None,
        })
    }
}

/// The report, unless an operator must repair something or everything failed.
fn end(report: Report, misconfigured: Option<ProviderError>) -> Result<Report, ReconcileError> {
    if let Some(error) = misconfigured {
        return Err(error.into());
    }
    match report.failed {
        failed if failed > 0 && failed == report.checked => Err(ReconcileError::NothingChecked(failed)),
        _ => Ok(report),
    }
}

/// Logs why a payment stays pending: as an error when no later run can repair it.
fn log(payment: &Payment, error: &StepError) {
    let (company, payment) = (&payment.company, &payment.id);
    match error {
        StepError::Provider(ProviderError::Unavailable { .. })
        | StepError::Settlement(
            SettlementError::Store(StoreError::Unavailable(_))
            | SettlementError::Provider(ProviderError::Unavailable { .. }),
        ) => {
            tracing::warn!(%company, %payment, %error, "a payment is left to the next run");
        }
        StepError::Provider(
            ProviderError::KeySpent { .. }
            | ProviderError::Refused { .. }
            | ProviderError::NotFound
            | ProviderError::Misconfigured { .. }
            | ProviderError::Unexpected { .. },
        )
        | StepError::Settlement(
            SettlementError::Store(_)
            | SettlementError::Provider(_)
            | SettlementError::Disagreement(_)
            | SettlementError::Unknown,
        ) => tracing::error!(%company, %payment, %error, "a payment cannot be checked"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The input that the template sends, and the one that leaves young payments alone.
    #[test]
    fn the_schedules_input_is_read() {
        let recorded: Schedule = from_json(include_str!("../../../events/reconcile.json"));
        assert_eq!(recorded.older_than_s, 0);
        assert_eq!(from_json(r#"{"schedule":"payments","older_than_s":600}"#).older_than_s, 600);
    }

    /// Proves: S11
    #[test]
    fn a_run_in_which_everything_failed_or_anything_is_misconfigured_fails() {
        let report = |checked, failed, disagreeing| Report { checked, failed, disagreeing, ..Report::default() };
        assert!(end(report(0, 0, 0), None).is_ok());
        assert!(end(report(3, 2, 0), None).is_ok(), "one could be checked");
        assert!(matches!(end(report(3, 3, 0), None), Err(ReconcileError::NothingChecked(3))));
        assert!(end(report(2, 0, 2), None).is_ok(), "a disagreement has an alarm of its own");
        let revoked = ProviderError::Misconfigured { reason: "the key was revoked".to_owned() };
        assert!(matches!(end(report(3, 1, 0), Some(revoked)), Err(ReconcileError::Provider(_))));
    }

    fn from_json(json: &str) -> Schedule {
        api::input::from_json(json.as_bytes()).unwrap()
    }
}
