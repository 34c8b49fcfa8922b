//! Maps refusals to problems.

use api::Problem;
use domain::{
    Permission,
    invitation::{InviteError, OfferError, ResendError},
};

/// `needs` is the permission that sending the kind of invitation needs: it does not exist in a context
/// that cannot send it.
pub(crate) fn no_offer(error: OfferError, needs: Permission) -> Problem {
    match error {
        OfferError::WrongContext => Problem::not_granted(needs),
        OfferError::RoleMissing | OfferError::RoleUnfit | OfferError::OwnerByFirm => Problem::field("role", error),
        OfferError::FromCustomer => Problem::field("kind", error),
        OfferError::ReplacesUnfit | OfferError::ReplacedNotConnected => Problem::field("replaces", error),
        OfferError::PermissionsMissing
        | OfferError::PermissionsUnfit
        | OfferError::OwnerHoldsAll
        | OfferError::Grants(_) => Problem::field("permissions", error),
    }
}

/// As [`no_offer`].
pub(crate) fn no_invitation(error: InviteError, needs: Permission) -> Problem {
    match error {
        InviteError::WrongContext => Problem::not_granted(needs),
        InviteError::Expiry => Problem::field("expires_in_days", error),
        InviteError::Grants(_) => Problem::field("permissions", error),
    }
}

pub(crate) fn not_resent(error: ResendError) -> Problem {
    match error {
        ResendError::NotPending(status) => Problem::conflict(error, status.as_str()),
        ResendError::Undeliverable(state) => Problem::conflict(error, state.as_str()),
        ResendError::HasPlace => Problem::conflict(error, "active"),
        ResendError::OwnerByFirm => Problem::conflict(error, "owner"),
        ResendError::AddressOfContact => Problem::field("email", error),
        ResendError::OutlastsFirm(error) => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        access::OutlastsFirm,
        delivery::DeliveryState,
        invitation::{GrantsError, InvitationStatus},
    };

    use super::*;

    #[test]
    fn every_refusal_has_its_status_and_names_its_field() {
        let needs = Permission::TeamManage;
        let cases = [
            (no_offer(OfferError::WrongContext, needs), 403, None),
            (no_offer(OfferError::RoleMissing, needs), 422, Some("role")),
            (no_offer(OfferError::RoleUnfit, needs), 422, Some("role")),
            (no_offer(OfferError::PermissionsMissing, needs), 422, Some("permissions")),
            (no_offer(OfferError::PermissionsUnfit, needs), 422, Some("permissions")),
            (no_offer(OfferError::OwnerHoldsAll, needs), 422, Some("permissions")),
            (no_offer(OfferError::FromCustomer, needs), 422, Some("kind")),
            (no_offer(OfferError::ReplacesUnfit, needs), 422, Some("replaces")),
            (no_offer(OfferError::ReplacedNotConnected, needs), 422, Some("replaces")),
            (no_offer(GrantsError::NoPermissions.into(), needs), 422, Some("permissions")),
            (no_invitation(InviteError::WrongContext, needs), 403, None),
            (no_invitation(InviteError::Expiry, needs), 422, Some("expires_in_days")),
            (no_invitation(GrantsError::NoPermissions.into(), needs), 422, Some("permissions")),
            (not_resent(ResendError::NotPending(InvitationStatus::Revoked)), 409, None),
            (not_resent(ResendError::Undeliverable(DeliveryState::Bounced)), 409, None),
            (not_resent(ResendError::HasPlace), 409, None),
            (not_resent(ResendError::AddressOfContact), 422, Some("email")),
            (not_resent(ResendError::OutlastsFirm(OutlastsFirm)), 403, None),
        ];
        for (problem, status, field) in cases {
            assert_eq!(problem.status().as_u16(), status, "{problem:?}");
            assert_eq!(problem.errors().first().map(|error| error.field.as_str()), field);
        }
    }
}
