//! The audit log as a file: CSV and JSON Lines with the same content, harmless in a spreadsheet.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use tests::cast::{self, Context, text};
use tests::http::Answer;
use tests::people::Person;
use tests::table::Item;
use tests::{Kit, kit, people, run};

use crate::faults::rig::{batch, eventually, message, new_event_id};
use crate::support::{refused_input, types};

/// Reads CSV back, as RFC 4180 says.
fn parse(file: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(file.as_bytes());
    reader.deserialize().collect::<Result<_, _>>().expect("it is CSV")
}

/// The rows of a file as events, as the document says how to read them.
fn events_in_csv(file: &str) -> Vec<Value> {
    let mut rows = parse(file).into_iter();
    let columns = rows.next().expect("a header");
    rows.map(|row| {
        let cell = |name: &str| {
            let at = columns.iter().position(|column| column == name).unwrap_or_else(|| panic!("no column {name}"));
            let text = row[at].strip_prefix('\'').unwrap_or(&row[at]);
            (!text.is_empty()).then(|| text.to_owned())
        };
        let mut actor = json!({ "via": cell("actor_via") });
        for name in ["user", "name", "firm", "customer", "session", "reason", "machine"] {
            if let Some(text) = cell(&format!("actor_{name}")) {
                actor[name] = json!(text);
            }
        }
        let data: Value = serde_json::from_str(&cell("data").expect("data")).expect("data is JSON");
        json!({
            "id": cell("id"), "type": cell("type"), "at": cell("at"),
            "org": { "kind": cell("org_kind"), "id": cell("org") },
            "subject": { "kind": cell("subject_kind"), "id": cell("subject") },
            "actor": actor, "data": data, "request_id": cell("request_id"),
            "version": cell("version").expect("a version").parse::<u16>().expect("a number"),
        })
    })
    .collect()
}

fn events_in_jsonl(file: &str) -> Vec<Value> {
    file.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
}

fn is_file(answer: &Answer, media: &str, ending: &str) {
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(answer.header("content-type").is_some_and(|value| value.starts_with(media)), "{:?}", answer.headers);
    let disposition = answer.header("content-disposition").unwrap_or_default();
    assert!(disposition.starts_with("attachment") && disposition.contains(ending), "{disposition}");
}

/// Proves: 18
#[test]
fn both_forms_hold_what_the_trail_holds_and_nothing_that_runs() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "=cmd|' /C calc'!A0", "+Formula \"Ltd\", Sons").await;
        let body = json!({ "reason": "@SUM(1,2) 'quoted'" });
        let here = cast::enter_with(kit, &owner.person, &owner.company.id, body).await;
        cast::approval_policy(kit, &owner, 1_000).await;
        let mut trail = tests::story::audit_trail(kit, &owner.person, &here).await;
        trail.reverse();
        let get = async |query: &str| {
            kit.api.get(&format!("/v1/audit/export?{query}")).by(&owner.person).within(&here).send().await
        };
        let (csv, jsonl) = (get("format=csv").await, get("format=jsonl").await);
        is_file(&csv, "text/csv", ".csv\"");
        is_file(&jsonl, "application/jsonl", ".jsonl\"");
        assert_eq!(events_in_jsonl(&jsonl.text()), trail);
        assert_eq!(events_in_csv(&csv.text()), trail);
        for cell in parse(&csv.text()).concat() {
            assert!(!cell.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
        }

        let narrowed = get("format=csv&type=approval_policy.changed,company.registered").await;
        let types: Vec<String> = events_in_csv(&narrowed.text()).iter().map(|event| text(event, "/type")).collect();
        assert_eq!(types, ["company.registered", "approval_policy.changed"]);
        let none = get("format=csv&from=2099-01-01T00:00:00Z").await;
        assert_eq!(parse(&none.text()).len(), 1, "the header alone");
        for (query, field) in [("", "format"), ("format=xml", "format"), ("format=csv&type=made.up", "type")] {
            refused_input(&get(query).await, field);
        }
    });
}

#[test]
fn a_firm_takes_out_what_happened_at_its_clients() {
    run(async {
        let kit = kit();
        let (admin, one, two) = tokio::join!(
            cast::firm_admin(kit, "Ada Admin", "Exporting Firm"),
            cast::owner(kit, "Olga Owner", "Client One"),
            cast::owner(kit, "Otto Owner", "Client Two"),
        );
        cast::connect(kit, &one, &admin, None).await;
        cast::connect(kit, &two, &admin, None).await;
        let get = async |query: &str| {
            let path = format!("/v1/audit/export?format=jsonl&{query}");
            let answer = kit.api.get(&path).by(&admin.person).within(&admin.here).send().await;
            assert_eq!(answer.status, 200, "{}", answer.text());
            events_in_jsonl(&answer.text())
        };
        let orgs = |events: &[Value]| -> std::collections::BTreeSet<String> {
            events.iter().map(|event| text(event, "/org/id")).collect()
        };
        let (one, two) = (one.company.id, two.company.id);
        assert_eq!(orgs(&get("of=clients").await), [one.clone(), two].into());
        assert_eq!(orgs(&get(&format!("of=clients&company={one}")).await), [one].into());
        assert_eq!(orgs(&get("").await), [admin.firm.id.clone()].into());
    });
}

async fn ask(kit: &Kit, by: &Person, here: &Context, body: Value) -> String {
    let key = people::unique();
    let asked = kit.api.post("/v1/audit/exports").by(by).within(here).key(&key).json(body).ok(202).await;
    text(&asked, "/export/id")
}

async fn export(kit: &Kit, by: &Person, here: &Context, id: &str) -> Value {
    let shown = kit.api.clone_silent().get(&format!("/v1/audit/exports/{id}")).by(by).within(here).ok(200).await;
    shown["export"].clone()
}

async fn finished(kit: &Kit, by: &Person, here: &Context, id: &str) -> Value {
    eventually("the file is written", async || {
        let export = export(kit, by, here, id).await;
        ["done", "failed"].contains(&text(&export, "/status").as_str()).then_some(export)
    })
    .await
}

/// The file behind a link, and its headers.
async fn picked_up(kit: &Kit, export: &Value) -> (String, BTreeMap<String, String>) {
    let answer = kit.http.get(text(export, "/download_url")).send().await.expect("the bucket answers");
    assert_eq!(answer.status().as_u16(), 200);
    let header = |(name, value): (&reqwest::header::HeaderName, &reqwest::header::HeaderValue)| {
        (name.to_string(), value.to_str().unwrap_or_default().to_owned())
    };
    let headers = answer.headers().iter().map(header).collect();
    (answer.text().await.expect("the file is text"), headers)
}

#[test]
fn an_export_is_written_in_the_background_and_downloaded_with_the_permission() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Filed Ltd").await;
        cast::approval_policy(kit, &owner, 1_000).await;
        let (by, here) = (&owner.person, &owner.here);
        let (key, body) =
            (people::unique(), json!({ "format": "csv", "type": "approval_policy.changed,company.registered" }));
        let post =
            async || kit.api.post("/v1/audit/exports").by(by).within(here).key(&key).json(body.clone()).send().await;
        let asked = post().await;
        let queued = asked.ok(202);
        assert_eq!(post().await.json(), queued, "the same request is the same file");
        assert_eq!(
            (text(&queued, "/export/status"), queued["export"].get("download_url")),
            ("queued".to_owned(), None)
        );
        let id = text(&queued, "/export/id");
        let done = finished(kit, by, here, &id).await;
        assert_eq!(
            (text(&done, "/status"), &done["events"], &done["percent"]),
            ("done".to_owned(), &json!(2), &json!(100))
        );
        let (file, headers) = picked_up(kit, &done).await;
        assert_eq!(done["size_bytes"], json!(file.len()));
        assert!(headers["content-type"].starts_with("text/csv"), "{headers:?}");
        assert!(headers["content-disposition"].starts_with("attachment; filename=\"audit-co_"), "{headers:?}");
        let direct = "/v1/audit/export?format=csv&type=approval_policy.changed,company.registered";
        let direct = kit.api.get(direct).by(by).within(here).send().await;
        assert_eq!(file, direct.text());
        let trail = tests::story::audit_trail(kit, by, here).await;
        assert!(types(&trail).contains(&"export.requested"));

        let other = cast::owner(kit, "Otto Other", "Nosy Ltd").await;
        let path = format!("/v1/audit/exports/{id}");
        let theirs = kit.api.get(&path).by(&other.person).within(&other.here).send().await;
        theirs.refused(404, "not-found");
        let member = cast::member(kit, &owner, "Clara Client", "client", None).await;
        kit.api.get(&path).by(&member.person).within(&member.here).refused(403, "not-granted").await;
        // The link alone opens the file; without its signature nothing does.
        let bare = text(&done, "/download_url").split('?').next().expect("an address").to_owned();
        assert_eq!(kit.http.get(bare).send().await.expect("the bucket answers").status().as_u16(), 403);

        let (pk, sk) = (format!("COMPANY#{}", owner.company.id), format!("EXPORT#{id}"));
        kit.table.set(&pk, &sk, "gone_at", AttributeValue::S("2026-01-01T00:00:00.000Z".to_owned())).await;
        kit.api.get(&path).by(by).within(here).refused(410, "gone").await;
    });
}

#[test]
fn a_firms_file_holds_its_clients_events_in_either_form() {
    run(async {
        let kit = kit();
        let (admin, owner) = tokio::join!(
            cast::firm_admin(kit, "Ada Admin", "Filing Firm"),
            cast::owner(kit, "Olga Owner", "Filed Client"),
        );
        cast::connect(kit, &owner, &admin, None).await;
        let (by, here) = (&admin.person, &admin.here);
        let of = json!({ "format": "jsonl", "of": "clients", "company": owner.company.id });
        let lines = ask(kit, by, here, of.clone()).await;
        let lines = finished(kit, by, here, &lines).await;
        let mut of = of;
        of["format"] = json!("csv");
        let rows = ask(kit, by, here, of).await;
        let rows = finished(kit, by, here, &rows).await;
        let (lines, rows) = (picked_up(kit, &lines).await.0, picked_up(kit, &rows).await.0);
        let events = events_in_jsonl(&lines);
        assert!(types(&events).contains(&"connection.started"), "{lines}");
        assert_eq!(events, events_in_csv(&rows));
    });
}

/// Otherwise one company queues hundreds of files, and everybody else's wait for a day.
/// Proves: S9
#[test]
fn one_file_of_an_audit_log_is_written_at_a_time_and_a_second_request_names_it() {
    run(async {
        let kit = kit();
        let (owner, other) =
            tokio::join!(cast::owner(kit, "Olga Owner", "Filed Ltd"), cast::owner(kit, "Otto Other", "Elsewhere Ltd"),);
        let (by, here) = (&owner.person, &owner.here);
        let id = ask(kit, by, here, json!({ "format": "csv" })).await;
        finished(kit, by, here, &id).await;
        let (pk, sk) = (format!("COMPANY#{}", owner.company.id), format!("EXPORT#{id}"));
        let set = async |name: &str, text: &str| {
            kit.table.set(&pk, &sk, name, AttributeValue::S(text.to_owned())).await;
        };
        set("status", "running").await;
        let again = || {
            let call = kit.api.post("/v1/audit/exports").by(by).within(here);
            call.json(json!({ "format": "jsonl" })).send_owned()
        };
        let refused = again().await.refused(409, "conflict");
        assert_eq!(
            (text(&refused, "/state"), text(&refused, "/current/export/id")),
            ("running".to_owned(), id.clone())
        );
        ask(kit, &other.person, &other.here, json!({ "format": "csv" })).await;
        // A request that was lost keeps nobody from another for ever.
        set("requested_at", "2026-01-01T00:00:00.000Z").await;
        again().await.ok(202);
    });
}

/// Adds events of a few hundred kilobytes each to an audit log.
async fn plant(kit: &Kit, org: &str, count: usize) -> Vec<String> {
    let events = kit.table.events(org).await;
    let pattern = events.first().expect("an event").clone();
    let mut ids = Vec::new();
    for _ in 0..count {
        let id = new_event_id();
        let mut item: HashMap<String, AttributeValue> = pattern.clone().into_iter().collect();
        let s = |text: String| AttributeValue::S(text);
        item.insert("sk".to_owned(), s(format!("EVENT#{id}")));
        item.insert("id".to_owned(), s(id.clone()));
        let data = HashMap::from([("text".to_owned(), s("x".repeat(300 * 1024)))]);
        item.insert("data".to_owned(), AttributeValue::M(data));
        kit.table.client.put_item().table_name(&kit.table.name).set_item(Some(item)).send().await.expect("it fits");
        ids.push(id);
    }
    ids
}

#[test]
fn a_large_file_is_written_in_parts_and_is_whole() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Large Ltd").await;
        let planted = plant(kit, &owner.company.id, 60).await;
        let (by, here) = (&owner.person, &owner.here);
        let short = kit.api.get("/v1/audit/export?format=jsonl").by(by).within(here).send().await;
        refused_input(&short, "from");
        let id = ask(kit, by, here, json!({ "format": "jsonl", "type": "company.registered" })).await;
        let done = finished(kit, by, here, &id).await;
        assert_eq!((text(&done, "/status"), &done["events"]), ("done".to_owned(), &json!(61)));
        let (file, _) = picked_up(kit, &done).await;
        assert_eq!(done["size_bytes"], json!(file.len()));
        assert!(file.len() > 16 * 1024 * 1024, "{}", file.len());
        let ids: Vec<String> = events_in_jsonl(&file).iter().map(|event| text(event, "/id")).collect();
        // The ids that the test draws sort before that of the company's own registration.
        let ids = &ids[..planted.len()];
        assert_eq!(ids, planted);
    });
}

#[test]
fn a_file_that_is_interrupted_too_often_is_given_up() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Unlucky Ltd").await;
        let (by, here) = (&owner.person, &owner.here);
        let id = ask(kit, by, here, json!({ "format": "csv" })).await;
        finished(kit, by, here, &id).await;
        let pk = format!("COMPANY#{}", owner.company.id);
        let item = kit.table.item(&pk, &format!("EXPORT#{id}")).await.expect("the export is there");
        let half_done = async |attempts: u32| {
            let new = new_event_id().replace("ev_", "ex_");
            let mut item: Item = item.clone();
            let mut set = |name: &str, value: AttributeValue| item.insert(name.to_owned(), value);
            let s = |text: &str| AttributeValue::S(text.to_owned());
            set("sk", s(&format!("EXPORT#{new}")));
            set("id", s(&new));
            set("status", s("running"));
            set("attempts", AttributeValue::N(attempts.to_string()));
            let upload = [("id", s("gone")), ("tags", AttributeValue::L(vec![s("tag")])), ("cursor", s(""))];
            let upload = upload.map(|(name, value)| (name.to_owned(), value));
            set("upload", AttributeValue::M(HashMap::from(upload)));
            let put = kit.table.client.put_item().table_name(&kit.table.name);
            put.set_item(Some(item.into_iter().collect())).send().await.expect("the table takes the item");
            new
        };
        let tell = async |id: &str| {
            let event = json!({
                "id": new_event_id(), "type": "export.requested", "at": "2026-11-21T12:00:00.000Z",
                "org": { "kind": "company", "id": owner.company.id }, "subject": { "kind": "export", "id": id },
                "actor": { "via": "self" }, "data": {}, "request_id": "r",
            });
            kit.invoke("export", &batch(&[("m-1", message(&event))])).await.ok()
        };
        let told = json!({ "batchItemFailures": [] });
        let tired = half_done(15).await;
        assert_eq!(tell(&tired).await, told);
        let failed = export(kit, by, here, &tired).await;
        assert_eq!((text(&failed, "/status"), failed.get("download_url")), ("failed".to_owned(), None));
        assert_eq!(tell(&tired).await, told, "what was given up is over");
        let poison = kit.invoke("export", &batch(&[("m-2", "poison".to_owned())])).await.ok();
        assert_eq!(poison, json!({ "batchItemFailures": [{ "itemIdentifier": "m-2" }] }));
    });
}
