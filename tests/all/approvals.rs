//! `/v1/approvals`, `/v1/approval-policy`.

use serde_json::json;
use tests::cast::{self, Context, list, text};
use tests::http::Answer;
use tests::machine::Ledger;
use tests::mailbox::Message;
use tests::people::Person;
use tests::{Kit, kit, run};

use crate::faults::rig::{Rig, approval_requested, batch, invoke, message, on_record, to_come_again};
use crate::support::{refused_input, with};

/// The reference that [`approval_requested`] names.
const NOTIFIED: &str = "PAY-9";

#[test]
fn a_transaction_below_the_threshold_needs_nobody() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        cast::approval_policy(kit, &owner, 100_000).await;
        let ledger = Ledger::sign_in(kit).await;
        let small = ledger.transaction(kit, &owner.company.id, "SMALL-1", 99_999, None).await;
        assert_eq!(text(&small, "/transaction/approval"), "not_required");
        let large = ledger.transaction(kit, &owner.company.id, "LARGE-1", 100_000, None).await;
        assert_eq!(text(&large, "/transaction/approval"), "pending");
        let answer = kit.api.get("/v1/approvals?status=pending").by(&owner.person).within(&owner.here).ok(200).await;
        let approvals = list(&answer, "approvals");
        assert_eq!((approvals.len(), with(approvals, "reference", "LARGE-1").len()), (1, 1), "{answer}");
    });
}

#[test]
fn without_a_policy_nothing_waits() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let ledger = Ledger::sign_in(kit).await;
        let large = ledger.transaction(kit, &owner.company.id, "LARGE-1", 999_999_999, None).await;
        assert_eq!(text(&large, "/transaction/approval"), "not_required");
    });
}

#[test]
fn a_rejection_carries_its_reason_back_to_the_ledger() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        cast::approval_policy(kit, &owner, 1).await;
        let ledger = Ledger::sign_in(kit).await;
        ledger.transaction(kit, &owner.company.id, "PAY-1", 5_000, None).await;
        let body = json!({ "decision": "rejected", "reason": "Wrong supplier" });
        kit.api.post("/v1/approvals/PAY-1/decision").by(&owner.person).within(&owner.here).json(body).ok(200).await;
        let read = ledger.read(kit, &owner.company.id, "transactions", "PAY-1").await.ok(200);
        assert_eq!(text(&read, "/transaction/approval"), "rejected");
        assert_eq!(text(&read, "/transaction/decided_by"), owner.person.user);
        let one = kit.api.get("/v1/approvals/PAY-1").by(&owner.person).within(&owner.here).ok(200).await;
        assert!(one.to_string().contains("Wrong supplier"), "{one}");
    });
}

#[test]
fn a_decision_is_made_once() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        cast::approval_policy(kit, &owner, 1).await;
        let ledger = Ledger::sign_in(kit).await;
        ledger.transaction(kit, &owner.company.id, "PAY-1", 5_000, None).await;
        let decide = |decision: &str| {
            let call = kit.api.post("/v1/approvals/PAY-1/decision").by(&owner.person).within(&owner.here);
            call.json(json!({ "decision": decision })).send_owned()
        };
        decide("approved").await.ok(200);
        let problem = decide("rejected").await.refused(409, "conflict");
        assert_eq!(text(&problem, "/state"), "approved");
        assert_eq!(tests::story::events_of_type(kit, &owner.company.id, "approval.decided").await, 1);
    });
}

/// Proves: 7
#[test]
fn the_preparer_cannot_decide_it_in_any_role() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let second = cast::member(kit, &owner, "Adam Admin", "admin", None).await;
        cast::approval_policy(kit, &owner, 1).await;
        let ledger = Ledger::sign_in(kit).await;
        ledger.transaction(kit, &owner.company.id, "PAY-1", 5_000, Some(&owner.person.user)).await;
        let decision = || json!({ "decision": "approved" });
        let call = kit.api.post("/v1/approvals/PAY-1/decision").by(&owner.person).within(&owner.here);
        call.json(decision()).refused(403, "preparer-cannot-decide").await;
        let call = kit.api.post("/v1/approvals/PAY-1/decision").by(&second.person).within(&second.here);
        call.json(decision()).ok(200).await;
    });
}

/// Proves: 7
#[test]
fn the_preparer_cannot_become_someone_else_once_it_waits() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        cast::approval_policy(kit, &owner, 1).await;
        let ledger = Ledger::sign_in(kit).await;
        let company = owner.company.id.as_str();
        ledger.transaction(kit, company, "PAY-1", 5_000, Some(&owner.person.user)).await;
        let body = tests::machine::transaction(5_000, None);
        let answer = ledger.put(kit, company, "transactions", "PAY-1", body).await;
        assert!(answer.status < 500, "{}", answer.text());
        let call = kit.api.post("/v1/approvals/PAY-1/decision").by(&owner.person).within(&owner.here);
        call.json(json!({ "decision": "approved" })).refused(403, "preparer-cannot-decide").await;
    });
}

/// Proves: 26
#[test]
fn a_decided_transaction_cannot_change_its_amount_unseen() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        cast::approval_policy(kit, &owner, 1).await;
        let ledger = Ledger::sign_in(kit).await;
        let company = owner.company.id.as_str();
        ledger.transaction(kit, company, "PAY-1", 5_000, None).await;
        let call = kit.api.post("/v1/approvals/PAY-1/decision").by(&owner.person).within(&owner.here);
        call.json(json!({ "decision": "approved" })).ok(200).await;
        let body = tests::machine::transaction(9_000_000, None);
        let pushed = ledger.put(kit, company, "transactions", "PAY-1", body).await;
        let read = ledger.read(kit, company, "transactions", "PAY-1").await.ok(200);
        let amount = read.pointer("/transaction/amount_minor").and_then(serde_json::Value::as_i64);
        let approval = text(&read, "/transaction/approval");
        assert!(
            pushed.status == 409 && amount == Some(5_000) || approval == "pending",
            "an approval of 5 000 now covers {amount:?} ({}, {approval})",
            pushed.status
        );
    });
}

/// Proves: 26, U3
#[test]
fn an_approval_that_names_what_was_seen_counts_for_nothing_else() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        cast::approval_policy(kit, &owner, 1).await;
        let ledger = Ledger::sign_in(kit).await;
        let company = owner.company.id.as_str();
        tokio::join!(
            ledger.transaction(kit, company, "PAY-1", 5_000, None),
            ledger.transaction(kit, company, "PAY-2", 9_000, None),
        );
        let digest = async |reference: &str| {
            let path = format!("/v1/approvals/{reference}");
            text(&kit.api.get(&path).by(&owner.person).within(&owner.here).ok(200).await, "/approval/digest")
        };
        let decide = |digest: String| {
            let call = kit.api.post("/v1/approvals/PAY-1/decision").by(&owner.person).within(&owner.here);
            call.json(json!({ "decision": "approved", "digest": digest })).send_owned()
        };
        let problem = decide(digest("PAY-2").await).await.refused(409, "conflict");
        assert_eq!(problem.pointer("/current/approval/amount_minor"), Some(&json!(5_000)), "{problem}");
        decide(digest("PAY-1").await).await.ok(200);
    });
}

/// Proves: U20, M2
#[test]
fn the_ledger_takes_a_waiting_transaction_back_and_nobody_is_asked_any_more() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        cast::approval_policy(kit, &owner, 1).await;
        let ledger = Ledger::sign_in(kit).await;
        let company = owner.company.id.as_str();
        let withdraw = |reference: &str| {
            let path = format!("/v1/ledger/companies/{company}/transactions/{reference}/withdraw");
            kit.api.post(&path).by(&ledger).json(json!({ "reason": "Entered twice" })).send_owned()
        };
        let decide = |reference: &str| {
            let path = format!("/v1/approvals/{reference}/decision");
            let call = kit.api.post(&path).by(&owner.person).within(&owner.here);
            call.json(json!({ "decision": "approved" })).send_owned()
        };
        withdraw(NOTIFIED).await.refused(404, "not-found");
        ledger.transaction(kit, company, NOTIFIED, 5_000, None).await;
        let withdrawn = withdraw(NOTIFIED).await.ok(200);
        let taken_back = |mail: &Message| mail.subject.starts_with("No approval needed any more");
        let letter = kit.mailbox.wait_for(&owner.person.email, "word of the withdrawal", taken_back).await;
        assert!(letter.text.contains("Entered twice"), "{letter}");
        assert_eq!(text(&withdrawn, "/transaction/approval"), "withdrawn");
        assert_eq!(text(&withdrawn, "/transaction/reason"), "Entered twice");
        assert_eq!(withdraw(NOTIFIED).await.ok(200), withdrawn, "a repeat changes nothing");
        assert_eq!(tests::story::events_of_type(kit, company, "approval.withdrawn").await, 1);
        let problem = decide(NOTIFIED).await.refused(409, "conflict");
        assert_eq!(text(&problem, "/state"), "withdrawn");
        let waiting = kit.api.get("/v1/approvals?status=pending").by(&owner.person).within(&owner.here).ok(200).await;
        assert!(list(&waiting, "approvals").is_empty(), "{waiting}");

        // Its event reaches the letters late: the letter about another transaction goes out, this one's does not.
        let payee = format!("Payee {}", tests::people::unique());
        let other = format!("Payee {}", tests::people::unique());
        let mut second = approval_requested(company, &other);
        second["subject"]["id"] = json!("PAY-2");
        ledger.transaction(kit, company, "PAY-2", 5_000, None).await;
        let rig = Rig::of(kit, "notify").await;
        let notify = rig.start().await;
        let first = approval_requested(company, &payee);
        on_record(kit, &first).await;
        on_record(kit, &second).await;
        let messages = [("late", message(&first)), ("other", message(&second))];
        assert_eq!(to_come_again(&invoke(&notify, &batch(&messages)).await), Vec::<String>::new());
        let inbox = kit.mailbox.inbox(&owner.person.email).await;
        let about = |payee: &str| inbox.iter().filter(|mail| mail.text.contains(payee)).count();
        assert_eq!((about(&payee), about(&other)), (0, 1));

        decide("PAY-2").await.ok(200);
        let problem = withdraw("PAY-2").await.refused(409, "conflict");
        assert_eq!(text(&problem, "/state"), "approved");
    });
}

/// Proves: 5
#[test]
fn seeing_is_not_deciding_and_deciding_is_not_managing() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        for (role, view, decide, manage) in [
            ("admin", true, true, true),
            ("accountant", true, false, false),
            ("client", true, false, false),
            ("read-only", true, false, false),
            ("custom", false, false, false),
        ] {
            let (_, member) = world.members.iter().find(|(name, _)| *name == role).unwrap();
            let holds = |permission: &str| member.here.permissions.iter().any(|held| held == permission);
            assert_eq!(
                (holds("approvals.view"), holds("approvals.decide"), holds("approvals.manage")),
                (view, decide, manage),
                "{role}"
            );
        }
    });
}

/// Proves: B4
#[test]
fn a_policy_needs_a_whole_amount_in_a_currency_that_exists() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        for (body, field) in [
            (json!({ "enabled": true, "threshold_minor": -1, "currency": "EUR" }), "threshold_minor"),
            (json!({ "enabled": true, "threshold_minor": 1.5, "currency": "EUR" }), "threshold_minor"),
            (json!({ "enabled": true, "threshold_minor": 1, "currency": "ZZZ" }), "currency"),
            (json!({ "enabled": "yes", "threshold_minor": 1, "currency": "EUR" }), "enabled"),
        ] {
            let call = kit.api.put("/v1/approval-policy").by(&world.owner.person).within(&world.owner.here);
            refused_input(&call.json(body).send().await, field);
        }
        let read = kit.api.get("/v1/approval-policy").by(&world.owner.person).within(&world.owner.here).ok(200).await;
        assert!(read.to_string().contains("100000"), "a refused policy took effect: {read}");
    });
}

async fn set_policy(kit: &Kit, who: &Person, here: &Context, (enabled, threshold_minor): (bool, i64)) -> Answer {
    let body = json!({ "enabled": enabled, "threshold_minor": threshold_minor, "currency": "EUR" });
    kit.api.put("/v1/approval-policy").by(who).within(here).json(body).send().await
}

/// The bookkeeper of a connected firm switches the client's sign-off off, has a transfer posted, and switches
/// it on again.
/// Proves: S1, 24
#[test]
fn a_firm_cannot_switch_off_the_sign_off_that_it_is_under() {
    run(async {
        let kit = kit();
        let (owner, firm, granted) = tokio::join!(
            cast::owner(kit, "Otto Owner", "Owners Ltd"),
            cast::firm_admin(kit, "Ada Admin", "Adas Firm"),
            cast::firm_admin(kit, "Gerd Granted", "Granted Firm"),
        );
        cast::approval_policy(kit, &owner, 100_000).await;
        let policy =
            || async { kit.api.get("/v1/approval-policy").by(&owner.person).within(&owner.here).ok(200).await };
        let before = policy().await;
        // What a firm is granted by default, and all that concerns approvals, listed by the company.
        let all = ["approvals.view", "approvals.prepare", "approvals.decide", "approvals.manage"];
        cast::connect(kit, &owner, &firm, None).await;
        cast::connect(kit, &owner, &granted, Some(&all)).await;
        for admin in [&firm, &granted] {
            let bookkeeper = cast::staff(kit, admin, "Berta Bookkeeper", "bookkeeper").await;
            cast::assign(kit, admin, &owner.company.id, &bookkeeper.user, None).await;
            for person in [&bookkeeper, &admin.person] {
                let here = cast::enter(kit, person, &owner.company.id).await;
                for weaker in [(false, 100_000), (true, 100_001)] {
                    set_policy(kit, person, &here, weaker).await.refused(403, "not-granted");
                }
            }
        }
        assert_eq!(policy().await, before);
        let ledger = Ledger::sign_in(kit).await;
        let transfer = ledger.transaction(kit, &owner.company.id, "TX-1", 90_000_000, None).await;
        assert_eq!(text(&transfer, "/transaction/approval"), "pending");
        // To ask for more is no way around anything: the firm that was given the policy may.
        let here = cast::enter(kit, &granted.person, &owner.company.id).await;
        set_policy(kit, &granted.person, &here, (true, 50_000)).await.ok(200);
    });
}

/// Proves: S1
#[test]
fn who_may_not_decide_sets_a_stricter_policy_and_no_weaker_one() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let manages = ["approvals.view", "approvals.manage"];
        let manager = cast::member(kit, &owner, "Mara Manager", "custom", Some(&manages)).await;
        let set = |policy: (bool, i64)| set_policy(kit, &manager.person, &manager.here, policy);
        set((true, 5_000)).await.ok(200);
        set((true, 4_000)).await.ok(200);
        for weaker in [(true, 4_001), (false, 4_000)] {
            let problem = set(weaker).await.refused(403, "not-granted");
            assert_eq!(text(&problem, "/permission"), "approvals.decide");
        }
        set_policy(kit, &owner.person, &owner.here, (false, 4_000)).await.ok(200);
    });
}

/// Proves: S1, M2
#[test]
fn everyone_who_may_decide_is_told_of_a_changed_policy_and_nobody_else() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let (admin, client) = tokio::join!(
            cast::member(kit, &owner, "Adam Admin", "admin", None),
            cast::member(kit, &owner, "Clara Client", "client", None),
        );
        cast::approval_policy(kit, &owner, 100_000).await;
        set_policy(kit, &admin.person, &admin.here, (false, 100_000)).await.ok(200);
        let about = |mail: &Message| {
            mail.text.contains("€1,000.00")
                && mail.text.contains("No transaction needs an approval")
                && mail.text.contains("Adam Admin")
        };
        tokio::join!(
            kit.mailbox.wait_for(&owner.person.email, "changed policy", about),
            kit.mailbox.wait_for(&admin.person.email, "changed policy", about),
        );
        let clients = kit.mailbox.inbox(&client.person.email).await;
        assert!(!clients.iter().any(about), "a client was told of the approval policy");
    });
}
