//! `/v1/documents`: declaring, listing, downloading, changing, deleting, holding and commenting. What `inspect` does
//! with an uploaded file is in `inspect.rs`.

mod mentions;
mod names;
mod storage;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tests::cast::{self, Context, Owner, list, text};
use tests::http::Answer;
use tests::machine::Ledger;
use tests::people::Person;
use tests::{Kit, kit, run, story, uploads};

use crate::faults::rig::eventually;
use crate::support::{at_once, refused_input};

/// The bytes of a PDF that no other test has.
pub(crate) fn pdf() -> Vec<u8> {
    format!(
        "%PDF-1.4\n% {}\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n",
        tests::people::unique()
    )
    .into_bytes()
}

/// A row that declares a file.
pub(crate) fn row(name: &str, file: &[u8]) -> Value {
    json!({
        "name": name, "size_bytes": file.len(), "file_type": "application/pdf",
        "sha256": uploads::sha256(file), "kind": "receipt",
    })
}

pub(crate) fn changed(mut row: Value, field: &str, value: Value) -> Value {
    row[field] = value;
    row
}

/// Declares files and answers the rows.
pub(crate) async fn declare(kit: &Kit, person: &Person, here: &Context, rows: Vec<Value>) -> Vec<Value> {
    let answer = kit.api.post("/v1/documents").by(person).within(here).json(json!({ "documents": rows })).ok(200).await;
    list(&answer, "rows").clone()
}

/// Declares one file and answers its row.
async fn declare_one(kit: &Kit, owner: &Owner, row: Value) -> Value {
    declare(kit, &owner.person, &owner.here, vec![row]).await.remove(0)
}

/// Posts a file as its permission says, and answers S3's status.
pub(crate) async fn post(kit: &Kit, row: &Value, file: &[u8]) -> u16 {
    uploads::post_form(kit, &row["upload"], file, &[]).await.status
}

fn path(row: &Value) -> String {
    format!("/v1/documents/{}", text(row, "/document/id"))
}

async fn show(kit: &Kit, owner: &Owner, path: &str) -> Value {
    kit.api.clone_silent().get(path).by(&owner.person).within(&owner.here).ok(200).await
}

/// A document of the owner's whose file was uploaded and found clean, and the file.
pub(crate) async fn clean(kit: &Kit, owner: &Owner, name: &str) -> (Value, Vec<u8>) {
    let file = pdf();
    let declared = declare_one(kit, owner, row(name, &file)).await;
    assert_eq!(post(kit, &declared, &file).await, 204, "{declared}");
    until(kit, owner, &path(&declared), "clean").await;
    (declared, file)
}

/// Uploads a new version of a document, whose file is found clean, and answers the file.
pub(crate) async fn new_version(kit: &Kit, owner: &Owner, declared: &Value) -> Vec<u8> {
    let (path, file) = (path(declared), pdf());
    let version = json!({ "size_bytes": file.len(), "file_type": "application/pdf", "sha256": uploads::sha256(&file) });
    let call = kit.api.post(&format!("{path}/versions")).by(&owner.person).within(&owner.here).json(version);
    assert_eq!(post(kit, &call.ok(201).await, &file).await, 204);
    until(kit, owner, &path, "clean").await;
    file
}

pub(crate) async fn until(kit: &Kit, owner: &Owner, path: &str, state: &str) {
    eventually(&format!("{path} is {state}"), async || {
        (text(&show(kit, owner, path).await, "/document/state") == state).then_some(())
    })
    .await;
}

async fn download(kit: &Kit, person: &Person, here: &Context, path: &str) -> Answer {
    kit.api.post(&format!("{path}/download")).by(person).within(here).json(json!({})).send().await
}

/// Proves: 17, F18
#[test]
fn a_receipt_is_uploaded_by_a_client_and_downloaded_by_the_bookkeeper() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Papers Ltd").await;
        let client = cast::member(kit, &owner, "Clara Client", "client", None).await;
        let admin = cast::firm_admin(kit, "Walter Ledgerman", "Papers Accounting").await;
        cast::connect(kit, &owner, &admin, None).await;
        let inside = cast::enter(kit, &admin.person, &owner.company.id).await;

        let file = pdf();
        let rows = declare(kit, &client.person, &client.here, vec![row("Café \"17\".pdf", &file)]).await;
        let declared = &rows[0];
        assert_eq!(
            (text(declared, "/outcome"), text(declared, "/document/state")),
            ("created".into(), "declared".into())
        );
        assert_eq!(text(declared, "/document/uploaded_by/user"), client.person.user);
        let path = path(declared);
        download(kit, &admin.person, &inside, &path).await.refused(409, "conflict");

        assert_eq!(post(kit, declared, &file).await, 204);
        until(kit, &owner, &path, "clean").await;
        let link = download(kit, &admin.person, &inside, &path).await.ok(201);
        let answer = kit.http.get(text(&link, "/download_url")).send().await.expect("S3 answers");
        let header = |name: &str| answer.headers()[name].to_str().expect("text").to_owned();
        assert_eq!(answer.status(), 200);
        assert_eq!(header("content-type"), "application/pdf");
        assert_eq!(
            header("content-disposition"),
            "attachment; filename=\"Caf_ _17_.pdf\"; filename*=UTF-8''Caf%C3%A9%20%2217%22.pdf"
        );
        assert_eq!(answer.bytes().await.expect("the file"), file);

        let shown = show(kit, &owner, &path).await;
        assert_eq!(text(&shown, "/downloads/0/by"), admin.person.user, "who downloaded it is shown");
        assert_eq!(text(&shown, "/document/versions/0/uploaded_by/user"), client.person.user);
        assert_eq!(story::events_of_type(kit, &owner.company.id, "document.downloaded").await, 1);
    });
}

/// Proves: 3, B12, B13
#[test]
fn a_name_size_type_or_checksum_that_is_not_taken_is_named_and_leaves_nothing() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Papers Ltd").await;
        let before = kit.table.trace(&owner.company.id).await;
        let file = pdf();
        let good = || row("Receipt.pdf", &file);
        let cases = [
            ("name", json!("../secret.pdf")),
            ("name", json!("a\\b.pdf")),
            ("name", json!("a\r\nb.pdf")),
            ("name", json!("invoice\u{202e}fdp.exe")),
            ("name", json!("é".repeat(150))),
            ("name", json!("...")),
            ("name", json!("")),
            ("size_bytes", json!(0)),
            ("size_bytes", json!(26_214_401)),
            ("size_bytes", json!(-1)),
            ("file_type", json!("text/html")),
            ("file_type", json!("image/svg+xml")),
            ("file_type", json!("application/octet-stream")),
            ("sha256", json!("abc")),
            ("kind", json!("poem")),
            ("link", json!({ "kind": "transaction", "reference": "NEVER-1" })),
            ("link", json!({ "kind": "request_item", "request": "drq_00000000000070008000000000000000", "item": 0 })),
        ];
        let rows = cases.iter().map(|(field, value)| changed(good(), field, value.clone())).collect();
        let answered = declare(kit, &owner.person, &owner.here, rows).await;
        for ((field, value), row) in cases.iter().zip(&answered) {
            assert_eq!(text(row, "/outcome"), "invalid", "{field} {value}: {row}");
            assert!(text(row, "/field").starts_with(field), "{field} {value}: {row}");
        }
        let many = json!({ "documents": vec![good(); 51] });
        let call = kit.api.post("/v1/documents").by(&owner.person).within(&owner.here);
        refused_input(&call.json(many).send().await, "documents");
        assert_eq!(kit.table.trace(&owner.company.id).await, before);
    });
}

#[test]
fn the_same_bytes_are_the_same_document_however_often_they_are_declared() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Papers Ltd").await;
        let (file, other) = (pdf(), pdf());
        let rows = vec![row("One.pdf", &file), row("Two.pdf", &file), row("Three.pdf", &other)];
        let first = declare(kit, &owner.person, &owner.here, rows).await;
        let outcomes: Vec<String> = first.iter().map(|row| text(row, "/outcome")).collect();
        assert_eq!(outcomes, ["created", "already_there", "created"]);
        assert_eq!(path(&first[0]), path(&first[1]));
        // The upload broke off: another permission for the same document, and it is good.
        let again = declare_one(kit, &owner, row("One.pdf", &file)).await;
        assert_eq!((path(&again), text(&again, "/outcome")), (path(&first[0]), "already_there".to_owned()));
        let waiting = kit.api.get("/v1/documents?state=declared").by(&owner.person).within(&owner.here);
        assert_eq!(list(&waiting.ok(200).await, "documents").len(), 2, "both wait for their files");
        assert_eq!(post(kit, &again, &file).await, 204);
        until(kit, &owner, &path(&again), "clean").await;
        let there = declare_one(kit, &owner, row("One.pdf", &file)).await;
        assert!(there.get("upload").is_none(), "nothing is left to upload: {there}");

        let stranger = cast::owner(kit, "Sven Stranger", "Strangers Ltd").await;
        let theirs = declare_one(kit, &stranger, row("One.pdf", &file)).await;
        assert_eq!(text(&theirs, "/outcome"), "created", "another company's document is nobody's business");
    });
}

/// Proves: F21
#[test]
fn declared_at_once_the_same_bytes_are_one_document() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Papers Ltd").await;
        let body = json!({ "documents": [row("Receipt.pdf", &pdf())] });
        let requests = (0..5).map(|_| {
            kit.api.post("/v1/documents").by(&owner.person).within(&owner.here).json(body.clone()).send_owned()
        });
        let answers = at_once(requests.collect()).await;
        let mut paths: Vec<String> = answers.iter().map(|answer| path(&list(&answer.json(), "rows")[0])).collect();
        paths.dedup();
        assert_eq!(paths.len(), 1, "{paths:?}");
        let shown = kit.api.get("/v1/documents").by(&owner.person).within(&owner.here).ok(200).await;
        assert_eq!(list(&shown, "documents").len(), 1);
    });
}

/// Proves: 2, B16
#[test]
fn a_document_of_another_company_is_not_there() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Papers Ltd").await;
        let stranger = cast::owner(kit, "Sven Stranger", "Strangers Ltd").await;
        let ledger = Ledger::sign_in(kit).await;
        ledger.transaction(kit, &owner.company.id, "T-1", 1_000, None).await;
        let declared = declare_one(kit, &owner, row("Receipt.pdf", &pdf())).await;
        let there = path(&declared);
        let nowhere = "/v1/documents/doc_00000000000070008000000000000000";
        for (method, suffix, body) in [
            ("GET", "", Value::Null),
            ("PATCH", "", json!({ "name": "Mine.pdf" })),
            ("DELETE", "", Value::Null),
            ("POST", "/download", json!({})),
            ("POST", "/restore", Value::Null),
            ("PUT", "/hold", json!({ "reason": "Mine" })),
            ("DELETE", "/hold", Value::Null),
            (
                "POST",
                "/versions",
                json!({ "size_bytes": 1, "file_type": "text/csv", "sha256": STANDARD.encode([0; 32]) }),
            ),
            ("GET", "/comments", Value::Null),
            ("POST", "/comments", json!({ "text": "Mine" })),
        ] {
            let ask = async |path: &str| {
                let call = crate::support::call(&kit.api, method, &format!("{path}{suffix}"));
                let call = call.by(&stranger.person).within(&stranger.here);
                if body.is_null() { call.send().await } else { call.json(body.clone()).send().await }
            };
            let (theirs, none) = (ask(&there).await, ask(nowhere).await);
            theirs.refused(404, "not-found");
            assert_eq!(theirs.bytes, none.bytes, "{method} {suffix}");
        }
        let link = json!({ "kind": "transaction", "reference": "T-1" });
        let rows = vec![changed(row("Receipt.pdf", &pdf()), "link", link.clone())];
        let linked = declare(kit, &stranger.person, &stranger.here, rows).await;
        assert_eq!(text(&linked[0], "/field"), "link", "a transaction of another company is none: {linked:?}");
        let mine = declare_one(kit, &stranger, row("Mine.pdf", &pdf())).await;
        let call = kit.api.patch(&path(&mine)).by(&stranger.person).within(&stranger.here);
        refused_input(&call.json(json!({ "link": [link] })).send().await, "link[0]");
    });
}

#[test]
fn documents_are_found_by_each_filter_and_by_several() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Papers Ltd").await;
        let client = cast::member(kit, &owner, "Clara Client", "client", None).await;
        let ledger = Ledger::sign_in(kit).await;
        ledger.transaction(kit, &owner.company.id, "T-1", 1_000, None).await;
        let link = json!({ "kind": "transaction", "reference": "T-1" });
        let linked = changed(row("Alpha.pdf", &pdf()), "link", link);
        declare(kit, &owner.person, &owner.here, vec![linked, row("alpine.pdf", &pdf())]).await;
        let tax = changed(row("Beta.pdf", &pdf()), "kind", json!("tax"));
        declare(kit, &client.person, &client.here, vec![tax]).await;
        let names = async |query: &str| -> Vec<String> {
            let call = kit.api.get(&format!("/v1/documents{query}")).by(&owner.person).within(&owner.here);
            list(&call.ok(200).await, "documents").iter().map(|document| text(document, "/name")).collect()
        };
        for (query, found) in [
            ("", vec!["Beta.pdf", "alpine.pdf", "Alpha.pdf"]),
            ("?kind=tax", vec!["Beta.pdf"]),
            ("?state=declared&kind=receipt", vec!["alpine.pdf", "Alpha.pdf"]),
            ("?state=clean", vec![]),
            ("?name=al", vec!["Alpha.pdf", "alpine.pdf"]),
            ("?link=transaction:T-1", vec!["Alpha.pdf"]),
            ("?before=2020-01-01T00:00:00Z", vec![]),
            ("?from=2020-01-01T00:00:00Z&kind=tax", vec!["Beta.pdf"]),
        ] {
            assert_eq!(names(query).await, found, "{query}");
        }
        assert_eq!(names(&format!("?uploaded_by={}", client.person.user)).await, ["Beta.pdf"]);
        let page = kit.api.get("/v1/documents?limit=2").by(&owner.person).within(&owner.here).ok(200).await;
        let cursor = text(&page, "/next_cursor");
        assert_eq!(names(&format!("?limit=2&cursor={cursor}")).await, ["Alpha.pdf"]);
        let other = format!("/v1/documents?kind=tax&cursor={cursor}");
        refused_input(&kit.api.get(&other).by(&owner.person).within(&owner.here).send().await, "cursor");
        refused_input(
            &kit.api.get("/v1/documents?link=T-1").by(&owner.person).within(&owner.here).send().await,
            "link",
        );
    });
}

/// Proves: B12
#[test]
fn a_document_is_renamed_linked_and_unlinked() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Papers Ltd").await;
        let ledger = Ledger::sign_in(kit).await;
        ledger.transaction(kit, &owner.company.id, "T-1", 1_000, None).await;
        let declared = declare_one(kit, &owner, row("Receipt.pdf", &pdf())).await;
        let path = path(&declared);
        let change = async |body: Value| {
            kit.api.patch(&path).by(&owner.person).within(&owner.here).json(body).ok(200).await["document"].clone()
        };
        let link = json!({ "kind": "transaction", "reference": "T-1" });
        // Decomposed, as macOS writes it: it is stored composed.
        let changed = change(json!({ "name": "Cafe\u{301}.pdf", "kind": "tax", "link": [link] })).await;
        assert_eq!((text(&changed, "/name"), text(&changed, "/kind")), ("Caf\u{e9}.pdf".into(), "tax".into()));
        let of_link = "/v1/documents?link=transaction:T-1";
        let found = async || list(&show(kit, &owner, of_link).await, "documents").len();
        assert_eq!(found().await, 1);
        change(json!({ "unlink": [link] })).await;
        assert_eq!(found().await, 0);
        let events = story::events_of_type(kit, &owner.company.id, "document.updated").await;
        change(json!({ "unlink": [link] })).await;
        assert_eq!(story::events_of_type(kit, &owner.company.id, "document.updated").await, events);
    });
}

/// Proves: B17
#[test]
fn a_deleted_document_is_not_downloaded_and_can_be_restored() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Papers Ltd").await;
        let (declared, file) = clean(kit, &owner, "Receipt.pdf").await;
        let path = path(&declared);
        let deleted = kit.api.delete(&path).by(&owner.person).within(&owner.here).ok(200).await;
        assert_eq!(text(&deleted, "/document/state"), "deleted");
        download(kit, &owner.person, &owner.here, &path).await.refused(409, "conflict");
        assert!(list(&show(kit, &owner, "/v1/documents").await, "documents").is_empty());
        assert_eq!(list(&show(kit, &owner, "/v1/documents?state=deleted").await, "documents").len(), 1);
        // The same bytes are a new document now.
        let again = declare_one(kit, &owner, row("Receipt.pdf", &file)).await;
        assert_eq!(text(&again, "/outcome"), "created");
        let restore = format!("{path}/restore");
        let restored = kit.api.post(&restore).by(&owner.person).within(&owner.here).ok(200).await;
        assert_eq!(text(&restored, "/document/state"), "clean");
        download(kit, &owner.person, &owner.here, &path).await.ok(201);
        for event in ["document.deleted", "document.restored", "document.downloaded"] {
            assert_eq!(story::events_of_type(kit, &owner.company.id, event).await, 1, "{event}");
        }
    });
}

/// Proves: 24
#[test]
fn a_legal_hold_stops_every_deletion_and_only_an_owner_lifts_it() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Papers Ltd").await;
        let deputy = cast::member(kit, &owner, "Adam Admin", "admin", None).await;
        let declared = declare_one(kit, &owner, row("Receipt.pdf", &pdf())).await;
        let path = path(&declared);
        let hold = format!("{path}/hold");
        let body = json!({ "reason": "Tax audit of 2025" });
        let held = kit.api.put(&hold).by(&deputy.person).within(&deputy.here).json(body).ok(200).await;
        assert_eq!(text(&held, "/document/hold/by"), deputy.person.user);
        for (person, here) in [(&deputy.person, &deputy.here), (&owner.person, &owner.here)] {
            let refused = kit.api.delete(&path).by(person).within(here).refused(409, "conflict").await;
            assert_eq!(text(&refused, "/state"), "held");
        }
        kit.api.delete(&hold).by(&deputy.person).within(&deputy.here).refused(403, "not-granted").await;
        kit.api.delete(&hold).by(&owner.person).within(&owner.here).ok(200).await;
        kit.api.delete(&path).by(&deputy.person).within(&deputy.here).ok(200).await;
        for event in ["document.held", "document.hold_lifted", "document.deleted"] {
            assert_eq!(story::events_of_type(kit, &owner.company.id, event).await, 1, "{event}");
        }
    });
}

#[test]
fn a_new_version_leaves_the_old_one_to_download() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Papers Ltd").await;
        let (declared, first) = clean(kit, &owner, "Contract.pdf").await;
        let (path, second) = (path(&declared), pdf());
        let version = json!({
            "size_bytes": second.len(), "file_type": "application/pdf", "sha256": uploads::sha256(&second),
        });
        let versions = format!("{path}/versions");
        let answer = kit.api.post(&versions).by(&owner.person).within(&owner.here).json(version).ok(201).await;
        assert_eq!(answer["number"], 2);
        let old = download(kit, &owner.person, &owner.here, &path).await.ok(201);
        assert_eq!(old["number"], 1, "the new one has not arrived");
        assert_eq!(post(kit, &answer, &second).await, 204);
        until(kit, &owner, &path, "clean").await;
        for (body, number, file) in [(json!({}), 2, &second), (json!({ "number": 1 }), 1, &first)] {
            let call = kit.api.post(&format!("{path}/download")).by(&owner.person).within(&owner.here).json(body);
            let link = call.ok(201).await;
            assert_eq!(link["number"], number);
            let answer = kit.http.get(text(&link, "/download_url")).send().await.expect("S3 answers");
            assert_eq!(answer.bytes().await.expect("the file"), *file);
        }
    });
}

#[test]
fn an_internal_comment_stays_in_the_firm() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Papers Ltd").await;
        let admin = cast::firm_admin(kit, "Walter Ledgerman", "Papers Accounting").await;
        cast::connect(kit, &owner, &admin, None).await;
        let inside = cast::enter(kit, &admin.person, &owner.company.id).await;
        let comments = format!("{}/comments", path(&declare_one(kit, &owner, row("Receipt.pdf", &pdf())).await));
        for (words, internal) in [("Whose is this?", false), ("They never know", true)] {
            let body = json!({ "text": words, "internal": internal });
            let key = tests::people::unique();
            for _ in 0..2 {
                let call = kit.api.post(&comments).by(&admin.person).within(&inside).key(&key);
                call.json(body.clone()).ok(201).await;
            }
        }
        let seen = async |person: &Person, here: &Context| {
            let answer = kit.api.get(&comments).by(person).within(here).ok(200).await;
            list(&answer, "comments").iter().map(|comment| text(comment, "/text")).collect::<Vec<_>>()
        };
        assert_eq!(seen(&owner.person, &owner.here).await, ["Whose is this?"]);
        assert_eq!(seen(&admin.person, &inside).await, ["Whose is this?", "They never know"]);
        let body = json!({ "text": "Ours", "internal": true });
        let call = kit.api.post(&comments).by(&owner.person).within(&owner.here).json(body);
        refused_input(&call.send().await, "internal");
    });
}

#[test]
fn the_ledger_uploads_with_a_put() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Papers Ltd").await;
        let ledger = Ledger::sign_in(kit).await;
        let file = pdf();
        let path = format!("/v1/ledger/companies/{}/documents", owner.company.id);
        let body = json!({ "documents": [row("Statement.pdf", &file)] });
        let answer = kit.api.post(&path).by(&ledger).json(body).ok(200).await;
        let declared = &list(&answer, "rows")[0];
        assert_eq!(text(declared, "/upload/method"), "PUT");
        let put = async |file: Vec<u8>| {
            let mut request = kit.http.put(text(declared, "/upload/url")).body(file);
            for header in list(&declared["upload"], "headers") {
                request = request.header(text(header, "/name"), text(header, "/value"));
            }
            request.send().await.expect("S3 answers").status().as_u16()
        };
        let mut lie = file.clone();
        lie.reverse();
        assert_eq!(put(lie).await, 400, "other bytes of the same size");
        assert_eq!(put(file.clone()).await, 200);
        until(kit, &owner, &self::path(declared), "clean").await;
    });
}
