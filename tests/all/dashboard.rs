//! `/v1/dashboard`: a tile for each module, to those alone who may see the module at that moment.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::camt::day_before;
use tests::capacity::Meter;
use tests::cast::{self, Context, Member, Owner, list, text};
use tests::machine::{self, Ledger};
use tests::people::{self, Person, unique};
use tests::runtime_api::HttpEvent;
use tests::{Kit, kit, ordinary, run, uploads};

use crate::document_requests::day;
use crate::faults::rig::Rig;

/// A company with something in each tile, and a member who was asked for documents and says something.
struct Scene {
    owner: Owner,
    clara: Member,
    /// A document with a comment of Clara's.
    document: String,
}

async fn board(kit: &Kit, person: &Person, here: &Context) -> Value {
    kit.api.get("/v1/dashboard").by(person).within(here).ok(200).await
}

/// The names of the tiles, the company among them.
fn tiles(board: &Value) -> BTreeSet<&str> {
    board.as_object().expect("an object").keys().map(String::as_str).collect()
}

async fn comment(kit: &Kit, person: &Person, here: &Context, on: &str) -> String {
    let call = kit.api.post(&format!("/v1/{on}/comments")).by(person).within(here).key(&unique());
    let answer = call.json(json!({ "text": "Which shop is this for?" })).ok(201).await;
    text(&answer, "/comment/id")
}

async fn read_up_to(kit: &Kit, person: &Person, here: &Context, on: &str, comment: &str) {
    let call = kit.api.post(&format!("/v1/{on}/comments/read")).by(person).within(here);
    let answer = call.json(json!({ "up_to": comment })).send().await;
    assert_eq!(answer.status, 204, "{}", answer.text());
}

/// The owner publishes reports of the ledger for a month: the id of the publication.
async fn publish(kit: &Kit, owner: &Owner, body: Value) -> String {
    let call = kit.api.post("/v1/publications").by(&owner.person).within(&owner.here).key(&unique());
    text(&call.json(body).ok(201).await, "/publication/id")
}

impl Scene {
    async fn set(kit: &Kit) -> Self {
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let ledger = Ledger::sign_in(kit).await;
        let company = owner.company.id.as_str();
        cast::approval_policy(kit, &owner, 1_000).await;
        let clara = cast::member(kit, &owner, "Clara Client", "client", None).await;
        ledger.invoice(kit, company, "INV-1", 1_000).await;
        tokio::join!(
            ledger.invoice(kit, company, "INV-2", 2_500),
            ledger.estimate(kit, company, "EST-1", 70_000),
            ledger.transaction(kit, company, "PAY-1", 5_000, None),
        );
        let mut late = machine::invoice("INV-3", 300);
        late["issued_on"] = json!(day_before(20));
        late["due_on"] = json!(day_before(3));
        ledger.put(kit, company, "invoices", "INV-3", late).await.ok(201);
        let mut earlier = machine::bank_account(100);
        earlier["as_of"] = json!(format!("{}T12:00:00Z", day_before(9)));
        ledger.put(kit, company, "bank-accounts", "BANK-1", earlier).await.ok(201);
        ledger.balance(kit, company, "BANK-1", 70_000).await;

        ledger.report(kit, company, "PL-10", 1, 110_000).await;
        ledger.put(kit, company, "reports", "FC-10", machine::forecast(1, -200)).await.ok(201);
        let reports = json!([{ "reference": "PL-10", "version": 1 }, { "reference": "FC-10", "version": 1 }]);
        publish(kit, &owner, json!({ "month": "2026-10", "reports": reports })).await;

        let papers = json!({
            "title": "Papers of October", "items": [{ "title": "Bank statement" }, { "title": "Lease contract" }],
            "asked_of": [clara.person.user], "due_on": day(10),
        });
        let ask = kit.api.post("/v1/document-requests").by(&owner.person).within(&owner.here).key(&unique());
        ask.json(papers).ok(201).await;
        let document = uploads::declare(kit, &owner, "notes.txt", "text/plain", b"Notes").await.document;
        Self { owner, clara, document }
    }

    async fn board(&self, kit: &Kit) -> Value {
        board(kit, &self.owner.person, &self.owner.here).await
    }
}

/// Proves: DB3
#[test]
fn the_dashboard_of_an_ordinary_company_takes_twelve_read_units_at_most() {
    run(async {
        let kit = kit();
        let owner = ordinary::company(kit).await;
        let rig = Rig::of(kit, "dashboard").await;
        let function = rig.start().await;
        let event = HttpEvent::get("/v1/dashboard")
            .header("authorization", &format!("Bearer {}", owner.person.access_token))
            .claims(&people::claims(&owner.person.access_token))
            .header("countersign-context", &owner.here.token);
        let mut meter = Meter::new();
        // The first request also reads the keys of contexts, which stay in memory.
        for is_counted in [false, true] {
            let _before = rig.table.take_exchanges();
            let answer = function.request(&event).await.expect("it answers");
            assert_eq!(answer.status, 200, "{}", answer.text());
            let taken = meter.measure_all(&rig.table.take_exchanges());
            let board = answer.json();
            for account in list(&board, "bank_accounts") {
                assert!(list(&account["course"], "points").len() > 60, "{account}");
            }
            assert_eq!(
                (&board["invoices"]["open_count"], &board["unread_comments"]["unread_count"]),
                (&json!(10), &json!(10))
            );
            assert!(board["figures"]["forecast"].is_object(), "{board}");
            if is_counted {
                assert!(!taken.is_lower_bound && taken.total_write() == 0, "{taken}");
                assert!(taken.read_halves <= 2 * ordinary::DASHBOARD_READ_UNITS_MAX, "{taken}");
            }
        }
    });
}

/// Proves: DB1, DB2
#[test]
fn the_dashboard_adds_up() {
    run(async {
        let kit = kit();
        let scene = Scene::set(kit).await;
        let shown = scene.board(kit).await;
        assert_eq!(text(&shown, "/company/id"), scene.owner.company.id);
        let invoices = json!({
            "open_count": 3, "due_minor": 3_800, "overdue_minor": 300, "other_currencies": [], "more": false,
        });
        assert_eq!(shown["invoices"], invoices, "{shown}");
        assert_eq!(shown["approvals"], json!({ "pending_count": 1, "more": false }), "{shown}");
        let missing = json!({ "missing_count": 2, "overdue_count": 0, "earliest_due_on": day(10), "more": false });
        assert_eq!(shown["missing_documents"], missing, "{shown}");

        let accounts = list(&shown, "bank_accounts");
        assert_eq!(accounts.len(), 1, "{shown}");
        assert_eq!(accounts[0]["balance_minor"], json!(70_000), "{shown}");
        let points = list(&accounts[0]["course"], "points");
        assert_eq!(points.len(), 2, "{shown}");
        assert_eq!(points[0], json!({ "day": day_before(9), "balance_minor": 100 }), "{shown}");
        assert_eq!(points[1]["balance_minor"], json!(70_000), "{shown}");

        let latest = &shown["figures"]["latest"];
        assert_eq!(latest["month"], "2026-10", "{shown}");
        let profit = json!({ "role": "net_profit", "actual_minor": 110_000, "previous_minor": 60_000,
            "last_year_minor": 65_000, "budget_minor": null });
        assert_eq!(latest["figures"][0]["figure"], profit, "{shown}");
        let low = &shown["figures"]["forecast"];
        assert_eq!((&low["balance_minor"], &low["on"]), (&json!(-200), &json!("2026-09-30")), "{shown}");

        let due = list(&shown, "due_next").iter().map(|one| text(one, "/kind")).collect::<Vec<_>>();
        assert_eq!(due, ["document_request", "invoice", "invoice", "estimate"], "{shown}");
        assert_eq!(shown["due_next"][0]["missing_count"], json!(2), "{shown}");

        // What others say is unread until it is marked as read.
        let unread = |board: &Value| board["unread_comments"].clone();
        assert_eq!(unread(&shown), json!({ "unread_count": 0, "more": false }));
        let (by, here) = (&scene.clara.person, &scene.clara.here);
        let document = format!("documents/{}", scene.document);
        let on_invoice = comment(kit, by, here, "invoices/INV-1").await;
        let on_document = comment(kit, by, here, &document).await;
        assert_eq!(unread(&scene.board(kit).await)["unread_count"], json!(2));
        let own = board(kit, by, here).await;
        assert_eq!(own["unread_comments"]["unread_count"], json!(0), "one's own are read: {own}");
        assert_eq!(own["missing_documents"]["missing_count"], json!(2), "what is asked of them: {own}");
        let (by, here) = (&scene.owner.person, &scene.owner.here);
        read_up_to(kit, by, here, "invoices/INV-1", &on_invoice).await;
        assert_eq!(unread(&scene.board(kit).await)["unread_count"], json!(1));
        read_up_to(kit, by, here, &document, &on_document).await;
        assert_eq!(unread(&scene.board(kit).await)["unread_count"], json!(0));
        let listed = kit.api.get(&format!("/v1/{document}/comments")).by(by).within(here).ok(200).await;
        assert_eq!(text(&listed, "/read_up_to"), on_document);
    });
}

/// A tile that points to comments that nobody can open any more could never be emptied.
/// Proves: DB1
#[test]
fn comments_on_a_deleted_document_are_unread_again_once_it_is_restored() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let clara = cast::member(kit, &owner, "Clara Client", "client", None).await;
        let (by, here) = (&owner.person, &owner.here);
        let document = uploads::declare(kit, &owner, "notes.txt", "text/plain", b"Notes").await.document;
        let document = format!("/v1/documents/{document}");
        comment(kit, &clara.person, &clara.here, &document["/v1/".len()..]).await;
        let unread = async || board(kit, by, here).await["unread_comments"].clone();
        let (one, none) = (json!({ "unread_count": 1, "more": false }), json!({ "unread_count": 0, "more": false }));
        assert_eq!(unread().await, one);
        kit.api.delete(&document).by(by).within(here).ok(200).await;
        assert_eq!(unread().await, none);
        kit.api.post(&format!("{document}/restore")).by(by).within(here).ok(200).await;
        assert_eq!(unread().await, one);
    });
}

/// Proves: 2, DB1
#[test]
fn another_companys_figures_are_in_no_tile() {
    run(async {
        let kit = kit();
        let (scene, other) = tokio::join!(Scene::set(kit), cast::owner(kit, "Olga Outsider", "Outside Ltd"));
        comment(kit, &scene.clara.person, &scene.clara.here, "invoices/INV-1").await;
        let shown = board(kit, &other.person, &other.here).await;
        let invoices =
            json!({ "open_count": 0, "due_minor": 0, "overdue_minor": 0, "other_currencies": [], "more": false });
        let expected = json!({
            "company": { "id": other.company.id, "name": "Outside Ltd", "currency": shown["company"]["currency"] },
            "bank_accounts": [], "invoices": invoices, "figures": {},
            "approvals": { "pending_count": 0, "more": false },
            "missing_documents": { "missing_count": 0, "overdue_count": 0, "more": false },
            "unread_comments": { "unread_count": 0, "more": false }, "due_next": [],
        });
        assert_eq!(shown, expected);
    });
}

/// A firm's words to itself are neither counted for the company's people nor hinted at.
/// Proves: 2, DB1
#[test]
fn internal_comments_are_unread_for_the_firm_alone() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let admin = cast::firm_admin(kit, "Walter Ledgerman", "Owners Accounting").await;
        cast::connect(kit, &owner, &admin, None).await;
        let colleague = cast::staff(kit, &admin, "Ada Admin", "admin").await;
        let document = uploads::declare(kit, &owner, "notes.txt", "text/plain", b"Notes").await.document;
        let inside = cast::enter(kit, &admin.person, &owner.company.id).await;
        let call = kit.api.post(&format!("/v1/documents/{document}/comments")).by(&admin.person).within(&inside);
        call.key(&unique()).json(json!({ "text": "They never know", "internal": true })).ok(201).await;
        let shown = board(kit, &owner.person, &owner.here).await;
        assert_eq!(shown["unread_comments"], json!({ "unread_count": 0, "more": false }), "{shown}");
        let inside = cast::enter(kit, &colleague, &owner.company.id).await;
        let shown = board(kit, &colleague, &inside).await;
        assert_eq!(shown["unread_comments"], json!({ "unread_count": 1, "more": false }), "{shown}");
    });
}

/// The correction of a month has no forecast: the one of the month before is still the latest.
/// Proves: R6
#[test]
fn the_forecast_stays_when_a_month_without_one_is_corrected() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let ledger = Ledger::sign_in(kit).await;
        let company = owner.company.id.as_str();
        ledger.report(kit, company, "PL-10", 1, 110_000).await;
        ledger.put(kit, company, "reports", "FC-10", machine::forecast(1, -200)).await.ok(201);
        let reports = |reference: &str, version: u64| json!([{ "reference": reference, "version": version }]);
        let body = json!({ "month": "2026-09", "reports": reports("FC-10", 1) });
        let september = publish(kit, &owner, body).await;
        let body = json!({ "month": "2026-10", "reports": reports("PL-10", 1) });
        let wrong = publish(kit, &owner, body).await;
        ledger.report(kit, company, "PL-10", 2, 109_000).await;
        let body = json!({ "month": "2026-10", "reports": reports("PL-10", 2), "corrects": wrong });
        let right = publish(kit, &owner, body).await;
        let figures = board(kit, &owner.person, &owner.here).await["figures"].clone();
        assert_eq!(text(&figures, "/latest/publication"), right, "{figures}");
        assert_eq!(text(&figures, "/forecast/publication"), september, "{figures}");
    });
}

/// The tiles of each permission.
const TILES: [(&str, &[&str]); 10] = [
    ("bank.view", &["bank_accounts"]),
    ("invoices.view", &["invoices", "unread_comments", "due_next"]),
    ("estimates.view", &["unread_comments", "due_next"]),
    ("documents.view", &["unread_comments"]),
    ("reports.view", &["figures"]),
    ("approvals.view", &["approvals"]),
    ("documents.request", &["missing_documents", "due_next"]),
    ("documents.upload", &["missing_documents", "due_next"]),
    ("payments.view", &[]),
    ("bank.manage", &[]),
];

/// A person with bank balances alone sees balances alone; so for each permission. What was taken away is gone at the next request,
/// with a token that still names it too.
/// Proves: 5, 9, U25, DB1
#[test]
fn each_permission_alone_shows_its_tiles_and_nothing_of_others() {
    run(async {
        let kit = kit();
        let scene = Scene::set(kit).await;
        let (owner, company) = (&scene.owner, scene.owner.company.id.as_str());
        for on in ["invoices/INV-1", "invoices/INV-1", "estimates/EST-1"] {
            comment(kit, &owner.person, &owner.here, on).await;
        }
        comment(kit, &owner.person, &owner.here, &format!("documents/{}", scene.document)).await;
        let only: &[&str] = &["dashboard.view"];
        let member = cast::member(kit, owner, "Dora Dashboard", "custom", Some(only)).await;
        let company_alone = BTreeSet::from(["company"]);
        let shown = board(kit, &member.person, &member.here).await;
        assert_eq!(tiles(&shown), company_alone, "{shown}");
        let mut earlier = member.here.clone();
        for (permission, of_permission) in TILES {
            let path = format!("/v1/members/{}", member.person.user);
            let body = json!({ "role": "custom", "permissions": ["dashboard.view", permission] });
            kit.api.patch(&path).by(&owner.person).within(&owner.here).json(body).ok(200).await;
            // The earlier token names another permission, which the table grants no more.
            let shown = board(kit, &member.person, &earlier).await;
            assert_eq!(tiles(&shown), company_alone, "after a revocation, {permission}: {shown}");
            let here = cast::enter(kit, &member.person, company).await;
            let shown = board(kit, &member.person, &here).await;
            let expected: BTreeSet<&str> = of_permission.iter().copied().chain(["company"]).collect();
            assert_eq!(tiles(&shown), expected, "{permission}: {shown}");
            let due: BTreeSet<String> =
                shown["due_next"].as_array().into_iter().flatten().map(|one| text(one, "/kind")).collect();
            let unread = shown["unread_comments"]["unread_count"].as_u64();
            let missing = shown["missing_documents"]["missing_count"].as_u64();
            let (kinds, comments, papers): (&[&str], _, _) = match permission {
                "invoices.view" => (&["invoice"], Some(2), None),
                "estimates.view" => (&["estimate"], Some(1), None),
                "documents.view" => (&[], Some(1), None),
                "documents.request" => (&["document_request"], None, Some(2)),
                // They are asked for nothing.
                "documents.upload" => (&[], None, Some(0)),
                _ => (&[], None, None),
            };
            assert_eq!(due, kinds.iter().map(|kind| (*kind).to_owned()).collect(), "{permission}: {shown}");
            assert_eq!((unread, missing), (comments, papers), "{permission}: {shown}");
            earlier = here;
        }
    });
}
