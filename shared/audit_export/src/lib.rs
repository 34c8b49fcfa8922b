//! Writes an audit log as CSV for spreadsheets or JSON Lines for programs, with the same content.
//!
//! JSON Lines hold one event a line, as `GET /v1/audit` shows it. CSV holds one event a row under
//! [`COLUMNS`]; `data` is the event's data as JSON, and what an event does not have is an empty cell.
//!
//! A cell that a spreadsheet would take for a formula begins with an apostrophe, and so does one whose
//! text begins with an apostrophe itself. A program that reads the file drops one apostrophe from the
//! beginning of every cell that has one, and so restores the content.

mod object;

use api::{Cell, Csv};
use domain::{Event, Org, export::ExportFormat};
pub use object::stored_file;

/// The columns of the CSV, in their order.
pub const COLUMNS: [&str; 18] = [
    "id",
    "type",
    "at",
    "org_kind",
    "org",
    "subject_kind",
    "subject",
    "actor_user",
    "actor_name",
    "actor_via",
    "actor_firm",
    "actor_customer",
    "actor_session",
    "actor_reason",
    "actor_machine",
    "data",
    "request_id",
    "version",
];

/// The longest time between an event's time and its recording, in seconds: no function that records events runs for
/// longer.
pub const MAX_RECORDING_S: i64 = 120;

/// The media type of a file.
#[must_use]
pub const fn media_type(format: ExportFormat) -> &'static str {
    match format {
        ExportFormat::Csv => api::csv::MEDIA_TYPE,
        ExportFormat::Jsonl => "application/jsonl; charset=utf-8",
    }
}

/// The `Content-Disposition` of a file: it is saved under a name of ours, never shown in the browser.
#[must_use]
pub fn disposition(format: ExportFormat, org: &Org) -> String {
    format!("attachment; filename=\"audit-{org}.{}\"", format.extension())
}

/// The beginning of a file.
#[must_use]
pub fn head(format: ExportFormat) -> String {
    match format {
        ExportFormat::Csv => Csv::new(&COLUMNS).as_str().to_owned(),
        ExportFormat::Jsonl => String::new(),
    }
}

/// One event, as its line or row, with the end of the line.
#[must_use]
pub fn line(format: ExportFormat, event: &Event) -> String {
    match format {
        ExportFormat::Csv => row(event),
        // An event always serializes.
        ExportFormat::Jsonl => serde_json::to_string(event).unwrap_or_default() + "\n",
    }
}

fn row(event: &Event) -> String {
    let org_kind = if event.org.company().is_some() { "company" } else { "firm" };
    let actor = &event.actor;
    let cells = [
        Some(event.id.to_string()),
        Some(event.kind.to_string()),
        Some(event.at.to_string()),
        Some(org_kind.to_owned()),
        Some(event.org.to_string()),
        Some(event.subject.kind.clone()),
        Some(event.subject.id.clone()),
        actor.user.as_ref().map(ToString::to_string),
        actor.name.as_ref().map(|name| name.as_str().to_owned()),
        Some(actor.via.clone()),
        actor.firm.as_ref().map(ToString::to_string),
        actor.customer.as_ref().map(ToString::to_string),
        actor.session.as_ref().map(ToString::to_string),
        actor.reason.as_ref().map(|reason| reason.as_str().to_owned()),
        actor.machine.clone(),
        Some(event.data.to_string()),
        Some(event.request_id.clone()),
        Some(event.version.to_string()),
    ];
    let texts: Vec<Option<String>> = cells.into_iter().map(|cell| cell.map(apart)).collect();
    let cells: Vec<Cell<'_>> = texts.iter().map(|text| Cell::from(text.as_deref())).collect();
    let mut csv = Csv::new(&COLUMNS);
    let head = csv.as_str().len();
    csv.row(&cells);
    csv.as_str().get(head..).unwrap_or_default().to_owned()
}

/// Distinguishes an apostrophe of the text from one that was added to make a cell harmless.
fn apart(text: String) -> String {
    if text.starts_with('\'') { format!("'{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use domain::{Actor, CompanyId, EventId, EventType, FirmId, UtcTime, event::Subject};
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::*;

    /// Reads CSV back, as RFC 4180 says.
    fn parse(text: &str) -> Vec<Vec<String>> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        reader.deserialize().collect::<Result<_, _>>().unwrap()
    }

    /// The event of a row, as JSON.
    fn object(row: &[String]) -> Value {
        let cell = |name: &str| {
            let at = COLUMNS.iter().position(|column| *column == name).unwrap();
            let text = row[at].strip_prefix('\'').unwrap_or(&row[at]);
            (!text.is_empty()).then(|| text.to_owned())
        };
        let mut actor = json!({"via": cell("actor_via").unwrap_or_default()});
        for name in ["user", "name", "firm", "customer", "session", "reason", "machine"] {
            if let Some(text) = cell(&format!("actor_{name}")) {
                actor[name] = json!(text);
            }
        }
        json!({
            "id": cell("id"), "type": cell("type"), "at": cell("at"),
            "org": {"kind": cell("org_kind"), "id": cell("org")},
            "subject": {"kind": cell("subject_kind").unwrap_or_default(), "id": cell("subject").unwrap_or_default()},
            "actor": actor,
            "data": serde_json::from_str::<Value>(&cell("data").unwrap()).unwrap(),
            "request_id": cell("request_id").unwrap_or_default(),
            "version": cell("version").unwrap().parse::<u16>().unwrap(),
        })
    }

    fn event(n: u128, name: &str, reason: &str, subject: &str) -> Event {
        Event {
            id: EventId::from_uuid(Uuid::from_u128(n)),
            kind: EventType::CommentAdded,
            version: 1,
            at: UtcTime::EPOCH,
            org: Org::Company(CompanyId::from_uuid(Uuid::from_u128(1))),
            subject: Subject { kind: "invoice".to_owned(), id: subject.to_owned() },
            actor: Actor {
                name: name.parse().ok(),
                reason: reason.parse().ok(),
                firm: n.is_multiple_of(2).then(|| FirmId::from_uuid(Uuid::from_u128(2))),
                customer: n.is_multiple_of(3).then(|| subject.parse().ok()).flatten(),
                ..Actor::machine(subject)
            },
            data: json!({"reason": reason, "amount_minor": -5, "grants": ["a", "b"], "nothing": null}),
            request_id: "r=".to_owned(),
        }
    }

    fn written(format: ExportFormat, events: &[Event]) -> String {
        events.iter().fold(head(format), |text, event| text + &line(format, event))
    }

    /// Proves: 18
    #[test]
    fn a_spreadsheet_runs_nothing_of_what_people_wrote() {
        let file = written(ExportFormat::Csv, &[event(1, "=cmd|' /C calc'!A0", "+1", "@SUM(A1)")]);
        for cell in parse(&file).concat() {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
        }
    }

    #[test]
    fn columns_are_named_once_at_the_beginning() {
        let file = written(ExportFormat::Csv, &[event(1, "Ana", "x", "1"), event(2, "Ana", "x", "2")]);
        let rows = parse(&file);
        assert_eq!(rows.len(), 3);
        assert_eq!(rows[0], COLUMNS);
        assert!(rows.iter().all(|row| row.len() == COLUMNS.len()));
    }

    proptest! {
        #[test]
        fn both_forms_hold_the_same_content(
            texts in prop::collection::vec(("['=+@,\" -]{0,3}[a-z]{1,5}", "['=+@,\"\n]{0,3}[a-z]{1,9}", "['=+@,\"a-z]{1,9}"), 0..5),
        ) {
            let events: Vec<Event> =
                texts.iter().enumerate().map(|(n, (a, b, c))| event(n as u128, a, b, c)).collect();
            let rows = parse(&written(ExportFormat::Csv, &events));
            let from_csv: Vec<Value> = rows[1..].iter().map(|row| object(row)).collect();
            let jsonl = written(ExportFormat::Jsonl, &events);
            let from_jsonl: Vec<Value> = jsonl.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            prop_assert_eq!(from_csv, from_jsonl);
            let read: Vec<Event> = jsonl.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            prop_assert_eq!(read, events);
        }
    }
}
