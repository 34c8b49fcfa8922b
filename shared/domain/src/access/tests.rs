use proptest::prelude::*;

use super::*;

const NOW: i64 = 1_800_000_000_000;

fn now() -> UtcTime {
    UtcTime::from_unix_ms(NOW)
}

fn user() -> UserId {
    "u-1".parse().unwrap()
}

fn company() -> CompanyId {
    CompanyId::from_uuid(uuid::Uuid::from_u128(1))
}

fn firm() -> FirmId {
    FirmId::from_uuid(uuid::Uuid::from_u128(2))
}

fn acting_as() -> impl Strategy<Value = ActingAs> {
    prop_oneof![
        Just(ActingAs::Member { company: company() }),
        Just(ActingAs::FirmAdmin { firm: firm(), company: company() }),
        Just(ActingAs::Bookkeeper { firm: firm(), company: company() }),
        Just(ActingAs::Staff { firm: firm() }),
    ]
}

fn permission() -> impl Strategy<Value = Permission> {
    prop::sample::select(Permission::ALL)
}

fn grant_state() -> impl Strategy<Value = Option<GrantState>> {
    let grants = prop::collection::vec(permission(), 0..40).prop_map(Grants::from_iter);
    let expiry = prop_oneof![
        4 => Just(None),
        1 => (-2_i64..=2).prop_map(|ms| Some(UtcTime::from_unix_ms(NOW + ms))),
    ];
    let ends = (-2_i64..=2).prop_map(|ms| UtcTime::from_unix_ms(NOW + ms));
    let lent = prop::collection::vec((permission(), ends), 0..20).prop_map(TemporaryGrants::from_iter);
    let present = (prop::bool::weighted(0.9), grants, lent, any::<bool>(), expiry)
        .prop_map(|(active, grants, lent, admin, expires_at)| GrantState { active, grants, lent, admin, expires_at });
    prop::option::weighted(0.9, present)
}

/// The rule as a person would say it, written again without the code under test.
fn may(acting_as: &ActingAs, grant_states: &[Option<GrantState>], permission: Permission) -> bool {
    let live =
        |s: &Option<GrantState>| s.clone().filter(|s| s.active && s.expires_at.is_none_or(|at| at.unix_ms() > NOW));
    let s: Vec<_> = grant_states.iter().map(live).collect();
    let holds = |i: usize| {
        s[i].as_ref().is_some_and(|x| {
            x.grants.contains(permission) || x.lent.until(permission).is_some_and(|end| end.unix_ms() > NOW)
        })
    };
    match acting_as {
        ActingAs::Member { .. } | ActingAs::Staff { .. } => holds(0),
        ActingAs::FirmAdmin { .. } => holds(0) && s[1].as_ref().is_some_and(|x| x.admin),
        ActingAs::Bookkeeper { .. } => holds(0) && s[1].is_some() && holds(2),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Proves: 4
    #[test]
    fn an_access_holds_exactly_when_every_relationship_is_active_and_covers_it(
        acting_as in acting_as(), found in prop::collection::vec(grant_state(), 3), permission in permission()
    ) {
        let access = AccessRequirement::new(user(), acting_as.clone(), permission);
        let requirements = access.requirements();
        let grant_states = &found[..requirements.len()];
        let holds = requirements.iter().zip(grant_states)
            .all(|(requirement, grant_state)| requirement.check(grant_state.as_ref(), now()).is_ok());
        prop_assert_eq!(holds, may(&acting_as, grant_states, permission));
    }

    #[test]
    fn the_effective_grants_are_exactly_what_single_checks_allow(
        acting_as in acting_as(), found in prop::collection::vec(grant_state(), 3), permission in permission()
    ) {
        let count = AccessRequirement::to_enter(user(), acting_as.clone()).requirements().len();
        let grant_states = &found[..count];
        let effective = effective_grants(&user(), &acting_as, grant_states, now());
        let says = effective.is_ok_and(|grants| grants.contains(permission));
        prop_assert_eq!(says, may(&acting_as, grant_states, permission));
    }
}

/// Proves: 5, 25
#[test]
fn what_is_lent_is_given_on_for_no_longer() {
    let at = |ms| UtcTime::from_unix_ms(NOW + ms);
    let given = |grant_state: &GrantState, until: Option<UtcTime>| {
        let access = AccessRequirement::new(user(), ActingAs::Member { company: company() }, Permission::TeamManage);
        let held = access.giving(&[Permission::VatView].into_iter().collect());
        held.validity(until).requirements()[0].check(Some(grant_state), now())
    };
    let own: Grants = [Permission::TeamManage, Permission::VatView].into_iter().collect();
    let grant_state =
        GrantState { active: true, grants: own, lent: TemporaryGrants::default(), admin: false, expires_at: None };
    assert_eq!((given(&grant_state, None), given(&grant_state, Some(at(9)))), (Ok(()), Ok(())));
    let temporary = GrantState { expires_at: Some(at(5)), ..grant_state.clone() };
    assert_eq!(given(&temporary, None), Err(Denied::EndsSooner));
    assert_eq!(given(&temporary, Some(at(6))), Err(Denied::EndsSooner));
    assert_eq!(given(&temporary, Some(at(5))), Ok(()));
    let lent = GrantState {
        grants: [Permission::TeamManage].into_iter().collect(),
        lent: [(Permission::VatView, at(5))].into_iter().collect(),
        ..grant_state
    };
    assert_eq!(given(&lent, None), Err(Denied::EndsSooner));
    assert_eq!(given(&lent, Some(at(5))), Ok(()));
    let over = GrantState { lent: [(Permission::VatView, now())].into_iter().collect(), ..lent };
    assert_eq!(given(&over, Some(at(5))), Err(Denied::BeyondOwn(Permission::VatView)));
}

#[test]
fn a_missing_permission_is_told_apart_from_one_that_would_be_given() {
    use Permission::{BankView, TeamManage, VatView};
    let access = AccessRequirement::new(user(), ActingAs::Member { company: company() }, TeamManage);
    let access = access.giving(&[VatView, TeamManage].into_iter().collect());
    let held = |grants: &[Permission]| {
        let grants = grants.iter().copied().collect();
        let grant_state =
            GrantState { active: true, grants, lent: TemporaryGrants::default(), admin: false, expires_at: None };
        access.requirements()[0].check(Some(&grant_state), now())
    };
    assert_eq!(held(&[TeamManage, VatView]), Ok(()));
    assert_eq!(held(&[TeamManage, BankView]), Err(Denied::BeyondOwn(VatView)));
    assert_eq!(held(&[VatView]), Err(Denied::Missing(TeamManage)), "what the request needs comes first");
    assert_eq!(held(&[]), Err(Denied::Missing(TeamManage)));
}

#[test]
fn the_next_end_is_the_earliest_that_lies_ahead() {
    let at = |ms| UtcTime::from_unix_ms(NOW + ms);
    let grant_state = |expires_at, lent: &[i64]| GrantState {
        active: true,
        grants: Grants::default(),
        lent: Permission::ALL.iter().copied().zip(lent.iter().map(|ms| at(*ms))).collect(),
        admin: false,
        expires_at,
    };
    assert_eq!(grant_state(None, &[]).next_end(now()), None);
    assert_eq!(grant_state(Some(at(9)), &[0, -3]).next_end(now()), Some(at(9)));
    assert_eq!(grant_state(Some(at(9)), &[0, 7, 8]).next_end(now()), Some(at(7)));
    assert_eq!(grant_state(Some(at(2)), &[7]).next_end(now()), Some(at(2)));
}

/// Proves: 4
#[test]
fn a_temporary_grant_stops_at_its_instant() {
    let mut grant_state = GrantState {
        active: true,
        grants: Grants::whole_company(),
        lent: TemporaryGrants::default(),
        admin: false,
        expires_at: Some(now()),
    };
    assert!(!grant_state.holds_at(now()));
    grant_state.expires_at = Some(UtcTime::from_unix_ms(NOW + 1));
    assert!(grant_state.holds_at(now()));
}
