//! The place or connection that an accepted invitation gives.
//!
//! A person who comes back gets a new place: the offer of the invitation, and nothing of what they held before.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    access::{GrantState, OutlastsFirm},
    consent::{Agreement, Consent},
    event::{NewEvent, kinds},
    id::{FirmId, InvitationId, Org, RegistrationLinkId, SignupCodeId},
    invitation::Invitation,
    org::{Company, Connection, Firm, Member, Staff, Status, User},
    permission::Grants,
    role::{MemberRole, StaffRole},
    team::{CountDelta, count_delta},
    temporary_grants::TemporaryGrants,
    text::Name,
    time::UtcTime,
};

/// Why a place or connection is not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JoinError {
    /// The place or connection is active already.
    #[error("it is active already")]
    AlreadyActive,
    /// It ended after the invitation was made. A person who was removed does not come back with an older
    /// invitation, only with one that was made or sent again since.
    #[error("it ended after this invitation was made: ask to be invited anew")]
    EndedSince,
    /// Somebody who works for the company is no contact of its customers.
    #[error("you work for this company, so you are no contact of its customers")]
    WorksHere,
    /// It makes an owner of a member whom a firm invited. No such invitation is made any more.
    #[error("an owner cannot be invited for a firm")]
    OwnerByFirm,
    /// A firm invited another firm. No such invitation is made any more.
    #[error(transparent)]
    OutlastsFirm(#[from] OutlastsFirm),
}

/// The terms with which a connection starts.
#[derive(Debug, Clone, Copy)]
pub struct ConnectionTerms<'a> {
    /// The most the firm may do.
    pub grants: &'a Grants,
    /// The company's consent, where it was asked for one.
    pub consent: Option<&'a Consent>,
    /// What started it.
    pub origin: &'a ConnectionOrigin,
    /// When.
    pub at: UtcTime,
}

/// What started a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum ConnectionOrigin {
    /// An invitation.
    Invitation {
        /// The invitation that was accepted.
        invitation: InvitationId,
        /// The firm whose connection ended in the same change; `null` for none.
        #[schema(required = true)]
        replaces: Option<FirmId>,
    },
    /// A firm's registration link.
    RegistrationLink {
        /// The link that the company registered through.
        registration_link: RegistrationLinkId,
    },
    /// A firm's signup code.
    SignupCode {
        /// The code that the company registered with.
        signup_code: SignupCodeId,
    },
}

/// Payload of `connection.started`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConnectionStarted {
    /// The firm.
    pub firm: FirmId,
    /// The firm's name.
    pub firm_name: Name,
    /// The company's name.
    pub company_name: Name,
    /// The most the firm may do.
    #[serde(deserialize_with = "Grants::known")]
    pub grants: Grants,
    /// The version and digest of the text that a client agreed to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<Agreement>,
    /// What started the connection.
    #[serde(flatten)]
    pub origin: ConnectionOrigin,
}

/// Payload of `member.added`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MemberAdded {
    /// The role.
    pub role: MemberRole,
    /// The permissions.
    #[serde(deserialize_with = "Grants::known")]
    pub grants: Grants,
    /// The invitation that was accepted.
    pub invitation: InvitationId,
    /// The firm from whose seat the member was invited. Its connection bounds the member: they are there while
    /// it is, with no more than it grants.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inviting_firm: Option<FirmId>,
}

/// Payload of `staff.added`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StaffAdded {
    /// The role.
    pub role: StaffRole,
    /// The invitation that was accepted.
    pub invitation: InvitationId,
}

/// Starts a firm ↔ company link, anew where it ended before.
///
/// # Errors
/// [`JoinError::AlreadyActive`].
pub fn start_connection(
    company: &Company,
    firm: &Firm,
    terms: ConnectionTerms<'_>,
    before: Option<&Connection>,
) -> Result<(Connection, NewEvent), JoinError> {
    if before.is_some_and(|before| GrantState::from(before).holds_at(terms.at)) {
        return Err(JoinError::AlreadyActive);
    }
    let connection = Connection {
        company: company.id.clone(),
        company_name: company.name.clone(),
        firm: firm.id.clone(),
        firm_name: firm.name.clone(),
        grants: terms.grants.clone(),
        lent: TemporaryGrants::default(),
        status: Status::Active,
        expires_at: None,
        since: terms.at,
        version: before.map_or(1, |connection| connection.version + 1),
    };
    let agreement = |consent: &Consent| Agreement { version: consent.version.clone(), digest: consent.digest.clone() };
    let started = ConnectionStarted {
        firm: firm.id.clone(),
        firm_name: firm.name.clone(),
        company_name: company.name.clone(),
        grants: terms.grants.clone(),
        consent: terms.consent.map(agreement),
        origin: terms.origin.clone(),
    };
    let org = Org::Company(company.id.clone());
    let event = NewEvent::new(org, firm.id.as_str(), kinds::ConnectionStarted::of(started)).seen_by(&firm.id);
    Ok((connection, event))
}

/// A person who accepts an invitation; its address was verified to be theirs.
#[derive(Debug, Clone, Copy)]
pub struct NewMembership<'a> {
    /// The invitation.
    pub invitation: &'a Invitation,
    /// Who they are.
    pub person: &'a User,
    /// When.
    pub at: UtcTime,
}

impl NewMembership<'_> {
    /// Checks that the place is vacant, and did not end after the invitation was made.
    fn check_vacant(&self, before: Option<GrantState>) -> Result<(), JoinError> {
        let Some(before) = before else { return Ok(()) };
        if before.holds_at(self.at) {
            return Err(JoinError::AlreadyActive);
        }
        // A place that expired and one that was ended both have the time in `expires_at`.
        let ended_since = before.expires_at.is_some_and(|ended| self.invitation.created_at <= ended);
        if ended_since { Err(JoinError::EndedSince) } else { Ok(()) }
    }

    /// A member's place in a company. An invitation of the company's own makes a member whom a firm invited the
    /// company's own.
    ///
    /// `before` is the place that the person had, as [`bounded`](crate::team::bounded) leaves it.
    ///
    /// # Errors
    /// [`JoinError`].
    pub fn company(
        &self,
        company: &Company,
        role: MemberRole,
        grants: &Grants,
        before: Option<&Member>,
    ) -> Result<(Member, CountDelta, NewEvent), JoinError> {
        let inviting_firm = self.invitation.acting_as.bounded_by().cloned();
        if inviting_firm.is_some() && role == MemberRole::Owner {
            return Err(JoinError::OwnerByFirm);
        }
        let is_bounded = |before: &Member| before.inviting_firm.is_some() && GrantState::from(before).holds_at(self.at);
        let becomes_own = inviting_firm.is_none() && before.is_some_and(is_bounded);
        if !becomes_own {
            self.check_vacant(before.map(GrantState::from))?;
        }
        // A grant never begins before the stay under which it was given, even if clocks differ.
        let since = self.invitation.held_since.map_or(self.at, |held_since| held_since.max(self.at));
        let was_owner = before.is_some_and(|m| m.status == Status::Active && m.role == MemberRole::Owner);
        let member = Member {
            company: company.id.clone(),
            company_name: company.name.clone(),
            user: self.person.id.clone(),
            name: self.person.name.clone(),
            // The address that this very invitation reached, not an older one of the profile.
            email: self.invitation.email.clone(),
            role,
            grants: grants.clone(),
            lent: TemporaryGrants::default(),
            inviting_firm: inviting_firm.clone(),
            status: Status::Active,
            expires_at: None,
            since,
            version: before.map_or(1, |member| member.version + 1),
        };
        let added = MemberAdded { role, grants: grants.clone(), invitation: self.invitation.id.clone(), inviting_firm };
        let org = Org::Company(company.id.clone());
        let event = NewEvent::new(org, member.user.as_str(), kinds::MemberAdded::of(added));
        Ok((member, count_delta(was_owner, role == MemberRole::Owner), event))
    }

    /// A place on a firm's staff.
    ///
    /// # Errors
    /// [`JoinError`].
    pub fn firm(
        &self,
        firm: &Firm,
        role: StaffRole,
        before: Option<&Staff>,
    ) -> Result<(Staff, CountDelta, NewEvent), JoinError> {
        self.check_vacant(before.map(GrantState::from))?;
        let was_admin = before.is_some_and(|s| s.status == Status::Active && s.role == StaffRole::Admin);
        let staff = Staff {
            firm: firm.id.clone(),
            firm_name: firm.name.clone(),
            user: self.person.id.clone(),
            name: self.person.name.clone(),
            email: self.invitation.email.clone(),
            role,
            grants: role.preset(),
            status: Status::Active,
            expires_at: None,
            since: self.at,
            version: before.map_or(1, |staff| staff.version + 1),
        };
        let added = StaffAdded { role, invitation: self.invitation.id.clone() };
        let event = NewEvent::new(Org::Firm(firm.id.clone()), staff.user.as_str(), kinds::StaffAdded::of(added));
        Ok((staff, count_delta(was_admin, role == StaffRole::Admin), event))
    }

    /// A connection: accepted by the firm's admin, or by the client with their consent.
    ///
    /// # Errors
    /// [`JoinError`].
    pub fn connection(
        &self,
        company: &Company,
        firm: &Firm,
        (grants, consent): (&Grants, Option<&Consent>),
        before: Option<&Connection>,
    ) -> Result<(Connection, NewEvent), JoinError> {
        self.invitation.offer.check_inviter(&self.invitation.acting_as)?;
        self.check_vacant(before.map(GrantState::from))?;
        let origin = ConnectionOrigin::Invitation {
            invitation: self.invitation.id.clone(),
            replaces: self.invitation.offer.gives_way(&firm.id).cloned(),
        };
        start_connection(company, firm, ConnectionTerms { grants, consent, origin: &origin, at: self.at }, before)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        CompanyId, FirmId, InvitationId, Permission,
        access::ActingAs,
        invitation::{DEFAULT_EXPIRY_DAYS, Invite, Offer, invite},
        money::Currency,
        time::Zone,
    };

    const NOW: UtcTime = UtcTime::EPOCH;

    fn company() -> Company {
        Company {
            id: CompanyId::from_uuid(Uuid::from_u128(1)),
            name: "Loja Azul".parse().unwrap(),
            currency: "EUR".parse::<Currency>().unwrap(),
            time_zone: Zone::utc(),
            owner_count: 1,
            created_at: NOW,
        }
    }

    fn firm(n: u128) -> Firm {
        Firm {
            id: FirmId::from_uuid(Uuid::from_u128(n)),
            name: "Contas".parse().unwrap(),
            email: None,
            email_holder: None,
            admin_count: 1,
            created_at: NOW,
        }
    }

    fn person() -> User {
        User {
            id: "ana".parse().unwrap(),
            email: "old@firm.example".parse().unwrap(),
            name: "Ana".parse().unwrap(),
            time_zone: Zone::utc(),
            language: None,
            created_at: NOW,
            version: 1,
        }
    }

    fn invitation() -> Invitation {
        let company = company().id;
        let command = Invite {
            id: InvitationId::from_uuid(Uuid::from_u128(9)),
            offer: Offer::Firm { company: company.clone(), grants: MemberRole::Accountant.preset(), replaces: None },
            org_name: "Loja Azul".parse().unwrap(),
            email: "ana@firm.example".parse().unwrap(),
            name: None,
            message: None,
            locale: None,
            expires_in_days: DEFAULT_EXPIRY_DAYS,
            invited_by: "owner".parse().unwrap(),
            invited_by_name: "Olga".parse().unwrap(),
            acting_as: ActingAs::Member { company },
            held_since: NOW,
        };
        invite(command, NOW).unwrap().0
    }

    fn staff(n: u128, role: StaffRole, status: Status) -> Staff {
        let (invitation, person) = (invitation(), person());
        let membership = NewMembership { invitation: &invitation, person: &person, at: NOW };
        Staff { status, ..membership.firm(&firm(n), role, None).unwrap().0 }
    }

    #[test]
    fn a_member_gets_what_was_offered_under_the_address_that_was_invited() {
        let (invitation, person) = (invitation(), person());
        let membership = NewMembership { invitation: &invitation, person: &person, at: NOW };
        let grants = MemberRole::Client.preset();
        let (member, owners, event) = membership.company(&company(), MemberRole::Client, &grants, None).unwrap();
        assert_eq!((member.role, &member.grants, member.version), (MemberRole::Client, &grants, 1));
        assert_eq!(member.email, invitation.email);
        assert_eq!(owners, CountDelta::Same);
        assert_eq!((event.kind(), event.subject.id.as_str()), (crate::EventType::MemberAdded, "ana"));
    }

    #[test]
    fn a_person_who_comes_back_gets_nothing_of_what_they_held() {
        let (invitation, person) = (invitation(), person());
        let membership = NewMembership { invitation: &invitation, person: &person, at: NOW.plus_s(60) };
        let all = MemberRole::Owner.preset();
        let (owner, owners, _) = membership.company(&company(), MemberRole::Owner, &all, None).unwrap();
        assert_eq!(owners, CountDelta::OneMore);
        let few: Grants = [Permission::InvoicesView].into_iter().collect();
        let again = membership.company(&company(), MemberRole::Custom, &few, Some(&owner));
        assert_eq!(again.unwrap_err(), JoinError::AlreadyActive);
        let left = Member { status: Status::Ended, version: 7, ..owner };
        let (back, owners, _) = membership.company(&company(), MemberRole::Custom, &few, Some(&left)).unwrap();
        assert_eq!((back.role, &back.grants, back.version), (MemberRole::Custom, &few, 8));
        assert_eq!(owners, CountDelta::Same);
        assert_eq!(back.since, NOW.plus_s(60));
    }

    /// Proves: S2
    #[test]
    fn whom_a_firm_invited_carries_the_firm_until_the_company_invites_them_itself() {
        let (own, person) = (invitation(), person());
        let firm = firm(2).id;
        let acting_as = ActingAs::Bookkeeper { firm: firm.clone(), company: company().id };
        let of_firm = Invitation { acting_as, held_since: Some(NOW.plus_s(9)), ..own.clone() };
        let join = |invitation: &Invitation, role, before: Option<&Member>| {
            let membership = NewMembership { invitation, person: &person, at: NOW };
            membership.company(&company(), role, &MemberRole::Client.preset(), before).map(|(member, ..)| member)
        };
        let planted = join(&of_firm, MemberRole::Client, None).unwrap();
        assert_eq!(planted.inviting_firm, Some(firm));
        assert_eq!(planted.since, NOW.plus_s(9), "not before the stay under which it is given");
        assert_eq!(join(&of_firm, MemberRole::Client, Some(&planted)).unwrap_err(), JoinError::AlreadyActive);
        assert_eq!(join(&of_firm, MemberRole::Owner, None).unwrap_err(), JoinError::OwnerByFirm);
        let kept = join(&own, MemberRole::ReadOnly, Some(&planted)).unwrap();
        assert_eq!((&kept.inviting_firm, kept.role, kept.version), (&None, MemberRole::ReadOnly, 2));
        assert_eq!(join(&own, MemberRole::ReadOnly, Some(&kept)).unwrap_err(), JoinError::AlreadyActive);
        let removed = Member { status: Status::Ended, expires_at: Some(NOW.plus_s(60)), ..planted };
        assert_eq!(join(&own, MemberRole::ReadOnly, Some(&removed)).unwrap_err(), JoinError::EndedSince);
    }

    #[test]
    fn a_place_whose_time_is_over_can_be_taken_anew() {
        let (invitation, person) = (invitation(), person());
        let membership = NewMembership { invitation: &invitation, person: &person, at: NOW };
        let before = UtcTime::from_unix_ms(-1);
        let lapsed = Staff { expires_at: Some(before), ..staff(2, StaffRole::Bookkeeper, Status::Active) };
        let (taken, admins, _) = membership.firm(&firm(2), StaffRole::Admin, Some(&lapsed)).unwrap();
        assert_eq!((taken.expires_at, admins), (None, CountDelta::OneMore));
        assert_eq!(taken.grants, StaffRole::Admin.preset());
    }

    #[test]
    fn an_invitation_from_before_a_place_ended_does_not_bring_it_back() {
        let (invitation, person) = (invitation(), person());
        let membership = NewMembership { invitation: &invitation, person: &person, at: NOW.plus_s(60) };
        let few: Grants = [Permission::InvoicesView].into_iter().collect();
        let (member, _, _) = membership.company(&company(), MemberRole::Custom, &few, None).unwrap();
        let (staff, _, _) = membership.firm(&firm(2), StaffRole::Bookkeeper, None).unwrap();
        let (connection, _) = membership.connection(&company(), &firm(2), (&few, None), None).unwrap();
        for (ended, comes_back) in [(NOW, false), (NOW.plus_s(30), false), (UtcTime::from_unix_ms(-1), true)] {
            for status in [Status::Active, Status::Ended] {
                let expires_at = Some(ended);
                let member = Member { status, expires_at, ..member.clone() };
                let staff = Staff { status, expires_at, ..staff.clone() };
                let connection = Connection { status, expires_at, ..connection.clone() };
                let came_back = [
                    membership.company(&company(), MemberRole::Custom, &few, Some(&member)).map(drop),
                    membership.firm(&firm(2), StaffRole::Bookkeeper, Some(&staff)).map(drop),
                    membership.connection(&company(), &firm(2), (&few, None), Some(&connection)).map(drop),
                ];
                assert_eq!(came_back, [if comes_back { Ok(()) } else { Err(JoinError::EndedSince) }; 3]);
            }
        }
    }

    #[test]
    fn a_connection_is_seen_by_both_sides_and_begins_once() {
        let (invitation, person) = (invitation(), person());
        let membership = NewMembership { invitation: &invitation, person: &person, at: NOW };
        let grants = MemberRole::Accountant.preset();
        let (connection, event) = membership.connection(&company(), &firm(2), (&grants, None), None).unwrap();
        assert_eq!(event.org, Org::Company(company().id));
        assert_eq!(event.firm, Some(firm(2).id));
        let again = membership.connection(&company(), &firm(2), (&grants, None), Some(&connection));
        assert_eq!(again.unwrap_err(), JoinError::AlreadyActive);
        let ended = Connection { status: Status::Ended, ..connection };
        let (anew, _) = membership.connection(&company(), &firm(2), (&grants, None), Some(&ended)).unwrap();
        assert_eq!((anew.status, anew.version), (Status::Active, 2));
    }

    #[test]
    fn a_connection_started_with_consent_says_to_which_text() {
        use crate::{
            consent::{Agreement, ConsentTerms, Given},
            language::Reader,
        };
        let grants = MemberRole::Accountant.preset();
        let name = firm(2).name;
        let consent_terms = ConsentTerms { firm: &name, grants: &grants };
        let text = consent_terms.text(&Reader::default());
        let agreement = Agreement { version: text.version.clone(), digest: text.digest.clone() };
        let given = Given { company: company().id, firm: firm(2).id, at: NOW, by: person().id };
        let consent = consent_terms.agreed(Some(&agreement), given).unwrap();
        let origin =
            ConnectionOrigin::RegistrationLink { registration_link: RegistrationLinkId::from_uuid(Uuid::from_u128(5)) };
        let terms = ConnectionTerms { grants: &grants, consent: Some(&consent), origin: &origin, at: NOW };
        let (_, event) = start_connection(&company(), &firm(2), terms, None).unwrap();
        let data = event.payload.data();
        assert_eq!(data["consent"], serde_json::json!({"version": text.version, "digest": text.digest}));
        assert!(!data.to_string().contains("personal data"), "the text itself is in the record of it");
    }
}
