//! `/v1/companies`, `/v1/firms`.

use serde_json::json;
use tests::cast::{self, list, text};
use tests::people;
use tests::{kit, run};

use crate::support::{refused_input, with};

#[test]
fn registering_a_company_makes_its_registrant_the_owner() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Oda Founder", "Founders Ltd").await;
        let answer = kit.api.get("/v1/members").by(&owner.person).within(&owner.here).ok(200).await;
        let members = list(&answer, "members");
        assert_eq!(members.len(), 1, "{answer}");
        assert_eq!(text(&members[0], "/user"), owner.person.user);
        assert_eq!(text(&members[0], "/role"), "owner");
        assert!(owner.here.permissions.contains(&"billing.manage".to_owned()));
    });
}

/// The profile keeps the address of the first sign-in. By now it may be somebody else's, and invitations
/// to a firm's main address are its admins' to answer.
#[test]
fn a_firms_main_address_is_the_one_that_is_its_registrants_now() {
    run(async {
        let kit = kit();
        let (owner, xeno) =
            tokio::join!(cast::owner(kit, "Otto Owner", "Owners Ltd"), people::sign_up(kit, "Xeno Moved"));
        let (before, now) = (xeno.email.clone(), people::address("Xeno Moved"));
        people::change_address(kit, &xeno, &now, true).await;
        kit.api.post("/v1/firms").by(&xeno).json(json!({ "name": "Movers" })).ok(201).await;
        for (address, reaches) in [(before, false), (now, true)] {
            let body = json!({ "kind": "firm", "email": address });
            let invited = cast::invite(kit, &owner.person, &owner.here, body).await;
            let answer = kit.api.post(&format!("/v1/me/invitations/{}/accept", invited.id)).by(&xeno).json(json!({}));
            let answer = answer.send().await;
            assert_eq!(answer.status, if reaches { 200 } else { 404 }, "{address}: {}", answer.text());
        }
        people::change_address(kit, &xeno, &people::address("Xeno Again"), false).await;
        kit.api.post("/v1/firms").by(&xeno).json(json!({ "name": "Unproven" })).refused(409, "conflict").await;
    });
}

#[test]
fn registering_a_firm_makes_its_registrant_the_admin() {
    run(async {
        let kit = kit();
        let admin = cast::firm_admin(kit, "Ada Founder", "Founding Accountants").await;
        let answer = kit.api.get("/v1/staff").by(&admin.person).within(&admin.here).ok(200).await;
        let staff = list(&answer, "staff");
        assert_eq!(with(staff, "user", &admin.person.user).len(), 1, "{answer}");
        assert_eq!(text(&staff[0], "/role"), "admin");
    });
}

/// Proves: B4
#[test]
fn a_company_needs_a_currency_that_exists_and_a_name() {
    run(async {
        let kit = kit();
        let person = people::sign_up(kit, "Otto Sloppy").await;
        for (body, field) in [
            (json!({ "name": "Sloppy", "currency": "EURO" }), "currency"),
            (json!({ "name": "Sloppy", "currency": "ZZZ" }), "currency"),
            (json!({ "name": "", "currency": "EUR" }), "name"),
            (json!({ "name": "x".repeat(5000), "currency": "EUR" }), "name"),
            (json!({ "name": "Sloppy\u{0}Ltd", "currency": "EUR" }), "name"),
            (json!({ "name": "Sloppy", "currency": "EUR", "time_zone": "Mars/Olympus" }), "time_zone"),
            (json!({ "name": "Sloppy", "currency": "EUR", "owner": "someone" }), "owner"),
        ] {
            refused_input(&kit.api.post("/v1/companies").by(&person).json(body).send().await, field);
        }
        let answer = kit.api.get("/v1/contexts").by(&person).ok(200).await;
        assert!(list(&answer, "contexts").is_empty(), "a refused company left a trace: {answer}");
    });
}

#[test]
fn names_keep_their_letters_whatever_the_script() {
    run(async {
        let kit = kit();
        let person = people::sign_up(kit, "Ōta Łucja").await;
        let company = cast::register_company(kit, &person, "Ærø #1 \u{1F4DA} Bücher & Søn").await;
        assert_eq!(company.name, "Ærø #1 \u{1F4DA} Bücher & Søn");
        let here = cast::enter(kit, &person, &company.id).await;
        assert_eq!(here.name, company.name);
    });
}
