//! `/v1/mails` and `/v1/sent-mails`: the state of each mail, for its recipient and for who caused it.

use serde_json::{Value, json};
use tests::cast::{self, Context, list, text};
use tests::feedback::about_mail;
use tests::people::Person;
use tests::{Kit, kit, run};

use crate::delivery::{hear as report_to_stack, other_letter, report};
use crate::notifications::hear;

const MAILS: &str = "/v1/mails";

/// The mails of a kind of letter in a page.
async fn mails(kit: &Kit, path: &str, person: &Person, here: &Context, letter: &str) -> Vec<Value> {
    let page = kit.api.get(path).by(person).within(here).ok(200).await;
    list(&page, "mails").iter().filter(|mail| text(mail, "/letter") == letter).cloned().collect()
}

fn states(mails: &[Value]) -> Vec<String> {
    mails.iter().map(|mail| text(mail, "/state")).collect()
}

/// Proves: ML1, ML2
#[test]
fn who_caused_a_mail_and_who_gets_it_see_its_state_and_nobody_else_does() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let member = cast::member(kit, &owner, "Mara Member", "custom", Some(&["dashboard.view"])).await;
        let other = cast::member(kit, &owner, "Olga Other", "custom", Some(&["dashboard.view"])).await;
        let wanted = json!({ "permissions": ["invoices.view"], "for_hours": 24, "reason": "holiday cover" });
        let asking = kit.api.post("/v1/access-requests").by(&member.person).within(&member.here).json(wanted);
        let id = text(&asking.ok(201).await, "/access_request/id");
        hear(kit, &owner, "access.requested", &id).await;

        let about = format!("/v1/sent-mails?subject_kind=access_request&subject_id={id}");
        let caused = async |person: &Person, here: &Context| mails(kit, &about, person, here, "access-requested").await;
        let sent = caused(&member.person, &member.here).await;
        assert_eq!(states(&sent), ["sent"]);
        let mail = &sent[0];
        assert_eq!(mail["recipient"], json!({ "kind": "user", "id": owner.person.user }));
        assert_eq!(mail["subject"], json!({ "kind": "access_request", "id": id }));
        let said = mail.to_string();
        assert!(!said.contains('@') && !said.contains("holiday") && !said.contains("http"), "{said}");

        let event = text(mail, "/event");
        let record = kit.table.mail(&owner.company.id, &event, &owner.person.user).await.expect("it is in the log");
        let bounced = about_mail(other_letter(report("bounce", "", 0, &owner.person.email)), &record);
        for _ in 0..2 {
            report_to_stack(kit, &bounced).await;
        }
        let late = about_mail(other_letter(report("delivery", "", 0, &owner.person.email)), &record);
        report_to_stack(kit, &late).await;
        assert_eq!(states(&caused(&member.person, &member.here).await), ["bounced"]);
        assert_eq!(states(&caused(&owner.person, &owner.here).await), ["bounced"], "who reads the audit log");
        assert!(caused(&other.person, &other.here).await.is_empty(), "who caused nothing sees nothing");

        let mine = mails(kit, MAILS, &owner.person, &owner.here, "access-requested").await;
        let steps: Vec<String> = list(&mine[0], "steps").iter().map(|step| text(step, "/state")).collect();
        assert_eq!(steps, ["sent", "delivered", "bounced"]);
        for person in [&member, &other] {
            assert!(mails(kit, MAILS, &person.person, &person.here, "access-requested").await.is_empty());
        }
    });
}

/// Proves: ML2, 9
#[test]
fn who_lost_the_place_lost_the_mail_log_and_does_not_find_it_again() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let admin = cast::member(kit, &owner, "Adam Admin", "admin", None).await;
        cast::approval_policy(kit, &owner, 1).await;
        hear(kit, &owner, "approval_policy.changed", &owner.company.id).await;
        let letter = "approval-policy-changed";
        let before = mails(kit, MAILS, &admin.person, &admin.here, letter).await;
        assert_eq!(states(&before), ["sent"]);

        let member = format!("/v1/members/{}", admin.person.user);
        kit.api.delete(&member).by(&owner.person).within(&owner.here).ok(200).await;
        kit.api.get(MAILS).by(&admin.person).within(&admin.here).refused(403, "not-granted").await;

        let body = json!({ "kind": "member", "email": admin.person.email, "role": "admin" });
        let invited = cast::invite(kit, &owner.person, &owner.here, body).await;
        cast::accept(kit, &admin.person, &invited.token, None).await;
        let here = cast::enter(kit, &admin.person, &owner.company.id).await;
        assert!(mails(kit, MAILS, &admin.person, &here, letter).await.is_empty());
    });
}

/// Proves: ML2, 2
#[test]
fn an_invitation_is_followed_by_who_sent_it_in_their_company_alone() {
    run(async {
        let kit = kit();
        let (owner, other) =
            tokio::join!(cast::owner(kit, "Otto Owner", "Owners Ltd"), cast::owner(kit, "Olga Other", "Others Ltd"));
        let email = tests::people::address("Gus Guest");
        let body = json!({ "kind": "member", "email": email, "role": "client" });
        let invited = cast::invite(kit, &owner.person, &owner.here, body).await;
        let about = format!("/v1/sent-mails?subject_kind=invitation&subject_id={}", invited.id);
        let sent = crate::faults::rig::eventually("the invitation was sent", async || {
            let sent = mails(kit, &about, &owner.person, &owner.here, "invitation").await;
            (states(&sent) == ["sent"]).then_some(sent)
        })
        .await;
        assert_eq!(sent[0]["recipient"], json!({ "kind": "invitation", "id": invited.id, "generation": 1 }));
        assert!(!sent[0].to_string().contains(&email));
        assert!(mails(kit, &about, &other.person, &other.here, "invitation").await.is_empty());
    });
}

/// Proves: 20
#[test]
fn a_page_of_mails_that_cannot_be_is_refused() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        for path in [
            "/v1/mails?limit=0",
            "/v1/mails?cursor=nonsense",
            "/v1/mails?of=everybody",
            "/v1/sent-mails",
            "/v1/sent-mails?subject_kind=invoice",
            "/v1/sent-mails?subject_kind=invoice&subject_id=INV-1&limit=101",
            "/v1/sent-mails?subject_kind=invoice&subject_id=INV-1&cursor=nonsense",
        ] {
            let answer = kit.api.get(path).by(&owner.person).within(&owner.here).send().await;
            assert_eq!(answer.status, 422, "{}: {}", answer.line, answer.text());
        }
    });
}
