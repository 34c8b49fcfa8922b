//! The pages that integrators read: the catalogue of event types and letters in `docs/events.md`, and a JSON
//! Schema per event type in `docs/events.schema.json`. Both come from the declarations in [`super::types`];
//! `UPDATE_GOLDEN=1` writes them anew, and without it a difference fails.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    path::PathBuf,
};

use serde_json::{Map, Value, json};
use utoipa::{PartialSchema, ToSchema};

use super::{Event, EventPayload, EventScope, EventType, EventWithLetter, PayloadError, examples};

/// Schemas by their names.
pub(super) type Named = BTreeMap<String, Value>;

/// A reference to the schema of a type, which is added to the named ones with all that it refers to.
pub(super) fn schema_of<T: ToSchema>(named: &mut Named) -> Value {
    let mut found = vec![(T::name().into_owned(), T::schema())];
    T::schemas(&mut found);
    for (name, schema) in found {
        named.insert(name, local(&serde_json::to_value(schema).unwrap()));
    }
    json!({ "$ref": format!("#/$defs/{}", T::name()) })
}

/// The schema with its references into this document in place of an OpenAPI one.
fn local(schema: &Value) -> Value {
    serde_json::from_str(&schema.to_string().replace("#/components/schemas/", "#/$defs/")).unwrap()
}

/// The name of an event's schema: `ApprovalDecidedEvent`.
fn name_of(kind: EventType) -> String {
    format!("{kind:?}Event")
}

fn schemas() -> Value {
    let mut named = Named::new();
    let mut base = local(&serde_json::to_value(Event::schema()).unwrap());
    schema_of::<Event>(&mut named);
    named.remove("Event");
    named.remove("EventType");
    let required = base["required"].as_array_mut().unwrap();
    required.push(json!("version"));
    let mut of_types = Named::new();
    let recorded = examples::all();
    for kind in EventType::ALL.iter().copied() {
        let mut schema = base.clone();
        schema["title"] = json!(name_of(kind));
        schema["description"] = json!(kind.description());
        schema["properties"]["type"] = json!({ "const": kind.as_str() });
        schema["properties"]["version"] = json!({ "const": kind.version() });
        schema["properties"]["subject"] = json!({
            "type": "object",
            "required": ["kind", "id"],
            "properties": { "kind": { "const": kind.subject() }, "id": { "type": "string" } },
        });
        schema["properties"]["data"] = kind.payload_schema(&mut named);
        let of_kind = recorded.iter().filter(|event| event.kind == kind);
        schema["examples"] = of_kind.map(|event| serde_json::to_value(event).unwrap()).collect();
        of_types.insert(name_of(kind), schema);
    }
    let any: Vec<Value> =
        EventType::ALL.iter().map(|kind| json!({ "$ref": format!("#/$defs/{}", name_of(*kind)) })).collect();
    let defs: Map<String, Value> = named.into_iter().chain(of_types).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:countersign:events",
        "title": "Event",
        "description": "An event on the bus (`detail`), in the audit log and in its exports. `type` and `version` say \
            which schema holds. Fields may be added at any time without a new version.",
        "oneOf": any,
        "$defs": defs,
    })
}

/// The fields of a payload, as the catalogue lists them.
fn fields(kind: EventType, named: &Named) -> String {
    fn add(schema: &Value, named: &Named, fields: &mut Vec<(String, bool)>) {
        if let Some(name) = schema["$ref"].as_str() {
            return add(&named[name.trim_start_matches("#/$defs/")], named, fields);
        }
        for part in schema["allOf"].as_array().into_iter().flatten() {
            add(part, named, fields);
        }
        for choice in schema["oneOf"].as_array().into_iter().flatten() {
            let mut one = Vec::new();
            add(choice, named, &mut one);
            fields.extend(one.into_iter().map(|(name, _)| (name, false)));
        }
        let is_required = |name: &String| schema["required"].as_array().is_some_and(|it| it.contains(&json!(name)));
        let own = schema["properties"].as_object().into_iter().flatten();
        fields.extend(own.map(|(name, _)| (name.clone(), is_required(name))));
    }
    let mut found = Vec::new();
    let mut own = Named::new();
    let payload = kind.payload_schema(&mut own);
    add(&payload, named, &mut found);
    let listed = found.into_iter().map(|(name, required)| format!("`{name}`{}", if required { "" } else { "?" }));
    listed.collect::<Vec<_>>().join(", ")
}

fn types_table() -> String {
    let mut named = Named::new();
    EventType::ALL.iter().for_each(|kind| drop(kind.payload_schema(&mut named)));
    let mut table = "| type | in | subject | what happened | data |\n| --- | --- | --- | --- | --- |\n".to_owned();
    for kind in EventType::ALL {
        let scope = match kind.scope() {
            EventScope::Company => "company",
            EventScope::Firm => "firm",
            EventScope::CompanyOrFirm => "company or firm",
        };
        let (subject, happened, fields) = (kind.subject(), kind.description(), fields(*kind, &named));
        writeln!(table, "| `{kind}` | {scope} | {subject} | {happened} | {fields} |").unwrap();
    }
    table
}

fn letters_table() -> String {
    let mut table = "| event | goes to |\n| --- | --- |\n".to_owned();
    for kind in EventType::ALL {
        if let Some(recipients) = kind.letter_recipients() {
            writeln!(table, "| `{kind}` | {recipients} |").unwrap();
        }
    }
    table
}

fn docs(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(file)
}

/// Compares a file with what it must hold, or writes it anew.
fn hold(file: &str, wanted: &str) {
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(docs(file), wanted).unwrap();
    }
    let found = std::fs::read_to_string(docs(file)).unwrap();
    assert!(
        found == wanted,
        "docs/{file} is not as declared: run `UPDATE_GOLDEN=1 cargo test --workspace --lib of_events`"
    );
}

/// The page with the generated part of this name replaced.
fn with_part(page: &str, name: &str, part: &str) -> String {
    let (begin, end) = (format!("<!-- generated: {name} -->\n"), format!("<!-- end: {name} -->"));
    let (before, rest) = page.split_once(&begin).expect("the page marks the part");
    let (_, after) = rest.split_once(&end).expect("the part ends");
    format!("{before}{begin}{part}{end}{after}")
}

#[test]
fn the_catalogue_of_events_is_made_from_their_declarations() {
    let page = std::fs::read_to_string(docs("events.md")).unwrap();
    let page = with_part(&page, "event types", &types_table());
    hold("events.md", &with_part(&page, "letters", &letters_table()));
}

#[test]
fn the_schemas_of_events_are_made_from_their_declarations() {
    hold("events.schema.json", &format!("{:#}\n", schemas()));
}

#[test]
fn every_event_type_has_an_example_that_its_schema_takes() {
    let document = schemas();
    let mut compiler = boon::Compiler::new();
    compiler.add_resource("urn:countersign:events", document.clone()).unwrap();
    let mut compiled = boon::Schemas::new();
    let any = compiler.compile("urn:countersign:events", &mut compiled).unwrap();
    let mut seen = BTreeSet::new();
    for event in examples::all() {
        let own = format!("urn:countersign:events#/$defs/{}", name_of(event.kind));
        let own = compiler.compile(&own, &mut compiled).unwrap();
        let written = serde_json::to_value(&event).unwrap();
        compiled.validate(&written, own).unwrap_or_else(|error| panic!("{}: {error:#}", event.kind));
        compiled.validate(&written, any).unwrap_or_else(|error| panic!("{}: {error:#}", event.kind));
        let mut other = written.clone();
        other["data"] = json!({ "nothing": "of it" });
        assert!(compiled.validate(&other, own).is_err(), "{}: any data would do", event.kind);
        seen.insert(event.kind.as_str());
    }
    let all: BTreeSet<&str> = EventType::ALL.iter().map(|kind| kind.as_str()).collect();
    assert_eq!(seen, all);
}

#[test]
fn a_payload_is_read_as_it_was_written() {
    for event in examples::all() {
        let payload = event.payload().unwrap();
        assert_eq!((payload.kind(), json!(payload)), (event.kind, event.data.clone()));
        let read: Event = serde_json::from_value(serde_json::to_value(&event).unwrap()).unwrap();
        assert_eq!(read, event);
        // What another release adds is no obstacle.
        let mut later = event.clone();
        later.data["added_later"] = json!(true);
        assert_eq!(later.payload().unwrap(), payload, "{}", event.kind);
    }
}

#[test]
fn an_event_happens_in_its_kind_of_tenant_and_is_about_its_kind_of_thing() {
    for event in examples::all() {
        let fits = match event.kind.scope() {
            EventScope::Company => event.org.company().is_some(),
            EventScope::Firm => event.org.firm().is_some(),
            EventScope::CompanyOrFirm => true,
        };
        assert!(fits && event.subject.kind == event.kind.subject(), "{}", event.kind);
    }
}

/// The filters of the audit log read the firm from this field in every type.
#[test]
fn a_payloads_field_firm_is_the_id_of_a_firm() {
    for event in examples::all() {
        if let Some(firm) = event.data.get("firm").and_then(Value::as_str) {
            assert!(firm.parse::<crate::FirmId>().is_ok(), "{}: {firm}", event.kind);
        }
    }
}

#[test]
fn no_event_carries_an_address() {
    for event in examples::all() {
        assert!(!event.data.to_string().contains('@'), "{}: {}", event.kind, event.data);
    }
}

#[test]
fn an_event_that_cannot_be_read_is_kept_as_it_is() {
    for event in examples::all() {
        let unreadable = Event { data: json!({ "nothing": "of it" }), ..event.clone() };
        assert_eq!(unreadable.payload(), Err(PayloadError::Malformed(event.kind)));
        let newer = Event { version: event.version + 1, ..event.clone() };
        assert!(matches!(newer.payload(), Err(PayloadError::Version { .. })));
        for kept in [unreadable, newer] {
            let written = serde_json::to_value(&kept).unwrap();
            assert_eq!(serde_json::from_value::<Event>(written).unwrap(), kept);
            // Only who writes letters about it needs to read it.
            assert_eq!(EventWithLetter::of(&kept).is_err(), event.kind.letter_recipients().is_some());
        }
        let has_letter = event.payload().map(EventPayload::with_letter).unwrap().is_some();
        assert_eq!(has_letter, event.kind.letter_recipients().is_some());
    }
    let mut of_before = serde_json::to_value(&examples::all()[0]).unwrap();
    of_before.as_object_mut().unwrap().remove("version");
    assert_eq!(serde_json::from_value::<Event>(of_before).unwrap().version, 1);
}
