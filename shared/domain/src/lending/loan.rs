//! What is lent on top of what a place, a connection or an assignment grants.

use crate::{
    access::Standing,
    event::Fact,
    lent::Lent,
    org::{Assignment, Connection, Member, Staff, Status},
    permission::{Grants, Permission},
    role::StaffRole,
    team::{assignment_changed, connection_changed, member_changed},
    time::UtcTime,
};

/// What is lent, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loan {
    /// What is lent.
    pub grants: Grants,
    /// The instant at which it stops.
    pub until: UtcTime,
}

/// Why a loan was not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LendError {
    /// What it would come on top of has ended.
    #[error("whoever asked is no longer there to be given it")]
    NotActive,
    /// The firm itself does not hold it in the company.
    #[error("permission {0} is not granted to the firm by this company")]
    BeyondConnection(Permission),
    /// They have become an admin since.
    #[error("a firm's admin reaches every connected company and needs no assignment")]
    AdminNeedsNone,
}

/// Lends to a member, on top of what their place grants.
///
/// # Errors
/// [`LendError::NotActive`].
pub fn lend_to_member(member: &Member, loan: &Loan, now: UtcTime) -> Result<(Member, Fact), LendError> {
    if !Standing::from(member).holds_at(now) {
        return Err(LendError::NotActive);
    }
    let lent = member.lent.and(&loan.grants, loan.until, now);
    let changed = Member { lent, version: member.version + 1, ..member.clone() };
    let fact = member_changed(member, &changed);
    Ok((changed, fact))
}

/// Lends to a firm, on top of what its connection grants: its admins have it at once, and a
/// bookkeeper whose assignment grants it too.
///
/// # Errors
/// [`LendError::NotActive`].
pub fn lend_to_connection(connection: &Connection, loan: &Loan, now: UtcTime) -> Result<(Connection, Fact), LendError> {
    if !Standing::from(connection).holds_at(now) {
        return Err(LendError::NotActive);
    }
    let lent = connection.lent.and(&loan.grants, loan.until, now);
    let changed = Connection { lent, version: connection.version + 1, ..connection.clone() };
    let fact = connection_changed(connection, &changed);
    Ok((changed, fact))
}

/// What a bookkeeper holds in a client of their firm.
///
/// # Errors
/// [`LendError`] when nothing could be lent to them there.
pub fn held_in_client(
    connection: &Connection,
    staff: &Staff,
    assignment: Option<&Assignment>,
    now: UtcTime,
) -> Result<Grants, LendError> {
    let (connection, place) = (Standing::from(connection), Standing::from(staff));
    if !connection.holds_at(now) || !place.holds_at(now) {
        return Err(LendError::NotActive);
    }
    if staff.role == StaffRole::Admin {
        return Err(LendError::AdminNeedsNone);
    }
    let assignment = assignment.map(Standing::from).filter(|standing| standing.holds_at(now));
    Ok(assignment.map_or_else(Grants::default, |own| own.grants_at(now).intersection(&connection.grants_at(now))))
}

/// Lends to a bookkeeper in a client: on top of their assignment, or as one that ends.
///
/// # Errors
/// [`LendError`].
pub fn lend_in_client(
    connection: &Connection,
    staff: &Staff,
    existing: Option<&Assignment>,
    loan: &Loan,
    now: UtcTime,
) -> Result<(Assignment, Fact), LendError> {
    held_in_client(connection, staff, existing, now)?;
    if let Some(beyond) = loan.grants.first_beyond(&Standing::from(connection).grants_at(now)) {
        return Err(LendError::BeyondConnection(beyond));
    }
    let version = existing.map_or(1, |assignment| assignment.version + 1);
    let holding = existing.filter(|assignment| Standing::from(*assignment).holds_at(now));
    let assignment = match holding {
        Some(assignment) => {
            let lent = assignment.lent.and(&loan.grants, loan.until, now);
            Assignment { lent, version, ..assignment.clone() }
        }
        None => Assignment {
            company: connection.company.clone(),
            company_name: connection.company_name.clone(),
            firm: connection.firm.clone(),
            user: staff.user.clone(),
            user_name: Some(staff.name.clone()),
            grants: loan.grants.clone(),
            lent: Lent::default(),
            status: Status::Active,
            expires_at: Some(loan.until),
            since: now,
            version,
        },
    };
    let fact = assignment_changed(holding, &assignment);
    Ok((assignment, fact))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

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
        let owner = register_company(company, who).1;
        Member { role: MemberRole::Client, grants: grants(&[Permission::BankView]), ..owner }
    }

    fn connection(permissions: &[Permission]) -> Connection {
        Connection {
            company: company(1),
            company_name: "Loja Azul".parse().unwrap(),
            firm: firm(2),
            firm_name: "Contas".parse().unwrap(),
            grants: grants(permissions),
            lent: Lent::default(),
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
        let loan = Loan { grants: grants(&[Permission::VatView]), until: NOW.plus_s(60) };
        let before = member();
        let (after, fact) = lend_to_member(&before, &loan, NOW).unwrap();
        assert_eq!((&after.grants, after.expires_at, after.version), (&before.grants, None, 2));
        let standing = Standing::from(&after);
        assert!(standing.grants_at(NOW).contains(Permission::VatView));
        assert_eq!(standing.grants_at(loan.until), before.grants);
        assert_eq!(fact.data["after"]["lent"], json!({"vat.view": loan.until}));
        let gone = Member { status: Status::Ended, ..before };
        assert_eq!(lend_to_member(&gone, &loan, NOW).unwrap_err(), LendError::NotActive);
        let (wider, fact) = lend_to_connection(&connection(&[Permission::BankView]), &loan, NOW).unwrap();
        assert_eq!((wider.grants, fact.firm), (grants(&[Permission::BankView]), Some(firm(2))));
    }

    #[test]
    fn a_bookkeeper_is_lent_no_more_than_the_firm_holds() {
        let loan = Loan { grants: grants(&[Permission::VatView]), until: NOW.plus_s(60) };
        let lend = |connection: &Connection, staff: &Staff, existing: Option<&Assignment>| {
            lend_in_client(connection, staff, existing, &loan, NOW)
        };
        let narrow = connection(&[Permission::BankView]);
        let refused = lend(&narrow, &bookkeeper(), None).unwrap_err();
        assert_eq!(refused, LendError::BeyondConnection(Permission::VatView));
        let wide = connection(&[Permission::BankView, Permission::VatView]);
        let (fresh, _) = lend(&wide, &bookkeeper(), None).unwrap();
        assert_eq!((&fresh.grants, fresh.expires_at), (&loan.grants, Some(loan.until)));
        let own = Assignment { grants: grants(&[Permission::BankView]), expires_at: None, ..fresh };
        let (wider, _) = lend(&wide, &bookkeeper(), Some(&own)).unwrap();
        assert_eq!((&wider.grants, wider.expires_at, wider.version), (&own.grants, None, 2));
        assert_eq!(wider.lent.until(Permission::VatView), Some(loan.until));
        let admin = Staff { role: StaffRole::Admin, ..bookkeeper() };
        assert_eq!(lend(&wide, &admin, None).unwrap_err(), LendError::AdminNeedsNone);
        let ended = Connection { status: Status::Ended, ..wide };
        assert_eq!(lend(&ended, &bookkeeper(), None).unwrap_err(), LendError::NotActive);
    }
}
