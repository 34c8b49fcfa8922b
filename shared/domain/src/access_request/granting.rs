//! Temporary grants on top of what a place, a connection or an assignment grants.

use crate::{
    access::GrantState,
    event::NewEvent,
    org::{Assignment, Connection, Member, Staff, Status},
    permission::{Grants, Permission},
    role::StaffRole,
    team::{assignment_beginning, assignment_changed, connection_changed, member_changed, stands},
    temporary_grants::TemporaryGrants,
    time::UtcTime,
};

/// Permissions, and until when they are granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemporaryGrant {
    /// The permissions.
    pub grants: Grants,
    /// When they were asked for. It counts for the stay in which it was asked: a place or connection that began later
    /// gets nothing from it.
    pub asked_at: UtcTime,
    /// The instant at which it stops.
    pub until: UtcTime,
}

impl TemporaryGrant {
    /// Whether all of these stood when it was asked for, and stand now.
    fn is_for(&self, stays: &[GrantState], now: UtcTime) -> Result<(), TemporaryGrantError> {
        let stood = |stay: &GrantState| stay.since <= self.asked_at && stay.holds_at(now);
        if stays.iter().all(stood) { Ok(()) } else { Err(TemporaryGrantError::NotActive) }
    }
}

/// Why a temporary grant was not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TemporaryGrantError {
    /// The place or connection has ended, or is another than the one from which it was asked.
    #[error("the place or connection of the person who asked has ended")]
    NotActive,
    /// The firm does not hold the permission in the company.
    #[error("permission {0} is not granted to the firm by this company")]
    BeyondConnection(Permission),
    /// The bookkeeper has become an admin since.
    #[error("a firm's admin reaches every connected company and needs no assignment")]
    AdminNeedsNone,
}

/// The most that a member may do: `None` for a member of the company's own, else what the connection of the firm that
/// invited them grants.
fn bound_of(
    member: &Member,
    connection: Option<&Connection>,
    now: UtcTime,
) -> Result<Option<Grants>, TemporaryGrantError> {
    let Some(firm) = &member.inviting_firm else { return Ok(None) };
    let connection = connection.filter(|connection| connection.firm == *firm).map(GrantState::from);
    let most = connection.filter(|most| most.holds_at(now)).ok_or(TemporaryGrantError::NotActive)?;
    Ok(Some(most.grants_at(now)))
}

/// The permissions of a member. `connection` is that of the firm that invited them, where one did.
///
/// # Errors
/// [`TemporaryGrantError::NotActive`].
pub fn held_as_member(
    member: &Member,
    connection: Option<&Connection>,
    now: UtcTime,
) -> Result<Grants, TemporaryGrantError> {
    let bound = bound_of(member, connection, now)?;
    let held = GrantState::from(member).grants_at(now);
    Ok(bound.map_or_else(|| held.clone(), |most| held.intersection(&most)))
}

/// Gives a member a temporary grant, on top of what their place grants. One whom a firm invited gets no more than
/// its `connection` grants: more would never count.
///
/// # Errors
/// [`TemporaryGrantError::NotActive`], [`TemporaryGrantError::BeyondConnection`].
pub fn grant_to_member(
    member: &Member,
    connection: Option<&Connection>,
    temporary_grant: &TemporaryGrant,
    now: UtcTime,
) -> Result<(Member, NewEvent), TemporaryGrantError> {
    let inviting = connection.filter(|_| member.inviting_firm.is_some());
    temporary_grant.is_for(&[member.into()], now)?;
    if let Some(inviting) = inviting {
        temporary_grant.is_for(&[inviting.into()], now)?;
    }
    let bound = bound_of(member, connection, now)?;
    if let Some(beyond) = bound.and_then(|most| temporary_grant.grants.first_beyond(&most)) {
        return Err(TemporaryGrantError::BeyondConnection(beyond));
    }
    let lent = member.lent.and(&temporary_grant.grants, temporary_grant.until, now);
    let changed = Member { lent, version: member.version + 1, ..member.clone() };
    let event = member_changed(member, &changed);
    Ok((changed, event))
}

/// Gives a firm a temporary grant, on top of what its connection grants: its admins hold it at once, and so does
/// each bookkeeper whose assignment grants it too.
///
/// # Errors
/// [`TemporaryGrantError::NotActive`].
pub fn grant_to_connection(
    connection: &Connection,
    temporary_grant: &TemporaryGrant,
    now: UtcTime,
) -> Result<(Connection, NewEvent), TemporaryGrantError> {
    temporary_grant.is_for(&[connection.into()], now)?;
    let lent = connection.lent.and(&temporary_grant.grants, temporary_grant.until, now);
    let changed = Connection { lent, version: connection.version + 1, ..connection.clone() };
    let event = connection_changed(connection, &changed);
    Ok((changed, event))
}

/// The permissions of a bookkeeper in a client of their firm.
///
/// # Errors
/// [`TemporaryGrantError`] when they can get no temporary grant there.
pub fn held_in_client(
    connection: &Connection,
    staff: &Staff,
    assignment: Option<&Assignment>,
    now: UtcTime,
) -> Result<Grants, TemporaryGrantError> {
    let (most, place) = (GrantState::from(connection), GrantState::from(staff));
    if !most.holds_at(now) || !place.holds_at(now) {
        return Err(TemporaryGrantError::NotActive);
    }
    if staff.role == StaffRole::Admin {
        return Err(TemporaryGrantError::AdminNeedsNone);
    }
    let standing = assignment.filter(|assignment| stands(assignment, connection, staff, now)).map(GrantState::from);
    Ok(standing.map_or_else(Grants::default, |own| own.grants_at(now).intersection(&most.grants_at(now))))
}

/// Gives a bookkeeper a temporary grant in a client: on top of their assignment, or as an assignment that ends.
///
/// # Errors
/// [`TemporaryGrantError`].
pub fn grant_in_client(
    connection: &Connection,
    staff: &Staff,
    existing: Option<&Assignment>,
    temporary_grant: &TemporaryGrant,
    now: UtcTime,
) -> Result<(Assignment, NewEvent), TemporaryGrantError> {
    held_in_client(connection, staff, existing, now)?;
    temporary_grant.is_for(&[connection.into(), staff.into()], now)?;
    if let Some(beyond) = temporary_grant.grants.first_beyond(&GrantState::from(connection).grants_at(now)) {
        return Err(TemporaryGrantError::BeyondConnection(beyond));
    }
    let version = existing.map_or(1, |assignment| assignment.version + 1);
    let holding = existing.filter(|assignment| stands(assignment, connection, staff, now));
    let assignment = match holding {
        Some(assignment) => {
            let lent = assignment.lent.and(&temporary_grant.grants, temporary_grant.until, now);
            Assignment { lent, version, ..assignment.clone() }
        }
        None => Assignment {
            company: connection.company.clone(),
            company_name: connection.company_name.clone(),
            firm: connection.firm.clone(),
            user: staff.user.clone(),
            user_name: Some(staff.name.clone()),
            grants: temporary_grant.grants.clone(),
            lent: TemporaryGrants::default(),
            status: Status::Active,
            expires_at: Some(temporary_grant.until),
            since: assignment_beginning(connection, staff, now),
            version,
        },
    };
    let event = assignment_changed(holding, &assignment);
    Ok((assignment, event))
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::{
        MemberRole,
        money::Currency,
        org::Company,
        samples::{company, firm},
        team::register_company,
        time::Zone,
    };

    const NOW: UtcTime = UtcTime::EPOCH;

    fn grants(permissions: &[Permission]) -> Grants {
        permissions.iter().copied().collect()
    }

    fn member() -> Member {
        let company = Company {
            id: company(1),
            name: "Loja Azul".parse().unwrap(),
            currency: "EUR".parse::<Currency>().unwrap(),
            time_zone: Zone::utc(),
            owner_count: 0,
            created_at: NOW,
        };
        let who = ("mara".parse().unwrap(), "Mara".parse().unwrap(), "mara@shop.example".parse().unwrap());
        let owner = register_company(company, who, None).1;
        Member { role: MemberRole::Client, grants: grants(&[Permission::BankView]), ..owner }
    }

    fn connection(permissions: &[Permission]) -> Connection {
        Connection {
            company: company(1),
            company_name: "Loja Azul".parse().unwrap(),
            firm: firm(2),
            firm_name: "Contas".parse().unwrap(),
            grants: grants(permissions),
            lent: TemporaryGrants::default(),
            status: Status::Active,
            expires_at: None,
            since: NOW,
            version: 1,
        }
    }

    fn bookkeeper() -> Staff {
        Staff {
            firm: firm(2),
            firm_name: "Contas".parse().unwrap(),
            user: "berta".parse().unwrap(),
            name: "Berta".parse().unwrap(),
            email: "berta@firm.example".parse().unwrap(),
            role: StaffRole::Bookkeeper,
            grants: StaffRole::Bookkeeper.preset(),
            status: Status::Active,
            expires_at: None,
            since: NOW,
            version: 1,
        }
    }

    #[test]
    fn a_loan_leaves_what_a_place_grants_as_it_is() {
        let temporary_grant =
            TemporaryGrant { grants: grants(&[Permission::VatView]), asked_at: NOW, until: NOW.plus_s(60) };
        let before = member();
        let (after, event) = grant_to_member(&before, None, &temporary_grant, NOW).unwrap();
        assert_eq!((&after.grants, after.expires_at, after.version), (&before.grants, None, 2));
        let grant_state = GrantState::from(&after);
        assert!(grant_state.grants_at(NOW).contains(Permission::VatView));
        assert_eq!(grant_state.grants_at(temporary_grant.until), before.grants);
        assert_eq!(event.payload.data()["after"]["lent"], serde_json::json!({"vat.view": temporary_grant.until}));
        let gone = Member { status: Status::Ended, ..before };
        assert_eq!(grant_to_member(&gone, None, &temporary_grant, NOW).unwrap_err(), TemporaryGrantError::NotActive);
        let (wider, event) = grant_to_connection(&connection(&[Permission::BankView]), &temporary_grant, NOW).unwrap();
        assert_eq!((wider.grants, event.firm), (grants(&[Permission::BankView]), Some(firm(2))));
    }

    /// Proves: S2
    #[test]
    fn a_member_whom_a_firm_invited_is_lent_no_more_than_its_connection_grants() {
        use Permission::{BankView, VatView};
        let temporary_grant = TemporaryGrant { grants: grants(&[VatView]), asked_at: NOW, until: NOW.plus_s(60) };
        let invited = Member { inviting_firm: Some(firm(2)), ..member() };
        let lend = |connection: Option<&Connection>| {
            grant_to_member(&invited, connection, &temporary_grant, NOW).map(|(changed, _)| changed)
        };
        let (narrow, wide) = (connection(&[BankView]), connection(&[BankView, VatView]));
        assert_eq!(lend(Some(&narrow)).unwrap_err(), TemporaryGrantError::BeyondConnection(VatView));
        assert_eq!(lend(Some(&wide)).unwrap().lent.until(VatView), Some(temporary_grant.until));
        let ended = Connection { status: Status::Ended, ..wide.clone() };
        let another = Connection { firm: firm(3), ..wide.clone() };
        for none in [None, Some(&ended), Some(&another)] {
            assert_eq!(lend(none).unwrap_err(), TemporaryGrantError::NotActive);
            assert_eq!(held_as_member(&invited, none, NOW).unwrap_err(), TemporaryGrantError::NotActive);
        }
        // What the place grants counts as held only where the connection grants it too.
        let holds_both = Member { grants: grants(&[BankView, VatView]), ..invited };
        assert_eq!(held_as_member(&holds_both, Some(&narrow), NOW).unwrap(), grants(&[BankView]));
        let own = Member { inviting_firm: None, ..holds_both };
        assert_eq!(held_as_member(&own, None, NOW).unwrap(), grants(&[BankView, VatView]));
    }

    /// Proves: 4
    #[test]
    fn what_was_asked_for_in_one_stay_is_not_lent_in_the_next() {
        let asked = TemporaryGrant { grants: grants(&[Permission::VatView]), asked_at: NOW, until: NOW.plus_s(60) };
        let (later, wide) = (NOW.plus_s(1), connection(&[Permission::VatView]));
        let again = Member { since: later, ..member() };
        assert_eq!(grant_to_member(&again, None, &asked, later).unwrap_err(), TemporaryGrantError::NotActive);
        let reconnected = Connection { since: later, ..wide.clone() };
        let invited = Member { inviting_firm: Some(firm(2)), ..member() };
        let refused = grant_to_member(&invited, Some(&reconnected), &asked, later).unwrap_err();
        assert_eq!(refused, TemporaryGrantError::NotActive);
        assert_eq!(grant_to_connection(&reconnected, &asked, later).unwrap_err(), TemporaryGrantError::NotActive);
        let back = Staff { since: later, ..bookkeeper() };
        for (connection, staff) in [(&reconnected, &bookkeeper()), (&wide, &back)] {
            let refused = grant_in_client(connection, staff, None, &asked, later).unwrap_err();
            assert_eq!(refused, TemporaryGrantError::NotActive);
        }
        assert!(grant_in_client(&wide, &bookkeeper(), None, &asked, later).is_ok());
    }

    #[test]
    fn a_bookkeeper_is_lent_no_more_than_the_firm_holds() {
        let temporary_grant =
            TemporaryGrant { grants: grants(&[Permission::VatView]), asked_at: NOW, until: NOW.plus_s(60) };
        let lend = |connection: &Connection, staff: &Staff, existing: Option<&Assignment>| {
            grant_in_client(connection, staff, existing, &temporary_grant, NOW)
        };
        let narrow = connection(&[Permission::BankView]);
        let refused = lend(&narrow, &bookkeeper(), None).unwrap_err();
        assert_eq!(refused, TemporaryGrantError::BeyondConnection(Permission::VatView));
        let wide = connection(&[Permission::BankView, Permission::VatView]);
        let (fresh, _) = lend(&wide, &bookkeeper(), None).unwrap();
        assert_eq!((&fresh.grants, fresh.expires_at), (&temporary_grant.grants, Some(temporary_grant.until)));
        let own = Assignment { grants: grants(&[Permission::BankView]), expires_at: None, ..fresh };
        let (wider, _) = lend(&wide, &bookkeeper(), Some(&own)).unwrap();
        assert_eq!((&wider.grants, wider.expires_at, wider.version), (&own.grants, None, 2));
        assert_eq!(wider.lent.until(Permission::VatView), Some(temporary_grant.until));
        let admin = Staff { role: StaffRole::Admin, ..bookkeeper() };
        assert_eq!(lend(&wide, &admin, None).unwrap_err(), TemporaryGrantError::AdminNeedsNone);
        let ended = Connection { status: Status::Ended, ..wide };
        assert_eq!(lend(&ended, &bookkeeper(), None).unwrap_err(), TemporaryGrantError::NotActive);
    }
}
