use uuid::Uuid;

use super::*;
use crate::samples::{company, firm};

const NOW: UtcTime = UtcTime::EPOCH;

fn grants(permissions: &[Permission]) -> Grants {
    permissions.iter().copied().collect()
}

fn command(permissions: &[Permission], for_hours: u32) -> AccessRequestDraft {
    let acting_as = ActingAs::Member { company: company(1) };
    AccessRequestDraft {
        id: AccessRequestId::from_uuid(Uuid::from_u128(3)),
        target: target(&acting_as, None).unwrap(),
        acting_as,
        asked_by: "mara".parse().unwrap(),
        asked_by_name: "Mara".parse().unwrap(),
        permissions: grants(permissions),
        reason: None,
        for_hours,
    }
}

fn request() -> AccessRequest {
    let held = grants(&[Permission::BankView]);
    create(command(&[Permission::VatView, Permission::BankView], 8), &held, NOW).unwrap().0
}

fn olga() -> (UserId, Name) {
    ("olga".parse().unwrap(), "Olga".parse().unwrap())
}

fn granted(
    request: &AccessRequest,
    permissions: Option<Grants>,
    for_hours: Option<u32>,
    now: UtcTime,
) -> Result<(AccessRequest, TemporaryGrant, NewEvent), AccessRequestDecisionError> {
    let (user, name) = olga();
    request.grant(Decider { user: &user, name: &name }, permissions, for_hours, now)
}

#[test]
fn a_decider_lists_the_kinds_that_they_may_decide() {
    use Permission::{ConnectionsManage, StaffManage, TeamManage};
    let company: CompanyId = "co_00000000000000000000000000000001".parse().unwrap();
    let firm: FirmId = "fm_00000000000000000000000000000002".parse().unwrap();
    let inside = ActingAs::Member { company };
    let looked =
        |acting_as: &ActingAs, held: &[Permission]| to_manage(acting_as, |permission| held.contains(&permission));
    let (members, firms) = (AccessRequestKind::Member, AccessRequestKind::Connection);
    assert_eq!(looked(&inside, &[TeamManage, ConnectionsManage]), (TeamManage, vec![members, firms]));
    assert_eq!(looked(&inside, &[TeamManage]), (TeamManage, vec![members]));
    assert_eq!(looked(&inside, &[ConnectionsManage]), (ConnectionsManage, vec![firms]));
    assert_eq!(looked(&inside, &[]), (TeamManage, vec![]));
    let at_firm = ActingAs::Staff { firm };
    assert_eq!(looked(&at_firm, &[StaffManage]), (StaffManage, vec![AccessRequestKind::Assignment]));
    assert_eq!(looked(&at_firm, &[TeamManage]), (StaffManage, vec![]));
}

#[test]
fn what_is_asked_for_is_something_new_for_a_bounded_time() {
    let held = grants(&[Permission::BankView]);
    let asked = |permissions: &[Permission], hours| create(command(permissions, hours), &held, NOW).map(|_| ());
    assert_eq!(asked(&[], 1), Err(AccessRequestError::NoPermissions));
    assert_eq!(asked(&[Permission::StaffView], 1), Err(AccessRequestError::NotForCompanies(Permission::StaffView)));
    assert_eq!(asked(&[Permission::VatView], 0), Err(AccessRequestError::Hours));
    assert_eq!(asked(&[Permission::VatView], MAX_HOURS + 1), Err(AccessRequestError::Hours));
    assert_eq!(asked(&[Permission::BankView], 1), Err(AccessRequestError::HeldAlready));
    assert_eq!(asked(&[Permission::VatView], MAX_HOURS), Ok(()));
}

#[test]
fn a_seat_says_who_is_asked() {
    let (company, firm) = (company(1), firm(2));
    let admin = ActingAs::FirmAdmin { firm: firm.clone(), company: company.clone() };
    let staff = ActingAs::Staff { firm: firm.clone() };
    assert_eq!(target(&admin, None).unwrap().0, AccessRequestKind::Connection);
    assert_eq!(target(&staff, Some(company.clone())).unwrap(), (AccessRequestKind::Assignment, company.clone()));
    assert_eq!(target(&staff, None), Err(AccessRequestError::CompanyMissing));
    assert_eq!(target(&admin, Some(company.clone())), Err(AccessRequestError::CompanyUnfit));
    assert_eq!(
        target(&ActingAs::Contact { company: company.clone(), customer: "C-1".parse().unwrap() }, None),
        Err(AccessRequestError::NotForContacts)
    );
    assert_eq!(target(&ActingAs::Bookkeeper { firm, company }, None), Err(AccessRequestError::AskAtFirm));
}

#[test]
fn no_more_and_for_no_longer_is_granted_than_was_asked_for() {
    let request = request();
    let beyond = granted(&request, Some(grants(&[Permission::VatManage])), None, NOW);
    assert_eq!(beyond.unwrap_err(), AccessRequestDecisionError::NotAskedFor(Permission::VatManage));
    assert_eq!(
        granted(&request, Some(Grants::default()), None, NOW).unwrap_err(),
        AccessRequestDecisionError::NoPermissions
    );
    for hours in [0, 9] {
        assert_eq!(granted(&request, None, Some(hours), NOW).unwrap_err(), AccessRequestDecisionError::Hours);
    }
    let (given, temporary_grant, event) =
        granted(&request, Some(grants(&[Permission::VatView])), Some(2), NOW).unwrap();
    assert_eq!(
        temporary_grant,
        TemporaryGrant { grants: grants(&[Permission::VatView]), asked_at: NOW, until: NOW.plus_s(2 * HOUR_S) }
    );
    assert_eq!((given.state(NOW), given.granted_until), (AccessRequestState::Granted, Some(temporary_grant.until)));
    assert_eq!(
        (&event.payload.data()["granted"], &given.asked_by),
        (&serde_json::json!(["vat.view"]), &"mara".parse().unwrap())
    );
}

#[test]
fn a_request_is_answered_once_and_in_time() {
    let (user, name) = olga();
    let olga = Decider { user: &user, name: &name };
    let (refused, _) = request().refuse(olga, None, NOW).unwrap();
    let closed = Err(AccessRequestDecisionError::NotOpen(AccessRequestState::Refused));
    assert_eq!(granted(&refused, None, None, NOW).map(|_| ()), closed);
    assert_eq!(refused.withdraw(NOW).map(|_| ()), closed);
    let (withdrawn, _) = request().withdraw(NOW).unwrap();
    let refusal = withdrawn.refuse(olga, None, NOW).map(|_| ());
    assert_eq!(refusal, Err(AccessRequestDecisionError::NotOpen(AccessRequestState::Withdrawn)));
    let waited = request();
    let late = granted(&waited, None, None, waited.open_until).map(|_| ());
    assert_eq!(late, Err(AccessRequestDecisionError::NotOpen(AccessRequestState::Expired)));
    assert!(granted(&waited, None, None, waited.open_until.plus_s(-1)).is_ok());
}
