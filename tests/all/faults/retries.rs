//! The same request again: because the caller repeats it, because a process died, because a reply was
//! lost, because the table said not now. One effect each time, and never half of one.

use serde_json::{Value, json};
use tests::cast::{Owner, text};
use tests::chaos::{Exchange, Fault, Rule, RuleHandle};
use tests::machine::Vendor;
use tests::runtime_api::{Function, HttpAnswer, HttpEvent, RuntimeApiError};
use tests::{Kit, kit, people, run};

use super::rig::{
    Rig, WAITING, approval, asking, by_vendor, decision, decisions, puts, refused, unavailable, waiting_approval,
};

const COMMIT: &str = "TransactWriteItems";
/// How often a transaction that met another is tried.
const TRIES_MAX: usize = 6;
/// How often the SDK sends one request.
const ATTEMPTS_MAX: usize = 3;

/// A company with a waiting approval, the function that decides it, and a key to decide it under.
struct Scene {
    owner: Owner,
    approve: Rig,
    key: String,
}

impl Scene {
    async fn set(kit: &Kit) -> Self {
        Self { owner: waiting_approval(kit).await, approve: Rig::of(kit, "approve").await, key: people::unique() }
    }

    async fn ask(&self, function: &Function) -> HttpAnswer {
        function.request(&approval(&self.owner, Some(&self.key))).await.expect("the function answers")
    }

    /// Asks a new process, and kills it once `fault` has hit its `action`. Nobody gets an answer.
    async fn ask_and_kill(&self, action: &str, fault: Fault) -> RuleHandle {
        let held = self.approve.table.place(Rule::on(action, fault).times(1));
        let function = self.approve.start().await;
        let answer = asking(&function, &approval(&self.owner, Some(&self.key)));
        held.reached(1).await;
        function.kill().await;
        let answer = answer.await.expect("nothing panics");
        assert!(matches!(answer, Err(RuntimeApiError::Ended { .. })), "{answer:?}");
        held
    }

    /// One decision was made: the approval is decided, in its second version, one event tells so, the
    /// answer is kept, and no transaction that was refused left anything in the outbox.
    async fn decided_once(&self, kit: &Kit) {
        let approval = kit.table.item(&self.books(), &format!("APPROVAL#{WAITING}")).await.expect("it was sent");
        assert_eq!(tests::table::text(&approval, "status"), Some("approved"));
        assert_eq!(approval["version"].as_n().map(String::as_str), Ok("2"));
        assert_eq!(decisions(kit, &self.owner).await, 1);
        assert!(self.kept_answer(kit).await, "the answer was not kept");
        let (refused, made): (Vec<_>, Vec<_>) =
            self.approve.transactions().into_iter().partition(|commit| commit.status() == Some(400));
        let made: Vec<Value> = made.iter().flat_map(|commit| puts(commit, "OUTBOX#")).collect();
        // A transaction that is tried again carries the same event.
        let others = refused.iter().flat_map(|commit| puts(commit, "OUTBOX#")).filter(|entry| !made.contains(entry));
        Self::not_in_the_outbox(kit, others).await;
    }

    /// No part of a decision is there: no new status, no event, no outbox entry, no kept answer.
    async fn undecided(&self, kit: &Kit) {
        let approval = kit.table.item(&self.books(), &format!("APPROVAL#{WAITING}")).await.expect("it was sent");
        assert_eq!(tests::table::text(&approval, "status"), Some("pending"));
        assert_eq!(decisions(kit, &self.owner).await, 0);
        assert!(!self.kept_answer(kit).await, "an answer was kept of what was not done");
        let commits = self.approve.transactions();
        Self::not_in_the_outbox(kit, commits.iter().flat_map(|commit| puts(commit, "OUTBOX#"))).await;
    }

    async fn not_in_the_outbox(kit: &Kit, entries: impl Iterator<Item = Value>) {
        for entry in entries {
            let found = kit.table.item(&text(&entry, "/pk/S"), &text(&entry, "/sk/S")).await;
            assert!(found.is_none(), "an outbox entry of an event that never was: {found:?}");
        }
    }

    async fn kept_answer(&self, kit: &Kit) -> bool {
        let key = format!("IDEMPOTENCY#{}#{}", self.owner.person.user, self.key);
        kit.table.item(&key, "IDEMPOTENCY").await.is_some()
    }

    fn books(&self) -> String {
        format!("COMPANY#{}", self.owner.company.id)
    }
}

/// The request tokens of transactions, in order.
fn request_tokens(commits: &[Exchange]) -> Vec<String> {
    commits.iter().map(|commit| text(&commit.request, "/ClientRequestToken")).collect()
}

/// F1: two processes have both found the key unused, and both commit.
/// Proves: F1
#[test]
fn two_at_once_under_one_key_have_one_effect_and_one_answer() {
    run(async {
        let kit = kit();
        let scene = Scene::set(kit).await;
        let crowd = scene.approve.crowd(2).await;
        let held = scene.approve.table.place(Rule::on(COMMIT, Fault::Hold));
        let event = approval(&scene.owner, Some(&scene.key));
        let asked: Vec<_> = crowd.iter().map(|function| asking(function, &event)).collect();
        held.reached(2).await;
        held.release();
        let mut answers = Vec::new();
        for answer in asked {
            answers.push(answer.await.expect("nothing panics").expect("the function answers"));
        }
        assert_eq!([answers[0].status, answers[1].status], [200, 200], "{answers:?}");
        assert_eq!(answers[0].text(), answers[1].text());
        let replayed = answers.iter().filter(|answer| answer.headers.contains_key("idempotency-replayed")).count();
        assert_eq!(replayed, 1, "one ran, and the other was told its answer");
        scene.decided_once(kit).await;
    });
}

/// F1: as above, but the two ask for different things.
/// Proves: F1
#[test]
fn two_at_once_under_one_key_with_two_bodies_are_told_apart() {
    run(async {
        let kit = kit();
        let scene = Scene::set(kit).await;
        let crowd = scene.approve.crowd(2).await;
        let held = scene.approve.table.place(Rule::on(COMMIT, Fault::Hold));
        let Owner { person, here, .. } = &scene.owner;
        let asked: Vec<_> = crowd
            .iter()
            .zip(["approved", "rejected"])
            .map(|(function, verdict)| asking(function, &decision(person, here, Some(&scene.key), verdict)))
            .collect();
        held.reached(2).await;
        held.release();
        let mut answers = Vec::new();
        for answer in asked {
            answers.push(answer.await.expect("nothing panics").expect("the function answers"));
        }
        answers.sort_by_key(|answer| answer.status);
        assert_eq!(answers[0].status, 200, "{answers:?}");
        refused(&answers[1], 422, "idempotency-mismatch");
        assert_eq!(decisions(kit, &scene.owner).await, 1);
    });
}

/// F2: killed while it reads, and killed before its commit was sent.
/// Proves: F2
#[test]
fn a_process_killed_before_its_commit_leaves_nothing_and_a_retry_completes_once() {
    run(async {
        let kit = kit();
        let scene = Scene::set(kit).await;
        // What is held is never released: it was lost with the process.
        let _lost =
            [scene.ask_and_kill("BatchGetItem", Fault::Hold).await, scene.ask_and_kill(COMMIT, Fault::Hold).await];
        scene.undecided(kit).await;
        let answer = scene.ask(&scene.approve.start().await).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        scene.decided_once(kit).await;
    });
}

/// F2: killed between its commit and its answer.
/// Proves: F2
#[test]
fn a_process_killed_after_its_commit_is_answered_for_by_the_retry() {
    run(async {
        let kit = kit();
        let scene = Scene::set(kit).await;
        scene.ask_and_kill(COMMIT, Fault::HoldReply).await;
        scene.decided_once(kit).await;
        let answer = scene.ask(&scene.approve.start().await).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.headers.get("idempotency-replayed").map(String::as_str), Some("true"));
        assert_eq!(text(&answer.json(), "/approval/status"), "approved");
        scene.decided_once(kit).await;
    });
}

/// F2: the commit of a dead process is still on its way while the retry completes.
/// Proves: F2
#[test]
fn a_commit_that_arrives_after_the_retry_changes_nothing() {
    run(async {
        let kit = kit();
        let scene = Scene::set(kit).await;
        let late = scene.ask_and_kill(COMMIT, Fault::Hold).await;
        let answer = scene.ask(&scene.approve.start().await).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let before = kit.table.trace(&scene.owner.company.id).await;
        late.release();
        scene.approve.quiet().await;
        let commits = scene.approve.transactions();
        assert_eq!(commits.iter().map(Exchange::status).collect::<Vec<_>>(), [Some(400), Some(200)], "{commits:?}");
        assert!(kit.table.trace(&scene.owner.company.id).await == before, "the late commit left a trace");
        scene.decided_once(kit).await;
    });
}

/// F3: the table commits, the reply is lost, the SDK asks again under the same request token.
/// Proves: F3
#[test]
fn a_lost_reply_is_asked_for_again_and_the_change_is_made_once() {
    run(async {
        let kit = kit();
        let scene = Scene::set(kit).await;
        let function = scene.approve.start().await;
        let lost = scene.approve.table.place(Rule::on(COMMIT, Fault::DropReply).times(1));
        let answer = scene.ask(&function).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(lost.hits(), 1);
        let tokens = request_tokens(&scene.approve.transactions());
        assert_eq!(tokens.len(), 2, "{tokens:?}");
        assert_eq!(tokens[0], tokens[1], "the repeat is another transaction");
        scene.decided_once(kit).await;
    });
}

/// F3: no reply ever comes; the caller repeats the request later.
/// Proves: F3
#[test]
fn when_every_reply_is_lost_the_caller_is_asked_to_come_back_and_then_told() {
    run(async {
        let kit = kit();
        let scene = Scene::set(kit).await;
        let function = scene.approve.start().await;
        scene.approve.table.place(Rule::on(COMMIT, Fault::DropReply));
        unavailable(&scene.ask(&function).await);
        let tokens = request_tokens(&scene.approve.transactions());
        assert!((2..=ATTEMPTS_MAX).contains(&tokens.len()), "{tokens:?}");
        assert!(tokens.iter().all(|token| *token == tokens[0]), "{tokens:?}");
        scene.approve.table.calm();
        let answer = scene.ask(&function).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.headers.get("idempotency-replayed").map(String::as_str), Some("true"));
        scene.decided_once(kit).await;
    });
}

/// F4: two other transactions hold an item, one after the other.
/// Proves: F4
#[test]
fn two_conflicts_and_then_success_are_one_change() {
    run(async {
        let kit = kit();
        let scene = Scene::set(kit).await;
        let function = scene.approve.start().await;
        scene.approve.table.place(Rule::on(COMMIT, Fault::TransactionConflict).times(2));
        let answer = scene.ask(&function).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let commits = scene.approve.transactions();
        assert_eq!(commits.iter().map(Exchange::status).collect::<Vec<_>>(), [Some(400), Some(400), Some(200)]);
        scene.decided_once(kit).await;
    });
}

/// F4: whatever the table says instead of working, throughout.
/// Proves: F4
#[test]
fn a_table_that_never_works_is_503_with_retry_after_and_nothing_half_done() {
    run(async {
        let kit = kit();
        let scene = Scene::set(kit).await;
        let function = scene.approve.start().await;
        let cases = [
            (Rule::on(COMMIT, Fault::TransactionConflict), TRIES_MAX),
            (Rule::on(COMMIT, Fault::TransactionThrottled), TRIES_MAX),
            (Rule::on(COMMIT, Fault::Throttling), ATTEMPTS_MAX),
            (Rule::on(COMMIT, Fault::ServerError), ATTEMPTS_MAX),
            (Rule::on(COMMIT, Fault::Reset), ATTEMPTS_MAX),
            (Rule::on_everything(Fault::ThroughputExceeded), ATTEMPTS_MAX),
            (Rule::on_everything(Fault::Throttling), ATTEMPTS_MAX),
            (Rule::on_everything(Fault::Reset), ATTEMPTS_MAX),
        ];
        for (rule, tries_max) in cases {
            let what = format!("{rule:?}");
            let hit = scene.approve.table.place(rule);
            let answer = scene.ask(&function).await;
            assert_eq!(answer.status, 503, "{what}: {}", answer.text());
            unavailable(&answer);
            assert!((2..=tries_max).contains(&hit.hits()), "{what}: tried {} times", hit.hits());
            scene.approve.table.calm();
            scene.undecided(kit).await;
        }
        // It was the table, and nothing else.
        let answer = scene.ask(&function).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        scene.decided_once(kit).await;
    });
}

/// F4: a throttle that passes is not the caller's concern, on reads and on writes.
/// Proves: F4
#[test]
fn a_passing_throttle_is_not_noticed() {
    run(async {
        let kit = kit();
        let scene = Scene::set(kit).await;
        let function = scene.approve.start().await;
        scene.approve.table.place(Rule::on("BatchGetItem", Fault::ThroughputExceeded).times(1));
        scene.approve.table.place(Rule::on(COMMIT, Fault::TransactionThrottled).times(1));
        let answer = scene.ask(&function).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        scene.decided_once(kit).await;
    });
}

/// F4: a write outside of a transaction meets one, as a vendor's code with which somebody registers.
/// Proves: F4
#[test]
fn a_single_write_that_meets_a_transaction_is_decided_anew_or_asked_for_again() {
    run(async {
        let vendor = Vendor::sign_in(kit()).await;
        let rig = Rig::of(kit(), "vendor").await;
        let function = rig.start().await;
        let path = format!("/v1/vendor/signup-codes/MET-{}", people::unique());
        let put = by_vendor(HttpEvent::put(&path).json(&json!({ "label": "Fair" })), &vendor);
        let revoke = by_vendor(HttpEvent::post(&format!("{path}/revoke")).json(&json!({})), &vendor);
        let ask = async |event: &HttpEvent| function.request(event).await.expect("the function answers");
        let meeting = Rule::on("PutItem", Fault::TransactionConflict);

        // A new code has nothing to be decided anew.
        let met = rig.table.place(meeting.clone());
        unavailable(&ask(&put).await);
        assert_eq!(met.hits(), 1);
        met.remove();
        assert_eq!(ask(&put).await.status, 201);

        let met = rig.table.place(meeting.clone());
        unavailable(&ask(&revoke).await);
        assert!(met.hits() >= 2, "it was not decided anew");
        met.remove();
        let met = rig.table.place(meeting.times(2));
        let answer = ask(&revoke).await;
        assert_eq!((answer.status, met.hits()), (200, 2), "{}", answer.text());
        assert_eq!(text(&answer.json(), "/signup_code/state"), "revoked");
    });
}

/// F4: the table is silent, as over a connection that died while the function was frozen.
/// Proves: F4
#[test]
fn a_table_that_never_answers_is_not_waited_for() {
    run(async {
        let kit = kit();
        let mut scene = Scene::set(kit).await;
        scene.approve = scene.approve.with_deployed_patience();
        let function = scene.approve.start().await;
        let silent = scene.approve.table.place(Rule::on("BatchGetItem", Fault::Hold));
        unavailable(&scene.ask(&function).await);
        assert!(silent.hits() >= 2, "nobody tried another connection");
        silent.remove();
        scene.undecided(kit).await;
        // One try is lost on its way; the next one, under the same request token, is not.
        let lost = scene.approve.table.place(Rule::on(COMMIT, Fault::Hold).times(1));
        let answer = scene.ask(&function).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        scene.decided_once(kit).await;
        lost.release();
        scene.approve.quiet().await;
        let tokens = request_tokens(&scene.approve.transactions());
        assert_eq!(tokens.len(), 2, "{tokens:?}");
        assert_eq!(tokens[0], tokens[1]);
        scene.decided_once(kit).await;
    });
}
