//! Invoices, credit notes and estimates: what the ledger pushes and what people write.

use serde_json::json;
use tests::cast::text;
use tests::machine;
use tests::runtime_api::HttpEvent;

use super::book::Kind::{Background, Because, Mutation, Read};
use super::book::{Book, Kind};
use super::{ACCOUNT_OF, Places, REFERENCE, Tale, WRITTEN, letter_of};
use crate::document_requests::day;
use crate::faults::rig::{by, by_ledger};
use crate::invoice_reminders;

const CREDIT: Kind = Because(3, "how much more an invoice is credited is known once the credit note was read");

/// An invoice of which a customer is reminded.
const UNPAID: &str = "REF-8";

impl Tale {
    /// A company reminds of an unpaid invoice.
    pub(super) async fn invoice_reminders(&mut self, book: &mut Book<'_>, places: &Places) {
        book.call(UNPAID, "reference");
        let mut body = machine::invoice(UNPAID, 10_000);
        (body["issued_on"], body["due_on"]) = (json!(day(-40)), json!(day(-8)));
        let put = HttpEvent::put(&places.ledger_path("invoices", UNPAID)).json(&body);
        book.prepare(by_ledger(put, &self.ledger.clone())).await;
        invoice_reminders::sent_ago(&book.table, &places.company, UNPAID, 30).await;
        invoice_reminders::pass(&book.table, &places.company, 6).await;
        let schedule = invoice_reminders::schedule();
        let name = "invoices of which customers are reminded, one of them";
        book.invoke(name, "notify", "its schedule", Background, &schedule).await;
        let reminded = letter_of(&book.events());
        let name = "invoices of which customers are reminded, none";
        book.invoke(name, "notify", "its schedule", Background, &schedule).await;
        let name = "letters that remind of an invoice";
        book.invoke(name, "notify", "`invoice.reminded`", Background, &reminded).await;

        let owner = self.owner.clone();
        let here = |event: HttpEvent| by(event, &owner, &places.owner_here);
        let path = format!("/v1/customers/{}", machine::CUSTOMER);
        let body = json!({ "kind": "invoice", "document": UNPAID });
        let again = self.once(here(HttpEvent::post(&format!("{path}/document-letters")).json(&body)));
        book.ask("send a document again as it is", Mutation, again).await;
        let body = json!({ "from": "2026-10-01", "until": "2026-10-31" });
        let statement = self.once(here(HttpEvent::post(&format!("{path}/statement-letters")).json(&body)));
        book.ask("send a statement of account", Mutation, statement).await;
    }

    /// What the ledger tells of, and what people say to it.
    pub(super) async fn invoices_and_estimates(&mut self, book: &mut Book<'_>, places: &Places) {
        let (owner, ledger) = (self.owner.clone(), self.ledger.clone());
        let here = |event: HttpEvent| by(event, &owner, &places.owner_here);
        let told = |event: HttpEvent| by_ledger(event, &ledger);

        let customer = places.ledger_path("customers", machine::CUSTOMER);
        book.prepare(told(HttpEvent::put(&customer).json(&machine::customer(machine::CUSTOMER_NAME)))).await;
        let path = places.ledger_path("invoices", REFERENCE);
        let put = |minor| told(HttpEvent::put(&path).json(&machine::invoice(REFERENCE, minor)));
        book.ask("record an invoice", Mutation, put(10_000)).await;
        book.ask("change an invoice", Mutation, put(30_000)).await;
        let get = told(HttpEvent::get(&path));
        book.ask("an invoice, for the ledger", Read, get).await;
        let path = places.ledger_path("estimates", REFERENCE);
        let put = told(HttpEvent::put(&path).json(&machine::estimate(REFERENCE, 10_000)));
        book.ask("record an estimate", Mutation, put).await;
        let get = told(HttpEvent::get(&path));
        book.ask("an estimate, for the ledger", Read, get).await;

        for (names, kind, state) in [
            (
                [
                    "invoices by reference",
                    "invoices in one state",
                    "an invoice",
                    "comment on an invoice",
                    "comments on an invoice",
                ],
                "invoices",
                "open",
            ),
            (
                [
                    "estimates by reference",
                    "estimates in one state",
                    "an estimate",
                    "comment on an estimate",
                    "comments on an estimate",
                ],
                "estimates",
                "open",
            ),
        ] {
            let list = here(HttpEvent::get(&format!("/v1/{kind}")));
            book.ask(names[0], Read, list).await;
            let list = here(HttpEvent::get(&format!("/v1/{kind}")).query("state", state));
            book.ask(names[1], Read, list).await;
            let get = here(HttpEvent::get(&format!("/v1/{kind}/{REFERENCE}")));
            book.ask(names[2], Read, get).await;
            let path = format!("/v1/{kind}/{REFERENCE}/comments");
            let post = self.once(here(HttpEvent::post(&path).json(&json!({ "text": "Which shop is this for?" }))));
            book.ask(names[3], Mutation, post).await;
            book.ask(names[4], Read, here(HttpEvent::get(&path))).await;
        }
        let shown = book.prepare(here(HttpEvent::get(&format!("/v1/estimates/{REFERENCE}")))).await;
        let decision = json!({ "decision": "accepted", "digest": text(&shown, "/estimate/digest") });
        let path = format!("/v1/estimates/{REFERENCE}/recorded-decision");
        let decide = self.once(here(HttpEvent::post(&path).json(&decision)));
        book.ask("record a decision on an estimate", Mutation, decide).await;
        let path = format!("/v1/estimates/{REFERENCE}/undo-decision");
        let undo = self.once(here(HttpEvent::post(&path).json(&json!({}))));
        book.ask("undo a decision on an estimate", Mutation, undo).await;
        for (names, kind) in [
            (["invoices of a customer", "who saw an invoice"], "invoices"),
            (["estimates of a customer", "who saw an estimate"], "estimates"),
        ] {
            let list = here(HttpEvent::get(&format!("/v1/{kind}")).query("customer", machine::CUSTOMER));
            book.ask(names[0], Read, list).await;
            let views = here(HttpEvent::get(&format!("/v1/{kind}/{REFERENCE}/views")));
            book.ask(names[1], Read, views).await;
        }
        self.credit_notes(book, places).await;
        self.written_by_hand(book, places).await;
    }

    /// What takes something off an invoice.
    async fn credit_notes(&mut self, book: &mut Book<'_>, places: &Places) {
        let (owner, ledger) = (self.owner.clone(), self.ledger.clone());
        let here = |event: HttpEvent| by(event, &owner, &places.owner_here);
        let path = places.ledger_path("credit-notes", REFERENCE);
        let note = machine::credit_note(REFERENCE, 500, REFERENCE, 300);
        let put = by_ledger(HttpEvent::put(&path).json(&note), &ledger);
        book.ask("record a credit note", CREDIT, put).await;
        book.ask("a credit note, for the ledger", Read, by_ledger(HttpEvent::get(&path), &ledger)).await;
        book.ask("credit notes by reference", Read, here(HttpEvent::get("/v1/credit-notes"))).await;
        let list = here(HttpEvent::get("/v1/credit-notes").query("state", "issued"));
        book.ask("credit notes in one state", Read, list).await;
        let list = here(HttpEvent::get("/v1/credit-notes").query("customer", machine::CUSTOMER));
        book.ask("credit notes of a customer", Read, list).await;
        let path = format!("/v1/credit-notes/{REFERENCE}/comments");
        let post = self.once(here(HttpEvent::post(&path).json(&json!({ "text": "Which shop is this for?" }))));
        book.ask("comment on a credit note", Mutation, post).await;
        book.ask("comments on a credit note", Read, here(HttpEvent::get(&path))).await;
        let path = format!("/v1/credit-notes/{REFERENCE}");
        book.ask("a credit note", Read, here(HttpEvent::get(&path))).await;
        book.ask("who saw a credit note", Read, here(HttpEvent::get(&format!("{path}/views")))).await;
    }

    /// What a company writes whose ledger pushes none.
    async fn written_by_hand(&mut self, book: &mut Book<'_>, places: &Places) {
        let owner = self.owner.clone();
        let here = |event: HttpEvent| by(event, &owner, &places.owner_here);
        for (names, kind, day) in [
            (
                ["draft an invoice", "change a draft of an invoice", "send an invoice", "withdraw an invoice"],
                "invoices",
                "due_on",
            ),
            (
                [
                    "draft a credit note",
                    "change a draft of a credit note",
                    "send a credit note",
                    "withdraw a credit note",
                ],
                "credit-notes",
                "issued_on",
            ),
            (
                ["draft an estimate", "change a draft of an estimate", "send an estimate", ""],
                "estimates",
                "valid_until",
            ),
        ] {
            let mut body = machine::written(WRITTEN, 1_000);
            body[day] = json!("2027-12-01");
            let draft = self.once(here(HttpEvent::post(&format!("/v1/{kind}")).json(&body)));
            book.ask(names[0], Mutation, draft).await;
            let path = format!("/v1/{kind}/{WRITTEN}");
            book.ask(names[1], Mutation, here(HttpEvent::put(&path).json(&body))).await;
            // An estimate changes no account.
            let of_account = if kind == "estimates" { Mutation } else { ACCOUNT_OF };
            let send = self.once(here(HttpEvent::post(&format!("{path}/send")).json(&json!({}))));
            book.ask(names[2], of_account, send).await;
            if !names[3].is_empty() {
                let void = self.once(here(HttpEvent::post(&format!("{path}/void")).json(&json!({}))));
                book.ask(names[3], of_account, void).await;
            }
        }
    }
}
