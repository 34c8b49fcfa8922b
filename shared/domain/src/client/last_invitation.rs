//! The last invitation of a client, as the firm's list keeps it.

use serde::{Deserialize, Serialize};

use crate::{
    delivery::DeliveryState,
    id::InvitationId,
    invitation::{Invitation, InvitationState, InvitationStatus},
    text::Email,
    time::UtcTime,
};

/// The last invitation that a client was sent, as far as the list shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastInvitation {
    /// Its id.
    pub id: InvitationId,
    /// Its status.
    pub status: InvitationStatus,
    /// The instant at which it stops.
    pub expires_at: UtcTime,
    /// Its newest mail, if that bounced or was complained of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undelivered: Option<Undelivered>,
}

/// A mail that bounced or was complained of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undelivered {
    /// Where it was sent.
    pub email: Email,
    /// Which of the two.
    pub state: DeliveryState,
    /// Since when.
    pub at: UtcTime,
}

impl LastInvitation {
    /// Its state at a moment.
    #[must_use]
    pub fn state(&self, now: UtcTime) -> InvitationState {
        self.status.shown(self.expires_at, now)
    }

    /// The invitation after it was accepted. The address works, so a report about the mail no longer counts.
    pub(super) fn accepted(&self) -> Self {
        Self { status: InvitationStatus::Accepted, undelivered: None, ..self.clone() }
    }
}

impl From<&Invitation> for LastInvitation {
    fn from(invitation: &Invitation) -> Self {
        Self {
            id: invitation.id.clone(),
            status: invitation.status,
            expires_at: invitation.expires_at,
            undelivered: None,
        }
    }
}
