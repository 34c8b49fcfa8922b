//! Handover: a new firm takes a connected firm's place in one change.

use serde_json::{Value, json};
use tests::cast::{self, Context, FirmAdmin, Owner, list, text};
use tests::{Kit, kit, run, story};

/// A company, its firm, the firm's admin inside, and another firm.
async fn scene(kit: &Kit) -> (Owner, FirmAdmin, Context, FirmAdmin) {
    let (owner, old, new) = tokio::join!(
        cast::owner(kit, "Otto Owner", "Owners Ltd"),
        cast::firm_admin(kit, "Ada Admin", "Old Firm"),
        cast::firm_admin(kit, "Nina New", "New Firm"),
    );
    cast::connect(kit, &owner, &old, None).await;
    let inside = cast::enter(kit, &old.person, &owner.company.id).await;
    (owner, old, inside, new)
}

fn offer(to: &FirmAdmin, replaces: &str) -> Value {
    json!({ "kind": "firm", "email": to.person.email, "replaces": replaces, "permissions": ["dashboard.view"] })
}

/// The one firm that is connected.
async fn connected(kit: &Kit, owner: &Owner) -> String {
    let answer = kit.api.get("/v1/connections").by(&owner.person).within(&owner.here).ok(200).await;
    let firms: Vec<String> =
        list(&answer, "connections").iter().map(|connection| text(connection, "/firm/id")).collect();
    assert_eq!(firms.len(), 1, "{answer}");
    firms.concat()
}

/// Proves: 9
#[test]
fn the_old_firm_goes_in_the_change_that_brings_the_new_one() {
    run(async {
        let kit = kit();
        let (owner, old, inside, new) = scene(kit).await;
        let bookkeeper = cast::staff(kit, &old, "Berta Bookkeeper", "bookkeeper").await;
        cast::assign(kit, &old, &owner.company.id, &bookkeeper.user, None).await;
        let bookkeeper_inside = cast::enter(kit, &bookkeeper, &owner.company.id).await;
        let invited = cast::invite(kit, &owner.person, &owner.here, offer(&new, &old.firm.id)).await;
        // Until the new firm accepts, the old one works on.
        kit.api.get("/v1/dashboard").by(&old.person).within(&inside).ok(200).await;
        assert_eq!(connected(kit, &owner).await, old.firm.id);

        cast::accept(kit, &new.person, &invited.token, Some(&new.firm.id)).await;
        assert_eq!(connected(kit, &owner).await, new.firm.id);
        for (person, here) in [(&old.person, &inside), (&bookkeeper, &bookkeeper_inside)] {
            kit.api.get("/v1/dashboard").by(person).within(here).refused(403, "not-granted").await;
            let path = format!("/v1/contexts/{}", owner.company.id);
            kit.api.post(&path).by(person).json(json!({})).refused(404, "not-found").await;
        }
        let new_inside = cast::enter(kit, &new.person, &owner.company.id).await;
        kit.api.get("/v1/dashboard").by(&new.person).within(&new_inside).ok(200).await;

        let trail = story::audit_trail(kit, &owner.person, &owner.here).await;
        let of = |kind: &str| trail.iter().find(|event| event["type"] == kind).unwrap_or_else(|| panic!("no {kind}"));
        let (ended, started) = (of("connection.ended"), of("connection.started"));
        assert_eq!(ended["request_id"], started["request_id"], "two changes, not one");
        assert_eq!(ended["subject"]["id"], json!(old.firm.id));
        assert_eq!(started["data"]["replaces"], json!(old.firm.id));
        // The old firm sees that it ended, and everything it recorded is still there.
        let seen = kit.api.get("/v1/audit?of=clients").by(&old.person).within(&old.here).ok(200).await;
        assert!(seen.to_string().contains("connection.ended"), "{seen}");
    });
}

#[test]
fn a_declined_handover_changes_nothing() {
    run(async {
        let kit = kit();
        let (owner, old, inside, new) = scene(kit).await;
        let invited = cast::invite(kit, &owner.person, &owner.here, offer(&new, &old.firm.id)).await;
        let decline = kit.api.post("/v1/invitations/reject").by(&new.person).json(json!({ "token": invited.token }));
        decline.ok(200).await;
        assert_eq!(connected(kit, &owner).await, old.firm.id);
        kit.api.get("/v1/dashboard").by(&old.person).within(&inside).ok(200).await;
    });
}

#[test]
fn a_firm_that_left_before_the_handover_does_not_stand_in_its_way() {
    run(async {
        let kit = kit();
        let (owner, old, _, new) = scene(kit).await;
        let invited = cast::invite(kit, &owner.person, &owner.here, offer(&new, &old.firm.id)).await;
        let path = format!("/v1/connections/{}", owner.company.id);
        kit.api.delete(&path).by(&old.person).within(&old.here).ok(200).await;
        cast::accept(kit, &new.person, &invited.token, Some(&new.firm.id)).await;
        assert_eq!(connected(kit, &owner).await, new.firm.id);
        assert_eq!(story::events_of_type(kit, &owner.company.id, "connection.ended").await, 1);
    });
}

#[test]
fn a_handover_fails_once_its_inviter_lost_the_right() {
    run(async {
        let kit = kit();
        let (owner, old, inside, new) = scene(kit).await;
        let manager = cast::member(kit, &owner, "Adam Admin", "admin", None).await;
        let invited = cast::invite(kit, &manager.person, &manager.here, offer(&new, &old.firm.id)).await;
        let path = format!("/v1/members/{}", manager.person.user);
        let down = kit.api.patch(&path).by(&owner.person).within(&owner.here).json(json!({ "role": "client" }));
        down.ok(200).await;
        let body = json!({ "token": invited.token, "firm": new.firm.id });
        kit.api.post("/v1/invitations/accept").by(&new.person).json(body).refused(410, "gone").await;
        assert_eq!(connected(kit, &owner).await, old.firm.id);
        kit.api.get("/v1/dashboard").by(&old.person).within(&inside).ok(200).await;
    });
}

#[test]
fn only_a_connected_firm_is_replaced_and_only_by_a_firm() {
    run(async {
        let kit = kit();
        let (owner, old, _, new) = scene(kit).await;
        let invite = |body: Value| kit.api.post("/v1/invitations").by(&owner.person).within(&owner.here).json(body);
        let stranger = invite(offer(&old, &new.firm.id)).send().await;
        stranger.refused_field(422, "invalid-field", "replaces");
        let nonsense = invite(offer(&new, "nobody")).send().await;
        nonsense.refused_field(422, "invalid-field", "replaces");
        let member = json!({ "kind": "member", "email": new.person.email, "role": "client", "replaces": old.firm.id });
        invite(member).send().await.refused_field(422, "invalid-field", "replaces");
        // A firm that takes its own place is connected already.
        let itself = cast::invite(kit, &owner.person, &owner.here, offer(&old, &old.firm.id)).await;
        let body = json!({ "token": itself.token, "firm": old.firm.id });
        kit.api.post("/v1/invitations/accept").by(&old.person).json(body).refused(409, "conflict").await;
        assert_eq!(connected(kit, &owner).await, old.firm.id);
    });
}
