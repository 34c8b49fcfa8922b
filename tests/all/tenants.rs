//! One tenant with another's ids (PROOF 2): 404, and byte for byte what an id that does not exist gets.

use serde_json::{Value, json};
use tests::cast::{self, Context, World};
use tests::http::Answer;
use tests::machine::Ledger;
use tests::people::Person;
use tests::{Kit, kit, run};

use crate::support::call;

/// The same request twice: once with the other tenant's id, once with one that never existed.
struct Probe {
    method: &'static str,
    /// `{}` stands for the id.
    path: &'static str,
    theirs: String,
    nobodys: String,
    body: Option<Value>,
}

fn probe(method: &'static str, path: &'static str, theirs: &str, nobodys: &str, body: Option<Value>) -> Probe {
    Probe { method, path, theirs: theirs.to_owned(), nobodys: nobodys.to_owned(), body }
}

const NO_USER: &str = "0b0b0b0b-0b0b-4b0b-8b0b-0b0b0b0b0b0b";
const NO_CLIENT: &str = "cl_00000000000070008000000000000000";
const NO_COMPANY: &str = "co_00000000000070008000000000000000";
const NO_FIRM: &str = "fm_00000000000070008000000000000000";

async fn ask(kit: &Kit, who: &Person, here: &Context, probe: &Probe, id: &str) -> Answer {
    let path = probe.path.replace("{}", id);
    let mut request = call(&kit.api, probe.method, &path).by(who).within(here);
    if let Some(body) = &probe.body {
        request = request.json(body.clone());
    }
    request.send().await
}

async fn cannot_be_told_apart(kit: &Kit, who: &Person, here: &Context, probes: Vec<Probe>) {
    for probe in probes {
        let theirs = ask(kit, who, here, &probe, &probe.theirs).await;
        let nobodys = ask(kit, who, here, &probe, &probe.nobodys).await;
        assert_eq!(theirs.status, 404, "{}: {}", theirs.line, theirs.text());
        theirs.refused(404, "not-found");
        assert_eq!(theirs.bytes, nobodys.bytes, "{} tells that the id exists", theirs.line);
        assert_eq!(theirs.status, nobodys.status);
        assert_eq!(theirs.header("content-type"), nobodys.header("content-type"));
    }
}

async fn invitation_of(kit: &Kit, world: &World) -> String {
    let body = json!({ "kind": "member", "email": tests::people::address("Gus Guest"), "role": "client" });
    let call = kit.api.post("/v1/invitations").by(&world.owner.person).within(&world.owner.here).json(body);
    cast::text(&call.ok(201).await, "/invitation/id")
}

/// Proves: 2, B7
#[test]
fn another_companys_objects_do_not_exist() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let mine = cast::owner(kit, "Olga Outsider", "Outside Ltd").await;
        let invitation = invitation_of(kit, world).await;
        let (_, member) = &world.members[0];
        let (reference, user) = (world.reference, member.person.user.as_str());
        let none = "NEVER-1";
        let company = world.owner.company.id.as_str();
        let theirs_assigned =
            |company: &str| format!("{company}/{}?firm={}", world.bookkeeper.user, world.admin.firm.id);
        let no_assignment = format!("{}/{NO_USER}?firm={NO_FIRM}", mine.company.id);
        let no_invitation = format!("{}00000000000070008000000000000000", &invitation[..invitation.len() - 32]);
        let accepted = json!({ "decision": "accepted", "digest": "0".repeat(64) });
        let probes = vec![
            probe("GET", "/v1/invoices/{}", reference, none, None),
            probe("GET", "/v1/invoices/{}/comments", reference, none, None),
            probe("POST", "/v1/invoices/{}/comments", reference, none, Some(json!({ "text": "Hello" }))),
            probe("GET", "/v1/estimates/{}", reference, none, None),
            probe("GET", "/v1/estimates/{}/comments", reference, none, None),
            probe("POST", "/v1/estimates/{}/comments", reference, none, Some(json!({ "text": "Hello" }))),
            probe("POST", "/v1/estimates/{}/recorded-decision", reference, none, Some(accepted)),
            probe("POST", "/v1/estimates/{}/undo-decision", reference, none, Some(json!({}))),
            probe("POST", "/v1/estimates/{}/send", reference, none, Some(json!({}))),
            probe("GET", "/v1/estimates/{}/views", reference, none, None),
            probe("GET", "/v1/invoices/{}/views", reference, none, None),
            probe("POST", "/v1/invoices/{}/send", reference, none, Some(json!({}))),
            probe("POST", "/v1/invoices/{}/void", reference, none, Some(json!({}))),
            probe("GET", "/v1/approvals/{}", reference, none, None),
            probe("POST", "/v1/approvals/{}/decision", reference, none, Some(json!({ "decision": "approved" }))),
            probe("PUT", "/v1/bank-accounts/{}/threshold", reference, none, Some(json!({ "threshold_minor": 5 }))),
            probe("GET", "/v1/bank-accounts/{}/own-thresholds", reference, none, None),
            probe("PUT", "/v1/bank-accounts/{}/own-thresholds", reference, none, Some(json!({ "thresholds": [] }))),
            probe("GET", "/v1/payments/{}", &world.payment, "py_00000000000070008000000000000000", None),
            probe("POST", "/v1/payments/{}/cancel", &world.payment, "py_00000000000070008000000000000000", None),
            probe("POST", "/v1/invitations/{}/resend", &invitation, &no_invitation, Some(json!({}))),
            probe("POST", "/v1/invitations/{}/revoke", &invitation, &no_invitation, Some(json!({}))),
            probe("PATCH", "/v1/members/{}", user, NO_USER, Some(json!({ "role": "client" }))),
            probe("DELETE", "/v1/members/{}", user, NO_USER, None),
            probe("DELETE", "/v1/connections/{}", &world.admin.firm.id, NO_FIRM, None),
            probe("GET", "/v1/assignments?company={}", company, NO_COMPANY, None),
            probe("DELETE", "/v1/assignments/{}", &theirs_assigned(company), &theirs_assigned(NO_COMPANY), None),
            probe("DELETE", "/v1/assignments/{}", &theirs_assigned(&mine.company.id), &no_assignment, None),
        ];
        cannot_be_told_apart(kit, &mine.person, &mine.here, probes).await;
    });
}

/// Proves: 2, D4, R1
#[test]
fn another_companys_reports_publications_and_archives_do_not_exist() {
    run(async {
        let kit = kit();
        let (theirs, mine, ledger) = tokio::join!(
            cast::owner(kit, "Otto Owner", "Owners Ltd"),
            cast::owner(kit, "Olga Outsider", "Outside Ltd"),
            Ledger::sign_in(kit),
        );
        ledger.report(kit, &theirs.company.id, "PL-10", 1, 110_000).await;
        let made = async |path: &str, body: Value, status: u16, id: &str| {
            let call = kit.api.post(path).by(&theirs.person).within(&theirs.here).key(&tests::people::unique());
            cast::text(&call.json(body).ok(status).await, id)
        };
        let october = json!({ "month": "2026-10", "reports": [{ "reference": "PL-10", "version": 1 }] });
        let publication = made("/v1/publications", october, 201, "/publication/id").await;
        let period = json!({ "period": { "from": "2020-01-01T00:00:00Z", "before": "2020-02-01T00:00:00Z" } });
        let archive = made("/v1/document-exports", period, 202, "/document_export/id").await;
        let (no_publication, no_archive) =
            ("pub_00000000000070008000000000000000", "dex_00000000000070008000000000000000");
        let probes = vec![
            probe("GET", "/v1/reports/{}", "PL-10", "NEVER-1", None),
            probe("GET", "/v1/reports/{}?version=1", "PL-10", "NEVER-1", None),
            probe("GET", "/v1/reports/{}/csv", "PL-10", "NEVER-1", None),
            probe("GET", "/v1/reports/{}/comparison?against=last_year", "PL-10", "NEVER-1", None),
            probe("GET", "/v1/publications/{}", &publication, no_publication, None),
            probe("GET", "/v1/document-exports/{}", &archive, no_archive, None),
            probe("POST", "/v1/document-exports/{}/download", &archive, no_archive, Some(json!({}))),
        ];
        cannot_be_told_apart(kit, &mine.person, &mine.here, probes).await;
        for (path, list) in [("/v1/reports", "reports"), ("/v1/publications", "publications")] {
            let page = kit.api.get(path).by(&mine.person).within(&mine.here).ok(200).await;
            assert!(cast::list(&page, list).is_empty(), "{path}: {page}");
        }
    });
}

/// Proves: 2
#[test]
fn paying_another_companys_invoice_is_paying_none() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let mine = cast::owner(kit, "Olga Outsider", "Outside Ltd").await;
        let pay = |invoice: &str| {
            let body = json!({ "invoice": invoice, "amount_minor": 100, "currency": "EUR" });
            kit.api.post("/v1/payments").by(&mine.person).within(&mine.here).json(body).send_owned()
        };
        let theirs = pay(world.reference).await;
        theirs.refused(404, "not-found");
        assert_eq!(theirs.bytes, pay("NEVER-1").await.bytes);
    });
}

/// Proves: 2
#[test]
fn another_firms_people_and_clients_do_not_exist() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let mine = cast::firm_admin(kit, "Fred Foreign", "Foreign Firm").await;
        let staff = world.bookkeeper.user.as_str();
        let company = world.owner.company.id.as_str();
        let own = format!("/v1/assignments/{company}/{}", mine.person.user);
        let body = json!({ "name": "Theirs", "reference": tests::people::unique() });
        let client =
            kit.api.post("/v1/clients").by(&world.admin.person).within(&world.admin.here).json(body).ok(201).await;
        let client = cast::text(&client, "/client/id");
        let probes = vec![
            probe("PATCH", "/v1/staff/{}", staff, NO_USER, Some(json!({ "role": "admin" }))),
            probe("DELETE", "/v1/staff/{}", staff, NO_USER, None),
            probe("DELETE", "/v1/connections/{}", company, NO_COMPANY, None),
            probe("GET", "/v1/clients/{}", &client, NO_CLIENT, None),
            probe("PATCH", "/v1/clients/{}", &client, NO_CLIENT, Some(json!({ "name": "Mine" }))),
            probe("DELETE", "/v1/clients/{}", &client, NO_CLIENT, None),
            probe("DELETE", "/v1/assignments/{}/0b0b0b0b-0b0b-4b0b-8b0b-0b0b0b0b0b0b", company, NO_COMPANY, None),
        ];
        cannot_be_told_apart(kit, &mine.person, &mine.here, probes).await;
        let theirs = kit.api.put(&own).by(&mine.person).within(&mine.here).json(json!({})).send().await;
        theirs.refused(404, "not-found");
        let nobodys = own.replace(company, NO_COMPANY);
        let nobodys = kit.api.put(&nobodys).by(&mine.person).within(&mine.here).json(json!({})).send().await;
        assert_eq!(theirs.bytes, nobodys.bytes);
    });
}

/// Proves: 2
#[test]
fn lists_hold_ones_own_only() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let mine = cast::owner(kit, "Olga Outsider", "Outside Ltd").await;
        for path in [
            "/v1/invitations",
            "/v1/members",
            "/v1/connections",
            "/v1/approvals",
            "/v1/invoices",
            "/v1/invoices?customer=CUS-1",
            "/v1/credit-notes",
            "/v1/estimates",
            "/v1/customers",
            "/v1/bank-accounts",
            "/v1/bank-statements",
            "/v1/bank-account-numbers",
            "/v1/dashboard",
            "/v1/audit",
            "/v1/audit/export?format=jsonl&type=company.registered",
            "/v1/access-report",
            "/v1/document-exports",
        ] {
            let answer = kit.api.get(path).by(&mine.person).within(&mine.here).send().await;
            let shown = answer.ok(200).to_string();
            for theirs in [&world.owner.company.id, &world.owner.person.user, world.reference] {
                assert!(!shown.contains(theirs), "{path} shows {theirs}: {shown}");
            }
        }
        // A filter cannot widen what a list is of.
        let path = format!("/v1/audit?actor={}", world.owner.person.user);
        let answer = kit.api.get(&path).by(&mine.person).within(&mine.here).ok(200).await;
        assert!(cast::list(&answer, "events").is_empty(), "{answer}");
    });
}
