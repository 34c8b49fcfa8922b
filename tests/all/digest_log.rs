//! What the mail log says of the mails in a digest, whatever becomes of it.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use tests::cast::{self, Owner, list, text};
use tests::feedback::about_mail;
use tests::postponed::{RUNNING, Waits, pass, send_what_is_due, waiting};
use tests::table::{self, Item};
use tests::{Kit, kit, run};

use crate::delivery::{hear as report_to_stack, other_letter, report};
use crate::faults::rig::eventually;
use crate::notification_settings::waits;

/// A company whose owner has a digest of approvals, with a transaction that waits for a sign-off.
async fn with_digest(kit: &Kit, company: &str) -> Owner {
    let owner = cast::owner(kit, "Otto Owner", company).await;
    cast::approval_policy(kit, &owner, 1).await;
    let together = json!({ "categories": [{ "category": "approvals", "mail": "in_digest" }] });
    kit.api.patch("/v1/notification-settings").by(&owner.person).json(together).ok(200).await;
    waits(kit, &owner, "PAY-1").await;
    owner
}

/// State and reason of each mail of a kind.
async fn logged(kit: &Kit, owner: &Owner, letter: &str) -> Vec<(String, String)> {
    let page = kit.api.get("/v1/mails").by(&owner.person).within(&owner.here).ok(200).await;
    let of_kind = list(&page, "mails").iter().filter(|mail| text(mail, "/letter") == letter);
    let reason = |mail: &Value| mail["reason"].as_str().unwrap_or_default().to_owned();
    of_kind.map(|mail| (text(mail, "/state"), reason(mail))).collect()
}

/// Waits until the mail about the transaction is in this state.
async fn until(kit: &Kit, owner: &Owner, state: &str, reason: &str) {
    let wanted = [(state.to_owned(), reason.to_owned())];
    eventually(&format!("the log says {state}, {reason}"), async || {
        (logged(kit, owner, "approval-requested").await == wanted).then_some(())
    })
    .await;
}

/// The digest's record in the log.
async fn digest(kit: &Kit, owner: &Owner) -> Item {
    let is_it = |item: &Item| table::text(item, "letter") == Some("digest");
    let all = kit.table.partition(&format!("COMPANY#{}", owner.company.id)).await;
    all.into_iter().find(is_it).expect("it is in the log")
}

/// A mail that never arrived would otherwise stand in the log as sent.
/// Proves: ML1, F10
#[test]
fn a_mail_in_a_digest_that_did_not_arrive_says_so() {
    run(async {
        let _alone = RUNNING.lock().await;
        let kit = kit();
        let owner = with_digest(kit, "Bounced Ltd").await;
        pass(kit, &owner.company.id, &owner.person, Waits::InDigest).await;
        send_what_is_due(kit).await;
        until(kit, &owner, "sent", "in_digest").await;
        let record = digest(kit, &owner).await;
        for (kind, state, reason) in [
            ("transient-bounce", "failed", "not_accepted"),
            ("delivery", "delivered", "in_digest"),
            ("bounce", "bounced", "in_digest"),
        ] {
            let report = about_mail(other_letter(report(kind, "", 0, &owner.person.email)), &record);
            for _ in 0..2 {
                report_to_stack(kit, &report).await;
            }
            until(kit, &owner, state, reason).await;
        }
    });
}

/// As a process leaves it that took the digest of an event and died, a while ago.
async fn leave_taken(kit: &Kit, owner: &Owner, shard: &str, event: &str, day: &str) {
    let (pk, sk) = (format!("COMPANY#{}", owner.company.id), format!("POSTPONED#{}", owner.person.user));
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let past = format!("{:.3}", jiff::Timestamp::now() - jiff::SignedDuration::from_secs(60));
    let taken = HashMap::from([
        ("events".to_owned(), AttributeValue::L(vec![text(event)])),
        ("day".to_owned(), text(day)),
        ("until".to_owned(), text(&past)),
    ]);
    for (attribute, value) in [
        ("taken", AttributeValue::M(taken)),
        ("in_digest", AttributeValue::L(Vec::new())),
        ("digest_at", AttributeValue::Null(true)),
        ("last_digest_on", text(day)),
        ("gsi2pk", text(shard)),
        ("gsi2sk", text(&past)),
    ] {
        kit.table.set(&pk, &sk, attribute, value).await;
    }
}

/// A process that dies between taking a digest and recording it would otherwise leave its mails waiting for ever.
/// Proves: F24, NT7
#[test]
fn a_digest_that_was_taken_and_not_finished_is_finished_by_the_next_run() {
    run(async {
        let _alone = RUNNING.lock().await;
        let kit = kit();
        let owner = with_digest(kit, "Resumed Ltd").await;
        let waits = waiting(kit, &owner.company.id, &owner.person).await;
        let shard = table::text(&waits, "gsi2pk").expect("it waits").to_owned();
        let event = waits["in_digest"].as_l().expect("a list")[0].as_s().expect("an id").clone();
        let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date().to_string();
        until(kit, &owner, "queued", "in_digest").await;

        leave_taken(kit, &owner, &shard, &event, &today).await;
        let mails = async || {
            let inbox = kit.mailbox.inbox(&owner.person.email).await;
            inbox.iter().filter(|mail| mail.subject.contains("from Resumed Ltd")).count()
        };
        send_what_is_due(kit).await;
        until(kit, &owner, "sent", "in_digest").await;
        assert_eq!(mails().await, 1);

        // It dies after SES took the digest, and before the log says so of the mails in it.
        let again = kit.table.mail(&owner.company.id, &event, &owner.person.user).await.expect("it is in the log");
        let (pk, sk) = (table::text(&again, "pk").expect("a key"), table::text(&again, "sk").expect("a key"));
        let queued = HashMap::from([
            ("state".to_owned(), AttributeValue::S("queued".to_owned())),
            ("at".to_owned(), again["at"].clone()),
            ("reason".to_owned(), AttributeValue::S("in_digest".to_owned())),
        ]);
        kit.table.set(pk, sk, "steps", AttributeValue::L(vec![AttributeValue::M(queued)])).await;
        until(kit, &owner, "queued", "in_digest").await;
        leave_taken(kit, &owner, &shard, &event, &today).await;
        send_what_is_due(kit).await;
        until(kit, &owner, "sent", "in_digest").await;
        assert_eq!(mails().await, 1, "the digest came twice");
        send_what_is_due(kit).await;
        let left = waiting(kit, &owner.company.id, &owner.person).await;
        assert!(!left.contains_key("taken") && !left.contains_key("gsi2sk"), "something still waits: {left:?}");
    });
}
