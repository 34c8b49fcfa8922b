//! The state of an invitation: as it is stored, and as people see it at a moment.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::UtcTime;

/// The status of an invitation. The clock decides expiry, not the status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InvitationStatus {
    /// Open until it expires.
    Pending,
    /// Accepted.
    Accepted,
    /// Declined by the invitee.
    Rejected,
    /// Withdrawn by the inviter's side.
    Revoked,
}

impl InvitationStatus {
    /// The status as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Revoked => "revoked",
        }
    }
}

/// The state of an invitation at a moment, as people see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InvitationState {
    /// Open.
    Pending,
    /// It has expired; it can be sent again.
    Expired,
    /// Accepted.
    Accepted,
    /// Declined by the invitee.
    Rejected,
    /// Withdrawn by the inviter's side.
    Revoked,
}

impl InvitationState {
    /// The stored status of invitations in this state.
    #[must_use]
    pub const fn kept_as(self) -> InvitationStatus {
        match self {
            Self::Pending | Self::Expired => InvitationStatus::Pending,
            Self::Accepted => InvitationStatus::Accepted,
            Self::Rejected => InvitationStatus::Rejected,
            Self::Revoked => InvitationStatus::Revoked,
        }
    }
}

impl InvitationStatus {
    /// The state that people see at `now`.
    #[must_use]
    pub fn shown(self, expires_at: UtcTime, now: UtcTime) -> InvitationState {
        match self {
            Self::Pending if now >= expires_at => InvitationState::Expired,
            Self::Pending => InvitationState::Pending,
            Self::Accepted => InvitationState::Accepted,
            Self::Rejected => InvitationState::Rejected,
            Self::Revoked => InvitationState::Revoked,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invitation::examples::invitation;

    #[test]
    fn an_invitation_is_shown_as_expired_from_its_instant_on() {
        let invitation = invitation();
        assert_eq!(invitation.state(invitation.expires_at.plus_s(-1)), InvitationState::Pending);
        assert_eq!(invitation.state(invitation.expires_at), InvitationState::Expired);
        let (revoked, _) = invitation.revoke().unwrap();
        assert_eq!(revoked.state(invitation.expires_at), InvitationState::Revoked);
    }
}
