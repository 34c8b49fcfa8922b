//! A hosted link gives no more than the seats behind it, and ends with them.

use proptest::prelude::*;
use uuid::Uuid;

use crate::{
    comment::Topic,
    customer::{
        Contact, PortalSettings,
        admission::all_of_contacts,
        contact::PortalAccess,
        examples::with_contact,
        seat::{ContactSeat, examples::seat},
    },
    id::DocumentLinkId,
    permission::{Grants, Permission},
    sales::{DocumentLink, Forwarder, NewLink},
    samples::{at, user},
    time::Zone,
};

const MADE: i64 = 60;

/// Clara's seat at the customer, with these permissions.
fn clara(grants: Grants) -> ContactSeat {
    ContactSeat { customer: with_contact().1.customer, grants, ..seat() }
}

fn link_to(contact: &Contact, topic: Topic, forwarded: bool) -> DocumentLink {
    let seat = seat();
    let new = NewLink {
        id: DocumentLinkId::from_uuid(Uuid::from_u128(5)),
        topic,
        document: "DOC-17".parse().unwrap(),
        number: "2026/17".parse().unwrap(),
        due_on: None,
        contact,
        forwarded_by: forwarded.then_some(Forwarder { user: seat.user, contact: seat.contact, name: seat.name }),
        message: None,
    };
    DocumentLink::make(new, &Zone::utc(), at(MADE)).0
}

fn of(permissions: &[Permission]) -> Grants {
    permissions.iter().copied().collect()
}

/// A contact who may not accept estimates would otherwise forward one to themselves and accept it there.
/// Proves: N4
#[test]
fn what_a_contact_forwards_gives_no_more_than_their_seat() {
    use Permission as P;
    let (_, contact) = with_contact();
    let link = link_to(&contact, Topic::Estimate, true);
    let given = |grants: Grants| link.grants(None, &contact, &[clara(grants)], at(MADE + 1));
    let narrow = given(of(&[P::EstimatesView, P::SalesForward])).unwrap();
    assert!(narrow.contains(P::EstimatesView) && !narrow.contains(P::EstimatesDecide), "{narrow:?}");
    assert!(given(all_of_contacts()).unwrap().contains(P::EstimatesDecide));
    assert_eq!(given(of(&[P::EstimatesView, P::EstimatesDecide])), None, "they may not forward");
    assert_eq!(given(of(&[P::InvoicesView, P::SalesForward])), None, "they do not see it");
    let settings = PortalSettings::default_of(&link.company, at(0));
    let silent = PortalSettings { grants: of(&[P::EstimatesView]), ..settings };
    let without = link.grants(Some(&silent), &contact, &[clara(all_of_contacts())], at(MADE + 1));
    assert_eq!(without, None, "the company lets nobody forward");
}

/// A contact who was dismissed would otherwise go on reading, and renewing, what they forwarded to themselves.
/// Proves: N4, 9
#[test]
fn what_a_contact_forwarded_ends_with_their_seat_and_does_not_come_back_with_another() {
    let (_, contact) = with_contact();
    let link = link_to(&contact, Topic::Invoice, true);
    let opens = |seats: &[ContactSeat], s: i64| link.grants(None, &contact, seats, at(s)).is_some();
    let seat = clara(all_of_contacts());
    assert!(opens(core::slice::from_ref(&seat), MADE + 1));
    let (ended, _) = seat.end(at(MADE + 10)).unwrap();
    assert!(!opens(&[ended], MADE + 10), "their access was switched off");
    assert!(!opens(&[], MADE + 10), "no seat at all");
    let again = ContactSeat { since: at(MADE + 20), ..seat.clone() };
    assert!(!opens(&[again], MADE + 30), "they were let in again");
    let elsewhere = ContactSeat { customer: "CUS-99".parse().unwrap(), ..seat };
    assert!(!opens(&[elsewhere], MADE + 1), "a seat at another customer");
}

/// Proves: N4
#[test]
fn a_link_for_a_contact_with_access_gives_what_their_seat_gives_and_ends_with_their_access() {
    let (_, contact) = with_contact();
    let admitted = Contact { portal: PortalAccess::Active { user: user("clara") }, ..contact };
    let link = link_to(&admitted, Topic::Estimate, false);
    assert_eq!(link.bounded_by(&admitted), [&user("clara")]);
    let narrow = clara(of(&[Permission::EstimatesView]));
    let given = link.grants(None, &admitted, &[narrow], at(MADE + 1)).unwrap();
    assert!(!given.contains(Permission::EstimatesDecide), "{given:?}");
    assert_eq!(link.grants(None, &admitted, &[], at(MADE + 1)), None, "their seat was not found");

    assert!(link.is_for(&admitted));
    let dismissed = admitted.without_access();
    assert!(!link.is_for(&dismissed), "their access was switched off");
    let anew = link_to(&dismissed, Topic::Estimate, false);
    assert!(anew.is_for(&dismissed), "people of the company sent a new one");
    assert!(anew.bounded_by(&dismissed).is_empty());
}

/// Forwarding to oneself names one person twice.
/// Proves: N4
#[test]
fn each_seat_behind_a_link_is_named_once() {
    let (_, contact) = with_contact();
    let own = Contact { portal: PortalAccess::Active { user: seat().user }, ..contact.clone() };
    assert_eq!(link_to(&own, Topic::Invoice, true).bounded_by(&own), [&seat().user]);
    let other = Contact { portal: PortalAccess::Active { user: user("olga") }, ..contact };
    assert_eq!(link_to(&other, Topic::Invoice, true).bounded_by(&other), [&seat().user, &user("olga")]);
}

fn some_of_contacts() -> impl Strategy<Value = Grants> {
    let all: Vec<Permission> = all_of_contacts().iter().collect();
    let count = all.len();
    proptest::sample::subsequence(all, 0..=count).prop_map(|some| some.into_iter().collect())
}

proptest! {
    /// Proves: N4
    #[test]
    fn no_link_gives_what_the_settings_or_a_seat_behind_it_lack(
        (may, forwards, holds) in (some_of_contacts(), some_of_contacts(), some_of_contacts()),
        forwarded in any::<bool>(),
        is_estimate in any::<bool>(),
    ) {
        let (_, contact) = with_contact();
        let contact = Contact { portal: PortalAccess::Active { user: user("olga") }, ..contact };
        let link = link_to(&contact, if is_estimate { Topic::Estimate } else { Topic::Invoice }, forwarded);
        let settings = PortalSettings { grants: may.clone(), ..PortalSettings::default_of(&link.company, at(0)) };
        let olga = ContactSeat { user: user("olga"), ..clara(holds.clone()) };
        let given = link.grants(Some(&settings), &contact, &[clara(forwards.clone()), olga], at(MADE + 1));
        if let Some(given) = given {
            prop_assert_eq!(given.first_beyond(&may), None);
            prop_assert_eq!(given.first_beyond(&holds), None);
            if forwarded {
                prop_assert_eq!(given.first_beyond(&forwards), None);
                prop_assert!(forwards.contains(Permission::SalesForward));
            }
        } else {
            prop_assert!(forwarded, "a link that people of the company sent opens");
        }
    }
}
