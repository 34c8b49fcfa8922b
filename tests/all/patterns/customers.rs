//! Customers and their contacts, from the ledger's first report to the removal of a contact.

use serde_json::json;
use tests::cast::text;
use tests::machine;
use tests::runtime_api::HttpEvent;

use super::book::Kind::{Because, Mutation, Read};
use super::book::{Book, Kind};
use super::{Places, REFERENCE, Tale, WITHDRAWN};
use crate::customers::put_change;
use crate::faults::rig::{by, by_ledger};

pub(super) const STATEMENT: Kind =
    Because(3, "the account is read before its movements and behind them, so that the sums tie");
const REPORTED: Kind = Because(3, "which contacts a report changes is only known once their addresses were looked up");
const OWING: Kind = Because(2, "whose accounts to read is only known once the page was read");

/// All rights that contacts may have: the stories behind this one use them.
pub(super) const RIGHTS: [&str; 6] = ["comment", "accept", "pay", "forward", "edit_details", "see_statements"];

impl Tale {
    /// What the ledger reports of a customer, and what the owner makes of it.
    pub(super) async fn customers(&mut self, book: &mut Book<'_>, places: &Places) {
        let (owner, ledger) = (self.owner.clone(), self.ledger.clone());
        let here = |event: HttpEvent| by(event, &owner, &places.owner_here);
        let told = |event: HttpEvent| by_ledger(event, &ledger);

        let path = places.ledger_path("customers", REFERENCE);
        let report = |version: u64| {
            let mut body = machine::customer("Pattern Client");
            body["contacts"] = json!([{ "name": format!("Nora Nord {version}"), "email": "nora@nordwind.example" }]);
            body["version"] = json!(version);
            told(HttpEvent::put(&path).json(&body))
        };
        book.ask("record a customer and a contact", Mutation, report(1)).await;
        book.ask("change a contact, as the ledger", REPORTED, report(2)).await;
        book.ask("a customer, for the ledger", Read, told(HttpEvent::get(&path))).await;

        let list = here(HttpEvent::get("/v1/customers"));
        book.ask("active customers by name", OWING, list).await;
        let search = here(HttpEvent::get("/v1/customers").query("q", "pattern"));
        book.ask("customers whose name begins so", OWING, search).await;
        let body = json!({ "reference": WITHDRAWN, "name": "Pattern Client", "currency": "EUR" });
        let add = self.once(here(HttpEvent::post("/v1/customers").json(&body)));
        book.ask("add a customer", Mutation, add).await;
        let path = format!("/v1/customers/{REFERENCE}");
        book.ask("a customer", Read, here(HttpEvent::get(&path))).await;
        let statement = HttpEvent::get(&format!("{path}/statement")).query("from", "2020-01-01");
        let statement = here(statement.query("until", "2099-12-31"));
        book.ask("a customer's statement of account, for the company", STATEMENT, statement).await;
        let change = here(HttpEvent::new("PATCH", &path).json(&json!({ "vat_number": null })));
        book.ask("change a customer", Mutation, change).await;

        let contacts = format!("{path}/contacts");
        let body = json!({ "name": "Bo Nord", "email": "bo@nordwind.example" });
        let add = self.once(here(HttpEvent::post(&contacts).json(&body)));
        let added = book.ask("add a contact", Mutation, add).await;
        let id = text(&added, "/contact/id");
        book.ask("contacts of a customer", Read, here(HttpEvent::get(&contacts))).await;
        let contact = format!("{contacts}/{id}");
        book.ask("a contact", Read, here(HttpEvent::get(&contact))).await;
        let change = here(HttpEvent::new("PATCH", &contact).json(&json!({ "email": "b@nordwind.example" })));
        book.ask("change a contact's address", Mutation, change).await;

        put_change(&book.table, &places.company, REFERENCE, &id).await;
        let list = here(HttpEvent::get("/v1/customer-changes"));
        book.ask("changes that contacts ask for", Read, list).await;
        let list = told(HttpEvent::get(&format!("/v1/ledger/companies/{}/customer-changes", places.company)));
        book.ask("changes that contacts ask for, for the ledger", Read, list).await;
        let asked = format!("{contact}/requested-change");
        book.ask("what a contact asked to change last", Read, here(HttpEvent::get(&asked))).await;
        let decision = json!({ "decision": "accepted", "revision": 2 });
        let decide = self.once(here(HttpEvent::post(&format!("{asked}/decision")).json(&decision)));
        book.ask("accept what a contact asked for", Mutation, decide).await;
        put_change(&book.table, &places.company, REFERENCE, &id).await;
        let path = format!("/v1/ledger/companies/{}/{}/decision", places.company, asked.trim_start_matches("/v1/"));
        let decision = json!({ "decision": "refused", "revision": 2 });
        let decide = told(HttpEvent::put(&path).json(&decision));
        book.ask("refuse what a contact asked for, as the ledger", Mutation, decide).await;
        book.ask("remove a contact", Mutation, here(HttpEvent::delete(&contact))).await;

        let settings = json!({ "rights": RIGHTS, "color": "#0a6c74", "remind_days_after": [5] });
        let put = here(HttpEvent::put("/v1/customer-portal-settings").json(&settings));
        book.ask("set what contacts may do", Mutation, put).await;
        let get = here(HttpEvent::get("/v1/customer-portal-settings"));
        book.ask("what contacts may do", Read, get).await;
    }
}
