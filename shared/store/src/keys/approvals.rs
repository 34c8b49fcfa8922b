//! Keys of approvals and of the approval policy.

use domain::{
    Org, Reference, UtcTime,
    approval::{Approval, ApprovalStatus, Policy},
};

use super::{
    key::Key,
    parts::key_words,
    template::{Gsi1, Item},
    tenant::{COMPANY, Tenant},
};
use crate::{
    item::{Entity, Indexes},
    listing::Listing,
};

key_words!(ApprovalStatus);

const APPROVAL: Item<Approval, Org, Reference> = Item::new("APPROVAL");
const APPROVAL_BY_STATUS: Gsi1<Approval, Org, (ApprovalStatus, UtcTime, Reference)> = Gsi1::new("APPROVAL");
const POLICY: Item<Policy, Org, &str> = Item::new("POLICY");

impl Tenant {
    /// A transaction and the decision about it.
    #[must_use]
    pub fn approval(&self, reference: &Reference) -> Key<Approval> {
        APPROVAL.key(self.pk(), reference)
    }

    /// Approvals, all by reference, or those in one state by time.
    #[must_use]
    pub fn approvals(&self, status: Option<ApprovalStatus>) -> Listing<Approval> {
        match status {
            Some(status) => APPROVAL_BY_STATUS.list(self.pk(), &status),
            None => APPROVAL.list(self.pk(), ()),
        }
    }

    /// The approval policy.
    #[must_use]
    pub fn policy(&self) -> Key<Policy> {
        POLICY.key(self.pk(), &"approvals")
    }
}

impl Entity for Approval {
    const ENTITY: &'static str = "approval";

    fn indexes(&self) -> Indexes {
        let by_status = (&self.status, &self.requested_at, &self.transaction.reference);
        APPROVAL_BY_STATUS.entry(COMPANY.pk(&self.company), by_status).into()
    }
}

impl Entity for Policy {
    const ENTITY: &'static str = "policy";
}
