//! `docs/openapi.json` is made from the handlers' types, and routes in code, document and template agree.
//!
//! `UPDATE_GOLDEN=1` writes the document anew; without it a difference fails.

use std::collections::{BTreeMap, BTreeSet};

use api::{Audience, Route};
use domain::{language::Reader, permission::Needed};
use serde_json::{Map, Value, json};
use tests::stack::Stack;
use utoipa::OpenApi as _;

use crate::routes::{Function, functions};

const INTRODUCTION: &str = "The accountant-client layer of an accounting product: invitations, contexts, \
sign-offs, payments and an audit trail. Requests are signed in with an access token of the identity provider; \
requests that act in a company or firm carry a context token beside it. Every refusal of a function is an \
RFC 9457 problem with a stable `type`; its `title` is in the language that `Accept-Language` prefers among those of \
`Language`, else in English. What the gateway refuses before a function runs is `{\"message\": …}`: \
`401` for an access token that is missing, expired or not ours, `403` for a machine client without the scope, \
`404` for a route that is not there, `429` for too many requests at once. So a `401` with a `type` is about the \
context token or the account, and one without asks to sign in again. Lists page by `limit` and `cursor`. A POST \
that creates or moves something takes an `Idempotency-Key`.";

/// The POSTs that take no `Idempotency-Key`: nobody is signed in yet, nothing is kept, or doing it again
/// answers the same by itself.
const WITHOUT_KEY: [&str; 42] = [
    "authorize",
    "cancel_payment",
    "cancel_payment_as_customer",
    "create_account",
    "decide_hosted_estimate",
    "declare_document_version",
    "declare_documents",
    "declare_ledger_documents",
    "download_credit_note_attachment",
    "download_document",
    "download_document_export",
    "download_estimate_attachment",
    "download_hosted_attachment",
    "download_invoice_attachment",
    "download_portal_logo",
    "enter_context",
    "enter_customer_context",
    "make_me",
    "note_customer_credit_note_view",
    "note_customer_estimate_view",
    "note_customer_invoice_view",
    "pay_hosted_invoice",
    "preview",
    "push_facts",
    "read_all_notifications",
    "read_credit_note_comments",
    "read_customer_credit_note_comments",
    "read_customer_estimate_comments",
    "read_customer_invoice_comments",
    "read_document_comments",
    "read_estimate_comments",
    "read_invoice_comments",
    "read_notification",
    "receive_stripe_event",
    "refresh_context",
    "renew_hosted_link",
    "restore_document",
    "resume_mail",
    "revoke_vendor_code",
    "set_mail_preferences",
    "stop_mail",
    "view_hosted_document",
];

/// What a route asks of its caller, as the document writes it.
fn security(route: &Route) -> Value {
    match route.audience {
        Audience::Public => json!([]),
        Audience::Person => json!([{ "identity": [] }]),
        Audience::Context { .. } => json!([{ "identity": [], "context": [] }]),
        Audience::Machine(scope @ "countersign/authorize") => json!([{ "modules": [scope] }]),
        Audience::Machine(scope) => json!([{ "ledger": [scope] }]),
    }
}

/// The permissions that a route mentions, in a company's or a firm's context.
fn permissions(route: &Route) -> BTreeSet<&'static str> {
    let Audience::Context { company, firm, customer } = route.audience else { return BTreeSet::new() };
    company
        .into_iter()
        .chain(firm)
        .chain(customer)
        .flat_map(Needed::permissions)
        .map(|permission| permission.as_str())
        .collect()
}

/// Adds what many routes have in common and no handler documents itself.
fn complete(route: &Route, operation: &mut Value) {
    if operation.get("parameters").is_none() {
        operation["parameters"] = json!([]);
    }
    if let Some(parameters) = operation["parameters"].as_array_mut() {
        for parameter in parameters.iter_mut().filter(|parameter| parameter.get("description").is_none()) {
            match parameter["name"].as_str() {
                Some("limit") => parameter["description"] = json!("How many entries, 1–100. Default: 25."),
                Some("cursor") => {
                    parameter["description"] = json!("`next_cursor` of the previous page, with the same parameters.");
                }
                _ => {}
            }
        }
        if route.method == "POST" && !WITHOUT_KEY.contains(&route.operation.as_str()) {
            parameters.push(json!({
                "name": "Idempotency-Key", "in": "header", "required": false,
                "description": "A repeated request with the same key within 24 hours returns the first response \
                    with `Idempotency-Replayed: true` and changes nothing. The same key with a different request is \
                    refused.",
                "schema": { "type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[!-~]+$" },
            }));
        }
        if parameters.is_empty() {
            operation.as_object_mut().expect("an operation is an object").remove("parameters");
        }
    }
    let is_paged = operation["parameters"].as_array().into_iter().flatten().any(|of| of["name"] == "cursor");
    for answer in operation["responses"].as_object_mut().into_iter().flat_map(|answers| answers.values_mut()) {
        let Some(content) = answer.get_mut("content").and_then(Value::as_object_mut) else { continue };
        if let Some(picture) = content.get_mut("image/png") {
            picture["schema"] = json!({ "type": "string", "format": "binary" });
        }
        let paged = is_paged && content.contains_key("text/csv") && content.contains_key("application/json");
        if paged {
            answer["headers"] = json!({ "Countersign-Next-Cursor": {
                "description": "The `cursor` of the next CSV file; absent on the last. A file holds up to 1,000 rows.",
                "schema": { "type": "string" },
            } });
        }
    }
    if operation.pointer("/responses/default").is_none() {
        let pages = operation["responses"]
            .as_object()
            .is_some_and(|answers| answers.values().any(|answer| answer.pointer("/content/text~1html").is_some()));
        operation["responses"]["default"] = json!({
            "description": "An error: a problem from the function, or a message from the gateway",
            "headers": {
                "Retry-After": { "$ref": "#/components/headers/RetryAfter" },
                "Content-Language": { "$ref": "#/components/headers/ContentLanguage" },
            },
            "content": {
                "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } },
                "application/json": { "schema": { "$ref": "#/components/schemas/GatewayMessage" } },
            },
        });
        if pages {
            // A route that answers a person with a page refuses with a page too.
            operation["responses"]["default"]["content"]["text/html"] = json!({ "schema": { "type": "string" } });
        }
    }
}

/// Marks a JSON body as optional where its schema accepts `{}`: every handler reads an empty body as `{}`.
fn mark_optional_body(schemas: &BTreeMap<String, Value>, operation: &mut Value) {
    let Some(content) = operation.pointer("/requestBody/content").and_then(Value::as_object) else { return };
    let accepts_empty = content.len() == 1
        && content.get("application/json").is_some_and(|json| {
            let schema = &json["schema"];
            let named = schema["$ref"].as_str().and_then(|target| target.rsplit('/').next());
            let schema = named.and_then(|name| schemas.get(name)).unwrap_or(schema);
            schema["type"] == "object" && schema.get("required").is_none()
        });
    // Stripe signs its body, so an empty one is never acceptable.
    if accepts_empty && operation["operationId"] != "receive_stripe_event" {
        operation["requestBody"]["required"] = json!(false);
    }
}

/// The document. A generic type's schema is named for what it holds: `MemberRemoval`, where utoipa says
/// `Removal_Member`.
fn document() -> Value {
    let document = assembled();
    let schemas = document["components"]["schemas"].as_object().expect("schemas are an object");
    let mut text = document.to_string();
    for name in schemas.keys() {
        if let Some((generic, of)) = name.split_once('_') {
            let plain = format!("{of}{generic}");
            assert!(!schemas.contains_key(&plain), "{plain} is another schema too");
            text = text.replace(&format!("\"{name}\":"), &format!("\"{plain}\":"));
            text = text.replace(&format!("schemas/{name}\""), &format!("schemas/{plain}\""));
        }
    }
    let mut document: Value = serde_json::from_str(&text).expect("a document is JSON");
    for name in CLOSED_UNIONS {
        let kinds = document["components"]["schemas"][name]["oneOf"].as_array_mut().expect("a schema of several kinds");
        for kind in kinds {
            kind["additionalProperties"] = json!(false);
        }
    }
    document
}

/// Enums of several kinds that take no other field: the generator writes that for structs alone.
const CLOSED_UNIONS: [&str; 2] = ["DocumentLink", "ScanVerdict"];

fn assembled() -> Value {
    let mut paths: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    let mut schemas: BTreeMap<String, Value> = BTreeMap::new();
    let mut add = |from: &str, found: &Value| {
        for (name, schema) in found.pointer("/components/schemas").and_then(Value::as_object).into_iter().flatten() {
            let known = schemas.insert(name.clone(), schema.clone());
            assert!(known.is_none_or(|known| known == *schema), "{from} means something else by {name}");
        }
    };
    #[derive(utoipa::OpenApi)]
    #[openapi(components(schemas(api::ProblemBody, domain::language::Language)))]
    struct Common;
    add("the API crate", &serde_json::to_value(Common::openapi()).expect("a document is JSON"));
    add(
        "the gateway",
        &json!({ "components": { "schemas": { "GatewayMessage": {
        "type": "object", "required": ["message"], "properties": { "message": { "type": "string" } },
        "description": "What the gateway answers when it refuses a request before a function runs.",
    } } } }),
    );
    for Function { name, routes, document } in functions() {
        add(name, &document);
        for route in &routes {
            let method = route.method.to_lowercase();
            let mut operation = document["paths"][&route.path][&method].clone();
            operation["tags"] = json!([name]);
            operation["security"] = security(route);
            let permissions = permissions(route);
            if !permissions.is_empty() {
                operation["x-permissions"] = json!(permissions);
            }
            if route.path == "/v1/roles" {
                // The roles are data, the same everywhere: the document shows them whole.
                operation["responses"]["200"]["content"]["application/json"]["example"] =
                    serde_json::to_value(::authorize::roles(&Reader::default())).expect("roles are JSON");
            }
            complete(route, &mut operation);
            let taken = paths.entry(route.path.clone()).or_default().insert(method, operation);
            assert!(taken.is_none(), "{} {} is there twice", route.method, route.path);
        }
    }
    for operation in paths.values_mut().flat_map(|methods| methods.values_mut()) {
        mark_optional_body(&schemas, operation);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Countersign", "version": env!("CARGO_PKG_VERSION"), "description": INTRODUCTION,
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "headers": {
                "RetryAfter": {
                    "description": "With `429` and `503` from a function: the number of seconds to wait before a retry.",
                    "schema": { "type": "integer" },
                },
                "ContentLanguage": {
                    "description": "The language of a problem's `title`: what the request's `Accept-Language` prefers \
                        among these, else English. A message from the gateway has none.",
                    "schema": { "$ref": "#/components/schemas/Language" },
                },
            },
            "securitySchemes": {
                "identity": {
                    "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
                    "description": "An access token of the identity provider.",
                },
                "context": {
                    "type": "apiKey", "in": "header", "name": "Countersign-Context",
                    "description": "A context token, from `POST /v1/contexts/{org}`.",
                },
                "ledger": {
                    "type": "oauth2",
                    "description": "The vendor's machine client. The token endpoint is on the user pool's own domain: `https://<UserPoolDomain>.auth.<region>.amazoncognito.com/oauth2/token`, with the stack's output.",
                    "flows": { "clientCredentials": {
                        "tokenUrl": "/oauth2/token",
                        "scopes": {
                            "countersign/ledger": "Report transactions, invoices, estimates and balances",
                            "countersign/referrals": "Keep signup codes, referrals, bonuses and billing",
                        },
                    } },
                },
                "modules": {
                    "type": "oauth2",
                    "description": "The machine client of the modules that the vendor's own product hosts. Its token endpoint is the same.",
                    "flows": { "clientCredentials": {
                        "tokenUrl": "/oauth2/token",
                        "scopes": { "countersign/authorize": "Ask what a person may do" },
                    } },
                },
            },
        },
    })
}

/// Every list of permitted words in the document, with the schema it is in.
fn enums(document: &Value) -> Vec<(String, Vec<String>)> {
    fn walk(name: &str, value: &Value, into: &mut Vec<(String, Vec<String>)>) {
        match value {
            Value::Object(members) => {
                if let Some(words) = members.get("enum").and_then(Value::as_array) {
                    into.push((name.to_owned(), words.iter().filter_map(Value::as_str).map(str::to_owned).collect()));
                }
                for (key, value) in members.iter().filter(|(key, _)| *key != "example") {
                    walk(if name.is_empty() { key } else { name }, value, into);
                }
            }
            Value::Array(values) => values.iter().for_each(|value| walk(name, value, into)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    for part in ["/components/schemas", "/paths"] {
        walk("", document.pointer(part).expect("the document has it"), &mut found);
    }
    found
}

/// Who makes a client from the document could send none of them, and read no answer.
#[test]
fn openapi_lists_words_as_they_are_written() {
    let found = enums(&document());
    assert!(found.iter().any(|(schema, words)| schema == "Permission" && words.contains(&"invoices.view".to_owned())));
    for (schema, words) in found {
        for word in words {
            // A media type has a slash. What HTTP and RFC 8058 name is written as they do.
            let written = word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-./".contains(c));
            let is_of_a_standard = ["One-Click", "POST", "PUT"].contains(&word.as_str());
            assert!(written || is_of_a_standard, "{schema}: {word}");
        }
    }
}

/// Proves: M12
#[test]
fn openapi_is_what_the_handlers_say() {
    let path = Stack::repository().join("docs/openapi.json");
    let mut text = serde_json::to_string_pretty(&document()).expect("a document is JSON");
    text.push('\n');
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &text).expect("docs/openapi.json can be written");
    }
    let checked_in = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(checked_in == text, "docs/openapi.json is not what the handlers say: `make openapi` writes it anew");
}

/// Proves: M12
#[test]
fn openapi_has_every_route_of_the_code_and_no_other() {
    for Function { name, routes, document } in functions() {
        let code: BTreeSet<(String, String)> =
            routes.iter().map(|route| (route.method.to_lowercase(), route.path.clone())).collect();
        assert_eq!(code.len(), routes.len(), "{name} has a route twice");
        let paths = document["paths"].as_object().into_iter().flatten();
        let documented: BTreeSet<(String, String)> = paths
            .flat_map(|(path, item)| {
                item.as_object().into_iter().flatten().map(move |(method, _)| (method.clone(), path.clone()))
            })
            .collect();
        assert_eq!(code, documented, "{name}");
    }
}

#[test]
fn openapi_refers_to_nothing_that_is_not_there() {
    fn references(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    if let ("$ref", Some(target)) = (name.as_str(), member.as_str()) {
                        found.insert(target.to_owned());
                    }
                    references(member, found);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }
    let document = document();
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    for target in found {
        let pointer = target.strip_prefix('#').expect("a reference within the document");
        assert!(document.pointer(pointer).is_some(), "{target} is not there");
    }
}

#[test]
fn openapi_names_every_parameter_of_every_path() {
    let document = document();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        let in_path: BTreeSet<&str> =
            path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
        for (method, operation) in item.as_object().into_iter().flatten() {
            let named: BTreeSet<&str> = operation["parameters"]
                .as_array()
                .into_iter()
                .flatten()
                .filter(|parameter| parameter["in"] == "path")
                .filter_map(|parameter| parameter["name"].as_str())
                .collect();
            assert_eq!(named, in_path, "{method} {path}");
            let said = operation.get("summary").or_else(|| operation.get("description"));
            assert!(said.is_some(), "{method} {path} says nothing of itself");
        }
    }
}

/// A generator of clients names a method for each operation id, so two operations cannot share one.
///
/// Proves: M12
#[test]
fn openapi_names_each_operation_once() {
    let mut seen = BTreeSet::new();
    for_each_operation(&document(), |route, operation| {
        let id = operation["operationId"].as_str().unwrap_or_default();
        assert!(!id.is_empty(), "{route} has no operation id");
        assert!(seen.insert(id.to_owned()), "{route}: {id} names another operation too");
    });
}

#[test]
fn openapi_summarizes_each_operation_in_one_short_sentence() {
    for_each_operation(&document(), |route, operation| {
        let summary = operation["summary"].as_str().unwrap_or_default();
        assert!(summary.ends_with('.'), "{route}: a summary is a sentence: {summary}");
        assert!(!summary.contains(['\n', '!', '?']), "{route}: a summary is one line: {summary}");
        assert!(!summary.contains(". "), "{route}: a summary is one sentence: {summary}");
        assert!(!summary.contains("Needs `"), "{route}: permissions belong in the description: {summary}");
        assert!(summary.chars().count() <= 100, "{route}: a summary is short: {summary}");
    });
}

/// A reader of the document has no Rust documentation to follow a link to.
#[test]
fn openapi_has_no_links_into_rust() {
    fn check(at: &str, value: &Value) {
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    if let ("description" | "summary" | "title", Some(text)) = (name.as_str(), member.as_str()) {
                        let is_rust = text.contains("[`") || text.contains("`]") || text.contains("::");
                        assert!(!is_rust, "{at}: {text}");
                    }
                    check(&format!("{at}/{name}"), member);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| check(at, item)),
            _ => {}
        }
    }
    check("", &document());
}

#[test]
fn openapi_states_the_bounds_that_the_code_has() {
    let document = document();
    let described = |schema: &str| document["components"]["schemas"][schema]["description"].to_string();
    let amount = format!("10^{}", domain::money::MAX_AMOUNT_MINOR.ilog10());
    assert!(described("Amount").contains(&amount) && described("Balance").contains(&amount));
    let permissions = format!("at most {}.", domain::authorization::RequestedPermissions::MAX);
    assert!(described("RequestedPermissions").contains(&permissions));
}

/// The objects of a schema that take fields it does not name.
fn open_objects(document: &Value, schema: &Value, at: &str, found: &mut Vec<String>) {
    assert!(at.len() < 500, "{at}: a schema that contains itself");
    if let Some(target) = schema["$ref"].as_str() {
        let named = document.pointer(target.trim_start_matches('#')).expect("a schema that is there");
        let name = target.rsplit('/').next().unwrap_or(target);
        // Rows of a report hold rows: a schema that contains itself is looked at once.
        if !at.split([' ', '.', '[']).any(|passed| passed == name) {
            open_objects(document, named, &format!("{at} {name}"), found);
        }
    }
    for several in ["allOf", "oneOf", "anyOf"] {
        for each in schema[several].as_array().into_iter().flatten() {
            open_objects(document, each, at, found);
        }
    }
    if let Some(properties) = schema["properties"].as_object() {
        if schema["additionalProperties"] != json!(false) {
            found.push(at.to_owned());
        }
        for (name, property) in properties {
            open_objects(document, property, &format!("{at}.{name}"), found);
        }
    }
    if schema["items"].is_object() {
        open_objects(document, &schema["items"], &format!("{at}[]"), found);
    }
}

/// A field that a body does not name is refused, however deep it is: so nobody writes a role, an owner, a status or an
/// amount by sending it along.
/// Proves: 3
#[test]
fn openapi_closes_every_object_that_a_caller_sends() {
    let document = document();
    let (mut bodies, mut found) = (0, Vec::new());
    for_each_operation(&document, |operation, described| {
        for content in described["requestBody"]["content"].as_object().into_iter().flat_map(Map::values) {
            bodies += 1;
            open_objects(&document, &content["schema"], operation, &mut found);
        }
    });
    assert!(bodies > 40, "only {bodies} bodies were looked at");
    assert_eq!(found, [""; 0], "these take any field");
}

#[test]
fn openapi_requires_a_body_only_where_an_empty_one_is_refused() {
    let document = document();
    let required = |route: &str| document.pointer(&format!("{route}/requestBody/required")).cloned();
    assert_eq!(required("/paths/~1v1~1me/patch"), Some(json!(false)));
    assert_eq!(required("/paths/~1v1~1me/post"), Some(json!(true)));
    assert_eq!(required("/paths/~1v1~1webhooks~1stripe/post"), Some(json!(true)));
}

/// A form in a browser is answered with pages.
#[test]
fn openapi_knows_the_pages_that_answer_a_form() {
    let document = document();
    for status in ["201", "404", "409", "410", "422", "default"] {
        let content = document.pointer(&format!("/paths/~1i~1{{token}}~1account/post/responses/{status}/content"));
        let types: Vec<&str> =
            content.and_then(Value::as_object).into_iter().flatten().map(|(kind, _)| &**kind).collect();
        assert!(types.contains(&"text/html"), "{status}: {types:?}");
        assert!(types.iter().any(|kind| kind.ends_with("json")), "{status}: {types:?}");
    }
}

fn for_each_operation(document: &Value, mut check: impl FnMut(&str, &Value)) {
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            check(&format!("{method} {path}"), operation);
        }
    }
}
