use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::{
    access::{ActingAs, effective_grants},
    customer::{
        CustomerUpdate,
        examples::{contact_id, with_contact},
        settings::PortalRight,
    },
    invitation::{DEFAULT_EXPIRY_DAYS, Invite, invite},
    org::User,
    samples::{at, company, user},
    time::{UtcTime, Zone},
};

fn seller() -> Company {
    Company {
        id: company(1),
        name: "Loja Azul".parse().unwrap(),
        currency: "EUR".parse().unwrap(),
        time_zone: Zone::utc(),
        owner_count: 1,
        created_at: at(0),
    }
}

fn settings(rights: &[PortalRight]) -> PortalSettings {
    let grants = PortalRight::grants(&rights.iter().copied().collect());
    PortalSettings { grants, ..PortalSettings::default_of(&company(1), at(1)) }
}

fn nora() -> User {
    User {
        id: user("nora"),
        email: "older@nordwind.example".parse().unwrap(),
        name: "Nora Nord".parse().unwrap(),
        time_zone: Zone::utc(),
        language: None,
        created_at: at(0),
        version: 1,
    }
}

fn invitation(n: u128, offer: Offer, contact: &Contact) -> Invitation {
    let command = Invite {
        id: InvitationId::from_uuid(Uuid::from_u128(n)),
        offer,
        org_name: "Loja Azul".parse().unwrap(),
        email: contact.details.email.clone(),
        name: None,
        message: None,
        locale: None,
        expires_in_days: DEFAULT_EXPIRY_DAYS,
        invited_by: user("olga"),
        invited_by_name: "Olga".parse().unwrap(),
        acting_as: ActingAs::Member { company: company(1) },
        held_since: at(0),
    };
    invite(command, at(2)).unwrap().0
}

/// A contact who waits for their invitation.
fn invited() -> (Customer, Contact, PortalSettings, Invitation) {
    let ((customer, contact), settings) = (with_contact(), settings(&[PortalRight::Pay]));
    let offer = offer_to(&contact, &customer, &settings, None).unwrap();
    let invitation = invitation(9, offer, &contact);
    let contact = contact.invited(&invitation.id);
    (customer, contact, settings, invitation)
}

fn accept(
    (customer, contact, settings, invitation): (&Customer, &Contact, &PortalSettings, &Invitation),
    before: Option<&ContactSeat>,
    now: UtcTime,
) -> Result<(ContactSeat, Contact, NewEvent), JoinError> {
    let (company, person) = (seller(), nora());
    let admission = Admission { company: &company, customer, contact, settings, before, works_here: false };
    admission.give(&NewMembership { invitation, person: &person, at: now })
}

/// Proves: N2
#[test]
fn the_seat_goes_to_the_invited_contact_and_notes_who_it_is() {
    let (customer, contact, settings, invitation) = invited();
    let (seat, admitted, event) = accept((&customer, &contact, &settings, &invitation), None, at(3)).unwrap();
    assert_eq!((&seat.customer, &seat.contact, &seat.user), (&customer.reference, &contact.id, &user("nora")));
    assert_eq!((seat.customer_name.as_str(), seat.since, seat.version), ("Nordwind", at(3), 1));
    assert_eq!((admitted.user(), admitted.version), (Some(&user("nora")), contact.version + 1));
    assert_eq!((event.org, event.subject.id.as_str()), (Org::Company(company(1)), contact.id.as_str()));
    let early = accept((&customer, &contact, &settings, &invitation), None, at(0)).unwrap().0;
    assert_eq!(early.since, settings.since, "a seat begins under its settings, whatever a clock says");
}

/// A bookkeeper would otherwise accept, as the customer, the estimate that they wrote.
/// Proves: N5
#[test]
fn nobody_who_works_for_the_company_takes_a_seat_of_its_customers() {
    let (customer, contact, settings, invitation) = invited();
    let (company, person) = (seller(), nora());
    let give = |works_here| {
        let (customer, contact, settings) = (&customer, &contact, &settings);
        let admission = Admission { company: &company, customer, contact, settings, before: None, works_here };
        admission.give(&NewMembership { invitation: &invitation, person: &person, at: at(3) }).err()
    };
    assert_eq!((give(true), give(false)), (Some(JoinError::WorksHere), None));
}

/// Somebody who was let in, removed, and opens the old link again must stay outside.
/// Proves: N2
#[test]
fn an_invitation_that_is_not_the_contacts_present_one_gives_nothing() {
    let (customer, contact, settings, invitation) = invited();
    let refused = |customer: &Customer, contact: &Contact| {
        assert_eq!(
            accept((customer, contact, &settings, &invitation), None, at(3)).unwrap_err(),
            JoinError::EndedSince,
            "{:?}",
            contact.portal
        );
    };
    refused(&customer, &contact.without_access());
    refused(&customer, &contact.without_invitation(&invitation.id).unwrap());
    refused(&customer, &contact.invited(&InvitationId::from_uuid(Uuid::from_u128(10))));
    let (_, admitted, _) = accept((&customer, &contact, &settings, &invitation), None, at(3)).unwrap();
    refused(&customer, &admitted);
    let mut moved = contact.clone();
    moved.details.email = "other@nordwind.example".parse().unwrap();
    refused(&customer, &moved);
    let archive = CustomerUpdate { status: Some(CustomerStatus::Archived), ..CustomerUpdate::default() };
    refused(&customer.edit(archive).unwrap().0, &contact);
    assert_eq!(contact.without_invitation(&InvitationId::from_uuid(Uuid::from_u128(10))), None, "another one ended");
}

/// Proves: N2
#[test]
fn a_person_who_comes_back_begins_another_stay_and_an_active_seat_is_taken_once() {
    let (customer, contact, settings, invitation) = invited();
    let state = (&customer, &contact, &settings, &invitation);
    let (seat, ..) = accept(state, None, at(3)).unwrap();
    assert_eq!(accept(state, Some(&seat), at(4)).unwrap_err(), JoinError::AlreadyActive);
    let (ended, _) = seat.end(at(5)).unwrap();
    let (back, ..) = accept(state, Some(&ended), at(6)).unwrap();
    assert_eq!((back.since, back.version, back.expires_at), (at(6), ended.version + 1, None));
}

/// Proves: N2
#[test]
fn nobody_is_let_in_twice_nor_to_an_archived_customer_nor_with_nothing() {
    let (customer, contact) = with_contact();
    let settings = settings(&[]);
    let offer = |customer: &Customer, contact: &Contact, narrowed: Option<Grants>| {
        offer_to(contact, customer, &settings, narrowed).map(|offer| offer.grants())
    };
    assert_eq!(offer(&customer, &contact, None), Ok(settings.grants.clone()));
    assert_eq!(offer(&customer, &contact, Some(Grants::default())), Err(AdmissionError::NoPermissions));
    let invited = contact.invited(&InvitationId::from_uuid(Uuid::from_u128(9)));
    assert_eq!(offer(&customer, &invited, None), Err(AdmissionError::SwitchedOn("invited")));
    assert!(offer(&customer, &contact.without_access(), None).is_ok(), "they may come back");
    let archive = CustomerUpdate { status: Some(CustomerStatus::Archived), ..CustomerUpdate::default() };
    let (archived, _) = customer.edit(archive).unwrap();
    assert_eq!(offer(&archived, &contact, None), Err(AdmissionError::Archived));
    assert_eq!(contact_id(1), contact.id);
}

fn rights() -> impl Strategy<Value = Vec<PortalRight>> {
    prop::sample::subsequence(PortalRight::ALL.to_vec(), 0..=PortalRight::ALL.len())
}

proptest! {
    /// Whatever is offered and whatever the settings become: a contact may do what both say, and never what no contact
    /// can hold.
    /// Proves: N1
    #[test]
    fn a_contact_may_do_what_the_settings_and_the_seat_both_grant(
        offered in rights(), later in rights(),
        narrowed in prop::option::of(prop::collection::vec(prop::sample::select(Permission::ALL), 0..6))
    ) {
        let (customer, contact) = with_contact();
        let (then, narrowed) = (settings(&offered), narrowed.map(Grants::from_iter));
        let offer = match offer_to(&contact, &customer, &then, narrowed.clone()) {
            Ok(offer) => offer,
            Err(AdmissionError::NoPermissions) => {
                prop_assert!(narrowed.is_some_and(|narrowed| narrowed.is_empty()));
                return Ok(());
            }
            Err(refused) => {
                let beyond = narrowed.and_then(|narrowed| narrowed.first_beyond(&then.grants)).unwrap();
                prop_assert_eq!(refused, AdmissionError::BeyondSettings(beyond));
                return Ok(());
            }
        };
        prop_assert_eq!(offer.grants().first_beyond(&then.grants), None);
        let invitation = invitation(9, offer, &contact);
        let contact = contact.invited(&invitation.id);
        let (seat, ..) = accept((&customer, &contact, &then, &invitation), None, at(3)).unwrap();
        prop_assert_eq!(seat.grants.first_beyond(&all_of_contacts()), None);
        let now = settings(&later);
        let states = [
            Some(portal_state(&now)),
            Some(GrantState { grants: Grants::default(), ..portal_state(&now) }),
            Some(GrantState::from(&seat)),
        ];
        let acting_as = ActingAs::Contact { company: company(1), customer: customer.reference };
        let held = effective_grants(&user("nora"), &acting_as, &states, at(4)).unwrap();
        let own = narrowed.unwrap_or_else(all_of_contacts);
        prop_assert_eq!(held, now.grants.intersection(&own));
    }
}

fn portal_state(settings: &PortalSettings) -> GrantState {
    GrantState {
        active: true,
        grants: settings.grants.clone(),
        lent: crate::TemporaryGrants::default(),
        admin: false,
        inviting_firm: None,
        since: settings.since,
        expires_at: None,
    }
}
