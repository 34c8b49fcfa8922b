//! What a contact sees and does at a customer: their documents, decisions, comments, payments and statements.

use serde_json::{Value, json};
use tests::cast::{self, Context, text};
use tests::machine;
use tests::people::Person;
use tests::runtime_api::HttpEvent;

use super::book::Kind::{self, Because, Mutation, Read};
use super::book::{Book, signed};
use super::customers::{RIGHTS, STATEMENT};
use super::documents::release;
use super::{Places, Tale, letter_of, token};
use crate::faults::rig::{by, by_ledger};

const FILE_OF_LINK: Kind =
    Because(4, "which document a link is for is only known once the link was read, and a file only then belongs to it");
const PAY_BY_LINK: Kind = Because(
    4,
    "which invoice a link is for is only known once the link was read, and the provider's session is put on record once \
     the provider has made it",
);
const RESUME_BY_LINK: Kind =
    Because(3, "which invoice a link is for is only known once the link was read, and a payment only then is its own");
const OF_CONTACT: Kind = Because(2, "which contact a person is, is only known once the seat was read");
const BY_CONTACT: Kind = Because(3, "which contact a person is, is only known once the seat was read");
const LOGO: Kind = Because(3, "which document the logo is stands in the settings");
/// The reference of one document of each kind.
const DOCUMENT: &str = "REF-3";

impl Tale {
    /// The portal of a customer, as a contact uses it.
    pub(super) async fn customer_portal(&mut self, book: &mut Book<'_>, places: &Places) {
        let visitor = self.visitor.clone();
        let inside = self.let_contact_in(book, places).await;
        let (contact, inside) = (&visitor, &inside);
        let (owner, ledger) = (self.owner.clone(), self.ledger.clone());
        let ours = |event: HttpEvent| by(event, &owner, &places.owner_here);
        let here = |event: HttpEvent| by(event, contact, inside);
        let portal = |path: &str| format!("/v1/customer-portal{path}");
        book.call(DOCUMENT, "reference");

        let file = super::documents::file(4);
        book.call(&super::documents::checksum(4).1, "sha256");
        let declare = ours(HttpEvent::post("/v1/documents").json(&json!({ "documents": [file] })));
        let declared = book.prepare(declare).await;
        let attached = text(&declared, "/rows/0/document/id");
        book.call(&attached, "document");
        release(book, places, &attached).await;
        for (kind, mut body) in [
            ("invoices", machine::invoice(DOCUMENT, 30_000)),
            ("estimates", machine::estimate(DOCUMENT, 30_000)),
            ("credit-notes", machine::credit_note(DOCUMENT, 1_000, DOCUMENT, 500)),
        ] {
            body["attachments"] = json!([{ "document": attached }]);
            let put = HttpEvent::put(&places.ledger_path(kind, DOCUMENT)).json(&body);
            book.prepare(by_ledger(put, &ledger)).await;
        }

        book.ask("the home of a contact, with documents", Read, here(HttpEvent::get(&portal("")))).await;
        for (names, kind, one) in [
            (
                [
                    "a customer's invoices",
                    "a customer's invoices with one status",
                    "an invoice, for its customer",
                    "note that a contact saw an invoice",
                    "comment on an invoice as a contact",
                    "comments on an invoice, for its customer",
                    "note that a contact has read the comments on an invoice",
                    "note that a member has read the comments on an invoice",
                    "a link to an attachment of an invoice",
                ],
                "invoices",
                "invoice",
            ),
            (
                [
                    "a customer's estimates",
                    "a customer's estimates with one status",
                    "an estimate, for its customer",
                    "note that a contact saw an estimate",
                    "comment on an estimate as a contact",
                    "comments on an estimate, for its customer",
                    "note that a contact has read the comments on an estimate",
                    "note that a member has read the comments on an estimate",
                    "a link to an attachment of an estimate",
                ],
                "estimates",
                "estimate",
            ),
            (
                [
                    "a customer's credit notes",
                    "a customer's credit notes with one status",
                    "a credit note, for its customer",
                    "note that a contact saw a credit note",
                    "comment on a credit note as a contact",
                    "comments on a credit note, for its customer",
                    "note that a contact has read the comments on a credit note",
                    "note that a member has read the comments on a credit note",
                    "a link to an attachment of a credit note",
                ],
                "credit-notes",
                "credit_note",
            ),
        ] {
            let status = if kind == "credit-notes" { "issued" } else { "sent" };
            let list = || HttpEvent::get(&portal(&format!("/{kind}"))).query("limit", "5");
            book.ask(names[0], Read, here(list())).await;
            book.ask(names[1], Read, here(list().query("status", status))).await;
            let path = portal(&format!("/{kind}/{DOCUMENT}"));
            let shown = book.ask(names[2], Read, here(HttpEvent::get(&path))).await;
            let viewed = json!({ "digest": text(&shown, &format!("/{one}/digest")) });
            let viewed = here(HttpEvent::post(&format!("{path}/viewed")).json(&viewed));
            book.ask(names[3], BY_CONTACT, viewed).await;
            let words =
                HttpEvent::post(&format!("{path}/comments")).json(&json!({ "text": "Which shop is this for?" }));
            let words = self.once(here(words));
            let said = book.ask(names[4], Mutation, words).await;
            let id = text(&said, "/comment/id");
            book.call(&id, "comment");
            book.ask(names[5], Read, here(HttpEvent::get(&format!("{path}/comments")))).await;
            let up_to = json!({ "up_to": id });
            let read = HttpEvent::post(&format!("{path}/comments/read")).json(&up_to);
            book.ask(names[6], Mutation, here(read)).await;
            let read = HttpEvent::post(&format!("/v1/{kind}/{DOCUMENT}/comments/read")).json(&up_to);
            book.ask(names[7], Mutation, ours(read)).await;
            let download = HttpEvent::post(&format!("{path}/attachments/{attached}/download"));
            book.ask(names[8], Mutation, here(download)).await;
        }
        self.logo(book, places, (contact, inside)).await;
        self.decide_as_contact(book, (contact, inside)).await;
        self.pay_as_contact(book, (contact, inside)).await;

        for (name, kind) in [
            ("forward an invoice", "invoices"),
            ("forward an estimate", "estimates"),
            ("forward a credit note", "credit-notes"),
        ] {
            let body = json!({ "name": "Bo Nord", "email": format!("{kind}@forward.example.com") });
            let path = format!("{}/forward", portal(&format!("/{kind}/{DOCUMENT}")));
            let forward = self.once(here(HttpEvent::post(&path).json(&body)));
            book.ask(name, Mutation, forward).await;
            if kind == "invoices" {
                let made = letter_of(&book.events());
                book.prepare_by("notify", &made).await;
            }
        }
        let mails = book.kit.mailbox.inbox("invoices@forward.example.com").await;
        let mail = mails.iter().rev().find(|mail| mail.text.contains("/h/")).expect("a letter with a hosted link");
        let hosted = format!("/h/{}", cast::token_in(&mail.link("/h/")));
        let download = HttpEvent::post(&format!("{hosted}/attachments/{attached}/download"));
        let download = download.header("accept", "application/json");
        book.ask("a link to an attachment through a hosted link", FILE_OF_LINK, download).await;
        let pay = || HttpEvent::post(&format!("{hosted}/payments")).header("accept", "application/json");
        let started = book.ask("start a payment through a hosted link", PAY_BY_LINK, pay()).await;
        book.call(&text(&started, "/payment/id"), "payment");
        book.ask("go on with a payment through a hosted link", RESUME_BY_LINK, pay()).await;
        let cancel =
            HttpEvent::post(&format!("/v1/payments/{}/cancel", text(&started, "/payment/id"))).json(&json!({}));
        book.prepare(ours(cancel)).await;

        let statement =
            || HttpEvent::get(&portal("/statement")).query("from", "2020-01-01").query("until", "2099-12-31");
        book.ask("a customer's statement of account", STATEMENT, here(statement())).await;
        book.ask("a contact's own details", OF_CONTACT, here(HttpEvent::get(&portal("/me")))).await;
        let change = HttpEvent::new("PATCH", &portal("/me")).json(&json!({ "vat_number": null, "language": "en" }));
        book.ask("ask to change a contact's own details", BY_CONTACT, here(change)).await;
    }

    /// The visitor becomes a contact of the customer to whom the documents are sent.
    async fn let_contact_in(&mut self, book: &mut Book<'_>, places: &Places) -> Context {
        let (owner, visitor) = (self.owner.clone(), self.visitor.clone());
        let here = |event: HttpEvent| by(event, &owner, &places.owner_here);
        let body = json!({ "name": "Vera Visit", "email": visitor.email });
        let contacts = format!("/v1/customers/{}/contacts", machine::CUSTOMER);
        let added = book.prepare(here(HttpEvent::post(&contacts).json(&body))).await;
        let access = cast::portal_access(machine::CUSTOMER, &text(&added, "/contact/id"));
        book.prepare(here(HttpEvent::post(&access).json(&json!({})))).await;
        let created = letter_of(&book.events());
        book.prepare_by("notify", &created).await;
        let body = json!({ "token": token(book, &visitor.email).await });
        book.prepare(signed(HttpEvent::post("/v1/invitations/accept").json(&body), &visitor)).await;
        let path = format!("/v1/contexts/{}/customers/{}", places.company, machine::CUSTOMER);
        let entered = book.prepare(signed(HttpEvent::post(&path).json(&json!({})), &visitor)).await;
        cast::context(&entered)
    }

    /// A picture that the company shows to its customers' contacts.
    async fn logo(&self, book: &mut Book<'_>, places: &Places, (contact, inside): (&Person, &Context)) {
        let owner = self.owner.clone();
        let ours = |event: HttpEvent| by(event, &owner, &places.owner_here);
        let mut picture = super::documents::file(5);
        (picture["name"], picture["file_type"]) = (json!("Logo.png"), json!("image/png"));
        book.call(&super::documents::checksum(5).1, "sha256");
        let declare = ours(HttpEvent::post("/v1/documents").json(&json!({ "documents": [picture] })));
        let logo = text(&book.prepare(declare).await, "/rows/0/document/id");
        book.call(&logo, "document");
        release(book, places, &logo).await;
        let settings = json!({ "rights": RIGHTS, "logo": logo });
        book.prepare(ours(HttpEvent::put("/v1/customer-portal-settings").json(&settings))).await;
        let download = by(HttpEvent::post("/v1/customer-portal/logo/download"), contact, inside);
        book.ask("a link to the company's logo, for a contact", LOGO, download).await;
    }

    async fn decide_as_contact(&mut self, book: &mut Book<'_>, (contact, inside): (&Person, &Context)) {
        let here = |event: HttpEvent| by(event, contact, inside);
        let path = format!("/v1/customer-portal/estimates/{DOCUMENT}");
        let shown = book.prepare(here(HttpEvent::get(&path))).await;
        let decision = json!({ "decision": "accepted", "digest": text(&shown, "/estimate/digest") });
        let decide = self.once(here(HttpEvent::post(&format!("{path}/decision")).json(&decision)));
        book.ask("decide an estimate as a contact", Mutation, decide).await;
    }

    async fn pay_as_contact(&mut self, book: &mut Book<'_>, (contact, inside): (&Person, &Context)) {
        let here = |event: HttpEvent| by(event, contact, inside);
        let path = format!("/v1/customer-portal/invoices/{DOCUMENT}/payments");
        let pay = HttpEvent::post(&path).json(&json!({ "amount_minor": 10_000, "currency": "EUR" }));
        let pay = self.once(here(pay));
        let started: Value = book.ask("start a payment as a contact", super::PAY, pay).await;
        let payment = text(&started, "/payment/id");
        book.call(&payment, "payment");
        book.ask("the payments of an invoice, for its customer", Read, here(HttpEvent::get(&path))).await;
        let one = here(HttpEvent::get(&format!("{path}/{payment}")));
        book.ask("a payment, for its customer", Read, one).await;
        let cancel = here(HttpEvent::post(&format!("{path}/{payment}/cancel")));
        book.ask("cancel a payment as a contact", super::CANCEL, cancel).await;
    }
}
