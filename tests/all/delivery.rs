//! What becomes of letters (PROOF F9, F10): reports of SES's in their recorded shape, through the
//! deployed topic, queue and function, and what the inviter sees of them.

use serde_json::{Value, json};
use tests::cast::{self, FirmAdmin, Invited, Owner, text};
pub(crate) use tests::feedback::report;
use tests::http::Call;
use tests::{Kit, aws, kit, people, run, story};

use crate::faults::rig::{Rig, approval_requested, batch, eventually, invoke, message, on_record, to_come_again};

/// A letter of no invitation's.
pub(crate) fn other_letter(mut report: Value) -> Value {
    let tags = report["mail"]["tags"].as_object_mut().expect("tags");
    tags.retain(|name, _| name != "invitation" && name != "generation");
    tags.insert("kind".to_owned(), json!(["approval-requested"]));
    report
}

/// Publishes a report where SES publishes it.
async fn publish(kit: &Kit, report: &Value) {
    aws::publish(&kit.stack, &kit.http, &kit.stack.feedback_topic, &report.to_string()).await;
}

/// Hands a report to the function directly, and waits until it is done with.
pub(crate) async fn hear(kit: &Kit, report: &Value) {
    let answer = kit.invoke("feedback", &batch(&[("m-1", report.to_string())])).await.ok();
    assert_eq!(answer, json!({ "batchItemFailures": [] }));
}

/// An invitation as the inviter's list shows it.
async fn listed(kit: &Kit, owner: &Owner, id: &str) -> Value {
    let list = kit.api.get("/v1/invitations").by(&owner.person).within(&owner.here).send().await.ok(200);
    let found = cast::list(&list, "invitations").iter().find(|invitation| text(invitation, "/id") == id).cloned();
    found.unwrap_or_else(|| panic!("{id} is not listed: {list}"))
}

async fn state(kit: &Kit, owner: &Owner, id: &str) -> String {
    text(&listed(kit, owner, id).await, "/delivery/state")
}

/// Waits until the inviter sees this.
async fn becomes(kit: &Kit, owner: &Owner, id: &str, wanted: &str) {
    eventually(&format!("{id} is {wanted}"), async || (state(kit, owner, id).await == wanted).then_some(())).await;
}

async fn invited(kit: &Kit, email: &str) -> (Owner, Invited) {
    let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
    let body = json!({ "kind": "member", "email": email, "role": "client" });
    let invited = cast::invite(kit, &owner.person, &owner.here, body).await;
    becomes(kit, &owner, &invited.id, "sent").await;
    (owner, invited)
}

fn resend<'a>(kit: &'a Kit, owner: &Owner, id: &str, body: Value) -> tests::http::Call<'a> {
    kit.api.post(&format!("/v1/invitations/{id}/resend")).by(&owner.person).within(&owner.here).json(body)
}

/// Proves: F10
#[test]
fn the_inviter_sees_a_letter_sent_and_then_delivered_once_however_often_it_is_reported() {
    run(async {
        let kit = kit();
        let email = people::address("Gus Guest");
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let body = json!({ "kind": "member", "email": email, "role": "client" });
        let call = kit.api.post("/v1/invitations").by(&owner.person).within(&owner.here).json(body);
        let created = call.ok(201).await;
        assert_eq!(text(&created, "/invitation/delivery/state"), "pending");
        let id = text(&created, "/invitation/id");
        becomes(kit, &owner, &id, "sent").await;
        let mail = cast::invitation_mail(kit, &email, None).await;
        let item = kit.table.item(&format!("INVITATION#{id}"), "DELIVERY").await.expect("it is on record");
        assert_eq!(tests::table::text(&item, "message_id"), Some(mail.id.as_str()));

        let delivered = report("delivery", &id, 1, &email);
        publish(kit, &delivered).await;
        becomes(kit, &owner, &id, "delivered").await;
        assert_eq!(text(&listed(kit, &owner, &id).await, "/delivery/at"), "2026-11-21T12:26:41.456Z");
        for _ in 0..3 {
            hear(kit, &delivered).await;
        }
        hear(kit, &report("delay", &id, 1, &email)).await;
        assert_eq!(state(kit, &owner, &id).await, "delivered", "what was heard late means less");
        assert_eq!(story::events_of_type(kit, &owner.company.id, "invitation.delivered").await, 1);
        let trail = story::audit_trail(kit, &owner.person, &owner.here).await;
        let event = trail.iter().find(|event| text(event, "/type") == "invitation.delivered").expect("it is there");
        assert_eq!((text(event, "/actor/via"), text(event, "/actor/machine")), ("machine".into(), "ses".into()));
        assert!(!event.to_string().contains('@'), "an address in an event: {event}");
    });
}

/// Proves: F10
#[test]
fn after_a_permanent_bounce_only_another_address_is_written_to() {
    run(async {
        let kit = kit();
        let email = people::address("Gsu Geust");
        let (owner, invited) = invited(kit, &email).await;
        let bounced = report("bounce", &invited.id, 1, &email);
        publish(kit, &bounced).await;
        becomes(kit, &owner, &invited.id, "bounced").await;
        for _ in 0..2 {
            hear(kit, &bounced).await;
        }
        assert_eq!(story::events_of_type(kit, &owner.company.id, "invitation.bounced").await, 1);

        for body in [json!({}), json!({ "email": email }), json!({ "email": email.to_uppercase() })] {
            let problem = resend(kit, &owner, &invited.id, body).refused(409, "conflict").await;
            assert_eq!(text(&problem, "/state"), "bounced");
        }
        let right = people::address("Gus Guest");
        let resent = resend(kit, &owner, &invited.id, json!({ "email": right })).ok(200).await;
        assert_eq!(text(&resent, "/invitation/delivery/state"), "pending");
        cast::invitation_mail(kit, &right, None).await;
        becomes(kit, &owner, &invited.id, "sent").await;

        // The first letter's reports come late, and say nothing of the second.
        hear(kit, &bounced).await;
        hear(kit, &report("complaint", &invited.id, 1, &email)).await;
        assert_eq!(state(kit, &owner, &invited.id).await, "sent");
        assert_eq!(kit.mailbox.inbox(&email).await.len(), 1);
    });
}

/// Proves: F10
#[test]
fn after_a_complaint_only_another_address_is_written_to() {
    run(async {
        let kit = kit();
        let email = people::address("Carl Complainer");
        let (owner, invited) = invited(kit, &email).await;
        hear(kit, &report("delivery", &invited.id, 1, &email)).await;
        for _ in 0..2 {
            hear(kit, &report("complaint", &invited.id, 1, &email)).await;
        }
        assert_eq!(state(kit, &owner, &invited.id).await, "complained");
        assert_eq!(story::events_of_type(kit, &owner.company.id, "invitation.complained").await, 1);
        let problem = resend(kit, &owner, &invited.id, json!({})).refused(409, "conflict").await;
        assert_eq!(text(&problem, "/state"), "complained");
    });
}

/// Proves: F10
#[test]
fn a_passing_bounce_condemns_nobody() {
    run(async {
        let kit = kit();
        let email = people::address("Fiona Full");
        let (owner, invited) = invited(kit, &email).await;
        for _ in 0..2 {
            hear(kit, &report("transient-bounce", &invited.id, 1, &email)).await;
        }
        assert_eq!(state(kit, &owner, &invited.id).await, "delayed");
        assert_eq!(kit.mailbox.inbox(&email).await.len(), 1, "trying again is SES's, not ours");
        let first = cast::invitation_mail(kit, &email, None).await;
        resend(kit, &owner, &invited.id, json!({})).ok(200).await;
        cast::invitation_mail(kit, &email, Some(&first)).await;
        becomes(kit, &owner, &invited.id, "sent").await;
        assert_eq!(story::events_of_type(kit, &owner.company.id, "invitation.bounced").await, 0);
    });
}

/// F10: the bounce is heard before it is on record that the letter was sent.
/// Proves: F10
#[test]
fn a_bounce_heard_before_the_sending_was_recorded_stays_a_bounce() {
    run(async {
        let kit = kit();
        let email = people::address("Ella Early");
        let (owner, invited) = invited(kit, &email).await;
        // As it was before `notify` recorded anything.
        let key = aws_sdk_dynamodb::types::AttributeValue::S;
        let delete = kit.table.client.delete_item().table_name(&kit.table.name);
        let delete = delete.key("pk", key(format!("INVITATION#{}", invited.id))).key("sk", key("DELIVERY".to_owned()));
        delete.send().await.expect("the table answers");
        assert_eq!(state(kit, &owner, &invited.id).await, "pending");
        hear(kit, &report("bounce", &invited.id, 1, &email)).await;
        assert_eq!(state(kit, &owner, &invited.id).await, "bounced");

        let trail = story::audit_trail(kit, &owner.person, &owner.here).await;
        let created = trail.iter().find(|event| text(event, "/type") == "invitation.created").expect("it is there");
        let mut created = created.clone();
        created["org"] = json!({ "kind": "company", "id": owner.company.id });
        created["version"] = json!(1);
        let answer = kit.invoke("notify", &batch(&[("m-1", message(&created))])).await.ok();
        assert_eq!(answer, json!({ "batchItemFailures": [] }));
        assert_eq!(state(kit, &owner, &invited.id).await, "bounced");
        assert_eq!(story::events_of_type(kit, &owner.company.id, "invitation.bounced").await, 1);
    });
}

/// Proves: 14, F10
#[test]
fn an_address_that_bounced_is_written_to_by_nobody_and_the_inviter_sees_it() {
    run(async {
        let kit = kit();
        let email = people::address("Nia Nomail");
        hear(kit, &other_letter(report("bounce", "", 0, &email))).await;
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let invite = |email: &str| {
            let body = json!({ "kind": "member", "email": email, "role": "client" });
            kit.api.post("/v1/invitations").by(&owner.person).within(&owner.here).json(body)
        };
        let answer = invite(&email).ok(201).await;
        assert_eq!(text(&answer, "/invitation/delivery/state"), "pending", "the answer tells nothing of the address");
        let id = text(&answer, "/invitation/id");
        becomes(kit, &owner, &id, "bounced").await;
        assert!(kit.mailbox.inbox(&email).await.is_empty());
        assert_eq!(story::events_of_type(kit, &owner.company.id, "invitation.bounced").await, 1);
    });
}

/// Proves: F10
#[test]
fn other_letters_to_an_address_that_complained_are_left_out_and_recorded_as_such() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let second = cast::member(kit, &owner, "Adam Admin", "admin", None).await;
        hear(kit, &other_letter(report("complaint", "", 0, &owner.person.email))).await;
        let payee = format!("Payee {}", people::unique());
        let event = approval_requested(&owner.company.id, &payee);
        on_record(kit, &event).await;
        for _ in 0..2 {
            let answer = kit.invoke("notify", &batch(&[("m-1", message(&event))])).await.ok();
            assert_eq!(answer, json!({ "batchItemFailures": [] }));
        }
        let about =
            async |email: &str| kit.mailbox.inbox(email).await.iter().filter(|mail| mail.text.contains(&payee)).count();
        assert_eq!((about(&owner.person.email).await, about(&second.person.email).await), (0, 1));
        let page = kit.api.get("/v1/mails").by(&owner.person).within(&owner.here).ok(200).await;
        let mail =
            cast::list(&page, "mails").iter().find(|mail| mail["event"] == event["id"]).expect("it is in the log");
        let state = (text(mail, "/state"), text(mail, "/reason"));
        assert_eq!(state, ("suppressed".to_owned(), "earlier_complaint".to_owned()));
        let about = "/v1/sent-mails?subject_kind=approval&subject_id=PAY-9";
        let page = kit.api.get(about).by(&second.person).within(&second.here).ok(200).await;
        let states: Vec<String> = cast::list(&page, "mails").iter().map(|mail| text(mail, "/state")).collect();
        assert!(states.len() == 2 && states.contains(&"suppressed".to_owned()), "{page}");
        assert!(!page.to_string().contains("earlier"), "a colleague is told of the complaint: {page}");
    });
}

/// Proves: M4
#[test]
fn where_letters_do_not_get_through_a_client_is_invited_again_at_another_address_only() {
    run(async {
        let kit = kit();
        let admin = cast::firm_admin(kit, "Ada Admin", "Adas Firm").await;
        let list = ClientList { kit, admin: &admin };
        for (kind, became) in [("bounce", "bounced"), ("complaint", "complained")] {
            let (wrong, right) = (people::address("Wrong"), people::address("Right"));
            let id = list.add(json!({ "name": kind, "email": wrong })).await;
            let first = text(&list.invite(&id).await, "/rows/0/invitation");
            list.hear(kind, &first, &wrong).await;
            let shown = list.client(&id).await;
            assert_eq!(text(&shown, "/status"), "bounced", "{shown}");
            assert_eq!(text(&shown, "/invitation/delivery/state"), became);

            let before = kit.table.trace(&admin.firm.id).await;
            let answer = list.invite(&id).await;
            let said = (text(&answer, "/rows/0/outcome"), text(&answer, "/rows/0/field"));
            assert_eq!(said, ("invalid".to_owned(), "email".to_owned()), "{answer}");
            assert!(text(&answer, "/rows/0/detail").contains("bounce"), "{answer}");
            assert!(kit.table.trace(&admin.firm.id).await == before, "a refused row left a trace");

            list.move_to(&id, &right).await;
            let answer = list.invite(&id).await;
            assert_eq!(text(&answer, "/rows/0/outcome"), "created", "{answer}");
            let second = text(&answer, "/rows/0/invitation");
            list.gave_way(&first, &second).await;
            let shown = list.client(&id).await;
            assert_eq!((text(&shown, "/status"), text(&shown, "/invitation/id")), ("invited".to_owned(), second));
            assert_eq!(shown.pointer("/invitation/delivery"), None, "{shown}");
            cast::invitation_mail(kit, &right, None).await;
            // What is heard late of the first changes nothing.
            list.hear("complaint", &first, &wrong).await;
            assert_eq!(text(&list.client(&id).await, "/status"), "invited");
        }
        assert_eq!(story::events_of_type(kit, &admin.firm.id, "invitation.revoked").await, 2);
    });
}

/// What the sender knows itself reaches the client list as SES's reports do: the firm does not wait for an answer that
/// cannot come.
/// Proves: M4, F10
#[test]
fn a_client_whose_address_takes_no_letters_shows_so_on_the_list() {
    run(async {
        let kit = kit();
        let address = people::address("Nia Nomail");
        hear(kit, &other_letter(report("bounce", "", 0, &address))).await;
        let admin = cast::firm_admin(kit, "Ada Admin", "Adas Firm").await;
        let list = ClientList { kit, admin: &admin };
        let id = list.add(json!({ "name": "Nomail", "email": address })).await;
        assert_eq!(text(&list.invite(&id).await, "/rows/0/outcome"), "created");
        eventually("the client shows that no letter arrives", async || {
            (text(&list.client(&id).await, "/status") == "bounced").then_some(())
        })
        .await;
        assert_eq!(story::events_of_type(kit, &admin.firm.id, "invitation.bounced").await, 1);
        assert!(kit.mailbox.inbox(&address).await.is_empty());
    });
}

/// Proves: M4
#[test]
fn invited_by_its_new_address_a_client_whose_letter_bounced_has_one_open_invitation_too() {
    run(async {
        let kit = kit();
        let admin = cast::firm_admin(kit, "Ada Admin", "Adas Firm").await;
        let list = ClientList { kit, admin: &admin };
        let mut address = people::address("First");
        let id = list.add(json!({ "name": "Moving", "reference": "M", "email": address })).await;
        let mut open = text(&list.invite(&id).await, "/rows/0/invitation");
        for by_the_row in [true, false] {
            list.hear("bounce", &open, &address).await;
            address = people::address("Next");
            list.move_to(&id, &address).await;
            let row = json!({ "kind": "client", "email": address });
            let next = if by_the_row {
                let rows = json!({ "invitations": [row] });
                let call = kit.api.post("/v1/invitations/bulk").by(&admin.person).within(&admin.here).json(rows);
                text(&call.ok(200).await, "/rows/0/invitation")
            } else {
                cast::invite(kit, &admin.person, &admin.here, row).await.id
            };
            list.gave_way(&open, &next).await;
            open = next;
        }
        assert_eq!(text(&list.client(&id).await, "/invitation/id"), open);
    });
}

/// A firm's client list, and its invitations.
struct ClientList<'a> {
    kit: &'a Kit,
    admin: &'a FirmAdmin,
}

impl ClientList<'_> {
    fn by<'c>(&self, call: Call<'c>) -> Call<'c> {
        call.by(&self.admin.person).within(&self.admin.here)
    }

    async fn add(&self, body: Value) -> String {
        text(&self.by(self.kit.api.post("/v1/clients")).json(body).ok(201).await, "/client/id")
    }

    async fn client(&self, id: &str) -> Value {
        self.by(self.kit.api.get(&format!("/v1/clients/{id}"))).ok(200).await["client"].clone()
    }

    async fn move_to(&self, id: &str, email: &str) {
        self.by(self.kit.api.patch(&format!("/v1/clients/{id}"))).json(json!({ "email": email })).ok(200).await;
    }

    async fn invite(&self, id: &str) -> Value {
        self.by(self.kit.api.post("/v1/clients/invitations")).json(json!({ "clients": [id] })).ok(200).await
    }

    /// Waits for an invitation's letter, and hears of it.
    async fn hear(&self, kind: &str, invitation: &str, email: &str) {
        cast::invitation_mail(self.kit, email, None).await;
        hear(self.kit, &report(kind, invitation, 1, email)).await;
    }

    /// One invitation is withdrawn, the other open.
    async fn gave_way(&self, first: &str, second: &str) {
        let page = self.by(self.kit.api.get("/v1/invitations")).ok(200).await;
        let state = |id: &str| {
            let mut found = cast::list(&page, "invitations").iter().filter(|invitation| text(invitation, "/id") == id);
            found.next().map(|invitation| text(invitation, "/status"))
        };
        assert_eq!((state(first), state(second)), (Some("revoked".to_owned()), Some("pending".to_owned())), "{page}");
    }
}

/// F8, F19: of one batch exactly what cannot be read comes again; what is redriven changes nothing.
/// Proves: F8
#[test]
fn a_report_that_cannot_be_read_fails_alone() {
    run(async {
        let kit = kit();
        let email = people::address("Gus Guest");
        let (owner, invited) = invited(kit, &email).await;
        let good = report("delivery", &invited.id, 1, &email).to_string();
        let unknown = report("delivery", "in_00000000000000000000000000000007", 1, &email).to_string();
        let mut odd = report("bounce", &invited.id, 1, &email);
        odd["bounce"]["bouncedRecipients"] = json!([{ "emailAddress": "no address at all" }]);
        odd["eventType"] = json!("Subscription");
        let rig = Rig::of(kit, "feedback").await;
        let function = rig.start().await;
        let messages = [
            ("not-json", "poison".to_owned()),
            ("good", good),
            ("no-report", json!({ "eventType": "Bounce" }).to_string()),
            ("unknown", unknown),
            ("odd", odd.to_string()),
        ];
        for _ in 0..2 {
            let payload = invoke(&function, &batch(&messages)).await;
            assert_eq!(to_come_again(&payload), ["not-json", "no-report"]);
        }
        assert_eq!(state(kit, &owner, &invited.id).await, "delivered");
        assert_eq!(story::events_of_type(kit, &owner.company.id, "invitation.delivered").await, 1);
        assert!(function.log().iter().all(|line| !line.contains(&email)), "a log quotes an address");
    });
}

/// What SES publishes first, when it is made to report to a topic: exactly this, and it is no report.
#[test]
fn the_greeting_of_a_new_event_destination_is_nothing_to_do() {
    run(async {
        let greeting = "Successfully validated SNS topic for Amazon SES event publishing.";
        let messages = [
            ("greeting", greeting.to_owned()),
            ("another", "Successfully validated SNS topic.".to_owned()),
            ("quoted", json!(greeting).to_string()),
        ];
        let answer = kit().invoke("feedback", &batch(&messages)).await.ok();
        let again = ["another", "quoted"].map(|id| json!({ "itemIdentifier": id }));
        assert_eq!(answer, json!({ "batchItemFailures": again }));
    });
}

/// F5: many deliveries of different reports at once end in the furthest state, each told once.
/// Proves: F10
#[test]
fn reports_at_the_same_time_end_in_the_furthest_state() {
    run(async {
        let kit = kit();
        let email = people::address("Gus Guest");
        let (owner, invited) = invited(kit, &email).await;
        let rig = Rig::of(kit, "feedback").await;
        let crowd = rig.crowd(6).await;
        let kinds = ["delivery", "bounce", "complaint", "delay", "delivery", "bounce"];
        let mut running = tokio::task::JoinSet::new();
        for (function, kind) in crowd.into_iter().zip(kinds) {
            let event = batch(&[("m-1", report(kind, &invited.id, 1, &email).to_string())]);
            running.spawn(async move { to_come_again(&invoke(&function, &event).await) });
        }
        assert!(running.join_all().await.into_iter().all(|failed| failed.is_empty()));
        assert_eq!(state(kit, &owner, &invited.id).await, "complained");
        for kind in ["invitation.delivered", "invitation.bounced", "invitation.complained"] {
            assert!(story::events_of_type(kit, &owner.company.id, kind).await <= 1, "{kind}");
        }
    });
}
