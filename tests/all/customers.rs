//! `/v1/customers`, `/v1/customer-changes` and `/v1/customer-portal-settings`: whom a company sells to, and the people
//! there. What the ledger reports of customers is in `reported.rs`, what contacts ask for in `changes.rs`.

mod changes;
mod reported;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use tests::capacity::Meter;
use tests::cast::{self, Owner, list, text};
use tests::http::Call;
use tests::machine::{self, CUSTOMER, CUSTOMER_NAME, Ledger};
use tests::runtime_api::HttpEvent;
use tests::{Kit, kit, lists, people, run, story, uploads};

pub(crate) use self::changes::put_change;
use crate::documents;
use crate::faults::rig::{Rig, by as from};
use crate::support::{at_once, refused_input, with, with_status};

const PATH: &str = "/v1/customers";
const SETTINGS: &str = "/v1/customer-portal-settings";
const NO_CONTACT: &str = "ct_00000000000070008000000000000000";

fn by<'a>(call: Call<'a>, owner: &Owner) -> Call<'a> {
    call.by(&owner.person).within(&owner.here)
}

async fn add(kit: &Kit, owner: &Owner, reference: &str, name: &str) -> Value {
    let body = json!({ "reference": reference, "name": name, "currency": "EUR" });
    let key = people::unique();
    by(kit.api.post(PATH), owner).key(&key).json(body).ok(201).await["customer"].clone()
}

async fn names(kit: &Kit, owner: &Owner, query: &str) -> Vec<String> {
    let page = by(kit.api.get(&format!("{PATH}{query}")), owner).ok(200).await;
    list(&page, "customers").iter().map(|customer| text(customer, "/name")).collect()
}

/// Adds a contact and answers its path.
async fn contact(kit: &Kit, owner: &Owner, customer: &str, email: &str) -> String {
    let body = json!({ "name": "Nora Nord", "email": email, "phone": "+351 211 234 567" });
    let path = format!("{PATH}/{customer}/contacts");
    let added = by(kit.api.post(&path), owner).json(body).ok(201).await;
    format!("{path}/{}", text(&added, "/contact/id"))
}

/// Proves: K2
#[test]
fn a_customer_is_added_found_by_how_its_name_begins_changed_and_archived() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let body = json!({
            "name": "Nordwind Lda", "currency": "EUR", "email": "Office@Nordwind.example", "language": "pt-PT",
            "vat_number": "PT 509 442 013", "payment_terms_days": 30,
            "billing_address": { "line1": "Rua das Flores 1", "city": "Porto", "country": "PT" },
        });
        let made = by(kit.api.post(PATH), &owner).json(body).ok(201).await["customer"].clone();
        assert!(text(&made, "/reference").starts_with("cus-"), "{made}");
        assert_eq!((&made["email"], &made["vat_number"]), (&json!("office@nordwind.example"), &json!("PT509442013")));
        let path = format!("{PATH}/{}", text(&made, "/reference"));
        assert_eq!(by(kit.api.get(&path), &owner).ok(200).await["customer"], made);
        for (reference, name) in [("C-1", "Ünlü Café"), ("C-2", "nordsee"), ("C-3", "Atelier #1")] {
            add(kit, &owner, reference, name).await;
        }
        assert_eq!(names(kit, &owner, "").await, ["Atelier #1", "nordsee", "Nordwind Lda", "Ünlü Café"]);
        for (q, found) in [("NORD", 2), ("nordw", 1), ("%C3%BCnl", 1), ("atelier%20%231", 1), ("wind", 0)] {
            assert_eq!(names(kit, &owner, &format!("?q={q}")).await.len(), found, "{q}");
        }

        let taken = by(kit.api.post(PATH), &owner).json(json!({ "reference": "C-1", "name": "X", "currency": "EUR" }));
        assert_eq!(text(&taken.refused(409, "conflict").await, "/state"), "already_there");

        let patch = json!({ "name": "Nordwind & Filhos", "vat_number": null, "status": "archived" });
        let changed = by(kit.api.patch(&path), &owner).json(patch.clone()).ok(200).await["customer"].clone();
        assert_eq!((&changed["name"], changed.get("vat_number")), (&json!("Nordwind & Filhos"), None), "{changed}");
        assert_eq!(changed["payment_terms_days"], 30, "what is left out stays");
        assert_eq!(names(kit, &owner, "?q=nord").await, ["nordsee"]);
        assert_eq!(names(kit, &owner, "?status=archived").await, ["Nordwind & Filhos"]);
        // The same again changes nothing.
        by(kit.api.patch(&path), &owner).json(patch).ok(200).await;
        assert_eq!(story::events_of_type(kit, &owner.company.id, "customer.changed").await, 1);
        by(kit.api.patch(&path), &owner).json(json!({ "status": "active" })).ok(200).await;
        assert_eq!(names(kit, &owner, "?q=nordw").await, ["Nordwind & Filhos"]);
    });
}

/// Proves: K2
#[test]
fn a_customer_is_shown_with_what_it_owes_and_what_of_that_is_overdue() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let ledger = Ledger::sign_in(kit).await;
        for (reference, minor, due_on) in [("I-1", 10_000, "2020-01-31"), ("I-2", 2_500, "2099-12-31")] {
            let mut body = machine::invoice(reference, minor);
            body["issued_on"] = json!("2020-01-01");
            body["due_on"] = json!(due_on);
            ledger.put(kit, &owner.company.id, "invoices", reference, body).await.ok(201);
        }
        add(kit, &owner, "C-1", "Owes nothing").await;
        let page = by(kit.api.get(PATH), &owner).ok(200).await;
        let owes = |name: &str| with(list(&page, "customers"), "name", name)[0]["balances"].clone();
        let balances = json!([{ "currency": "EUR", "balance_minor": 12_500, "overdue_minor": 10_000 }]);
        assert_eq!((owes(CUSTOMER_NAME), owes("Owes nothing")), (balances.clone(), json!([])), "{page}");
        let one = by(kit.api.get(&format!("{PATH}/{CUSTOMER}")), &owner).ok(200).await;
        assert_eq!(one["customer"]["balances"], balances, "{one}");
    });
}

/// Proves: K2
#[test]
fn a_page_of_three_hundred_customers_costs_what_a_page_of_twenty_does() {
    run(async {
        let kit = kit();
        let rig = Rig::of(kit, "customers").await;
        let function = rig.start().await;
        let mut measured = Vec::new();
        for count in [20, 300] {
            let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
            lists::write(kit, &many(&owner.company.id, count)).await;
            let ask = async |query: &[(&str, &str)]| {
                let mut event = from(HttpEvent::get(PATH), &owner.person, &owner.here).query("limit", "4");
                for (name, value) in query {
                    event = event.query(name, value);
                }
                let _before = rig.table.take_exchanges();
                let answer = function.request(&event).await.unwrap_or_else(|e| panic!("{query:?}: {e}"));
                assert_eq!(answer.status, 200, "{query:?}: {}", answer.text());
                let exchanges = rig.table.take_exchanges();
                let units = Meter::new().measure_all(&exchanges);
                let body = answer.json();
                (
                    list(&body, "customers").len(),
                    exchanges.len(),
                    units,
                    body["next_cursor"].as_str().map(str::to_owned),
                )
            };
            // What is in memory after the first request, such as the keys of contexts, is no part of a page.
            ask(&[]).await;
            let first = ask(&[]).await;
            let next = ask(&[("cursor", first.3.as_deref().expect("there is more"))]).await;
            let search = ask(&[("q", "cUsToMeR 0000")]).await;
            measured.push([first, next, search].map(|(rows, requests, units, _)| (rows, requests, units)));
        }
        assert_eq!(measured[0], measured[1]);
        for (rows, requests, units) in &measured[0] {
            assert_eq!((*rows, *requests), (4, 3), "the caller's proof beside one query, then the accounts");
            assert!(!units.is_lower_bound && units.total_write() == 0, "{units:?}");
        }
    });
}

/// The items of a company's active customers, numbered from 1 and equal in size. Keys are spelled here, not taken from
/// `store`.
fn many(company: &str, count: usize) -> Vec<Value> {
    let text = |text: &str| json!({ "S": text });
    (1..=count)
        .map(|number| {
            let (name, reference) = (format!("Customer {number:06} Lda"), format!("C-{number:06}"));
            json!({
                "pk": text(&format!("COMPANY#{company}")), "sk": text(&format!("CUSTOMER#{reference}")),
                "gsi1pk": text(&format!("COMPANY#{company}")),
                "gsi1sk": text(&format!("CUSTOMER#active#{}#{reference}", name.to_lowercase())),
                "entity": text("customer"), "v": { "N": "1" }, "company": text(company),
                "reference": text(&reference), "name": text(&name), "currency": text("EUR"),
                "status": text("active"), "contact_count": { "N": "0" },
                "created_at": text("2026-11-21T18:19:00.000Z"), "version": { "N": "1" },
            })
        })
        .collect()
}

/// Proves: K2, 5
#[test]
fn who_only_looks_changes_no_customer_and_who_sees_none_sees_none() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        add(kit, &owner, "C-1", "Nordwind").await;
        let contact = contact(kit, &owner, "C-1", "nora@nordwind.example").await;
        let reader = cast::member(kit, &owner, "Rosa Reader", "read-only", None).await;
        let client = cast::member(kit, &owner, "Clara Client", "client", None).await;
        for path in [PATH, "/v1/customers/C-1", contact.as_str(), SETTINGS, "/v1/customer-changes"] {
            kit.api.get(path).by(&reader.person).within(&reader.here).ok(200).await;
            let refused = kit.api.get(path).by(&client.person).within(&client.here).refused(403, "not-granted").await;
            assert_eq!(text(&refused, "/permission"), "customers.view", "{path}");
        }
        let before = kit.table.trace(&owner.company.id).await;
        let by_reader = |call: Call<'static>| call.by(&reader.person).within(&reader.here);
        for call in [
            by_reader(kit.api.post(PATH)).json(json!({ "name": "X", "currency": "EUR" })),
            by_reader(kit.api.patch("/v1/customers/C-1")).json(json!({ "name": "X" })),
            by_reader(kit.api.delete(&contact)),
            by_reader(kit.api.put(SETTINGS)).json(json!({ "rights": [] })),
        ] {
            let refused = call.refused(403, "not-granted").await;
            assert_eq!(text(&refused, "/permission"), "customers.manage", "{refused}");
        }
        assert!(kit.table.trace(&owner.company.id).await == before, "a refused change left a trace");
    });
}

/// Proves: 2, 23
#[test]
fn another_companys_customers_and_another_customers_contacts_do_not_exist() {
    run(async {
        let kit = kit();
        let (owner, other) =
            tokio::join!(cast::owner(kit, "Otto Owner", "Owners Ltd"), cast::owner(kit, "Olga Other", "Others Ltd"));
        add(kit, &owner, "C-1", "Nordwind").await;
        add(kit, &owner, "C-2", "Sol").await;
        let nora = contact(kit, &owner, "C-1", "nora@nordwind.example").await;
        let elsewhere = nora.replace("/C-1/", "/C-2/");
        let nobody = format!("{PATH}/C-2/contacts/{NO_CONTACT}");
        for (who, theirs, nobodys) in [
            (&other, "/v1/customers/C-1", "/v1/customers/C-9"),
            (&other, "/v1/customers/C-1/contacts", "/v1/customers/C-9/contacts"),
            (&other, nora.as_str(), nobody.as_str()),
            (&owner, elsewhere.as_str(), nobody.as_str()),
        ] {
            let answer = by(kit.api.get(theirs), who).send().await;
            answer.refused(404, "not-found");
            assert_eq!(answer.bytes, by(kit.api.get(nobodys), who).send().await.bytes, "{theirs}");
        }
        for path in [&nora, &elsewhere] {
            by(kit.api.patch(path), &other).json(json!({ "name": "X" })).refused(404, "not-found").await;
            by(kit.api.delete(path), &other).refused(404, "not-found").await;
        }
        by(kit.api.delete(&elsewhere), &owner).refused(404, "not-found").await;
        assert!(names(kit, &other, "").await.is_empty());
        by(kit.api.get(&nora), &owner).ok(200).await;
    });
}

/// Proves: K3
#[test]
fn an_address_is_one_contact_of_a_customer_also_when_two_people_add_it_at_once() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        add(kit, &owner, "C-1", "Nordwind").await;
        add(kit, &owner, "C-2", "Sol").await;
        let at = |customer: &str, email: &str| {
            let body = json!({ "name": "Nora Nord", "email": email });
            by(kit.api.post(&format!("{PATH}/{customer}/contacts")), &owner).json(body).send_owned()
        };
        let answers = at_once((0..6).map(|_| at("C-1", "nora@nordwind.example")).collect()).await;
        assert_eq!((with_status(&answers, 201), with_status(&answers, 409)), (1, 5));
        let again = at("C-1", "Nora@Nordwind.example").await.refused(409, "conflict");
        assert_eq!(text(&again, "/state"), "already_there");
        at("C-2", "nora@nordwind.example").await.ok(201);
        let bo = contact(kit, &owner, "C-1", "bo@nordwind.example").await;
        let taken = by(kit.api.patch(&bo), &owner).json(json!({ "email": "nora@nordwind.example" }));
        assert_eq!(text(&taken.refused(409, "conflict").await, "/state"), "already_there");

        let moved = json!({ "email": "b@nordwind.example", "phone": null, "job_title": "Sales", "language": "de" });
        let moved = by(kit.api.patch(&bo), &owner).json(moved).ok(200).await;
        assert_eq!(text(&moved, "/contact/job_title"), "Sales");
        assert!(moved["contact"].get("phone").is_none(), "{moved}");
        at("C-1", "bo@nordwind.example").await.ok(201);
        by(kit.api.delete(&bo), &owner).ok(200).await;
        by(kit.api.get(&bo), &owner).refused(404, "not-found").await;
        at("C-1", "b@nordwind.example").await.ok(201);
        let customer = by(kit.api.get("/v1/customers/C-1"), &owner).ok(200).await;
        assert_eq!(customer["customer"]["contact_count"], 3, "{customer}");
        let page = by(kit.api.get("/v1/customers/C-1/contacts?limit=2"), &owner).ok(200).await;
        let next = format!("/v1/customers/C-1/contacts?cursor={}", text(&page, "/next_cursor"));
        let rest = by(kit.api.get(&next), &owner).ok(200).await;
        assert_eq!((list(&page, "contacts").len(), list(&rest, "contacts").len()), (2, 1));
    });
}

/// Proves: K3
#[test]
fn a_customer_takes_a_hundred_contacts_and_none_while_it_is_archived() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        add(kit, &owner, "C-1", "Nordwind").await;
        let one_more = async |state: &str| {
            let body = json!({ "name": "Nora Nord", "email": "nora@nordwind.example" });
            let call = by(kit.api.post("/v1/customers/C-1/contacts"), &owner).json(body);
            assert_eq!(text(&call.refused(409, "conflict").await, "/state"), state);
        };
        by(kit.api.patch("/v1/customers/C-1"), &owner).json(json!({ "status": "archived" })).ok(200).await;
        one_more("archived").await;
        by(kit.api.patch("/v1/customers/C-1"), &owner).json(json!({ "status": "active" })).ok(200).await;
        let partition = format!("COMPANY#{}", owner.company.id);
        kit.table.set(&partition, "CUSTOMER#C-1", "contact_count", AttributeValue::N("100".to_owned())).await;
        one_more("full").await;
    });
}

/// Otherwise an invitation waits at an address that the company knows nothing of any more.
/// Proves: K3
#[test]
fn a_contact_with_access_keeps_the_address_and_stays_until_it_is_switched_off() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        add(kit, &owner, "C-1", "Nordwind").await;
        let nora = contact(kit, &owner, "C-1", &people::address("Nora Nord")).await;
        let access = format!("{nora}/portal-access");
        by(kit.api.post(&access), &owner).json(json!({})).ok(201).await;
        let moves = by(kit.api.patch(&nora), &owner).json(json!({ "email": "n@nordwind.example" }));
        assert_eq!(text(&moves.refused(409, "conflict").await, "/state"), "has_access");
        let removed = by(kit.api.delete(&nora), &owner).refused(409, "conflict").await;
        assert_eq!(text(&removed, "/state"), "has_access");
        by(kit.api.patch(&nora), &owner).json(json!({ "name": "N. Nord" })).ok(200).await;
        by(kit.api.delete(&access), &owner).ok(204).await;
        by(kit.api.delete(&nora), &owner).ok(200).await;
    });
}

/// Proves: K1, B2, 3
#[test]
fn what_people_say_of_customers_and_contacts_is_checked_by_field() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        add(kit, &owner, "C-1", "Nordwind").await;
        let nora = contact(kit, &owner, "C-1", "nora@nordwind.example").await;
        let before = kit.table.trace(&owner.company.id).await;
        let address = |field: &str, value: Value| {
            let mut address = json!({ "line1": "Rua das Flores 1", "city": "Porto", "country": "PT" });
            address[field] = value;
            address
        };
        for (field, value, named) in [
            ("name", json!(""), "name"),
            ("name", json!("see www.evil.example"), "name"),
            ("currency", json!("XXQ"), "currency"),
            ("reference", json!("has space"), "reference"),
            ("email", json!("josé@nordwind.example"), "email"),
            ("language", json!("portuguese"), "language"),
            ("vat_number", json!("PT12345678"), "vat_number"),
            ("vat_number", json!("ZZ123456789"), "vat_number"),
            ("payment_terms_days", json!(366), "payment_terms_days"),
            ("payment_terms_days", json!(-1), "payment_terms_days"),
            ("billing_address", address("country", json!("XX")), "billing_address.country"),
            ("billing_address", address("line1", json!("x".repeat(121))), "billing_address.line1"),
            ("delivery_address", address("planet", json!("Earth")), "delivery_address.planet"),
            ("status", json!("archived"), "status"),
            ("contact_count", json!(3), "contact_count"),
        ] {
            let mut body = json!({ "name": "Sol", "currency": "EUR" });
            body[field] = value;
            refused_input(&by(kit.api.post(PATH), &owner).json(body).send().await, named);
        }
        for (field, value) in [
            ("email", json!("nora")),
            ("phone", json!("211234567")),
            ("phone", json!("+351 21x")),
            ("job_title", json!("x".repeat(121))),
            ("language", json!("PT")),
            ("portal", json!({ "state": "active", "user": "me" })),
            ("customer", json!("C-2")),
        ] {
            let mut body = json!({ "name": "Bo", "email": "bo@nordwind.example" });
            body[field] = value.clone();
            refused_input(&by(kit.api.post("/v1/customers/C-1/contacts"), &owner).json(body).send().await, field);
            let patch = json!({ field: value });
            refused_input(&by(kit.api.patch(&nora), &owner).json(patch).send().await, field);
        }
        for query in ["?limit=0", "?limit=101"] {
            refused_input(&by(kit.api.get(&format!("{PATH}{query}")), &owner).send().await, "limit");
        }
        let long = format!("{PATH}?q={}", "x".repeat(61));
        refused_input(&by(kit.api.get(&long), &owner).send().await, "q");
        refused_input(&by(kit.api.get(&format!("{PATH}?status=open")), &owner).send().await, "status");
        assert!(kit.table.trace(&owner.company.id).await == before, "refused input left a trace");
    });
}

/// Proves: K4
#[test]
fn a_company_chooses_what_its_customers_contacts_may_do_and_how_it_looks_to_them() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let read = async || by(kit.api.get(SETTINGS), &owner).ok(200).await["customer_portal_settings"].clone();
        let all = json!(["comment", "accept", "pay", "forward", "edit_details", "see_statements"]);
        assert_eq!(read().await["rights"], all, "until somebody chooses");

        let file = file_probe::examples::png();
        let declared = uploads::declare(kit, &owner, "Logo.png", "image/png", &file).await;
        let chosen = json!({
            "rights": ["see_statements", "comment"], "banner": "Welcome", "terms": "30 days net", "color": "#0A6C74",
            "logo": declared.document, "remind_days_before": [3], "remind_days_after": [14, 7],
        });
        let put = |body: Value| by(kit.api.put(SETTINGS), &owner).json(body);
        // It is not uploaded yet.
        refused_input(&put(chosen.clone()).send().await, "logo");
        assert_eq!(uploads::post(kit, &declared, &file, &[]).await.status, 204);
        documents::until(kit, &owner, &format!("/v1/documents/{}", declared.document), "clean").await;
        let now = put(chosen.clone()).ok(200).await["customer_portal_settings"].clone();
        assert_eq!((&now["rights"], &now["color"]), (&json!(["comment", "see_statements"]), &json!("#0a6c74")));
        assert_eq!(now["remind_days_after"], json!([7, 14]));
        assert_eq!(read().await, now);
        let item = kit.table.item(&format!("COMPANY#{}", owner.company.id), "CUSTOMER_PORTAL").await.unwrap();
        let mut grants = item["grants"].as_ss().expect("a set that conditions can read").clone();
        grants.sort();
        let expected = ["estimates.comment", "estimates.view", "invoices.comment", "invoices.view", "statements.view"];
        assert_eq!(grants, expected);

        put(chosen).ok(200).await;
        assert_eq!(story::events_of_type(kit, &owner.company.id, "customer_portal.changed").await, 1, "the same again");
        put(json!({ "rights": [] })).ok(200).await;
        let bare = read().await;
        assert_eq!((&bare["rights"], bare.get("banner"), bare.get("logo")), (&json!([]), None, None), "{bare}");
    });
}

/// Proves: K4, 3
#[test]
fn settings_for_contacts_are_checked_by_field() {
    run(async {
        let kit = kit();
        let (owner, other) =
            tokio::join!(cast::owner(kit, "Otto Owner", "Owners Ltd"), cast::owner(kit, "Olga Other", "Others Ltd"));
        let (pdf, _) = documents::clean(kit, &owner, "Contract.pdf").await;
        let (theirs, _) = documents::clean(kit, &other, "Contract.pdf").await;
        let before = kit.table.trace(&owner.company.id).await;
        for (field, value) in [
            ("rights", json!(["comment", "approve"])),
            ("rights", json!("all")),
            ("grants", json!(["team.manage"])),
            ("banner", json!("x".repeat(2_001))),
            ("color", json!("teal")),
            ("logo", json!("doc_00000000000070008000000000000000")),
            ("logo", json!(text(&pdf, "/document/id"))),
            ("logo", json!(text(&theirs, "/document/id"))),
            ("remind_days_before", json!([0])),
            ("remind_days_before", json!([1, 2, 3, 4, 5, 6])),
            ("remind_days_after", json!([91])),
            ("remind_days_after", json!([7, 7])),
        ] {
            let mut body = json!({ "rights": [] });
            body[field] = value;
            let answer = by(kit.api.put(SETTINGS), &owner).json(body).send().await;
            assert!(answer.text().contains(field), "{field}: {}", answer.text());
            assert!([400, 422].contains(&answer.status), "{field}: {}", answer.text());
        }
        assert!(kit.table.trace(&owner.company.id).await == before, "refused settings left a trace");
    });
}
