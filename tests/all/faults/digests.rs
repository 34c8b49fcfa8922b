//! Digests: two runs at once, a run that dies at each step, and one that comes a day late.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use tests::cast::{self, Owner};
use tests::chaos::{Chaos, Fault, Rule, RuleHandle};
use tests::postponed::{RUNNING, Waits, pass, pass_hours, pass_taken};
use tests::runtime_api::{Function, RuntimeApiError};
use tests::table::{self, Item};
use tests::{Kit, kit, run};

use super::rig::{Rig, invoke, response};
use crate::postponed_mail::{choose, digests, is_digest, waits};

/// How often a test begins anew where another run of the schedule, which does everyone's, was first.
const TRIES: usize = 5;

/// An owner for whose digest one notification waits.
async fn owner_with_a_digest(kit: &Kit) -> Owner {
    let owner = cast::owner(kit, "Otto Owner", "Digest Ltd").await;
    cast::approval_policy(kit, &owner, 1).await;
    let together = json!({
        "categories": [{ "category": "approvals", "mail": "in_digest" }],
        "digest": { "cadence": "daily", "hour": 7 },
    });
    choose(kit, &owner.person, together).await;
    waits(kit, &owner, "PAY-1").await;
    owner
}

/// One run of the schedule. For how many people it did something is not looked at: it does everyone's.
async fn send(function: &Function) {
    let sent = invoke(function, &json!({ "schedule": "postponed_mail" })).await;
    assert!(response(&sent).get("people").is_some_and(Value::is_u64), "{sent:?}");
}

/// Holds the writes of what waits for a person.
fn hold_taking(rig: &Rig, owner: &Owner) -> RuleHandle {
    let what_waits = format!("POSTPONED#{}", owner.person.user);
    let is_it = move |request: &Value| request.to_string().contains(&what_waits);
    rig.table.place(Rule::on("TransactWriteItems", Fault::Hold).when(is_it))
}

/// Moves the end of the claim on a company's digests into the past.
async fn the_lease_runs_out(kit: &Kit, company: &str) {
    let is_digest = |item: &&Item| table::text(item, "letter") == Some("digest");
    for mail in kit.table.partition(&format!("COMPANY#{company}")).await.iter().filter(is_digest) {
        let key = |name: &str| table::text(mail, name).expect("a key").to_owned();
        let past = AttributeValue::S("2026-01-01T00:00:00.000Z".to_owned());
        kit.table.set(&key("pk"), &key("sk"), "lease_until", past).await;
    }
}

/// Proves: F24, 28
#[test]
fn two_runs_at_once_send_one_digest() {
    run(async {
        let _alone = RUNNING.lock().await;
        let kit = kit();
        let rig = Rig::of(kit, "notify").await;
        let crowd = rig.crowd(2).await;
        for _ in 0..TRIES {
            let owner = owner_with_a_digest(kit).await;
            let held = hold_taking(&rig, &owner);
            pass(kit, &owner.company.id, &owner.person, Waits::InDigest).await;
            let mut both = Box::pin(async { tokio::join!(send(&crowd[0]), send(&crowd[1])) });
            let both_took_it = tokio::select! {
                () = held.reached(2) => true,
                _ = &mut both => false,
            };
            held.release();
            if both_took_it {
                both.await;
            }
            kit.mailbox.wait_for(&owner.person.email, "digest", is_digest).await;
            send(&crowd[0]).await;
            assert_eq!(digests(kit, &owner.person).await.len(), 1);
            if both_took_it {
                return;
            }
        }
        panic!("somebody else took every digest");
    });
}

/// The step at which a run dies.
#[derive(Debug, Clone, Copy)]
enum DiesBefore {
    /// The claim on the digest: only the day is written.
    Claim,
    /// SES has the digest.
    Ses,
}

/// Proves: F24, 28
#[test]
fn a_digest_whose_run_dies_before_ses_has_it_is_sent_once_by_the_next() {
    run(async {
        let _alone = RUNNING.lock().await;
        for dies_before in [DiesBefore::Claim, DiesBefore::Ses] {
            let mut is_sent_once = false;
            for _ in 0..TRIES {
                is_sent_once = a_run_dies(kit(), dies_before).await;
                if is_sent_once {
                    break;
                }
            }
            assert!(is_sent_once, "{dies_before:?}: somebody else took every digest");
        }
    });
}

/// A run dies with a digest in its hands, and the next ones send it. `false` where somebody else had taken the digest.
async fn a_run_dies(kit: &'static Kit, dies_before: DiesBefore) -> bool {
    let owner = owner_with_a_digest(kit).await;
    let (person, company) = (&owner.person, owner.company.id.as_str());
    let ses = Chaos::in_front_of(&kit.stack.endpoint).await.expect("the proxy starts");
    let rig = Rig::of(kit, "notify").await.through("SESV2", &ses);
    let function = rig.start().await;
    // What is held is never let go: it was lost with the process.
    let held = match dies_before {
        DiesBefore::Claim => {
            let claims = |request: &Value| request.pointer("/Item/letter/S") == Some(&json!("digest"));
            rig.table.place(Rule::on("PutItem", Fault::Hold).when(claims).times(1))
        }
        DiesBefore::Ses => {
            let address = person.email.clone();
            let to_person = move |request: &Value| request.to_string().contains(&address);
            ses.place(Rule::on_everything(Fault::Hold).when(to_person).times(1))
        }
    };
    pass(kit, company, person, Waits::InDigest).await;
    let mut running = {
        let function = function.clone();
        tokio::spawn(async move { function.invoke(&json!({ "schedule": "postponed_mail" })).await })
    };
    tokio::select! {
        () = held.reached(1) => {}
        _ = &mut running => return false,
    }
    function.kill().await;
    assert!(matches!(running.await.expect("nothing panics"), Err(RuntimeApiError::Ended { .. })));

    // Another run leaves it alone until the dead one's time is over; then it is sent, once.
    let rig = Rig::of(kit, "notify").await;
    let next = rig.start().await;
    send(&next).await;
    assert!(digests(kit, person).await.is_empty(), "{dies_before:?}");
    the_lease_runs_out(kit, company).await;
    pass_taken(kit, company, person).await;
    for _ in 0..2 {
        send(&next).await;
    }
    kit.mailbox.wait_for(&person.email, "digest", is_digest).await;
    assert_eq!(digests(kit, person).await.len(), 1, "{dies_before:?}");
    true
}

/// Proves: F24
#[test]
fn a_run_that_comes_a_day_late_sends_one_digest() {
    run(async {
        let _alone = RUNNING.lock().await;
        let kit = kit();
        let owner = owner_with_a_digest(kit).await;
        let (person, company) = (&owner.person, owner.company.id.as_str());
        let rig = Rig::of(kit, "notify").await;
        let function = rig.start().await;
        pass_hours(kit, company, person, Waits::InDigest, 26).await;
        for _ in 0..2 {
            send(&function).await;
        }
        let digest = kit.mailbox.wait_for(&person.email, "digest", is_digest).await;
        assert_eq!(digest.subject, "1 notification from Digest Ltd");
        // The day on which it came has had its digest.
        waits(kit, &owner, "PAY-2").await;
        pass(kit, company, person, Waits::InDigest).await;
        send(&function).await;
        assert_eq!(digests(kit, person).await.len(), 1);
    });
}
