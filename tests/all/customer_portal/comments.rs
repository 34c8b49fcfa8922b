//! Comments between a company and its customer.

use serde_json::{Value, json};
use tests::cast::{list, text};
use tests::http::Answer;
use tests::{cast, kit, run};

use super::stage::{CUSTOMER, Stage};
use crate::support::refused_input;

const OURS: &str = "/v1/invoices/INV-1/comments";
const THEIRS: &str = "/invoices/INV-1/comments";

async fn say(stage: &Stage, body: Value) -> Answer {
    stage.staff("POST", OURS, Some(body)).await
}

async fn ask(stage: &Stage, body: Value) -> Answer {
    stage.ask(&stage.contact, "POST", THEIRS, Some(body)).await
}

fn texts(page: &Value) -> Vec<String> {
    list(page, "comments").iter().map(|one| text(one, "/text")).collect()
}

/// Proves: CP1, CP2
#[test]
fn both_sides_talk_and_no_internal_word_is_in_any_answer_to_a_contact() {
    run(async {
        let stage = Stage::set(kit()).await;
        stage.invoice(CUSTOMER, "INV-1", 20_000).await;
        let bea = cast::member(stage.kit, &stage.owner, "Bea Lima", "admin", None).await;
        let inner = json!({ "text": "CANARY do not give a discount", "mentions": [bea.person.user] });
        let inner = say(&stage, inner).await.ok(201);
        assert_eq!(text(&inner, "/comment/visibility"), "internal", "left out, it is internal");
        let id = text(&inner, "/comment/id");
        say(&stage, json!({ "text": "Is the address right?", "visibility": "customer" })).await.ok(201);
        let answer = ask(&stage, json!({ "text": "It is." })).await.ok(201);
        assert_eq!(text(&answer, "/comment/written_as"), "contact");

        let seen = stage.read(THEIRS).await;
        assert_eq!(texts(&seen), ["Is the address right?", "It is."], "{seen}");
        assert!(!seen.to_string().contains(&stage.owner.person.user), "no ids of the company's people: {seen}");
        let ours = stage.staff("GET", OURS, None).await.ok(200);
        assert_eq!(list(&ours, "comments").len(), 3);
        assert_eq!(text(&ours, "/comments/2/contact"), stage.contact.id, "{ours}");
        for path in ["", "/invoices", "/invoices/INV-1", THEIRS, "/statement?from=2020-01-01&until=2030-01-01"] {
            let shown = stage.read(path).await.to_string();
            assert!(!shown.contains("CANARY") && !shown.contains(&id), "{path}: {shown}");
        }
        assert_eq!(stage.read("/invoices/INV-1").await.pointer("/invoice/comments/count"), Some(&json!(2)));

        refused_input(&ask(&stage, json!({ "text": "Psst", "visibility": "internal" })).await, "visibility");
        refused_input(&ask(&stage, json!({ "text": "What?", "reply_to": id })).await, "reply_to");
        refused_input(&ask(&stage, json!({ "text": "You", "mentions": [bea.person.user] })).await, "mentions");
        refused_input(&ask(&stage, json!({ "text": "" })).await, "text");
        let never = "cm_00000000000070008000000000000000";
        let unknown = ask(&stage, json!({ "text": "What?", "reply_to": never })).await;
        let hidden = ask(&stage, json!({ "text": "What?", "reply_to": id })).await;
        assert_eq!(unknown.bytes, hidden.bytes, "an internal comment is as one that does not exist");
        let up_to = async |id: &str| {
            let body = json!({ "up_to": id });
            stage.ask(&stage.contact, "POST", &format!("{THEIRS}/read"), Some(body)).await
        };
        assert_eq!(up_to(&id).await.bytes, up_to(never).await.bytes);

        // The company's people answer an internal comment internally.
        let loud = json!({ "text": "Agreed", "reply_to": id, "visibility": "customer" });
        refused_input(&say(&stage, loud).await, "reply_to");
        say(&stage, json!({ "text": "Agreed", "reply_to": id })).await.ok(201);
        let stranger = json!({ "text": "You", "mentions": [stage.contact.person.user] });
        refused_input(&say(&stage, stranger).await, "mentions");
    });
}

/// Proves: CP3
#[test]
fn what_is_unread_is_counted_for_each_reader_until_they_say_that_they_read_it() {
    run(async {
        let stage = Stage::set(kit()).await;
        stage.invoice(CUSTOMER, "INV-1", 20_000).await;
        let colleague = cast::contact(stage.kit, &stage.owner, CUSTOMER, "Cora Colleague").await;
        for words in ["One", "Two"] {
            say(&stage, json!({ "text": words, "visibility": "customer" })).await.ok(201);
        }
        ask(&stage, json!({ "text": "Three" })).await.ok(201);
        let unread = async |who: &cast::Contact| {
            let home = stage.ask(who, "GET", "", None).await.ok(200);
            let thread = stage.ask(who, "GET", THEIRS, None).await.ok(200);
            assert_eq!(home.pointer("/comments/unread_count"), thread.get("unread_count"), "{home} {thread}");
            thread["unread_count"].as_u64().expect("a count")
        };
        assert_eq!((unread(&stage.contact).await, unread(&colleague).await), (2, 3), "one's own is read");
        let thread = stage.read(THEIRS).await;
        let read = async |n: usize| {
            let body = json!({ "up_to": text(&list(&thread, "comments")[n], "/id") });
            let answer = stage.ask(&stage.contact, "POST", &format!("{THEIRS}/read"), Some(body)).await;
            assert_eq!(answer.status, 204, "{}", answer.text());
        };
        read(1).await;
        // To say it of an earlier one moves nothing back.
        read(0).await;
        assert_eq!((unread(&stage.contact).await, unread(&colleague).await), (0, 3));

        let ours = async || stage.staff("GET", OURS, None).await.ok(200)["unread_count"].as_u64();
        assert_eq!(ours().await, Some(1), "the contact's");
        let up_to = json!({ "up_to": text(&list(&thread, "comments")[2], "/id") });
        let answer = stage.staff("POST", &format!("{OURS}/read"), Some(up_to)).await;
        assert_eq!((answer.status, ours().await), (204, Some(0)), "{}", answer.text());
    });
}
