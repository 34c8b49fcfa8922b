//! How refusals to change a relationship are told.

use api::{ApiError, Problem, ProblemType};
use domain::{Denied, Permission, team::TeamError};
use store::StoreError;

/// What a decision against a change is told as. What has ended is not there any more.
pub(crate) fn refusal(error: TeamError) -> Problem {
    match error {
        TeamError::LastOwner => Problem::new(ProblemType::LastOwner),
        TeamError::LastAdmin => Problem::new(ProblemType::LastAdmin),
        TeamError::NotActive => Problem::not_found(),
        TeamError::NothingToChange => Problem::field("role", error),
        TeamError::OwnerHoldsAll | TeamError::NoPermissions => Problem::field("permissions", error),
        TeamError::BeyondConnection(permission) => exceeding(permission),
        TeamError::AdminNeedsNone => Problem::conflict(error, "admin"),
        TeamError::Expiry(_) | TeamError::OwnerIsPermanent | TeamError::AdminIsPermanent => {
            Problem::field("expires_at", error)
        }
    }
}

/// What a failed change is told as, where the route needs `needed` and the transaction also needed
/// everything that is given.
pub(crate) fn exceeded(error: StoreError, needed: Permission) -> ApiError {
    match error {
        StoreError::Denied(Denied::Missing(permission)) if permission != needed => exceeding(permission).into(),
        other => other.into(),
    }
}

/// What a failed change of someone's place is told as, where the route needs `needed` and the
/// transaction also needed everything that is given or taken. `last` is who must remain.
pub(crate) fn uncommitted(error: StoreError, needed: Permission, last: ProblemType) -> ApiError {
    match error {
        // Another owner or admin left between the look and the write.
        StoreError::LastOne => Problem::new(last).into(),
        other => exceeded(other, needed),
    }
}

pub(crate) fn exceeding(permission: Permission) -> Problem {
    Problem::new(ProblemType::ExceedsOwnGrants).about(permission)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(error: StoreError) -> Problem {
        match uncommitted(error, Permission::TeamManage, ProblemType::LastOwner) {
            ApiError::Problem(problem) => problem,
            ApiError::Replay(answer) => panic!("{answer:?}"),
        }
    }

    #[test]
    fn every_refusal_has_its_status() {
        let cases = [
            (TeamError::LastOwner, 409),
            (TeamError::LastAdmin, 409),
            (TeamError::NotActive, 404),
            (TeamError::NothingToChange, 422),
            (TeamError::OwnerHoldsAll, 422),
            (TeamError::NoPermissions, 422),
            (TeamError::BeyondConnection(Permission::PayrollView), 403),
            (TeamError::AdminNeedsNone, 409),
            (TeamError::Expiry(domain::temporary_grants::ExpiryError::Past), 422),
            (TeamError::OwnerIsPermanent, 422),
            (TeamError::AdminIsPermanent, 422),
        ];
        for (error, status) in cases {
            assert_eq!(refusal(error).status().as_u16(), status, "{error:?}");
        }
    }

    #[test]
    fn what_the_person_does_not_hold_is_told_apart_from_what_the_route_needs() {
        let missing = |permission| told(StoreError::Denied(Denied::Missing(permission)));
        assert_eq!(missing(Permission::TeamManage), Problem::not_granted(Permission::TeamManage));
        assert_eq!(missing(Permission::BillingManage), exceeding(Permission::BillingManage));
        assert_eq!(told(StoreError::Denied(Denied::NoRelation)), Denied::NoRelation.into());
    }

    #[test]
    fn losing_a_race_for_the_last_place_is_told_as_finding_it_the_last() {
        assert_eq!(told(StoreError::LastOne), refusal(TeamError::LastOwner));
        assert_eq!(told(StoreError::Conflict).status().as_u16(), 409);
    }
}
