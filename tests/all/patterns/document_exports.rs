//! Archives of documents, from the request to the download.

use serde_json::json;
use tests::cast::text;
use tests::runtime_api::HttpEvent;

use super::book::Book;
use super::book::Kind::{self, Background, Because, Mutation, Read};
use super::{Places, Tale};
use crate::faults::rig::{batch, by, message};

const ANOTHER: Kind = Because(3, "whether the company's newest archive is complete is known only once it was found");

impl Tale {
    /// An archive of a period, and one of a selection.
    pub(super) async fn document_exports(&mut self, book: &mut Book<'_>, places: &Places) {
        let owner = self.owner.clone();
        let here = |event: HttpEvent| by(event, &owner, &places.owner_here);
        let ask = |body| here(HttpEvent::post("/v1/document-exports").json(&body));
        let period = json!({ "period": { "from": "2026-01-01T00:00:00Z", "before": "2099-01-01T00:00:00Z" } });
        let event = self.once(ask(period));
        let asked = book.ask("ask for an archive of a period", Mutation, event).await;
        let requested = batch(&[("m-1", message(&book.events()[0]))]);
        book.invoke("write an archive", "zip", "`document_export.requested`", Background, &requested).await;

        let path = format!("/v1/document-exports/{}", text(&asked, "/document_export/id"));
        let list = here(HttpEvent::get("/v1/document-exports").query("limit", "5"));
        book.ask("archives of documents", Read, list).await;
        book.ask("how far an archive is", Read, here(HttpEvent::get(&path))).await;
        let download = here(HttpEvent::post(&format!("{path}/download")).json(&json!({})));
        book.ask("a link to download an archive", Mutation, download).await;

        let documents = book.prepare(here(HttpEvent::get("/v1/documents").query("limit", "1"))).await;
        let event = self.once(ask(json!({ "documents": [text(&documents, "/documents/0/id")] })));
        book.ask("ask for an archive of a selection", ANOTHER, event).await;
    }
}
