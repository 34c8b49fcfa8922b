//! Maps team errors to problem responses.

use api::{ApiError, Problem, ProblemType};
use domain::{
    Permission,
    team::{AssignmentScopeError, TeamError},
};
use store::StoreError;

/// Maps a refused change. What has ended does not exist for the caller.
pub(crate) fn refusal(error: TeamError) -> Problem {
    match error {
        TeamError::LastOwner => Problem::new(ProblemType::LastOwner),
        TeamError::LastAdmin => Problem::new(ProblemType::LastAdmin),
        TeamError::NotActive => Problem::not_found(),
        TeamError::NothingToChange | TeamError::OwnerByFirm => Problem::field("role", error),
        TeamError::OwnerHoldsAll | TeamError::NoPermissions => Problem::field("permissions", error),
        TeamError::BeyondConnection(permission) => exceeding(permission),
        TeamError::AdminNeedsNone => Problem::conflict(error, "admin"),
        TeamError::Expiry(_) | TeamError::OwnerIsPermanent | TeamError::AdminIsPermanent => {
            Problem::field("expires_at", error)
        }
    }
}

/// Maps a failed change of a person's place. `last` is the problem of removing the last owner or admin.
pub(crate) fn uncommitted(error: StoreError, last: ProblemType) -> ApiError {
    match error {
        // Another owner or admin left between the read and the write.
        StoreError::LastOne => Problem::new(last).into(),
        other => other.into(),
    }
}

/// A request names no assignments that can be seen here.
pub(crate) fn out_of_scope(error: AssignmentScopeError) -> Problem {
    Problem::field(error.field(), error)
}

/// Nobody grants more than they hold.
pub(crate) fn exceeding(permission: Permission) -> Problem {
    Problem::new(ProblemType::ExceedsOwnGrants).about(permission)
}

#[cfg(test)]
mod tests {
    use domain::Denied;

    use super::*;

    fn told(error: StoreError) -> Problem {
        match uncommitted(error, ProblemType::LastOwner) {
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
            (TeamError::OwnerByFirm, 422),
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
        let denied = |denied| told(StoreError::Denied(denied));
        assert_eq!(denied(Denied::Missing(Permission::TeamManage)), Problem::not_granted(Permission::TeamManage));
        assert_eq!(denied(Denied::BeyondOwn(Permission::BillingManage)), exceeding(Permission::BillingManage));
        assert_eq!(denied(Denied::NoRelation), Denied::NoRelation.into());
    }

    #[test]
    fn losing_a_race_for_the_last_place_is_told_as_finding_it_the_last() {
        assert_eq!(told(StoreError::LastOne), refusal(TeamError::LastOwner));
        assert_eq!(told(StoreError::Conflict).status().as_u16(), 409);
    }
}
