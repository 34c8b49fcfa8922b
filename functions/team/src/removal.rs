//! The answers of removals and their previews, and lists without ended entries.

use api::PageInfo;
use domain::{GrantState, MemberRole, Name, UserId, UtcTime, org::Member, team::RemovalEffect};
use serde::Serialize;
use store::Page;
use utoipa::ToSchema;

/// What was removed, and what stops working with it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Removal<T> {
    /// As it was.
    pub(crate) removed: T,
    /// What stops working, from the next request on.
    #[schema(value_type = Vec<RemovalEffect>)]
    pub(crate) stops: &'static [RemovalEffect],
    /// How many members whom the firm invited can no longer enter; 100 means 100 or more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) members: Option<usize>,
}

impl<T> Removal<T> {
    /// The removed place, if no member depends on it.
    pub(crate) const fn of(removed: T, stops: &'static [RemovalEffect]) -> Self {
        Self { removed, stops, members: None }
    }
}

/// A member who could no longer enter.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BoundedMember {
    user: UserId,
    name: Name,
    role: MemberRole,
}

impl From<&Member> for BoundedMember {
    fn from(member: &Member) -> Self {
        Self { user: member.user.clone(), name: member.name.clone(), role: member.role }
    }
}

/// What a removal would end. Nothing is changed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RemovalPreview<T> {
    /// What would be removed.
    pub(crate) would_remove: T,
    /// What would stop working, from the next request on.
    #[schema(value_type = Vec<RemovalEffect>)]
    pub(crate) stops: &'static [RemovalEffect],
    /// How many assignments of clients to staff would grant nothing any more; 100 means 100 or more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) assignments: Option<usize>,
    /// The members whom the firm invited, who could no longer enter; a hundred at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) members: Option<Vec<BoundedMember>>,
}

/// How many entries of a page are in force now.
pub(crate) fn count_in_force<T>(page: &Page<T>, now: UtcTime) -> usize
where
    for<'a> GrantState: From<&'a T>,
{
    page.items.iter().filter(|entry| GrantState::from(entry).holds_at(now)).count()
}

/// The entries of a page that are in force now. Ended entries stay in the table as a record, so a page may hold
/// fewer entries than `limit` and still not be the last.
pub(crate) fn in_force<T, V>(page: Page<T>, now: UtcTime) -> (Vec<V>, PageInfo)
where
    V: From<T>,
    for<'a> GrantState: From<&'a T>,
{
    let paged = PageInfo::from(&page);
    let current = page.items.into_iter().filter(|entry| GrantState::from(entry).holds_at(now));
    (current.map(V::from).collect(), paged)
}

#[cfg(test)]
mod tests {
    use domain::org::{Assignment, Status};

    use super::*;

    fn assignment(status: Status, expires_at: Option<UtcTime>) -> Assignment {
        Assignment {
            company: "co_00000000000000000000000000000001".parse().unwrap(),
            company_name: "Loja Azul".parse().unwrap(),
            firm: "fm_00000000000000000000000000000002".parse().unwrap(),
            user: "b".parse().unwrap(),
            user_name: None,
            grants: domain::Grants::whole_company(),
            lent: domain::TemporaryGrants::default(),
            status,
            expires_at,
            since: UtcTime::EPOCH,
            version: 1,
        }
    }

    #[test]
    fn what_has_ended_or_expired_is_not_listed() {
        let now = UtcTime::EPOCH.plus_s(60);
        let items = vec![
            assignment(Status::Active, None),
            assignment(Status::Ended, None),
            assignment(Status::Active, Some(now)),
            assignment(Status::Active, Some(now.plus_s(1))),
        ];
        let (listed, paged): (Vec<Assignment>, PageInfo) = in_force(Page { items, next: None }, now);
        assert_eq!(listed.len(), 2);
        assert!(listed.iter().all(|entry| entry.status == Status::Active));
        assert!(paged.next_cursor.is_none());
    }
}
