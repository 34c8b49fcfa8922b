//! Another customer of the same company: what is theirs is, byte for byte, what does not exist.

use api::Audience;
use serde_json::{Value, json};
use tests::cast::text;
use tests::{kit, machine, run};

use super::stage::{CUSTOMER, OTHER, Stage};
use crate::documents;
use crate::routes::routes;

const KINDS: [&str; 3] = ["invoices", "estimates", "credit-notes"];

/// Every route of a contact that names a document, a payment or an attachment, and a body that it takes.
fn bodies(operation: &str) -> Option<Value> {
    let digest = "0".repeat(64);
    if operation.starts_with("note_customer_") {
        Some(json!({ "digest": digest }))
    } else if operation.starts_with("comment_on_customer_") {
        Some(json!({ "text": "Hello" }))
    } else if operation.starts_with("read_customer_") {
        Some(json!({ "up_to": "cm_00000000000070008000000000000000" }))
    } else if operation.starts_with("forward_customer_") {
        Some(json!({ "name": "Ines Nord", "email": "ines@nord.example.com" }))
    } else {
        match operation {
            "decide_customer_estimate" => Some(json!({ "decision": "accepted", "digest": digest })),
            "pay_invoice_as_customer" => Some(json!({ "amount_minor": 100, "currency": "EUR" })),
            _ => None,
        }
    }
}

/// Proves: CP11, 2, 23
#[test]
fn no_route_of_a_contact_tells_that_another_customers_document_exists() {
    run(async {
        let stage = Stage::set(kit()).await;
        let (attached, _) = documents::clean(stage.kit, &stage.owner, "Plan.pdf").await;
        let attached = text(&attached, "/document/id");
        for (customer, n) in [(CUSTOMER, 1), (OTHER, 2)] {
            for kind in KINDS {
                let reference = format!("DOC-{n}");
                let mut body = match kind {
                    "invoices" => machine::invoice(&reference, 10_000),
                    "estimates" => machine::estimate(&reference, 10_000),
                    _ => machine::credit_note(&reference, 1_000, &reference, 500),
                };
                body["attachments"] = json!([{ "document": attached }]);
                stage.push(kind, &reference, customer, body).await;
            }
        }
        let pay = json!({ "amount_minor": 100, "currency": "EUR" });
        let started = stage.ask(&stage.other, "POST", "/invoices/DOC-2/payments", Some(pay)).await.ok(201);
        let payment = text(&started, "/payment/id");

        let mut asked = 0;
        for route in routes() {
            let Audience::Context { customer: Some(_), .. } = route.audience else { continue };
            let Some(path) = route.path.strip_prefix("/v1/customer-portal") else { continue };
            if !path.contains("{reference}") {
                continue;
            }
            let path = |reference: &str| {
                path.replace("{reference}", reference).replace("{document}", &attached).replace("{id}", &payment)
            };
            let theirs = stage.ask(&stage.contact, route.method, &path("DOC-2"), bodies(&route.operation)).await;
            let nobodys = stage.ask(&stage.contact, route.method, &path("NEVER-1"), bodies(&route.operation)).await;
            theirs.refused(404, "not-found");
            assert_eq!(theirs.bytes, nobodys.bytes, "{} tells that the document exists", theirs.line);
            // Not even through a document of one's own.
            if route.path.contains("{id}") {
                stage.ask(&stage.contact, route.method, &path("DOC-1"), None).await.refused(404, "not-found");
            }
            asked += 1;
        }
        assert!(asked >= 20, "only {asked} routes were asked");

        for list in
            ["", "/invoices", "/estimates", "/credit-notes", "/me", "/statement?from=2020-01-01&until=2099-12-31"]
        {
            let shown = stage.read(list).await.to_string();
            for theirs in ["DOC-2", OTHER, "Loja Verde", &stage.other.person.user, &payment] {
                assert!(!shown.contains(theirs), "{list} shows {theirs}: {shown}");
            }
        }
    });
}

/// A contact has none of the company's routes, whatever permission they share with members.
/// Proves: CP11, 23
#[test]
fn a_contact_has_no_route_of_the_companys_people() {
    run(async {
        let stage = Stage::set(kit()).await;
        stage.invoice(CUSTOMER, "INV-1", 10_000).await;
        for path in
            ["/v1/invoices", "/v1/invoices/INV-1", "/v1/invoices/INV-1/comments", "/v1/payments", "/v1/documents"]
        {
            let call = stage.kit.api.get(path).by(&stage.contact.person).within(&stage.contact.here);
            call.send().await.refused(403, "not-granted");
        }
    });
}
