//! Requests for documents, from asking to the last acceptance.

use serde_json::{Value, json};
use tests::cast::{self, text};
use tests::runtime_api::HttpEvent;

use super::book::Kind::{Background, Because, Mutation, Read};
use super::book::{Book, Kind};
use super::{Places, Tale, enter, letter_of};
use crate::document_requests::{Kept, day};
use crate::faults::rig::by;

const MISSING: Kind =
    Because(2, "which relationships let one of a firm's staff see an entry is only known once the page was read");

impl Tale {
    /// A firm asks an owner for documents, reminds, sends back and accepts.
    pub(super) async fn document_requests(&mut self, book: &mut Book<'_>, places: &Places) {
        let (owner, admin) = (self.owner.clone(), self.admin.clone());
        let entered = book.prepare(enter(&admin, &places.company)).await;
        let inside = cast::context(&entered);
        let by_firm = |event: HttpEvent| by(event, &admin, &inside);
        let by_owner = |event: HttpEvent| by(event, &owner, &places.owner_here);
        let body = json!({
            "title": "October", "items": [{ "title": "Bank statement" }], "asked_of": [owner.user],
            "due_on": day(10), "every": "month",
        });
        let ask = self.once(by_firm(HttpEvent::post("/v1/document-requests").json(&body)));
        let asked = book.ask("ask for documents", Mutation, ask).await;
        let made = letter_of(&book.events());
        let name = "letters about a request for documents";
        book.invoke(name, "notify", "`document_request.made`", Background, &made).await;
        let id = text(&asked, "/document_request/id");
        let path = format!("/v1/document-requests/{id}");

        let list = by_owner(HttpEvent::get("/v1/document-requests"));
        book.ask("requests for documents", Read, list).await;
        let list = by_owner(HttpEvent::get("/v1/document-requests").query("state", "open"));
        book.ask("requests for documents in one state, by their due day", Read, list).await;
        let list = by_owner(HttpEvent::get("/v1/document-requests/mine"));
        book.ask("requests for documents in which one is asked", Read, list).await;
        book.ask("a request for documents", Read, by_owner(HttpEvent::get(&path))).await;
        let list = by(HttpEvent::get("/v1/document-requests/missing"), &admin, &places.admin_here);
        book.ask("what is missing across a firm's clients", MISSING, list).await;
        let change = by_firm(HttpEvent::new("PATCH", &path).json(&json!({ "title": "Papers" })));
        book.ask("change a request for documents", Mutation, change).await;

        let company = places.company.as_str();
        let schedule = json!({ "schedule": "document_requests" });
        Kept::new(&book.table, company, &id).pass(2).await;
        let name = "requests for documents of which something is due, one of them";
        book.invoke(name, "notify", "its schedule", Background, &schedule).await;
        let reminded = letter_of(&book.events());
        let name = "requests for documents of which something is due, none";
        book.invoke(name, "notify", "its schedule", Background, &schedule).await;
        let name = "letters that remind of documents";
        book.invoke(name, "notify", "`document_request.reminded`", Background, &reminded).await;

        let decision = format!("{path}/items/1/decision");
        let decide = |body: Value| by_firm(HttpEvent::post(&decision).json(&body));
        let document = Kept::new(&book.table, company, &id).fulfil(1).await;
        let back = json!({ "decision": "send_back", "document": document, "reason": "Another month" });
        let back = self.once(decide(back));
        book.ask("send a document back", Mutation, back).await;
        let returned = letter_of(&book.events());
        let name = "letters about a document that was sent back";
        book.invoke(name, "notify", "`document_request.sent_back`", Background, &returned).await;
        let document = Kept::new(&book.table, company, &id).fulfil(1).await;
        let accept = self.once(decide(json!({ "decision": "accept", "document": document })));
        book.ask("accept a document", Mutation, accept).await;

        let ask = self.once(by_firm(HttpEvent::post("/v1/document-requests").json(&body)));
        let asked = book.prepare(ask).await;
        let path = format!("/v1/document-requests/{}/withdraw", text(&asked, "/document_request/id"));
        let withdraw = self.once(by_firm(HttpEvent::post(&path).json(&json!({}))));
        book.ask("withdraw a request for documents", Mutation, withdraw).await;
    }
}
