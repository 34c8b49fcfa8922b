//! What a firm gives stays bounded by its connection: members whom it invites, invitations that it sent, and
//! assignments, in the stay in which they were given and in no later one.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use tests::cast::{self, Context, FirmAdmin, Owner, list, text};
use tests::http::Answer;
use tests::people::{self, Person};
use tests::{Kit, kit, run};

use crate::support::with;

/// What the firm is granted: enough to invite members, and what they can do.
const GRANTED: [&str; 6] =
    ["dashboard.view", "invoices.view", "invoices.comment", "payroll.view", "team.view", "team.manage"];

/// A company whose firm may invite members, and a member whom the firm's admin invited.
struct Scene {
    owner: Owner,
    firm: FirmAdmin,
    inside: Context,
    planted: Person,
    here: Context,
}

async fn scene(kit: &Kit) -> Scene {
    let (owner, firm, planted) = tokio::join!(
        cast::owner(kit, "Otto Owner", "Owners Ltd"),
        cast::firm_admin(kit, "Ada Admin", "Adas Firm"),
        people::sign_up(kit, "Petra Planted"),
    );
    cast::connect(kit, &owner, &firm, Some(&GRANTED)).await;
    let inside = cast::enter(kit, &firm.person, &owner.company.id).await;
    let invited = cast::invite(kit, &firm.person, &inside, everything(&planted)).await;
    cast::accept(kit, &planted, &invited.token, None).await;
    let here = cast::enter(kit, &planted, &owner.company.id).await;
    Scene { owner, firm, inside, planted, here }
}

fn everything(person: &Person) -> Value {
    json!({ "kind": "member", "email": person.email, "role": "custom", "permissions": GRANTED })
}

async fn look(kit: &Kit, who: &Person, here: &Context, path: &str) -> Answer {
    kit.api.get(path).by(who).within(here).send().await
}

async fn disconnect(kit: &Kit, owner: &Owner, firm: &FirmAdmin) -> Value {
    let path = format!("/v1/connections/{}", firm.firm.id);
    kit.api.delete(&path).by(&owner.person).within(&owner.here).ok(200).await
}

async fn members(kit: &Kit, owner: &Owner) -> Value {
    kit.api.get("/v1/members").by(&owner.person).within(&owner.here).ok(200).await
}

/// No read, no write, no way in, no list.
async fn is_out(kit: &Kit, owner: &Owner, who: &Person, here: &Context) {
    look(kit, who, here, "/v1/members").await.refused(403, "not-granted");
    let body = json!({ "kind": "member", "email": people::address("Gus Guest"), "role": "custom", "permissions": ["dashboard.view"] });
    kit.api.post("/v1/invitations").by(who).within(here).json(body).refused(403, "not-granted").await;
    kit.api.post("/v1/contexts/refresh").by(who).within(here).refused(403, "not-granted").await;
    let enter = format!("/v1/contexts/{}", owner.company.id);
    kit.api.post(&enter).by(who).json(json!({})).refused(404, "not-found").await;
    let listed = kit.api.get("/v1/contexts").by(who).ok(200).await;
    assert!(!listed.to_string().contains(&owner.company.id), "{listed}");
}

/// A firm plants a member and is disconnected. The preview names the member, the answer counts them, and they
/// have lost everything, also when the firm is connected again.
/// Proves: S2, 25, 9
#[test]
fn whom_a_firm_invited_goes_with_the_firm_and_does_not_come_back_with_it() {
    run(async {
        let kit = kit();
        let Scene { owner, firm, inside: _, planted, here } = scene(kit).await;
        assert_eq!(here.via, "member");
        look(kit, &planted, &here, "/v1/members").await.ok(200);
        let own = cast::member(kit, &owner, "Mara Member", "client", None).await;
        let listed = members(kit, &owner).await;
        let [row] = with(list(&listed, "members"), "user", &planted.user)[..] else { panic!("{listed}") };
        assert_eq!(text(row, "/inviting_firm"), firm.firm.id);

        let path = format!("/v1/connections/{}/removal", firm.firm.id);
        let would = kit.api.get(&path).by(&owner.person).within(&owner.here).ok(200).await;
        let named: Vec<String> = list(&would, "members").iter().map(|member| text(member, "/user")).collect();
        assert_eq!(named, std::slice::from_ref(&planted.user), "{would}");
        let at_firm = format!("/v1/connections/{}/removal", owner.company.id);
        let seen = kit.api.get(&at_firm).by(&firm.person).within(&firm.here).ok(200).await;
        assert_eq!(seen["members"], would["members"], "both sides see it");
        look(kit, &planted, &here, "/v1/members").await.ok(200);

        assert_eq!(disconnect(kit, &owner, &firm).await["members"], 1);
        is_out(kit, &owner, &planted, &here).await;
        let listed = members(kit, &owner).await;
        assert!(with(list(&listed, "members"), "user", &planted.user).is_empty(), "{listed}");
        look(kit, &own.person, &own.here, "/v1/dashboard").await.ok(200);

        cast::connect(kit, &owner, &firm, Some(&GRANTED)).await;
        is_out(kit, &owner, &planted, &here).await;
        let again = kit.api.get(&path).by(&owner.person).within(&owner.here).ok(200).await;
        assert!(list(&again, "members").is_empty(), "{again}");
    });
}

/// Proves: S2, 25
#[test]
fn whom_a_firm_invited_goes_in_the_handover_too() {
    run(async {
        let kit = kit();
        let Scene { owner, firm, inside: _, planted, here } = scene(kit).await;
        let new = cast::firm_admin(kit, "Nina New", "New Firm").await;
        let body =
            json!({ "kind": "firm", "email": new.person.email, "replaces": firm.firm.id, "permissions": GRANTED });
        let invited = cast::invite(kit, &owner.person, &owner.here, body).await;
        look(kit, &planted, &here, "/v1/members").await.ok(200);
        cast::accept(kit, &new.person, &invited.token, Some(&new.firm.id)).await;
        is_out(kit, &owner, &planted, &here).await;
    });
}

/// Proves: S2, 5
#[test]
fn whom_a_firm_invited_holds_no_more_than_the_firm() {
    run(async {
        let kit = kit();
        let Scene { owner, firm, inside, planted, here } = scene(kit).await;
        look(kit, &planted, &here, "/v1/access/payroll.view").await.ok(200);
        let path = format!("/v1/connections/{}", firm.firm.id);
        let fewer: Vec<&str> = GRANTED.into_iter().filter(|permission| *permission != "payroll.view").collect();
        let narrow = kit.api.patch(&path).by(&owner.person).within(&owner.here);
        narrow.json(json!({ "permissions": fewer })).ok(200).await;
        look(kit, &planted, &here, "/v1/access/payroll.view").await.refused(403, "not-granted");
        let inside_now = cast::enter(kit, &planted, &owner.company.id).await;
        assert!(!inside_now.permissions.contains(&"payroll.view".to_owned()));
        // Whom they invite is bounded by the same firm, and no firm invites an owner.
        let guest = people::sign_up(kit, "Gus Guest").await;
        let body =
            json!({ "kind": "member", "email": guest.email, "role": "custom", "permissions": ["dashboard.view"] });
        let invited = cast::invite(kit, &planted, &inside_now, body).await;
        cast::accept(kit, &guest, &invited.token, None).await;
        let guests = cast::enter(kit, &guest, &owner.company.id).await;
        let body = json!({ "kind": "member", "email": people::address("Olga"), "role": "owner" });
        let call = kit.api.post("/v1/invitations").by(&firm.person).within(&inside).json(body);
        call.send().await.refused_field(422, "invalid-field", "role");
        let path = format!("/v1/members/{}", planted.user);
        let promote = kit.api.patch(&path).by(&owner.person).within(&owner.here).json(json!({ "role": "owner" }));
        promote.send().await.refused_field(422, "invalid-field", "role");
        assert_eq!(disconnect(kit, &owner, &firm).await["members"], 2);
        is_out(kit, &owner, &guest, &guests).await;
    });
}

/// Otherwise the company believes that it gave something which never counts.
/// Proves: S2
#[test]
fn whom_a_firm_invited_is_lent_no_more_than_the_firm_holds() {
    run(async {
        let kit = kit();
        let Scene { owner, firm, inside: _, planted, here } = scene(kit).await;
        let body = json!({ "permissions": ["vat.view", "invoices.edit"], "for_hours": 8 });
        let asked = kit.api.post("/v1/access-requests").by(&planted).within(&here).json(body).ok(201).await;
        let path = format!("/v1/access-requests/{}/grant", text(&asked, "/access_request/id"));
        let grant = |permissions: &[&str]| {
            let call = kit.api.post(&path).by(&owner.person).within(&owner.here);
            call.json(json!({ "permissions": permissions })).send_owned()
        };
        let beyond = grant(&["vat.view"]).await.refused(403, "exceeds-own-grants");
        assert_eq!(text(&beyond, "/permission"), "vat.view");
        let wider: Vec<&str> = GRANTED.into_iter().chain(["vat.view"]).collect();
        let connection = format!("/v1/connections/{}", firm.firm.id);
        let widen = kit.api.patch(&connection).by(&owner.person).within(&owner.here);
        widen.json(json!({ "permissions": wider })).ok(200).await;
        grant(&["vat.view"]).await.ok(200);
        look(kit, &planted, &here, "/v1/access/vat.view").await.ok(200);
    });
}

/// What a firm's people give in a company ends with its connection. So the company's own members, and other firms, gain
/// nothing from them: not by a change of their place, not by a request for access, not by an invitation.
/// Proves: S2, 25, 5
#[test]
fn a_firm_gives_nothing_that_outlasts_its_connection() {
    run(async {
        let kit = kit();
        let (owner, firm, other) = tokio::join!(
            cast::owner(kit, "Otto Owner", "Owners Ltd"),
            cast::firm_admin(kit, "Ada Admin", "Adas Firm"),
            cast::firm_admin(kit, "Otis Other", "Other Firm"),
        );
        let held: Vec<&str> = GRANTED.into_iter().chain(["connections.view", "connections.manage"]).collect();
        cast::connect(kit, &owner, &firm, Some(&held)).await;
        cast::connect(kit, &owner, &other, Some(&["dashboard.view"])).await;
        let inside = cast::enter(kit, &firm.person, &owner.company.id).await;
        let ally = cast::member(kit, &owner, "Ali Ally", "custom", Some(&["dashboard.view", "invoices.view"])).await;
        let path = format!("/v1/members/{}", ally.person.user);
        let change = |who: &Person, here: &Context, body: Value| {
            kit.api.patch(&path).by(who).within(here).json(body).send_owned()
        };
        let wider = json!({ "permissions": ["dashboard.view", "invoices.view", "payroll.view"] });
        change(&firm.person, &inside, wider.clone()).await.refused(403, "exceeds-own-grants");
        let fewer = json!({ "permissions": ["dashboard.view"] });
        change(&firm.person, &inside, fewer.clone()).await.ok(200);

        let body = json!({ "permissions": ["payroll.view"], "for_hours": 8784 });
        let asked = kit.api.post("/v1/access-requests").by(&ally.person).within(&ally.here).json(body).ok(201).await;
        let grant = format!("/v1/access-requests/{}/grant", text(&asked, "/access_request/id"));
        let by_firm = kit.api.post(&grant).by(&firm.person).within(&inside).json(json!({}));
        by_firm.refused(403, "exceeds-own-grants").await;

        let connection = format!("/v1/connections/{}", other.firm.id);
        let more = json!({ "permissions": ["dashboard.view", "payroll.view"] });
        let by_firm = kit.api.patch(&connection).by(&firm.person).within(&inside).json(more.clone());
        by_firm.refused(403, "exceeds-own-grants").await;
        let invitation =
            json!({ "kind": "firm", "email": people::address("Third"), "permissions": ["dashboard.view"] });
        let by_firm = kit.api.post("/v1/invitations").by(&firm.person).within(&inside).json(invitation.clone());
        by_firm.refused(403, "exceeds-own-grants").await;
        let rows = json!({ "invitations": [invitation] });
        let bulk = kit.api.post("/v1/invitations/bulk").by(&firm.person).within(&inside).json(rows).ok(200).await;
        assert_eq!(text(&bulk, "/rows/0/outcome"), "invalid", "{bulk}");
        assert_eq!(text(&bulk, "/rows/0/field"), "kind", "{bulk}");
        let sent = cast::invite(kit, &owner.person, &owner.here, invitation).await;
        let resend = kit.api.post(&format!("/v1/invitations/{}/resend", sent.id)).by(&firm.person).within(&inside);
        resend.json(json!({})).refused(403, "exceeds-own-grants").await;

        // The company gives all of it.
        kit.api.post(&grant).by(&owner.person).within(&owner.here).json(json!({})).ok(200).await;
        change(&owner.person, &owner.here, wider).await.ok(200);
        kit.api.patch(&connection).by(&owner.person).within(&owner.here).json(more).ok(200).await;
    });
}

/// Proves: S2
#[test]
fn the_companys_own_invitation_makes_them_its_own() {
    run(async {
        let kit = kit();
        let Scene { owner, firm, inside: _, planted, here } = scene(kit).await;
        let body = json!({ "kind": "member", "email": planted.email, "role": "client" });
        let invited = cast::invite(kit, &owner.person, &owner.here, body).await;
        cast::accept(kit, &planted, &invited.token, None).await;
        // The token of the place that the firm gave serves no other.
        look(kit, &planted, &here, "/v1/dashboard").await.refused(403, "not-granted");
        let own = cast::enter(kit, &planted, &owner.company.id).await;
        assert_eq!(disconnect(kit, &owner, &firm).await["members"], 0);
        look(kit, &planted, &own, "/v1/dashboard").await.ok(200);
        look(kit, &planted, &own, "/v1/members").await.refused(403, "not-granted");
    });
}

/// An invitation that a firm sent is of the stay in which it was sent.
/// Proves: S2, S17, 25
#[test]
fn an_open_invitation_of_a_firm_is_not_accepted_after_its_connection_ended_or_began_anew() {
    run(async {
        let kit = kit();
        let Scene { owner, firm, inside, planted: _, here: _ } = scene(kit).await;
        let guest = people::sign_up(kit, "Gus Guest").await;
        let invited = cast::invite(kit, &firm.person, &inside, everything(&guest)).await;
        let accept = || {
            let call = kit.api.post("/v1/invitations/accept").by(&guest).json(json!({ "token": invited.token }));
            call.send_owned()
        };
        disconnect(kit, &owner, &firm).await;
        accept().await.refused(410, "gone");
        cast::connect(kit, &owner, &firm, Some(&GRANTED)).await;
        accept().await.refused(410, "gone");
        let listed = members(kit, &owner).await;
        assert!(with(list(&listed, "members"), "user", &guest.user).is_empty(), "{listed}");
    });
}

/// No index is asked which assignments are left from an earlier stay, so one that the index never shows grants
/// nothing either.
/// Proves: S17, 4
#[test]
fn an_assignment_that_no_index_shows_does_not_revive_with_the_place() {
    run(async {
        let kit = kit();
        let (owner, firm) =
            tokio::join!(cast::owner(kit, "Otto Owner", "Owners Ltd"), cast::firm_admin(kit, "Ada Admin", "Adas Firm"));
        let ((), bookkeeper) = tokio::join!(
            cast::connect(kit, &owner, &firm, None),
            cast::staff(kit, &firm, "Berta Bookkeeper", "bookkeeper")
        );
        let company = owner.company.id.as_str();
        cast::assign(kit, &firm, company, &bookkeeper.user, None).await;
        let before = cast::enter(kit, &bookkeeper, company).await;
        let (pk, sk) = (format!("COMPANY#{company}"), format!("ASSIGNED#{}#{}", firm.firm.id, bookkeeper.user));
        for attribute in ["gsi1pk", "gsi1sk"] {
            kit.table.set(&pk, &sk, attribute, AttributeValue::S("HIDDEN".to_owned())).await;
        }
        let path = format!("/v1/staff/{}", bookkeeper.user);
        kit.api.delete(&path).by(&firm.person).within(&firm.here).ok(200).await;
        let body = json!({ "kind": "staff", "email": bookkeeper.email, "role": "bookkeeper" });
        let invited = cast::invite(kit, &firm.person, &firm.here, body).await;
        cast::accept(kit, &bookkeeper, &invited.token, None).await;

        let item = kit.table.item(&pk, &sk).await.expect("the assignment is on record");
        assert_eq!(tests::table::text(&item, "status"), Some("active"), "nothing ended it");
        look(kit, &bookkeeper, &before, "/v1/dashboard").await.refused(403, "not-granted");
        let comment = kit.api.put("/v1/bank-accounts/NONE/threshold").by(&bookkeeper).within(&before);
        comment.json(json!({ "threshold_minor": 1 })).refused(403, "not-granted").await;
        let enter = format!("/v1/contexts/{company}");
        kit.api.post(&enter).by(&bookkeeper).json(json!({})).refused(404, "not-found").await;
        for query in [format!("user={}", bookkeeper.user), format!("company={company}")] {
            let path = format!("/v1/assignments?{query}");
            let listed = kit.api.get(&path).by(&firm.person).within(&firm.here).ok(200).await;
            assert!(list(&listed, "assignments").is_empty(), "{listed}");
        }
        // Assigned anew, it is of this stay. The token of the earlier one is not.
        cast::assign(kit, &firm, company, &bookkeeper.user, None).await;
        let anew = cast::enter(kit, &bookkeeper, company).await;
        look(kit, &bookkeeper, &anew, "/v1/dashboard").await.ok(200);
        look(kit, &bookkeeper, &before, "/v1/dashboard").await.refused(403, "not-granted");
    });
}
