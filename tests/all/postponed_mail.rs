//! Mail that waits: for the end of quiet hours, and for a digest.

use serde_json::{Value, json};
use tests::cast::{self, Context, Owner, list, text};
use tests::machine::Ledger;
use tests::mailbox::Message;
use tests::people::Person;
use tests::postponed::{RUNNING, Waits, pass, quiet_now, send_what_is_due, waiting};
use tests::table::{self, Item};
use tests::{Kit, kit, run};

use crate::faults::rig::eventually;
use crate::mail_preferences::unsubscribing;
use crate::notifications::hear;

const SETTINGS: &str = "/v1/notification-settings";

pub(crate) async fn choose(kit: &Kit, person: &Person, body: Value) {
    kit.api.patch(SETTINGS).by(person).json(body).ok(200).await;
}

/// Quiet hours that the present hour and the next lie in, by a clock that shows UTC.
async fn be_quiet(kit: &Kit, person: &Person) {
    kit.api.patch("/v1/me").by(person).json(json!({ "time_zone": "UTC" })).ok(200).await;
    choose(kit, person, json!({ "quiet_hours": quiet_now("UTC") })).await;
}

/// The ledger hands in a transaction that waits for a sign-off, and everybody is told of it.
pub(crate) async fn waits(kit: &Kit, owner: &Owner, reference: &str) {
    Ledger::sign_in(kit).await.transaction(kit, &owner.company.id, reference, 5_000, None).await;
    hear(kit, owner, "approval.requested", reference).await;
}

/// How many letters about waiting transactions somebody has got.
async fn asked(kit: &Kit, person: &Person) -> usize {
    kit.mailbox.inbox(&person.email).await.iter().filter(|mail| asks(mail)).count()
}

fn asks(mail: &Message) -> bool {
    mail.text.contains("Nordwind Supplies") && !is_digest(mail)
}

pub(crate) fn is_digest(mail: &Message) -> bool {
    mail.subject.contains("notification") && mail.subject.contains(" from ")
}

pub(crate) async fn digests(kit: &Kit, person: &Person) -> Vec<Message> {
    kit.mailbox.inbox(&person.email).await.into_iter().filter(is_digest).collect()
}

/// The state of each mail about a transaction to somebody, and why.
async fn logged(kit: &Kit, path: &str, person: &Person, here: &Context) -> Vec<(String, String, String)> {
    let page = kit.api.get(path).by(person).within(here).ok(200).await;
    let asking = list(&page, "mails").iter().filter(|mail| text(mail, "/letter") == "approval-requested");
    let reason = |mail: &Value| mail["reason"].as_str().unwrap_or_default().to_owned();
    asking.map(|mail| (text(mail, "/subject/id"), text(mail, "/state"), reason(mail))).collect()
}

fn shown(about: &str, state: &str, reason: &str) -> (String, String, String) {
    (about.to_owned(), state.to_owned(), reason.to_owned())
}

fn is_past(item: &Item, attribute: &str) -> bool {
    table::text(item, attribute).is_some_and(|at| at < format!("{:.3}", jiff::Timestamp::now()).as_str())
}

/// Proves: NT7, 28
#[test]
fn quiet_hours_put_off_what_can_wait_and_nothing_else() {
    run(async {
        let _alone = RUNNING.lock().await;
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Night Ltd").await;
        let (person, company) = (&owner.person, owner.company.id.as_str());
        cast::approval_policy(kit, &owner, 1).await;
        be_quiet(kit, person).await;
        for reference in ["PAY-1", "PAY-2"] {
            waits(kit, &owner, reference).await;
        }
        let page = kit.api.get("/v1/notifications").by(person).within(&owner.here).ok(200).await;
        let told = list(&page, "notifications").iter().filter(|entry| entry["type"] == json!("approval.requested"));
        assert_eq!(told.count(), 2, "the inbox has no quiet hours");
        assert_eq!(asked(kit, person).await, 0);
        let held = [shown("PAY-2", "held", ""), shown("PAY-1", "held", "")];
        assert_eq!(logged(kit, "/v1/mails", person, &owner.here).await, held);

        // What was decided meanwhile needs no letter.
        let body = json!({ "decision": "approved" });
        kit.api.post("/v1/approvals/PAY-2/decision").by(person).within(&owner.here).json(body).ok(200).await;

        // A changed control cannot wait.
        let body = json!({ "enabled": false, "threshold_minor": 1, "currency": "EUR" });
        kit.api.put("/v1/approval-policy").by(person).within(&owner.here).json(body).ok(200).await;
        let changed = |mail: &Message| mail.subject.contains("no longer needs approvals");
        kit.mailbox.wait_for(&person.email, "change of the policy", changed).await;

        // The end is looked up when it has come: quiet hours may have been moved.
        pass(kit, company, person, Waits::Held).await;
        send_what_is_due(kit).await;
        assert_eq!(asked(kit, person).await, 0, "they go on");
        assert!(!is_past(&waiting(kit, company, person).await, "held_until"));

        choose(kit, person, json!({ "quiet_hours": null })).await;
        pass(kit, company, person, Waits::Held).await;
        for _ in 0..2 {
            send_what_is_due(kit).await;
        }
        kit.mailbox.wait_for(&person.email, "letter that waited", asks).await;
        assert_eq!(asked(kit, person).await, 1);
        let ended = [shown("PAY-2", "suppressed", "no_longer_due"), shown("PAY-1", "sent", "")];
        let says_so = async || (logged(kit, "/v1/mails", person, &owner.here).await == ended).then_some(());
        eventually("the log says so", says_so).await;
    });
}

/// Proves: NT7, NT5, F24, 28
#[test]
fn a_day_has_one_digest_of_what_one_may_still_see() {
    run(async {
        let _alone = RUNNING.lock().await;
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Digest Ltd").await;
        let admin = cast::member(kit, &owner, "Adam Admin", "admin", None).await;
        let company = owner.company.id.as_str();
        cast::approval_policy(kit, &owner, 1).await;
        let together = json!({
            "categories": [{ "category": "approvals", "mail": "in_digest" }],
            "digest": { "cadence": "daily", "hour": 7 },
        });
        for person in [&owner.person, &admin.person] {
            choose(kit, person, together.clone()).await;
        }
        for reference in ["PAY-1", "PAY-2"] {
            waits(kit, &owner, reference).await;
        }
        let queued = [shown("PAY-2", "queued", "in_digest"), shown("PAY-1", "queued", "in_digest")];
        assert_eq!(logged(kit, "/v1/mails", &owner.person, &owner.here).await, queued);
        // Before the digest comes, one transaction is decided, and one of the two people may decide no more.
        let body = json!({ "decision": "approved" });
        let path = "/v1/approvals/PAY-2/decision";
        kit.api.post(path).by(&owner.person).within(&owner.here).json(body).ok(200).await;
        let member = format!("/v1/members/{}", admin.person.user);
        let less = json!({ "role": "client" });
        kit.api.patch(&member).by(&owner.person).within(&owner.here).json(less).ok(200).await;
        for person in [&owner.person, &admin.person] {
            pass(kit, company, person, Waits::InDigest).await;
        }
        for _ in 0..2 {
            send_what_is_due(kit).await;
        }
        let mail = kit.mailbox.wait_for(&owner.person.email, "digest", is_digest).await;
        assert_eq!(mail.subject, "1 notification from Digest Ltd");
        assert!(mail.text.contains(&format!("/companies/{company}/notifications")), "{mail}");
        assert_eq!(digests(kit, &owner.person).await.len(), 1);
        assert!(digests(kit, &admin.person).await.is_empty(), "who may not see it was told");
        assert_eq!(asked(kit, &owner.person).await, 0, "it was mailed by itself too");
        let ended = [shown("PAY-2", "suppressed", "no_longer_due"), shown("PAY-1", "sent", "in_digest")];
        let says_so = async || (logged(kit, "/v1/mails", &owner.person, &owner.here).await == ended).then_some(());
        eventually("the log says which was left out", says_so).await;
        let digest = eventually("the digest is in the log, as sent", async || {
            let page = kit.api.get("/v1/mails").by(&owner.person).within(&owner.here).ok(200).await;
            let is_it = |mail: &&Value| text(mail, "/letter") == "digest" && text(mail, "/state") == "sent";
            list(&page, "mails").iter().find(is_it).cloned()
        })
        .await;
        assert_eq!(text(&digest, "/recipient/kind"), "digest");
        let about = "/v1/sent-mails?subject_kind=approval&subject_id=PAY-1";
        let ended = [shown("PAY-1", "sent", "in_digest"), shown("PAY-1", "suppressed", "no_longer_due")];
        eventually("who reads the audit log sees that one of the two was left out", async || {
            let mut both = logged(kit, about, &owner.person, &owner.here).await;
            both.sort();
            (both == ended).then_some(())
        })
        .await;

        // What comes later on the same day waits for the next one.
        waits(kit, &owner, "PAY-3").await;
        pass(kit, company, &owner.person, Waits::InDigest).await;
        send_what_is_due(kit).await;
        assert_eq!(digests(kit, &owner.person).await.len(), 1);
        assert!(!is_past(&waiting(kit, company, &owner.person).await, "digest_at"));
    });
}

/// A person who clicks in one company's digest would otherwise get the next one from another.
/// Proves: NT8, NT9
#[test]
fn the_link_in_a_digest_stops_all_digests_and_no_other_mail() {
    run(async {
        let _alone = RUNNING.lock().await;
        let kit = kit();
        let first = cast::owner(kit, "Otto Owner", "First Ltd").await;
        let person = &first.person;
        let mut second = first.clone();
        second.company = cast::register_company(kit, person, "Second Ltd").await;
        second.here = cast::enter(kit, person, &second.company.id).await;
        choose(kit, person, json!({ "categories": [{ "category": "approvals", "mail": "in_digest" }] })).await;
        for owner in [&first, &second] {
            cast::approval_policy(kit, owner, 1).await;
            waits(kit, owner, "PAY-1").await;
        }
        pass(kit, &first.company.id, person, Waits::InDigest).await;
        send_what_is_due(kit).await;
        let mail = kit.mailbox.wait_for(&person.email, "digest", is_digest).await;
        let link = unsubscribing(&mail).expect("the digest has a link");
        let answer = kit.api.post(&link).form(&[("List-Unsubscribe", "One-Click")]).send().await;
        answer.ok_page();

        pass(kit, &second.company.id, person, Waits::InDigest).await;
        send_what_is_due(kit).await;
        assert_eq!(digests(kit, person).await.len(), 1, "one came after digests were stopped");
        assert_eq!(asked(kit, person).await, 0);
        let settings = kit.api.get(SETTINGS).by(person).ok(200).await;
        assert_eq!(settings["notification_settings"]["digests_stopped"], json!(true));

        // What comes at once still does, and to choose a digest again starts them again.
        choose(kit, person, json!({ "categories": [{ "category": "approvals", "mail": "at_once" }] })).await;
        waits(kit, &first, "PAY-2").await;
        kit.mailbox.wait_for(&person.email, "letter", asks).await;
        choose(kit, person, json!({ "categories": [{ "category": "approvals", "mail": "in_digest" }] })).await;
        let settings = kit.api.get(SETTINGS).by(person).ok(200).await;
        assert_eq!(settings["notification_settings"]["digests_stopped"], json!(false));
    });
}

/// Proves: NT3
#[test]
fn hours_that_no_clock_shows_are_refused() {
    run(async {
        let kit = kit();
        let person = tests::people::sign_up(kit, "Hanna Hours").await;
        for (body, field) in [
            (json!({ "quiet_hours": { "from_hour": 25, "until_hour": 7 } }), "quiet_hours"),
            (json!({ "quiet_hours": { "from_hour": 7, "until_hour": 7 } }), "quiet_hours"),
            (json!({ "quiet_hours": { "from_hour": 22 } }), "quiet_hours"),
            (json!({ "digest": { "cadence": "daily", "hour": 24 } }), "digest.hour"),
            (json!({ "digest": { "cadence": "hourly", "hour": 7 } }), "digest.cadence"),
            (json!({ "digest": { "cadence": "weekly", "hour": 7, "weekday": "someday" } }), "digest.weekday"),
        ] {
            let answer = kit.api.patch(SETTINGS).by(&person).json(body).send().await;
            answer.refused_field(422, "invalid-field", field);
        }
        let answer = kit.api.patch("/v1/me").by(&person).json(json!({ "time_zone": "Mars/Olympus" })).send().await;
        answer.refused_field(422, "invalid-field", "time_zone");
        let settings = kit.api.get(SETTINGS).by(&person).ok(200).await;
        let by_default = json!({ "cadence": "daily", "hour": 8, "weekday": "monday" });
        assert_eq!(settings["notification_settings"]["digest"], by_default);
        assert!(settings["notification_settings"].get("quiet_hours").is_none(), "{settings}");
    });
}
