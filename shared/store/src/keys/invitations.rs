//! Keys of invitations: by id, by tenant and status, by address, and the newest to an address.

use domain::{
    Email, InvitationId, Org,
    invitation::{Invitation, InvitationStatus},
    invitation_record::InvitationRecord,
};
use serde::{Deserialize, Serialize};

use super::{
    key::Key,
    parts::{key_parts, key_words},
    template::{Gsi1, Gsi2, Item, Single},
    tenant::{Tenant, org_pk},
    users::EMAIL,
};
use crate::{
    item::{Entity, Indexes},
    listing::Listing,
};
use domain::UtcTime;

key_parts!(InvitationId);
key_words!(InvitationStatus);

pub(super) const INVITATION: Single<Invitation, InvitationId> = Single::new("INVITATION");
const INVITATION_OF_TENANT: Gsi1<Invitation, Org, (InvitationStatus, UtcTime, InvitationId)> = Gsi1::new("INVITATION");
const INVITATION_TO: Gsi2<Invitation, Email, InvitationId> = Gsi2::new("INVITATION");
const LATEST: Item<LatestInvitation, Org, (&str, Email)> = Item::new("INVITED");
const RECORD: Item<InvitationRecord, Org, ()> = Item::new("INVITATION-RECORD");

/// The newest invitation of one kind that a tenant sent to one address. It may have ended since: ask
/// the invitation itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LatestInvitation {
    /// The invitation.
    pub invitation: InvitationId,
    /// Tells one from another, for optimistic locking. Drawn from the invitation's id, since a single
    /// invitation takes the place of any before it without having looked.
    pub version: u64,
}

impl LatestInvitation {
    /// Points to an invitation.
    #[must_use]
    pub fn new(invitation: InvitationId) -> Self {
        // The last 15 hexadecimal digits of a `UUIDv7` are random.
        let digits = invitation.as_str();
        let digits = digits.get(digits.len().saturating_sub(15)..).unwrap_or_default();
        let version = u64::from_str_radix(digits, 16).unwrap_or_default();
        Self { invitation, version }
    }
}

pub(crate) fn invitation(id: &InvitationId) -> Key<Invitation> {
    INVITATION.key(id)
}

/// The pending invitations to an address, oldest first.
pub(crate) fn invitations_to(email: &Email) -> Listing<Invitation> {
    INVITATION_TO.list(EMAIL.pk(email), ())
}

impl Tenant {
    /// Any invitation by its id. Invitations are addressed by id alone, since links carry nothing
    /// else: compare its offer's tenant with this one before use.
    #[must_use]
    pub fn invitation(&self, id: &InvitationId) -> Key<Invitation> {
        invitation(id)
    }

    /// The tenant's invitations, all or those in one state, oldest first within a state.
    #[must_use]
    pub fn invitations(&self, status: Option<InvitationStatus>) -> Listing<Invitation> {
        match status {
            Some(status) => INVITATION_OF_TENANT.list(self.pk(), &status),
            None => INVITATION_OF_TENANT.list(self.pk(), ()),
        }
    }

    /// The newest invitation of a kind to an address.
    #[must_use]
    pub fn latest_invitation(&self, kind: &'static str, email: &Email) -> Key<LatestInvitation> {
        LATEST.key(self.pk(), (&kind, email))
    }

    /// What became of the tenant's invitations.
    #[must_use]
    pub fn invitation_record(&self) -> Key<InvitationRecord> {
        RECORD.key(self.pk(), ())
    }
}

impl Entity for Invitation {
    const ENTITY: &'static str = "invitation";

    fn indexes(&self) -> Indexes {
        let of_tenant = (&self.status, &self.created_at, &self.id);
        let of_tenant = INVITATION_OF_TENANT.entry(org_pk(&self.offer.org()), of_tenant);
        let to_address = INVITATION_TO.entry(EMAIL.pk(&self.email), &self.id);
        Indexes::from(of_tenant).and((self.status == InvitationStatus::Pending).then_some(to_address))
    }
}

impl Entity for InvitationRecord {
    const ENTITY: &'static str = "invitation_record";
}

impl Entity for LatestInvitation {
    const ENTITY: &'static str = "latest_invitation";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_invitations_never_count_as_one() {
        let latest = |id: &str| LatestInvitation::new(id.parse().unwrap()).version;
        let (one, two) = (latest("in_0199c0d5f7c87bb2a6f9d1b0a1c2d3e4"), latest("in_0199c0d5f7c87bb2a6f9d1b0a1c2d3e5"));
        assert!(one != two && one != 0);
    }
}
