//! `/v1/document-requests`: asked, uploaded, reviewed, changed. What a schedule does with requests is in `due.rs`.

mod added;
mod due;
mod kept;

use serde_json::{Value, json};
use tests::cast::{self, Context, FirmAdmin, Member, Owner, list, text};
use tests::http::Answer;
use tests::mailbox::Message;
use tests::people::Person;
use tests::{Kit, kit, run, story};

pub(crate) use self::kept::{Kept, day};
use crate::documents;
use crate::faults::rig::eventually;
use crate::support::types;

const PATH: &str = "/v1/document-requests";
const NOBODY: &str = "0b0b0b0b-0b0b-4b0b-8b0b-0b0b0b0b0b0b";
const UNKNOWN: &str = "/v1/document-requests/drq_00000000000070008000000000000000";

/// Three papers, asked of these people.
fn papers(asked_of: &[&Member], due_on: &str) -> Value {
    let users: Vec<&str> = asked_of.iter().map(|member| member.person.user.as_str()).collect();
    json!({
        "title": "Papers of October", "note": "With both signatures, please",
        "items": [{ "title": "Bank statement" }, { "title": "Lease contract" }, { "title": "Card receipts" }],
        "asked_of": users, "due_on": due_on,
    })
}

async fn ask(kit: &Kit, by: &Person, here: &Context, body: Value) -> String {
    let call = kit.api.post(PATH).by(by).within(here).key(&tests::people::unique());
    let answer = call.json(body).ok(201).await;
    text(&answer, "/document_request/id")
}

async fn show(kit: &Kit, id: &str, by: &Person, here: &Context) -> Answer {
    kit.api.get(&format!("{PATH}/{id}")).by(by).within(here).send().await
}

fn decide<'k>(
    kit: &'k Kit,
    id: &str,
    item: u16,
    by: &Person,
    here: &Context,
    body: Value,
) -> impl Future<Output = Answer> + use<'k> {
    kit.api.post(&format!("{PATH}/{id}/items/{item}/decision")).by(by).within(here).json(body).send_owned()
}

async fn count(kit: &Kit, owner: &Owner, kind: &str) -> usize {
    story::events_of_type(kit, &owner.company.id, kind).await
}

async fn firm_in(kit: &Kit, permissions: &[&str]) -> (Owner, FirmAdmin, Context) {
    let (owner, admin) =
        tokio::join!(cast::owner(kit, "Otto Owner", "Owners Ltd"), cast::firm_admin(kit, "Ada Admin", "Adas Firm"),);
    cast::connect(kit, &owner, &admin, Some(permissions)).await;
    let inside = cast::enter(kit, &admin.person, &owner.company.id).await;
    (owner, admin, inside)
}

/// Proves: M2
#[test]
fn people_are_asked_by_letter_and_see_their_requests_and_no_others() {
    run(async {
        let kit = kit();
        let (owner, admin, inside) = firm_in(kit, &["documents.request", "documents.view"]).await;
        let (mia, other, reader) = tokio::join!(
            cast::member(kit, &owner, "Mia Member", "client", None),
            cast::member(kit, &owner, "Olaf Other", "client", None),
            cast::member(kit, &owner, "Rosa Reader", "read-only", None),
        );
        let id = ask(kit, &admin.person, &inside, papers(&[&mia], &day(10))).await;
        let asks = |mail: &Message| mail.subject.starts_with("Documents needed until");
        let letter = kit.mailbox.wait_for(&mia.person.email, "request", asks).await;
        for said in ["Ada Admin of Adas Firm", "- Bank statement", "> With both signatures", &id] {
            assert!(letter.text.contains(said), "{said} is not in {letter}");
        }
        for stranger in [&other.person, &reader.person, &owner.person] {
            let inbox = kit.mailbox.inbox(&stranger.email).await;
            assert!(!inbox.iter().any(asks), "{} got the letter", stranger.name);
        }
        let mine = async |member: &Member| {
            let page = kit.api.get(&format!("{PATH}/mine")).by(&member.person).within(&member.here).ok(200).await;
            list(&page, "document_requests").len()
        };
        assert_eq!((mine(&mia).await, mine(&other).await), (1, 0));
        let shown = show(kit, &id, &mia.person, &mia.here).await.ok(200);
        assert_eq!(text(&shown, "/document_request/items/1/title"), "Lease contract");
        assert_eq!(shown.pointer("/document_request/items/2/number"), Some(&json!(3)));
        show(kit, &id, &other.person, &other.here).await.refused(404, "not-found");
        show(kit, &id, &reader.person, &reader.here).await.refused(403, "not-granted");
        kit.api.get(PATH).by(&mia.person).within(&mia.here).refused(403, "not-granted").await;
        for state in ["?state=open", ""] {
            let page = kit.api.get(&format!("{PATH}{state}")).by(&owner.person).within(&owner.here).ok(200).await;
            assert_eq!(text(&list(&page, "document_requests")[0], "/id"), id);
        }
        let trail = story::audit_trail(kit, &owner.person, &owner.here).await;
        assert!(types(&trail).contains(&"document_request.made"));
        assert!(!Value::Array(trail).to_string().contains("both signatures"), "a person's words are in an event");
    });
}

/// Proves: B2, 3
#[test]
fn a_request_that_is_not_valid_is_refused_with_its_field_and_leaves_nothing() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let (mia, reader) = tokio::join!(
            cast::member(kit, &owner, "Mia Member", "client", None),
            cast::member(kit, &owner, "Rosa Reader", "read-only", None),
        );
        let with = |field: &str, value: Value| {
            let mut body = papers(&[&mia], &day(10));
            body[field] = value;
            body
        };
        let titles = |count: usize| (0..count).map(|n| json!({ "title": format!("Paper {n}") })).collect::<Vec<_>>();
        let people = |count: usize| (0..count).map(|n| format!("u-{n}")).collect::<Vec<_>>();
        let user = &mia.person.user;
        for (body, field) in [
            (with("due_on", json!(day(-3))), "due_on"),
            (with("due_on", json!(day(800))), "due_on"),
            (with("due_on", json!("2026-02-30")), "due_on"),
            (with("items", json!(titles(51))), "items"),
            (with("items", json!([])), "items"),
            (with("items", json!([{ "title": "Lease" }, { "title": "lease" }])), "items[1].title"),
            (with("items", json!([{ "title": " " }])), "items[0].title"),
            (with("asked_of", json!([])), "asked_of"),
            (with("asked_of", json!(people(21))), "asked_of"),
            (with("asked_of", json!([user, user])), "asked_of[1]"),
            (with("asked_of", json!([user, NOBODY])), "asked_of[1]"),
            (with("asked_of", json!([user, reader.person.user])), "asked_of[1]"),
            (with("every", json!("week")), "every"),
            (with("state", json!("complete")), "state"),
        ] {
            let answer = kit.api.post(PATH).by(&owner.person).within(&owner.here).json(body).send().await;
            answer.refused_field(422, "invalid-field", field);
        }
        assert_eq!(count(kit, &owner, "document_request.made").await, 0);
        // A person who may not ask learns nothing about the lists.
        let answer = kit.api.post(PATH).by(&mia.person).within(&mia.here).json(with("items", json!([])));
        let refused = answer.refused(403, "not-granted").await;
        assert_eq!(text(&refused, "/permission"), "documents.request");
    });
}

/// Proves: 26
#[test]
fn a_document_is_sent_back_with_a_reason_and_the_last_acceptance_completes_the_request() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let mia = cast::member(kit, &owner, "Mia Member", "client", None).await;
        let id = ask(kit, &owner.person, &owner.here, papers(&[&mia], &day(10))).await;
        let kept = Kept::new(&kit.table, &owner.company.id, &id);
        let by_owner = |item: u16, body: Value| decide(kit, &id, item, &owner.person, &owner.here, body);
        let accept = |document: &str| json!({ "decision": "accept", "document": document });
        let nothing = "doc_00000000000070008000000000000000";
        by_owner(1, accept(nothing)).await.refused(409, "conflict");
        for item in [0, 4, 300] {
            by_owner(item, accept(nothing)).await.refused(404, "not-found");
        }
        let document = kept.fulfil(1).await;
        let changed = by_owner(1, accept(nothing)).await.refused(409, "conflict");
        assert_eq!(text(&changed, "/current/document_request/items/0/document"), document);
        for body in [
            json!({ "decision": "send_back", "document": document }),
            json!({ "decision": "accept", "document": document, "reason": "Fine" }),
        ] {
            by_owner(1, body).await.refused_field(422, "invalid-field", "reason");
        }
        let refused = decide(kit, &id, 1, &mia.person, &mia.here, accept(&document)).await;
        refused.refused(403, "not-granted");
        let back = json!({ "decision": "send_back", "document": document, "reason": "This is the one of September" });
        let returned = by_owner(1, back.clone()).await.ok(200);
        assert_eq!(text(&returned, "/document_request/items/0/status"), "sent_back");
        by_owner(1, back).await.refused(409, "conflict");
        let sent_back = |mail: &Message| mail.subject.starts_with("Sent back: Bank statement");
        let letter = kit.mailbox.wait_for(&mia.person.email, "return", sent_back).await;
        assert!(letter.text.contains("> This is the one of September"), "{letter}");
        for item in 1..=3 {
            let document = kept.fulfil(item.into()).await;
            let answer = by_owner(item, accept(&document)).await.ok(200);
            let state = text(&answer, "/document_request/state");
            assert_eq!(state, if item == 3 { "complete" } else { "open" });
            let twice = by_owner(item, accept(&document)).await.refused(409, "conflict");
            assert_eq!(text(&twice, "/state"), if item == 3 { "complete" } else { "accepted" });
        }
        assert_eq!(count(kit, &owner, "document_request.accepted").await, 3);
        assert_eq!(count(kit, &owner, "document_request.completed").await, 1);
    });
}

#[test]
fn a_request_is_changed_and_withdrawn_by_those_who_may_ask_and_exists_in_its_company_alone() {
    run(async {
        let kit = kit();
        let (owner, stranger) = tokio::join!(
            cast::owner(kit, "Otto Owner", "Owners Ltd"),
            cast::owner(kit, "Sven Stranger", "Strangers Ltd"),
        );
        let (mia, max) = tokio::join!(
            cast::member(kit, &owner, "Mia Member", "client", None),
            cast::member(kit, &owner, "Max Member", "client", None),
        );
        let id = ask(kit, &owner.person, &owner.here, papers(&[&mia], &day(10))).await;
        let path = format!("{PATH}/{id}");
        let change = |body: Value| kit.api.patch(&path).by(&owner.person).within(&owner.here).json(body).send_owned();
        change(json!({})).await.refused(422, "invalid-field");
        change(json!({ "due_on": day(-3) })).await.refused_field(422, "invalid-field", "due_on");
        change(json!({ "asked_of": [NOBODY] })).await.refused_field(422, "invalid-field", "asked_of[0]");
        let body = json!({ "note": null, "due_on": day(20), "asked_of": [max.person.user], "every": "month" });
        let changed = change(body).await.ok(200);
        assert_eq!(text(&changed, "/document_request/due_on"), day(20));
        assert_eq!(text(&changed, "/document_request/asked_of/0/name"), "Max Member");
        assert!(changed.pointer("/document_request/note").is_none());
        show(kit, &id, &mia.person, &mia.here).await.refused(404, "not-found");

        show(kit, &id, &stranger.person, &stranger.here).await.refused(404, "not-found");
        for (call, body) in [
            (kit.api.patch(&path), json!({ "title": "Mine" })),
            (kit.api.post(&format!("{path}/withdraw")), json!({})),
            (
                kit.api.post(&format!("{path}/items/1/decision")),
                json!({ "decision": "accept", "document": "doc_00000000000070008000000000000000" }),
            ),
        ] {
            call.by(&stranger.person).within(&stranger.here).json(body).refused(404, "not-found").await;
        }
        let withdraw = async || {
            let call = kit.api.post(&format!("{path}/withdraw")).by(&owner.person).within(&owner.here);
            call.json(json!({})).send().await
        };
        let withdrawn = withdraw().await.ok(200);
        assert_eq!(text(&withdrawn, "/document_request/state"), "withdrawn");
        assert_eq!(text(&withdraw().await.refused(409, "conflict"), "/state"), "withdrawn");
        assert_eq!(count(kit, &owner, "document_request.withdrawn").await, 1);
        change(json!({ "title": "Other" })).await.refused(409, "conflict");
        let unknown = kit.api.get(UNKNOWN).by(&owner.person).within(&owner.here);
        unknown.refused(404, "not-found").await;
    });
}

/// A link to an item of a request.
fn link(id: &str, item: u8) -> Value {
    json!({ "kind": "request_item", "request": id, "item": item })
}

/// Uploads a file for an item, whose document is returned.
async fn upload(kit: &Kit, member: &Member, id: &str, item: u8, file: &[u8]) -> String {
    let row = documents::changed(documents::row("Paper.pdf", file), "link", link(id, item));
    let declared = documents::declare(kit, &member.person, &member.here, vec![row]).await.remove(0);
    assert_eq!(documents::post(kit, &declared, file).await, 204, "{declared}");
    text(&declared, "/document/id")
}

async fn until(kit: &Kit, owner: &Owner, id: &str, item: u8, status: &str) {
    eventually(&format!("item {item} is {status}"), async || {
        let shown = show(kit, id, &owner.person, &owner.here).await.ok(200);
        let found = text(&shown, &format!("/document_request/items/{}/status", item - 1));
        (found == status).then_some(())
    })
    .await;
}

/// Proves: M2, 17
#[test]
fn an_upload_fulfils_its_item_and_the_person_who_asked_gets_a_letter() {
    run(async {
        let kit = kit();
        let (owner, admin, inside) = firm_in(kit, &["documents.request", "documents.view"]).await;
        let mia = cast::member(kit, &owner, "Mia Member", "client", None).await;
        let id = ask(kit, &admin.person, &inside, papers(&[&mia], &day(10))).await;
        let unknown = "drq_00000000000070008000000000000000";
        for link in [link(&id, 0), link(&id, 4), link(unknown, 1)] {
            let row = documents::changed(documents::row("Paper.pdf", &documents::pdf()), "link", link);
            let rows = documents::declare(kit, &mia.person, &mia.here, vec![row]).await;
            assert_eq!((text(&rows[0], "/outcome"), text(&rows[0], "/field")), ("invalid".into(), "link".into()));
        }
        let stranger = cast::owner(kit, "Sven Stranger", "Strangers Ltd").await;
        let row = documents::changed(documents::row("Paper.pdf", &documents::pdf()), "link", link(&id, 1));
        let rows = documents::declare(kit, &stranger.person, &stranger.here, vec![row]).await;
        assert_eq!(text(&rows[0], "/field"), "link", "a request of another company is none: {rows:?}");
        let (theirs, _) = documents::clean(kit, &stranger, "Theirs.pdf").await;
        let path = format!("/v1/documents/{}", text(&theirs, "/document/id"));
        let call = kit.api.patch(&path).by(&stranger.person).within(&stranger.here);
        let body = json!({ "link": [link(&id, 1)] });
        call.json(body).send().await.refused_field(422, "invalid-field", "link[0]");
        until(kit, &owner, &id, 1, "open").await;
        let document = upload(kit, &mia, &id, 1, &documents::pdf()).await;
        until(kit, &owner, &id, 1, "fulfilled").await;
        assert_eq!(count(kit, &owner, "document_request.fulfilled").await, 1);
        let received = |mail: &Message| mail.subject == "Owners Ltd: received Bank statement";
        let letter = kit.mailbox.wait_for(&admin.person.email, "upload", received).await;
        assert!(letter.text.contains("- Lease contract") && !letter.text.contains("- Bank statement"), "{letter}");
        let accept = json!({ "decision": "accept", "document": document });
        eventually("the document is clean and accepted", async || {
            let answer = decide(kit, &id, 1, &admin.person, &inside, accept.clone()).await;
            (answer.status == 200).then_some(())
        })
        .await;
        let row = documents::changed(documents::row("Paper.pdf", &documents::pdf()), "link", link(&id, 1));
        let rows = documents::declare(kit, &mia.person, &mia.here, vec![row]).await;
        assert_eq!(text(&rows[0], "/outcome"), "invalid", "the item is accepted");
    });
}

#[test]
fn a_refused_upload_opens_nothing_and_a_linked_document_that_is_there_fulfils_at_once() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let mia = cast::member(kit, &owner, "Mia Member", "client", None).await;
        let id = ask(kit, &owner.person, &owner.here, papers(&[&mia], &day(10))).await;
        // A page of HTML that calls itself a PDF.
        let page = format!("<!DOCTYPE html><html><body>{}</body></html>", tests::people::unique());
        let refused = upload(kit, &mia, &id, 2, page.as_bytes()).await;
        let path = format!("/v1/documents/{refused}");
        eventually("the file is refused", async || {
            let shown = kit.api.clone_silent().get(&path).by(&owner.person).within(&owner.here).ok(200).await;
            (text(&shown, "/document/state") == "refused").then_some(())
        })
        .await;
        until(kit, &owner, &id, 2, "open").await;

        let (clean, file) = documents::clean(kit, &owner, "Lease.pdf").await;
        let path = format!("/v1/documents/{}", text(&clean, "/document/id"));
        let change = |body: Value| kit.api.patch(&path).by(&owner.person).within(&owner.here).json(body).send_owned();
        change(json!({ "link": [link(&id, 2)] })).await.ok(200);
        until(kit, &owner, &id, 2, "fulfilled").await;
        change(json!({ "unlink": [link(&id, 2)] })).await.ok(200);
        until(kit, &owner, &id, 2, "sent_back").await;
        // Handing over what the company has already needs no second upload.
        let row = documents::changed(documents::row("Lease.pdf", &file), "link", link(&id, 2));
        let rows = documents::declare(kit, &mia.person, &mia.here, vec![row]).await;
        assert_eq!(text(&rows[0], "/outcome"), "already_there");
        until(kit, &owner, &id, 2, "fulfilled").await;
        kit.api.delete(&path).by(&owner.person).within(&owner.here).send().await.ok(200);
        until(kit, &owner, &id, 2, "sent_back").await;
    });
}
