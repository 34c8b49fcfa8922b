//! Sends the letters about an event, each recipient once.
//!
//! Before a letter is sent, its record in the mail log is claimed under a lease; afterwards the result is
//! recorded there. A crash in between, or a lost answer from SES, repeats the letter once the lease has run out: for
//! every letter, coming twice does less harm than never coming (`docs/events.md` says so too).
//!
//! The queue brings a message again for about a day, since SES may take no letters for as long.

use domain::{
    Actor, Event, EventId, UserId, UtcTime,
    delivery::{DeliveryReport, DeliveryState},
    mail_log::{ClaimOnMail, MailReason, MailState, MailStep},
    notification::MailTime,
    suppression::{LetterPurpose, SuppressionReason},
};
use mail::{Message, SendError};
use store::ChangeContext;

use crate::{Notify, error::NotifyError, inbox, letters, outgoing::Outgoing, send_budget::SendBudget};

/// How long a claim counts, in seconds: longer than one sending, shorter than the queue's
/// visibility timeout, so that a repeated message finds the lease run out.
const LEASE_S: i64 = 120;

/// The result of sending a letter.
enum SendResult {
    /// SES accepted it, under this id.
    Sent(String),
    /// The address is suppressed.
    Suppressed(SuppressionReason),
    /// SES will never take it.
    Refused,
}

impl SendResult {
    /// SES's id of the letter.
    fn message_id(&self) -> Option<&str> {
        match self {
            Self::Sent(id) => Some(id),
            Self::Suppressed(_) | Self::Refused => None,
        }
    }

    /// The result in the mail log.
    fn step(&self, letter: &Outgoing, at: UtcTime) -> MailStep {
        match self {
            Self::Sent(_) => MailStep::new(MailState::Sent, at),
            Self::Suppressed(reason) => letter.log.suppressed(letter.notifies.is_some(), *reason, at),
            Self::Refused => MailStep::because(MailState::Failed, MailReason::Refused, at),
        }
    }

    /// The result beside an invitation.
    fn delivery(&self) -> DeliveryState {
        match self {
            Self::Sent(_) => DeliveryState::Sent,
            Self::Suppressed(reason) => reason.leaves(),
            Self::Refused => DeliveryState::Bounced,
        }
    }
}

/// Sends the letters about one event; with `only`, those that notify this person.
///
/// # Errors
/// [`NotifyError`]: the message must be delivered again. Letters that were sent are not sent again.
pub(crate) async fn send_letters(
    notify: &Notify,
    event: &Event,
    only: Option<&UserId>,
    budget: &mut SendBudget,
    request_id: &str,
) -> Result<(), NotifyError> {
    if budget.is_spent() {
        return Err(NotifyError::BudgetSpent);
    }
    let mut failed = None;
    let mut letters = letters::about(notify, event).await?;
    if let Some(only) = only {
        letters.retain(|letter| letter.notifies.as_ref().is_some_and(|notified| notified.user == *only));
    }
    let times = inbox::times(notify, event, &letters).await?;
    let addresses: Vec<_> = letters.iter().map(|letter| letter.message.to()).collect();
    let suppressions = notify.store.suppressions(&addresses).await?;
    // All inboxes first, where the notifications are also while SES takes no letters. A failure for one recipient does not
    // stop those of the others.
    let mut mailed = Vec::with_capacity(letters.len());
    for (letter, time) in letters.iter().zip(times) {
        let put = note(notify, event, (letter, time), budget, request_id).await;
        mailed.push(*put.as_ref().unwrap_or(&false));
        failed = put.err().or(failed);
    }
    for ((letter, suppressions), is_mailed) in letters.iter().zip(suppressions).zip(mailed) {
        if is_mailed {
            let suppressed = suppressions.of(purpose(&letter.message), api::clock::now()).map(|found| found.reason);
            let sent = send_once(notify, letter, suppressed, budget, request_id).await;
            failed = sent.err().or(failed);
        }
    }
    failed.map_or(Ok(()), Err)
}

/// Puts the notification that a letter is about into the person's inbox. Returns whether the letter may be mailed now.
async fn note(
    notify: &Notify,
    event: &Event,
    (letter, time): (&Outgoing, MailTime),
    budget: &SendBudget,
    request_id: &str,
) -> Result<bool, NotifyError> {
    let Some(notified) = &letter.notifies else { return Ok(matches!(time, MailTime::Now)) };
    if budget.is_spent() {
        return Err(NotifyError::BudgetSpent);
    }
    inbox::put(notify, event, (letter, time), notified, request_id).await
}

/// Sends one letter about several events, and returns its state in the mail log.
///
/// # Errors
/// [`NotifyError`]: it may be tried again. A letter that was sent is not sent again.
pub(crate) async fn send_addressed(
    notify: &Notify,
    letter: &Outgoing,
    budget: &mut SendBudget,
    request_id: &str,
) -> Result<MailStep, NotifyError> {
    let suppressions = notify.store.suppressions(&[letter.message.to()]).await?;
    let suppressed = suppressions.first().and_then(|found| found.of(purpose(&letter.message), api::clock::now()));
    send_once(notify, letter, suppressed.map(|found| found.reason), budget, request_id).await
}

async fn send_once(
    notify: &Notify,
    letter: &Outgoing,
    suppressed: Option<SuppressionReason>,
    budget: &mut SendBudget,
    request_id: &str,
) -> Result<MailStep, NotifyError> {
    // Before the claim, which would keep the letter from the next try.
    if budget.is_spent() {
        return Err(NotifyError::BudgetSpent);
    }
    let message = letter.message(notify).await?;
    let now = api::clock::now();
    let record = async |state, message_id| record_delivery(notify, letter, state, message_id, now, request_id).await;
    let claimed = match notify.store.claim_mail(&letter.log, now, now.plus_s(LEASE_S)).await? {
        // It is done with. The invitation may not show that yet.
        ClaimOnMail::Told(step) => return record(DeliveryState::Sent, None).await.map(|()| step),
        ClaimOnMail::Held => return Err(NotifyError::Held),
        ClaimOnMail::Won(claimed) => claimed,
    };
    let event = &claimed.event;
    let result = send(notify, event, &message, suppressed, budget).await?;
    let (step, is_sent) = (result.step(letter, now), matches!(result, SendResult::Sent(_)));
    let message_id = result.message_id();
    if !is_sent {
        // Before the claim is closed: nothing was sent that a crash in between could repeat.
        record(result.delivery(), None).await?;
    }
    if !notify.store.record_mail(&claimed, step, message_id).await? {
        tracing::warn!(%event, "a letter was sent after its lease had run out");
    }
    if is_sent {
        record(result.delivery(), message_id.map(str::to_owned)).await?;
    }
    Ok(step)
}

async fn send(
    notify: &Notify,
    event: &EventId,
    message: &Message,
    suppressed: Option<SuppressionReason>,
    budget: &mut SendBudget,
) -> Result<SendResult, NotifyError> {
    if let Some(reason) = suppressed {
        tracing::info!(%event, ?reason, "a letter to a suppressed address is not sent");
        return Ok(SendResult::Suppressed(reason));
    }
    match budget.send(&notify.mailer, message).await {
        Ok(message_id) => Ok(SendResult::Sent(message_id.as_str().to_owned())),
        // SES will never take it; the claim is closed so that it is not tried for ever.
        Err(error @ SendError::Rejected { .. }) => {
            tracing::error!(%event, %error, "a letter was refused for good");
            Ok(SendResult::Refused)
        }
        Err(error) => Err(error.into()),
    }
}

/// What a letter is for: one that carries an invitation's link invites.
fn purpose(message: &Message) -> LetterPurpose {
    if message.invitation().is_some() { LetterPurpose::Invitations } else { LetterPurpose::Notifications }
}

/// Records the delivery state with the invitation whose link the letter carries, if it carries one.
async fn record_delivery(
    notify: &Notify,
    letter: &Outgoing,
    state: DeliveryState,
    message_id: Option<String>,
    at: UtcTime,
    request_id: &str,
) -> Result<(), NotifyError> {
    let Some((invitation, generation)) = letter.message.invitation() else { return Ok(()) };
    let report = DeliveryReport { generation, state, at, message_id };
    let change_context = ChangeContext { at, actor: Actor::machine("notify"), request_id: request_id.to_owned() };
    mail_delivery::record(&notify.store, invitation, &report, &change_context).await?;
    Ok(())
}
