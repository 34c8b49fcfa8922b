//! A request, for tests.

use uuid::Uuid;

use super::{
    AskedPerson, DocumentRequest, DocumentRequestDraft, DocumentRequestUpdate, Every, ItemVerdict, RequestSchedule,
    Standing, request_documents,
};
use crate::{
    MemberRole,
    access::ActingAs,
    document::DocumentState,
    event::NewEvent,
    id::{DocumentId, DocumentRequestId},
    org::{Connection, Member, Status},
    patch::Patch,
    permission::Grants,
    samples::{company, firm, user},
    temporary_grants::TemporaryGrants,
    text::Name,
    time::{Day, UtcTime, Zone},
};

pub(super) fn id(n: u128) -> DocumentRequestId {
    DocumentRequestId::from_uuid(Uuid::from_u128(n))
}

pub(super) fn document(n: u128) -> DocumentId {
    DocumentId::from_uuid(Uuid::from_u128(n))
}

pub(super) fn lisbon() -> Zone {
    Zone::try_from("Europe/Lisbon".to_owned()).unwrap()
}

pub(super) fn day(text: &str) -> Day {
    Day::try_from(text.to_owned()).unwrap()
}

pub(super) fn names<const N: usize>(texts: [&str; N]) -> Vec<Name> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

pub(super) fn owner() -> ActingAs {
    ActingAs::Member { company: company(1) }
}

pub(super) fn admin() -> ActingAs {
    ActingAs::FirmAdmin { firm: firm(2), company: company(1) }
}

pub(super) fn connection(since: UtcTime) -> Connection {
    Connection {
        company: company(1),
        company_name: "Loja Azul".parse().unwrap(),
        firm: firm(2),
        firm_name: "Contas e Cia".parse().unwrap(),
        grants: MemberRole::Accountant.preset(),
        lent: TemporaryGrants::default(),
        status: Status::Active,
        expires_at: None,
        since,
        version: 1,
    }
}

/// The place of the person who asks as [`owner`].
pub(super) fn member(since: UtcTime) -> Member {
    Member {
        company: company(1),
        company_name: "Loja Azul".parse().unwrap(),
        user: user("olga"),
        name: "Olga Reis".parse().unwrap(),
        email: "olga@shop.example".parse().unwrap(),
        role: MemberRole::Owner,
        grants: Grants::whole_company(),
        lent: TemporaryGrants::default(),
        inviting_firm: None,
        status: Status::Active,
        expires_at: None,
        since,
        version: 1,
    }
}

pub(super) fn draft(acting_as: ActingAs, due_on: &str, every: Option<Every>) -> DocumentRequestDraft {
    DocumentRequestDraft {
        id: id(1),
        company: company(1),
        title: "Papers of October".parse().unwrap(),
        note: None,
        items: names(["Bank statement", "Lease contract", "Card receipts"]),
        asked_of: vec![AskedPerson { user: user("mia"), name: "Mia Luz".parse().unwrap() }],
        due_on: day(due_on),
        every,
        asked_by: user("olga"),
        asked_by_name: "Olga Reis".parse().unwrap(),
        acting_as,
    }
}

pub(super) fn made(acting_as: ActingAs, due_on: &str, every: Option<Every>, now: UtcTime) -> DocumentRequest {
    request_documents(draft(acting_as, due_on, every), &lisbon(), now).unwrap().0
}

/// One event of each type about requests, asked of a member.
pub(crate) fn every_event(asked: &Member, now: UtcTime) -> Vec<NewEvent> {
    let asked_of = vec![AskedPerson { user: asked.user.clone(), name: asked.name.clone() }];
    let (seat, due_on) = (owner(), now.day_in(&lisbon()).plus_days(10));
    let command = DocumentRequestDraft { asked_of, ..draft(owner(), &due_on.to_string(), Some(Every::Month)) };
    let (request, made) = request_documents(command, &lisbon(), now).unwrap();
    let update = DocumentRequestUpdate { every: Patch::Clear, ..DocumentRequestUpdate::default() };
    let (request, changed) = request.change(&seat, update, &lisbon(), now).unwrap();
    let schedule = RequestSchedule::of(&request, &lisbon());
    let late = request.due_on.plus_days(2).at_hour(12, &lisbon());
    let overdue = schedule.step(&request, &lisbon(), &Standing::default(), id(9), late).unwrap();
    let (uploaded, fulfilled) = request.fulfilled(1, &document(1)).unwrap();
    let reason = "This is the statement of September.".parse().unwrap();
    let (_, sent_back) =
        uploaded.review(&seat, 1, (&document(1), DocumentState::Clean), ItemVerdict::SendBack { reason }).unwrap();
    let mut reviewed = request.clone();
    let mut last = Vec::new();
    for number in 1..=3 {
        let document = document(number.into());
        let uploaded = reviewed.fulfilled(number, &document).unwrap().0;
        (reviewed, last) =
            uploaded.review(&seat, number, (&document, DocumentState::Clean), ItemVerdict::Accept).unwrap();
    }
    let (_, withdrawn) = request.withdraw(&seat).unwrap();
    [vec![made, changed, fulfilled], sent_back, last, overdue.events, vec![withdrawn]].concat()
}
