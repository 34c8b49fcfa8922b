//! Keys of access requests, and of who of a firm's staff a connection lets in.

use domain::{
    AccessRequestId, Org,
    access_request::{AccessRequest, AccessRequestStatus},
    org::Assignment,
};

use super::{Key, Listing, Tenant, company_pk, org_pk};
use crate::{
    item::{Entity, Indexes},
    listing::Source,
};

impl Tenant {
    /// A request for access that this tenant's people decide.
    #[must_use]
    pub fn access_request(&self, id: &AccessRequestId) -> Key<AccessRequest> {
        self.own(format!("ACCESS#{id}"))
    }

    /// Requests for access that this tenant's people decide: all, newest first, or those in one
    /// state, oldest first.
    #[must_use]
    pub fn access_requests(&self, status: Option<AccessRequestStatus>) -> Listing<AccessRequest> {
        match status {
            Some(status) => self.by_state(format!("ACCESS#{}#", status.as_str())),
            None => self.items("ACCESS#").newest_first(),
        }
    }

    /// To whom of a firm's staff the company is assigned, past assignments included, seen from
    /// either side of the connection; `None` where `other` is not the other side.
    #[must_use]
    pub fn assigned_through(&self, other: &Org) -> Option<Listing<Assignment>> {
        self.between(other)
            .map(|(company, firm)| Listing::new(Source::Table, company_pk(company), format!("ASSIGNED#{firm}#")))
    }
}

impl Entity for AccessRequest {
    const ENTITY: &'static str = "access_request";

    fn indexes(&self) -> Indexes {
        let sk = format!("ACCESS#{}#{}#{}", self.status.as_str(), self.asked_at, self.id);
        Indexes { gsi1: Some((org_pk(&self.org), sk)), ..Indexes::default() }
    }
}
