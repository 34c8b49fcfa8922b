//! Thresholds of bank accounts: who is told of a balance, when, and how often.

use serde_json::{Value, json};
use tests::cast::{self, Context, Owner};
use tests::kit::Kit;
use tests::machine::Ledger;
use tests::mailbox::Message;
use tests::people::Person;
use tests::{kit, run, story};

use crate::support::refused_input;

const COMPANYS: &str = "/v1/bank-accounts/BANK-1/threshold";
const OWN: &str = "/v1/bank-accounts/BANK-1/own-thresholds";

async fn account(kit: &Kit) -> (Owner, Ledger) {
    let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
    let ledger = Ledger::sign_in(kit).await;
    ledger.balance(kit, &owner.company.id, "BANK-1", 900).await;
    (owner, ledger)
}

async fn set(kit: &Kit, path: &str, (who, here): (&Person, &Context), body: Value) -> Value {
    kit.api.put(path).by(who).within(here).json(body).ok(200).await
}

/// The ledger reports balances, one after the other, and the schedule runs after each.
async fn balances(kit: &Kit, owner: &Owner, ledger: &Ledger, balances: &[i64]) {
    for balance in balances {
        ledger.balance(kit, &owner.company.id, "BANK-1", *balance).await;
        kit.invoke("notify", &json!({ "schedule": "thresholds" })).await.ok();
    }
}

async fn events(kit: &Kit, owner: &Owner) -> (usize, usize) {
    let company = &owner.company.id;
    let below = story::events_of_type(kit, company, "balance.below_threshold").await;
    (below, story::events_of_type(kit, company, "balance.recovered").await)
}

fn falls(mail: &Message) -> bool {
    mail.subject.contains("balance of Current account below")
}

fn recovers(mail: &Message) -> bool {
    mail.subject.contains("balance of Current account recovered")
}

/// Proves: U18
#[test]
fn a_balance_that_flaps_around_its_threshold_is_one_letter() {
    run(async {
        let kit = kit();
        let (owner, ledger) = account(kit).await;
        set(kit, COMPANYS, (&owner.person, &owner.here), json!({ "threshold_minor": 500 })).await;
        balances(kit, &owner, &ledger, &[499, 500, 498, 501, 497]).await;
        assert_eq!(events(kit, &owner).await, (1, 0), "the pause is a day");
        kit.mailbox.wait_for(&owner.person.email, "warning", falls).await;

        // Without a pause, the balance has to recover first.
        let rule =
            json!({ "threshold_minor": 400, "recovers_at_minor": 600, "pause_hours": 0, "tells_recovery": true });
        let answer = set(kit, COMPANYS, (&owner.person, &owner.here), rule.clone()).await;
        assert_eq!(answer["bank_account"]["threshold"], rule, "{answer}");
        balances(kit, &owner, &ledger, &[399, 599, 398, 600, 397]).await;
        assert_eq!(events(kit, &owner).await, (3, 1));
        kit.mailbox.wait_for(&owner.person.email, "recovery", recovers).await;
    });
}

/// Proves: M2, 5
#[test]
fn a_person_is_told_by_thresholds_of_their_own_while_they_see_balances() {
    run(async {
        let kit = kit();
        let (owner, ledger) = account(kit).await;
        let (reader, other) = tokio::join!(
            cast::member(kit, &owner, "Rosa Reader", "custom", Some(&["bank.view"])),
            cast::member(kit, &owner, "Clara Client", "custom", Some(&["bank.view"])),
        );
        let thresholds = json!({ "currency": "EUR", "thresholds": [
            { "threshold_minor": 500 }, { "threshold_minor": 100, "recovers_at_minor": 150, "tells_recovery": true },
        ] });
        let mine = set(kit, OWN, (&reader.person, &reader.here), thresholds).await;
        assert_eq!(mine["thresholds"][1]["recovers_at_minor"], 150, "{mine}");
        assert_eq!(kit.api.get(OWN).by(&reader.person).within(&reader.here).ok(200).await, mine);
        let others = kit.api.get(OWN).by(&other.person).within(&other.here).ok(200).await;
        assert_eq!(others["thresholds"], json!([]), "another person's thresholds");
        set(kit, OWN, (&other.person, &other.here), json!({ "thresholds": [{ "threshold_minor": 300 }] })).await;

        balances(kit, &owner, &ledger, &[450]).await;
        kit.mailbox.wait_for(&reader.person.email, "own threshold", falls).await;
        assert_eq!(events(kit, &owner).await, (1, 0));
        for inbox in [kit.mailbox.inbox(&owner.person.email).await, kit.mailbox.inbox(&other.person.email).await] {
            assert!(!inbox.iter().any(falls), "a threshold of somebody else's");
        }

        // The other person leaves the module: their threshold tells them nothing any more.
        let path = format!("/v1/members/{}", other.person.user);
        let narrowed = json!({ "role": "custom", "permissions": ["payments.view"] });
        kit.api.patch(&path).by(&owner.person).within(&owner.here).json(narrowed).ok(200).await;
        balances(kit, &owner, &ledger, &[90, 160]).await;
        kit.mailbox.wait_for(&reader.person.email, "recovery", recovers).await;
        assert!(!kit.mailbox.inbox(&other.person.email).await.iter().any(falls), "told without the permission");
    });
}

/// Proves: 3
#[test]
fn thresholds_that_cannot_hold_are_refused_by_their_field() {
    run(async {
        let kit = kit();
        let (owner, _) = account(kit).await;
        let before = kit.table.trace(&owner.company.id).await;
        let put =
            |path: &str, body: Value| kit.api.put(path).by(&owner.person).within(&owner.here).json(body).send_owned();
        for (body, field) in [
            (json!({ "threshold_minor": 500, "currency": "USD" }), "currency"),
            (json!({ "threshold_minor": 500, "recovers_at_minor": 499 }), "recovers_at_minor"),
            (json!({ "threshold_minor": 500, "pause_hours": 721 }), "pause_hours"),
            (json!({ "threshold_minor": 500, "pause_hours": -1 }), "pause_hours"),
            (json!({ "threshold_minor": 500, "user": "x" }), "user"),
        ] {
            refused_input(&put(COMPANYS, body).await, field);
        }
        let many = |count: i64| (0..count).map(|n| json!({ "threshold_minor": n })).collect::<Vec<_>>();
        for (body, field) in [
            (json!({ "thresholds": many(4) }), "thresholds"),
            (json!({ "thresholds": [{ "threshold_minor": 1 }, { "threshold_minor": 1 }] }), "thresholds"),
            (json!({ "thresholds": many(2), "currency": "USD" }), "currency"),
            (
                json!({ "thresholds": [{ "threshold_minor": 2, "recovers_at_minor": 1 }] }),
                "thresholds[0].recovers_at_minor",
            ),
            (json!({}), "thresholds"),
        ] {
            refused_input(&put(OWN, body).await, field);
        }
        assert_eq!(kit.table.trace(&owner.company.id).await, before);
    });
}
