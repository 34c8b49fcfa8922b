//! Why the letters about an event were not sent.

use domain::event::PayloadError;
use mail::SendError;
use queue::UnreadableMessage;
use store::StoreError;

/// Why a message must be delivered again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotifyError {
    /// The queue carries something else than an event, or the event names something that is no id.
    #[error(transparent)]
    Unreadable(#[from] UnreadableMessage),
    /// The event has a letter, and its payload cannot be read.
    #[error(transparent)]
    Payload(#[from] PayloadError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("a link could not be signed: {0}")]
    Link(#[from] links::KmsError),
    #[error("a letter could not be written: {0}")]
    Letter(&'static str),
    #[error("a letter was not sent: {0}")]
    Send(#[from] SendError),
    #[error("another sender holds the claim")]
    Held,
    #[error("the budget for sending is spent")]
    BudgetSpent,
}

impl From<mail::RenderError> for NotifyError {
    fn from(_: mail::RenderError) -> Self {
        Self::Letter("a template could not be written out")
    }
}
