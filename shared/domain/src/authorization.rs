//! Answers a module of the vendor's own product before it acts: may this person do this, there, now?
//!
//! The seats and what each grants come from the table; here they become one answer per permission.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    access::{ActingAs, Denied},
    id::{IdError, Org},
    permission::{Grants, Permission},
};

/// The permissions of one question: at least one, at most 50.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(try_from = "Vec<Permission>")]
#[schema(value_type = Vec<Permission>)]
pub struct RequestedPermissions(Vec<Permission>);

/// No permission, or too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must name between 1 and {max} permissions", max = RequestedPermissions::MAX)]
pub struct RequestedPermissionsError;

impl RequestedPermissions {
    /// How many permissions one question may name: more than there are modules, fewer than there
    /// are permissions, so that nobody asks for all of them where a context token lists them.
    pub const MAX: usize = 50;
}

impl TryFrom<Vec<Permission>> for RequestedPermissions {
    type Error = RequestedPermissionsError;

    fn try_from(permissions: Vec<Permission>) -> Result<Self, RequestedPermissionsError> {
        if (1..=Self::MAX).contains(&permissions.len()) {
            Ok(Self(permissions))
        } else {
            Err(RequestedPermissionsError)
        }
    }
}

/// A company or firm by its id alone: `co_…` or `fm_…`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, pattern = "^(co|fm)_[0-9a-f]{32}$")]
pub struct OrgId(Org);

impl TryFrom<String> for OrgId {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse().map(Self)
    }
}

impl From<OrgId> for Org {
    fn from(id: OrgId) -> Self {
        id.0
    }
}

/// Why something is not allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DenialReason {
    /// The person has no active access there: it ended, ran out, or was never given.
    NoAccess,
    /// The person has access there, which does not include this permission.
    NotGranted,
}

/// The answer for one permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct PermissionDecision {
    /// The permission.
    pub permission: Permission,
    /// Whether it is granted now.
    pub allowed: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<DenialReason>,
}

/// The whole answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorization<'a> {
    /// The seat that was found to hold; `None` when none does.
    pub acting_as: Option<&'a ActingAs>,
    /// One answer for each permission, in the order of the question.
    pub answers: Vec<PermissionDecision>,
}

impl Authorization<'_> {
    /// Whether everything that was asked for is granted.
    #[must_use]
    pub fn allowed(&self) -> bool {
        self.answers.iter().all(|answer| answer.allowed)
    }
}

/// Answers from the first seat that holds, which is also the one that entering would take. The permissions of
/// several seats are never added up: nobody acts from two seats at once.
///
/// `grants` are in the order of `seats`.
#[must_use]
pub fn authorize<'a>(
    candidates: &'a [ActingAs],
    grants: &[Result<Grants, Denied>],
    asked: &RequestedPermissions,
) -> Authorization<'a> {
    let held = candidates.iter().zip(grants).find_map(|(acting_as, grants)| Some((acting_as, grants.as_ref().ok()?)));
    let answers = asked.0.iter().map(|permission| {
        let reason = match held {
            None => Some(DenialReason::NoAccess),
            Some((_, grants)) if !grants.contains(*permission) => Some(DenialReason::NotGranted),
            Some(_) => None,
        };
        PermissionDecision { permission: *permission, allowed: reason.is_none(), reason }
    });
    Authorization { acting_as: held.map(|(acting_as, _)| acting_as), answers: answers.collect() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::{CompanyId, FirmId};

    fn candidates() -> [ActingAs; 2] {
        let (company, firm) = (CompanyId::from_uuid(Uuid::from_u128(1)), FirmId::from_uuid(Uuid::from_u128(2)));
        [ActingAs::FirmAdmin { firm: firm.clone(), company: company.clone() }, ActingAs::Bookkeeper { firm, company }]
    }

    fn permissions(max: usize) -> impl Strategy<Value = Vec<Permission>> {
        prop::collection::vec(prop::sample::select(Permission::ALL), 1..max)
    }

    fn acting_as() -> impl Strategy<Value = Result<Grants, Denied>> {
        prop::option::of(permissions(20)).prop_map(|held| held.map(Grants::from_iter).ok_or(Denied::NoRelation))
    }

    proptest! {
        #[test]
        fn a_permission_is_allowed_exactly_when_the_first_seat_that_holds_grants_it(
            first in acting_as(), second in acting_as(), asked in permissions(10)
        ) {
            let (candidates, grants) = (candidates(), [first.clone(), second.clone()]);
            let found = authorize(&candidates, &grants, &RequestedPermissions(asked.clone()));
            let held = first.as_ref().ok().or(second.as_ref().ok());
            prop_assert_eq!(found.answers.len(), asked.len());
            for (answer, permission) in found.answers.iter().zip(&asked) {
                prop_assert_eq!(answer.permission, *permission);
                prop_assert_eq!(answer.allowed, held.is_some_and(|grants| grants.contains(*permission)));
                prop_assert_eq!(answer.reason.is_none(), answer.allowed);
            }
            prop_assert_eq!(found.acting_as.is_some(), held.is_some());
            prop_assert_eq!(found.allowed(), found.answers.iter().all(|answer| answer.allowed));
        }
    }

    #[test]
    fn without_a_seat_nothing_is_allowed() {
        let asked = RequestedPermissions(vec![Permission::VatView]);
        let found = authorize(&[], &[], &asked);
        assert!(!found.allowed() && found.acting_as.is_none());
        assert_eq!(found.answers[0].reason, Some(DenialReason::NoAccess));
    }

    #[test]
    fn a_question_names_something_and_not_everything_many_times() {
        let of = |count| RequestedPermissions::try_from(vec![Permission::VatView; count]);
        assert_eq!(of(0), Err(RequestedPermissionsError));
        assert!(of(1).is_ok() && of(RequestedPermissions::MAX).is_ok());
        assert_eq!(of(RequestedPermissions::MAX + 1), Err(RequestedPermissionsError));
    }
}
