//! The home, the lists, one document, its attachments, and who has seen what.

use serde_json::{Value, json};
use tests::cast::{list, text};
use tests::{kit, machine, run, story, uploads};

use super::stage::{CUSTOMER, OTHER, Stage};
use crate::documents;
use crate::support::{refused_input, with};

/// Proves: CP4
#[test]
fn the_home_of_a_contact_says_what_is_owed_what_waits_and_what_is_new() {
    run(async {
        let stage = Stage::set(kit()).await;
        let empty = stage.read("").await;
        assert_eq!(text(&empty, "/customer/name"), machine::CUSTOMER_NAME);
        assert!(list(&empty, "owed").is_empty() && empty.get("last_paid").is_none(), "{empty}");

        let mut overdue = machine::invoice("INV-1", 20_000);
        (overdue["issued_on"], overdue["due_on"]) = (json!("2020-01-01"), json!("2020-02-01"));
        stage.push("invoices", "INV-1", CUSTOMER, overdue).await;
        let mut due = machine::invoice("INV-2", 5_000);
        due["due_on"] = json!("2099-01-01");
        stage.push("invoices", "INV-2", CUSTOMER, due).await;
        let mut expired = machine::estimate("EST-1", 900);
        (expired["issued_on"], expired["valid_until"]) = (json!("2020-01-01"), json!("2020-02-01"));
        expired.as_object_mut().unwrap().remove("due_on");
        stage.push("estimates", "EST-1", CUSTOMER, expired).await;
        stage.estimate(CUSTOMER, "EST-2", 1_000).await;
        stage.invoice(OTHER, "INV-3", 777_777).await;
        let words = json!({ "text": "Shall we begin on Monday?", "visibility": "customer" });
        stage.staff("POST", "/v1/estimates/EST-2/comments", Some(words)).await.ok(201);

        let home = stage.read("").await;
        let owed = &list(&home, "owed")[0];
        assert_eq!((&owed["currency"], &owed["outstanding_minor"]), (&json!("EUR"), &json!(25_000)), "{home}");
        assert_eq!(owed["overdue_minor"], 20_000);
        assert_eq!(owed["next_due"], json!({ "due_on": "2099-01-01", "amount_minor": 5_000 }));
        assert_eq!(owed["ageing"]["over_90_days_minor"], 20_000);
        let waiting = list(&home["open_estimates"], "items");
        assert_eq!((waiting.len(), text(&waiting[0], "/reference")), (1, "EST-2".to_owned()), "{home}");
        assert_eq!(home.pointer("/comments/unread_count"), Some(&json!(1)), "{home}");
        assert!(!home.to_string().contains("777777"), "nothing of another customer: {home}");
    });
}

/// Proves: CP4
#[test]
fn a_contact_lists_and_reads_what_was_sent_and_never_a_draft() {
    run(async {
        let stage = Stage::set(kit()).await;
        stage.invoice(CUSTOMER, "INV-1", 20_000).await;
        let mut old = machine::invoice("INV-2", 5_000);
        (old["issued_on"], old["due_on"]) = (json!("2020-01-01"), json!("2020-02-01"));
        stage.push("invoices", "INV-2", CUSTOMER, old).await;
        let mut draft = machine::invoice("INV-3", 1_000);
        draft["status"] = json!("draft");
        stage.push("invoices", "INV-3", CUSTOMER, draft).await;
        stage.estimate(CUSTOMER, "EST-1", 1_000).await;
        stage.invoice(OTHER, "INV-4", 1_000).await;

        let references = async |path: &str| -> Vec<String> {
            let answer = stage.read(path).await;
            list(&answer, "invoices").iter().map(|one| text(one, "/reference")).collect()
        };
        assert_eq!(references("/invoices").await, ["INV-1", "INV-2"], "the last issued first");
        assert_eq!(references("/invoices?status=overdue").await, ["INV-2"]);
        assert_eq!(references("/invoices?status=sent").await, ["INV-1"]);
        assert_eq!(references("/invoices?from=2020-01-02").await, ["INV-1"]);
        assert_eq!(references("/invoices?until=2020-01-01").await, ["INV-2"]);
        assert!(references("/invoices?from=2030-01-01&until=2020-01-01").await.is_empty());
        let refused = stage.ask(&stage.contact, "GET", "/invoices?status=lost", None).await;
        refused_input(&refused, "status");
        assert_eq!(list(&stage.read("/estimates").await, "estimates").len(), 1);
        assert!(list(&stage.read("/credit-notes").await, "credit_notes").is_empty());

        let shown = stage.read("/invoices/INV-1").await;
        assert_eq!(shown.pointer("/invoice/total_minor"), Some(&json!(20_000)), "{shown}");
        assert!(!list(&shown["invoice"], "lines").is_empty(), "{shown}");
        assert_eq!(shown.pointer("/invoice/comments/count"), Some(&json!(0)), "{shown}");
        for absent in ["/invoices/INV-3", "/invoices/INV-4", "/invoices/NEVER-1", "/estimates/INV-1"] {
            stage.ask(&stage.contact, "GET", absent, None).await.refused(404, "not-found");
        }
    });
}

/// Proves: CP5
#[test]
fn a_view_counts_for_each_content_and_contact_and_only_when_it_is_noted() {
    run(async {
        let stage = Stage::set(kit()).await;
        stage.estimate(CUSTOMER, "EST-1", 1_000).await;
        let views = async || list(&stage.read("/estimates/EST-1").await["estimate"], "views").clone();
        let viewed = async |digest: &str| {
            let body = json!({ "digest": digest });
            stage.ask(&stage.contact, "POST", "/estimates/EST-1/viewed", Some(body)).await
        };
        // Staff look, the contact's page is fetched: nothing of that is a view.
        stage.staff("GET", "/v1/estimates/EST-1", None).await.ok(200);
        assert!(views().await.is_empty());
        let first = stage.digest("estimates", "EST-1").await;
        for count in [1, 2] {
            let answer = viewed(&first).await.ok(200);
            assert_eq!((&answer["revision"], &answer["count"]), (&json!(1), &json!(count)), "{answer}");
        }
        let shown = stage.read("/estimates/EST-1").await;
        assert_eq!(text(&shown, "/estimate/status"), "viewed", "{shown}");
        assert_eq!(views().await[0]["name"], stage.contact.person.name);

        // The ledger changes it: nobody has seen that, and what was shown before cannot be noted any more.
        stage.estimate(CUSTOMER, "EST-1", 2_000).await;
        viewed(&first).await.refused(409, "conflict");
        let shown = stage.read("/estimates/EST-1").await;
        assert_eq!(text(&shown, "/estimate/status"), "sent", "{shown}");
        let second = stage.digest("estimates", "EST-1").await;
        viewed(&second).await.ok(200);
        let revisions: Vec<_> = views().await.iter().map(|view| view["revision"].clone()).collect();
        assert_eq!(revisions, [json!(2), json!(1)]);
        assert_eq!(story::events_of_type(stage.kit, &stage.owner.company.id, "sales_document.viewed").await, 2);

        // A member has no such route, and their token none of the portal.
        let staff =
            stage.staff("POST", "/v1/customer-portal/estimates/EST-1/viewed", Some(json!({ "digest": second })));
        staff.await.refused(403, "not-granted");
    });
}

/// Proves: CP6
#[test]
fn an_attachment_is_downloaded_by_those_who_see_its_document_and_nothing_else_is() {
    run(async {
        let stage = Stage::set(kit()).await;
        let (attached, file) = documents::clean(stage.kit, &stage.owner, "Plan.pdf").await;
        let (loose, _) = documents::clean(stage.kit, &stage.owner, "Secret.pdf").await;
        let (attached, loose) = (text(&attached, "/document/id"), text(&loose, "/document/id"));
        for (customer, reference, kind) in [(CUSTOMER, "INV-1", "invoices"), (OTHER, "INV-2", "invoices")] {
            let mut body = machine::invoice(reference, 1_000);
            body["attachments"] = json!([{ "document": if customer == CUSTOMER { &attached } else { &loose } }]);
            stage.push(kind, reference, customer, body).await;
        }
        let download = async |reference: &str, document: &str| {
            let path = format!("/invoices/{reference}/attachments/{document}/download");
            stage.ask(&stage.contact, "POST", &path, None).await
        };
        let link = download("INV-1", &attached).await.ok(201);
        let answer = stage.kit.http.get(text(&link, "/download_url")).send().await.expect("S3 answers");
        assert_eq!(answer.bytes().await.expect("the file"), file);
        let missing = download("INV-1", "doc_00000000000070008000000000000000").await;
        missing.refused(404, "not-found");
        for (reference, document) in [("INV-1", &loose), ("INV-2", &loose), ("NEVER-1", &attached)] {
            let refused = download(reference, document).await;
            assert_eq!((refused.status, &refused.bytes), (404, &missing.bytes), "{}", refused.line);
        }
        let shown = stage.staff("GET", &format!("/v1/documents/{attached}"), None).await.ok(200);
        let downloads = list(&shown, "downloads");
        assert_eq!(with(downloads, "by", &stage.contact.person.user).len(), 1, "the company sees who got the file");
        let shown = stage.read("/invoices/INV-1").await;
        assert_eq!(text(&shown, "/invoice/attachments/0/document"), attached);
        assert_eq!(text(&shown, "/invoice/attachments/0/sha256"), uploads::sha256(&file));
    });
}

/// The id that the home names would otherwise open nothing.
/// Proves: 23, CP4, CP6, K4
#[test]
fn the_home_shows_the_company_as_it_chose_and_opens_its_logo_and_no_other_document() {
    run(async {
        let stage = Stage::set(kit()).await;
        let logo = async || stage.ask(&stage.contact, "POST", "/logo/download", None).await;
        logo().await.refused(404, "not-found");
        let file = file_probe::examples::png();
        let declared = uploads::declare(stage.kit, &stage.owner, "Logo.png", "image/png", &file).await;
        assert_eq!(uploads::post(stage.kit, &declared, &file, &[]).await.status, 204);
        let document = format!("/v1/documents/{}", declared.document);
        documents::until(stage.kit, &stage.owner, &document, "clean").await;
        // No right is needed to see whose portal it is.
        let mut settings = json!({
            "rights": [], "banner": "Closed in August", "terms": "30 days net", "color": "#0A6C74",
            "logo": declared.document,
        });
        let choose = async |settings: &Value| {
            stage.staff("PUT", "/v1/customer-portal-settings", Some(settings.clone())).await.ok(200)
        };
        choose(&settings).await;
        let company = stage.read("").await["company"].clone();
        for (part, shown) in [
            ("banner", "Closed in August"),
            ("terms", "30 days net"),
            ("color", "#0a6c74"),
            ("logo", declared.document.as_str()),
        ] {
            assert_eq!(company[part], json!(shown), "{company}");
        }
        let link = logo().await.ok(201);
        let answer = stage.kit.http.get(text(&link, "/download_url")).send().await.expect("S3 answers");
        assert_eq!(answer.bytes().await.expect("the file"), file);
        let shown = stage.staff("GET", &document, None).await.ok(200);
        assert_eq!(with(list(&shown, "downloads"), "by", &stage.contact.person.user).len(), 1, "{shown}");

        settings["logo"] = Value::Null;
        choose(&settings).await;
        logo().await.refused(404, "not-found");
        settings["logo"] = json!(declared.document);
        choose(&settings).await;
        logo().await.ok(201);
        assert_eq!(stage.staff("DELETE", &document, None).await.status / 100, 2);
        logo().await.refused(404, "not-found");
    });
}

/// Somebody who may upload documents would otherwise change what a customer has accepted.
/// Proves: C6, CP6
#[test]
fn a_contact_gets_the_version_that_was_attached_whatever_is_uploaded_later() {
    run(async {
        let stage = Stage::set(kit()).await;
        let (declared, first) = documents::clean(stage.kit, &stage.owner, "Terms.pdf").await;
        let document = text(&declared, "/document/id");
        let mut body = machine::estimate("EST-1", 1_000);
        (body["attachments"], body["version"]) = (json!([{ "document": document }]), json!(1));
        stage.push("estimates", "EST-1", CUSTOMER, body.clone()).await;
        let seen = stage.digest("estimates", "EST-1").await;
        let downloaded = async || {
            let path = format!("/estimates/EST-1/attachments/{document}/download");
            let link = stage.ask(&stage.contact, "POST", &path, None).await.ok(201);
            let answer = stage.kit.http.get(text(&link, "/download_url")).send().await.expect("S3 answers");
            (link["number"].clone(), answer.bytes().await.expect("the file").to_vec())
        };

        let second = documents::new_version(stage.kit, &stage.owner, &declared).await;
        assert_eq!(downloaded().await, (json!(1), first.clone()));
        // The ledger sends the same once more: it says the same.
        stage.push("estimates", "EST-1", CUSTOMER, body.clone()).await;
        assert_eq!(stage.digest("estimates", "EST-1").await, seen);
        assert_eq!(downloaded().await, (json!(1), first));

        // The new version reaches the customer as another content of the estimate.
        body["attachments"][0]["number"] = json!(2);
        body["version"] = json!(2);
        stage.push("estimates", "EST-1", CUSTOMER, body).await;
        let decision = json!({ "decision": "accepted", "digest": seen });
        let late = stage.ask(&stage.contact, "POST", "/estimates/EST-1/decision", Some(decision)).await;
        late.refused(409, "conflict");
        assert_eq!(downloaded().await, (json!(2), second));
    });
}
