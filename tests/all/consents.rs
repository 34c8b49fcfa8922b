//! What a client agreed to, shown to both sides for as long as either may have to prove it.

use serde_json::{Value, json};
use tests::cast::{self, Context, list, text};
use tests::people::Person;
use tests::{Kit, kit, run};

async fn consents(kit: &Kit, who: &Person, here: &Context, other: &str) -> Value {
    kit.api.get(&format!("/v1/connections/{other}/consents")).by(who).within(here).ok(200).await
}

/// Asks the owner for a connection and lets them give it.
async fn connect(kit: &Kit, admin: &cast::FirmAdmin, owner: &cast::Owner, permissions: &[&str]) -> Value {
    let body = json!({ "kind": "client", "email": owner.person.email, "permissions": permissions });
    let invited = cast::invite(kit, &admin.person, &admin.here, body).await;
    let shown = kit.api.get(&invited.link).header("accept", "application/json").ok(200).await;
    accept(kit, owner, &invited, &shown["consent"]).await;
    shown["consent"].clone()
}

/// The owner accepts for their company, and agrees to a text.
async fn accept(kit: &Kit, owner: &cast::Owner, invited: &cast::Invited, consent: &Value) {
    let body = json!({
        "token": invited.token, "company": owner.company.id,
        "consent": { "version": consent["version"], "digest": consent["digest"] },
    });
    kit.api.post("/v1/invitations/accept").by(&owner.person).json(body).ok(200).await;
}

#[test]
fn both_sides_read_what_was_agreed_to_also_when_the_connection_has_ended_and_begun_again() {
    run(async {
        let kit = kit();
        let admin = cast::firm_admin(kit, "Ada Asker", "Askers").await;
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let (company, firm) = (owner.company.id.as_str(), admin.firm.id.as_str());
        assert_eq!(consents(kit, &owner.person, &owner.here, firm).await, json!({ "consents": [] }));

        let first = connect(kit, &admin, &owner, &["invoices.view"]).await;
        let path = format!("/v1/connections/{firm}");
        kit.api.delete(&path).by(&owner.person).within(&owner.here).ok(200).await;
        let second = connect(kit, &admin, &owner, &["invoices.view", "vat.manage"]).await;
        assert_ne!(first["digest"], second["digest"]);
        kit.api.delete(&path).by(&owner.person).within(&owner.here).ok(200).await;

        let seen = consents(kit, &owner.person, &owner.here, firm).await;
        let given = list(&seen, "consents");
        for (given, shown) in given.iter().zip([&first, &second]) {
            for field in ["version", "language", "text", "digest"] {
                assert_eq!(given[field], shown[field], "{field}");
            }
            assert_eq!([&text(given, "/company"), &text(given, "/firm")], [company, firm]);
            assert_eq!(text(given, "/given_by"), owner.person.user);
        }
        assert_eq!(given.len(), 2, "{seen}");
        assert_eq!(consents(kit, &admin.person, &admin.here, company).await, seen);

        // Page by page, the oldest first.
        let path = format!("/v1/connections/{company}/consents?limit=1");
        let get = |path: String| kit.api.get(&path).by(&admin.person).within(&admin.here).ok(200);
        let page = get(path.clone()).await;
        assert_eq!(list(&page, "consents"), &given[..1]);
        let rest = get(format!("{path}&cursor={}", text(&page, "/next_cursor"))).await;
        assert_eq!(list(&rest, "consents"), &given[1..]);
    });
}

/// A client would otherwise agree to a text that they cannot read, and the record would show another.
///
/// Proves: 26
#[test]
fn a_client_agrees_in_their_language_and_the_record_keeps_it() {
    run(async {
        let kit = kit();
        let (admin, owner) =
            tokio::join!(cast::firm_admin(kit, "Ada Asker", "Askers"), cast::owner(kit, "Otto Owner", "Owners Ltd"));
        let ask = async |more: Value| {
            let mut body = json!({ "kind": "client", "email": owner.person.email, "permissions": ["invoices.view"] });
            more.as_object().expect("an object").iter().for_each(|(field, value)| body[field] = value.clone());
            cast::invite(kit, &admin.person, &admin.here, body).await
        };
        let shown = async |invited: &cast::Invited, accepted: &str| {
            let get = kit.api.get(&invited.link).header("accept", "application/json");
            get.header("accept-language", accepted).ok(200).await["consent"].clone()
        };
        let invited = ask(json!({})).await;
        let (german, english) = (shown(&invited, "de-CH, en;q=0.5").await, shown(&invited, "pt-BR").await);
        assert_eq!([text(&german, "/language"), text(&english, "/language")], ["de", "en"]);
        assert!(text(&german, "/text").contains("- Rechnungen und die Kommentare dazu ansehen."), "{german}");
        assert_eq!(german["version"], english["version"]);
        assert_ne!(german["digest"], english["digest"]);
        let pending = kit.api.get("/v1/me/invitations").by(&owner.person).header("accept-language", "nl").ok(200).await;
        assert_eq!(text(&pending, "/invitations/0/consent/language"), "nl", "{pending}");
        accept(kit, &owner, &invited, &german).await;

        let path = format!("/v1/connections/{}", admin.firm.id);
        kit.api.delete(&path).by(&owner.person).within(&owner.here).ok(200).await;
        // The language that the inviter chose comes before the browser's.
        let invited = ask(json!({ "locale": "fr-BE" })).await;
        let french = shown(&invited, "de").await;
        assert_eq!(text(&french, "/language"), "fr");
        accept(kit, &owner, &invited, &french).await;

        let seen = consents(kit, &owner.person, &owner.here, &admin.firm.id).await;
        for (given, shown) in list(&seen, "consents").iter().zip([&german, &french]) {
            for field in ["version", "language", "text", "digest"] {
                assert_eq!(given[field], shown[field], "{field}");
            }
        }
        assert_eq!(list(&seen, "consents").len(), 2, "{seen}");
    });
}

/// Proves: 2
#[test]
fn nobody_else_reads_them_or_learns_that_there_are_any() {
    run(async {
        let kit = kit();
        let (admin, owner) =
            tokio::join!(cast::firm_admin(kit, "Ada Asker", "Askers"), cast::owner(kit, "Otto Owner", "Owners Ltd"),);
        connect(kit, &admin, &owner, &["invoices.view"]).await;
        let none = json!({ "consents": [] });
        let (rival, neighbour) = tokio::join!(
            cast::firm_admin(kit, "Rita Rival", "Rivals"),
            cast::owner(kit, "Nora Neighbour", "Neighbours Ltd"),
        );
        assert_eq!(consents(kit, &rival.person, &rival.here, &owner.company.id).await, none);
        assert_eq!(consents(kit, &rival.person, &rival.here, "co_00000000000000000000000000000001").await, none);
        assert_eq!(consents(kit, &neighbour.person, &neighbour.here, &admin.firm.id).await, none);
        for other in [neighbour.company.id.as_str(), "nonsense", "fm_"] {
            let path = format!("/v1/connections/{other}/consents");
            kit.api.get(&path).by(&owner.person).within(&owner.here).refused(404, "not-found").await;
        }
    });
}
