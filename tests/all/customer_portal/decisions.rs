//! Accepting and declining estimates.

use serde_json::{Value, json};
use tests::cast::text;
use tests::http::Answer;
use tests::{kit, machine, run, story};

use super::stage::{CUSTOMER, Stage};
use crate::support::refused_input;

async fn decide(stage: &Stage, decision: &str, digest: &str, reason: Option<&str>) -> Answer {
    let body = json!({ "decision": decision, "digest": digest, "reason": reason });
    stage.ask(&stage.contact, "POST", "/estimates/EST-1/decision", Some(body)).await
}

/// Proves: CP7
#[test]
fn a_contact_declines_with_a_reason_gets_a_reworked_estimate_and_accepts_it_once() {
    run(async {
        let stage = Stage::set(kit()).await;
        stage.estimate(CUSTOMER, "EST-1", 70_000).await;
        let first = stage.digest("estimates", "EST-1").await;
        refused_input(&decide(&stage, "declined", &first, None).await, "reason");
        let declined = decide(&stage, "declined", &first, Some("Too dear.")).await.ok(200);
        assert_eq!(text(&declined, "/estimate/status"), "declined", "{declined}");
        assert_eq!(text(&declined, "/estimate/decision/reason"), "Too dear.");

        stage.estimate(CUSTOMER, "EST-1", 60_000).await;
        let reworked = stage.read("/estimates/EST-1").await;
        assert_eq!(text(&reworked, "/estimate/status"), "sent", "{reworked}");
        assert_eq!(text(&reworked, "/estimate/earlier_decisions/0/reason"), "Too dear.", "{reworked}");
        let stale = decide(&stage, "accepted", &first, None).await.refused(409, "conflict");
        assert_eq!(stale.pointer("/current/estimate/total_minor"), Some(&json!(60_000)), "{stale}");

        let second = text(&reworked, "/estimate/digest");
        let accepted = decide(&stage, "accepted", &second, None).await.ok(200);
        assert_eq!(text(&accepted, "/estimate/decision/via"), "contact", "{accepted}");
        assert_eq!(text(&accepted, "/estimate/decision/by_name"), stage.contact.person.name);
        let again = decide(&stage, "declined", &second, None).await.refused(409, "conflict");
        assert_eq!(text(&again, "/state"), "accepted", "{again}");
        assert_eq!(story::events_of_type(stage.kit, &stage.owner.company.id, "estimate.decided").await, 2);
        // Who decided is on record for the company, with the contact.
        let shown = stage.staff("GET", "/v1/estimates/EST-1", None).await.ok(200);
        assert_eq!(text(&shown, "/estimate/decision/by/contact"), stage.contact.id, "{shown}");
    });
}

/// Two requests at once, of one contact: one decides.
/// Proves: CP7
#[test]
fn an_estimate_is_decided_once_however_many_decide_at_once() {
    run(async {
        let stage = Stage::set(kit()).await;
        stage.estimate(CUSTOMER, "EST-1", 70_000).await;
        let digest = stage.digest("estimates", "EST-1").await;
        let (one, other) =
            tokio::join!(decide(&stage, "accepted", &digest, None), decide(&stage, "declined", &digest, Some("No.")),);
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409], "{} {}", one.text(), other.text());
        assert_eq!(story::events_of_type(stage.kit, &stage.owner.company.id, "estimate.decided").await, 1);
    });
}

/// A contact whose connection breaks asks again: one decision and one comment, and the first answers once more.
/// Proves: CP7, F1
#[test]
fn what_is_sent_twice_under_one_key_happens_once() {
    run(async {
        let stage = Stage::set(kit()).await;
        stage.estimate(CUSTOMER, "EST-1", 70_000).await;
        let digest = stage.digest("estimates", "EST-1").await;
        for (path, key, body, status) in [
            ("decision", "decide", json!({ "decision": "accepted", "digest": digest }), 200),
            ("comments", "comment", json!({ "text": "When do you begin?" }), 201),
        ] {
            let path = format!("/v1/customer-portal/estimates/EST-1/{path}");
            let mut answers = Vec::new();
            for _ in 0..2 {
                let call = stage.kit.api.post(&path).by(&stage.contact.person).within(&stage.contact.here);
                answers.push(call.key(key).json(body.clone()).send().await);
            }
            assert_eq!((answers[0].status, answers[1].status), (status, status), "{}", answers[1].text());
            assert_eq!(answers[0].bytes, answers[1].bytes);
            assert_eq!(answers[1].header("idempotency-replayed"), Some("true"));
        }
        assert_eq!(story::events_of_type(stage.kit, &stage.owner.company.id, "estimate.decided").await, 1);
        assert_eq!(story::events_of_type(stage.kit, &stage.owner.company.id, "comment.added").await, 1);
    });
}

/// Proves: CP7, 3
#[test]
fn an_expired_estimate_is_not_accepted_and_a_bad_decision_names_its_field() {
    run(async {
        let stage = Stage::set(kit()).await;
        let mut body = machine::estimate("EST-1", 70_000);
        (body["issued_on"], body["valid_until"]) = (json!("2020-01-01"), json!("2020-02-01"));
        body.as_object_mut().unwrap().remove("due_on");
        stage.push("estimates", "EST-1", CUSTOMER, body).await;
        let digest = stage.digest("estimates", "EST-1").await;
        let refused = decide(&stage, "accepted", &digest, None).await.refused(409, "conflict");
        assert_eq!(text(&refused, "/state"), "expired", "{refused}");
        let shown = stage.read("/estimates/EST-1").await;
        assert_eq!(text(&shown, "/estimate/status"), "expired");

        let ask = async |body: Value| stage.ask(&stage.contact, "POST", "/estimates/EST-1/decision", Some(body)).await;
        for (body, field) in [
            (json!({ "digest": digest }), "decision"),
            (json!({ "decision": "perhaps", "digest": digest }), "decision"),
            (json!({ "decision": "accepted" }), "digest"),
            (json!({ "decision": "accepted", "digest": "abc" }), "digest"),
            (json!({ "decision": "declined", "digest": digest, "reason": "" }), "reason"),
            (json!({ "decision": "accepted", "digest": digest, "as": "staff" }), "as"),
        ] {
            refused_input(&ask(body).await, field);
        }
    });
}
