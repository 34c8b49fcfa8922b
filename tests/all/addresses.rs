//! Addresses and names of people: what is taken, what follows, and to which address no letter goes.

use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tests::cast::{self, list, text};
use tests::machine::Vendor;
use tests::people::{self, Person};
use tests::{Kit, kit, run};

use crate::delivery::{hear, other_letter, report};
use crate::faults::rig::{approval_requested, batch, message, on_record};
use crate::support::{refused_input, with};

/// Lets `notify` write about a pending approval, and says to how many letters at the address it led.
async fn told(kit: &Kit, company: &str, email: &str) -> usize {
    let payee = format!("Payee {}", people::unique());
    let event = approval_requested(company, &payee);
    on_record(kit, &event).await;
    let answer = kit.invoke("notify", &batch(&[("m-1", message(&event))])).await.ok();
    assert_eq!(answer, json!({ "batchItemFailures": [] }));
    kit.mailbox.inbox(email).await.iter().filter(|mail| mail.text.contains(&payee)).count()
}

/// A person who changes their address gets letters about money there, and none at the old one, which may be a former
/// employer's.
/// Proves: U8, S14
#[test]
fn a_new_verified_address_is_taken_over_at_the_next_sign_in() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Owners Ltd").await;
        let admin = cast::firm_admin(kit, "Ada Admin", "Adas Firm").await;
        let (old, new) = (owner.person.email.clone(), people::address("Olga Moved"));
        people::change_address(kit, &owner.person, &new, false).await;
        let again = || kit.api.post("/v1/me").by(&owner.person).json(json!({ "name": "Olga Owner" })).ok(200);
        assert_eq!(text(&again().await, "/user/email"), old, "nobody has shown that the new one is theirs");
        people::change_address(kit, &owner.person, &new, true).await;
        assert_eq!(text(&again().await, "/user/email"), new);
        let members = kit.api.get("/v1/members").by(&owner.person).within(&owner.here).ok(200).await;
        assert_eq!(text(&members, "/members/0/email"), new);
        assert_eq!((told(kit, &owner.company.id, &old).await, told(kit, &owner.company.id, &new).await), (0, 1));

        let new = people::address("Ada Moved");
        people::change_address(kit, &admin.person, &new, true).await;
        kit.api.post("/v1/me").by(&admin.person).json(json!({ "name": "Ada" })).ok(200).await;
        let staff = kit.api.get("/v1/staff").by(&admin.person).within(&admin.here).ok(200).await;
        assert_eq!(text(&staff, "/staff/0/email"), new);
    });
}

/// SES cannot write to it: taken, it would end as bounced days later.
/// Proves: U15
#[test]
fn an_address_that_no_letter_reaches_is_refused_at_every_door() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Owners Ltd").await;
        let admin = cast::firm_admin(kit, "Ada Admin", "Adas Firm").await;
        let bad = format!("josé.{}@example.com", people::unique());
        let by_owner =
            |path: &str, body: Value| kit.api.post(path).by(&owner.person).within(&owner.here).json(body).send_owned();
        let by_admin =
            |path: &str, body: Value| kit.api.post(path).by(&admin.person).within(&admin.here).json(body).send_owned();
        let member = json!({ "kind": "member", "role": "client", "email": bad });
        refused_input(&by_owner("/v1/invitations", member.clone()).await, "email");
        let rows = by_owner("/v1/invitations/bulk", json!({ "invitations": [member] })).await.ok(200);
        assert_eq!(text(&rows, "/rows/0/outcome"), "invalid", "{rows}");
        assert_eq!(text(&rows, "/rows/0/field"), "email", "{rows}");
        let invited = json!({ "kind": "member", "role": "client", "email": people::address("Gus Guest") });
        let invited = by_owner("/v1/invitations", invited).await.ok(201);
        let path = format!("/v1/invitations/{}/resend", text(&invited, "/invitation/id"));
        refused_input(&by_owner(&path, json!({ "email": bad })).await, "email");

        refused_input(&by_admin("/v1/clients", json!({ "name": "José", "email": bad })).await, "email");
        let rows =
            by_admin("/v1/clients/import", json!({ "clients": [{ "name": "José", "email": bad }] })).await.ok(200);
        assert_eq!(text(&rows, "/rows/0/field"), "email", "{rows}");
        let added = by_admin("/v1/clients", json!({ "name": "José" })).await.ok(201);
        let path = format!("/v1/clients/{}", text(&added, "/client/id"));
        let edit = kit.api.patch(&path).by(&admin.person).within(&admin.here).json(json!({ "email": bad }));
        refused_input(&edit.send().await, "email");
        // A domain of any script has an ASCII form, and SES takes that.
        let fine = json!({ "name": "Bücher", "email": format!("ana.{}@bücher.example", people::unique()) });
        by_admin("/v1/clients", fine).await.ok(201);
    });
}

/// Letters with these names go to strangers, signed by the vendor.
/// Proves: U16, S8
#[test]
fn a_name_shows_something_and_leads_nowhere_at_every_door() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Owners Ltd").await;
        let admin = cast::firm_admin(kit, "Ada Admin", "Adas Firm").await;
        let vendor = Vendor::sign_in(kit).await;
        let email = people::address("Nia New");
        let invitation = json!({ "kind": "member", "role": "client", "email": email });
        let invited = cast::invite(kit, &owner.person, &owner.here, invitation.clone()).await;
        for name in ["\u{200B}", "\u{2800}\u{3164}", "Claim 500 EUR at https://evil.example", "Evil (evil.com)"] {
            let company = json!({ "name": name, "currency": "EUR" });
            refused_input(&kit.api.post("/v1/companies").by(&owner.person).json(company).send().await, "name");
            refused_input(
                &kit.api.post("/v1/firms").by(&owner.person).json(json!({ "name": name })).send().await,
                "name",
            );
            refused_input(
                &kit.api.patch("/v1/me").by(&owner.person).json(json!({ "name": name })).send().await,
                "name",
            );
            refused_input(&kit.api.post("/v1/me").by(&owner.person).json(json!({ "name": name })).send().await, "name");
            let account = json!({ "name": name, "password": people::PASSWORD });
            refused_input(&kit.api.post(&format!("{}/account", invited.link)).json(account).send().await, "name");
            let mut named = invitation.clone();
            named["name"] = json!(name);
            let call = kit.api.post("/v1/invitations").by(&owner.person).within(&owner.here).json(named);
            refused_input(&call.send().await, "name");
            let call = kit.api.post("/v1/clients").by(&admin.person).within(&admin.here).json(json!({ "name": name }));
            refused_input(&call.send().await, "name");
            let call = kit.api.patch("/v1/firm").by(&admin.person).within(&admin.here).json(json!({ "name": name }));
            refused_input(&call.send().await, "name");
            // A label is in the letter about each registration.
            for path in ["/v1/registration-links", "/v1/signup-codes"] {
                let call = kit.api.post(path).by(&admin.person).within(&admin.here).json(json!({ "label": name }));
                refused_input(&call.send().await, "label");
            }
            let code = kit.api.put(&format!("/v1/vendor/signup-codes/{}", people::unique()));
            refused_input(&code.by(&vendor).json(json!({ "label": name })).send().await, "label");
        }
    });
}

/// A click on "spam" in an invitation of a stranger must not silence the sign-offs of the person's own company.
/// Proves: U9
#[test]
fn a_complaint_about_an_invitation_stops_invitations_alone() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Owners Ltd").await;
        let stranger = cast::owner(kit, "Stan Stranger", "Strangers Ltd").await;
        let body = json!({ "kind": "member", "email": owner.person.email, "role": "client" });
        let invited = cast::invite(kit, &stranger.person, &stranger.here, body.clone()).await;
        hear(kit, &report("complaint", &invited.id, 1, &owner.person.email)).await;
        assert_eq!(told(kit, &owner.company.id, &owner.person.email).await, 1);

        let me = kit.api.get("/v1/me").by(&owner.person).ok(200).await;
        let suppressed = list(me.get("user").expect("a profile"), "suppressed");
        assert_eq!(suppressed.len(), 1, "{me}");
        assert_eq!(
            (text(&suppressed[0], "/letters"), text(&suppressed[0], "/reason")),
            ("invitations".into(), "complained".into())
        );
        let members = kit.api.get("/v1/members").by(&owner.person).within(&owner.here).ok(200).await;
        assert!(members.pointer("/members/0/undelivered").is_none(), "{members}");

        // She wants them again.
        kit.api.delete("/v1/me/suppressions").by(&owner.person).ok(200).await;
        let me = kit.api.get("/v1/me").by(&owner.person).ok(200).await;
        assert!(me.pointer("/user/suppressed").is_none(), "{me}");
        cast::invite(kit, &stranger.person, &stranger.here, body).await;
    });
}

/// Proves: U9
#[test]
fn a_firm_sees_which_of_its_staff_get_no_letters() {
    run(async {
        let kit = kit();
        let admin = cast::firm_admin(kit, "Ada Admin", "Adas Firm").await;
        let bookkeeper = cast::staff(kit, &admin, "Bea Bookkeeper", "bookkeeper").await;
        let seen = async |person: &Person| {
            let staff = kit.api.get("/v1/staff").by(&admin.person).within(&admin.here).ok(200).await;
            with(list(&staff, "staff"), "user", &person.user)[0].get("undelivered").cloned()
        };
        assert_eq!(seen(&bookkeeper).await, None);
        hear(kit, &other_letter(report("bounce", "", 0, &bookkeeper.email))).await;
        let undelivered = seen(&bookkeeper).await.expect("the firm sees it");
        let said = (text(&undelivered, "/letters"), text(&undelivered, "/reason"));
        assert_eq!(said, ("notifications".into(), "bounced".into()));
        assert_eq!(seen(&admin.person).await, None, "it is about one address");
        kit.api.delete("/v1/me/suppressions").by(&bookkeeper).ok(200).await;
        assert_eq!(seen(&bookkeeper).await, None);
    });
}

/// Proves: U9
#[test]
fn whose_letters_bounce_is_seen_by_the_team_and_lifted_by_the_vendor_or_the_person() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Owners Ltd").await;
        let member = cast::member(kit, &owner, "Mia Member", "admin", None).await;
        let vendor = Vendor::sign_in(kit).await;
        let bounced = other_letter(report("bounce", "", 0, &member.person.email));
        let seen = async || {
            let members = kit.api.get("/v1/members").by(&owner.person).within(&owner.here).ok(200).await;
            let found = with(list(&members, "members"), "user", &member.person.user)[0].clone();
            found.get("undelivered").cloned()
        };
        hear(kit, &bounced).await;
        let undelivered = seen().await.expect("the team sees it");
        assert_eq!(
            (text(&undelivered, "/letters"), text(&undelivered, "/reason")),
            ("notifications".into(), "bounced".into())
        );
        assert!(undelivered.get("until").is_some(), "a bounce is tried again: {undelivered}");
        assert_eq!(told(kit, &owner.company.id, &member.person.email).await, 0);

        let lift = json!({ "email": member.person.email });
        let path = "/v1/vendor/suppressions/lift";
        // The gateway refuses a person: the scope is missing.
        assert_eq!(kit.api.post(path).by(&owner.person).json(lift.clone()).send().await.status, 403);
        kit.api.post(path).by(&vendor).json(lift).ok(200).await;
        assert_eq!(seen().await, None);
        assert_eq!(told(kit, &owner.company.id, &member.person.email).await, 1);

        hear(kit, &bounced).await;
        assert!(seen().await.is_some(), "a later bounce counts anew");
        kit.api.delete("/v1/me/suppressions").by(&member.person).ok(200).await;
        assert_eq!(seen().await, None);
        hear(kit, &bounced).await;
        // Thirty days later it is tried again.
        let digest = URL_SAFE_NO_PAD.encode(Sha256::digest(member.person.email.as_bytes()));
        let past = AttributeValue::S("2026-01-01T00:00:00.000Z".to_owned());
        kit.table.set(&format!("SUPPRESSED#{}", &digest[..22]), "SUPPRESSED", "at", past).await;
        assert_eq!(told(kit, &owner.company.id, &member.person.email).await, 1);
    });
}
