//! The third act: the papers of one company, from a phone's camera into its books, and the month of them as one archive.
//!
//! `demo` tells it after the second act, the test `story::the_third_act` silently. As there, nothing is prepared and
//! everyone gets a new address. The company, its firm and their people are made without a word: the first two acts
//! told how.

use serde_json::{Value, json};

use crate::Kit;
use crate::archive::Archive;
use crate::cast::{self, Context, Member, Organisation, Owner, list, text};
use crate::people::Person;
use crate::uploads::{self, Declared, Report, sha256};
use crate::waiting::{self, letter};

/// A receipt as a phone's camera takes it.
const RECEIPT: &[u8] = include_bytes!("papers/receipt.jpg");
/// The EICAR test file, in two parts, so that no scanner takes this source for it.
const EICAR: [&str; 2] = [r"X5O!P%@AP[4\PZX54(P^)7CC)7}$", "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"];
/// A lease contract.
const LEASE: &[u8] = b"%PDF-1.4\n% lease\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n";
/// What the company owns.
const ASSETS: &[u8] = b"asset;year;value\nKiln;2022;8400.00\nVan;2024;21900.00\n";
/// Bank statements, of the wrong month and of the right one.
const SEPTEMBER: &[u8] = b"date;text;amount\n2026-09-30;Kiln;-1200.00\n";
const OCTOBER: &[u8] = b"date;text;amount\n2026-10-30;Clay;-310.50\n";
/// What the bookkeeper asks for.
const ASKED: [&str; 3] = ["Bank statement October", "Lease contract", "List of assets"];

/// How the third act ended.
#[derive(Debug)]
#[non_exhaustive]
pub struct Ending {
    /// The company.
    pub company: Organisation,
    /// The names of its clean documents, the newest first.
    pub documents: Vec<String>,
}

/// Who plays.
struct People {
    owner: Owner,
    /// Works for the company, and hands over its papers.
    client: Member,
    bookkeeper: Person,
    /// The bookkeeper, standing in the company.
    inside: Context,
}

/// A paper on its way into the books.
struct Paper<'p> {
    name: &'p str,
    file_type: &'p str,
    kind: &'p str,
    file: &'p [u8],
}

/// Tells all four steps, numbered from 19.
///
/// # Panics
/// At the first step that does not go as it should.
pub async fn tell(kit: &Kit) -> Ending {
    let people = gather(kit).await;
    hand_over_a_receipt(kit, &people).await;
    stop_a_virus(kit, &people).await;
    ask_for_three_papers(kit, &people).await;
    let documents = close_the_month(kit, &people).await;
    Ending { company: people.owner.company, documents }
}

/// A company with its firm, an employee and a bookkeeper.
async fn gather(kit: &Kit) -> People {
    let quiet = kit.quiet();
    let (owner, admin) = tokio::join!(
        cast::owner(&quiet, "Nina Falk", "Falk Ceramics"),
        cast::firm_admin(&quiet, "Oskar Lind", "Lind Accounting"),
    );
    cast::connect(&quiet, &owner, &admin, None).await;
    let (client, bookkeeper) = tokio::join!(
        cast::member(&quiet, &owner, "Jonas Reuter", "client", None),
        cast::staff(&quiet, &admin, "Mara Stein", "bookkeeper"),
    );
    cast::assign(&quiet, &admin, &owner.company.id, &bookkeeper.user, None).await;
    let inside = cast::enter(&quiet, &bookkeeper, &owner.company.id).await;
    People { owner, client, bookkeeper, inside }
}

/// Step 19: declared, uploaded past every function, in quarantine, released, downloaded.
async fn hand_over_a_receipt(kit: &Kit, people: &People) {
    let tell = &kit.narrator;
    tell.step(19, "A receipt is photographed, scanned, and downloaded by the bookkeeper");
    tell.says(
        "Jonas works for Falk Ceramics. He photographs a receipt; the portal says its size, its type and its SHA-256, \
         and gets a form that takes exactly these bytes, for five minutes.",
    );
    let paper = Paper { name: "Receipt Café.jpg", file_type: "image/jpeg", kind: "receipt", file: RECEIPT };
    let declared = declare(kit, &people.client, &paper, None).await;
    uploads::hold(kit, &declared, Report::Scan).await;
    post(kit, &declared, RECEIPT).await;

    tell.says("The file is there, and in quarantine until it is scanned. Mara, the bookkeeper, has to wait.");
    until(kit, people, &declared, "received").await;
    show(kit, people, &declared).await;
    let problem = download(kit, people, &declared).refused(409, "conflict").await;
    assert_eq!(text(&problem, "/state"), "received");

    uploads::release(kit, &declared, Report::Scan).await;
    tell.elsewhere("GuardDuty: scans the object, tags it, reports to the bus", "no threats found");
    until(kit, people, &declared, "clean").await;
    let call = download(kit, people, &declared);
    let link = call.showing(&["/name", "/file_type", "/expires_at", "/download_url"]).ok(201).await;
    let answer = kit.http.get(text(&link, "/download_url")).send().await.expect("S3 answers");
    assert_eq!(answer.status().as_u16(), 200);
    let disposition = answer.headers()["content-disposition"].to_str().expect("text").to_owned();
    assert!(disposition.starts_with("attachment; "), "{disposition}");
    assert!(answer.bytes().await.expect("the file") == RECEIPT, "other bytes came back");
    tell.elsewhere(
        "S3: she opens the link, which works for one minute",
        &format!("200, {} bytes, as an attachment", RECEIPT.len()),
    );
    tell.proved("The same bytes came back, once they were found clean and not before.");
}

/// Step 20: the test file that every scanner takes for a virus.
async fn stop_a_virus(kit: &Kit, people: &People) {
    let tell = &kit.narrator;
    tell.step(20, "A file with a virus is stopped");
    tell.says("Jonas forwards a file that came by mail. It holds the EICAR test virus.");
    let file = EICAR.concat().into_bytes();
    let paper = Paper { name: "Delivery note.txt", file_type: "text/plain", kind: "other", file: &file };
    let declared = declare(kit, &people.client, &paper, None).await;
    post(kit, &declared, &file).await;
    until(kit, people, &declared, "infected").await;
    let shown = show(kit, people, &declared).await;
    assert_eq!(text(&shown, "/document/versions/0/threat"), "EICAR-Test-File");
    let problem = download(kit, people, &declared).refused(409, "conflict").await;
    assert_eq!(text(&problem, "/state"), "infected");
    tell.proved("Nobody gets a link to it, and the bucket itself refuses to hand it out.");
}

/// Step 21: asked for by letter, uploaded, accepted or sent back.
async fn ask_for_three_papers(kit: &Kit, people: &People) {
    let tell = &kit.narrator;
    tell.step(21, "The bookkeeper asks for three papers; two are accepted, one is sent back and comes again");
    let (request, path) = ask(kit, people).await;

    tell.says("He uploads the three, each for its item of the request.");
    let papers = [
        Paper { name: "Statement.csv", file_type: "text/csv", kind: "bank_statement", file: SEPTEMBER },
        Paper { name: "Lease.pdf", file_type: "application/pdf", kind: "contract", file: LEASE },
        Paper { name: "Assets.csv", file_type: "text/csv", kind: "other", file: ASSETS },
    ];
    let mut documents = Vec::new();
    for (number, paper) in (1..).zip(&papers) {
        let declared = declare(kit, &people.client, paper, Some((&request, number))).await;
        post(kit, &declared, paper.file).await;
        until_item(kit, people, &path, number, "fulfilled").await;
        until(kit, people, &declared, "clean").await;
        documents.push(declared.document);
    }
    letter(kit, &people.bookkeeper, "received letter", &format!("received {}", ASKED[0])).await;

    tell.says("Mara accepts two. The statement is the one of September: she sends it back.");
    for number in [2, 3] {
        let body = json!({ "decision": "accept", "document": documents[number - 1] });
        decide(kit, people, &path, number, body).await;
    }
    let reason = "This is the one of September. Please send the one of October.";
    let body = json!({ "decision": "send_back", "document": documents[0], "reason": reason });
    decide(kit, people, &path, 1, body).await;
    letter(kit, &people.client.person, "letter about the return", "Sent back: ").await;

    tell.says("Jonas uploads the right one, and she accepts it.");
    let paper = Paper { name: "Statement October.csv", file_type: "text/csv", kind: "bank_statement", file: OCTOBER };
    let declared = declare(kit, &people.client, &paper, Some((&request, 1))).await;
    post(kit, &declared, OCTOBER).await;
    until_item(kit, people, &path, 1, "fulfilled").await;
    until(kit, people, &declared, "clean").await;
    let body = json!({ "decision": "accept", "document": declared.document });
    let answer = decide(kit, people, &path, 1, body).await;
    assert_eq!(text(&answer, "/document_request/state"), "complete");
    tell.proved("Each paper was accepted by a person who looked at it; with the last one the request is complete.");
}

/// The request for three papers: its id and its path.
async fn ask(kit: &Kit, people: &People) -> (String, String) {
    let due = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24 * 10);
    let body = json!({
        "title": "Papers of October", "note": "For the VAT return, please",
        "items": ASKED.map(|title| json!({ "title": title })),
        "asked_of": [people.client.person.user], "due_on": due.strftime("%Y-%m-%d").to_string(),
    });
    let call = kit.api.post("/v1/document-requests").by(&people.bookkeeper).within(&people.inside).json(body);
    let shown = ["/document_request/items/*/title", "/document_request/due_on", "/document_request/state"];
    let answer = call.showing(&shown).ok(201).await;
    letter(kit, &people.client.person, "request", "Documents needed until ").await;
    let request = text(&answer, "/document_request/id");
    let path = format!("/v1/document-requests/{request}");
    (request, path)
}

/// Step 22: what the month left in the books.
async fn close_the_month(kit: &Kit, people: &People) -> Vec<String> {
    let tell = &kit.narrator;
    tell.step(22, "The month's papers, for the bookkeeper");
    tell.says("Mara lists the documents, the newest first.");
    let call = kit.api.get("/v1/documents").by(&people.bookkeeper).within(&people.inside);
    let page = call.showing(&["/documents/*/name", "/documents/*/kind", "/documents/*/state"]).ok(200).await;
    let clean = list(&page, "documents").iter().filter(|document| text(document, "/state") == "clean");
    let names: Vec<String> = clean.map(|document| text(document, "/name")).collect();
    assert_eq!(names, ["Statement October.csv", "Assets.csv", "Lease.pdf", "Statement.csv", "Receipt Café.jpg"]);
    tell.proved("Five clean papers, each with its kind; the file with the virus is shown as infected.");
    take_the_month_home(kit, people, &page).await;
    names
}

/// The month as one archive: written in the background, downloaded, and unpacked by a program that did not write it.
async fn take_the_month_home(kit: &Kit, people: &People, page: &Value) {
    let tell = &kit.narrator;
    tell.says(
        "She wants all of the month in one file. A worker writes the archive part by part; a POST gives a link to it, \
         for one minute.",
    );
    // At midnight the papers may be of yesterday.
    let yesterday = jiff::Zoned::now().with_time_zone(jiff::tz::TimeZone::UTC).date().yesterday().expect("a day");
    let (first, last) = (yesterday.first_of_month(), yesterday.tomorrow().expect("a day").last_of_month());
    let instant = |date: jiff::civil::Date| format!("{date}T00:00:00Z");
    let (first, next) = (instant(first), instant(last.tomorrow().expect("a day")));
    let call = kit.api.post("/v1/document-exports").by(&people.bookkeeper).within(&people.inside);
    let call = call.json(json!({ "period": { "from": first, "before": next } }));
    let asked = call.showing(&["/document_export/status", "/document_export/scope"]).ok(202).await;
    let path = format!("/v1/document-exports/{}", text(&asked, "/document_export/id"));
    waiting::until(kit, (&people.bookkeeper, &people.inside), &path, "/document_export/status", "done").await;
    let call = kit.api.get(&path).by(&people.bookkeeper).within(&people.inside);
    let shown = ["/document_export/status", "/document_export/percent", "/document_export/size_bytes"];
    call.showing(&shown).ok(200).await;
    let link = kit.api.post(&format!("{path}/download")).by(&people.bookkeeper).within(&people.inside).json(json!({}));
    let link = link.showing(&["/expires_at", "/download_url"]).ok(201).await;
    let answer = kit.http.get(text(&link, "/download_url")).send().await.expect("S3 answers");
    let archive = Archive::unpack(&answer.bytes().await.expect("the archive"));
    let mut named: Vec<&str> = archive.files.keys().map(String::as_str).collect();
    named.sort_unstable();
    assert_eq!(named, ["Assets.csv", "Lease.pdf", "Receipt Café.jpg", "Statement October.csv", "Statement.csv"]);
    let infected: Vec<&Value> =
        list(page, "documents").iter().filter(|document| text(document, "/state") == "infected").collect();
    for document in &infected {
        assert_eq!(archive.row(&text(document, "/id")), ("", "infected"), "the index says why it is left out");
    }
    assert_eq!(infected.len(), 1);
    tell.elsewhere("Python's zipfile: tests and unpacks the archive", &named.join(", "));
    tell.proved("Five files and index.csv, which also says that the file with the virus was left out, and why.");
}

/// Declares a paper, for an item of a request where one is named.
async fn declare(kit: &Kit, by: &Member, paper: &Paper<'_>, item: Option<(&str, u8)>) -> Declared {
    let mut row = json!({
        "name": paper.name, "size_bytes": paper.file.len(), "file_type": paper.file_type, "kind": paper.kind,
        "sha256": sha256(paper.file),
    });
    if let Some((request, item)) = item {
        row["link"] = json!({ "kind": "request_item", "request": request, "item": item });
    }
    let call = kit.api.post("/v1/documents").by(&by.person).within(&by.here).json(json!({ "documents": [row] }));
    let shown = ["/rows/*/outcome", "/rows/*/document/state", "/rows/*/upload/url", "/left_bytes"];
    let answer = call.showing(&shown).ok(200).await;
    uploads::declared_in(&by.here.org, &answer)
}

/// Posts the file with the form, as a browser does.
async fn post(kit: &Kit, declared: &Declared, file: &[u8]) {
    let answer = uploads::post(kit, declared, file, &[]).await;
    assert_eq!(answer.status, 204, "{}", answer.code());
    kit.narrator.elsewhere(
        "S3: the browser posts the form with the file, past every function",
        &format!("204: size, type and SHA-256 are the declared ones ({} bytes)", file.len()),
    );
}

fn document(declared: &Declared) -> String {
    format!("/v1/documents/{}", declared.document)
}

/// A link to download a document, for the bookkeeper.
fn download<'k>(kit: &'k Kit, people: &People, declared: &Declared) -> crate::http::Call<'k> {
    let path = format!("{}/download", document(declared));
    kit.api.post(&path).by(&people.bookkeeper).within(&people.inside).json(json!({}))
}

async fn show(kit: &Kit, people: &People, declared: &Declared) -> Value {
    let call = kit.api.get(&document(declared)).by(&people.bookkeeper).within(&people.inside);
    call.showing(&["/document/name", "/document/state", "/document/versions/*/threat"]).ok(200).await
}

/// Waits until a document is in a state.
async fn until(kit: &Kit, people: &People, declared: &Declared, state: &str) {
    waiting::until(kit, (&people.bookkeeper, &people.inside), &document(declared), "/document/state", state).await;
}

/// Waits until an item of a request has a status.
async fn until_item(kit: &Kit, people: &People, path: &str, number: u8, status: &str) {
    waiting::until(
        kit,
        (&people.bookkeeper, &people.inside),
        path,
        &format!("/document_request/items/{}/status", number - 1),
        status,
    )
    .await;
}

/// Decides about the document of an item.
async fn decide(kit: &Kit, people: &People, path: &str, number: usize, body: Value) -> Value {
    let path = format!("{path}/items/{number}/decision");
    let call = kit.api.post(&path).by(&people.bookkeeper).within(&people.inside).json(body);
    call.showing(&["/document_request/state", "/document_request/items/*/status"]).ok(200).await
}
