//! The trail as a file: CSV and JSON Lines with the same content, harmless in a spreadsheet.

use serde_json::{Value, json};
use tests::cast::{self, text};
use tests::http::Answer;
use tests::{kit, run};

use crate::support::refused_input;

/// Reads CSV back, as RFC 4180 says.
fn parse(file: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut chars = file.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, quoted) {
            ('"', true) if chars.peek() == Some(&'"') => cell.push(chars.next().expect("it was seen")),
            ('"', _) => quoted = !quoted,
            (',', false) => row.push(std::mem::take(&mut cell)),
            ('\r', false) => {
                assert_eq!(chars.next(), Some('\n'), "every line ends in CRLF");
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            (c, _) => cell.push(c),
        }
    }
    assert!(cell.is_empty() && row.is_empty() && !quoted, "the last line ends too");
    rows
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
        for name in ["user", "name", "firm", "session", "reason", "machine"] {
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
