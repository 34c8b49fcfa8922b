//! The bodies of answers: invitations as their addressee sees them, and the result of accepting.

use domain::{
    CompanyId, FirmId, Grants, InvitationId, Name, Note, Org, UserId, UtcTime,
    consent::ConsentText,
    invitation::{Invitation, InvitationKind, InvitationRole, InvitationState, InvitedContact},
    language::Reader,
};
use serde::Serialize;
use utoipa::ToSchema;

/// What accepting or declining did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum InvitationOutcome {
    /// The invitation was accepted now.
    Accepted,
    /// The same person had accepted it before; nothing changed.
    AlreadyAccepted,
    /// The invitation was declined.
    Rejected,
}

/// The company or firm that invited.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InvitingOrg)]
pub(crate) struct OrgView {
    #[serde(flatten)]
    org: Org,
    name: Name,
}

impl From<&Invitation> for OrgView {
    fn from(invitation: &Invitation) -> Self {
        Self { org: invitation.offer.org(), name: invitation.org_name.clone() }
    }
}

/// An invitation as its addressee sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReceivedInvitation)]
pub(crate) struct ReceivedView {
    id: InvitationId,
    /// `firm`, `member`, `staff`, `client` or `contact`.
    #[schema(value_type = InvitationKind)]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<InvitationRole>)]
    role: Option<&'static str>,
    permissions: Grants,
    status: InvitationState,
    expires_at: UtcTime,
    invited_by_name: Name,
    /// The contact that is invited, and of which customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    contact: Option<InvitedContact>,
    /// The firm that accepting connected.
    #[serde(skip_serializing_if = "Option::is_none")]
    firm: Option<FirmId>,
    /// The company that the firm may now enter.
    #[serde(skip_serializing_if = "Option::is_none")]
    company: Option<CompanyId>,
}

impl ReceivedView {
    fn at(invitation: &Invitation, now: UtcTime) -> Self {
        Self {
            id: invitation.id.clone(),
            kind: invitation.offer.kind().as_str(),
            role: invitation.offer.role(),
            permissions: invitation.offer.grants(),
            status: invitation.state(now),
            expires_at: invitation.expires_at,
            invited_by_name: invitation.invited_by_name.clone(),
            contact: invitation.offer.contact(),
            firm: invitation.accepted_firm.clone(),
            company: invitation.accepted_company.clone(),
        }
    }
}

/// An open invitation, as those who may answer it see it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpenInvitation)]
pub(crate) struct OfferedView {
    #[serde(flatten)]
    received: ReceivedView,
    /// The company or firm that invites.
    org: OrgView,
    /// The inviter's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Note>,
    /// Where a client is invited: the text to agree to, in the reader's language. Send its version and digest back with
    /// the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    consent: Option<ConsentText>,
}

impl OfferedView {
    pub(crate) fn at(invitation: &Invitation, reader: &Reader, now: UtcTime) -> Self {
        Self {
            received: ReceivedView::at(invitation, now),
            org: invitation.into(),
            message: invitation.message.clone(),
            consent: invitation.consent_terms().map(|terms| terms.text(reader)),
        }
    }
}

/// The result of accepting or declining, and the invitation as it is now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InvitationAnswer)]
pub(crate) struct AnswerView {
    outcome: InvitationOutcome,
    invitation: ReceivedView,
    org: OrgView,
}

impl AnswerView {
    pub(crate) fn of(outcome: InvitationOutcome, invitation: &Invitation, now: UtcTime) -> Self {
        Self { outcome, invitation: ReceivedView::at(invitation, now), org: invitation.into() }
    }
}

/// A new account, and the invitation that it accepted.
#[derive(Debug)]
pub(crate) struct MadeAccount {
    pub(crate) user: UserId,
    pub(crate) name: Name,
    pub(crate) invitation: Invitation,
}
