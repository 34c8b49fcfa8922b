//! Comments on a document through its hosted link.

use serde_json::{Value, json};
use tests::cast::{self, Contact, Owner, list, text};
use tests::mailbox::Message;
use tests::people::{self, Person};
use tests::{Kit, kit, run};

use crate::hosted_bounds::{contact, forward, let_its_days_pass, opened, seller, send, switch_off, withdrawn};

/// A contact without access at somebody's address; answers its id.
async fn without_access(kit: &Kit, owner: &Owner, name: &str) -> (Person, String) {
    let person = people::sign_up(kit, name).await;
    let id = cast::add_contact(kit, owner, "CUS-1", &person.name, &person.email).await;
    (person, id)
}

async fn of_company(kit: &Kit, owner: &Owner, document: &str, body: Value) -> Value {
    let path = format!("/v1/{document}/comments");
    kit.api.post(&path).by(&owner.person).within(&owner.here).json(body).ok(201).await
}

/// The comments as the company's owner sees them.
async fn seen_by_owner(kit: &Kit, owner: &Owner, document: &str) -> Vec<Value> {
    let path = format!("/v1/{document}/comments");
    list(&kit.api.get(&path).by(&owner.person).within(&owner.here).ok(200).await, "comments").clone()
}

fn comments(path: &str) -> String {
    format!("{path}/comments")
}

async fn settings(kit: &Kit, owner: &Owner, rights: Value) {
    let body = json!({ "rights": rights });
    let path = "/v1/customer-portal-settings";
    kit.api.put(path).by(&owner.person).within(&owner.here).json(body).ok(200).await;
}

fn said(words: &'static str) -> impl Fn(&Message) -> bool {
    move |mail: &Message| mail.text.contains(words)
}

/// Who asks through a link would otherwise never learn the answer; or read what the company says among itself.
/// Proves: H4, CP1, L3
#[test]
fn a_question_through_a_link_reaches_the_company_and_the_answer_its_address() {
    run(async {
        let kit = kit();
        let (owner, ledger) = seller(kit).await;
        ledger.invoice(kit, &owner.company.id, "INV-1", 4_200).await;
        let (nora, nora_id) = without_access(kit, &owner, "Nora Nord").await;
        let (quiet, quiet_id) = without_access(kit, &owner, "Quentin Quiet").await;
        let (_, path) = send(kit, &owner, ("invoice", "INV-1"), &nora_id, &nora.email).await;
        send(kit, &owner, ("invoice", "INV-1"), &quiet_id, &quiet.email).await;

        let internal = of_company(kit, &owner, "invoices/INV-1", json!({ "text": "Nora pays late" })).await;
        of_company(kit, &owner, "invoices/INV-1", json!({ "text": "Here it is", "visibility": "customer" })).await;
        let shown = opened(kit, &path).await;
        let words: Vec<&Value> = list(&shown, "comments").iter().map(|comment| &comment["text"]).collect();
        assert_eq!(words, ["Here it is"], "{shown}");
        assert_eq!((&shown["may_comment"], &shown["has_older_comments"]), (&json!(true), &json!(false)), "{shown}");

        // The same request twice is one comment.
        let asks = json!({ "text": "Which shop is it for?", "reply_to": shown["comments"][0]["id"] });
        let key = people::unique();
        let ask = || kit.api.post(&comments(&path)).key(&key).json(asks.clone()).ok(201);
        let (first, again) = (ask().await, ask().await);
        assert_eq!(first, again);
        assert_eq!(text(&first, "/comment/written_as"), "link", "{first}");
        let to_internal = json!({ "text": "Why?", "reply_to": internal["comment"]["id"] });
        let refused = kit.api.post(&comments(&path)).json(to_internal).send().await;
        refused.refused_field(422, "invalid-field", "reply_to");
        let seen = seen_by_owner(kit, &owner, "invoices/INV-1").await;
        let asked: Vec<&Value> = seen.iter().filter(|comment| comment["written_as"] == "link").collect();
        assert_eq!(asked.len(), 1, "{seen:?}");
        assert_eq!((&asked[0]["by_name"], &asked[0]["visibility"]), (&json!("Nora Nord"), &json!("customer")));
        let mail = kit.mailbox.wait_for(&owner.person.email, "question", said("Which shop is it for?")).await;
        assert!(mail.text.contains("/invoices/INV-1"), "{mail}");

        of_company(kit, &owner, "invoices/INV-1", json!({ "text": "The second", "visibility": "customer" })).await;
        let mail = kit.mailbox.wait_for(&nora.email, "answer", said("The second")).await;
        let hosted = format!("/h/{}", cast::token_in(&mail.link("/h/")));
        assert_eq!(opened(kit, &hosted).await["comments"][2]["text"], "The second");
        for (email, words) in [(&nora.email, "Nora pays late"), (&quiet.email, "The second")] {
            let inbox = kit.mailbox.inbox(email).await;
            assert!(!inbox.iter().any(said(words)), "{email} was told: {words}");
        }
        let page = kit.api.post(&format!("{path}/viewed")).header("accept", "text/html").send().await.text();
        assert!(page.contains("The second") && !page.contains("Nora pays late"), "{page}");
    });
}

/// A double click would otherwise ask twice, and what one party writes run in the browser of another.
/// Proves: H4, 3, 11
#[test]
fn a_form_that_is_sent_twice_comments_once_and_what_it_says_stays_text() {
    run(async {
        let kit = kit();
        let (owner, ledger) = seller(kit).await;
        ledger.invoice(kit, &owner.company.id, "INV-1", 4_200).await;
        let (nora, id) = without_access(kit, &owner, "Nora Nord").await;
        let (_, path) = send(kit, &owner, ("invoice", "INV-1"), &id, &nora.email).await;
        let hostile = "<script>alert(1)</script>\"'<img src=x>";
        let count = async || seen_by_owner(kit, &owner, "invoices/INV-1").await.len();

        for _ in 0..2 {
            let page = kit.api.post(&comments(&path)).form(&[("text", hostile)]).send().await;
            assert_eq!(page.status, 200, "{}", page.text());
            let page = page.text();
            assert!(page.contains("&#60;script&#62;alert(1)") && !page.contains("<script"), "{page}");
            assert!(!page.contains("<img"), "{page}");
        }
        assert_eq!(count().await, 1);
        // The page that shows it has another form: the same words once more are said once more.
        let newest = text(&opened(kit, &path).await, "/comments/0/id");
        let form = [("text", hostile), ("after", newest.as_str())];
        assert_eq!(kit.api.post(&comments(&path)).form(&form).send().await.status, 200);
        assert_eq!(count().await, 2);

        let long = "x".repeat(2_001);
        for (form, said) in
            [([("text", "")], "the text is required"), ([("text", long.as_str())], "the text is longer")]
        {
            let page = kit.api.post(&comments(&path)).form(&form).send().await;
            assert_eq!(page.status, 422, "{}", page.text());
            let page = page.text();
            assert!(page.contains(&format!("Your comment was not added: {said}")), "{page}");
            assert!(page.contains(form[0].1), "what was written comes back");
        }
        for (body, field) in [
            (json!({}), "text"),
            (json!({ "text": " " }), "text"),
            (json!({ "text": long }), "text"),
            (json!({ "text": "Why?", "reply_to": "cm_00000000000070008000000000000000" }), "reply_to"),
            (json!({ "text": "Why?", "visibility": "internal" }), "visibility"),
            (json!({ "text": "Why?", "mentions": [] }), "mentions"),
        ] {
            let refused = kit.api.post(&comments(&path)).json(body).send().await;
            refused.refused_field(422, "invalid-field", field);
        }
        assert_eq!(count().await, 2);
    });
}

/// A contact would otherwise find their own question among what they have not read.
/// Proves: CP3
#[test]
fn what_a_contact_asks_through_their_own_link_is_unread_for_others_alone() {
    run(async {
        let kit = kit();
        let (owner, ledger) = seller(kit).await;
        ledger.invoice(kit, &owner.company.id, "INV-1", 4_200).await;
        let clara = contact(kit, &owner, "Clara Contact", None).await;
        let cora = contact(kit, &owner, "Cora Colleague", None).await;
        let (_, path) = send(kit, &owner, ("invoice", "INV-1"), &clara.id, &clara.person.email).await;
        kit.api.post(&comments(&path)).json(json!({ "text": "Which shop is it for?" })).ok(201).await;
        let unread = async |who: &Contact| {
            let get = async |path: &str| kit.api.get(path).by(&who.person).within(&who.here).ok(200).await;
            let home = get("/v1/customer-portal").await["comments"]["unread_count"].clone();
            let invoice = get("/v1/customer-portal/invoices/INV-1").await;
            let thread = get("/v1/customer-portal/invoices/INV-1/comments").await["unread_count"].clone();
            assert_eq!(invoice.to_string().matches(&format!("\"unread_count\":{thread}")).count(), 1, "{invoice}");
            (home, thread)
        };
        assert_eq!(unread(&clara).await, (json!(0), json!(0)));
        assert_eq!(unread(&cora).await, (json!(1), json!(1)));
    });
}

/// Who may not comment, or no longer, would otherwise do it through a link.
/// Proves: H4, N4, 9
#[test]
fn comments_through_a_link_end_with_what_lets_its_holder_comment() {
    run(async {
        let kit = kit();
        let (owner, ledger) = seller(kit).await;
        ledger.invoice(kit, &owner.company.id, "INV-1", 4_200).await;
        ledger.estimate(kit, &owner.company.id, "EST-1", 4_200).await;
        let may = json!(["invoices.view", "estimates.view", "estimates.comment", "sales.forward"]);
        let narrow: Contact = contact(kit, &owner, "Nina Narrow", Some(may)).await;
        let clara = contact(kit, &owner, "Clara Contact", None).await;
        let friend = people::sign_up(kit, "Frida Friend").await;
        let say = |path: &str| kit.api.post(&comments(path)).json(json!({ "text": "May I?" })).send_owned();

        let (_, of_narrow) = forward(kit, &narrow, "invoices/INV-1", &friend).await;
        assert_eq!(opened(kit, &of_narrow).await["may_comment"], false);
        say(&of_narrow).await.refused(403, "not-granted");
        let page = kit.api.post(&comments(&of_narrow)).form(&[("text", "May I?")]).send().await;
        assert_eq!(page.status, 403, "{}", page.text());
        assert!(!page.text().contains("Add the comment"), "{}", page.text());
        assert!(
            page.text().contains("<blockquote>May I?</blockquote>"),
            "what was written comes back: {}",
            page.text()
        );
        let (_, of_narrow) = forward(kit, &narrow, "estimates/EST-1", &friend).await;
        say(&of_narrow).await.ok(201);

        let (_, path) = forward(kit, &clara, "invoices/INV-1", &friend).await;
        settings(kit, &owner, json!(["forward"])).await;
        assert_eq!(opened(kit, &path).await["may_comment"], false);
        say(&path).await.refused(403, "not-granted");
        settings(kit, &owner, json!(["forward", "comment"])).await;
        assert_eq!(opened(kit, &path).await["may_comment"], true);
        switch_off(kit, &owner, &clara).await;
        withdrawn(kit, &path).await;
        say(&path).await.refused(410, "gone");

        let email = people::address("Ella Ended");
        let ella = cast::add_contact(kit, &owner, "CUS-1", "Ella Ended", &email).await;
        let (ended, path) = send(kit, &owner, ("invoice", "INV-1"), &ella, &email).await;
        let link = format!("/v1/document-links/{ended}");
        let gone = kit.api.delete(&link).by(&owner.person).within(&owner.here).send().await;
        assert_eq!(gone.status, 204, "{}", gone.text());
        assert_eq!(text(&say(&path).await.refused(410, "gone"), "/state"), "revoked");
        let (expired, path) = send(kit, &owner, ("invoice", "INV-1"), &ella, &email).await;
        let_its_days_pass(kit, &owner, &expired).await;
        assert_eq!(text(&say(&path).await.refused(410, "gone"), "/state"), "expired");
        let page = kit.api.post(&comments(&path)).form(&[("text", "May I?")]).send().await;
        assert_eq!(page.status, 410, "{}", page.text());
        assert!(page.text().contains("Send a new link"), "{}", page.text());
        let forged = path.replace(&expired, "dl_00000000000070008000000000000000");
        say(&forged).await.refused(404, "not-found");
        assert!(seen_by_owner(kit, &owner, "invoices/INV-1").await.is_empty());
    });
}
