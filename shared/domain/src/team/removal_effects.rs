//! Removal effects: the things that stop working when a relationship ends or is narrowed.

use serde::Serialize;
use utoipa::ToSchema;

use crate::permission::Grants;

/// What kind of thing stops working when a relationship ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RemovalEffectKind {
    /// Acting in this company or firm.
    Access,
    /// Acting in the firm's clients.
    ClientAccess,
    /// Assignments of clients to staff.
    Assignments,
    /// Places of members whom a firm invited.
    Members,
    /// Invitations that were sent and not yet accepted.
    Invitations,
    /// Emails about what happens here.
    Notifications,
    /// Some permissions, while the others remain.
    Permissions,
    /// A firm's paying for a company's subscription.
    Billing,
}

/// One thing that stops working when a relationship ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct RemovalEffect {
    /// What kind of thing.
    pub what: RemovalEffectKind,
    /// A sentence.
    pub detail: &'static str,
}

const fn stops(what: RemovalEffectKind, detail: &'static str) -> RemovalEffect {
    RemovalEffect { what, detail }
}

/// What stops working with a member's place.
pub const MEMBER_REMOVAL_EFFECTS: &[RemovalEffect] = &[
    stops(
        RemovalEffectKind::Access,
        "they can no longer enter this company; where they are in it, their next request is refused",
    ),
    stops(
        RemovalEffectKind::Invitations,
        "invitations they sent can no longer be accepted where nobody has accepted them",
    ),
    stops(RemovalEffectKind::Notifications, "they are no longer told what happens in this company"),
];

/// What stops working with a place on a firm's staff.
pub const STAFF_REMOVAL_EFFECTS: &[RemovalEffect] = &[
    stops(
        RemovalEffectKind::Access,
        "they can no longer enter this firm; where they are in it, their next request is refused",
    ),
    stops(
        RemovalEffectKind::ClientAccess,
        "they can no longer enter any of this firm's clients; where they are in one, their next request is refused",
    ),
    stops(RemovalEffectKind::Assignments, "clients assigned to them are without them"),
    stops(
        RemovalEffectKind::Invitations,
        "invitations they sent for this firm or in its clients can no longer be accepted where nobody has accepted them",
    ),
];

/// What stops working with a firm ↔ company link.
pub const CONNECTION_REMOVAL_EFFECTS: &[RemovalEffect] = &[
    stops(
        RemovalEffectKind::ClientAccess,
        "nobody of the firm can enter the company any more; where they are in it, their next request is refused",
    ),
    stops(RemovalEffectKind::Assignments, "the firm's assignments of the company to its staff grant nothing"),
    stops(
        RemovalEffectKind::Members,
        "members whom the firm invited can no longer enter the company; invite those who are to stay for the company itself",
    ),
    stops(
        RemovalEffectKind::Invitations,
        "invitations the firm's staff sent for the company can no longer be accepted where nobody has accepted them",
    ),
    stops(
        RemovalEffectKind::Billing,
        "where the firm pays for the company's subscription it no longer does, and the company pays itself; connecting again does not change that",
    ),
];

/// What stops working when a change withdraws these permissions from a firm.
#[must_use]
pub fn effects_of_change(withdrawn: &Grants) -> &'static [RemovalEffect] {
    if withdrawn.is_empty() { &[] } else { NARROWING_EFFECTS }
}

/// What stops working when a firm ↔ company link grants less than before.
const NARROWING_EFFECTS: &[RemovalEffect] = &[
    stops(
        RemovalEffectKind::Permissions,
        "nobody of the firm can do here what was withdrawn; where they are in the company, their next request for it is refused",
    ),
    stops(
        RemovalEffectKind::Assignments,
        "the firm's assignments of the company to its staff grant no more than what is left",
    ),
    stops(RemovalEffectKind::Members, "members whom the firm invited hold no more than what is left"),
    stops(
        RemovalEffectKind::Invitations,
        "invitations the firm's staff sent that offer what was withdrawn can no longer be accepted where nobody has accepted them",
    ),
];

/// What stops working with an assignment.
pub const ASSIGNMENT_REMOVAL_EFFECTS: &[RemovalEffect] = &[
    stops(
        RemovalEffectKind::ClientAccess,
        "they can no longer enter the company; where they are in it, their next request is refused",
    ),
    stops(
        RemovalEffectKind::Invitations,
        "invitations they sent for the company can no longer be accepted where nobody has accepted them",
    ),
];
