//! `/v1/reports` and `/v1/publications`: pushed by the ledger, published by people, read, compared, as CSV.

mod aged;

use serde_json::{Value, json};
use tests::cast::{self, Context, Owner, list, text};
use tests::machine::{self, Ledger};
use tests::mailbox::Message;
use tests::people::Person;
use tests::{Kit, kit, run};

use crate::support::{refused_input, types};

/// A company with its owner, a client among its members, and a firm that looks after its books.
struct Books {
    owner: Owner,
    client: cast::Member,
    admin: cast::FirmAdmin,
    inside: Context,
    ledger: Ledger,
}

impl Books {
    async fn open(kit: &Kit) -> Self {
        let (owner, admin, ledger) = tokio::join!(
            cast::owner(kit, "Otto Owner", "Owners Ltd"),
            cast::firm_admin(kit, "Ada Advisor", "Advisors & Co"),
            Ledger::sign_in(kit),
        );
        let ((), client) = tokio::join!(
            cast::connect(kit, &owner, &admin, None),
            cast::member(kit, &owner, "Clara Client", "client", None)
        );
        let inside = cast::enter(kit, &admin.person, &owner.company.id).await;
        Self { owner, client, admin, inside, ledger }
    }

    fn company(&self) -> &str {
        &self.owner.company.id
    }

    /// What the client of the company reads.
    async fn client_reads(&self, kit: &Kit, path: &str) -> Value {
        kit.api.get(path).by(&self.client.person).within(&self.client.here).ok(200).await
    }

    /// What the firm's admin reads in the company.
    async fn firm_reads(&self, kit: &Kit, path: &str) -> Value {
        kit.api.get(path).by(&self.admin.person).within(&self.inside).ok(200).await
    }

    /// The firm publishes October.
    async fn publish(&self, kit: &Kit, body: Value) -> Value {
        let call = kit.api.post("/v1/publications").by(&self.admin.person).within(&self.inside);
        call.key(&tests::people::unique()).json(body).ok(201).await
    }
}

fn october(version: u64) -> Value {
    json!({ "month": "2026-10", "reports": [{ "reference": "PL-10", "version": version }], "comment": "A good month." })
}

async fn csv(kit: &Kit, person: &Person, here: &Context, path: &str) -> String {
    let answer = kit.api.get(path).by(person).within(here).send().await;
    assert_eq!(answer.status, 200, "{}: {}", answer.line, answer.text());
    assert!(answer.header("content-type").is_some_and(|media| media.starts_with("text/csv")), "{}", answer.line);
    answer.text()
}

/// Proves: R1
#[test]
fn what_the_ledger_pushes_is_read_back_and_a_repetition_changes_nothing() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let ledger = Ledger::sign_in(kit).await;
        let company = owner.company.id.as_str();
        let pushed = ledger.put(kit, company, "reports", "PL-10", machine::report(1, 110_000)).await.ok(201);
        assert_eq!(pushed["report"]["version"], 1, "{pushed}");
        assert!(pushed.get("published_version").is_none(), "{pushed}");
        let events = kit.table.events(company).await.len();
        let again = ledger.put(kit, company, "reports", "PL-10", machine::report(1, 110_000)).await.ok(200);
        assert_eq!(again, pushed);
        assert_eq!(kit.table.events(company).await.len(), events, "a repeated push made an event");

        let read = ledger.read(kit, company, "reports", "PL-10").await.ok(200);
        assert_eq!(read["rows"], machine::report(1, 110_000)["report"]["rows"], "labels and numbers as they were sent");
        assert_eq!(read["rows"][0]["rows"][1]["values_minor"][1], Value::Null, "nothing is not zero");

        // A version that nobody published goes with its replacement.
        ledger.report(kit, company, "PL-10", 2, 100_000).await;
        let read = ledger.read(kit, company, "reports", "PL-10").await.ok(200);
        assert_eq!(read["report"]["version"], 2, "{read}");
        let items = kit.table.partition(&format!("COMPANY#{company}")).await;
        let parts = items.iter().filter_map(|item| item.get("sk")?.as_s().ok());
        assert_eq!(parts.filter(|sk| sk.starts_with("REPORTPART#")).count(), 1);
    });
}

/// Proves: R5
#[test]
fn a_version_that_goes_back_and_one_with_two_contents_are_refused() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let ledger = Ledger::sign_in(kit).await;
        let company = owner.company.id.as_str();
        ledger.report(kit, company, "PL-10", 7, 110_000).await;
        let before = kit.table.trace(company).await;
        for body in [machine::report(6, 110_000), machine::report(7, 109_999)] {
            let refused = ledger.put(kit, company, "reports", "PL-10", body).await;
            refused.refused_field(409, "conflict", "version");
        }
        let mut other_kind = machine::report(8, 110_000);
        other_kind["report"]["kind"] = json!("cash_flow");
        refused_input(&ledger.put(kit, company, "reports", "PL-10", other_kind).await, "report.kind");
        assert!(kit.table.trace(company).await == before, "a refused push left a trace");
    });
}

/// Proves: R7, 3
#[test]
fn what_is_no_report_is_refused_with_its_place() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let ledger = Ledger::sign_in(kit).await;
        let company = owner.company.id.as_str();
        let with = |pointer: &str, value: Value| {
            let mut body = machine::report(1, 110_000);
            *body.pointer_mut(pointer).expect("a place in the report") = value;
            body
        };
        let deep = (1..10).fold(
            json!({ "label": "leaf", "kind": "line" }),
            |row, _| json!({ "label": "section", "kind": "section", "rows": [row] }),
        );
        let row = json!({ "label": "x", "kind": "line" });
        let column = json!({ "key": "k", "title": "k", "kind": "actual", "at": "2026-10-31" });
        let with_sales = |value: &str| {
            let mut body = json!({ "version": 1, "format": "xero", "currency": "EUR", "provider_report": xero() });
            body["provider_report"]["Reports"][0]["Rows"][1]["Rows"][0]["Cells"][1]["Value"] = value.into();
            body
        };
        let before = kit.table.trace(company).await;
        for (body, field) in [
            (with("/report/rows/1", deep), "report.rows[1].rows[0].rows[0].rows[0].rows[0].rows[0].rows[0]"),
            (with("/report/rows", vec![row; 3_000].into()), "report.rows"),
            (with("/report/columns", vec![column; 25].into()), "report.columns"),
            (with("/report/rows/2/values_minor/0", json!("1,250.00")), "report.rows[2].values_minor[0]"),
            (with("/report/rows/2/values_minor/0", json!(12.5)), "report.rows[2].values_minor[0]"),
            (with("/report/rows/2/values_minor", json!([1])), "report.rows[2].values_minor"),
            (with("/report/columns/1/to", json!("2026-08-31")), "report.columns[1].to"),
            (with("/report/rows/2/role", json!("income")), "report.rows[2].role"),
            (with("/report/rows/2/role", json!("profit")), "report.rows[2].role"),
            (with("/report/currency", json!("XXX")), "report.currency"),
            (with("/version", json!(-1)), "version"),
            (
                json!({ "version": 1, "format": "quickbooks", "provider_report": { "Rows": {} } }),
                "provider_report.Header",
            ),
            (with_sales("n/a"), "provider_report.Reports[0].Rows[1].Rows[0].Cells[1].Value"),
            (json!({ "version": 1, "format": "xero", "provider_report": xero() }), "currency"),
        ] {
            refused_input(&ledger.put(kit, company, "reports", "PL-10", body).await, field);
        }
        let large = with("/report/title", json!("x".repeat(1024 * 1024)));
        ledger.put(kit, company, "reports", "PL-10", large).await.refused(413, "too-large");
        assert!(kit.table.trace(company).await == before, "a refused push left a trace");
    });
}

/// A profit and loss as Xero's Reports API answers it.
fn xero() -> Value {
    let cell = |value: &str| json!({ "Value": value });
    let row = |kind: &str, label: &str, value: &str| json!({ "RowType": kind, "Cells": [cell(label), cell(value)] });
    json!({ "Reports": [{
        "ReportID": "ProfitAndLoss", "ReportName": "Profit and Loss", "ReportType": "ProfitAndLoss",
        "ReportTitles": ["Profit & Loss", "Owners Ltd", "1 October 2026 to 31 October 2026"],
        "Rows": [
            { "RowType": "Header", "Cells": [cell(""), cell("31 Oct 26")] },
            { "RowType": "Section", "Title": "Income", "Rows": [
                row("Row", "Sales", "1,250.00"), row("Row", "Refunds", "(50.25)"), row("SummaryRow", "Total Income", "1199.75"),
            ] },
            { "RowType": "Section", "Title": "", "Rows": [row("Row", "Net Profit", "1199.75")] },
        ],
    }] })
}

/// A cash flow as `QuickBooks` Online answers it.
fn quickbooks() -> Value {
    let data = |label: &str, value: &str| json!({ "ColData": [{ "value": label }, { "value": value }] });
    let total = |group: &str, label: &str, value: &str| json!({ "type": "Section", "group": group, "Summary": data(label, value) });
    json!({
        "Header": { "Time": "2026-11-01T10:00:00-07:00", "ReportName": "CashFlow", "StartPeriod": "2026-10-01",
            "EndPeriod": "2026-10-31", "Currency": "USD" },
        "Columns": { "Column": [{ "ColTitle": "", "ColType": "Account" }, { "ColTitle": "Total", "ColType": "Money" }] },
        "Rows": { "Row": [
            { "type": "Section", "group": "OperatingActivities", "Header": data("OPERATING ACTIVITIES", ""),
              "Rows": { "Row": [data("Net Income", "900.00"), data("Accounts Receivable", "-400.50")] },
              "Summary": data("Net cash provided by operating activities", "499.50") },
            total("CashIncrease", "Net cash increase for period", "499.50"),
            total("BeginningCash", "Cash at beginning of period", "1000.00"),
            total("EndingCash", "Cash at end of period", "1499.50"),
        ] },
    })
}

fn figure(report: &Value, role: &str) -> i64 {
    let of_role = list(report, "figures").iter().find(|figure| figure["role"] == role);
    of_role.and_then(|figure| figure["actual_minor"].as_i64()).unwrap_or_else(|| panic!("no {role} in {report}"))
}

/// Proves: R8
#[test]
fn reports_of_xero_and_quickbooks_are_taken_as_they_are() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let ledger = Ledger::sign_in(kit).await;
        let company = owner.company.id.as_str();
        let body = json!({ "version": 1, "format": "xero", "currency": "EUR", "provider_report": xero() });
        let pushed = ledger.put(kit, company, "reports", "XERO", body).await.ok(201);
        assert_eq!(figure(&pushed["report"], "net_profit"), 119_975, "{pushed}");
        assert_eq!(list(&pushed["report"], "warnings").len(), 0, "{pushed}");
        let read = ledger.read(kit, company, "reports", "XERO").await.ok(200);
        assert_eq!(read["rows"][0]["rows"][1]["values_minor"], json!([-5_025]), "a sign survives: {read}");
        let body = json!({ "version": 1, "format": "quickbooks", "provider_report": quickbooks() });
        let pushed = ledger.put(kit, company, "reports", "QBO", body).await.ok(201);
        assert_eq!(figure(&pushed["report"], "cash_closing"), 149_950, "{pushed}");
        assert_eq!(pushed["report"]["currency"], "USD", "{pushed}");
        assert_eq!(list(&pushed["report"], "warnings").len(), 0, "{pushed}");
    });
}

/// Proves: R2, R3, R4
#[test]
fn staff_see_what_does_not_add_up_and_everybody_the_figures_of_what_is_published() {
    run(async {
        let kit = kit();
        let books = Books::open(kit).await;
        let mut wrong = machine::report(1, 110_000);
        wrong["report"]["rows"][0]["rows"][2]["values_minor"][0] = json!(149_999);
        books.ledger.put(kit, books.company(), "reports", "PL-10", wrong).await.ok(201);
        books.ledger.put(kit, books.company(), "reports", "FC-10", machine::forecast(1, -200)).await.ok(201);

        let seen = books.firm_reads(kit, "/v1/reports/PL-10").await;
        assert_eq!(seen["report"]["warnings"][0]["place"], "rows[0].rows[2]", "{seen}");
        let reports = json!([{ "reference": "PL-10", "version": 1 }, { "reference": "FC-10", "version": 1 }]);
        let published = books.publish(kit, json!({ "month": "2026-10", "reports": reports })).await;
        let first = &published["publication"]["figures"][0];
        let profit = json!({ "role": "net_profit", "actual_minor": 110_000, "previous_minor": 60_000,
            "last_year_minor": 65_000, "budget_minor": null });
        assert_eq!(first["figure"], profit, "{published}");
        let listed = books.client_reads(kit, "/v1/reports?kind=cashflow_forecast").await;
        let forecast = &list(&listed, "reports")[0]["report"];
        assert_eq!(forecast["lowest_point"], json!({ "balance_minor": -200, "on": "2026-09-30" }), "{listed}");
        let seen = books.client_reads(kit, "/v1/reports/PL-10").await;
        assert!(seen["report"].get("warnings").is_none(), "{seen}");
        assert_eq!(figure(&seen["report"], "income"), 149_999, "what the ledger stated is what is shown");
    });
}

/// Proves: R6, R9
#[test]
fn a_month_is_published_read_compared_and_corrected() {
    run(async {
        let kit = kit();
        let books = Books::open(kit).await;
        books.ledger.report(kit, books.company(), "PL-10", 1, 110_000).await;
        books.ledger.report(kit, books.company(), "PL-09", 1, 60_000).await;

        // Drafts are for those who publish.
        assert_eq!(list(&books.client_reads(kit, "/v1/reports").await, "reports").len(), 0);
        let read = |path: &'static str| kit.api.get(path).by(&books.client.person).within(&books.client.here);
        read("/v1/reports/PL-10").refused(404, "not-found").await;
        read("/v1/reports/PL-10?version=1").refused(404, "not-found").await;
        assert_eq!(list(&books.firm_reads(kit, "/v1/reports").await, "reports").len(), 2);
        let by_client = kit.api.post("/v1/publications").by(&books.client.person).within(&books.client.here);
        let refused = by_client.json(october(1)).refused(403, "not-granted").await;
        assert_eq!(text(&refused, "/permission"), "reports.publish");

        let published = books.publish(kit, october(1)).await;
        let first = text(&published, "/publication/id");
        let ready = |mail: &Message| mail.subject.contains("monthly accounts ready for October 2026");
        for person in [&books.client.person, &books.owner.person] {
            let mail = kit.mailbox.wait_for(&person.email, "monthly accounts", ready).await;
            assert!(mail.text.contains("A good month.") && mail.text.contains("€1,100.00"), "{mail}");
        }
        let own = kit.mailbox.inbox(&books.admin.person.email).await;
        assert!(!own.iter().any(ready), "the publisher was told of their own publication");

        // The client reads, compares and exports it.
        let seen = books.client_reads(kit, "/v1/reports/PL-10").await;
        assert_eq!((&seen["report"]["version"], &seen["is_published"]), (&json!(1), &json!(true)), "{seen}");
        let compared = books.client_reads(kit, "/v1/reports/PL-10/comparison?against=last_year").await;
        let rows = list(&compared["comparison"], "rows");
        let profit = rows.last().expect("rows");
        assert_eq!(
            (&profit["change_minor"], &profit["change_basis_points"]),
            (&json!(45_000), &json!(6_923)),
            "{profit}"
        );
        let budget = read("/v1/reports/PL-10/comparison?against=budget").send().await;
        refused_input(&budget, "against");
        read("/v1/reports/PL-10/comparison?with=PL-09").refused(404, "not-found").await;
        let two = books.firm_reads(kit, "/v1/reports/PL-10/comparison?with=PL-09").await;
        assert_eq!(list(&two["comparison"], "rows").last().expect("rows")["change_minor"], 50_000, "{two}");
        let (person, here) = (&books.client.person, &books.client.here);
        let file = csv(kit, person, here, "/v1/reports/PL-10/csv?decimal=comma").await;
        assert!(file.starts_with("\u{feff}level;account;label;2026-10;2026-09;2025-10\r\n"), "{file}");
        assert!(file.contains("2;8500;Dienste;250,00;;100,00\r\n"), "{file}");
        let file = csv(kit, person, here, "/v1/reports/PL-10/csv").await;
        assert!(file.contains("1,,Ergebnis,1100.00,600.00,650.00\r\n"), "{file}");

        // A newer version is a draft until it is published, as a correction.
        books.ledger.report(kit, books.company(), "PL-10", 2, 109_000).await;
        assert_eq!(books.client_reads(kit, "/v1/reports/PL-10").await["report"]["version"], 1);
        read("/v1/reports/PL-10?version=2").refused(404, "not-found").await;
        assert_eq!(books.firm_reads(kit, "/v1/reports/PL-10").await["report"]["version"], 2);
        let again = kit.api.post("/v1/publications").by(&books.admin.person).within(&books.inside);
        let refused = again.json(october(2)).refused(409, "conflict").await;
        assert_eq!(text(&refused, "/current/publication"), first);
        let mut correction = october(2);
        correction["corrects"] = json!(first);
        correction["comment"] = json!("The rent was too low.");
        let corrected = books.publish(kit, correction).await;
        let change = &corrected["publication"]["changes"][0];
        assert_eq!((&change["before_version"], &change["after_version"]), (&json!(1), &json!(2)), "{corrected}");
        let profit = json!([{ "role": "net_profit", "before_minor": 110_000, "after_minor": 109_000 }]);
        assert_eq!(change["figures"], profit, "{corrected}");
        let mail = |mail: &Message| mail.subject.contains("corrected accounts for October 2026");
        kit.mailbox.wait_for(&books.client.person.email, "a correction", mail).await;

        // What was published stays readable.
        assert_eq!(books.client_reads(kit, "/v1/reports/PL-10").await["report"]["version"], 2);
        let before = books.client_reads(kit, "/v1/reports/PL-10?version=1").await;
        assert_eq!((figure(&before["report"], "net_profit"), &before["is_published"]), (110_000, &json!(false)));
        let one = books.client_reads(kit, &format!("/v1/publications/{first}")).await;
        assert_eq!(one["publication"]["corrected_by"], corrected["publication"]["id"], "{one}");
        assert_eq!(one["publication"]["comment"], "A good month.", "a publication is frozen");
        let all = books.client_reads(kit, "/v1/publications").await;
        assert_eq!(list(&all, "publications").len(), 2, "{all}");
        let audit = kit.api.get("/v1/audit").by(&books.owner.person).within(&books.owner.here).ok(200).await;
        let told = types(list(&audit, "events"));
        assert_eq!(told.iter().filter(|kind| **kind == "accounts.published").count(), 2, "{told:?}");
    });
}

/// Proves: R6
#[test]
fn what_cannot_be_published_is_refused_and_published_once() {
    run(async {
        let kit = kit();
        let books = Books::open(kit).await;
        books.ledger.report(kit, books.company(), "PL-10", 3, 110_000).await;
        let post = |body: Value| {
            kit.api.post("/v1/publications").by(&books.admin.person).within(&books.inside).json(body).send()
        };
        let before = kit.table.trace(books.company()).await;
        for (pointer, value, field) in [
            ("/reports", json!([]), "reports"),
            ("/reports", vec![json!({ "reference": "PL-10", "version": 3 }); 11].into(), "reports"),
            ("/reports/0/reference", json!("NEVER-1"), "reports[0].reference"),
            ("/month", json!("2026-13"), "month"),
            ("/month", json!("2062-10"), "month"),
            ("/comment", json!("x".repeat(2_001)), "comment"),
        ] {
            let mut body = october(3);
            *body.pointer_mut(pointer).expect("a place in the body") = value;
            refused_input(&post(body).await, field);
        }
        let with = |member: &str, value: Value| {
            let mut body = october(3);
            body[member] = value;
            body
        };
        let figures = json!([{ "reference": "PL-10", "role": "total_assets" }]);
        refused_input(&post(with("figures", figures)).await, "figures[0]");
        let unknown = post(with("corrects", json!("pub_00000000000070008000000000000000"))).await;
        unknown.refused_field(409, "conflict", "corrects");
        post(october(2)).await.refused_field(409, "conflict", "reports[0].version");
        assert!(kit.table.trace(books.company()).await == before, "a refused publication left a trace");

        // Of two at once, one counts: the other meets a month that is published.
        let (one, two) = tokio::join!(post(october(3)), post(october(3)));
        let mut statuses = [one.status, two.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409], "{} {}", one.text(), two.text());
    });
}

/// A member with `reports.view` alone sees what is published; with `reports.publish` too, drafts. What was taken away is
/// not seen any more with an older token.
/// Proves: R6, 5
#[test]
fn drafts_are_seen_by_members_who_may_publish_while_they_may() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let ledger = Ledger::sign_in(kit).await;
        ledger.report(kit, &owner.company.id, "PL-10", 1, 110_000).await;
        let both: &[&str] = &["reports.view", "reports.publish"];
        let member = cast::member(kit, &owner, "Petra Publisher", "custom", Some(both)).await;
        let seen = kit.api.get("/v1/reports/PL-10").by(&member.person).within(&member.here).ok(200).await;
        assert_eq!(seen["is_published"], false, "{seen}");
        let path = format!("/v1/members/{}", member.person.user);
        let body = json!({ "role": "custom", "permissions": ["reports.view"] });
        kit.api.patch(&path).by(&owner.person).within(&owner.here).json(body).ok(200).await;
        let stale = kit.api.get("/v1/reports/PL-10").by(&member.person).within(&member.here);
        stale.refused(403, "not-granted").await;
        let here = cast::enter(kit, &member.person, &owner.company.id).await;
        let fresh = kit.api.get("/v1/reports/PL-10").by(&member.person).within(&here);
        fresh.refused(404, "not-found").await;
    });
}

/// Proves: R1
#[test]
fn a_report_of_2000_rows_is_stored_in_parts_and_read_to_the_last_value() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let ledger = Ledger::sign_in(kit).await;
        let company = owner.company.id.as_str();
        let body = machine::large_report(1, 24);
        let pushed = ledger.put(kit, company, "reports", "BS-10", body.clone()).await.ok(201);
        assert_eq!(pushed["report"]["row_count"], 2_000, "{pushed}");
        let read = kit.api.get("/v1/reports/BS-10").by(&owner.person).within(&owner.here).ok(200).await;
        assert!(read["rows"] == body["report"]["rows"], "the rows are not what was pushed");
        let items = kit.table.partition(&format!("COMPANY#{company}")).await;
        let parts = items.iter().filter_map(|item| item.get("sk")?.as_s().ok());
        assert!(parts.filter(|sk| sk.starts_with("REPORTPART#BS-10#")).count() > 1);
    });
}
