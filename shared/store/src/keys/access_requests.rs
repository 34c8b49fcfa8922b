//! Keys of requests for access.

use domain::{
    AccessRequestId, Org, UtcTime,
    access_request::{AccessRequest, AccessRequestStatus},
};

use super::{
    key::Key,
    parts::{key_parts, key_words},
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

impl Tenant {
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
