//! A company that sells to two customers, with a contact of each in the portal.

use serde_json::{Value, json};
use tests::Kit;
use tests::cast::{self, Contact, Owner, text};
use tests::http::Answer;
use tests::machine::{self, Ledger};

use crate::support::call;

/// The customer that most requests are about.
pub(crate) const CUSTOMER: &str = machine::CUSTOMER;
/// Another customer of the same company.
pub(crate) const OTHER: &str = "CUS-2";

/// The company, the ledger, and a contact of each customer.
pub(crate) struct Stage {
    pub(crate) kit: &'static Kit,
    pub(crate) owner: Owner,
    pub(crate) ledger: Ledger,
    pub(crate) contact: Contact,
    pub(crate) other: Contact,
}

impl Stage {
    pub(crate) async fn set(kit: &'static Kit) -> Self {
        let (owner, ledger) = tokio::join!(cast::owner(kit, "Otto Owner", "Owners Ltd"), Ledger::sign_in(kit));
        for (reference, name) in [(CUSTOMER, machine::CUSTOMER_NAME), (OTHER, "Loja Verde")] {
            machine::push_customer(kit, &owner.company.id, reference, name).await;
        }
        let contact = cast::contact(kit, &owner, CUSTOMER, "Cleo Contact").await;
        let other = cast::contact(kit, &owner, OTHER, "Oscar Other").await;
        Self { kit, owner, ledger, contact, other }
    }

    /// Pushes an invoice to a customer.
    pub(crate) async fn invoice(&self, customer: &str, reference: &str, total_minor: i64) {
        self.push("invoices", reference, customer, machine::invoice(reference, total_minor)).await;
    }

    /// Pushes an estimate to a customer.
    pub(crate) async fn estimate(&self, customer: &str, reference: &str, total_minor: i64) {
        self.push("estimates", reference, customer, machine::estimate(reference, total_minor)).await;
    }

    /// Pushes a document of a kind to a customer.
    pub(crate) async fn push(&self, kind: &str, reference: &str, customer: &str, mut body: Value) {
        body["customer"] = json!(customer);
        let answer = self.ledger.put(self.kit, &self.owner.company.id, kind, reference, body).await;
        assert!((200..300).contains(&answer.status), "{}: {} {}", answer.line, answer.status, answer.text());
    }

    /// A request of a contact; `path` goes on behind `/v1/customer-portal`.
    pub(crate) async fn ask(&self, who: &Contact, method: &str, path: &str, body: Option<Value>) -> Answer {
        let path = format!("/v1/customer-portal{path}");
        let request = call(&self.kit.api, method, &path).by(&who.person).within(&who.here);
        match body {
            Some(body) => request.json(body).send().await,
            None => request.send().await,
        }
    }

    /// What the contact of the first customer reads.
    pub(crate) async fn read(&self, path: &str) -> Value {
        self.ask(&self.contact, "GET", path, None).await.ok(200)
    }

    /// A request of the company's owner.
    pub(crate) async fn staff(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let request = call(&self.kit.api, method, path).by(&self.owner.person).within(&self.owner.here);
        match body {
            Some(body) => request.json(body).send().await,
            None => request.send().await,
        }
    }

    /// The digest of a document as the contact sees it now.
    pub(crate) async fn digest(&self, kind: &str, reference: &str) -> String {
        let shown = self.read(&format!("/{kind}/{reference}")).await;
        text(&shown, &format!("/{}/digest", one(kind)))
    }
}

/// The name of one document of a kind in an answer.
pub(crate) fn one(kind: &str) -> &'static str {
    match kind {
        "invoices" => "invoice",
        "estimates" => "estimate",
        "credit-notes" => "credit_note",
        other => panic!("no such kind: {other}"),
    }
}
