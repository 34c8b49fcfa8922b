//! Sends letters about events, and finds due reminders and crossings.
//!
//! Messages about events arrive from the bus through a queue; each event is read from the table and makes letters for its
//! recipients. Who is notified has it in the inbox, and chooses whether it is mailed. The schedules look for bank balances
//! and forecasts below a threshold, for invitations about to expire, for requested documents that are missing and for
//! invoices that wait for payment, and record that they found them; the email about it then takes the same way as every
//! other. The one for thresholds also sends what waited for its time.

mod document_requests;
mod error;
mod inbox;
mod invoice_reminders;
mod letters;
mod outgoing;
mod postponed;
mod recipients;
mod reminders;
mod send;
mod send_budget;
mod still_due;
mod thresholds;

use std::time::Duration;

use domain::{Event, EventId, Org, color::Color};
use links::{DocumentLinkSigner, LinkSigner, MailPreferencesSigner};
use mail::Mailer;
use queue::{SqsBatchResponse, SqsEvent};
use serde::{Deserialize, Serialize};
use store::{Store, StoreError};

use crate::{error::NotifyError, send_budget::SendBudget};

/// The function's input.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Input {
    /// A batch of the queue.
    Queue(SqsEvent),
    /// A schedule.
    Schedule(Schedule),
}

/// Which schedule fired.
#[derive(Debug, Deserialize)]
#[serde(tag = "schedule", rename_all = "snake_case", deny_unknown_fields)]
pub enum Schedule {
    /// The search for bank balances and forecasts below a threshold, and then [`Schedule::PostponedMail`].
    Thresholds,
    /// The search for invitations that are about to expire.
    Reminders {
        /// How many hours before the expiry an invitation is reminded of.
        before_hours: u16,
    },
    /// The search for requests for documents of which something is due.
    DocumentRequests,
    /// The search for invoices that customers are reminded of.
    InvoiceReminders,
    /// The search for mail that waited for the end of quiet hours or for a digest. It comes with the thresholds, and by
    /// itself where somebody asks for it.
    PostponedMail,
}

/// The function's output.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Output {
    /// The messages to deliver again.
    Queue(SqsBatchResponse),
    /// How many crossings the schedule found and recorded.
    Thresholds {
        /// How many.
        told: usize,
    },
    /// How many reminders the schedule found due and recorded.
    Reminders {
        /// How many.
        reminded: usize,
    },
    /// For how many requests for documents the schedule did something.
    DocumentRequests {
        /// How many.
        steps: usize,
    },
    /// Of how many invoices customers are reminded.
    InvoiceReminders {
        /// How many.
        invoices: usize,
    },
    /// To how many people mail that waited was sent.
    PostponedMail {
        /// How many.
        people: usize,
    },
}

/// What is read of a message: which event it is about.
#[derive(Debug, Deserialize)]
struct EventName {
    org: Org,
    id: EventId,
}

/// Where links in letters lead.
#[derive(Debug, Clone)]
pub struct Urls {
    /// The API's public base, for accept links.
    pub public: String,
    /// The portal's origin, for everything else.
    pub portal: String,
}

/// What signs the links in letters.
#[derive(Debug, Clone)]
pub struct Signers {
    /// Links of invitations.
    pub invitations: LinkSigner,
    /// Hosted links to documents.
    pub documents: DocumentLinkSigner,
    /// Links with which notifications are stopped.
    pub preferences: MailPreferencesSigner,
}

/// The product as its letters show it.
#[derive(Debug, Clone)]
pub struct Product {
    /// Its name.
    pub name: String,
    /// The vendor's colour, if one was chosen.
    pub color: Option<Color>,
}

/// The function and its clients.
#[derive(Debug)]
pub struct Notify {
    store: Store,
    mailer: Mailer,
    signers: Signers,
    urls: Urls,
    product: Product,
}

impl Notify {
    /// A notifier for this product.
    #[must_use]
    pub fn new(store: Store, mailer: Mailer, signers: Signers, urls: Urls, product: Product) -> Self {
        Self { store, mailer, signers, urls, product }
    }

    /// The event that a message is about, read from the table: a sender on the bus cannot make us write letters about
    /// events that never happened. `None` where no such event is on record; a message comes only after its event is.
    async fn recorded(&self, message: &EventName) -> Result<Option<Event>, NotifyError> {
        let event = self.store.event_by_id(&message.org, &message.id).await?;
        if event.is_none() {
            tracing::error!(org = %message.org, event = %message.id, "a message is about no event on record; nobody is written to");
        }
        Ok(event)
    }

    /// Handles one invocation, which ends in `time_left`.
    ///
    /// # Errors
    /// [`StoreError`] when the schedule's run could not read or write the table; the next run tries again.
    pub async fn handle(&self, input: Input, time_left: Duration, request_id: &str) -> Result<Output, StoreError> {
        match input {
            Input::Queue(batch) => {
                let mut budget = SendBudget::new(time_left);
                let response = queue::each(&batch, async |message| {
                    let Some(event) = self.recorded(&queue::event(message)?).await? else { return Ok(()) };
                    send::send_letters(self, &event, None, &mut budget, request_id).await
                });
                Ok(Output::Queue(response.await))
            }
            Input::Schedule(Schedule::Thresholds) => {
                // The time runs from here on for both. What waits is sent whatever became of the crossings.
                let mut budget = SendBudget::new(time_left);
                let told = thresholds::run(&self.store, budget.other_work_until(), request_id).await;
                let sent = postponed::run(self, &mut budget, request_id).await;
                let told = told?;
                sent?;
                Ok(Output::Thresholds { told })
            }
            Input::Schedule(Schedule::Reminders { before_hours }) => {
                let before_s = i64::from(before_hours) * 3_600;
                let reminded = reminders::run(&self.store, before_s, request_id).await?;
                Ok(Output::Reminders { reminded })
            }
            Input::Schedule(Schedule::DocumentRequests) => {
                let steps = document_requests::run(&self.store, request_id).await?;
                Ok(Output::DocumentRequests { steps })
            }
            Input::Schedule(Schedule::InvoiceReminders) => {
                let invoices = invoice_reminders::run(&self.store, time_left, request_id).await?;
                Ok(Output::InvoiceReminders { invoices })
            }
            Input::Schedule(Schedule::PostponedMail) => {
                let people = postponed::run(self, &mut SendBudget::new(time_left), request_id).await?;
                Ok(Output::PostponedMail { people })
            }
        }
    }
}
