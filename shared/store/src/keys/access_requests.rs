//! Keys of requests for access, and the newest of a person for the same permissions.

use domain::{
    AccessRequestId, CompanyId, Grants, Org, UserId, UtcTime,
    access_request::{AccessRequest, AccessRequestKind, AccessRequestStatus},
};
use serde::{Deserialize, Serialize};

use super::{
    key::Key,
    parts::{TextDigest, key_parts, key_words},
    template::{Gsi1, Item},
    tenant::{Tenant, org_pk},
};
use crate::{
    item::{Entity, Indexes},
    listing::Listing,
};

key_parts!(AccessRequestId);
key_words!(AccessRequestStatus);

const REQUEST: Item<AccessRequest, Org, AccessRequestId> = Item::new("ACCESS");
const REQUEST_BY_STATUS: Gsi1<AccessRequest, Org, (AccessRequestStatus, UtcTime, AccessRequestId)> =
    Gsi1::new("ACCESS");
const LATEST: Item<LatestAccessRequest, Org, (UserId, TextDigest)> = Item::new("ASKED");

/// The newest request of a person for the same permissions in the same place. It may be decided since: ask the
/// request itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LatestAccessRequest {
    /// The request.
    pub request: AccessRequestId,
    /// Counts the requests, for optimistic locking: of two at the same time, one is made.
    pub version: u64,
}

impl LatestAccessRequest {
    /// Points to a request, in place of the one before.
    #[must_use]
    pub fn after(before: Option<&Self>, request: AccessRequestId) -> Self {
        Self { request, version: before.map_or(1, |before| before.version.saturating_add(1)) }
    }
}

/// What is asked for, and where. The order in which permissions were named does not matter.
fn wanted(kind: AccessRequestKind, company: &CompanyId, permissions: &Grants) -> TextDigest {
    let permissions: Vec<String> = permissions.iter().map(|permission| permission.to_string()).collect();
    TextDigest::of(&format!("{} {company} {}", kind.as_str(), permissions.join(" ")))
}

impl Tenant {
    /// The newest request of a person for these permissions in this place.
    #[must_use]
    pub fn latest_access_request(
        &self,
        user: &UserId,
        (kind, company): (AccessRequestKind, &CompanyId),
        permissions: &Grants,
    ) -> Key<LatestAccessRequest> {
        LATEST.key(self.pk(), (user, &wanted(kind, company, permissions)))
    }

    /// A request for access that this tenant's people decide.
    #[must_use]
    pub fn access_request(&self, id: &AccessRequestId) -> Key<AccessRequest> {
        REQUEST.key(self.pk(), id)
    }

    /// Requests for access that this tenant's people decide: all, newest first, or those in one
    /// state, oldest first.
    #[must_use]
    pub fn access_requests(&self, status: Option<AccessRequestStatus>) -> Listing<AccessRequest> {
        match status {
            Some(status) => REQUEST_BY_STATUS.list(self.pk(), &status),
            None => REQUEST.list(self.pk(), ()).newest_first(),
        }
    }
}

impl Entity for AccessRequest {
    const ENTITY: &'static str = "access_request";

    fn indexes(&self) -> Indexes {
        let by_status = (&self.status, &self.asked_at, &self.id);
        REQUEST_BY_STATUS.entry(org_pk(&self.org), by_status).into()
    }
}

impl Entity for LatestAccessRequest {
    const ENTITY: &'static str = "latest_access_request";
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves: S9
    #[test]
    fn the_same_permissions_in_any_order_are_the_same_request_and_others_are_not() {
        let company: CompanyId = "co_00000000000000000000000000000001".parse().unwrap();
        let other: CompanyId = "co_00000000000000000000000000000002".parse().unwrap();
        let grants = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect::<Grants>();
        let (member, assignment) = (AccessRequestKind::Member, AccessRequestKind::Assignment);
        let one = wanted(member, &company, &grants(&["vat.view", "payroll.view"]));
        assert_eq!(one, wanted(member, &company, &grants(&["payroll.view", "vat.view"])));
        for another in [
            wanted(member, &company, &grants(&["vat.view"])),
            wanted(member, &other, &grants(&["vat.view", "payroll.view"])),
            wanted(assignment, &company, &grants(&["vat.view", "payroll.view"])),
        ] {
            assert_ne!(one, another);
        }
    }
}
