//! The same request twice (F1): one effect, the same answer; with another body: 422.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tests::cast::{self, Context, list, text};
use tests::http::Answer;
use tests::machine::Ledger;
use tests::people::{self, Person};
use tests::stack::Stack;
use tests::{Kit, kit, run, story};

use crate::matrix::{Here, Row, rows};
use crate::support::{at_once, statuses, with_status};

/// One POST that creates or moves something, and how to count what it made.
struct Case {
    path: &'static str,
    body: Value,
    other: Value,
    event: &'static str,
}

async fn cases(kit: &Kit) -> (cast::Owner, Vec<Case>) {
    let owner = cast::owner(kit, "Ida Idem", "Idem Ltd").await;
    cast::approval_policy(kit, &owner, 1).await;
    let ledger = Ledger::sign_in(kit).await;
    let company = owner.company.id.as_str();
    tokio::join!(
        ledger.invoice(kit, company, "INV-1", 10_000),
        ledger.estimate(kit, company, "EST-1", 10_000),
        ledger.transaction(kit, company, "PAY-1", 5_000, None),
    );
    let guest = people::address("Gus Guest");
    let shown = kit.api.get("/v1/estimates/EST-1").by(&owner.person).within(&owner.here).ok(200).await;
    let digest = cast::text(&shown, "/estimate/digest");
    let cases = vec![
        Case {
            path: "/v1/invitations",
            body: json!({ "kind": "member", "email": guest, "role": "client" }),
            other: json!({ "kind": "member", "email": guest, "role": "read-only" }),
            event: "invitation.created",
        },
        Case {
            path: "/v1/payments",
            body: json!({ "invoice": "INV-1", "amount_minor": 100, "currency": "EUR" }),
            other: json!({ "invoice": "INV-1", "amount_minor": 200, "currency": "EUR" }),
            event: "payment.started",
        },
        Case {
            path: "/v1/invoices/INV-1/comments",
            body: json!({ "text": "Once" }),
            other: json!({ "text": "Twice" }),
            event: "comment.added",
        },
        Case {
            path: "/v1/estimates/EST-1/recorded-decision",
            body: json!({ "decision": "accepted", "digest": digest }),
            other: json!({ "decision": "declined", "digest": digest }),
            event: "estimate.decided",
        },
        Case {
            path: "/v1/approvals/PAY-1/decision",
            body: json!({ "decision": "approved" }),
            other: json!({ "decision": "rejected" }),
            event: "approval.decided",
        },
    ];
    (owner, cases)
}

async fn post(kit: &Kit, who: &Person, here: &Context, path: &str, key: &str, body: &Value) -> tests::http::Answer {
    kit.api.post(path).by(who).within(here).key(key).json(body.clone()).send().await
}

/// Proves: F1
#[test]
fn the_same_key_and_body_has_one_effect_and_the_same_answer() {
    run(async {
        let kit = kit();
        let (owner, cases) = cases(kit).await;
        for case in cases {
            let key = people::unique();
            let first = post(kit, &owner.person, &owner.here, case.path, &key, &case.body).await;
            assert!(first.status < 300, "{}: {} {}", case.path, first.status, first.text());
            let again = post(kit, &owner.person, &owner.here, case.path, &key, &case.body).await;
            assert_eq!((again.status, again.text()), (first.status, first.text()), "{}", case.path);
            assert_eq!(story::events_of_type(kit, &owner.company.id, case.event).await, 1, "{}", case.path);
            // The members' order is not part of what was said.
            let reordered = {
                let members: Vec<(String, Value)> = case
                    .body
                    .as_object()
                    .unwrap()
                    .iter()
                    .rev()
                    .map(|(name, value)| (name.clone(), value.clone()))
                    .collect();
                let inside: Vec<String> =
                    members.iter().map(|(name, value)| format!(" \"{name}\" : {value}")).collect();
                format!("{{{}}}", inside.join(" ,"))
            };
            let call = kit.api.post(case.path).by(&owner.person).within(&owner.here).key(&key);
            let spaced = call.raw("application/json", reordered).send().await;
            assert!(
                spaced.status == first.status || spaced.slug().as_deref() == Some("idempotency-mismatch"),
                "{}: {} {}",
                case.path,
                spaced.status,
                spaced.text()
            );
        }
    });
}

/// Proves: F1, B9
#[test]
fn the_same_key_with_another_body_is_refused() {
    run(async {
        let kit = kit();
        let (owner, cases) = cases(kit).await;
        for case in cases {
            let key = people::unique();
            let first = post(kit, &owner.person, &owner.here, case.path, &key, &case.body).await;
            assert!(first.status < 300, "{}: {} {}", case.path, first.status, first.text());
            let before = kit.table.trace(&owner.company.id).await;
            let other = post(kit, &owner.person, &owner.here, case.path, &key, &case.other).await;
            other.refused(422, "idempotency-mismatch");
            assert!(kit.table.trace(&owner.company.id).await == before, "{}: a refused repeat left a trace", case.path);
        }
    });
}

#[test]
fn the_same_key_on_another_route_is_another_request() {
    run(async {
        let kit = kit();
        let (owner, _) = cases(kit).await;
        let key = people::unique();
        let body = json!({ "text": "Once" });
        let first = post(kit, &owner.person, &owner.here, "/v1/invoices/INV-1/comments", &key, &body).await;
        assert_eq!(first.status, 201, "{}", first.text());
        let second = post(kit, &owner.person, &owner.here, "/v1/estimates/EST-1/comments", &key, &body).await;
        // Either it is a request of its own, or it is refused; it never replays the other route's answer.
        assert!(
            second.status == 201 && second.bytes != first.bytes
                || second.slug().as_deref() == Some("idempotency-mismatch"),
            "{}: {}",
            second.status,
            second.text()
        );
    });
}

/// Proves: F1
#[test]
fn two_at_once_with_one_key_have_one_effect() {
    run(async {
        let kit = kit();
        let (owner, cases) = cases(kit).await;
        for case in cases {
            let key = people::unique();
            let request = || {
                kit.api.post(case.path).by(&owner.person).within(&owner.here).key(&key).json(case.body.clone()).send()
            };
            let answers = at_once((0..8).map(|_| request()).collect()).await;
            assert!(answers.iter().any(|answer| answer.status < 300), "{}: {:?}", case.path, statuses(&answers));
            for answer in &answers {
                assert!(
                    answer.status < 300 || answer.status == 409,
                    "{}: {} {}",
                    case.path,
                    answer.status,
                    answer.text()
                );
            }
            let mut bodies: Vec<String> =
                answers.iter().filter(|answer| answer.status < 300).map(tests::http::Answer::text).collect();
            bodies.dedup();
            assert_eq!(bodies.len(), 1, "{}: two answers to one request", case.path);
            assert_eq!(story::events_of_type(kit, &owner.company.id, case.event).await, 1, "{}", case.path);
        }
    });
}

#[test]
fn registering_twice_with_one_key_makes_one_company_and_one_firm() {
    run(async {
        let kit = kit();
        let person = people::sign_up(kit, "Ida Idem").await;
        for (path, body) in [
            ("/v1/companies", json!({ "name": "Idem Ltd", "currency": "EUR" })),
            ("/v1/firms", json!({ "name": "Idem Firm" })),
        ] {
            let key = people::unique();
            let register = || kit.api.post(path).by(&person).key(&key).json(body.clone()).send();
            let first = register().await;
            assert_eq!(first.status, 201, "{}", first.text());
            let again = register().await;
            assert_eq!((again.status, again.text()), (201, first.text()), "{path}");
        }
        let answer = kit.api.get("/v1/contexts").by(&person).ok(200).await;
        assert_eq!(list(&answer, "contexts").len(), 2, "{answer}");
    });
}

/// Proves: F1
#[test]
fn a_key_belongs_to_its_user() {
    run(async {
        let kit = kit();
        let (owner, _) = cases(kit).await;
        let second = cast::member(kit, &owner, "Adam Admin", "admin", None).await;
        let key = people::unique();
        let body = json!({ "text": "Once" });
        let path = "/v1/invoices/INV-1/comments";
        let one = post(kit, &owner.person, &owner.here, path, &key, &body).await;
        let two = post(kit, &second.person, &second.here, path, &key, &body).await;
        assert_eq!((one.status, two.status), (201, 201), "{}", two.text());
        assert_ne!(one.bytes, two.bytes, "one user was answered with another's answer");
    });
}

/// The operations that take an `Idempotency-Key`, by the document.
fn keyed() -> BTreeSet<String> {
    let json = std::fs::read_to_string(Stack::repository().join("docs/openapi.json")).expect("the document is there");
    let document: Value = serde_json::from_str(&json).expect("it is JSON");
    let items = document["paths"].as_object().expect("it has paths").values();
    let operations = items.flat_map(|item| item.as_object().into_iter().flatten().map(|(_, operation)| operation));
    let takes_key = |operation: &&Value| {
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        parameters.into_iter().any(|parameter| parameter["name"] == "Idempotency-Key")
    };
    operations.filter(takes_key).map(|operation| text(operation, "/operationId")).collect()
}

/// A request of a row that was answered: by whom, where, under which key, with which body.
struct Answered {
    row: &'static Row,
    person: Person,
    here: Context,
    key: String,
    body: Value,
}

impl Answered {
    /// Keeps an answer for a request that was never made, as committing the request keeps it.
    /// `place` is the company or firm, of a contact with the customer.
    async fn keep(row: &'static Row, person: &Person, (here, place): (&Context, &str), kit: &Kit) -> Self {
        let (key, body) = (people::unique(), row.body());
        let sent = if body.is_null() { String::new() } else { body.to_string() };
        let digest = Sha256::digest(format!("POST\n{}\n{}\n{sent}", row.path(), place));
        let attribute = |text: &str| AttributeValue::S(text.to_owned());
        let item = HashMap::from([
            ("pk".to_owned(), attribute(&format!("IDEMPOTENCY#{}#{key}", person.user))),
            ("sk".to_owned(), attribute("IDEMPOTENCY")),
            ("entity".to_owned(), attribute("idempotency")),
            ("v".to_owned(), AttributeValue::N("1".to_owned())),
            ("fingerprint".to_owned(), attribute(&URL_SAFE_NO_PAD.encode(digest))),
            ("status".to_owned(), AttributeValue::N("201".to_owned())),
            ("body".to_owned(), attribute(r#"{"secret":"kept"}"#)),
            ("expires_at".to_owned(), attribute("2999-01-01T00:00:00.000Z")),
        ]);
        let put = kit.table.client.put_item().table_name(&kit.table.name).set_item(Some(item));
        put.send().await.expect("the table takes an item");
        Self { row, person: person.clone(), here: here.clone(), key, body }
    }

    async fn repeat(&self, kit: &Kit) -> Answer {
        let call = kit.api.post(self.row.path()).by(&self.person).within(&self.here).key(&self.key);
        if self.body.is_null() { call.send().await } else { call.json(self.body.clone()).send().await }
    }
}

/// Answers that are recorded without their secret, which is derived or read again for a repeat: what this test puts
/// on record does not suffice for them while the person has the right.
const DERIVED: [&str; 4] = ["make_code", "make_link", "start_payment", "pay_invoice_as_customer"];

/// Every route that takes a key in a context. Those without a context answer the person about themselves, and
/// nobody takes that from them.
/// Proves: 9, S15
#[test]
fn a_replay_is_no_way_around_a_revocation() {
    run(async {
        let kit = kit();
        let (owner, admin) =
            tokio::join!(cast::owner(kit, "Ida Idem", "Idem Ltd"), cast::firm_admin(kit, "Ian Idem", "Idem Firm"));
        let (member, staff) = tokio::join!(
            cast::member(kit, &owner, "Mira Member", "owner", None),
            cast::staff(kit, &admin, "Sami Staff", "admin"),
        );
        let at_firm = cast::enter(kit, &staff, &admin.firm.id).await;
        cast::customer(kit, &owner, "CUS-1", "Hotel Mar").await;
        let contact = cast::contact(kit, &owner, "CUS-1", "Cleo Contact").await;
        let at_customer = format!("{}/{}", contact.here.org, contact.customer);
        let keyed = keyed();
        let mut answered = Vec::new();
        for row in rows().iter().filter(|row| keyed.contains(&row.route.operation)) {
            let (person, here, place) = match row.here {
                Here::Company => (&member.person, &member.here, &member.here.org),
                Here::Firm => (&staff, &at_firm, &at_firm.org),
                Here::Customer => (&contact.person, &contact.here, &at_customer),
            };
            answered.push(Answered::keep(row, person, (here, place), kit).await);
        }
        let operations = |answered: &[Answered]| -> BTreeSet<String> {
            answered.iter().map(|request| request.row.route.operation.clone()).collect()
        };
        let in_context = operations(&answered);
        assert!(in_context.len() > 15, "few routes take a key: {keyed:?}");
        // A harmless request may be refused for what it asks before any record is read, in one kind of context.
        let (mut replayed, mut refused) = (Vec::new(), Vec::new());
        for request in answered {
            let answer = request.repeat(kit).await.text();
            let is_derived = DERIVED.contains(&request.row.route.operation.as_str());
            if answer == r#"{"secret":"kept"}"# || is_derived {
                replayed.push(request);
            } else {
                refused.push((request.row.route.operation.clone(), answer));
            }
        }
        assert_eq!(operations(&replayed), in_context, "some give no recorded answer: {refused:?}");
        for (path, by, here) in [
            (format!("/v1/members/{}", member.person.user), &owner.person, &owner.here),
            (format!("/v1/staff/{}", staff.user), &admin.person, &admin.here),
        ] {
            kit.api.delete(&path).by(by).within(here).ok(200).await;
        }
        let off = cast::portal_access("CUS-1", &contact.id);
        let off = kit.api.delete(&off).by(&owner.person).within(&owner.here).send().await;
        assert_eq!(off.status, 204, "{}", off.text());
        for request in &replayed {
            request.repeat(kit).await.refused(403, "not-granted");
        }
    });
}

#[test]
fn without_a_key_a_repeat_is_a_new_request() {
    run(async {
        let kit = kit();
        let (owner, _) = cases(kit).await;
        let comment = || {
            let call = kit.api.post("/v1/invoices/INV-1/comments").by(&owner.person).within(&owner.here);
            call.json(json!({ "text": "Again" })).send()
        };
        let answers = at_once(vec![comment(), comment()]).await;
        assert_eq!(with_status(&answers, 201), 2, "{:?}", statuses(&answers));
        assert_eq!(story::events_of_type(kit, &owner.company.id, "comment.added").await, 2);
    });
}

#[test]
fn a_key_used_in_one_company_replays_nothing_in_another() {
    run(async {
        let kit = kit();
        let (owner, _) = cases(kit).await;
        let second = cast::register_company(kit, &owner.person, "Second Ltd").await;
        let there = cast::enter(kit, &owner.person, &second.id).await;
        let ledger = Ledger::sign_in(kit).await;
        ledger.invoice(kit, &second.id, "INV-1", 10_000).await;
        let key = people::unique();
        let body = json!({ "text": "Once" });
        let path = "/v1/invoices/INV-1/comments";
        let first = post(kit, &owner.person, &owner.here, path, &key, &body).await;
        assert_eq!(first.status, 201, "{}", first.text());
        post(kit, &owner.person, &there, path, &key, &body).await.refused(422, "idempotency-mismatch");
        assert_eq!(story::events_of_type(kit, &second.id, "comment.added").await, 0);
    });
}

#[test]
fn a_refusal_is_not_kept_under_the_key() {
    run(async {
        let kit = kit();
        let (owner, _) = cases(kit).await;
        let ledger = Ledger::sign_in(kit).await;
        let key = people::unique();
        let body = json!({ "text": "Too early" });
        let path = "/v1/invoices/LATER-1/comments";
        post(kit, &owner.person, &owner.here, path, &key, &body).await.refused(404, "not-found");
        ledger.invoice(kit, &owner.company.id, "LATER-1", 1_000).await;
        let later = post(kit, &owner.person, &owner.here, path, &key, &body).await;
        assert_eq!(later.status, 201, "{}", later.text());
    });
}
