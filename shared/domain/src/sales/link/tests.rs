//! When a hosted link opens, for whom, and until when.

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::{customer::examples::with_contact, samples::at};

const DAY_S: i64 = 86_400;

fn lisbon() -> Zone {
    "Europe/Lisbon".to_owned().try_into().unwrap()
}

fn link(due_on: Option<Day>) -> DocumentLink {
    let (_, contact) = with_contact();
    let new = NewLink {
        id: DocumentLinkId::from_uuid(Uuid::from_u128(5)),
        topic: Topic::Invoice,
        document: "INV-17".parse().unwrap(),
        number: "2026/17".parse().unwrap(),
        due_on,
        contact: &contact,
        forwarded_by: None,
        message: None,
    };
    DocumentLink::make(new, &lisbon(), at(0)).0
}

/// Proves: H1
#[test]
fn a_link_opens_through_its_last_day_and_is_renewed_for_the_same_address_after_it() {
    let link = link(None);
    let ends = link.expires_on.plus_days(1).at_hour(0, &lisbon());
    assert_eq!(link.open(1, &lisbon(), ends.plus_s(-1)), Ok(()));
    assert_eq!(link.open(1, &lisbon(), ends), Err(LinkError::Expired));
    assert_eq!(link.open(2, &lisbon(), at(0)), Err(LinkError::Replaced), "a generation that was never sent");
    assert_eq!(link.renew(1, None, &lisbon(), ends.plus_s(-1)).err(), Some(LinkError::StillOpen));
    let (renewed, _) = link.renew(1, None, &lisbon(), ends).unwrap();
    assert_eq!((&renewed.email, &renewed.contact, renewed.generation), (&link.email, &link.contact, 2));
    assert_eq!(renewed.open(2, &lisbon(), ends), Ok(()));
    assert_eq!(renewed.open(1, &lisbon(), ends), Err(LinkError::Replaced), "the old one stays dead");
    assert_eq!(renewed.renew(1, None, &lisbon(), ends).err(), Some(LinkError::Replaced));
}

/// Proves: H1
#[test]
fn a_link_that_was_ended_neither_opens_nor_is_renewed() {
    let link = link(None);
    let (revoked, _) = link.revoke(at(60)).unwrap();
    let later = at(200 * DAY_S);
    for now in [at(60), later] {
        assert_eq!(revoked.open(1, &lisbon(), now), Err(LinkError::Revoked));
        assert_eq!(revoked.renew(1, None, &lisbon(), now).err(), Some(LinkError::Revoked));
    }
    assert_eq!(revoked.revoke(later), None);
}

/// Proves: H1
#[test]
fn a_link_ends_thirty_days_after_the_due_date_and_is_never_open_for_more_than_a_hundred_and_twenty() {
    let today = at(0).day_in(&lisbon());
    let ends = |due: Option<Day>| today.days_until(link(due).expires_on);
    assert_eq!(ends(Some(today.plus_days(14))), 44);
    assert_eq!(ends(Some(today.plus_days(365))), 120);
    assert_eq!(ends(Some(today.plus_days(-400))), 30, "long overdue");
    assert_eq!(ends(None), 30);
}

proptest! {
    /// Proves: H1
    #[test]
    fn no_link_is_open_for_fewer_than_thirty_or_more_than_a_hundred_and_twenty_days(due in -4_000_i32..4_000) {
        let today = at(0).day_in(&lisbon());
        let days = today.days_until(link(Some(today.plus_days(due))).expires_on);
        prop_assert!((30..=120).contains(&days), "{days}");
    }
}
