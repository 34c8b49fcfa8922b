//! One paper of a request.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    id::DocumentId,
    text::{Name, Note},
};

/// A paper that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestedItem {
    /// Its number in the request, from 1.
    pub number: u8,
    /// What it is.
    pub title: Name,
    /// Its state.
    pub state: ItemState,
}

/// The state of a requested paper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum ItemState {
    /// Nothing was uploaded.
    Open,
    /// A document was uploaded and waits for its review.
    Fulfilled {
        /// The newest document.
        document: DocumentId,
    },
    /// The document is what was asked for.
    Accepted {
        /// The document.
        document: DocumentId,
    },
    /// The document is not what was asked for: another one is needed.
    SentBack {
        /// The document that was sent back.
        document: DocumentId,
        /// Why, in the reviewer's words.
        reason: Note,
    },
}

/// The state of a requested paper, without its details.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ItemStatus {
    /// Nothing was uploaded.
    Open,
    /// A document was uploaded and waits for its review.
    Fulfilled,
    /// The document was accepted.
    Accepted,
    /// The document was sent back: another one is needed.
    SentBack,
}

impl ItemStatus {
    /// The status as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Fulfilled => "fulfilled",
            Self::Accepted => "accepted",
            Self::SentBack => "sent_back",
        }
    }
}

impl ItemState {
    /// The state without its details.
    #[must_use]
    pub const fn status(&self) -> ItemStatus {
        match self {
            Self::Open => ItemStatus::Open,
            Self::Fulfilled { .. } => ItemStatus::Fulfilled,
            Self::Accepted { .. } => ItemStatus::Accepted,
            Self::SentBack { .. } => ItemStatus::SentBack,
        }
    }

    /// Whether an upload is awaited.
    #[must_use]
    pub const fn is_missing(&self) -> bool {
        match self {
            Self::Open | Self::SentBack { .. } => true,
            Self::Fulfilled { .. } | Self::Accepted { .. } => false,
        }
    }

    /// The document that was uploaded last, if any.
    #[must_use]
    pub const fn document(&self) -> Option<&DocumentId> {
        match self {
            Self::Open => None,
            Self::Fulfilled { document } | Self::Accepted { document } | Self::SentBack { document, .. } => {
                Some(document)
            }
        }
    }

    /// Why the document was sent back.
    #[must_use]
    pub const fn reason(&self) -> Option<&Note> {
        match self {
            Self::SentBack { reason, .. } => Some(reason),
            Self::Open | Self::Fulfilled { .. } | Self::Accepted { .. } => None,
        }
    }
}
