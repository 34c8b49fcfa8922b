//! `PATCH /v1/company`, `PATCH /v1/firm`: what organisations say about themselves, and whom a firm's main address
//! reaches.

use serde_json::{Value, json};
use tests::cast::{self, Context, FirmAdmin, list, text};
use tests::http::{Answer, Call};
use tests::people::{self, Person};
use tests::{Kit, kit, run, story};

use crate::support::{refused_input, types};

fn update_firm<'a>(kit: &'a Kit, admin: &Person, here: &Context, body: Value) -> Call<'a> {
    kit.api.patch("/v1/firm").by(admin).within(here).json(body)
}

async fn accept(kit: &Kit, by: &Person, invitation: &str, firm: &str) -> Answer {
    let path = format!("/v1/me/invitations/{invitation}/accept");
    kit.api.post(&path).by(by).json(json!({ "firm": firm })).send().await
}

async fn waiting(kit: &Kit, person: &Person) -> usize {
    list(&kit.api.get("/v1/me/invitations").by(person).ok(200).await, "invitations").len()
}

/// A firm whose registrant made somebody else an admin too.
pub(crate) async fn firm_of_two(kit: &Kit) -> (FirmAdmin, Person) {
    let first = cast::firm_admin(kit, "Petra First", "Firm F").await;
    let second = cast::staff(kit, &first, "Quentin Second", "admin").await;
    (first, second)
}

async fn invite_firm(kit: &Kit, email: &str) -> String {
    let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
    cast::invite(kit, &owner.person, &owner.here, json!({ "kind": "firm", "email": email })).await.id
}

/// P registers F, makes Q an admin, leaves and founds G. A company invites P at the address that they always had. It
/// means P: Q must neither see nor take nor decline it.
/// Proves: S3, 13
#[test]
fn a_firm_whose_admin_left_takes_no_invitation_that_is_sent_to_her() {
    run(async {
        let kit = kit();
        let (petra, quentin) = firm_of_two(kit).await;
        let before = invite_firm(kit, &petra.person.email).await;
        assert_eq!(waiting(kit, &quentin).await, 1);
        let path = format!("/v1/staff/{}", petra.person.user);
        kit.api.delete(&path).by(&petra.person).within(&petra.here).ok(200).await;
        let own = cast::register_firm(kit, &petra.person, "Firm G").await;

        let after = invite_firm(kit, &petra.person.email).await;
        assert_eq!(waiting(kit, &quentin).await, 0);
        for id in [&before, &after] {
            accept(kit, &quentin, id, &petra.firm.id).await.refused(404, "not-found");
            let path = format!("/v1/me/invitations/{id}/reject");
            kit.api.post(&path).by(&quentin).json(json!({})).refused(404, "not-found").await;
            accept(kit, &petra.person, id, &own.id).await.ok(200);
        }
        let here = cast::enter(kit, &quentin, &petra.firm.id).await;
        let trail = story::audit_trail(kit, &quentin, &here).await;
        let updated = trail.iter().find(|event| text(event, "/type") == "firm.updated").expect("it is on record");
        assert_eq!(text(updated, "/data/before/main_address_of"), petra.person.user);
        assert!(updated.pointer("/data/after/main_address_of").is_some_and(Value::is_null), "{updated}");
    });
}

/// The same when she is demoted, when her address is somebody else's by now, and when only the identity provider
/// knows that yet.
/// Proves: S3
#[test]
fn a_main_address_reaches_a_firm_only_while_an_admin_has_it() {
    run(async {
        let kit = kit();
        let (petra, quentin) = firm_of_two(kit).await;
        let old = petra.person.email.clone();
        let invited = invite_firm(kit, &old).await;
        people::change_address(kit, &petra.person, &people::address("Petra Moved"), true).await;
        accept(kit, &quentin, &invited, &petra.firm.id).await.refused(404, "not-found");
        // From her next sign-in on nobody sees it there either.
        kit.api.post("/v1/me").by(&petra.person).json(json!({ "name": "Petra" })).ok(200).await;
        assert_eq!(waiting(kit, &quentin).await, 0);

        let (petra, quentin) = firm_of_two(kit).await;
        let invited = invite_firm(kit, &petra.person.email).await;
        let path = format!("/v1/staff/{}", petra.person.user);
        let here = cast::enter(kit, &quentin, &petra.firm.id).await;
        let demote = kit.api.patch(&path).by(&quentin).within(&here).json(json!({ "role": "bookkeeper" }));
        demote.ok(200).await;
        accept(kit, &quentin, &invited, &petra.firm.id).await.refused(404, "not-found");
    });
}

/// Proves: S3, U17
#[test]
fn an_admin_gives_a_firm_their_own_verified_address_and_no_other() {
    run(async {
        let kit = kit();
        let (petra, quentin) = firm_of_two(kit).await;
        let here = cast::enter(kit, &quentin, &petra.firm.id).await;
        for email in [petra.person.email.clone(), people::address("Somebody Else")] {
            refused_input(&update_firm(kit, &quentin, &here, json!({ "email": email })).send().await, "email");
        }
        let taken = update_firm(kit, &quentin, &here, json!({ "email": quentin.email })).ok(200).await;
        assert_eq!(text(&taken, "/firm/email_of"), quentin.user);
        // The registrant is one of its admins now as every other: what is sent to her is hers.
        let to_petra = invite_firm(kit, &petra.person.email).await;
        accept(kit, &quentin, &to_petra, &petra.firm.id).await.refused(404, "not-found");
        let to_firm = invite_firm(kit, &quentin.email).await;
        accept(kit, &petra.person, &to_firm, &petra.firm.id).await.ok(200);

        let cleared = update_firm(kit, &quentin, &here, json!({ "email": null })).ok(200).await;
        assert!(cleared.pointer("/firm/email").is_none(), "{cleared}");
        people::change_address(kit, &quentin, &people::address("Quentin Unproven"), false).await;
        let unproven = update_firm(kit, &quentin, &here, json!({ "email": quentin.email })).send().await;
        refused_input(&unproven, "email");
    });
}

/// Proves: U17
#[test]
fn a_company_is_renamed_and_moved_and_everybody_sees_it() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Old Name").await;
        let admin = cast::firm_admin(kit, "Fay Firm", "Fays Firm").await;
        cast::connect(kit, &owner, &admin, None).await;
        let member = cast::member(kit, &owner, "Mia Member", "client", None).await;
        let bookkeeper = cast::staff(kit, &admin, "Ben Books", "bookkeeper").await;
        cast::assign(kit, &admin, &owner.company.id, &bookkeeper.user, None).await;
        let update = |by: &Person, here: &Context, body: Value| {
            kit.api.patch("/v1/company").by(by).within(here).json(body).send_owned()
        };
        let body = json!({ "name": "New Name", "time_zone": "Asia/Tokyo" });
        update(&member.person, &member.here, body.clone()).await.refused(403, "not-granted");
        for (field, value) in [("time_zone", "Mars/Olympus"), ("name", "www.new.example"), ("name", "\u{2800}")] {
            refused_input(&update(&owner.person, &owner.here, json!({ field: value })).await, field);
        }
        let updated = update(&owner.person, &owner.here, body.clone()).await.ok(200);
        assert_eq!(
            (text(&updated, "/company/name"), text(&updated, "/company/time_zone")),
            ("New Name".into(), "Asia/Tokyo".into())
        );
        assert_eq!(update(&owner.person, &owner.here, body).await.ok(200), updated, "the same again changes nothing");
        let trail = story::audit_trail(kit, &owner.person, &owner.here).await;
        assert_eq!(types(&trail).iter().filter(|kind| **kind == "company.updated").count(), 1);

        for person in [&owner.person, &member.person, &admin.person, &bookkeeper] {
            let contexts = kit.api.get("/v1/contexts").by(person).ok(200).await.to_string();
            assert!(contexts.contains("New Name") && !contexts.contains("Old Name"), "{}: {contexts}", person.name);
        }
        let clients = kit.api.get("/v1/connections").by(&admin.person).within(&admin.here).ok(200).await;
        assert_eq!(text(&clients, "/connections/0/company/name"), "New Name");
    });
}

/// Proves: U17
#[test]
fn a_firm_is_renamed_and_its_clients_and_staff_see_it() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Owners Ltd").await;
        let admin = cast::firm_admin(kit, "Fay Firm", "Old Firm").await;
        cast::connect(kit, &owner, &admin, None).await;
        let bookkeeper = cast::staff(kit, &admin, "Ben Books", "bookkeeper").await;
        let there = cast::enter(kit, &bookkeeper, &admin.firm.id).await;
        let body = json!({ "name": "New Firm" });
        update_firm(kit, &bookkeeper, &there, body.clone()).refused(403, "not-granted").await;
        let renamed = update_firm(kit, &admin.person, &admin.here, body).ok(200).await;
        assert_eq!(text(&renamed, "/firm/name"), "New Firm");
        let firms = kit.api.get("/v1/connections").by(&owner.person).within(&owner.here).ok(200).await;
        assert_eq!(text(&firms, "/connections/0/firm/name"), "New Firm");
        let path = format!("/v1/billing-offers/{}", owner.company.id);
        kit.api.put(&path).by(&admin.person).within(&admin.here).json(json!({})).ok(201).await;
        update_firm(kit, &admin.person, &admin.here, json!({ "name": "Newer Firm" })).ok(200).await;
        let billing = kit.api.get("/v1/billing").by(&owner.person).within(&owner.here).ok(200).await;
        assert_eq!(text(&billing, "/billing/offers/0/name"), "Newer Firm", "an offer keeps the old name");
        update_firm(kit, &admin.person, &admin.here, json!({ "name": "New Firm" })).ok(200).await;
        for person in [&admin.person, &bookkeeper] {
            let contexts = kit.api.get("/v1/contexts").by(person).ok(200).await.to_string();
            assert!(contexts.contains("New Firm") && !contexts.contains("Old Firm"), "{contexts}");
        }
    });
}
