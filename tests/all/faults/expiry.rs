//! What has expired and is still in the table: DynamoDB may take days to delete it (F17).

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use tests::cast;
use tests::chaos::{Fault, Rule};
use tests::machine::Ledger;
use tests::people;
use tests::runtime_api::HttpEvent;
use tests::{kit, run, story};

use super::rig::{Rig, approval, asking, by, decisions, refused, waiting_approval};

const PAST: &str = "2026-01-01T00:00:00.000Z";

/// F17: a kept answer that has run out is no answer, neither to the same request nor to another.
/// Proves: F17
#[test]
fn an_expired_idempotency_record_is_treated_as_absent() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        Ledger::sign_in(kit).await.invoice(kit, &owner.company.id, "INV-1", 10_000).await;
        let rig = Rig::of(kit, "sales").await;
        let sales = rig.start().await;
        let key = people::unique();
        let comment = async |said: &str| {
            let event = HttpEvent::post("/v1/invoices/INV-1/comments").json(&json!({ "text": said }));
            let event = by(event, &owner.person, &owner.here).header("idempotency-key", &key);
            sales.request(&event).await.expect("the function answers")
        };
        let record = format!("IDEMPOTENCY#{}#{key}", owner.person.user);
        let expire = async || {
            kit.table.set(&record, "IDEMPOTENCY", "expires_at", AttributeValue::S(PAST.to_owned())).await;
            kit.table.set(&record, "IDEMPOTENCY", "ttl", AttributeValue::N("1767225600".to_owned())).await;
        };
        let comments = async || story::events_of_type(kit, &owner.company.id, "comment.added").await;

        let first = comment("One").await;
        assert_eq!(first.status, 201, "{}", first.text());
        assert_eq!(comment("One").await.text(), first.text());
        refused(&comment("Two").await, 422, "idempotency-mismatch");
        assert_eq!(comments().await, 1);

        expire().await;
        let second = comment("One").await;
        assert_eq!(second.status, 201, "{}", second.text());
        assert_ne!(second.text(), first.text(), "an answer that had run out was given again");
        assert_eq!(comments().await, 2);
        // The record is a new one, and counts.
        assert_eq!(comment("One").await.text(), second.text());

        expire().await;
        assert_eq!(comment("Two").await.status, 201);
        refused(&comment("One").await, 422, "idempotency-mismatch");
        assert_eq!(comments().await, 3);
    });
}

/// F17: a grant that has run out grants nothing, on reads and inside a write's transaction.
/// Proves: 4, F17
#[test]
fn an_expired_membership_is_treated_as_ended() {
    run(async {
        let kit = kit();
        let owner = waiting_approval(kit).await;
        let rig = Rig::of(kit, "approve").await;
        let approve = rig.start().await;
        let key = format!("COMPANY#{}", owner.company.id);
        let member = format!("MEMBER#{}", owner.person.user);
        kit.table.set(&key, &member, "expires_at", AttributeValue::S(PAST.to_owned())).await;
        let read = by(HttpEvent::get("/v1/approvals/PAY-1"), &owner.person, &owner.here);
        refused(&approve.request(&read).await.expect("the function answers"), 403, "not-granted");
        let write = approval(&owner, None);
        refused(&approve.request(&write).await.expect("the function answers"), 403, "not-granted");

        let soon = format!("{:.3}", jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1));
        kit.table.set(&key, &member, "expires_at", AttributeValue::S(soon)).await;
        let answer = approve.request(&read).await.expect("the function answers");
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.json().pointer("/approval/status").and_then(Value::as_str), Some("pending"));
    });
}

/// F17: the same, where the grant runs out between the read and the commit.
/// Proves: F17
#[test]
fn a_membership_that_expires_on_the_way_to_the_commit_is_refused_there() {
    run(async {
        let kit = kit();
        let owner = waiting_approval(kit).await;
        let rig = Rig::of(kit, "approve").await;
        let approve = rig.start().await;
        let held = rig.table.place(Rule::on("TransactWriteItems", Fault::Hold).times(1));
        let asked = asking(&approve, &approval(&owner, None));
        held.reached(1).await;
        let (key, member) = (format!("COMPANY#{}", owner.company.id), format!("MEMBER#{}", owner.person.user));
        kit.table.set(&key, &member, "expires_at", AttributeValue::S(PAST.to_owned())).await;
        held.release();
        let answer = asked.await.expect("nothing panics").expect("the function answers");
        refused(&answer, 403, "not-granted");
        assert_eq!(decisions(kit, &owner).await, 0);
    });
}
