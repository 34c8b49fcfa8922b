//! Fifty at once: one membership, one decision, never more than the total.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::cast::{self, list, text};
use tests::context::Context;
use tests::machine::Ledger;
use tests::people::Person;
use tests::{checkout, kit, people, run, story};

use crate::support::{at_once, statuses, with, with_status};

const FIFTY: usize = 50;

/// Proves: 13
#[test]
fn fifty_concurrent_accepts_make_one_membership() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let guest = people::sign_up(kit, "Gus Guest").await;
        let body = json!({ "kind": "member", "email": guest.email, "role": "client" });
        let invited = cast::invite(kit, &owner.person, &owner.here, body).await;
        let accept = || {
            let call = kit.api.post("/v1/invitations/accept").by(&guest).json(json!({ "token": invited.token }));
            call.send()
        };
        let answers = at_once((0..FIFTY).map(|_| accept()).collect()).await;
        let accepted = answers
            .iter()
            .filter(|answer| answer.status == 200 && text(&answer.json(), "/outcome") == "accepted")
            .count();
        assert_eq!(accepted, 1, "{:?}", statuses(&answers));
        assert!(
            answers.iter().all(|answer| matches!(answer.status, 200 | 409 | 429 | 503)),
            "{:?}",
            statuses(&answers)
        );
        let answer = kit.api.get("/v1/members").by(&owner.person).within(&owner.here).ok(200).await;
        assert_eq!(with(list(&answer, "members"), "user", &guest.user).len(), 1, "{answer}");
        assert_eq!(story::events_of_type(kit, &owner.company.id, "invitation.accepted").await, 1);
    });
}

/// Proves: 7, F5
#[test]
fn fifty_concurrent_decisions_make_one() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let second = cast::member(kit, &owner, "Adam Admin", "admin", None).await;
        cast::approval_policy(kit, &owner, 1).await;
        let ledger = Ledger::sign_in(kit).await;
        ledger.transaction(kit, &owner.company.id, "PAY-1", 5_000, None).await;
        let decide = |index: usize| {
            let call = kit.api.post("/v1/approvals/PAY-1/decision");
            let call = if index.is_multiple_of(2) {
                call.by(&owner.person).within(&owner.here)
            } else {
                call.by(&second.person).within(&second.here)
            };
            let decision = if index.is_multiple_of(3) { "approved" } else { "rejected" };
            call.json(json!({ "decision": decision })).send()
        };
        let answers = at_once((0..FIFTY).map(decide).collect()).await;
        assert_eq!(with_status(&answers, 200), 1, "{:?}", statuses(&answers));
        assert!(
            answers.iter().all(|answer| matches!(answer.status, 200 | 409 | 429 | 503)),
            "{:?}",
            statuses(&answers)
        );
        assert_eq!(story::events_of_type(kit, &owner.company.id, "approval.decided").await, 1);
        let won = answers.iter().find(|answer| answer.status == 200).unwrap().json();
        let read = ledger.read(kit, &owner.company.id, "transactions", "PAY-1").await.ok(200);
        assert!(won.to_string().contains(&text(&read, "/transaction/approval")), "{won} / {read}");
    });
}

/// Proves: 27, F5
#[test]
fn fifty_concurrent_payments_never_exceed_the_total() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let ledger = Ledger::sign_in(kit).await;
        let (total, part) = (10_000, 3_000);
        ledger.invoice(kit, &owner.company.id, "INV-1", total).await;
        // Each of these has one pending payment at most, so there are more of them than the total has parts.
        let mut payers = vec![(owner.person.clone(), owner.here.clone())];
        for name in ["Ana Admin", "Bob Admin", "Cleo Admin", "Dan Admin"] {
            let member = cast::member(kit, &owner, name, "admin", None).await;
            payers.push((member.person, member.here));
        }
        let pay = |(person, here): &(Person, Context)| {
            let body = json!({ "invoice": "INV-1", "amount_minor": part, "currency": "EUR" });
            kit.api.post("/v1/payments").by(person).within(here).json(body).send_owned()
        };
        let answers = at_once(payers.iter().cycle().take(FIFTY).map(pay).collect()).await;
        let begun: Vec<Value> =
            answers.iter().filter(|answer| answer.status == 201).map(|answer| answer.json()).collect();
        assert!(!begun.is_empty(), "nobody could pay: {:?}", statuses(&answers));
        assert!(
            i64::try_from(begun.len()).unwrap() * part <= total,
            "{} payments of {part} for a total of {total}",
            begun.len()
        );
        assert!(
            answers.iter().all(|answer| matches!(answer.status, 200 | 201 | 409 | 422 | 429 | 503)),
            "{:?}",
            statuses(&answers)
        );
        let by: BTreeSet<String> = begun.iter().map(|payment| text(payment, "/payment/started_by")).collect();
        assert_eq!(by.len(), begun.len(), "somebody has two pending payments");
        for payment in &begun {
            checkout::pay_by_card(kit, &text(payment, "/provider/client_secret")).await;
        }
        for payment in &begun {
            story::payment_settles(kit, &owner, &text(payment, "/payment/id")).await;
        }
        let invoice = kit.api.get("/v1/invoices/INV-1").by(&owner.person).within(&owner.here).ok(200).await;
        let paid =
            invoice.pointer("/invoice/paid_minor").and_then(Value::as_i64).expect("an invoice says what is paid");
        assert_eq!(paid, i64::try_from(begun.len()).unwrap() * part, "{invoice}");
        assert!(paid <= total);
    });
}

/// Proves: 5
#[test]
fn twenty_people_taking_each_others_place_leave_an_owner() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let second = cast::member(kit, &owner, "Susi Second", "owner", None).await;
        let (one, two) = (owner.person.user.clone(), second.person.user.clone());
        let remove = |index: usize| {
            let (by, here, whom) = if index.is_multiple_of(2) {
                (&owner.person, &owner.here, &two)
            } else {
                (&second.person, &second.here, &one)
            };
            kit.api.delete(&format!("/v1/members/{whom}")).by(by).within(here).send()
        };
        at_once((0..20).map(remove).collect()).await;
        let key = format!("COMPANY#{}", owner.company.id);
        let mut left = 0;
        for user in [&one, &two] {
            left += usize::from(
                kit.table
                    .item(&key, &format!("MEMBER#{user}"))
                    .await
                    .is_some_and(|item| tests::table::text(&item, "status").is_none_or(|status| status == "active")),
            );
        }
        assert_eq!(left, 1, "two owners removed each other, or neither");
    });
}

/// Proves: 9
#[test]
fn a_removal_racing_writes_is_before_or_after_each_of_them_never_between() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let member = cast::member(kit, &owner, "Anna Accountant", "accountant", None).await;
        let ledger = Ledger::sign_in(kit).await;
        ledger.invoice(kit, &owner.company.id, "INV-1", 1_000).await;
        let comment = |index: usize| {
            let call = kit.api.post("/v1/invoices/INV-1/comments").by(&member.person).within(&member.here);
            call.json(json!({ "text": format!("No. {index}") })).send()
        };
        let path = format!("/v1/members/{}", member.person.user);
        let remove = kit.api.delete(&path).by(&owner.person).within(&owner.here).send();
        let (answers, removed) = tokio::join!(at_once((0..20).map(comment).collect()), remove);
        assert!(matches!(removed.status, 200 | 204), "{}", removed.text());
        assert!(answers.iter().all(|answer| matches!(answer.status, 201 | 403)), "{:?}", statuses(&answers));
        let trail = tests::story::audit_trail(kit, &owner.person, &owner.here).await;
        let added = trail.iter().filter(|event| text(event, "/type") == "comment.added").count();
        assert_eq!(added, with_status(&answers, 201), "a comment without its event, or an event without its comment");
        comment(99).await.refused(403, "not-granted");
    });
}
