//! Handles SES's reports about our emails: deliveries, bounces, complaints.
//!
//! SES publishes its reports to a topic, the topic sends them to a queue, and the queue to this function: at least
//! once, in no order. After a bounce for good nothing is sent to the address for a while, after a complaint nothing of
//! the kind. The invitation in the email and the mail log show its delivery status.
//!
//! Reports name people's addresses, so no line of the log quotes one.

mod report;

use domain::{Actor, delivery::DeliveryReport};
use queue::{SqsBatchResponse, SqsEvent, UnreadableMessage};
use store::{ChangeContext, Store, StoreError};

use crate::report::SesReport;

/// The plain text that SES publishes when it begins to report to a topic. It is not a report.
const GREETING: &str = "Successfully validated SNS topic for Amazon SES event publishing.";

/// The actor of these changes in their events.
const ACTOR: &str = "ses";

/// The function and its client.
#[derive(Debug)]
pub struct Feedback {
    store: Store,
}

/// Why a message must be redelivered.
#[derive(Debug, thiserror::Error)]
enum FeedbackError {
    #[error(transparent)]
    Unreadable(#[from] UnreadableMessage),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Feedback {
    /// A listener over this table.
    #[must_use]
    pub const fn new(store: Store) -> Self {
        Self { store }
    }

    /// Handles a batch; only a message that fails is redelivered.
    pub async fn handle(&self, batch: SqsEvent, request_id: &str) -> SqsBatchResponse {
        queue::each(&batch, async |message| self.record(queue::text(message), request_id).await).await
    }

    async fn record(&self, body: &str, request_id: &str) -> Result<(), FeedbackError> {
        if body.trim() == GREETING {
            return Ok(());
        }
        let report: SesReport = serde_json::from_str(body).map_err(|_| UnreadableMessage)?;
        let now = api::clock::now();
        // First the address, then the invitation: a reader who sees the invitation bounced can rely on it
        // that nothing more is sent. Both are done once, however often the report comes.
        if let Some(suppression) = report.suppression(now) {
            for address in report.addresses() {
                self.store.suppress(&address, report.purpose(), &suppression).await?;
                tracing::info!(reason = ?suppression.reason, "letters to an address are suppressed");
            }
        }
        if let (Some((id, generation)), Some((state, at))) = (report.invitation(), report.state(now)) {
            let heard = DeliveryReport { generation, state, at, message_id: report.message_id() };
            let change_context =
                ChangeContext { at: now, actor: Actor::machine(ACTOR), request_id: request_id.to_owned() };
            mail_delivery::record_report(&self.store, &id, &heard, &change_context).await?;
        }
        if let (Some(name), Some(step)) = (report.mail_name(), report.mail_step(now)) {
            self.store.record_mail_report(&name, step).await?;
        }
        Ok(())
    }
}
