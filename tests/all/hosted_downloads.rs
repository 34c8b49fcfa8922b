//! Attachments of a document through its hosted link.

use serde_json::{Value, json};
use tests::cast::{self, Owner, list, text};
use tests::machine::{self, CUSTOMER, Ledger};
use tests::runtime_api::HttpEvent;
use tests::{Kit, kit, people, run, story};

use crate::documents;
use crate::faults::rig::{Rig, refused};
use crate::hosted_bounds::{contact, forward, let_its_days_pass, opened, seller, send, switch_off};

/// An invoice with a file, and the file's id.
async fn with_file(kit: &Kit, owner: &Owner, ledger: &Ledger, invoice: &str, name: &str) -> (Value, String, Vec<u8>) {
    let (declared, file) = documents::clean(kit, owner, name).await;
    let id = text(&declared, "/document/id");
    let mut body = machine::invoice(invoice, 4_200);
    body["attachments"] = json!([{ "document": id }]);
    ledger.put(kit, &owner.company.id, "invoices", invoice, body).await.ok(201);
    (declared, id, file)
}

fn download(path: &str, file: &str) -> String {
    format!("{path}/attachments/{file}/download")
}

/// Who has a link to one invoice would otherwise get another customer's files, or a version that nobody sent them.
/// Proves: H5, CP6, C6
#[test]
fn the_holder_of_a_link_gets_the_files_of_its_document_and_no_others() {
    run(async {
        let kit = kit();
        let (owner, ledger) = seller(kit).await;
        let (declared, plan, file) = with_file(kit, &owner, &ledger, "INV-1", "Plan.pdf").await;
        let (_, other, _) = with_file(kit, &owner, &ledger, "INV-2", "Other.pdf").await;
        let email = people::address("Nora Nord");
        let id = cast::add_contact(kit, &owner, CUSTOMER, "Nora Nord", &email).await;
        let (_, path) = send(kit, &owner, ("invoice", "INV-1"), &id, &email).await;
        documents::new_version(kit, &owner, &declared).await;

        let shown = opened(kit, &path).await;
        let files = list(&shown, "attachments");
        assert_eq!((files.len(), &files[0]["document"], &files[0]["name"]), (1, &json!(plan), &json!("Plan.pdf")));
        let page = kit.api.post(&format!("{path}/viewed")).header("accept", "text/html").send().await.text();
        assert!(page.contains(&format!("attachments/{plan}/download")) && page.contains("Plan.pdf"), "{page}");

        let ask = |file: &str| kit.api.post(&download(&path, file)).header("accept", "application/json");
        let link = ask(&plan).ok(201).await;
        assert_eq!(link["number"], 1, "the version that is attached: {link}");
        let answer = kit.http.get(text(&link, "/download_url")).send().await.expect("S3 answers");
        assert_eq!(answer.bytes().await.expect("the file"), file);
        let page = kit.api.post(&download(&path, &plan)).header("accept", "text/html").send().await;
        assert_eq!(page.status, 201, "{}", page.text());
        assert!(page.text().contains("Download the file"), "{}", page.text());
        for absent in [other.as_str(), "doc_00000000000070008000000000000000"] {
            ask(absent).refused(404, "not-found").await;
            let page = kit.api.post(&download(&path, absent)).header("accept", "text/html").send().await;
            assert_eq!(page.status, 404, "{}", page.text());
        }

        let seen = kit.api.get(&format!("/v1/documents/{plan}")).by(&owner.person).within(&owner.here).ok(200).await;
        let downloads = list(&seen, "downloads");
        assert_eq!(downloads.len(), 2, "{seen}");
        for download in downloads {
            assert_eq!((&download["contact"], &download["by_name"]), (&json!(id), &json!("Nora Nord")), "{seen}");
            assert_eq!(download.get("by"), None, "{seen}");
        }
        assert_eq!(story::events_of_type(kit, &owner.company.id, "document.downloaded").await, 2);
    });
}

/// Proves: H5, N4, 9
#[test]
fn files_through_a_link_end_with_it_and_with_the_access_behind_it() {
    run(async {
        let kit = kit();
        let (owner, ledger) = seller(kit).await;
        let (_, plan, _) = with_file(kit, &owner, &ledger, "INV-1", "Plan.pdf").await;
        let clara = contact(kit, &owner, "Clara Contact", None).await;
        let friend = people::sign_up(kit, "Frida Friend").await;
        let ask = |path: &str| kit.api.post(&download(path, &plan)).header("accept", "application/json").send_owned();

        let (_, forwarded) = forward(kit, &clara, "invoices/INV-1", &friend).await;
        ask(&forwarded).await.ok(201);
        switch_off(kit, &owner, &clara).await;
        assert_eq!(text(&ask(&forwarded).await.refused(410, "gone"), "/state"), "revoked");
        let page = kit.api.post(&download(&forwarded, &plan)).header("accept", "text/html").send().await;
        assert_eq!(page.status, 410, "{}", page.text());

        let email = people::address("Ella Ended");
        let ella = cast::add_contact(kit, &owner, CUSTOMER, "Ella Ended", &email).await;
        let (id, sent) = send(kit, &owner, ("invoice", "INV-1"), &ella, &email).await;
        ask(&sent).await.ok(201);
        let_its_days_pass(kit, &owner, &id).await;
        assert_eq!(text(&ask(&sent).await.refused(410, "gone"), "/state"), "expired");
        let forged = sent.replace(&id, "dl_00000000000070008000000000000000");
        ask(&forged).await.refused(404, "not-found");

        // A file that is gone is not shown, and not handed out.
        let (_, sent) = send(kit, &owner, ("invoice", "INV-1"), &ella, &email).await;
        let file = format!("/v1/documents/{plan}");
        let gone = kit.api.delete(&file).by(&owner.person).within(&owner.here).send().await;
        assert!((200..300).contains(&gone.status), "{}", gone.text());
        assert!(list(&opened(kit, &sent).await, "attachments").is_empty());
        assert_eq!(text(&ask(&sent).await.refused(409, "conflict"), "/state"), "deleted");
    });
}

/// Anybody who has the link could otherwise fill the company's audit log, and push real downloads out of view.
/// Proves: H3, H5, 15
#[test]
fn files_are_handed_out_through_a_link_so_many_times_a_day() {
    run(async {
        let kit = kit();
        let (owner, ledger) = seller(kit).await;
        let (_, plan, _) = with_file(kit, &owner, &ledger, "INV-1", "Plan.pdf").await;
        let mut paths = Vec::new();
        for name in ["Nora Nord", "Theo Third", "Fia Fourth"] {
            let email = people::address(name);
            let id = cast::add_contact(kit, &owner, CUSTOMER, name, &email).await;
            paths.push(send(kit, &owner, ("invoice", "INV-1"), &id, &email).await.1);
        }
        let limits = "contact_letters_per_person=1/day contact_letters_per_customer=2/day letters_per_person=0/day";
        let rig = Rig::of(kit, "documents").await.with("LIMITS", limits);
        let function = rig.start().await;
        let ask = async |path: &str, accept: &str| {
            let event = HttpEvent::post(&download(path, &plan)).header("accept", accept);
            function.request(&event).await.expect("an answer")
        };
        let first = ask(&paths[0], "application/json").await;
        assert_eq!(first.status, 201, "{}", first.text());
        refused(&ask(&paths[0], "application/json").await, 429, "too-many-requests");
        let page = ask(&paths[0], "text/html").await;
        assert_eq!(page.status, 429, "{}", page.text());
        assert!(page.text().contains("Too many requests"), "{}", page.text());
        assert!(page.headers.contains_key("retry-after"), "{:?}", page.headers);
        assert_eq!(ask(&paths[1], "application/json").await.status, 201, "another contact is counted apart");
        refused(&ask(&paths[2], "application/json").await, 429, "too-many-requests");
        assert_eq!(story::events_of_type(kit, &owner.company.id, "document.downloaded").await, 2);
    });
}
