//! Changing and ending relationships.
//!
//! Whoever changes or removes a member must hold everything the member holds, so an admin cannot
//! touch an owner. The last owner of a company and the last admin of a firm stay.

use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::{
    access::{Access, Standing},
    event::{EventType, Fact},
    id::{Org, UserId},
    lent::{Expiry, ExpiryError, Lent},
    org::{Assignment, Company, Connection, Firm, Member, Staff, Status},
    permission::{Grants, Permission},
    role::{MemberRole, StaffRole},
    time::UtcTime,
};

/// Why a relationship was not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TeamError {
    /// The company would be left without an owner.
    #[error("the last owner cannot be removed or given another role")]
    LastOwner,
    /// The firm would be left without an admin.
    #[error("the last admin cannot be removed or given another role")]
    LastAdmin,
    /// It is not active.
    #[error("it is not active")]
    NotActive,
    /// Nothing to change was named.
    #[error("name what is to change")]
    NothingToChange,
    /// An owner with less than everything would count as the one who must remain.
    #[error("an owner holds every permission; name another role to list fewer")]
    OwnerHoldsAll,
    /// A role without permissions, or permissions that no company has.
    #[error("must name at least one permission that exists for a company")]
    NoPermissions,
    /// An assignment would exceed what the firm's connection grants.
    #[error("permission {0} is not granted to the firm by this company")]
    BeyondConnection(Permission),
    /// Admins reach every connected company; they need no assignment.
    #[error("a firm's admin reaches every connected company and needs no assignment")]
    AdminNeedsNone,
    /// An end that makes no sense.
    #[error(transparent)]
    Expiry(#[from] ExpiryError),
    /// An owner whose time runs out would leave the company without one, and nobody would have done it.
    #[error("an owner's place does not end by itself: say null, or name another role")]
    OwnerIsPermanent,
    /// The same of a firm's admin.
    #[error("an admin's place does not end by itself: say null, or name another role")]
    AdminIsPermanent,
}

/// The access that changing what a relationship grants takes: everything that it grants anew, or for
/// longer than before, for as long as it is granted. Taking away takes none of it.
#[must_use]
pub fn to_give(access: Access, before: &Standing, after: &Standing) -> Access {
    let longer = match (before.expires_at, after.expires_at) {
        (Some(_), None) => true,
        (Some(before), Some(after)) => after > before,
        (None, _) => false,
    };
    let given = if longer { after.grants.clone() } else { after.grants.beyond(&before.grants) };
    if given.is_empty() { access } else { access.and_all(&given).lasting(after.expires_at) }
}

/// A change to the number of a company's owners or a firm's admins, to be applied under the
/// condition that one remains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeadCount {
    /// It stays.
    Same,
    /// One more.
    OneMore,
    /// One fewer, and at least one must remain.
    OneFewer,
}

pub(crate) const fn head_count(was: bool, is: bool) -> HeadCount {
    match (was, is) {
        (true, false) => HeadCount::OneFewer,
        (false, true) => HeadCount::OneMore,
        (true, true) | (false, false) => HeadCount::Same,
    }
}

/// Gives a member another role, another set of permissions, or another end.
///
/// `grants` default to the role's preset, and permissions listed without a role make it
/// [`MemberRole::Custom`]. What was lent goes with the grants that it came on top of; a new end alone
/// leaves it.
///
/// # Errors
/// [`TeamError`].
pub fn change_member(
    company: &Company,
    member: &Member,
    role: Option<MemberRole>,
    grants: Option<Grants>,
    expiry: Expiry,
    now: UtcTime,
) -> Result<(Member, HeadCount, Fact), TeamError> {
    if !Standing::from(member).holds_at(now) {
        return Err(TeamError::NotActive);
    }
    let (role, grants, lent) = match (role, grants) {
        (None, None) if expiry == Expiry::Kept => return Err(TeamError::NothingToChange),
        (None, None) => (member.role, member.grants.clone(), member.lent.clone()),
        (Some(role), None) => (role, role.preset(), Lent::default()),
        (role, Some(grants)) => (role.unwrap_or(MemberRole::Custom), grants, Lent::default()),
    };
    if grants.is_empty() || grants.iter().any(|p| !p.is_for_companies()) {
        return Err(TeamError::NoPermissions);
    }
    // INVARIANT: an owner holds everything, so a company with one owner left can still be run.
    if role == MemberRole::Owner && grants != role.preset() {
        return Err(TeamError::OwnerHoldsAll);
    }
    let expires_at = expiry.after(member.expires_at, now)?;
    // INVARIANT: owners are counted as they come and go, never as time passes.
    if role == MemberRole::Owner && expires_at.is_some() {
        return Err(TeamError::OwnerIsPermanent);
    }
    let owners = head_count(member.role == MemberRole::Owner, role == MemberRole::Owner);
    if owners == HeadCount::OneFewer && company.owner_count <= 1 {
        return Err(TeamError::LastOwner);
    }
    let changed = Member { role, grants, lent, expires_at, version: member.version + 1, ..member.clone() };
    let fact = member_changed(member, &changed);
    Ok((changed, owners, fact))
}

/// A member's place changed.
pub(crate) fn member_changed(before: &Member, after: &Member) -> Fact {
    let terms = |m: &Member| json!({"role": m.role, "grants": m.grants, "lent": m.lent, "expires_at": m.expires_at});
    let data = json!({"before": terms(before), "after": terms(after)});
    member_fact(EventType::MemberChanged, before, data)
}

/// Ends a member's place.
///
/// # Errors
/// [`TeamError`].
pub fn remove_member(company: &Company, member: &Member) -> Result<(Member, HeadCount, Fact), TeamError> {
    if member.status != Status::Active {
        return Err(TeamError::NotActive);
    }
    let owners = head_count(member.role == MemberRole::Owner, false);
    if owners == HeadCount::OneFewer && company.owner_count <= 1 {
        return Err(TeamError::LastOwner);
    }
    let removed = Member { status: Status::Ended, version: member.version + 1, ..member.clone() };
    let fact = member_fact(EventType::MemberRemoved, member, json!({"role": member.role}));
    Ok((removed, owners, fact))
}

fn member_fact(kind: EventType, member: &Member, data: serde_json::Value) -> Fact {
    Fact::new(kind, Org::Company(member.company.clone()), ("member", member.user.as_str()), data)
}

/// Gives a staff member another role, or another end.
///
/// # Errors
/// [`TeamError`].
pub fn change_staff(
    firm: &Firm,
    staff: &Staff,
    role: Option<StaffRole>,
    expiry: Expiry,
    now: UtcTime,
) -> Result<(Staff, HeadCount, Fact), TeamError> {
    if !Standing::from(staff).holds_at(now) {
        return Err(TeamError::NotActive);
    }
    if role.is_none() && expiry == Expiry::Kept {
        return Err(TeamError::NothingToChange);
    }
    let (role, grants) = role.map_or_else(|| (staff.role, staff.grants.clone()), |role| (role, role.preset()));
    let expires_at = expiry.after(staff.expires_at, now)?;
    // INVARIANT: admins are counted as they come and go, never as time passes.
    if role == StaffRole::Admin && expires_at.is_some() {
        return Err(TeamError::AdminIsPermanent);
    }
    let admins = head_count(staff.role == StaffRole::Admin, role == StaffRole::Admin);
    if admins == HeadCount::OneFewer && firm.admin_count <= 1 {
        return Err(TeamError::LastAdmin);
    }
    let changed = Staff { role, grants, expires_at, version: staff.version + 1, ..staff.clone() };
    let terms = |staff: &Staff| json!({"role": staff.role, "expires_at": staff.expires_at});
    let data = json!({"before": terms(staff), "after": terms(&changed)});
    Ok((changed, admins, staff_fact(EventType::StaffChanged, staff, data)))
}

/// Ends a staff member's place. Their assignments grant nothing from then on, since every access
/// through one needs the place too.
///
/// # Errors
/// [`TeamError`].
pub fn remove_staff(firm: &Firm, staff: &Staff) -> Result<(Staff, HeadCount, Fact), TeamError> {
    if staff.status != Status::Active {
        return Err(TeamError::NotActive);
    }
    let admins = head_count(staff.role == StaffRole::Admin, false);
    if admins == HeadCount::OneFewer && firm.admin_count <= 1 {
        return Err(TeamError::LastAdmin);
    }
    let removed = Staff { status: Status::Ended, version: staff.version + 1, ..staff.clone() };
    let fact = staff_fact(EventType::StaffRemoved, staff, json!({"role": staff.role}));
    Ok((removed, admins, fact))
}

fn staff_fact(kind: EventType, staff: &Staff, data: serde_json::Value) -> Fact {
    Fact::new(kind, Org::Firm(staff.firm.clone()), ("staff", staff.user.as_str()), data)
}

/// Ends a firm ↔ company link, from either side.
///
/// # Errors
/// [`TeamError::NotActive`].
pub fn end_connection(connection: &Connection, by: &Org) -> Result<(Connection, Fact), TeamError> {
    if connection.status != Status::Active {
        return Err(TeamError::NotActive);
    }
    let ended = Connection { status: Status::Ended, version: connection.version + 1, ..connection.clone() };
    let data = json!({"firm": connection.firm, "firm_name": connection.firm_name, "ended_by": by});
    Ok((ended, connection_fact(EventType::ConnectionEnded, connection, data)))
}

fn connection_fact(kind: EventType, connection: &Connection, data: serde_json::Value) -> Fact {
    let org = Org::Company(connection.company.clone());
    Fact::new(kind, org, ("connection", connection.firm.as_str()), data).seen_by(&connection.firm)
}

/// Sets the most that a firm may do in a company, and until when. Everyone of the firm has that and
/// no more from their next request on: what they hold is what the connection grants as well.
///
/// # Errors
/// [`TeamError`].
pub fn change_connection(
    connection: &Connection,
    grants: Option<Grants>,
    expiry: Expiry,
    now: UtcTime,
) -> Result<(Connection, Fact), TeamError> {
    if !Standing::from(connection).holds_at(now) {
        return Err(TeamError::NotActive);
    }
    if grants.is_none() && expiry == Expiry::Kept {
        return Err(TeamError::NothingToChange);
    }
    let lent = if grants.is_some() { Lent::default() } else { connection.lent.clone() };
    let grants = grants.unwrap_or_else(|| connection.grants.clone());
    if grants.is_empty() || grants.iter().any(|p| !p.is_for_companies()) {
        return Err(TeamError::NoPermissions);
    }
    let expires_at = expiry.after(connection.expires_at, now)?;
    let version = connection.version + 1;
    let changed = Connection { grants, lent, expires_at, version, ..connection.clone() };
    let fact = connection_changed(connection, &changed);
    Ok((changed, fact))
}

/// What a firm may do in a company changed.
pub(crate) fn connection_changed(before: &Connection, after: &Connection) -> Fact {
    let terms = |c: &Connection| json!({"grants": c.grants, "lent": c.lent, "expires_at": c.expires_at});
    let data = json!({
        "firm": before.firm,
        "firm_name": before.firm_name,
        "before": terms(before),
        "after": terms(after),
    });
    connection_fact(EventType::ConnectionChanged, before, data)
}

/// Assigns a connected company to a bookkeeper, or changes what the assignment grants.
///
/// `grants` default to all that the connection grants, and it ends when `expiry` says so, or not by
/// itself.
///
/// # Errors
/// [`TeamError`].
pub fn assign(
    connection: &Connection,
    staff: &Staff,
    existing: Option<&Assignment>,
    grants: Option<Grants>,
    expiry: Expiry,
    now: UtcTime,
) -> Result<(Assignment, Fact), TeamError> {
    if !Standing::from(connection).holds_at(now) || !Standing::from(staff).holds_at(now) {
        return Err(TeamError::NotActive);
    }
    if staff.role == StaffRole::Admin {
        return Err(TeamError::AdminNeedsNone);
    }
    let grants = grants.unwrap_or_else(|| connection.grants.clone());
    if grants.is_empty() {
        return Err(TeamError::NoPermissions);
    }
    if let Some(beyond) = grants.first_beyond(&connection.grants) {
        return Err(TeamError::BeyondConnection(beyond));
    }
    let assignment = Assignment {
        company: connection.company.clone(),
        company_name: connection.company_name.clone(),
        firm: connection.firm.clone(),
        user: staff.user.clone(),
        grants,
        lent: Lent::default(),
        status: Status::Active,
        expires_at: expiry.after(None, now)?,
        since: existing.filter(|a| Standing::from(*a).holds_at(now)).map_or(now, |a| a.since),
        version: existing.map_or(1, |a| a.version + 1),
    };
    let fact = assignment_changed(existing.filter(|a| Standing::from(*a).holds_at(now)), &assignment);
    Ok((assignment, fact))
}

/// What a bookkeeper may do in a company changed, or began.
pub(crate) fn assignment_changed(before: Option<&Assignment>, after: &Assignment) -> Fact {
    let data = json!({
        "company": after.company,
        "before": before.map(|a| &a.grants),
        "after": after.grants,
        "lent": after.lent,
        "expires_at": after.expires_at,
    });
    assignment_fact(EventType::AssignmentChanged, after, data)
}

/// Takes an assignment back.
///
/// # Errors
/// [`TeamError::NotActive`].
pub fn unassign(assignment: &Assignment) -> Result<(Assignment, Fact), TeamError> {
    if assignment.status != Status::Active {
        return Err(TeamError::NotActive);
    }
    let ended = Assignment { status: Status::Ended, version: assignment.version + 1, ..assignment.clone() };
    let fact = assignment_fact(EventType::AssignmentRemoved, assignment, json!({"company": assignment.company}));
    Ok((ended, fact))
}

fn assignment_fact(kind: EventType, assignment: &Assignment, mut data: serde_json::Value) -> Fact {
    if let Some(fields) = data.as_object_mut() {
        fields.insert("firm".to_owned(), json!(assignment.firm));
    }
    // It happens in the company's books, so the client sees who may enter them.
    Fact::new(kind, Org::Company(assignment.company.clone()), ("assignment", assignment.user.as_str()), data)
        .seen_by(&assignment.firm)
}

/// What kind of thing stops working when a relationship ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ceasing {
    /// Acting here.
    Access,
    /// Acting in the firm's clients.
    ClientAccess,
    /// Assignments of clients to staff.
    Assignments,
    /// Invitations that were sent and not yet accepted.
    Invitations,
    /// Emails about what happens here.
    Notifications,
    /// Some of what could be done, while the rest goes on.
    Permissions,
}

/// One thing that stops working when a relationship ends, for whoever ends it to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Stops {
    /// What kind of thing.
    pub what: Ceasing,
    /// In words.
    pub detail: &'static str,
}

const fn stops(what: Ceasing, detail: &'static str) -> Stops {
    Stops { what, detail }
}

/// What stops working with a member's place.
pub const STOPS_WITH_MEMBER: &[Stops] = &[
    stops(
        Ceasing::Access,
        "they can no longer enter this company; where they are in it, their next request is refused",
    ),
    stops(Ceasing::Invitations, "invitations they sent can no longer be accepted where nobody has accepted them"),
    stops(Ceasing::Notifications, "they are no longer told what happens in this company"),
];

/// What stops working with a place on a firm's staff.
pub const STOPS_WITH_STAFF: &[Stops] = &[
    stops(Ceasing::Access, "they can no longer enter this firm; where they are in it, their next request is refused"),
    stops(
        Ceasing::ClientAccess,
        "they can no longer enter any of this firm's clients; where they are in one, their next request is refused",
    ),
    stops(Ceasing::Assignments, "clients assigned to them are without them"),
    stops(
        Ceasing::Invitations,
        "invitations they sent for this firm or in its clients can no longer be accepted where nobody has accepted them",
    ),
];

/// What stops working with a firm ↔ company link.
pub const STOPS_WITH_CONNECTION: &[Stops] = &[
    stops(
        Ceasing::ClientAccess,
        "nobody of the firm can enter the company any more; where they are in it, their next request is refused",
    ),
    stops(Ceasing::Assignments, "the firm's assignments of the company to its staff grant nothing"),
    stops(
        Ceasing::Invitations,
        "invitations the firm's staff sent for the company can no longer be accepted where nobody has accepted them",
    ),
];

/// What stops working when a firm ↔ company link grants less than before.
pub const STOPS_WITH_NARROWING: &[Stops] = &[
    stops(
        Ceasing::Permissions,
        "nobody of the firm can do here what was withdrawn; where they are in the company, their next request for it is refused",
    ),
    stops(Ceasing::Assignments, "the firm's assignments of the company to its staff grant no more than what is left"),
    stops(
        Ceasing::Invitations,
        "invitations the firm's staff sent that offer what was withdrawn can no longer be accepted where nobody has accepted them",
    ),
];

/// What stops working with an assignment.
pub const STOPS_WITH_ASSIGNMENT: &[Stops] = &[
    stops(
        Ceasing::ClientAccess,
        "they can no longer enter the company; where they are in it, their next request is refused",
    ),
    stops(
        Ceasing::Invitations,
        "invitations they sent for the company can no longer be accepted where nobody has accepted them",
    ),
];

/// A new company, and its first owner.
#[must_use]
pub fn register_company(company: Company, owner: (UserId, crate::Name, crate::Email)) -> (Company, Member, Fact) {
    let company = Company { owner_count: 1, ..company };
    let member = Member {
        company: company.id.clone(),
        company_name: company.name.clone(),
        user: owner.0,
        name: owner.1,
        email: owner.2,
        role: MemberRole::Owner,
        grants: MemberRole::Owner.preset(),
        lent: Lent::default(),
        status: Status::Active,
        expires_at: None,
        since: company.created_at,
        version: 1,
    };
    let fact = Fact::new(
        EventType::CompanyRegistered,
        Org::Company(company.id.clone()),
        ("company", company.id.as_str()),
        json!({"name": company.name, "currency": company.currency, "owner": member.user, "grants": member.grants}),
    );
    (company, member, fact)
}

/// A new firm, and its first admin.
#[must_use]
pub fn register_firm(firm: Firm, admin: (UserId, crate::Name, crate::Email)) -> (Firm, Staff, Fact) {
    let firm = Firm { admin_count: 1, ..firm };
    let staff = Staff {
        firm: firm.id.clone(),
        firm_name: firm.name.clone(),
        user: admin.0,
        name: admin.1,
        email: admin.2,
        role: StaffRole::Admin,
        grants: StaffRole::Admin.preset(),
        status: Status::Active,
        expires_at: None,
        since: firm.created_at,
        version: 1,
    };
    let fact = Fact::new(
        EventType::FirmRegistered,
        Org::Firm(firm.id.clone()),
        ("firm", firm.id.as_str()),
        json!({"name": firm.name, "admin": staff.user}),
    );
    (firm, staff, fact)
}

/// Says which of a tenant's people a notification is for: those members of a company, or staff of a
/// firm, who hold the permission there now.
pub fn holders<P>(people: &[P], permission: Permission, now: UtcTime) -> impl Iterator<Item = &P>
where
    for<'p> crate::Standing: From<&'p P>,
{
    people.iter().filter(move |person| {
        let standing = crate::Standing::from(*person);
        standing.holds_at(now) && standing.grants_at(now).contains(permission)
    })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{CompanyId, Seat, money::Currency, time::Zone};

    const NOW: UtcTime = UtcTime::EPOCH;

    fn change_member(
        company: &Company,
        member: &Member,
        role: Option<MemberRole>,
        grants: Option<Grants>,
    ) -> Result<(Member, HeadCount, Fact), TeamError> {
        super::change_member(company, member, role, grants, Expiry::Kept, NOW)
    }

    fn assign(
        connection: &Connection,
        staff: &Staff,
        existing: Option<&Assignment>,
        grants: Option<Grants>,
        now: UtcTime,
    ) -> Result<(Assignment, Fact), TeamError> {
        super::assign(connection, staff, existing, grants, Expiry::Kept, now)
    }

    fn company(owner_count: u32) -> Company {
        Company {
            id: CompanyId::from_uuid(Uuid::from_u128(1)),
            name: "Loja Azul".parse().unwrap(),
            currency: "EUR".parse::<Currency>().unwrap(),
            time_zone: Zone::utc(),
            owner_count,
            created_at: UtcTime::EPOCH,
        }
    }

    fn owner() -> Member {
        let who = ("o".parse().unwrap(), "Olga".parse().unwrap(), "o@shop.example".parse().unwrap());
        register_company(company(0), who).1
    }

    #[test]
    fn whoever_holds_a_permission_now_is_told_and_nobody_else() {
        let reader = Member { grants: Grants::from_iter([Permission::BankView]), ..owner() };
        let gone = Member { status: Status::Ended, ..owner() };
        let guest = Member { expires_at: Some(NOW), ..owner() };
        let members = [owner(), reader, gone, guest];
        let told: Vec<&Member> = holders(&members, Permission::TeamManage, NOW).collect();
        assert_eq!(told, [&members[0]]);
        let admin = firm(1).1;
        let grants = StaffRole::Bookkeeper.preset();
        let staff = [Staff { role: StaffRole::Bookkeeper, grants, ..admin.clone() }, admin];
        let told: Vec<&Staff> = holders(&staff, Permission::StaffManage, NOW).collect();
        assert_eq!(told, [&staff[1]]);
    }

    fn firm(admin_count: u32) -> (Firm, Staff) {
        let firm = Firm {
            id: crate::FirmId::from_uuid(Uuid::from_u128(2)),
            name: "Contas".parse().unwrap(),
            email: None,
            admin_count: 0,
            created_at: UtcTime::EPOCH,
        };
        let who = ("a".parse().unwrap(), "Ana".parse().unwrap(), "a@firm.example".parse().unwrap());
        let (firm, staff, _) = register_firm(firm, who);
        (Firm { admin_count, ..firm }, staff)
    }

    fn connection(grants: Grants) -> Connection {
        Connection {
            company: company(1).id,
            company_name: "Loja Azul".parse().unwrap(),
            firm: firm(1).0.id,
            firm_name: "Contas".parse().unwrap(),
            grants,
            lent: Lent::default(),
            status: Status::Active,
            expires_at: None,
            since: UtcTime::EPOCH,
            version: 1,
        }
    }

    #[test]
    fn the_last_owner_stays_owner() {
        assert_eq!(remove_member(&company(1), &owner()).unwrap_err(), TeamError::LastOwner);
        let demoted = change_member(&company(1), &owner(), Some(MemberRole::Admin), None);
        assert_eq!(demoted.unwrap_err(), TeamError::LastOwner);
        assert!(remove_member(&company(2), &owner()).is_ok());
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
    fn the_last_admin_stays_admin() {
        let (firm, staff) = firm(1);
        assert_eq!(remove_staff(&firm, &staff).unwrap_err(), TeamError::LastAdmin);
        assert_eq!(
            change_staff(&firm, &staff, Some(StaffRole::Bookkeeper), Expiry::Kept, NOW).unwrap_err(),
            TeamError::LastAdmin
        );
    }

    #[test]
    fn an_assignment_never_exceeds_the_connection() {
        let connection = connection([Permission::InvoicesView].into_iter().collect());
        let bookkeeper = Staff { role: StaffRole::Bookkeeper, ..firm(1).1 };
        let wanted: Grants = [Permission::InvoicesView, Permission::PayrollView].into_iter().collect();
        let refused = assign(&connection, &bookkeeper, None, Some(wanted), UtcTime::EPOCH);
        assert_eq!(refused.unwrap_err(), TeamError::BeyondConnection(Permission::PayrollView));
        let (given, _) = assign(&connection, &bookkeeper, None, None, UtcTime::EPOCH).unwrap();
        assert_eq!(given.grants, connection.grants);
    }

    #[test]
    fn nothing_is_assigned_through_an_ended_connection_or_to_removed_staff() {
        let live = connection(Grants::whole_company());
        let bookkeeper = Staff { role: StaffRole::Bookkeeper, ..firm(1).1 };
        let (ended, _) = end_connection(&live, &Org::Company(live.company.clone())).unwrap();
        assert_eq!(assign(&ended, &bookkeeper, None, None, UtcTime::EPOCH).unwrap_err(), TeamError::NotActive);
        let gone = Staff { status: Status::Ended, ..bookkeeper.clone() };
        assert_eq!(assign(&live, &gone, None, None, UtcTime::EPOCH).unwrap_err(), TeamError::NotActive);
        let lapsed = Connection { expires_at: Some(UtcTime::EPOCH), ..live.clone() };
        assert_eq!(assign(&lapsed, &bookkeeper, None, None, UtcTime::EPOCH).unwrap_err(), TeamError::NotActive);
        assert_eq!(end_connection(&ended, &Org::Company(live.company.clone())).unwrap_err(), TeamError::NotActive);
    }

    #[test]
    fn a_members_change_is_recorded_with_before_and_after() {
        let client = Member { role: MemberRole::Client, grants: MemberRole::Client.preset(), ..owner() };
        let (changed, count, fact) = change_member(&company(1), &client, Some(MemberRole::ReadOnly), None).unwrap();
        assert_eq!(count, HeadCount::Same);
        assert_eq!(changed.grants, MemberRole::ReadOnly.preset());
        assert_eq!(fact.data["before"]["role"], "client");
        assert_eq!(fact.data["after"]["role"], "read-only");
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
        let at = || Expiry::At(NOW.plus_s(60));
        let timed = |member: &Member, role| super::change_member(&company(2), member, role, None, at(), NOW);
        assert_eq!(timed(&owner(), None).unwrap_err(), TeamError::OwnerIsPermanent);
        let client = Member { role: MemberRole::Client, grants: MemberRole::Client.preset(), ..owner() };
        let (temporary, _, fact) = timed(&client, None).unwrap();
        assert_eq!(temporary.expires_at, Some(NOW.plus_s(60)));
        assert_eq!((&fact.data["before"]["expires_at"], &fact.data["after"]["role"]), (&json!(null), &json!("client")));
        // Made an owner, they would still end unless that is said to be over.
        let promoted = change_member(&company(2), &temporary, Some(MemberRole::Owner), None);
        assert_eq!(promoted.unwrap_err(), TeamError::OwnerIsPermanent);
        let owner = Some(MemberRole::Owner);
        let (promoted, count, _) =
            super::change_member(&company(2), &temporary, owner, None, Expiry::Lifted, NOW).unwrap();
        assert_eq!((promoted.expires_at, count), (None, HeadCount::OneMore));
        let late = super::change_member(&company(2), &temporary, None, None, Expiry::Lifted, NOW.plus_s(60));
        assert_eq!(late.unwrap_err(), TeamError::NotActive, "what has ended is not prolonged");

        let (firm, admin) = firm(2);
        assert_eq!(change_staff(&firm, &admin, None, at(), NOW).unwrap_err(), TeamError::AdminIsPermanent);
        let (staff, count, _) = change_staff(&firm, &admin, Some(StaffRole::Bookkeeper), at(), NOW).unwrap();
        assert_eq!((staff.expires_at, count), (Some(NOW.plus_s(60)), HeadCount::OneFewer));
        let promoted = change_staff(&firm, &staff, Some(StaffRole::Admin), Expiry::Kept, NOW);
        assert_eq!(promoted.unwrap_err(), TeamError::AdminIsPermanent);
    }

    #[test]
    fn a_connections_change_is_seen_by_the_firm_with_before_and_after() {
        let narrow = || Some([Permission::BankView].into_iter().collect::<Grants>());
        let (changed, fact) =
            change_connection(&connection(Grants::whole_company()), narrow(), Expiry::At(NOW.plus_s(9)), NOW).unwrap();
        assert_eq!((changed.expires_at, changed.version), (Some(NOW.plus_s(9)), 2));
        assert_eq!(fact.firm, Some(changed.firm.clone()));
        assert_eq!(fact.data["after"], json!({"grants": ["bank.view"], "lent": {}, "expires_at": NOW.plus_s(9)}));
        assert_eq!(fact.data["before"]["grants"], json!(Grants::whole_company()));
        let over = change_connection(&changed, narrow(), Expiry::Kept, NOW.plus_s(9));
        assert_eq!(over.unwrap_err(), TeamError::NotActive);
        for (grants, error) in [
            (None, TeamError::NothingToChange),
            (Some(Grants::default()), TeamError::NoPermissions),
            (Some([Permission::StaffView].into_iter().collect()), TeamError::NoPermissions),
        ] {
            assert_eq!(change_connection(&changed, grants, Expiry::Kept, NOW).unwrap_err(), error);
        }
        let past = change_connection(&changed, None, Expiry::At(NOW), NOW);
        assert_eq!(past.unwrap_err(), TeamError::Expiry(ExpiryError::Past));
    }

    #[test]
    fn giving_takes_what_is_new_or_lasts_longer_and_taking_away_takes_nothing() {
        let standing = |permissions: &[Permission], expires_at| Standing {
            active: true,
            grants: permissions.iter().copied().collect(),
            lent: Lent::default(),
            admin: false,
            expires_at,
        };
        let needed = |before: &Standing, after: &Standing| {
            let seat = Seat::Member { company: company(1).id };
            let access = Access::new("o".parse().unwrap(), seat, Permission::ConnectionsManage);
            let requirement = to_give(access, before, after).requirements().remove(0);
            (requirement.grants.len() - 1, requirement.lasting.is_some())
        };
        use Permission::{BankView, VatView};
        let both = standing(&[BankView, VatView], None);
        assert_eq!(needed(&both, &standing(&[BankView], None)), (0, false), "less");
        assert_eq!(needed(&both, &standing(&[BankView], Some(NOW))), (0, false), "less, for less long");
        assert_eq!(needed(&standing(&[BankView], None), &both), (1, true), "more");
        assert_eq!(needed(&standing(&[BankView, VatView], Some(NOW)), &both), (2, true), "the same for longer");
    }
}
