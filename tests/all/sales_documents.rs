//! Sales documents: how they add up, credit notes, what people write by hand, and what a customer owes.

use serde_json::{Value, json};
use tests::cast::{self, Context, Owner, list, text};
use tests::machine::{self, CUSTOMER, Ledger};
use tests::people::Person;
use tests::{Kit, kit, run, story};

use crate::documents;
use crate::support::{call, refused_input};

async fn begun(kit: &Kit) -> (Owner, Ledger) {
    tokio::join!(cast::owner(kit, "Otto Owner", "Owners Ltd"), Ledger::sign_in(kit))
}

/// A document with two rates, a discount, a charge and an allowance, whose amounts were worked out by hand.
fn mixed() -> Value {
    let mut body = machine::invoice("INV-1", 0);
    body["lines"] = json!([
        {
            "description": "Consulting", "quantity": "7.5", "unit": "hour", "unit_price": "80.25",
            "discount_percent": "10", "tax_percent": "23", "net_minor": 54_169,
        },
        { "description": "Books", "quantity": "3", "unit_price": "12.345", "tax_percent": "6", "net_minor": 3_704 },
    ]);
    body["adjustments"] = json!([
        { "kind": "charge", "reason": "Freight", "amount_minor": 1_000, "tax_percent": "23" },
        { "kind": "allowance", "reason": "Loyalty", "amount_minor": 500, "tax_percent": "6" },
    ]);
    body["taxes"] = json!([
        { "tax_percent": "23", "taxable_minor": 55_169, "tax_minor": 12_689 },
        { "tax_percent": "6", "taxable_minor": 3_204, "tax_minor": 192 },
    ]);
    body["totals"] = json!({
        "lines_minor": 57_873, "allowances_minor": 500, "charges_minor": 1_000, "net_minor": 58_373, "tax_minor": 12_881,
        "gross_minor": 71_254,
    });
    body["total_minor"] = json!(71_254);
    body
}

/// Proves: C1
#[test]
fn a_document_that_does_not_add_up_is_refused_by_the_rule_and_the_line() {
    run(async {
        let kit = kit();
        let (owner, ledger) = begun(kit).await;
        let company = owner.company.id.as_str();
        ledger.put(kit, company, "invoices", "INV-1", mixed()).await.ok(201);
        let changed = |pointer: &str, value: Value| {
            let mut body = mixed();
            *body.pointer_mut(pointer).expect("it is there") = value;
            body
        };
        let rounded = |minor: i64| {
            let mut body = mixed();
            (body["totals"]["rounding_minor"], body["total_minor"]) = (json!(minor), json!(71_254 + minor));
            body
        };
        let many = vec![mixed()["lines"][0].clone(); 2_000];
        let before = kit.table.trace(company).await;
        for (body, field, rule) in [
            (changed("/lines/1/net_minor", json!(3_703)), "lines[1].net_minor", "line-net"),
            (changed("/taxes/0/taxable_minor", json!(55_170)), "taxes[0].taxable_minor", "tax-base"),
            (changed("/taxes/1/tax_minor", json!(193)), "taxes[1].tax_minor", "tax-amount"),
            (changed("/taxes/1/tax_percent", json!("5")), "taxes[1].tax_percent", "tax-parts"),
            (changed("/totals/lines_minor", json!(57_872)), "totals.lines_minor", "lines-total"),
            (changed("/adjustments/1/kind", json!("charge")), "taxes[1].taxable_minor", "tax-base"),
            (changed("/totals/allowances_minor", json!(501)), "totals.allowances_minor", "allowances-total"),
            (changed("/totals/gross_minor", json!(71_253)), "totals.gross_minor", "gross-total"),
            (changed("/total_minor", json!(71_255)), "total_minor", "payable-total"),
            (rounded(-5_000), "totals.rounding_minor", "rounding"),
            (changed("/lines", json!(many)), "lines", "line-count"),
            (changed("/lines", json!([])), "lines", "line-count"),
            (changed("/lines/0/tax_percent", json!("120")), "lines[0].tax_percent", ""),
            (changed("/lines/0/quantity", json!(7.5)), "lines[0].quantity", ""),
            (changed("/currency", json!("USD")), "currency", "currency_differs"),
            (changed("/customer", json!("NOBODY")), "customer", ""),
        ] {
            let answer = ledger.put(kit, company, "invoices", "INV-1", body).await;
            answer.refused_field(422, "invalid-field", field);
            assert!(answer.text().contains(rule), "{field}: {}", answer.text());
        }
        assert!(kit.table.trace(company).await == before, "a refused document left a trace");
    });
}

/// Proves: C2
#[test]
fn a_document_of_very_long_lines_comes_back_whole() {
    run(async {
        let kit = kit();
        let (owner, ledger) = begun(kit).await;
        let company = owner.company.id.as_str();
        let mut body = machine::invoice("INV-1", 0);
        let line = |n: usize| {
            let words = format!("{n} {}", "x".repeat(1_500));
            json!({ "description": words, "quantity": "1", "unit_price": "1", "tax_category": "exempt", "net_minor": 100 })
        };
        body["lines"] = (0..200).map(line).collect();
        body["taxes"] = json!([{ "tax_category": "exempt", "taxable_minor": 20_000, "tax_minor": 0 }]);
        body["totals"] = json!({ "lines_minor": 20_000, "net_minor": 20_000, "tax_minor": 0, "gross_minor": 20_000 });
        body["total_minor"] = json!(20_000);
        ledger.put(kit, company, "invoices", "INV-1", body.clone()).await.ok(201);
        let same = ledger.put(kit, company, "invoices", "INV-1", body.clone()).await.ok(200);
        assert_eq!(same["invoice"]["revision"], 1, "{}", same["invoice"]["revision"]);
        let shown = kit.api.get("/v1/invoices/INV-1").by(&owner.person).within(&owner.here).ok(200).await;
        let words = |body: &Value| -> Vec<String> {
            list(body, "lines").iter().map(|line| text(line, "/description")).collect()
        };
        assert_eq!(words(&shown["invoice"]), words(&body));
        // What changes nothing of the lines leaves them as they are.
        let paid = ledger.put(kit, company, "credit-notes", "CN-1", machine::credit_note("CN-1", 500, "INV-1", 500));
        paid.await.ok(201);
        let shown = ledger.read(kit, company, "invoices", "INV-1").await.ok(200);
        assert_eq!((list(&shown["invoice"], "lines").len(), &shown["invoice"]["due_minor"]), (200, &json!(19_500)));
    });
}

/// Proves: C3
#[test]
fn a_partial_credit_leaves_the_rest_due_and_a_withdrawn_one_gives_it_back() {
    run(async {
        let kit = kit();
        let (owner, ledger) = begun(kit).await;
        let company = owner.company.id.as_str();
        ledger.invoice(kit, company, "INV-1", 10_000).await;
        let credit = async |applied: i64, version: u64, status: &str| {
            let mut body = machine::credit_note("CN-1", 10_000, "INV-1", applied);
            (body["version"], body["status"]) = (json!(version), json!(status));
            ledger.put(kit, company, "credit-notes", "CN-1", body).await
        };
        let amounts = async || {
            let shown = kit.api.get("/v1/invoices/INV-1").by(&owner.person).within(&owner.here).ok(200).await;
            let invoice = &shown["invoice"];
            (text(invoice, "/status"), invoice["credited_minor"].clone(), invoice["due_minor"].clone())
        };
        let note = credit(4_000, 1, "issued").await.ok(201);
        assert_eq!(note["credit_note"]["unapplied_minor"], 6_000, "{note}");
        assert_eq!(amounts().await, ("sent".to_owned(), json!(4_000), json!(6_000)), "a part is no payment");
        credit(10_000, 3, "issued").await.ok(200);
        assert_eq!(amounts().await, ("credited".to_owned(), json!(10_000), json!(0)));
        assert_eq!(credit(1, 2, "issued").await.ok(200)["applied"], false, "an older version changes nothing");
        let voided = {
            let mut body = machine::invoice("INV-1", 10_000);
            body["status"] = json!("void");
            ledger.put(kit, company, "invoices", "INV-1", body).await
        };
        voided.refused(409, "conflict");
        credit(10_000, 4, "void").await.ok(200);
        assert_eq!(amounts().await, ("sent".to_owned(), json!(0), json!(10_000)));
        // More than is due, another's invoice, and more than the credit note has.
        let refused = async |body: Value| ledger.put(kit, company, "credit-notes", "CN-2", body).await;
        let above = refused(machine::credit_note("CN-2", 20_000, "INV-1", 10_001)).await;
        above.refused_field(409, "conflict", "applied_to[0].invoice");
        let nowhere = refused(machine::credit_note("CN-2", 100, "NEVER-1", 100)).await;
        nowhere.refused_field(422, "invalid-field", "applied_to[0].invoice");
        let beyond = refused(machine::credit_note("CN-2", 100, "INV-1", 101)).await;
        beyond.refused_field(422, "invalid-field", "applied_to");
    });
}

/// Proves: C4
#[test]
fn an_estimate_is_declined_reworked_accepted_undone_and_becomes_an_invoice() {
    run(async {
        let kit = kit();
        let (owner, ledger) = begun(kit).await;
        let company = owner.company.id.as_str();
        ledger.estimate(kit, company, "EST-1", 70_000).await;
        let show = async || {
            let call = kit.api.get("/v1/estimates/EST-1").by(&owner.person).within(&owner.here);
            call.ok(200).await["estimate"].clone()
        };
        let decide = async |decision: &str| {
            let digest = text(&show().await, "/digest");
            let call = kit.api.post("/v1/estimates/EST-1/recorded-decision").by(&owner.person).within(&owner.here);
            call.json(json!({ "decision": decision, "reason": "By phone", "digest": digest })).ok(200).await
        };
        let declined = decide("declined").await;
        assert_eq!(text(&declined, "/estimate/decision/by/via"), "staff");
        assert_eq!(text(&declined, "/estimate/decision/by/name"), "Otto Owner");
        // The ledger reworks it: open again, with the old decision on record.
        ledger.estimate(kit, company, "EST-1", 60_000).await;
        let reworked = show().await;
        assert_eq!((text(&reworked, "/status").as_str(), &reworked["revision"]), ("sent", &json!(2)), "{reworked}");
        assert_eq!(text(&reworked, "/earlier_decisions/0/decision"), "declined");
        decide("accepted").await;
        let fixed = ledger.put(kit, company, "estimates", "EST-1", machine::estimate("EST-1", 1)).await;
        assert_eq!(text(&fixed.refused(409, "conflict"), "/state"), "accepted");
        let undo = kit.api.post("/v1/estimates/EST-1/undo-decision").by(&owner.person).within(&owner.here);
        let undone = undo.json(json!({ "reason": "Another customer" })).ok(200).await;
        assert_eq!(text(&undone, "/estimate/state"), "open");
        assert_eq!(text(&undone, "/estimate/earlier_decisions/0/undone/by_name"), "Otto Owner");
        decide("accepted").await;
        let mut invoice = machine::invoice("INV-1", 60_000);
        invoice["estimate"] = json!("EST-1");
        ledger.put(kit, company, "invoices", "INV-1", invoice.clone()).await.ok(201);
        let invoiced = show().await;
        assert_eq!((text(&invoiced, "/status"), text(&invoiced, "/invoice")), ("invoiced".into(), "INV-1".into()));
        let undo = kit.api.post("/v1/estimates/EST-1/undo-decision").by(&owner.person).within(&owner.here);
        undo.json(json!({})).refused(409, "conflict").await;
        for (kind, count) in [
            ("estimate.sent", 1),
            ("estimate.reworked", 1),
            ("estimate.decided", 3),
            ("estimate.decision_undone", 1),
            ("estimate.invoiced", 1),
        ] {
            assert_eq!(story::events_of_type(kit, company, kind).await, count, "{kind}");
        }
        invoice["estimate"] = json!("NEVER-1");
        let answer = ledger.put(kit, company, "invoices", "INV-2", invoice).await;
        answer.refused_field(422, "invalid-field", "estimate");
    });
}

/// Proves: C5
#[test]
fn a_company_without_a_ledger_writes_sends_and_withdraws_its_own_invoices() {
    run(async {
        let kit = kit();
        let (owner, ledger) = begun(kit).await;
        let company = owner.company.id.as_str();
        machine::push_customer(kit, company, CUSTOMER, machine::CUSTOMER_NAME).await;
        let ask = |method: &str, path: &str, body: Value| {
            let call = match method {
                "PUT" => kit.api.put(path),
                _ => kit.api.post(path),
            };
            call.by(&owner.person).within(&owner.here).json(body).send_owned()
        };
        let mut body = machine::written("HAND-1", 10_000);
        body["due_on"] = json!("2027-12-01");
        let drafted = ask("POST", "/v1/invoices", body.clone()).await.ok(201);
        assert_eq!((text(&drafted, "/invoice/status"), &drafted["invoice"]["revision"]), ("draft".into(), &json!(0)));
        assert_eq!(text(&ask("POST", "/v1/invoices", body.clone()).await.refused(409, "conflict"), "/state"), "draft");
        let listed = async || {
            let path = format!("/v1/invoices?customer={CUSTOMER}");
            list(&kit.api.get(&path).by(&owner.person).within(&owner.here).ok(200).await, "invoices").len()
        };
        assert_eq!(listed().await, 0, "a draft is not among what the customer has");
        body["lines"][0]["unit_price"] = json!("123.45");
        let changed = ask("PUT", "/v1/invoices/HAND-1", body.clone()).await.ok(200);
        assert_eq!(changed["invoice"]["total_minor"], 12_345, "{changed}");
        let sent = ask("POST", "/v1/invoices/HAND-1/send", json!({})).await.ok(200);
        assert_eq!((text(&sent, "/invoice/status"), &sent["invoice"]["revision"]), ("sent".into(), &json!(1)));
        ask("POST", "/v1/invoices/HAND-1/send", json!({})).await.ok(200);
        assert_eq!(story::events_of_type(kit, company, "invoice.sent").await, 1, "sent again is sent once");
        assert_eq!(listed().await, 1);
        // The ledger reads it back.
        let read = ledger.read(kit, company, "invoices", "HAND-1").await.ok(200);
        assert_eq!((text(&read, "/invoice/source"), &read["invoice"]["total_minor"]), ("staff".into(), &json!(12_345)));
        let voided = ask("POST", "/v1/invoices/HAND-1/void", json!({})).await.ok(200);
        assert_eq!(text(&voided, "/invoice/status"), "void");
        // What the ledger keeps is the ledger's.
        ledger.invoice(kit, company, "INV-1", 10_000).await;
        body["reference"] = json!("INV-1");
        let refused = ask("PUT", "/v1/invoices/INV-1", body).await.refused(409, "conflict");
        assert_eq!(text(&refused, "/state"), "kept_by_ledger");
        refused_input(&ask("POST", "/v1/invoices", json!({ "number": "1" })).await, "customer");
    });
}

/// Proves: C6
#[test]
fn nobody_attaches_what_they_may_not_see_or_what_is_not_clean() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        machine::push_customer(kit, &owner.company.id, CUSTOMER, machine::CUSTOMER_NAME).await;
        let permissions = ["invoices.view", "invoices.manage", "customers.view"];
        let seller = cast::member(kit, &owner, "Selma Seller", "custom", Some(&permissions)).await;
        let (attached, _) = documents::clean(kit, &owner, "Payroll.pdf").await;
        let attached = text(&attached, "/document/id");
        let file = documents::pdf();
        let rows = vec![documents::row("Late.pdf", &file)];
        let awaited = text(&documents::declare(kit, &owner.person, &owner.here, rows).await[0], "/document/id");
        let missing = "doc_00000000000070008000000000000000";
        let write = async |who: (&Person, &Context), method: &str, document: &str, number: u16| {
            let mut body = machine::written("HAND-1", 10_000);
            body["due_on"] = json!("2027-12-01");
            body["attachments"] = json!([{ "document": document, "number": number }]);
            let path = if method == "PUT" { "/v1/invoices/HAND-1" } else { "/v1/invoices" };
            call(&kit.api, method, path).by(who.0).within(who.1).json(body).send().await
        };
        let (theirs, ours) = ((&seller.person, &seller.here), (&owner.person, &owner.here));
        for document in [attached.as_str(), &awaited, missing] {
            write(theirs, "POST", document, 1).await.refused(403, "not-granted");
        }
        write(ours, "POST", &awaited, 1).await.refused_field(409, "conflict", "attachments[0].document");
        write(ours, "POST", missing, 1).await.refused_field(422, "invalid-field", "attachments[0].document");
        write(ours, "POST", &attached, 2).await.refused_field(422, "invalid-field", "attachments[0].number");
        let drafted = write(ours, "POST", &attached, 1).await.ok(201);
        assert_eq!(drafted["invoice"]["attachments"][0]["number"], 1, "{drafted}");
        // What is attached already stays, also when somebody corrects the document who could not attach it.
        write(theirs, "PUT", &attached, 1).await.ok(200);
    });
}

/// Proves: C7
#[test]
fn what_became_of_an_attachment_or_of_the_customers_currency_holds_up_no_report() {
    run(async {
        let kit = kit();
        let (owner, ledger) = begun(kit).await;
        let company = owner.company.id.as_str();
        machine::push_customer(kit, company, "CUS-7", "Nordwind Lda").await;
        let (attached, _) = documents::clean(kit, &owner, "Plan.pdf").await;
        let attached = text(&attached, "/document/id");
        let mut body = machine::invoice("INV-1", 10_000);
        (body["customer"], body["attachments"]) = (json!("CUS-7"), json!([{ "document": attached }]));
        ledger.put(kit, company, "invoices", "INV-1", body.clone()).await.ok(201);
        let path = format!("/v1/documents/{attached}");
        kit.api.delete(&path).by(&owner.person).within(&owner.here).ok(200).await;
        let mut customer = machine::customer("Nordwind Lda");
        customer["currency"] = json!("USD");
        ledger.put(kit, company, "customers", "CUS-7", customer).await.ok(200);

        let same = ledger.put(kit, company, "invoices", "INV-1", body.clone()).await.ok(200);
        assert_eq!(same["invoice"]["revision"], 1, "{same}");
        (body["settled_elsewhere_minor"], body["version"]) = (json!(4_000), json!(2));
        let settled = ledger.put(kit, company, "invoices", "INV-1", body.clone()).await.ok(200);
        assert_eq!(settled["invoice"]["due_minor"], 6_000, "{settled}");
        // A late report says nothing any more, whatever it names.
        body["version"] = json!(1);
        body["attachments"] = json!([{ "document": "doc_00000000000070008000000000000000" }]);
        let late = ledger.put(kit, company, "invoices", "INV-1", body.clone()).await.ok(200);
        assert_eq!(late["applied"], false, "{late}");
        body["attachments"] = json!([{ "document": attached }]);
        // Another invoice has to say that it means euros, and cannot have the deleted document.
        let another = ledger.put(kit, company, "invoices", "INV-2", body.clone()).await;
        another.refused_field(422, "invalid-field", "attachments[0].document");
        body["attachments"] = json!([]);
        let another = ledger.put(kit, company, "invoices", "INV-2", body).await;
        another.refused_field(422, "invalid-field", "currency");
    });
}

/// Somebody corrects a word, and a paid invoice would be open again.
/// Proves: C8
#[test]
fn a_correction_that_says_nothing_of_what_was_received_or_credited_leaves_it() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        machine::push_customer(kit, &owner.company.id, CUSTOMER, machine::CUSTOMER_NAME).await;
        let ask = async |method: &str, path: &str, body: Value| {
            call(&kit.api, method, path).by(&owner.person).within(&owner.here).json(body).send().await
        };
        let mut invoice = machine::written("HAND-1", 10_000);
        (invoice["due_on"], invoice["settled_elsewhere_minor"]) = (json!("2027-12-01"), json!(4_000));
        ask("POST", "/v1/invoices", invoice.clone()).await.ok(201);
        ask("POST", "/v1/invoices/HAND-1/send", json!({})).await.ok(200);
        let mut note = machine::written("CRED-1", 1_000);
        note["applied_to"] = json!([{ "invoice": "HAND-1", "amount_minor": 700 }]);
        ask("POST", "/v1/credit-notes", note.clone()).await.ok(201);
        ask("POST", "/v1/credit-notes/CRED-1/send", json!({})).await.ok(200);

        invoice.as_object_mut().expect("an object").remove("settled_elsewhere_minor");
        invoice["description"] = json!("Shelves");
        let corrected = ask("PUT", "/v1/invoices/HAND-1", invoice.clone()).await.ok(200);
        assert_eq!(corrected["invoice"]["settled_elsewhere_minor"], 4_000, "{corrected}");
        assert_eq!(corrected["invoice"]["due_minor"], 5_300, "{corrected}");
        note.as_object_mut().expect("an object").remove("applied_to");
        note["description"] = json!("Shelves");
        let corrected = ask("PUT", "/v1/credit-notes/CRED-1", note.clone()).await.ok(200);
        assert_eq!(corrected["credit_note"]["unapplied_minor"], 300, "{corrected}");
        // Said, it counts.
        invoice["settled_elsewhere_minor"] = json!(0);
        let corrected = ask("PUT", "/v1/invoices/HAND-1", invoice).await.ok(200);
        assert_eq!(corrected["invoice"]["due_minor"], 9_300, "{corrected}");
        note["applied_to"] = json!([]);
        let corrected = ask("PUT", "/v1/credit-notes/CRED-1", note).await.ok(200);
        assert_eq!(corrected["credit_note"]["unapplied_minor"], 1_000, "{corrected}");
    });
}

/// Proves: C9
#[test]
fn people_of_the_company_read_a_customers_statement_if_they_see_statements() {
    run(async {
        let kit = kit();
        let (owner, ledger) = begun(kit).await;
        let company = owner.company.id.as_str();
        let seeing =
            async |name: &str, permission: &str| cast::member(kit, &owner, name, "custom", Some(&[permission])).await;
        let reader = seeing("Rita Reader", "statements.view").await;
        let other = seeing("Oda Other", "customers.view").await;
        ledger.invoice(kit, company, "INV-1", 10_000).await;
        ledger
            .put(kit, company, "credit-notes", "CN-1", machine::credit_note("CN-1", 1_000, "INV-1", 400))
            .await
            .ok(201);
        let path = |customer: &str, more: &str| {
            format!("/v1/customers/{customer}/statement?from=2020-01-01&until=2099-12-31{more}")
        };
        let read = kit.api.get(&path(CUSTOMER, "")).by(&reader.person).within(&reader.here).ok(200).await;
        assert_eq!(text(&read, "/statement/customer_name"), machine::CUSTOMER_NAME);
        let euros = &list(&read["statement"], "currencies")[0];
        assert_eq!((&euros["documents_minor"], &euros["closing_minor"]), (&json!(9_000), &json!(9_000)), "{read}");
        let file = kit.api.get(&path(CUSTOMER, "&format=csv")).by(&reader.person).within(&reader.here).send().await;
        assert!(file.text().ends_with("EUR,2099-12-31,closing_balance,,,,9000\r\n"), "{}", file.text());
        let asked = kit.api.get(&path(CUSTOMER, "")).by(&other.person).within(&other.here).send().await;
        asked.refused(403, "not-granted");
        let nobody = kit.api.get(&path("NEVER-1", "")).by(&reader.person).within(&reader.here).send().await;
        nobody.refused(404, "not-found");
    });
}

/// Proves: C11
#[test]
fn what_a_customer_paid_too_much_is_in_their_favour_until_it_is_paid_out() {
    run(async {
        let kit = kit();
        let (owner, ledger) = begun(kit).await;
        let company = owner.company.id.as_str();
        let transferred = async |minor: i64| {
            let mut body = machine::invoice("INV-1", 10_000);
            body["settled_elsewhere_minor"] = json!(minor);
            let answer = ledger.put(kit, company, "invoices", "INV-1", body).await;
            answer.json()["invoice"].clone()
        };
        let statement = async || {
            let path = format!("/v1/customers/{CUSTOMER}/statement?from=2020-01-01&until=2099-12-31");
            let answer = kit.api.get(&path).by(&owner.person).within(&owner.here).ok(200).await;
            answer["statement"]["currencies"][0].clone()
        };
        let invoice = transferred(13_000).await;
        assert_eq!((&invoice["status"], &invoice["overpaid_minor"]), (&json!("paid"), &json!(3_000)), "{invoice}");
        assert_eq!(statement().await["closing_minor"], -3_000);
        assert_eq!(transferred(10_000).await["overpaid_minor"], 0, "it was paid back");

        ledger.invoice(kit, company, "INV-2", 4_000).await;
        let credit = async |paid_out: i64, status: &str| {
            let mut body = machine::credit_note("CN-1", 5_000, "INV-2", 4_000);
            (body["paid_out_minor"], body["status"]) = (json!(paid_out), json!(status));
            ledger.put(kit, company, "credit-notes", "CN-1", body).await
        };
        assert_eq!(credit(0, "issued").await.ok(201)["credit_note"]["unapplied_minor"], 1_000);
        credit(1_001, "issued").await.refused_field(422, "invalid-field", "paid_out_minor");
        let paid_out = credit(1_000, "issued").await.ok(200);
        assert_eq!(paid_out["credit_note"]["unapplied_minor"], 0, "{paid_out}");
        credit(1_000, "void").await.refused(409, "conflict");
        let owed = statement().await;
        let minor = |name: &str| owed[name].as_i64().expect("an amount");
        assert_eq!(minor("opening_minor") + minor("documents_minor") - minor("received_minor"), minor("closing_minor"));
        assert_eq!(minor("closing_minor"), 0, "{owed}");
        let last = list(&owed, "entries").last().expect("entries").clone();
        assert_eq!((text(&last, "/kind"), &last["amount_minor"]), ("paid_out".to_owned(), &json!(1_000)), "{owed}");
    });
}

/// Proves: C12
#[test]
fn staff_record_the_day_after_what_a_customer_said_on_the_last_day() {
    run(async {
        let kit = kit();
        let (owner, ledger) = begun(kit).await;
        let mut body = machine::estimate("EST-1", 70_000);
        (body["issued_on"], body["valid_until"]) = (json!("2020-01-01"), json!("2020-02-01"));
        body.as_object_mut().expect("an object").remove("due_on");
        machine::push_customer(kit, &owner.company.id, CUSTOMER, machine::CUSTOMER_NAME).await;
        let pushed = ledger.put(kit, &owner.company.id, "estimates", "EST-1", body).await.ok(201);
        let digest = text(&pushed, "/estimate/digest");
        let record = async |day: Option<&str>| {
            let body = json!({ "decision": "accepted", "digest": digest, "decided_on": day });
            let call = kit.api.post("/v1/estimates/EST-1/recorded-decision").by(&owner.person).within(&owner.here);
            call.json(body).send().await
        };
        for late in [None, Some("2020-02-02")] {
            assert_eq!(text(&record(late).await.refused(409, "conflict"), "/state"), "expired", "{late:?}");
        }
        for never in ["2019-12-31", "2999-01-01"] {
            record(Some(never)).await.refused_field(422, "invalid-field", "decided_on");
        }
        let accepted = record(Some("2020-02-01")).await.ok(200);
        assert_eq!(text(&accepted, "/estimate/decision/decided_on"), "2020-02-01");
        assert_eq!(text(&accepted, "/estimate/status"), "accepted");
    });
}
