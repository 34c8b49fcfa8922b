//! A document is sent by a hosted link, seen and decided without signing in; the link expires, is renewed and ended.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;
use tests::cast::{self, text};
use tests::machine::CUSTOMER;
use tests::runtime_api::HttpEvent;

use super::book::Kind::{Background, Because, Mutation, Read};
use super::book::{Book, Kind};
use super::{Places, REFERENCE, Tale, letter_of};
use crate::faults::rig::by;

const DOCUMENT_FIRST: Kind =
    Because(4, "whose contact gets a document, and whether they work for the company, is only known step by step");
const LINK_FIRST: Kind = Because(2, "which document a link is for is only known once the link was read");
const LINK_FIRST_AND_CHANGE: Kind = Because(3, "which document a link is for is only known once the link was read");
const REVISION_FIRST: Kind =
    Because(4, "which revision is seen is only known once the link and the document were read");

impl Tale {
    /// A hosted link from the letter to its end.
    pub(super) async fn document_links(&mut self, book: &mut Book<'_>, places: &Places) {
        let owner = self.owner.clone();
        let email = format!("link.{}@example.com", uuid::Uuid::new_v4().simple());
        book.call(&email, "email");
        let here = |event: HttpEvent| by(event, &owner, &places.owner_here);
        let contacts = format!("/v1/customers/{CUSTOMER}/contacts");
        let body = json!({ "name": "Lina Links", "email": email });
        let added = book.prepare(here(HttpEvent::post(&contacts).json(&body))).await;

        let body = json!({ "kind": "estimate", "document": REFERENCE, "contact": text(&added, "/contact/id") });
        let make = self.once(here(HttpEvent::post("/v1/document-links").json(&body)));
        let made = book.ask("send a document by a hosted link", DOCUMENT_FIRST, make).await;
        let id = text(&made, "/document_link/id");
        let event = letter_of(&book.events());
        book.invoke("the letter with a hosted link", "notify", "`document_link.made`", Background, &event).await;
        let list = here(HttpEvent::get("/v1/document-links"));
        book.ask("hosted links of a company", Read, list).await;

        let mails = book.kit.mailbox.inbox(&email).await;
        let mail = mails.iter().rev().find(|mail| mail.text.contains("/h/")).expect("a letter with a hosted link");
        let path = format!("/h/{}", cast::token_in(&mail.link("/h/")));
        let open = |event: HttpEvent| event.header("accept", "application/json");
        let shown = book.ask("the document behind a hosted link", LINK_FIRST, open(HttpEvent::get(&path))).await;
        let viewed = open(HttpEvent::post(&format!("{path}/viewed")).json(&json!({})));
        book.ask("note that the holder of a link saw a document", REVISION_FIRST, viewed).await;
        let comment = HttpEvent::post(&format!("{path}/comments")).json(&json!({ "text": "Is it the whole price?" }));
        let comment = self.once(comment);
        book.ask("comment on a document through a hosted link", LINK_FIRST_AND_CHANGE, comment).await;
        let body = json!({ "decision": "declined", "reason": "Too dear", "digest": text(&shown, "/digest") });
        let decide = HttpEvent::post(&format!("{path}/decision")).json(&body);
        book.ask("decide an estimate through a hosted link", LINK_FIRST_AND_CHANGE, decide).await;

        let day = AttributeValue::S("2026-01-01".to_owned());
        let (pk, sk) = (format!("COMPANY#{}", places.company), format!("HOSTEDLINK#{id}"));
        book.table.set(&pk, &sk, "expires_on", day).await;
        let renew = open(HttpEvent::post(&format!("{path}/renewal")).json(&json!({})));
        book.ask("ask for a new hosted link", LINK_FIRST_AND_CHANGE, renew).await;
        let end = here(HttpEvent::delete(&format!("/v1/document-links/{id}")));
        book.ask("end a hosted link", Mutation, end).await;
    }
}
