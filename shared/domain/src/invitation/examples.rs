//! Invitations to test with.

use uuid::Uuid;

use super::{AcceptError, Acceptance, DEFAULT_EXPIRY_DAYS, Invitation, Invite, Inviter, Offer, invite};
use crate::{
    acceptor::Acceptor,
    access::ActingAs,
    id::{CompanyId, FirmId, InvitationId, UserId},
    permission::Grants,
    role::MemberRole,
    time::UtcTime,
};

pub(super) const NOW: UtcTime = UtcTime::EPOCH;

pub(super) fn command() -> Invite {
    let company = CompanyId::from_uuid(Uuid::from_u128(1));
    Invite {
        id: InvitationId::from_uuid(Uuid::from_u128(9)),
        offer: Offer::Firm { company: company.clone(), grants: MemberRole::Accountant.preset(), replaces: None },
        org_name: "Loja Azul".parse().unwrap(),
        email: "office@firm.example".parse().unwrap(),
        name: None,
        message: None,
        locale: None,
        expires_in_days: DEFAULT_EXPIRY_DAYS,
        invited_by: "owner".parse().unwrap(),
        invited_by_name: "Olga".parse().unwrap(),
        acting_as: ActingAs::Member { company },
        held_since: NOW,
    }
}

pub(super) fn in_company() -> ActingAs {
    command().acting_as
}

pub(super) fn invitation() -> Invitation {
    invite(command(), NOW).unwrap().0
}

pub(super) fn admin() -> UserId {
    "admin".parse().unwrap()
}

pub(super) fn firm() -> FirmId {
    FirmId::from_uuid(Uuid::from_u128(2))
}

pub(super) fn asking(grants: Grants) -> Invitation {
    let offer = Offer::Client { firm: firm(), grants, client: None };
    invite(Invite { offer, acting_as: ActingAs::Staff { firm: firm() }, ..command() }, NOW).unwrap().0
}

pub(super) fn accept(invitation: &Invitation, generation: u32, at: UtcTime) -> Result<Acceptance, AcceptError> {
    invitation.accept(generation, &admin(), &invitation.email, &Acceptor::Firm(firm()), at)
}

impl Invitation {
    /// The inviter, to send it again.
    pub(crate) fn inviter(&self) -> Inviter {
        let Self { invited_by, invited_by_name, acting_as, .. } = self.clone();
        Inviter { user: invited_by, name: invited_by_name, acting_as, held_since: NOW }
    }
}
