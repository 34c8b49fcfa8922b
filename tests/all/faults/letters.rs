//! Letters: a poison message among good ones, an SES that fails before or after it accepts, a process
//! that dies in between, and everything that comes back from a dead-letter queue.
//!
//! The events are put on record here and the bus never carries them, so that the deployed `notify` has no part in them.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use tests::cast::{self, Owner, list, text};
use tests::chaos::{Chaos, Fault, Rule};
use tests::feedback::about_mail;
use tests::runtime_api::{Function, RuntimeApiError};
use tests::{Kit, kit, people, run};

use crate::delivery::{hear, other_letter, report};

use super::rig::{Refusing, Rig, approval_requested, batch, invoke, message, on_record, to_come_again};

/// How often one letter is tried in one delivery.
const TRIES_MAX: usize = 5;
/// What the function has for a batch where it is deployed.
const DEPLOYED_TIME: Duration = Duration::from_secs(30);
/// Little enough that SES is soon waited for no more.
const SHORT_TIME: Duration = Duration::from_secs(18);

/// A company whose owner is to be told of something, and the function that tells them.
struct Scene {
    owner: Owner,
    payee: String,
    event: Value,
    notify: Rig,
    ses: Chaos,
}

impl Scene {
    async fn set(kit: &Kit) -> Self {
        let ses = Chaos::in_front_of(&kit.stack.endpoint).await.expect("the proxy starts");
        Self::with_ses(kit, ses).await
    }

    async fn with_ses(kit: &Kit, ses: Chaos) -> Self {
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let payee = format!("Payee {}", people::unique());
        let event = approval_requested(&owner.company.id, &payee);
        on_record(kit, &event).await;
        let notify = Rig::of(kit, "notify").await.through("SESV2", &ses);
        Self { owner, payee, event, notify, ses }
    }

    /// With so much time for a batch.
    fn with_time(self, time: Duration) -> Self {
        Self { notify: self.notify.with_time(time), ..self }
    }

    /// Delivers the message once, and says whether it must come again.
    async fn deliver(&self, function: &Function) -> bool {
        let payload = invoke(function, &self.batch()).await;
        !to_come_again(&payload).is_empty()
    }

    fn batch(&self) -> Value {
        batch(&[("the-message", message(&self.event))])
    }

    /// How many letters about it the owner has got.
    async fn letters(&self, kit: &Kit) -> usize {
        let inbox = kit.mailbox.inbox(&self.owner.person.email).await;
        inbox.iter().filter(|mail| mail.text.contains(&self.payee)).count()
    }

    /// How often SES was asked to send.
    fn asked(&self) -> usize {
        self.ses.exchanges().len()
    }

    /// Moves the end of the claim on the letter into the past.
    async fn the_lease_runs_out(&self, kit: &Kit) {
        let (company, event) = (&self.owner.company.id, text(&self.event, "/id"));
        let mail =
            kit.table.mail(company, &event, &self.owner.person.user).await.expect("the letter is in the mail log");
        let key = |name: &str| tests::table::text(&mail, name).expect("a key").to_owned();
        let past = AttributeValue::S("2026-01-01T00:00:00.000Z".to_owned());
        kit.table.set(&key("pk"), &key("sk"), "lease_until", past).await;
    }
}

/// F8: of one batch, exactly the messages that nobody can handle are reported.
/// Proves: F8
#[test]
fn poison_among_good_messages_is_all_that_is_reported() {
    run(async {
        let kit = kit();
        let scene = Scene::set(kit).await;
        let function = scene.notify.start().await;
        let other = format!("Payee {}", people::unique());
        let second = approval_requested(&scene.owner.company.id, &other);
        on_record(kit, &second).await;
        let broken = async |change: fn(&mut Value)| {
            let mut event = approval_requested(&scene.owner.company.id, "Poison");
            change(&mut event);
            on_record(kit, &event).await;
            message(&event)
        };
        let payload = invoke(
            &function,
            &batch(&[
                ("not-json", "poison".to_owned()),
                ("good-1", message(&scene.event)),
                ("no-event", json!({ "detail": { "id": "ev_1" } }).to_string()),
                ("unknown-type", broken(|event| event["type"] = json!("approval.pondered")).await),
                ("no-amount", broken(|event| event["data"]["amount_minor"] = json!("a lot")).await),
                (
                    "of-a-firm",
                    broken(|event| event["org"] = json!({ "kind": "firm", "id": format!("fm_{:032}", 1) })).await,
                ),
                ("good-2", message(&second)),
            ]),
        )
        .await;
        assert_eq!(to_come_again(&payload), ["not-json", "no-event", "unknown-type", "no-amount", "of-a-firm"]);
        assert_eq!(scene.letters(kit).await, 1);
        let inbox = kit.mailbox.inbox(&scene.owner.person.email).await;
        assert_eq!(inbox.iter().filter(|mail| mail.text.contains(&other)).count(), 1);
    });
}

/// S20: somebody may put events on the bus, such as a rule of the vendor's own. What no event stands behind is mailed to nobody,
/// and a letter says what is on record, whatever the message says.
/// Proves: S20
#[test]
fn a_message_that_no_event_stands_behind_mails_nobody() {
    run(async {
        let kit = kit();
        let scene = Scene::set(kit).await;
        let function = scene.notify.start().await;
        let (made_up, exaggerated) = (format!("Payee {}", people::unique()), format!("Payee {}", people::unique()));
        let mut changed = scene.event.clone();
        changed["data"]["payee"] = json!(exaggerated);
        let messages = [
            ("made-up", message(&approval_requested(&scene.owner.company.id, &made_up))),
            ("changed", message(&changed)),
        ];
        assert_eq!(to_come_again(&invoke(&function, &batch(&messages)).await), Vec::<String>::new());
        let inbox = kit.mailbox.inbox(&scene.owner.person.email).await;
        for never in [&made_up, &exaggerated] {
            assert!(!inbox.iter().any(|mail| mail.text.contains(never)), "a letter believes the bus");
        }
        assert_eq!(scene.letters(kit).await, 1, "the event that is on record is told of as it is there");
    });
}

/// F9: SES fails before it accepts anything. The message comes again, and one letter is sent.
/// Proves: F9
#[test]
fn a_letter_that_ses_could_not_take_is_sent_once_later() {
    run(async {
        let kit = kit();
        let scene = Scene::set(kit).await.with_time(SHORT_TIME);
        let function = scene.notify.start().await;
        for fault in [Fault::ServerError, Fault::Throttling] {
            let failing = scene.ses.place(Rule::on_everything(fault));
            assert!(scene.deliver(&function).await, "{fault:?}: a letter that was not sent is not done");
            // While there is time, SES is asked again; after that, the queue is what waits.
            let tries = failing.hits();
            assert!((2..=TRIES_MAX).contains(&tries), "{fault:?}: {tries}");
            failing.remove();
            // The holder of the claim may still be about to send.
            let asked = scene.asked();
            assert!(scene.deliver(&function).await, "{fault:?}: a held claim is not done");
            assert_eq!(scene.asked(), asked, "{fault:?}");
            assert_eq!(scene.letters(kit).await, 0);
            scene.the_lease_runs_out(kit).await;
        }
        assert!(!scene.deliver(&function).await);
        assert!(!scene.deliver(&function).await);
        assert_eq!(scene.letters(kit).await, 1);
    });
}

/// F9: SES throttles for moments, as when letters go out faster than it takes them.
/// Proves: F9
#[test]
fn a_letter_that_ses_throttled_twice_is_sent_in_the_same_delivery() {
    run(async {
        let kit = kit();
        let scene = Scene::set(kit).await;
        let function = scene.notify.start().await;
        let throttled = scene.ses.place(Rule::on_everything(Fault::Throttling).times(2));
        assert!(!scene.deliver(&function).await);
        assert_eq!((throttled.hits(), scene.asked(), scene.letters(kit).await), (2, 3, 1));
        assert!(!scene.deliver(&function).await);
        assert_eq!((scene.asked(), scene.letters(kit).await), (3, 1));
    });
}

/// F9: SES throttles throughout, as beyond its daily quota. The batch comes back, SES was not asked about
/// each of its letters, and those it was not asked about wait for no claim.
/// Proves: F9
#[test]
fn while_ses_throttles_throughout_a_batch_comes_back_without_asking_for_each_letter() {
    run(async {
        let kit = kit();
        let scene = Scene::set(kit).await.with_time(DEPLOYED_TIME);
        let function = scene.notify.start().await;
        let payees: Vec<String> = (0..6).map(|number| format!("{} No. {number}.", scene.payee)).collect();
        let mut messages = Vec::new();
        for (id, payee) in ["m-0", "m-1", "m-2", "m-3", "m-4", "m-5"].into_iter().zip(&payees) {
            let event = approval_requested(&scene.owner.company.id, payee);
            on_record(kit, &event).await;
            messages.push((id, message(&event)));
        }
        let all: Vec<&str> = messages.iter().map(|(id, _)| *id).collect();
        let throttled = scene.ses.place(Rule::on_everything(Fault::Throttling));
        assert_eq!(to_come_again(&invoke(&function, &batch(&messages)).await), all);
        let asked = scene.ses.exchanges();
        let asked_about = |payee: &String| asked.iter().any(|ask| ask.request.to_string().contains(payee));
        let claimed = payees.iter().filter(|payee| asked_about(payee)).count();
        assert!((1..=2).contains(&claimed), "SES was asked about {claimed} letters");
        assert!((2..=2 * TRIES_MAX).contains(&asked.len()), "SES was asked {} times", asked.len());
        throttled.remove();
        assert_eq!(to_come_again(&invoke(&function, &batch(&messages)).await), all[..claimed]);
        assert_eq!(scene.letters(kit).await, payees.len() - claimed);
    });
}

/// F9: SES accepts and its answer is lost. The stated policy for every kind of letter: it comes again
/// once the lease has run out, and then no more.
/// Proves: F9
#[test]
fn a_letter_whose_acceptance_was_lost_is_repeated_once() {
    run(async {
        let kit = kit();
        let scene = Scene::set(kit).await;
        let function = scene.notify.start().await;
        let lost = scene.ses.place(Rule::on_everything(Fault::DropReply).times(1));
        assert!(scene.deliver(&function).await);
        assert_eq!((lost.hits(), scene.letters(kit).await), (1, 1));
        assert!(scene.deliver(&function).await, "within the lease nobody sends");
        assert_eq!(scene.letters(kit).await, 1);
        scene.the_lease_runs_out(kit).await;
        for _ in 0..3 {
            assert!(!scene.deliver(&function).await);
        }
        assert_eq!(scene.letters(kit).await, 2);
    });
}

/// F9, F2: the process dies between SES's answer and its own record of it.
/// Proves: F2
#[test]
fn a_sender_killed_before_it_recorded_the_letter_is_followed_by_one_that_repeats_it() {
    run(async {
        let kit = kit();
        let scene = Scene::set(kit).await;
        let function = scene.notify.start().await;
        let sent = |request: &Value| request.pointer("/Item/message_id").is_some();
        let held = scene.notify.table.place(Rule::on("PutItem", Fault::Hold).when(sent).times(1));
        let delivering = {
            let (function, batch) = (function.clone(), scene.batch());
            tokio::spawn(async move { function.invoke(&batch).await })
        };
        held.reached(1).await;
        function.kill().await;
        assert!(matches!(delivering.await.expect("nothing panics"), Err(RuntimeApiError::Ended { .. })));
        assert_eq!(scene.letters(kit).await, 1);
        let next = scene.notify.start().await;
        scene.the_lease_runs_out(kit).await;
        assert!(!scene.deliver(&next).await);
        // The record of the dead one arrives late, and must not count as the living one's.
        held.release();
        scene.notify.quiet().await;
        assert!(!scene.deliver(&next).await);
        assert_eq!(scene.letters(kit).await, 2);
    });
}

/// F9: SES says for good that it will not take the letter. That is logged, and not tried for ever.
/// Proves: F9
#[test]
fn a_letter_that_ses_will_never_take_is_given_up() {
    run(async {
        let kit = kit();
        let refusal = Refusing(400, json!({ "__type": "MessageRejected", "message": "Email content is malformed" }));
        let ses = Chaos::start(Arc::new(refusal), None).await.expect("the proxy starts");
        let scene = Scene::with_ses(kit, ses).await;
        let function = scene.notify.start().await;
        for _ in 0..3 {
            assert!(!scene.deliver(&function).await);
        }
        assert_eq!(scene.asked(), 1);
        scene.the_lease_runs_out(kit).await;
        assert!(!scene.deliver(&function).await);
        assert_eq!(scene.asked(), 1);
    });
}

/// F4: the table does not answer while a message is handled; the queue brings it again.
/// Proves: F4
#[test]
fn a_message_that_met_a_table_that_never_works_comes_again() {
    run(async {
        let kit = kit();
        let scene = Scene::set(kit).await;
        let function = scene.notify.start().await;
        for fault in [Fault::Throttling, Fault::ServerError, Fault::Reset] {
            for action in ["Query", "PutItem"] {
                let down = scene.notify.table.place(Rule::on(action, fault));
                assert!(scene.deliver(&function).await, "{action} {fault:?}");
                assert!(down.hits() >= 2, "{action} {fault:?}");
                down.remove();
            }
        }
        assert_eq!(scene.asked(), 0, "nobody was told under a claim that was not made");
        assert!(!scene.deliver(&function).await);
        assert_eq!((scene.asked(), scene.letters(kit).await), (1, 1));
    });
}

/// F3: the claim on a letter is made and the reply lost; the SDK's repeat finds the claim taken, by
/// itself. The letter waits for the lease and is sent once. A lost reply to its record costs nothing.
/// Proves: F3
#[test]
fn a_claim_whose_reply_was_lost_delays_the_letter_and_loses_nothing() {
    run(async {
        let kit = kit();
        let scene = Scene::set(kit).await;
        let function = scene.notify.start().await;
        scene.notify.table.place(Rule::on("PutItem", Fault::DropReply).times(1));
        assert!(scene.deliver(&function).await);
        assert_eq!(scene.asked(), 0);
        scene.the_lease_runs_out(kit).await;
        let sent = |request: &Value| request.pointer("/Item/message_id").is_some();
        let lost = scene.notify.table.place(Rule::on("PutItem", Fault::DropReply).when(sent).times(1));
        assert!(!scene.deliver(&function).await);
        assert!(!scene.deliver(&function).await);
        assert_eq!((lost.hits(), scene.asked(), scene.letters(kit).await), (1, 1, 1));
    });
}

/// F9: one recipient's trouble neither keeps the letter from another nor gives it to them twice.
/// Proves: F9
#[test]
fn only_the_recipient_who_got_no_letter_gets_it_later() {
    run(async {
        let kit = kit();
        let scene = Scene::set(kit).await;
        let second = cast::member(kit, &scene.owner, "Adam Admin", "admin", None).await;
        let function = scene.notify.start().await;
        let email = scene.owner.person.email.clone();
        let to_owner = move |request: &Value| request.to_string().contains(&email);
        let failing = scene.ses.place(Rule::on_everything(Fault::ServerError).when(to_owner));
        let seconds = async || {
            let inbox = kit.mailbox.inbox(&second.person.email).await;
            inbox.iter().filter(|mail| mail.text.contains(&scene.payee)).count()
        };
        assert!(scene.deliver(&function).await);
        assert_eq!((scene.letters(kit).await, seconds().await), (0, 1));
        failing.remove();
        scene.the_lease_runs_out(kit).await;
        assert!(!scene.deliver(&function).await);
        assert_eq!((scene.letters(kit).await, seconds().await), (1, 1));
    });
}

/// F7, F19: a message that used up its deliveries while SES was down is redriven from the dead-letter
/// queue, together with one that had been told of, and then both once more.
/// Proves: F19
#[test]
fn what_is_redriven_from_the_dead_letter_queue_is_told_of_once() {
    run(async {
        let kit = kit();
        let scene = Scene::set(kit).await.with_time(SHORT_TIME);
        let function = scene.notify.start().await;
        let told = format!("Payee {}", people::unique());
        let told_event = approval_requested(&scene.owner.company.id, &told);
        on_record(kit, &told_event).await;
        let other = ("told", message(&told_event));
        assert!(to_come_again(&invoke(&function, &batch(std::slice::from_ref(&other))).await).is_empty());

        let down = scene.ses.place(Rule::on_everything(Fault::ServerError));
        for _ in 0..5 {
            assert!(scene.deliver(&function).await);
            scene.the_lease_runs_out(kit).await;
        }
        down.remove();
        for _ in 0..2 {
            let redriven = batch(&[("failed", message(&scene.event)), other.clone()]);
            assert!(to_come_again(&invoke(&function, &redriven).await).is_empty());
        }
        assert_eq!(scene.letters(kit).await, 1);
        let inbox = kit.mailbox.inbox(&scene.owner.person.email).await;
        assert_eq!(inbox.iter().filter(|mail| mail.text.contains(&told)).count(), 1);
    });
}

/// The tags that a letter carries find its record in the mail log, and a report that comes late changes nothing.
/// Proves: ML1, F10
#[test]
fn a_report_finds_the_letter_in_the_log_by_the_tags_that_it_was_sent_with() {
    run(async {
        let kit = kit();
        let scene = Scene::set(kit).await;
        let function = scene.notify.start().await;
        assert!(!scene.deliver(&function).await);
        let person = &scene.owner.person;
        let mine = async || {
            let page = kit.api.get("/v1/mails").by(person).within(&scene.owner.here).ok(200).await;
            let event = text(&scene.event, "/id");
            let mail = list(&page, "mails").iter().find(|mail| text(mail, "/event") == event).cloned();
            mail.unwrap_or_else(|| panic!("it is not among the mails: {page}"))
        };
        assert_eq!(text(&mine().await, "/state"), "sent");

        let request = scene.ses.exchanges().pop().expect("SES was asked").request;
        let mut delivered = other_letter(report("delivery", "", 0, &person.email));
        for tag in list(&request, "EmailTags") {
            delivered["mail"]["tags"][text(tag, "/Name")] = json!([tag["Value"]]);
        }
        for _ in 0..2 {
            hear(kit, &delivered).await;
        }
        let mail = mine().await;
        assert_eq!((text(&mail, "/state"), text(&mail, "/letter")), ("delivered".into(), "approval-requested".into()));
        let states: Vec<String> = list(&mail, "steps").iter().map(|step| text(step, "/state")).collect();
        assert_eq!(states, ["sent", "delivered"]);
        assert!(!scene.deliver(&function).await);
        assert_eq!((text(&mine().await, "/state"), scene.asked()), ("delivered".to_owned(), 1));
    });
}

/// A report says that a letter arrived whose sender died before it recorded that: it is not sent again.
/// Proves: ML1, 28
#[test]
fn a_letter_that_is_reported_as_delivered_is_not_repeated() {
    run(async {
        let kit = kit();
        let scene = Scene::set(kit).await;
        let function = scene.notify.start().await;
        scene.ses.place(Rule::on_everything(Fault::DropReply).times(1));
        assert!(scene.deliver(&function).await);
        let (company, event) = (&scene.owner.company.id, text(&scene.event, "/id"));
        let record = kit.table.mail(company, &event, &scene.owner.person.user).await.expect("it is claimed");
        let delivered = other_letter(report("delivery", "", 0, &scene.owner.person.email));
        hear(kit, &about_mail(delivered, &record)).await;
        scene.the_lease_runs_out(kit).await;
        assert!(!scene.deliver(&function).await);
        assert_eq!(scene.letters(kit).await, 1);
    });
}
