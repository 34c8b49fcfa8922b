//! Reminders of invitations about to expire (PROOF F13): once, in time, and never after an answer.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use tests::cast::{self, Invited, Owner};
use tests::mailbox::Message;
use tests::{Kit, kit, people, run, story};
use tokio::sync::Mutex;

use crate::faults::rig::{Rig, eventually, invoke, response};

pub(crate) const HOUR: i64 = 3_600;

/// Held by a test that runs the schedule: a run reminds everyone's invitations that are due, and so would come
/// before the run that a test of ours holds up.
pub(crate) static REMINDING: Mutex<()> = Mutex::const_new(());

fn schedule() -> Value {
    json!({ "schedule": "reminders", "before_hours": 48 })
}

pub(crate) async fn invited(kit: &Kit) -> (Owner, Invited) {
    let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
    let body = json!({ "kind": "member", "email": people::address("Gus Guest"), "role": "client" });
    let invited = cast::invite(kit, &owner.person, &owner.here, body).await;
    sent(kit, &invited).await;
    (owner, invited)
}

/// Waits until it is on record that the letter was sent.
pub(crate) async fn sent(kit: &Kit, invited: &Invited) {
    let key = format!("INVITATION#{}", invited.id);
    eventually("the sending is on record", async || kit.table.item(&key, "DELIVERY").await.map(|_| ())).await;
}

/// Makes time pass, as the table holds it: the invitation was made so long ago and expires so soon.
pub(crate) async fn pass(kit: &Kit, invited: &Invited, since_s: i64, left_s: i64) {
    let key = format!("INVITATION#{}", invited.id);
    let at = |s: i64| {
        let at = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(s);
        AttributeValue::S(format!("{at:.3}"))
    };
    kit.table.set(&key, "INVITATION", "created_at", at(-since_s)).await;
    for (sk, attribute) in [("INVITATION", "expires_at"), ("DELIVERY", "expires_at"), ("DELIVERY", "gsi2sk")] {
        kit.table.set(&key, sk, attribute, at(left_s)).await;
    }
}

pub(crate) async fn reminded(kit: &Kit, owner: &Owner) -> usize {
    story::events_of_type(kit, &owner.company.id, "invitation.reminded").await
}

pub(crate) fn reminds(mail: &Message) -> bool {
    mail.subject.starts_with("Reminder: ")
}

/// Proves: F13
#[test]
fn an_unanswered_invitation_is_reminded_of_once_with_the_same_link() {
    run(async {
        let _alone = REMINDING.lock().await;
        let kit = kit();
        let (owner, invited) = invited(kit).await;
        pass(kit, &invited, 130 * HOUR, 38 * HOUR).await;
        // As deployed: the schedule, the bus, the queue.
        let url = format!("{}/schedules/reminders", kit.stack.control_url);
        let due = kit.http.post(url).send().await.expect("the emulator answers");
        assert_eq!(due.status().as_u16(), 202, "there is no such schedule");
        let mail = kit.mailbox.wait_for(&invited.email, "reminder", reminds).await;
        assert_eq!(mail.link("/i/"), invited.link);
        for _ in 0..2 {
            kit.invoke("notify", &schedule()).await.ok();
        }
        assert_eq!(reminded(kit, &owner).await, 1);
        let page = kit.api.get(&invited.link).send().await;
        assert_eq!(page.status, 200, "the link of before still opens: {}", page.text());
        let inbox = kit.mailbox.inbox(&invited.email).await;
        assert_eq!(inbox.iter().filter(|mail| reminds(mail)).count(), 1);
    });
}

/// Proves: F13
#[test]
fn schedules_at_the_same_time_remind_once() {
    run(async {
        let _alone = REMINDING.lock().await;
        let kit = kit();
        let (owner, invited) = invited(kit).await;
        pass(kit, &invited, 130 * HOUR, 38 * HOUR).await;
        let rig = Rig::of(kit, "notify").await;
        let crowd = rig.crowd(4).await;
        let mut running = tokio::task::JoinSet::new();
        for function in crowd {
            running.spawn(async move { response(&invoke(&function, &schedule()).await).clone() });
        }
        running.join_all().await;
        assert_eq!(reminded(kit, &owner).await, 1);
    });
}

/// Proves: F13
#[test]
fn nobody_is_reminded_too_early_too_late_or_of_what_is_brand_new() {
    run(async {
        let _alone = REMINDING.lock().await;
        let kit = kit();
        for (since_s, left_s) in [(96 * HOUR, 49 * HOUR), (200 * HOUR, -1), (47 * HOUR, HOUR)] {
            let (owner, invited) = invited(kit).await;
            pass(kit, &invited, since_s, left_s).await;
            kit.invoke("notify", &schedule()).await.ok();
            assert_eq!(reminded(kit, &owner).await, 0, "{since_s} {left_s}");
        }
    });
}

/// Proves: F13
#[test]
fn nobody_is_reminded_after_an_answer_a_withdrawal_or_a_bounce() {
    run(async {
        let _alone = REMINDING.lock().await;
        let kit = kit();
        // Time passes after each answer: the schedule may run at any moment.
        let (owner, invited) = invited(kit).await;
        let path = format!("/v1/invitations/{}/revoke", invited.id);
        kit.api.post(&path).by(&owner.person).within(&owner.here).json(json!({})).ok(200).await;
        pass(kit, &invited, 130 * HOUR, 38 * HOUR).await;

        let declined = cast::owner(kit, "Dora Declined", "Declined Ltd").await;
        let guest = people::sign_up(kit, "Gus Guest").await;
        let body = json!({ "kind": "member", "email": guest.email, "role": "client" });
        let answered = cast::invite(kit, &declined.person, &declined.here, body).await;
        sent(kit, &answered).await;
        let body = json!({ "token": answered.token });
        let answer = kit.api.post("/v1/invitations/reject").by(&guest).json(body).send().await;
        assert!(answer.status < 300, "{}", answer.text());
        pass(kit, &answered, 130 * HOUR, 38 * HOUR).await;

        let member = cast::owner(kit, "Olga Other", "Others Ltd").await;
        let guest = people::sign_up(kit, "Gus Guest").await;
        let body = json!({ "kind": "member", "email": guest.email, "role": "client" });
        let accepted = cast::invite(kit, &member.person, &member.here, body).await;
        sent(kit, &accepted).await;
        cast::accept(kit, &guest, &accepted.token, None).await;
        pass(kit, &accepted, 130 * HOUR, 38 * HOUR).await;

        let (bounced, lost) = self::invited(kit).await;
        let report = crate::delivery::report("bounce", &lost.id, 1, &lost.email);
        kit.invoke("feedback", &crate::faults::rig::batch(&[("m-1", report.to_string())])).await.ok();
        pass(kit, &lost, 130 * HOUR, 38 * HOUR).await;

        kit.invoke("notify", &schedule()).await.ok();
        for owner in [&owner, &declined, &member, &bounced] {
            assert_eq!(reminded(kit, owner).await, 0, "{}", owner.company.name);
        }
    });
}

/// An answer that comes between the schedule's look and its record wins: no reminder of what ended.
/// Proves: 28, F13
#[test]
fn an_answer_that_meets_the_schedule_is_not_reminded_of() {
    run(async {
        let _alone = REMINDING.lock().await;
        let kit = kit();
        let (owner, invited) = invited(kit).await;
        pass(kit, &invited, 130 * HOUR, 38 * HOUR).await;
        let rig = Rig::of(kit, "notify").await;
        let id = invited.id.clone();
        let about = move |request: &Value| request.to_string().contains(&id);
        let held = rig
            .table
            .place(tests::chaos::Rule::on("TransactWriteItems", tests::chaos::Fault::Hold).when(about).times(1));
        let function = rig.start().await;
        let running = tokio::spawn(async move { response(&invoke(&function, &schedule()).await).clone() });
        held.reached(1).await;
        let path = format!("/v1/invitations/{}/revoke", invited.id);
        kit.api.post(&path).by(&owner.person).within(&owner.here).json(json!({})).ok(200).await;
        held.release();
        running.await.expect("nothing panics");
        assert_eq!(reminded(kit, &owner).await, 0);
    });
}
