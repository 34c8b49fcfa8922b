use proptest::prelude::*;

use super::*;
use crate::text::Reference;

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

fn other_firm() -> FirmId {
    FirmId::from_uuid(uuid::Uuid::from_u128(3))
}

fn acting_as() -> impl Strategy<Value = ActingAs> {
    prop_oneof![
        Just(ActingAs::Member { company: company() }),
        Just(ActingAs::BoundedMember { firm: firm(), company: company() }),
        Just(ActingAs::FirmAdmin { firm: firm(), company: company() }),
        Just(ActingAs::Bookkeeper { firm: firm(), company: company() }),
        Just(ActingAs::Staff { firm: firm() }),
        Just(ActingAs::Contact { company: company(), customer: "C-1".parse().unwrap() }),
    ]
}

/// An active relationship that grants nothing.
fn some() -> GrantState {
    GrantState {
        active: true,
        grants: Grants::default(),
        lent: TemporaryGrants::default(),
        admin: false,
        inviting_firm: None,
        since: now(),
        expires_at: None,
    }
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
    let since = (-2_i64..=2).prop_map(|ms| UtcTime::from_unix_ms(NOW + ms));
    let inviting_firm = prop::option::of(prop_oneof![4 => Just(firm()), 1 => Just(other_firm())]);
    let present = (prop::bool::weighted(0.9), grants, lent, any::<bool>(), expiry, since, inviting_firm).prop_map(
        |(active, grants, lent, admin, expires_at, since, inviting_firm)| GrantState {
            active,
            grants,
            lent,
            admin,
            inviting_firm,
            since,
            expires_at,
        },
    );
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
    let inviting_firm = |i: usize, firm: Option<FirmId>| s[i].as_ref().is_some_and(|x| x.inviting_firm == firm);
    match acting_as {
        ActingAs::Member { .. } | ActingAs::Staff { .. } => holds(0) && inviting_firm(0, None),
        ActingAs::BoundedMember { .. } => {
            holds(0) && inviting_firm(0, None) && holds(1) && inviting_firm(1, Some(firm()))
        }
        ActingAs::FirmAdmin { .. } => {
            holds(0) && inviting_firm(0, None) && inviting_firm(1, None) && s[1].as_ref().is_some_and(|x| x.admin)
        }
        ActingAs::Bookkeeper { .. } => holds(0) && holds(2) && (0..3).all(|i| inviting_firm(i, None)),
        ActingAs::Contact { .. } => holds(0) && holds(2) && (0..3).all(|i| inviting_firm(i, None)),
    }
}

/// The latest beginning of some relationships.
fn began(grant_states: &[Option<GrantState>]) -> i64 {
    grant_states.iter().flatten().map(|s| s.since.unix_ms()).max().unwrap_or(NOW)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Proves: 4
    #[test]
    fn an_access_holds_exactly_when_every_relationship_is_active_and_covers_it(
        acting_as in acting_as(), found in prop::collection::vec(grant_state(), 3), permission in permission(),
        since in -3_i64..=3
    ) {
        let access = AccessRequirement::new(user(), acting_as.clone(), permission);
        let requirements = access.held_since(UtcTime::from_unix_ms(NOW + since)).requirements();
        let grant_states = &found[..requirements.len()];
        let holds = requirements.iter().zip(grant_states)
            .all(|(requirement, grant_state)| requirement.check(grant_state.as_ref(), now()).is_ok());
        let begun = began(grant_states) <= NOW + since;
        prop_assert_eq!(holds, begun && may(&acting_as, grant_states, permission));
    }

    /// A relationship that began after the seat was found to hold belongs to another stay, and so does everything
    /// that depends on it.
    /// Proves: S17
    #[test]
    fn a_seat_is_held_in_the_stay_in_which_it_was_entered_and_in_no_other(
        acting_as in acting_as(), found in prop::collection::vec(grant_state(), 3), nth in 0_usize..3
    ) {
        let count = AccessRequirement::to_enter(user(), acting_as.clone()).requirements().len();
        let mut grant_states = found[..count].to_vec();
        if effective_grants(&user(), &acting_as, &grant_states, now()).is_err() {
            return Ok(());
        }
        let since = UtcTime::from_unix_ms(began(&grant_states));
        let access = AccessRequirement::to_enter(user(), acting_as.clone()).held_since(since);
        let holds = |grant_states: &[Option<GrantState>]| access.requirements().iter().zip(grant_states)
            .all(|(requirement, grant_state)| requirement.check(grant_state.as_ref(), now()).is_ok());
        prop_assert!(holds(&grant_states));
        if let Some(renewed) = &mut grant_states[nth % count] {
            renewed.since = UtcTime::from_unix_ms(since.unix_ms() + 1);
        }
        prop_assert!(!holds(&grant_states));
        // Nor is it entered anew with what was given under the earlier stay.
        let left_over = acting_as.is_given_under_others() && nth % count != count - 1;
        let entered = effective_grants(&user(), &acting_as, &grant_states, now());
        prop_assert_eq!(entered.is_err(), left_over);
    }

    #[test]
    fn a_seat_that_is_given_under_others_holds_for_a_known_stay_only(
        acting_as in acting_as(), found in prop::collection::vec(grant_state(), 3)
    ) {
        let requirements = AccessRequirement::to_enter(user(), acting_as.clone()).requirements();
        let mut checks = requirements.iter().zip(&found)
            .map(|(requirement, grant_state)| requirement.check(grant_state.as_ref(), now()));
        prop_assert!(!acting_as.is_given_under_others() || checks.any(|checked| checked.is_err()));
    }

    #[test]
    fn the_effective_grants_are_exactly_what_single_checks_allow(
        acting_as in acting_as(), found in prop::collection::vec(grant_state(), 3), permission in permission()
    ) {
        let count = AccessRequirement::to_enter(user(), acting_as.clone()).requirements().len();
        let grant_states = &found[..count];
        let effective = effective_grants(&user(), &acting_as, grant_states, now());
        let says = effective.is_ok_and(|grants| grants.contains(permission));
        let last = grant_states[count - 1].as_ref().map_or(NOW, |s| s.since.unix_ms());
        let in_stay = !acting_as.is_given_under_others() || began(grant_states) <= last;
        prop_assert_eq!(says, in_stay && may(&acting_as, grant_states, permission));
    }
}

/// What takes a company for the place acted in asks for `company()`; what asks who is behind somebody asks for a firm.
/// Proves: N1
#[test]
fn a_contacts_seat_is_among_no_companys_and_no_firms_people() {
    let customer: Reference = "C-1".parse().unwrap();
    let seat = ActingAs::Contact { company: company(), customer: customer.clone() };
    assert_eq!((seat.company(), seat.firm(), seat.bounded_by()), (None, None, None));
    assert_eq!((seat.customer(), seat.via()), (Some((&company(), &customer)), "contact"));
    assert_eq!(seat.org(), Org::Company(company()), "its events are the company's");
    let [settings, at, place] = &AccessRequirement::to_enter(user(), seat.clone()).requirements()[..] else { panic!() };
    assert_eq!(settings.relation, Relation::PortalSettings { company: company() });
    assert_eq!(at.relation, Relation::Customer { company: company(), customer: customer.clone() });
    assert_eq!(place.relation, Relation::Contact { company: company(), customer, user: user() });
    let other = ActingAs::Contact { company: company(), customer: "C-2".parse().unwrap() };
    let elsewhere = AccessRequirement::to_enter(user(), other).requirements();
    assert_ne!(elsewhere[2].relation, place.relation, "a seat at one customer is none at another");
}

/// Proves: N1
#[test]
fn a_right_that_the_settings_take_back_is_taken_from_every_contact_and_one_of_the_seat_from_this_one() {
    use Permission::{InvoicesView, PaymentsPay};
    let seat = ActingAs::Contact { company: company(), customer: "C-1".parse().unwrap() };
    let both: Grants = [InvoicesView, PaymentsPay].into_iter().collect();
    let view: Grants = [InvoicesView].into_iter().collect();
    let held = |settings: &Grants, own: &Grants| {
        let state = |grants: &Grants| Some(GrantState { grants: grants.clone(), ..some() });
        effective_grants(&user(), &seat, &[state(settings), Some(some()), state(own)], now())
    };
    assert_eq!(held(&both, &both), Ok(both.clone()));
    assert_eq!((held(&view, &both), held(&both, &view)), (Ok(view.clone()), Ok(view)));
    let ended = Some(GrantState { active: false, grants: both.clone(), ..some() });
    let active = || Some(GrantState { grants: both.clone(), ..some() });
    for nth in 0..3 {
        for gone in [None, ended.clone()] {
            let mut states = [active(), active(), active()];
            states[nth] = gone;
            assert_eq!(effective_grants(&user(), &seat, &states, now()), Err(Denied::NoRelation), "{states:?}");
        }
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
    let grant_state = GrantState { grants: own, ..some() };
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
        let grant_state = GrantState { grants, ..some() };
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
        lent: Permission::ALL.iter().copied().zip(lent.iter().map(|ms| at(*ms))).collect(),
        expires_at,
        ..some()
    };
    assert_eq!(grant_state(None, &[]).next_end(now()), None);
    assert_eq!(grant_state(Some(at(9)), &[0, -3]).next_end(now()), Some(at(9)));
    assert_eq!(grant_state(Some(at(9)), &[0, 7, 8]).next_end(now()), Some(at(7)));
    assert_eq!(grant_state(Some(at(2)), &[7]).next_end(now()), Some(at(2)));
}

/// Proves: 4
#[test]
fn a_temporary_grant_stops_at_its_instant() {
    let mut grant_state = GrantState { grants: Grants::whole_company(), expires_at: Some(now()), ..some() };
    assert!(!grant_state.holds_at(now()));
    grant_state.expires_at = Some(UtcTime::from_unix_ms(NOW + 1));
    assert!(grant_state.holds_at(now()));
}
