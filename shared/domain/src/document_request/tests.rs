use proptest::prelude::*;

use super::{examples::*, *};
use crate::{
    EventType, MemberRole, NewEvent, StaffRole,
    document::DocumentState,
    id::DocumentId,
    org::{Assignment, Connection, Member, Staff, Status},
    patch::Patch,
    permission::{Grants, Permission},
    samples::{company, firm, user},
    team::ClientSeat,
    temporary_grants::TemporaryGrants,
    text::{Name, Note},
    time::{UtcTime, Zone},
};

fn at(text: &str) -> UtcTime {
    text.parse().unwrap()
}

fn noon() -> UtcTime {
    at("2026-11-02T12:00:00Z")
}

fn types(events: &[NewEvent]) -> Vec<EventType> {
    events.iter().map(NewEvent::kind).collect()
}

fn clean(document: &DocumentId) -> (&DocumentId, DocumentState) {
    (document, DocumentState::Clean)
}

fn reason() -> Note {
    "Wrong month.".parse().unwrap()
}

fn refused(draft: DocumentRequestDraft) -> DocumentRequestError {
    request_documents(draft, &lisbon(), noon()).unwrap_err()
}

#[test]
fn a_list_that_is_empty_long_or_names_something_twice_is_refused_with_its_field() {
    let valid = || draft(owner(), "2026-11-10", None);
    let many = |count: usize| (0..count).map(|n| format!("Paper {n}").parse().unwrap()).collect::<Vec<Name>>();
    assert!(request_documents(DocumentRequestDraft { items: many(50), ..valid() }, &lisbon(), noon()).is_ok());
    for (items, field) in
        [(many(51), "items"), (Vec::new(), "items"), (names(["Lease", "Bank statement", "LEASE"]), "items[2].title")]
    {
        assert_eq!(refused(DocumentRequestDraft { items, ..valid() }).field(), field);
    }
    let person = |n: usize| AskedPerson { user: user(&format!("u{n}")), name: "Mia".parse().unwrap() };
    let people = |count: usize| (0..count).map(person).collect::<Vec<_>>();
    for (asked_of, field) in
        [(people(21), "asked_of"), (Vec::new(), "asked_of"), (vec![person(1), person(1)], "asked_of[1]")]
    {
        assert_eq!(refused(DocumentRequestDraft { asked_of, ..valid() }).field(), field);
    }
}

/// Proves: F14
#[test]
fn a_due_day_is_judged_where_the_company_is() {
    let asked = |due_on: &str, zone: &str, now: &str| {
        let zone = Zone::try_from(zone.to_owned()).unwrap();
        request_documents(draft(owner(), due_on, None), &zone, at(now)).map(|_| ())
    };
    // It is the 2nd in Kiritimati while it is still the 1st in Lisbon.
    let now = "2026-11-01T12:00:00Z";
    assert_eq!(asked("2026-11-01", "Europe/Lisbon", now), Ok(()), "today is in time");
    assert_eq!(asked("2026-11-01", "Pacific/Kiritimati", now), Err(DocumentRequestError::DueInPast));
    assert_eq!(asked("2028-10-31", "Europe/Lisbon", now), Ok(()));
    assert_eq!(asked("2028-11-01", "Europe/Lisbon", now), Err(DocumentRequestError::DueTooLate));
}

#[test]
fn only_members_who_may_upload_now_can_be_asked() {
    let mia =
        Member { user: user("mia"), role: MemberRole::Client, grants: MemberRole::Client.preset(), ..member(noon()) };
    let reader = Member { role: MemberRole::ReadOnly, grants: MemberRole::ReadOnly.preset(), ..mia.clone() };
    let gone = Member { status: Status::Ended, ..mia.clone() };
    let over = Member { expires_at: Some(noon()), ..mia.clone() };
    let asked = |people: &[Option<Member>]| people_asked(people, noon());
    assert_eq!(asked(&[Some(mia.clone())]).unwrap()[0].user, user("mia"));
    for (other, error) in [
        (None, DocumentRequestError::NotAMember(1)),
        (Some(gone), DocumentRequestError::NotAMember(1)),
        (Some(over), DocumentRequestError::NotAMember(1)),
        (Some(reader), DocumentRequestError::MayNotUpload(1)),
    ] {
        assert_eq!(asked(&[Some(mia.clone()), other]), Err(error));
    }
}

#[test]
fn an_item_is_fulfilled_sent_back_fulfilled_again_and_accepted() {
    let request = made(owner(), "2026-11-10", None, noon());
    assert_eq!(request.review(&owner(), 1, clean(&document(1)), ItemVerdict::Accept).unwrap_err(), open_item());
    let (request, event) = request.fulfilled(1, &document(1)).unwrap();
    assert_eq!((event.kind(), request.missing().count()), (EventType::DocumentRequestFulfilled, 2));
    assert_eq!(request.fulfilled(1, &document(1)), None, "the same report again");
    let back = ItemVerdict::SendBack { reason: reason() };
    let (request, events) = request.review(&owner(), 1, clean(&document(1)), back.clone()).unwrap();
    assert_eq!((types(&events), request.missing().count()), (vec![EventType::DocumentRequestSentBack], 3));
    let unclean = request.fulfilled(1, &document(1)).unwrap().0;
    for state in [DocumentState::Received, DocumentState::Infected, DocumentState::Deleted] {
        let seen = (&document(1), state);
        let refused = unclean.review(&owner(), 1, seen, ItemVerdict::Accept).unwrap_err();
        assert_eq!(refused, ReviewError::NotClean(state), "nobody can have looked at it");
        assert!(unclean.review(&owner(), 1, seen, back.clone()).is_ok());
    }
    let twice = request.review(&owner(), 1, clean(&document(1)), back.clone()).unwrap_err();
    assert_eq!(twice, ReviewError::NotFulfilled(ItemStatus::SentBack));
    let (request, _) = request.fulfilled(1, &document(2)).unwrap();
    let stale = request.review(&owner(), 1, clean(&document(1)), ItemVerdict::Accept).unwrap_err();
    assert_eq!(stale, ReviewError::OtherDocument);
    let (request, _) = request.review(&owner(), 1, clean(&document(2)), ItemVerdict::Accept).unwrap();
    let twice = request.review(&owner(), 1, clean(&document(2)), ItemVerdict::Accept).unwrap_err();
    assert_eq!(twice, ReviewError::NotFulfilled(ItemStatus::Accepted));
    assert_eq!(request.takes(1).unwrap_err(), ItemUploadError::Accepted);
    assert_eq!(request.takes(4).unwrap_err(), ItemUploadError::NoSuchItem);
    assert_eq!(request.fulfilled(0, &document(3)), None);
    let none = request.review(&owner(), 0, clean(&document(3)), ItemVerdict::Accept).unwrap_err();
    assert_eq!(none, ReviewError::NoSuchItem);
}

fn open_item() -> ReviewError {
    ReviewError::NotFulfilled(ItemStatus::Open)
}

#[test]
fn a_document_that_the_inspection_refuses_opens_its_item_again_and_no_other() {
    let (request, _) = made(owner(), "2026-11-10", None, noon()).fulfilled(2, &document(1)).unwrap();
    let (back, event) = request.document_refused(2, &document(1), reason()).unwrap();
    assert_eq!((event.kind(), back.missing().count()), (EventType::DocumentRequestSentBack, 3));
    assert_eq!(back.document_refused(2, &document(1), reason()), None, "the same report again");
    let (replaced, _) = request.fulfilled(2, &document(2)).unwrap();
    assert_eq!(replaced.document_refused(2, &document(1), reason()), None, "a newer one waits for its review");
}

#[test]
fn a_closed_request_takes_no_upload_no_review_and_no_change() {
    let (withdrawn, event) = made(owner(), "2026-11-10", Some(Every::Month), noon()).withdraw(&owner()).unwrap();
    assert_eq!((event.kind(), withdrawn.recurrence.is_none()), (EventType::DocumentRequestWithdrawn, true));
    let state = DocumentRequestState::Withdrawn;
    assert_eq!(withdrawn.withdraw(&owner()).unwrap_err(), state);
    assert_eq!(withdrawn.takes(1).unwrap_err(), ItemUploadError::NotOpen(state));
    assert_eq!(withdrawn.fulfilled(1, &document(1)), None);
    let review = withdrawn.review(&owner(), 1, clean(&document(1)), ItemVerdict::Accept).unwrap_err();
    assert_eq!(review, ReviewError::NotOpen(state));
    let update = DocumentRequestUpdate { title: Some("Other".parse().unwrap()), ..DocumentRequestUpdate::default() };
    let change = withdrawn.change(&owner(), update, &lisbon(), noon()).unwrap_err();
    assert_eq!(change, ChangeRequestError::NotOpen(state));
}

#[test]
fn a_change_says_something_new_and_keeps_to_the_rules_of_a_new_request() {
    let request = made(owner(), "2026-11-10", Some(Every::Month), noon());
    let change = |update| request.change(&owner(), update, &lisbon(), noon());
    let none = DocumentRequestUpdate::default;
    assert_eq!(change(none()).unwrap_err(), ChangeRequestError::NothingToChange);
    let same = DocumentRequestUpdate { every: Patch::Set(Every::Month), ..none() };
    assert_eq!(change(same).unwrap_err(), ChangeRequestError::NothingToChange);
    let past = DocumentRequestUpdate { due_on: Some(day("2026-11-01")), ..none() };
    assert_eq!(change(past).unwrap_err(), DocumentRequestError::DueInPast.into());
    let (changed, event) = change(DocumentRequestUpdate { due_on: Some(day("2026-11-20")), ..none() }).unwrap();
    assert_eq!((changed.version, event.kind()), (2, EventType::DocumentRequestChanged));
    assert_eq!(changed.recurrence, request.recurrence, "one period moved, not the others");
    assert_eq!(changed.asked_since(&request), []);
    let followed = DocumentRequest { followed_by: Some(id(2)), ..request.clone() };
    let stop = || DocumentRequestUpdate { every: Patch::Clear, ..none() };
    let refused = followed.change(&owner(), stop(), &lisbon(), noon()).unwrap_err();
    assert_eq!(refused, ChangeRequestError::Followed);
    let complete = DocumentRequest { state: DocumentRequestState::Complete, ..request };
    assert!(complete.change(&owner(), stop(), &lisbon(), noon()).unwrap().0.recurrence.is_none());
}

/// A person who is asked later would hear of the papers from the first reminder alone; one who was asked before would
/// get the same letter again.
#[test]
fn a_change_names_the_people_whom_it_adds_and_no_others() {
    let request = made(owner(), "2026-11-10", None, noon());
    let person = |name: &str| AskedPerson { user: user(name), name: name.parse().unwrap() };
    let asked_of = Some(vec![person("mia"), person("max"), person("moe")]);
    let update = DocumentRequestUpdate { asked_of, ..DocumentRequestUpdate::default() };
    let (changed, event) = request.change(&owner(), update, &lisbon(), noon()).unwrap();
    assert_eq!(changed.asked_since(&request), [user("max"), user("moe")]);
    assert_eq!(event.payload.data()["added"], serde_json::json!(["max", "moe"]));
    let update = DocumentRequestUpdate { asked_of: Some(vec![person("max")]), ..DocumentRequestUpdate::default() };
    let (fewer, event) = changed.change(&owner(), update, &lisbon(), noon()).unwrap();
    assert_eq!(fewer.asked_since(&changed), []);
    assert!(event.payload.data().get("added").is_none());
}

#[test]
fn what_a_firms_people_do_is_in_the_log_of_their_firm_and_what_the_client_does_is_not() {
    let (request, made) = request_documents(draft(admin(), "2026-11-10", None), &lisbon(), noon()).unwrap();
    let (request, fulfilled) = request.fulfilled(1, &document(1)).unwrap();
    let (_, accepted) = request.review(&admin(), 1, clean(&document(1)), ItemVerdict::Accept).unwrap();
    let (_, by_owner) = request.withdraw(&owner()).unwrap();
    let firms: Vec<_> = [made, fulfilled, accepted[0].clone(), by_owner].map(|event| event.firm).into();
    assert_eq!(firms, [Some(firm(2)), None, Some(firm(2)), None]);
}

fn a_bookkeeper(since: UtcTime) -> Staff {
    Staff {
        firm: firm(2),
        firm_name: "Contas e Cia".parse().unwrap(),
        user: user("ben"),
        name: "Ben".parse().unwrap(),
        email: "ben@firm.example".parse().unwrap(),
        role: StaffRole::Bookkeeper,
        grants: StaffRole::Bookkeeper.preset(),
        status: Status::Active,
        expires_at: None,
        since,
        version: 1,
    }
}

fn an_assignment(permissions: &[Permission], since: UtcTime) -> Assignment {
    Assignment {
        company: company(1),
        company_name: "Loja Azul".parse().unwrap(),
        firm: firm(2),
        user: user("ben"),
        user_name: None,
        grants: permissions.iter().copied().collect(),
        lent: TemporaryGrants::default(),
        status: Status::Active,
        expires_at: None,
        since,
        version: 1,
    }
}

/// Proves: 25
#[test]
fn a_firms_list_shows_what_its_people_may_ask_for_and_nothing_of_an_ended_connection() {
    let (early, late) = (noon().plus_s(-60), noon().plus_s(60));
    let request = made(admin(), "2026-11-10", None, noon());
    let bookkeeper = a_bookkeeper(early);
    let chief = Staff { role: StaffRole::Admin, ..bookkeeper.clone() };
    let assigned = an_assignment(&[Permission::DocumentsRequest], early);
    let shown = |connection: Option<&Connection>, staff: &Staff, assignment: Option<&Assignment>| {
        connection
            .is_some_and(|connection| is_shown_to_staff(&request, &ClientSeat { staff, connection, assignment }, late))
    };
    let here = connection(early);
    assert!(shown(Some(&here), &chief, None));
    assert!(shown(Some(&here), &bookkeeper, Some(&assigned)));
    assert!(!shown(Some(&here), &bookkeeper, None), "a client of somebody else");
    assert!(!shown(Some(&here), &bookkeeper, Some(&an_assignment(&[Permission::BankView], early))));
    for gone in [
        None,
        Some(Connection { status: Status::Ended, ..here.clone() }),
        Some(Connection { expires_at: Some(late), ..here.clone() }),
        Some(Connection { grants: Grants::default(), ..here.clone() }),
        Some(connection(late)),
    ] {
        for staff in [&chief, &bookkeeper] {
            assert!(!shown(gone.as_ref(), staff, Some(&assigned)), "{gone:?}");
        }
    }
    let left = Staff { status: Status::Ended, ..chief };
    assert!(!shown(Some(&here), &left, None));
    let of_company = made(owner(), "2026-11-10", None, noon());
    let staff = Staff { role: StaffRole::Admin, ..bookkeeper };
    let seat = ClientSeat { staff: &staff, connection: &here, assignment: None };
    assert!(!is_shown_to_staff(&of_company, &seat, late), "the company's own request");
}

#[derive(Debug, Clone, Copy)]
enum Move {
    Upload(u8, u128),
    Accept(u8, u128),
    SendBack(u8, u128),
    Refuse(u8, u128),
    Withdraw,
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let (item, doc) = (0_u8..5, 1_u128..4);
    let one = prop_oneof![
        6 => (item.clone(), doc.clone()).prop_map(|(i, d)| Move::Upload(i, d)),
        6 => (item.clone(), doc.clone()).prop_map(|(i, d)| Move::Accept(i, d)),
        2 => (item.clone(), doc.clone()).prop_map(|(i, d)| Move::SendBack(i, d)),
        2 => (item, doc).prop_map(|(i, d)| Move::Refuse(i, d)),
        1 => Just(Move::Withdraw),
    ];
    prop::collection::vec(one, 1..60)
}

proptest! {
    #[test]
    fn whatever_happens_in_whatever_order_an_accepted_item_stays_and_a_closed_request_never_changes(moves in moves()) {
        let mut request = made(owner(), "2026-11-10", None, noon());
        for step in moves {
            let after = match step {
                Move::Upload(i, d) => request.fulfilled(i, &document(d)).map(|(after, event)| (after, vec![event])),
                Move::Refuse(i, d) => {
                    request.document_refused(i, &document(d), reason()).map(|(after, event)| (after, vec![event]))
                }
                Move::Accept(i, d) => request.review(&owner(), i, clean(&document(d)), ItemVerdict::Accept).ok(),
                Move::SendBack(i, d) => {
                    request.review(&owner(), i, clean(&document(d)), ItemVerdict::SendBack { reason: reason() }).ok()
                }
                Move::Withdraw => request.withdraw(&owner()).ok().map(|(after, event)| (after, vec![event])),
            };
            let Some((after, events)) = after else { continue };
            prop_assert_eq!(request.state, DocumentRequestState::Open);
            prop_assert_eq!(after.version, request.version + 1);
            prop_assert!(!events.is_empty());
            let changed = request.items.iter().zip(&after.items).filter(|(a, b)| a != b).collect::<Vec<_>>();
            prop_assert!(changed.len() <= 1);
            for (before, _) in changed {
                prop_assert!(before.state.status() != ItemStatus::Accepted);
            }
            let accepted = after.items.iter().all(|item| item.state.status() == ItemStatus::Accepted);
            prop_assert_eq!(accepted, after.state == DocumentRequestState::Complete);
            let completed = types(&events).contains(&EventType::DocumentRequestCompleted);
            prop_assert_eq!(completed, accepted);
            request = after;
        }
    }
}
