//! A company's members: change their role, permissions or end, or remove them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{CountDelta, TeamError, count_delta, given, to_change_place};
use crate::{
    access::{AccessRequirement, GrantState, OutlastsFirm, ends_with_giver, was_given_in_stay},
    event::{EventData, NewEvent, kinds},
    id::Org,
    org::{Company, Connection, Member, Status},
    patch::Patch,
    permission::Grants,
    role::MemberRole,
    temporary_grants::{TemporaryGrants, end_after},
    time::UtcTime,
};

/// Payload of `member.changed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MemberChanged {
    /// What the member held before.
    pub before: MemberState,
    /// What the member holds now.
    pub after: MemberState,
}

/// What a member holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MemberState {
    /// The role.
    pub role: MemberRole,
    /// The permissions.
    #[serde(deserialize_with = "Grants::known")]
    pub grants: Grants,
    /// Permissions granted on top for a time, each with the instant at which it stops.
    #[serde(deserialize_with = "TemporaryGrants::known")]
    pub lent: TemporaryGrants,
    /// When the membership ends by itself; `null` for never.
    #[schema(required = true)]
    pub expires_at: Option<UtcTime>,
}

impl MemberState {
    fn of(member: &Member) -> Self {
        let Member { role, grants, lent, expires_at, .. } = member.clone();
        Self { role, grants, lent, expires_at }
    }
}

/// Payload of `member.removed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MemberRemoved {
    /// The role that the member had.
    pub role: MemberRole,
}

/// A member as the connection of the firm that invited them leaves them at `now`: ended where it is not active,
/// or began after they came, else with no more than it grants. A member of the company's own stays as they are.
///
/// `connections` are those of the company, of which the firm's counts.
#[must_use]
pub fn bounded(member: Member, connections: &[Connection], now: UtcTime) -> Member {
    let Some(firm) = &member.inviting_firm else { return member };
    let connection = connections.iter().find(|connection| connection.firm == *firm).map(GrantState::from);
    let connection = connection
        .filter(|connection| connection.holds_at(now))
        .filter(|connection| was_given_in_stay(&GrantState::from(&member), std::iter::once(connection)));
    let Some(connection) = connection else { return Member { status: Status::Ended, ..member } };
    let most = connection.grants_at(now);
    Member { grants: member.grants.intersection(&most), lent: member.lent.within(&most), ..member }
}

/// Gives a member another role, another set of permissions, or another end.
///
/// `grants` default to the role's preset, and permissions listed without a role make it [`MemberRole::Custom`]. New
/// grants remove the temporary grants; a new end alone keeps them.
///
/// # Errors
/// [`TeamError`].
pub fn change_member(
    company: &Company,
    member: &Member,
    role: Option<MemberRole>,
    grants: Option<Grants>,
    expiry: Patch<UtcTime>,
    now: UtcTime,
) -> Result<(Member, CountDelta, NewEvent), TeamError> {
    if !GrantState::from(member).holds_at(now) {
        return Err(TeamError::NotActive);
    }
    let (role, grants, lent) = match (role, grants) {
        (None, None) if expiry == Patch::Keep => return Err(TeamError::NothingToChange),
        (None, None) => (member.role, member.grants.clone(), member.lent.clone()),
        (Some(role), None) => (role, role.preset(), TemporaryGrants::default()),
        (role, Some(grants)) => (role.unwrap_or(MemberRole::Custom), grants, TemporaryGrants::default()),
    };
    if grants.is_empty() || grants.iter().any(|p| !p.is_for_companies()) {
        return Err(TeamError::NoPermissions);
    }
    // INVARIANT: an owner holds everything, so a company with one owner left can still be run.
    if role == MemberRole::Owner && grants != role.preset() {
        return Err(TeamError::OwnerHoldsAll);
    }
    // INVARIANT: owners are counted, and none of them is there only while a firm is.
    if role == MemberRole::Owner && member.inviting_firm.is_some() {
        return Err(TeamError::OwnerByFirm);
    }
    let expires_at = end_after(expiry, member.expires_at, now)?;
    // INVARIANT: owners are counted as they come and go, never as time passes.
    if role == MemberRole::Owner && expires_at.is_some() {
        return Err(TeamError::OwnerIsPermanent);
    }
    let owners = count_delta(member.role == MemberRole::Owner, role == MemberRole::Owner);
    if owners == CountDelta::OneFewer && company.owner_count <= 1 {
        return Err(TeamError::LastOwner);
    }
    let changed = Member { role, grants, lent, expires_at, version: member.version + 1, ..member.clone() };
    let event = member_changed(member, &changed);
    Ok((changed, owners, event))
}

/// The access that changing a member's place needs: as [`to_change_place`]. From a seat that a
/// firm's connection bounds, those members alone gain anything whom that firm invited.
///
/// # Errors
/// [`OutlastsFirm`].
pub fn to_change_member(
    access: AccessRequirement,
    before: &Member,
    after: &Member,
) -> Result<AccessRequirement, OutlastsFirm> {
    let (was, is) = (GrantState::from(before), GrantState::from(after));
    let becomes_owner = before.role != MemberRole::Owner && after.role == MemberRole::Owner;
    if becomes_owner || !given(&was, &is).is_empty() {
        ends_with_giver(access.acting_as(), before.inviting_firm.as_ref())?;
    }
    Ok(to_change_place(access, &was, &is))
}

/// The event of a member's change.
pub(crate) fn member_changed(before: &Member, after: &Member) -> NewEvent {
    let changed = MemberChanged { before: MemberState::of(before), after: MemberState::of(after) };
    member_fact(before, kinds::MemberChanged::of(changed))
}

/// Ends a member's place.
///
/// # Errors
/// [`TeamError`].
pub fn remove_member(
    company: &Company,
    member: &Member,
    now: UtcTime,
) -> Result<(Member, CountDelta, NewEvent), TeamError> {
    if member.status != Status::Active {
        return Err(TeamError::NotActive);
    }
    let owners = count_delta(member.role == MemberRole::Owner, false);
    if owners == CountDelta::OneFewer && company.owner_count <= 1 {
        return Err(TeamError::LastOwner);
    }
    let removed =
        Member { status: Status::Ended, expires_at: Some(now), version: member.version + 1, ..member.clone() };
    let event = member_fact(member, kinds::MemberRemoved::of(MemberRemoved { role: member.role }));
    Ok((removed, owners, event))
}

fn member_fact(member: &Member, payload: EventData) -> NewEvent {
    NewEvent::new(Org::Company(member.company.clone()), member.user.as_str(), payload)
}

#[cfg(test)]
mod tests {
    use super::{
        super::examples::{NOW, company, owner},
        *,
    };
    use crate::{
        access::ActingAs,
        id::FirmId,
        permission::Permission,
        team::examples::{connection, firm},
    };

    fn change_member(
        company: &Company,
        member: &Member,
        role: Option<MemberRole>,
        grants: Option<Grants>,
    ) -> Result<(Member, CountDelta, NewEvent), TeamError> {
        super::change_member(company, member, role, grants, Patch::Keep, NOW)
    }

    /// What a firm gives through its connection ends with it, so it gives the company's own members nothing.
    /// Proves: S2, 25
    #[test]
    fn a_firm_widens_the_place_of_nobody_but_whom_it_invited() {
        let (firm, company) = (firm(1).0.id, company(1).id);
        let other: FirmId = "fm_00000000000000000000000000000009".parse().unwrap();
        let held = |permissions: &[Permission]| Member {
            grants: permissions.iter().copied().collect(),
            role: MemberRole::Custom,
            expires_at: Some(NOW.plus_s(60)),
            ..owner()
        };
        let before = held(&[Permission::VatView]);
        let wider = held(&[Permission::VatView, Permission::BankView]);
        let longer = Member { expires_at: None, ..before.clone() };
        let promoted = Member { role: MemberRole::Owner, ..before.clone() };
        let narrower = held(&[]);
        for acting_as in [
            ActingAs::FirmAdmin { firm: firm.clone(), company: company.clone() },
            ActingAs::Bookkeeper { firm: firm.clone(), company: company.clone() },
            ActingAs::BoundedMember { firm: firm.clone(), company: company.clone() },
        ] {
            let changed = |by: Option<&FirmId>, after: &Member| {
                let of = |member: &Member| Member { inviting_firm: by.cloned(), ..member.clone() };
                let access = AccessRequirement::to_enter("fay".parse().unwrap(), acting_as.clone());
                to_change_member(access, &of(&before), &of(after)).map(drop)
            };
            for gains in [&wider, &longer, &promoted] {
                assert_eq!(changed(None, gains), Err(OutlastsFirm), "the company's own, by {acting_as:?}");
                assert_eq!(changed(Some(&other), gains), Err(OutlastsFirm), "another firm's, by {acting_as:?}");
                assert_eq!(changed(Some(&firm), gains), Ok(()), "their own, by {acting_as:?}");
            }
            assert_eq!(changed(None, &narrower), Ok(()), "to take away outlasts nothing");
        }
        let own = AccessRequirement::to_enter("ana".parse().unwrap(), ActingAs::Member { company });
        assert!(to_change_member(own, &before, &wider).is_ok());
    }

    /// Proves: S2, 25
    #[test]
    fn whom_a_firm_invited_is_there_while_its_connection_is_and_with_no_more() {
        let all = Grants::from_iter([Permission::VatView, Permission::BankView]);
        let lent = [(Permission::PayrollView, NOW.plus_s(60))].into_iter().collect();
        let own = Member { grants: all.clone(), lent, role: MemberRole::Custom, ..owner() };
        let planted = Member { inviting_firm: Some(firm(1).0.id), ..own.clone() };
        let held = |member: &Member, connection: &Connection| {
            let connections = std::slice::from_ref(connection);
            let state = GrantState::from(&bounded(member.clone(), connections, NOW));
            state.holds_at(NOW).then(|| state.grants_at(NOW))
        };
        let wide = connection(Grants::whole_company());
        let with_lent = all.union(&Grants::from_iter([Permission::PayrollView]));
        assert_eq!(held(&planted, &wide), Some(with_lent.clone()));
        let narrow = Grants::from_iter([Permission::VatView]);
        assert_eq!(held(&planted, &connection(narrow.clone())), Some(narrow));
        for gone in [
            Connection { status: Status::Ended, ..wide.clone() },
            Connection { expires_at: Some(NOW), ..wide.clone() },
            Connection { since: NOW.plus_s(1), ..wide.clone() },
            Connection { firm: "fm_00000000000000000000000000000009".parse().unwrap(), ..wide.clone() },
        ] {
            assert_eq!(held(&planted, &gone), None, "{gone:?}");
            assert_eq!(held(&own, &gone), Some(with_lent.clone()), "the company's own");
        }
        let made_owner = super::change_member(&company(1), &planted, Some(MemberRole::Owner), None, Patch::Keep, NOW);
        assert_eq!(made_owner.unwrap_err(), TeamError::OwnerByFirm);
    }

    #[test]
    fn the_last_owner_stays_owner() {
        assert_eq!(remove_member(&company(1), &owner(), NOW).unwrap_err(), TeamError::LastOwner);
        let demoted = change_member(&company(1), &owner(), Some(MemberRole::Admin), None);
        assert_eq!(demoted.unwrap_err(), TeamError::LastOwner);
        assert!(remove_member(&company(2), &owner(), NOW).is_ok());
    }

    #[test]
    fn the_last_owner_cannot_be_left_with_less_than_everything() {
        let fewer = || Some([Permission::TeamView].into_iter().collect());
        let narrowed = change_member(&company(1), &owner(), Some(MemberRole::Owner), fewer());
        assert_eq!(narrowed.unwrap_err(), TeamError::OwnerHoldsAll);
        let relabelled = change_member(&company(1), &owner(), None, fewer());
        assert_eq!(relabelled.unwrap_err(), TeamError::LastOwner);
    }

    #[test]
    fn permissions_listed_without_a_role_make_it_custom() {
        let client = Member { role: MemberRole::Client, grants: MemberRole::Client.preset(), ..owner() };
        let listed: Grants = [Permission::TeamView].into_iter().collect();
        let (changed, _, _) = change_member(&company(1), &client, None, Some(listed.clone())).unwrap();
        assert_eq!((changed.role, changed.grants), (MemberRole::Custom, listed));
        let nothing = change_member(&company(1), &client, None, None);
        assert_eq!(nothing.unwrap_err(), TeamError::NothingToChange);
        let unlisted = change_member(&company(1), &client, Some(MemberRole::Custom), None);
        assert_eq!(unlisted.unwrap_err(), TeamError::NoPermissions);
    }

    #[test]
    fn a_members_change_is_recorded_with_before_and_after() {
        let client = Member { role: MemberRole::Client, grants: MemberRole::Client.preset(), ..owner() };
        let (changed, count, event) = change_member(&company(1), &client, Some(MemberRole::ReadOnly), None).unwrap();
        assert_eq!(count, CountDelta::Same);
        assert_eq!(changed.grants, MemberRole::ReadOnly.preset());
        let change = event.payload.read::<kinds::MemberChanged>();
        assert_eq!((change.before.role, change.after.role), (MemberRole::Client, MemberRole::ReadOnly));
    }

    #[test]
    fn a_company_permission_set_cannot_hold_firm_permissions() {
        let client = Member { role: MemberRole::Client, ..owner() };
        let alien: Grants = [Permission::StaffManage].into_iter().collect();
        let refused = change_member(&company(1), &client, Some(MemberRole::Custom), Some(alien));
        assert_eq!(refused.unwrap_err(), TeamError::NoPermissions);
    }

    #[test]
    fn a_place_ends_by_itself_only_where_nobody_counts_on_it() {
        let at = || Patch::Set(NOW.plus_s(60));
        let timed = |member: &Member, role| super::change_member(&company(2), member, role, None, at(), NOW);
        assert_eq!(timed(&owner(), None).unwrap_err(), TeamError::OwnerIsPermanent);
        let client = Member { role: MemberRole::Client, grants: MemberRole::Client.preset(), ..owner() };
        let (temporary, _, event) = timed(&client, None).unwrap();
        assert_eq!(temporary.expires_at, Some(NOW.plus_s(60)));
        let change = event.payload.read::<kinds::MemberChanged>();
        assert_eq!((change.before.expires_at, change.after.role), (None, MemberRole::Client));
        // Becoming an owner keeps the end, so it must be lifted in the same change.
        let promoted = change_member(&company(2), &temporary, Some(MemberRole::Owner), None);
        assert_eq!(promoted.unwrap_err(), TeamError::OwnerIsPermanent);
        let owner = Some(MemberRole::Owner);
        let (promoted, count, _) =
            super::change_member(&company(2), &temporary, owner, None, Patch::Clear, NOW).unwrap();
        assert_eq!((promoted.expires_at, count), (None, CountDelta::OneMore));
        let late = super::change_member(&company(2), &temporary, None, None, Patch::Clear, NOW.plus_s(60));
        assert_eq!(late.unwrap_err(), TeamError::NotActive, "what has ended is not prolonged");
    }
}
