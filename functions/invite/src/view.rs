//! Invitations as the inviting side sees them.

use api::PageInfo;
use domain::{
    CompanyId, Email, FirmId, Grants, InvitationId, Locale, Name, UserId, UtcTime,
    delivery::{Delivery, DeliveryState},
    invitation::{Invitation, InvitationKind, InvitationRole, InvitationState, InvitedContact},
};
use serde::Serialize;
use utoipa::ToSchema;

/// An invitation as the inviting side sees it. Only the mail contains the link.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Invitation)]
pub(crate) struct InvitationView {
    id: InvitationId,
    /// `firm`, `member`, `staff`, `client` or `contact`.
    #[schema(value_type = InvitationKind)]
    kind: &'static str,
    email: Email,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<InvitationRole>)]
    role: Option<&'static str>,
    permissions: Grants,
    status: InvitationState,
    created_at: UtcTime,
    expires_at: UtcTime,
    invited_by: UserId,
    invited_by_name: Name,
    delivery: DeliveryView,
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted_by: Option<UserId>,
    /// The firm that accepting connected.
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted_firm: Option<FirmId>,
    /// The firm whose connection ends when this is accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    replaces: Option<FirmId>,
    /// The company that accepting connected.
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted_company: Option<CompanyId>,
    /// The contact that is invited, and of which customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    contact: Option<InvitedContact>,
    /// The language of the person or firm that is invited.
    #[serde(skip_serializing_if = "Option::is_none")]
    locale: Option<Locale>,
}

/// The delivery of the newest mail.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Delivery)]
pub(crate) struct DeliveryView {
    state: DeliveryState,
    /// Since when.
    at: UtcTime,
}

impl InvitationView {
    pub(crate) fn at(invitation: Invitation, delivery: Option<&Delivery>, now: UtcTime) -> Self {
        let (state, at) = invitation.delivery(delivery);
        Self {
            delivery: DeliveryView { state, at },
            kind: invitation.offer.kind().as_str(),
            role: invitation.offer.role(),
            permissions: invitation.offer.grants(),
            status: invitation.state(now),
            replaces: invitation.offer.replaces().cloned(),
            contact: invitation.offer.contact(),
            id: invitation.id,
            email: invitation.email,
            name: invitation.name,
            created_at: invitation.created_at,
            expires_at: invitation.expires_at,
            invited_by: invitation.invited_by,
            invited_by_name: invitation.invited_by_name,
            accepted_by: invitation.accepted_by,
            accepted_firm: invitation.accepted_firm,
            accepted_company: invitation.accepted_company,
            locale: invitation.locale,
        }
    }
}

/// One invitation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InvitationResponse {
    invitation: InvitationView,
}

impl InvitationResponse {
    pub(crate) fn at(invitation: Invitation, delivery: Option<&Delivery>, now: UtcTime) -> Self {
        Self { invitation: InvitationView::at(invitation, delivery, now) }
    }
}

/// A page of invitations.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InvitationPage {
    pub(crate) invitations: Vec<InvitationView>,
    #[serde(flatten)]
    pub(crate) paged: PageInfo,
}

#[cfg(test)]
mod tests {
    use domain::{
        ActingAs, Permission,
        invitation::{Invite, Offer, invite},
    };
    use serde_json::json;

    use super::*;

    fn invitation() -> Invitation {
        let company: CompanyId = "co_00000000000000000000000000000001".parse().unwrap();
        let command = Invite {
            id: "in_00000000000000000000000000000009".parse().unwrap(),
            offer: Offer::Firm {
                company: company.clone(),
                grants: [Permission::VatView].into_iter().collect(),
                replaces: None,
            },
            org_name: "Loja Azul".parse().unwrap(),
            email: "office@firm.example".parse().unwrap(),
            name: None,
            message: Some("Between us".parse().unwrap()),
            locale: None,
            expires_in_days: 1,
            invited_by: "olga".parse().unwrap(),
            invited_by_name: "Olga".parse().unwrap(),
            acting_as: ActingAs::Member { company },
            held_since: UtcTime::EPOCH,
        };
        invite(command, UtcTime::EPOCH).unwrap().0
    }

    #[test]
    fn an_invitation_is_shown_without_its_message_and_generation() {
        let view = InvitationView::at(invitation(), None, UtcTime::EPOCH.plus_s(86_400));
        let expected = json!({
            "id": "in_00000000000000000000000000000009",
            "kind": "firm",
            "email": "office@firm.example",
            "permissions": ["vat.view"],
            "status": "expired",
            "delivery": { "state": "pending", "at": "1970-01-01T00:00:00.000Z" },
            "created_at": "1970-01-01T00:00:00.000Z",
            "expires_at": "1970-01-02T00:00:00.000Z",
            "invited_by": "olga",
            "invited_by_name": "Olga",
        });
        assert_eq!(serde_json::to_value(view).unwrap(), expected);
    }
}
