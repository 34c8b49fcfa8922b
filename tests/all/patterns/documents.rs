//! Documents, from the declaration to the removal and back.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use tests::cast::text;
use tests::runtime_api::HttpEvent;

use super::book::Book;
use super::book::Kind::{self, Background, Because, Mutation, Read};
use super::{Places, REFERENCE, Tale};
use crate::faults::rig::{by, by_ledger};
use crate::purge;

const KNOWN_FILE: Kind = Because(3, "which document has the bytes is only known once they were looked up");

/// The SHA-256 of no file in particular, in base64 and as keys write it.
pub(super) fn checksum(digit: u8) -> (String, String) {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    (STANDARD.encode([digit; 32]), format!("{digit:02x}").repeat(32))
}

pub(super) fn file(digit: u8) -> Value {
    json!({
        "name": "Receipt 17.pdf", "size_bytes": 1000, "file_type": "application/pdf", "sha256": checksum(digit).0,
        "kind": "receipt",
    })
}

impl Tale {
    /// Documents, as people and the ledger hand them in and people look at them.
    pub(super) async fn documents(&mut self, book: &mut Book<'_>, places: &Places) {
        let (owner, ledger) = (self.owner.clone(), self.ledger.clone());
        let here = |event: HttpEvent| by(event, &owner, &places.owner_here);
        for digit in 1..=3 {
            book.call(&checksum(digit).1, "sha256");
        }
        let link = json!({ "kind": "transaction", "reference": REFERENCE });
        let mut linked = file(1);
        linked["link"] = link;
        let declare = here(HttpEvent::post("/v1/documents").json(&json!({ "documents": [linked] })));
        let answer = book.ask("declare a file", Mutation, declare.clone()).await;
        let id = text(&answer, "/rows/0/document/id");
        book.call(&id, "document");
        book.ask("declare the same file again", KNOWN_FILE, declare).await;
        let path = format!("/v1/ledger/companies/{}/documents", places.company);
        let declare = by_ledger(HttpEvent::post(&path).json(&json!({ "documents": [file(2)] })), &ledger);
        let answer = book.ask("declare a file of the ledger's", Mutation, declare).await;
        book.call(&text(&answer, "/rows/0/document/id"), "document");

        let list = || HttpEvent::get("/v1/documents").query("limit", "5");
        for (name, query) in [
            ("documents of one kind", ("kind", "receipt")),
            ("documents in one state", ("state", "declared")),
            ("documents of one uploader", ("uploaded_by", owner.user.as_str())),
            ("documents by the beginning of the name", ("name", "rece")),
            ("documents that belong to a transaction", ("link", "transaction:REF-1")),
        ] {
            book.ask(name, Read, here(list().query(query.0, query.1))).await;
        }
        book.ask("documents by date", Read, here(list())).await;
        let path = format!("/v1/documents/{id}");
        book.ask("a document", Read, here(HttpEvent::get(&path))).await;

        self::release(book, places, &id).await;
        let download = here(HttpEvent::post(&format!("{path}/download")).json(&json!({})));
        book.ask("a link to download a document", Mutation, download).await;
        let rename = HttpEvent::new("PATCH", &path).json(&json!({ "name": "Receipt 18.pdf" }));
        book.ask("rename a document", Mutation, here(rename)).await;
        let version = json!({ "size_bytes": 1000, "file_type": "application/pdf", "sha256": checksum(3).0 });
        let version = here(HttpEvent::post(&format!("{path}/versions")).json(&version));
        book.ask("declare a new version", Mutation, version).await;
        let comment = HttpEvent::post(&format!("{path}/comments")).json(&json!({ "text": "Is this ours?" }));
        let comment = self.once(here(comment));
        let said = book.ask("comment on a document", Mutation, comment).await;
        let read = json!({ "up_to": text(&said, "/comment/id") });
        let read = HttpEvent::post(&format!("{path}/comments/read")).json(&read);
        book.ask("note that somebody has read the comments on a document", Mutation, here(read)).await;
        let comments = here(HttpEvent::get(&format!("{path}/comments")).query("limit", "5"));
        book.ask("comments on a document", Read, comments).await;
        let hold = HttpEvent::put(&format!("{path}/hold")).json(&json!({ "reason": "Tax audit" }));
        book.ask("put a document under a legal hold", Mutation, here(hold)).await;
        let lift = here(HttpEvent::new("DELETE", &format!("{path}/hold")));
        book.ask("lift a legal hold", Mutation, lift).await;
        book.ask("delete a document", Mutation, here(HttpEvent::new("DELETE", &path))).await;
        let restore = here(HttpEvent::post(&format!("{path}/restore")).json(&json!({})));
        book.ask("restore a document", Mutation, restore).await;

        book.prepare(here(HttpEvent::new("DELETE", &path))).await;
        purge::pass(&book.table, &places.company, &id).await;
        let schedule = purge::schedule();
        let name = "deleted documents whose files are removed, one of them";
        book.invoke(name, "purge", "its schedule", Background, &schedule).await;
        let name = "deleted documents whose files are removed, none";
        book.invoke(name, "purge", "its schedule", Background, &schedule).await;
    }
}

/// Makes a document clean, as `inspect` would.
pub(super) async fn release(book: &Book<'_>, places: &Places, id: &str) {
    let (pk, sk) = (format!("COMPANY#{}", places.company), format!("DOCUMENT#{id}"));
    let item = book.table.item(&pk, &sk).await.expect("the document is there");
    let mut newest = item["newest"].as_m().expect("a version").clone();
    let word = |text: &str| AttributeValue::S(text.to_owned());
    for (report, result) in [("inspection", "passed"), ("scan", "clean")] {
        let fields = [("result", result), ("object_version", "v-1"), ("at", "2026-11-29T08:00:00.000Z")];
        let fields = fields.map(|(name, text)| (name.to_owned(), word(text)));
        newest.insert(report.to_owned(), AttributeValue::M(fields.into_iter().collect()));
    }
    book.table.set(&pk, &sk, "newest", AttributeValue::M(newest)).await;
}
