//! People who are asked later, and how often people are asked.

use serde_json::json;
use tests::cast::{self, text};
use tests::mailbox::Message;
use tests::runtime_api::HttpEvent;
use tests::{kit, run};

use super::{PATH, ask, count, day, papers};
use crate::faults::rig::{Rig, by, refused};

fn asks(mail: &Message) -> bool {
    mail.subject.starts_with("Documents needed until")
}

/// Somebody who is asked later would hear of the papers from the first reminder alone.
/// Proves: M2, 28
#[test]
fn people_whom_a_change_adds_get_the_letter_and_the_others_none() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let (mia, max, moe) = tokio::join!(
            cast::member(kit, &owner, "Mia Member", "client", None),
            cast::member(kit, &owner, "Max Member", "client", None),
            cast::member(kit, &owner, "Moe Member", "client", None),
        );
        let id = ask(kit, &owner.person, &owner.here, papers(&[&mia], &day(10))).await;
        kit.mailbox.wait_for(&mia.person.email, "request", asks).await;
        let path = format!("{PATH}/{id}");
        let change = |people: &[&cast::Member]| {
            let users: Vec<&str> = people.iter().map(|member| member.person.user.as_str()).collect();
            let call = kit.api.patch(&path).by(&owner.person).within(&owner.here);
            call.json(json!({ "asked_of": users })).send_owned()
        };
        change(&[&mia, &max]).await.ok(200);
        let letter = kit.mailbox.wait_for(&max.person.email, "request", asks).await;
        for said in ["Otto Owner", "- Bank statement", "> With both signatures", &id] {
            assert!(letter.text.contains(said), "{said} is not in {letter}");
        }
        // One leaves, one comes: only the one who comes is written to.
        change(&[&max, &moe]).await.ok(200);
        kit.mailbox.wait_for(&moe.person.email, "request", asks).await;
        let letters = async |email: &str| kit.mailbox.inbox(email).await.iter().filter(|mail| asks(mail)).count();
        assert_eq!((letters(&mia.person.email).await, letters(&max.person.email).await), (1, 1));
        assert_eq!(count(kit, &owner, "document_request.changed").await, 2);
    });
}

/// One account could otherwise have a company's people written to without an end.
/// Proves: 15, S9
#[test]
fn people_are_asked_so_many_times_a_day_by_one_person_and_in_one_company() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let (deputy, mia, max) = tokio::join!(
            cast::member(kit, &owner, "Adam Admin", "admin", None),
            cast::member(kit, &owner, "Mia Member", "client", None),
            cast::member(kit, &owner, "Max Member", "client", None),
        );
        let limits = "document_requests_per_person=2/day document_requests_per_organisation=3/day";
        let rig = Rig::of(kit, "document-requests").await.with("LIMITS", limits);
        let function = rig.start().await;
        let send = async |event: HttpEvent| function.request(&event).await.expect("an answer");
        let body = papers(&[&mia], &day(10));
        let asking = || by(HttpEvent::post(PATH).json(&body), &owner.person, &owner.here);
        let first = send(asking()).await;
        assert_eq!(first.status, 201, "{}", first.text());
        // A change that writes to nobody does not count; one that adds somebody does.
        let path = format!("{PATH}/{}", text(&first.json(), "/document_request/id"));
        let change = |body| by(HttpEvent::new("PATCH", &path).json(&body), &owner.person, &owner.here);
        assert_eq!(send(change(json!({ "title": "Papers" }))).await.status, 200);
        let both = json!({ "asked_of": [mia.person.user, max.person.user] });
        assert_eq!(send(change(both)).await.status, 200);
        let answer = send(asking()).await;
        refused(&answer, 429, "too-many-requests");
        assert!(answer.headers.contains_key("retry-after"), "{:?}", answer.headers);
        assert_eq!(count(kit, &owner, "document_request.made").await, 1);
        // Another person still asks, until the company's people were asked often enough.
        let by_deputy = || by(HttpEvent::post(PATH).json(&body), &deputy.person, &deputy.here);
        assert_eq!(send(by_deputy()).await.status, 201);
        refused(&send(by_deputy()).await, 429, "too-many-requests");
    });
}
