//! Seats to test with.

use uuid::Uuid;

use super::{ContactAccessStarted, ContactSeat};
use crate::{
    event::{NewEvent, kinds},
    id::{ContactId, InvitationId, Org},
    org::Status,
    permission::{Grants, Permission},
    samples::{at, company, user},
};

pub(crate) fn seat() -> ContactSeat {
    ContactSeat {
        company: company(1),
        company_name: "Loja Azul".parse().unwrap(),
        customer: "CUS-1".parse().unwrap(),
        customer_name: "Hotel Mar".parse().unwrap(),
        contact: ContactId::from_uuid(Uuid::from_u128(7)),
        user: user("clara"),
        name: "Clara Dias".parse().unwrap(),
        grants: Grants::from_iter([Permission::InvoicesView, Permission::EstimatesView]),
        status: Status::Active,
        expires_at: None,
        since: at(0),
        version: 1,
    }
}

/// An event of each type that is about a seat.
pub(crate) fn events() -> Vec<NewEvent> {
    let seat = seat();
    let started = ContactAccessStarted {
        customer: seat.customer.clone(),
        customer_name: seat.customer_name.clone(),
        user: seat.user.clone(),
        grants: seat.grants.clone(),
        invitation: InvitationId::from_uuid(Uuid::from_u128(9)),
    };
    let org = Org::Company(seat.company.clone());
    vec![
        NewEvent::new(org, seat.contact.as_str(), kinds::ContactAccessStarted::of(started)),
        seat.end(at(60)).unwrap().1,
    ]
}
