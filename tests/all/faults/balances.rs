//! A threshold that many reports cross at once.

use serde_json::{Value, json};
use tests::cast::{self, Owner};
use tests::chaos::{Fault, Rule};
use tests::machine::{self, Ledger};
use tests::mailbox::Message;
use tests::runtime_api::{Function, HttpEvent};
use tests::{Kit, kit, run, story};

use super::rig::{Rig, asking, batch, by_ledger, invoke, message, response, to_come_again};

const REPORTS: usize = 20;

/// A company with an account of 900.00 and a threshold at 500.00.
pub(super) async fn watched_account(kit: &Kit) -> (Owner, Ledger) {
    let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
    let ledger = Ledger::sign_in(kit).await;
    ledger.balance(kit, &owner.company.id, "BANK-1", 90_000).await;
    let path = "/v1/bank-accounts/BANK-1/threshold";
    let body = json!({ "threshold_minor": 50_000 });
    kit.api.put(path).by(&owner.person).within(&owner.here).json(body).ok(200).await;
    (owner, ledger)
}

fn report(ledger: &Ledger, owner: &Owner, balance_minor: i64) -> HttpEvent {
    let path = format!("/v1/ledger/companies/{}/bank-accounts/BANK-1", owner.company.id);
    by_ledger(HttpEvent::put(&path).json(&machine::bank_account(balance_minor)), ledger)
}

/// One run of the schedule. How many crossings it found is not looked at: it finds everyone's.
async fn thresholds(function: &Function) {
    let told = invoke(function, &json!({ "schedule": "thresholds" })).await;
    assert!(response(&told).get("told").is_some_and(Value::is_u64), "{told:?}");
}

pub(super) fn is_warning(mail: &Message) -> bool {
    mail.text.contains("Current account")
}

/// F16, F13: twenty reports below the threshold are committed at once; the schedule fires three times
/// at once, and again later. One crossing, one event, one letter.
/// Proves: F13, F16
#[test]
fn twenty_reports_that_cross_a_threshold_at_once_are_one_crossing() {
    run(async {
        let kit = kit();
        let (owner, ledger) = watched_account(kit).await;
        let rig = Rig::of(kit, "ledger").await;
        let crowd = rig.crowd(REPORTS).await;
        let held = rig.table.place(Rule::on("TransactWriteItems", Fault::Hold));
        let asked: Vec<_> = crowd
            .iter()
            .zip(1_i64..)
            .map(|(function, number)| asking(function, &report(&ledger, &owner, 40_000 - number)))
            .collect();
        held.reached(REPORTS).await;
        held.release();
        let mut statuses = Vec::new();
        for answer in asked {
            statuses.push(answer.await.expect("nothing panics").expect("the function answers").status);
        }
        // A report that met too many others is asked for again; none fails in another way.
        assert!(statuses.iter().all(|status| matches!(status, 200 | 201 | 409 | 503)), "{statuses:?}");
        assert!(statuses.iter().any(|status| *status < 300), "{statuses:?}");

        let notify = Rig::of(kit, "notify").await;
        let runs = notify.crowd(3).await;
        tokio::join!(thresholds(&runs[0]), thresholds(&runs[1]), thresholds(&runs[2]));
        assert_eq!(crossings(kit, &owner).await, 1);
        kit.mailbox.wait_for(&owner.person.email, "warning", is_warning).await;

        // Still below: another report, another run, and the event itself once more.
        let answer = crowd[0].request(&report(&ledger, &owner, 10_000)).await.expect("the function answers");
        assert!(answer.status < 300, "{}", answer.text());
        thresholds(&runs[0]).await;
        assert_eq!(crossings(kit, &owner).await, 1);
        let event = crossing(kit, &owner).await;
        let again = invoke(&runs[0], &batch(&[("again", message(&event))])).await;
        assert_eq!(to_come_again(&again), Vec::<String>::new());
        let inbox = kit.mailbox.inbox(&owner.person.email).await;
        assert_eq!(inbox.iter().filter(|mail| is_warning(mail)).count(), 1);
    });
}

pub(super) async fn crossings(kit: &Kit, owner: &Owner) -> usize {
    story::events_of_type(kit, &owner.company.id, "balance.below_threshold").await
}

/// The event of the crossing as the audit log shows it, which has the form of the bus but for its org.
async fn crossing(kit: &Kit, owner: &Owner) -> Value {
    let trail = story::audit_trail(kit, &owner.person, &owner.here).await;
    let mut event = trail
        .into_iter()
        .find(|event| event["type"] == json!("balance.below_threshold"))
        .expect("the crossing is in the trail");
    event["org"] = json!({ "kind": "company", "id": owner.company.id });
    event["version"] = json!(1);
    event
}
