//! `/v1/clients/overview`: who is behind, in which order, and what each of a firm's staff sees of it.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use tests::cast::{self, Context, FirmAdmin, Owner, list, text};
use tests::lists::{self, papers};
use tests::machine::Ledger;
use tests::people::Person;
use tests::{Kit, kit, run};

use crate::document_requests::{Kept, day};
use crate::faults::rig::{Rig, batch, eventually, message, new_event_id};

const PATH: &str = "/v1/clients/overview";
/// What a firm needs in a client to see all that waits there.
const ALL: [&str; 4] = ["reports.view", "approvals.view", "documents.request", "bank.view"];
const PARTS: [&str; 4] = ["accounts", "approvals", "documents", "balances"];

/// An event of a company as the queue hands it to the function.
pub(crate) fn about(company: &str, kind: &str, (subject, id): (&str, &str)) -> Value {
    let event = json!({
        "id": new_event_id(), "type": kind, "at": "2026-11-21T12:00:00.000Z",
        "org": { "kind": "company", "id": company }, "subject": { "kind": subject, "id": id },
        "actor": { "via": "machine", "machine": "ledger" }, "data": {}, "request_id": "r", "version": 1,
    });
    batch(&[("m-1", message(&event))])
}

async fn page(kit: &Kit, by: &Person, here: &Context, query: &str) -> Value {
    kit.api.get(&format!("{PATH}{query}")).by(by).within(here).ok(200).await
}

fn names(page: &Value) -> Vec<String> {
    list(page, "clients").iter().map(|client| text(client, "/company_name")).collect()
}

/// How many things of a kind wait in the n-th client; `None` where that is not shown.
fn count(page: &Value, nth: usize, part: &str) -> Option<u64> {
    page.pointer(&format!("/clients/{nth}/{part}/count")).and_then(Value::as_u64)
}

/// Waits until the firm's list names these clients in this order, and the numbers are these.
async fn until(kit: &Kit, admin: &FirmAdmin, wanted: &[&str], numbers: &[(usize, &str, u64)]) -> Value {
    eventually(&format!("{wanted:?} with {numbers:?}"), async || {
        let page = page(kit, &admin.person, &admin.here, "").await;
        let counted = numbers.iter().all(|(nth, part, number)| count(&page, *nth, part) == Some(*number));
        (names(&page) == wanted && counted).then_some(page)
    })
    .await
}

/// Members are asked for one paper.
async fn ask(kit: &Kit, owner: &Owner) -> String {
    let body = json!({
        "title": "Papers", "items": [{ "title": "Bank statement" }], "asked_of": [owner.person.user], "due_on": day(10),
    });
    let call = kit.api.post("/v1/document-requests").by(&owner.person).within(&owner.here).json(body);
    text(&call.ok(201).await, "/document_request/id")
}

/// A transaction waits for a sign-off.
async fn wait_for_approval(kit: &Kit, ledger: &Ledger, owner: &Owner) {
    cast::approval_policy(kit, owner, 1).await;
    ledger.transaction(kit, &owner.company.id, "PAY-1", 5_000, None).await;
}

/// A balance is below its threshold.
async fn run_out_of_money(kit: &Kit, ledger: &Ledger, owner: &Owner) {
    ledger.balance(kit, &owner.company.id, "BANK-1", 40_000).await;
    let call = kit.api.put("/v1/bank-accounts/BANK-1/threshold").by(&owner.person).within(&owner.here);
    call.json(json!({ "threshold_minor": 50_000 })).ok(200).await;
}

/// The owner publishes the ledger's report for a month.
async fn publish(kit: &Kit, owner: &Owner, month: &str) {
    let body = json!({ "month": month, "reports": [{ "reference": "PL-10", "version": 1 }] });
    let call = kit.api.post("/v1/publications").by(&owner.person).within(&owner.here);
    call.key(&tests::people::unique()).json(body).ok(201).await;
}

/// Hands an event to the deployed function, as its queue does.
async fn deliver(kit: &Kit, event: &Value) {
    assert_eq!(kit.invoke("overview", event).await.ok(), json!({ "batchItemFailures": [] }));
}

/// Proves: O1, 9
#[test]
fn a_firm_sees_who_is_behind_the_most_urgent_client_first() {
    run(async {
        let kit = kit();
        let (papers, approvals, balances, admin, other, ledger) = tokio::join!(
            cast::owner(kit, "Paula Papers", "Papers Ltd"),
            cast::owner(kit, "Anna Approvals", "Approvals Ltd"),
            cast::owner(kit, "Bernd Balances", "Balances Ltd"),
            cast::firm_admin(kit, "Ada Admin", "Adas Firm"),
            cast::firm_admin(kit, "Otto Other", "Another Firm"),
            Ledger::sign_in(kit),
        );
        for owner in [&papers, &approvals, &balances] {
            cast::connect(kit, owner, &admin, Some(&ALL)).await;
        }
        let ((), (), request) = tokio::join!(
            wait_for_approval(kit, &ledger, &approvals),
            run_out_of_money(kit, &ledger, &balances),
            ask(kit, &papers),
        );
        let (first, second, third) = ("Balances Ltd", "Approvals Ltd", "Papers Ltd");
        let all = [(0, "balances", 1), (1, "approvals", 1), (2, "documents", 1)];
        let seen = until(kit, &admin, &[first, second, third], &all).await;
        assert_eq!(text(&seen, "/clients/0/company"), balances.company.id);
        assert_eq!(seen["clients"][2]["documents"], json!({ "count": 1, "more": false, "since": day(10) }));
        assert_eq!(seen["clients"][2]["accounts"], json!({ "months_behind": 0 }), "no accounts are kept here");
        let urgent_days = |nth: usize| seen["clients"][nth]["urgent_days"].as_u64().expect("a number");
        assert!((30..=31).contains(&urgent_days(0)), "{seen}");
        assert!((7..=8).contains(&urgent_days(1)), "{seen}");
        assert_eq!(urgent_days(2), 0, "it is not due yet");

        // Page by page.
        let start = page(kit, &admin.person, &admin.here, "?limit=2").await;
        assert_eq!(names(&start), [first, second]);
        let cursor = text(&start, "/next_cursor");
        let query = format!("?limit=2&cursor={cursor}");
        let rest = page(kit, &admin.person, &admin.here, &query).await;
        assert_eq!(names(&rest), [third]);
        assert!(rest.get("next_cursor").is_none_or(Value::is_null), "{rest}");
        let foreign = kit.api.get(&format!("{PATH}{query}")).by(&other.person).within(&other.here).send().await;
        foreign.refused_field(422, "invalid-field", "cursor");
        assert!(names(&page(kit, &other.person, &other.here, "").await).is_empty(), "another firm's clients");
        // The entry that was read last may be of a client that is not a bookkeeper's: the cursor says nothing of it.
        let sealed = URL_SAFE_NO_PAD.decode(&cursor).expect("base64");
        let readable = String::from_utf8_lossy(&sealed);
        for what in [approvals.company.id.as_str(), "co_", "BACKLOG", "2026"] {
            assert!(!readable.contains(what), "the cursor tells {what}: {readable}");
        }
        let (pk, sk) = (format!("BACKLOG#{}", admin.firm.id), format!("BACKLOG#{}", approvals.company.id));
        let own = json!({ "k": [pk, sk], "i": "BACKLOG#" });
        let changed: String = cursor.chars().rev().collect();
        for cursor in [URL_SAFE_NO_PAD.encode(own.to_string()), changed] {
            let path = format!("{PATH}?cursor={cursor}");
            let answer = kit.api.get(&path).by(&admin.person).within(&admin.here).send().await;
            answer.refused_field(422, "invalid-field", "cursor");
        }

        // What is done moves a client down, and accounts that stay away move it up.
        let call = kit.api.post("/v1/approvals/PAY-1/decision").by(&approvals.person).within(&approvals.here);
        call.json(json!({ "decision": "approved" })).ok(200).await;
        until(kit, &admin, &[first, third, second], &[(2, "approvals", 0)]).await;
        ledger.report(kit, &papers.company.id, "PL-10", 1, 110_000).await;
        publish(kit, &papers, "2025-01").await;
        let seen = until(kit, &admin, &[third, first, second], &[]).await;
        assert_eq!(text(&seen, "/clients/0/accounts/published"), "2025-01");
        assert!(seen["clients"][0]["accounts"]["months_behind"].as_u64().is_some_and(|months| months >= 20), "{seen}");
        publish(kit, &papers, &day(0)[..7]).await;
        let seen = until(kit, &admin, &[first, third, second], &[(1, "documents", 1)]).await;
        assert_eq!(seen["clients"][1]["accounts"]["months_behind"], 0);
        Kept::new(&kit.table, &papers.company.id, &request).fulfil(1).await;
        deliver(kit, &about(&papers.company.id, "document_request.fulfilled", ("document_request", request.as_str())))
            .await;
        until(kit, &admin, &[first, third, second], &[(1, "documents", 0)]).await;
        ledger.balance(kit, &balances.company.id, "BANK-1", 60_000).await;
        eventually("the balance is above its threshold", async || {
            let page = page(kit, &admin.person, &admin.here, "").await;
            (names(&page)[0] == third && (1..3).all(|nth| count(&page, nth, "balances") == Some(0))).then_some(())
        })
        .await;
    });
}

/// Proves: O1
#[test]
fn a_page_of_the_overview_costs_the_same_of_twenty_clients_and_of_three_hundred() {
    run(async {
        let kit = kit();
        let rig = Rig::of(kit, "clients").await;
        let function = rig.start().await;
        let mut measured = Vec::new();
        for count in [20, 300] {
            let admin = cast::firm_admin(kit, "Ada Admin", "Adas Firm").await;
            lists::write(kit, &papers::overview(kit, &admin, count).await).await;
            measured.push(papers::overview_pages(&function, &rig.table, &admin, count, 4).await);
        }
        assert_eq!(measured[0], measured[1]);
        for page in &measured[0] {
            assert_eq!(page.entries, 4, "{page:?}");
            assert!(!page.units.is_lower_bound && page.units.total_write() == 0, "{page:?}");
        }
    });
}

/// Proves: O2, 9
#[test]
fn each_part_needs_its_permission_in_the_client_and_a_bookkeeper_sees_what_is_assigned() {
    run(async {
        let kit = kit();
        let (open, closed, admin, ledger) = tokio::join!(
            cast::owner(kit, "Olga Open", "Open Ltd"),
            cast::owner(kit, "Karl Closed", "Closed Ltd"),
            cast::firm_admin(kit, "Ada Admin", "Adas Firm"),
            Ledger::sign_in(kit),
        );
        cast::connect(kit, &open, &admin, Some(&ALL)).await;
        cast::connect(kit, &closed, &admin, Some(&["approvals.view"])).await;
        let bookkeeper = cast::staff(kit, &admin, "Berta Bookkeeper", "bookkeeper").await;
        let at_firm = cast::enter(kit, &bookkeeper, &admin.firm.id).await;
        for owner in [&open, &closed] {
            wait_for_approval(kit, &ledger, owner).await;
            run_out_of_money(kit, &ledger, owner).await;
        }
        // The balance of the second counts nowhere: not in its place either.
        let seen = until(kit, &admin, &["Open Ltd", "Closed Ltd"], &[(0, "balances", 1), (1, "approvals", 1)]).await;
        let parts = |client: &Value| -> Vec<&'static str> {
            PARTS.into_iter().filter(|part| client.get(*part).is_some()).collect()
        };
        assert_eq!(parts(&seen["clients"][0]), PARTS);
        assert_eq!(parts(&seen["clients"][1]), ["approvals"]);
        assert!(seen["clients"][1]["urgent_days"].as_u64().is_some_and(|days| days < 30), "{seen}");

        let by_bookkeeper = async || page(kit, &bookkeeper, &at_firm, "").await;
        assert!(names(&by_bookkeeper().await).is_empty(), "no client is assigned");
        cast::assign(kit, &admin, &open.company.id, &bookkeeper.user, Some(&["approvals.view", "reports.view"])).await;
        let seen = by_bookkeeper().await;
        assert_eq!(names(&seen), ["Open Ltd"]);
        assert_eq!(parts(&seen["clients"][0]), ["accounts", "approvals"]);
        assert!(seen["clients"][0]["urgent_days"].as_u64().is_some_and(|days| days < 30), "{seen}");
        let path = format!("/v1/assignments/{}/{}", open.company.id, bookkeeper.user);
        kit.api.delete(&path).by(&admin.person).within(&admin.here).send().await.ok(200);
        assert!(names(&by_bookkeeper().await).is_empty(), "the assignment has ended");
        let inside = cast::enter(kit, &admin.person, &open.company.id).await;
        kit.api.get(PATH).by(&admin.person).within(&inside).refused(403, "not-granted").await;

        // What the connection grants is read at once, and the place follows.
        let path = format!("/v1/connections/{}", admin.firm.id);
        let less = json!({ "permissions": ["documents.request"] });
        kit.api.patch(&path).by(&open.person).within(&open.here).json(less).ok(200).await;
        let seen = page(kit, &admin.person, &admin.here, "").await;
        let of_open = list(&seen, "clients").iter().find(|client| text(client, "/company_name") == "Open Ltd");
        assert_eq!(parts(of_open.expect("the client")), ["documents"]);
        until(kit, &admin, &["Closed Ltd", "Open Ltd"], &[]).await;
    });
}

/// Proves: O1, 9
#[test]
fn a_client_that_is_disconnected_is_gone_at_once_and_late_events_bring_nothing_back() {
    run(async {
        let kit = kit();
        let (owner, admin, ledger) = tokio::join!(
            cast::owner(kit, "Olga Owner", "Owners Ltd"),
            cast::firm_admin(kit, "Ada Admin", "Adas Firm"),
            Ledger::sign_in(kit),
        );
        cast::connect(kit, &owner, &admin, Some(&ALL)).await;
        wait_for_approval(kit, &ledger, &owner).await;
        until(kit, &admin, &["Owners Ltd"], &[(0, "approvals", 1)]).await;
        let call = kit.api.post("/v1/approvals/PAY-1/decision").by(&owner.person).within(&owner.here);
        call.json(json!({ "decision": "rejected", "reason": "Twice" })).ok(200).await;
        let seen = until(kit, &admin, &["Owners Ltd"], &[(0, "approvals", 0)]).await;

        // The request comes after the decision, twice, and with others in one batch.
        let company = owner.company.id.as_str();
        let late = about(company, "approval.requested", ("approval", "PAY-1"));
        for _ in 0..2 {
            deliver(kit, &late).await;
        }
        deliver(kit, &about(company, "invoice.sent", ("invoice", "INV-1"))).await;
        assert_eq!(page(kit, &admin.person, &admin.here, "").await, seen);
        let poison = kit.invoke("overview", &batch(&[("m-1", "poison".to_owned())])).await.ok();
        assert_eq!(poison, json!({ "batchItemFailures": [{ "itemIdentifier": "m-1" }] }));

        let (pk, sk) = (format!("BACKLOG#{}", admin.firm.id), format!("BACKLOG#{company}"));
        assert!(kit.table.item(&pk, &sk).await.is_some());
        let path = format!("/v1/connections/{}", admin.firm.id);
        kit.api.delete(&path).by(&owner.person).within(&owner.here).send().await.ok(200);
        assert!(names(&page(kit, &admin.person, &admin.here, "").await).is_empty(), "a former client");
        eventually("its entry is removed", async || kit.table.item(&pk, &sk).await.is_none().then_some(())).await;
        deliver(kit, &about(company, "connection.started", ("connection", admin.firm.id.as_str()))).await;
        deliver(kit, &late).await;
        assert!(kit.table.item(&pk, &sk).await.is_none(), "a late event brought a former client back");
        cast::connect(kit, &owner, &admin, Some(&ALL)).await;
        until(kit, &admin, &["Owners Ltd"], &[(0, "approvals", 0)]).await;
    });
}
