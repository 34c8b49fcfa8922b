//! Documents that people of the company write by hand, as their customer has them.

use serde_json::{Value, json};
use tests::cast::{list, text};
use tests::http::Answer;
use tests::{kit, machine, run, story};

use super::stage::Stage;

const ESTIMATE: &str = "/v1/estimates/EST-1";

/// An estimate of this price, as a person writes it.
fn written(total_minor: i64) -> Value {
    let mut body = machine::written("EST-1", total_minor);
    body["valid_until"] = json!("2027-12-01");
    body
}

async fn decide(stage: &Stage, decision: &str, digest: &str) -> Answer {
    let reason = (decision == "declined").then_some("Too dear.");
    let body = json!({ "decision": decision, "digest": digest, "reason": reason });
    stage.ask(&stage.contact, "POST", "/estimates/EST-1/decision", Some(body)).await
}

/// The estimate as its customer has it: its revision, its status, how many decisions are behind it, and its digest.
async fn shown(stage: &Stage) -> (Value, String, usize, String) {
    let shown = stage.read("/estimates/EST-1").await["estimate"].clone();
    let earlier = shown["earlier_decisions"].as_array().map_or(0, Vec::len);
    (shown["revision"].clone(), text(&shown, "/status"), earlier, text(&shown, "/digest"))
}

/// Proves: C4, C5, CP7, 26
#[test]
fn an_estimate_that_was_written_by_hand_is_declined_reworked_and_sent_again_until_it_is_accepted() {
    run(async {
        let stage = Stage::set(kit()).await;
        let drafted = stage.staff("POST", "/v1/estimates", Some(written(70_000))).await.ok(201);
        let draft = (text(&drafted, "/estimate/status"), &drafted["estimate"]["revision"]);
        assert_eq!(draft, ("draft".to_owned(), &json!(0)), "{drafted}");
        stage.ask(&stage.contact, "GET", "/estimates/EST-1", None).await.refused(404, "not-found");
        let send = async || stage.staff("POST", &format!("{ESTIMATE}/send"), Some(json!({}))).await;
        for _ in 0..2 {
            assert_eq!(send().await.ok(200)["estimate"]["revision"], 1, "sent again is sent once");
        }
        let (revision, status, earlier, first) = shown(&stage).await;
        assert_eq!((revision, status.as_str(), earlier), (json!(1), "sent", 0));
        decide(&stage, "declined", &first).await.ok(200);

        // Reworked, it is the customer's at once, and what they decided stays on record.
        stage.staff("PUT", ESTIMATE, Some(written(60_000))).await.ok(200);
        let (revision, status, earlier, second) = shown(&stage).await;
        assert_eq!((revision, status.as_str(), earlier), (json!(2), "sent", 1));
        let late = decide(&stage, "accepted", &first).await.refused(409, "conflict");
        assert_eq!(text(&late, "/state"), "changed", "{late}");
        decide(&stage, "declined", &second).await.ok(200);

        // Sent once more as it is, it is decided anew.
        assert_eq!(send().await.ok(200)["estimate"]["revision"], 3);
        let (revision, status, earlier, third) = shown(&stage).await;
        assert_eq!((revision, status.as_str(), earlier), (json!(3), "sent", 2));
        decide(&stage, "accepted", &second).await.refused(409, "conflict");
        decide(&stage, "accepted", &third).await.ok(200);

        // An accepted one stays as it is.
        let same = send().await.ok(200);
        assert_eq!(
            (text(&same, "/estimate/status"), &same["estimate"]["revision"]),
            ("accepted".to_owned(), &json!(3))
        );
        let refused = stage.staff("PUT", ESTIMATE, Some(written(1_000))).await.refused(409, "conflict");
        assert_eq!(text(&refused, "/state"), "accepted");
        let company = &stage.owner.company.id;
        for (event, times) in [("estimate.sent", 1), ("estimate.reworked", 2), ("estimate.decided", 3)] {
            assert_eq!(story::events_of_type(stage.kit, company, event).await, times, "{event}");
        }
    });
}

/// Proves: C3, C5, 27
#[test]
fn a_credit_note_that_was_written_by_hand_is_withdrawn_and_what_it_took_off_is_due_again() {
    run(async {
        let stage = Stage::set(kit()).await;
        let mut invoice = machine::written("HAND-1", 10_000);
        invoice["due_on"] = json!("2027-12-01");
        let mut note = machine::written("CRED-1", 1_000);
        note["applied_to"] = json!([{ "invoice": "HAND-1", "amount_minor": 700 }]);
        for (kind, body) in [("invoices", invoice), ("credit-notes", note)] {
            let reference = text(&body, "/reference");
            stage.staff("POST", &format!("/v1/{kind}"), Some(body)).await.ok(201);
            stage.staff("POST", &format!("/v1/{kind}/{reference}/send"), Some(json!({}))).await.ok(200);
        }
        let owed = async || {
            let home = stage.read("").await;
            let owed = list(&home, "owed")[0].clone();
            (owed["outstanding_minor"].clone(), owed["unapplied_minor"].clone())
        };
        assert_eq!(owed().await, (json!(9_300), json!(300)));
        let void = async || stage.staff("POST", "/v1/credit-notes/CRED-1/void", Some(json!({}))).await;
        for _ in 0..2 {
            assert_eq!(text(&void().await.ok(200), "/credit_note/state"), "void");
        }
        assert_eq!(owed().await, (json!(10_000), json!(0)));
        let note = stage.read("/credit-notes/CRED-1").await;
        assert_eq!(text(&note, "/credit_note/status"), "void", "what was sent stays the customer's to see");
        let send = stage.staff("POST", "/v1/credit-notes/CRED-1/send", Some(json!({}))).await;
        assert_eq!(text(&send.refused(409, "conflict"), "/state"), "void");
        let company = &stage.owner.company.id;
        assert_eq!(story::events_of_type(stage.kit, company, "credit_note.voided").await, 1);
    });
}
