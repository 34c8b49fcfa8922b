//! `/v1/invoices`, `/v1/estimates` and their comments.

use serde_json::json;
use tests::cast::{self, Owner, list, text};
use tests::machine::Ledger;
use tests::{Kit, kit, people, run};

use crate::support::{refused_input, with};

#[test]
fn an_invoice_is_seen_as_the_ledger_pushed_it() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let (_, client) = world.members.iter().find(|(role, _)| *role == "client").unwrap();
        let answer = kit.api.get("/v1/invoices").by(&client.person).within(&client.here).ok(200).await;
        assert_eq!(with(list(&answer, "invoices"), "reference", world.reference).len(), 1, "{answer}");
        let path = format!("/v1/invoices/{}", world.reference);
        let one = kit.api.get(&path).by(&client.person).within(&client.here).ok(200).await;
        assert_eq!(one.pointer("/invoice/total_minor"), Some(&json!(50_000)), "{one}");
        assert_eq!(text(&one, "/invoice/currency"), "EUR");
        assert_eq!(text(&one, "/invoice/due_on"), "2027-12-01");
        assert_eq!(text(&one, "/invoice/customer"), tests::machine::CUSTOMER);
        assert_eq!(text(&one, "/invoice/customer_name"), "Nordwind Supplies");
        assert_eq!(text(&one, "/invoice/lines/0/quantity"), "1");
        assert_eq!(one.pointer("/invoice/totals/gross_minor"), Some(&json!(50_000)), "{one}");
    });
}

#[test]
fn invoices_are_found_by_state() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let ledger = Ledger::sign_in(kit).await;
        ledger.invoice(kit, &owner.company.id, "INV-1", 1_000).await;
        let of = |state: &str| {
            let call = kit.api.get(&format!("/v1/invoices?state={state}")).by(&owner.person).within(&owner.here);
            async move { call.ok(200).await }
        };
        assert_eq!(list(&of("open").await, "invoices").len(), 1);
        assert!(list(&of("settled").await, "invoices").is_empty());
        let answer = kit.api.get("/v1/invoices?state=lost").by(&owner.person).within(&owner.here).send().await;
        refused_input(&answer, "state");
    });
}

#[test]
fn comments_are_kept_in_order_and_escaped_nowhere_but_where_they_are_shown() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let ledger = Ledger::sign_in(kit).await;
        tokio::join!(
            ledger.invoice(kit, &owner.company.id, "INV-1", 1_000),
            ledger.estimate(kit, &owner.company.id, "EST-1", 1_000),
        );
        for path in ["/v1/invoices/INV-1/comments", "/v1/estimates/EST-1/comments"] {
            for words in ["First", "Second <b>& third</b>"] {
                let call = kit.api.post(path).by(&owner.person).within(&owner.here).json(json!({ "text": words }));
                call.ok(201).await;
            }
            let answer = kit.api.get(path).by(&owner.person).within(&owner.here).ok(200).await;
            let texts: Vec<String> = list(&answer, "comments").iter().map(|one| text(one, "/text")).collect();
            assert_eq!(texts, ["First", "Second <b>& third</b>"], "{answer}");
        }
    });
}

#[test]
fn a_comment_has_words_and_a_limit() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let path = format!("/v1/invoices/{}/comments", world.reference);
        for (body, field) in [
            (json!({ "text": "" }), "text"),
            (json!({ "text": "   " }), "text"),
            (json!({ "text": "x".repeat(20_000) }), "text"),
            (json!({}), "text"),
            (json!({ "text": "fine", "author": "someone" }), "author"),
        ] {
            let call = kit.api.post(&path).by(&world.owner.person).within(&world.owner.here).json(body);
            refused_input(&call.send().await, field);
        }
    });
}

#[test]
fn an_estimate_is_decided_once() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let ledger = Ledger::sign_in(kit).await;
        ledger.estimate(kit, &owner.company.id, "EST-1", 70_000).await;
        let digest = digest(kit, &owner).await;
        let decide = |decision: &str| {
            let call = kit.api.post("/v1/estimates/EST-1/recorded-decision").by(&owner.person).within(&owner.here);
            call.json(json!({ "decision": decision, "digest": digest })).send_owned()
        };
        decide("accepted").await.ok(200);
        let problem = decide("declined").await.refused(409, "conflict");
        assert_eq!(text(&problem, "/state"), "accepted");
        let read = ledger.read(kit, &owner.company.id, "estimates", "EST-1").await.ok(200);
        assert!(read.to_string().contains("accepted"), "the ledger reads the decision back: {read}");
        assert_eq!(tests::story::events_of_type(kit, &owner.company.id, "estimate.decided").await, 1);
    });
}

#[test]
fn an_estimate_past_its_validity_cannot_be_accepted() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let ledger = Ledger::sign_in(kit).await;
        let mut body = tests::machine::estimate("EST-1", 70_000);
        body["issued_on"] = json!("2020-01-01");
        body["due_on"] = json!("2020-02-01");
        body["valid_until"] = json!("2020-02-01");
        let pushed = ledger.put(kit, &owner.company.id, "estimates", "EST-1", body).await;
        assert!(pushed.status < 300, "{}", pushed.text());
        let call = kit.api.post("/v1/estimates/EST-1/recorded-decision").by(&owner.person).within(&owner.here);
        let answer = call.json(json!({ "decision": "accepted", "digest": digest(kit, &owner).await })).send().await;
        answer.refused(409, "conflict");
    });
}

/// What identifies the content of the estimate that the owner sees.
async fn digest(kit: &Kit, owner: &Owner) -> String {
    let shown = kit.api.get("/v1/estimates/EST-1").by(&owner.person).within(&owner.here).ok(200).await;
    text(&shown, "/estimate/digest")
}

/// The ledger raises the total while somebody looks at the old one.
/// Proves: 26, U3
#[test]
fn an_estimate_is_accepted_as_it_was_seen_or_not_at_all() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let ledger = Ledger::sign_in(kit).await;
        let company = owner.company.id.as_str();
        ledger.estimate(kit, company, "EST-1", 500_000).await;
        let seen = digest(kit, &owner).await;
        ledger.estimate(kit, company, "EST-1", 900_000).await;
        let decide = |body: serde_json::Value| {
            let call = kit.api.post("/v1/estimates/EST-1/recorded-decision").by(&owner.person).within(&owner.here);
            call.json(body).send_owned()
        };
        let before = kit.table.trace(company).await;
        let changed = decide(json!({ "decision": "accepted", "digest": seen })).await.refused(409, "conflict");
        assert_eq!(text(&changed, "/state"), "changed");
        assert_eq!(changed.pointer("/current/estimate/total_minor"), Some(&json!(900_000)), "{changed}");
        refused_input(&decide(json!({ "decision": "accepted" })).await, "digest");
        refused_input(&decide(json!({ "decision": "accepted", "digest": "9000" })).await, "digest");
        assert!(kit.table.trace(company).await == before, "a refused decision left a trace");
        // The answer shows what there is to decide now.
        let seen = text(&changed, "/current/estimate/digest");
        decide(json!({ "decision": "accepted", "digest": seen })).await.ok(200);
        let read = ledger.read(kit, company, "estimates", "EST-1").await.ok(200);
        assert_eq!(
            (text(&read, "/estimate/status").as_str(), &read["estimate"]["total_minor"]),
            ("accepted", &json!(900_000))
        );
    });
}

/// At any time of the day one of these zones has another date than UTC.
/// Proves: U24
#[test]
fn the_last_day_of_an_estimate_is_the_companys_own() {
    run(async {
        let kit = kit();
        let person = people::sign_up(kit, "Zoe Zone").await;
        let now = jiff::Timestamp::now();
        let in_utc = now.to_zoned(jiff::tz::TimeZone::UTC);
        let (zone, last_day, status) = if in_utc.hour() >= 11 {
            ("Pacific/Kiritimati", in_utc.date(), 409)
        } else {
            ("Pacific/Niue", in_utc.date().yesterday().unwrap(), 200)
        };
        let body = json!({ "name": "Far Away Ltd", "currency": "EUR", "time_zone": zone });
        let made = kit.api.post("/v1/companies").by(&person).json(body).ok(201).await;
        let company = text(&made, "/company/id");
        let here = cast::enter(kit, &person, &company).await;
        let ledger = Ledger::sign_in(kit).await;
        let mut body = tests::machine::estimate("EST-1", 70_000);
        body["issued_on"] = json!("2020-01-01");
        body["valid_until"] = json!(last_day.to_string());
        ledger.put(kit, &company, "estimates", "EST-1", body).await.ok(201);
        let shown = kit.api.get("/v1/estimates/EST-1").by(&person).within(&here).ok(200).await;
        let decision = json!({ "decision": "accepted", "digest": text(&shown, "/estimate/digest") });
        let answer =
            kit.api.post("/v1/estimates/EST-1/recorded-decision").by(&person).within(&here).json(decision).send().await;
        assert_eq!(answer.status, status, "{now} in {zone}: {}", answer.text());
    });
}
