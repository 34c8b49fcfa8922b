//! Scheduled runs that come again: beside another run, and from a dead-letter queue when all is done.

use serde_json::json;
use tests::cast::text;
use tests::mailbox::Message;
use tests::{checkout, kit, run, story};

use crate::payments;
use crate::reminders::{self, HOUR, REMINDING};

use super::balances::{crossings, is_warning, watched_account};
use super::rig::{Rig, invoke, response};

/// F19: each schedule has one thing to do. It runs twice at once, and once more when all is done: one event and
/// one letter about each thing. The sweep of events has a test of its own, in `relaying`.
/// Proves: F19
#[test]
fn redriven_schedules_find_nothing_left_to_do() {
    run(async {
        let _alone = REMINDING.lock().await;
        let kit = kit();
        let (inviter, invited) = reminders::invited(kit).await;
        reminders::pass(kit, &invited, 130 * HOUR, 38 * HOUR).await;
        let (watcher, ledger) = watched_account(kit).await;
        ledger.balance(kit, &watcher.company.id, "BANK-1", 40_000).await;
        let payer = payments::billed(kit, 10_000).await;
        let started = payments::pay(kit, &payer, 10_000).await.ok(201);
        let secret = text(&started, "/provider/client_secret");
        let silently = json!({ "status": "succeeded", "amount_received": 10_000, "notify": false });
        checkout::tamper(kit, checkout::intent_of(&secret), &silently).await;

        for (function, event) in [
            ("notify", json!({ "schedule": "reminders", "before_hours": 48 })),
            ("notify", json!({ "schedule": "thresholds" })),
            ("reconcile", json!({ "schedule": "payments" })),
        ] {
            let rig = Rig::of(kit, function).await;
            let crowd = rig.crowd(2).await;
            let (one, two) = tokio::join!(invoke(&crowd[0], &event), invoke(&crowd[1], &event));
            response(&one);
            response(&two);
            response(&invoke(&crowd[0], &event).await);
        }

        let received = |mail: &Message| mail.text.contains("€100.00");
        tokio::join!(
            kit.mailbox.wait_for(&invited.email, "reminder", reminders::reminds),
            kit.mailbox.wait_for(&watcher.person.email, "warning", is_warning),
            kit.mailbox.wait_for(&payer.person.email, "word of the payment", received),
        );
        assert_eq!(reminders::reminded(kit, &inviter).await, 1);
        assert_eq!(crossings(kit, &watcher).await, 1);
        assert_eq!(story::events_of_type(kit, &payer.company.id, "payment.succeeded").await, 1);
        let letters = async |email: &str, wanted: fn(&Message) -> bool| {
            kit.mailbox.inbox(email).await.iter().filter(|mail| wanted(mail)).count()
        };
        assert_eq!(letters(&invited.email, reminders::reminds).await, 1);
        assert_eq!(letters(&watcher.person.email, is_warning).await, 1);
        assert_eq!(letters(&payer.person.email, received).await, 1);
    });
}
