//! `docs/openapi.json` is made from the handlers' types, and routes in code, document and template agree.
//!
//! `UPDATE_GOLDEN=1` writes the document anew; without it a difference fails.

use std::collections::{BTreeMap, BTreeSet};

use edge::Route;
use serde_json::{Map, Value, json};
use tests::stack::Stack;
use utoipa::OpenApi as _;

use crate::matrix::{Auth, rows};

const INTRODUCTION: &str = "The accountant-client layer of an accounting product: invitations, contexts, \
sign-offs, payments and an audit trail. Requests are signed in with an access token of the identity provider; \
requests that act in a company or firm carry a context token beside it. Every refusal is an RFC 9457 problem \
with a stable `type`. Lists page by `limit` and `cursor`. A POST that creates or moves something takes an \
`Idempotency-Key`.";

/// Each HTTP function with what its handlers say of themselves.
fn functions() -> Vec<(&'static str, &'static [Route], Value)> {
    macro_rules! of {
        ($($name:literal => $function:ident,)*) => {
            vec![$((
                $name,
                ::$function::ROUTES,
                serde_json::to_value(::$function::Docs::openapi()).expect("a document is JSON"),
            ),)*]
        };
    }
    of! {
        "accept" => accept,
        "account" => account,
        "approve" => approve,
        "audit" => audit,
        "authorize" => authorize,
        "clients" => clients,
        "dashboard" => dashboard,
        "invite" => invite,
        "ledger" => ledger,
        "pay" => pay,
        "referrals" => referrals,
        "register" => register,
        "sales" => sales,
        "switch-context" => switch_context,
        "team" => team,
    }
}

/// What a route asks of its caller, from the one table that says so.
fn security(method: &str, path: &str) -> (Value, BTreeSet<&'static str>) {
    let mut permissions = BTreeSet::new();
    let mut schemes = None;
    for row in rows().iter().filter(|row| row.method == method && row.path == path) {
        let wanted = match row.auth {
            Auth::Public => json!([]),
            Auth::Identity => json!([{ "identity": [] }]),
            Auth::Machine => json!([{ "ledger": ["countersign/ledger"] }]),
            Auth::Module => json!([{ "modules": ["countersign/authorize"] }]),
            Auth::Vendor => json!([{ "ledger": ["countersign/referrals"] }]),
            Auth::Company(permission) | Auth::Firm(permission) => {
                if !permission.is_empty() && !path.contains("{permission}") {
                    permissions.insert(permission);
                }
                json!([{ "identity": [], "context": [] }])
            }
        };
        schemes = Some(wanted);
    }
    (schemes.unwrap_or_else(|| panic!("{method} {path} has no row in the matrix")), permissions)
}

fn document() -> Value {
    let mut paths: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    let mut schemas: BTreeMap<String, Value> = BTreeMap::new();
    let mut add = |from: &str, found: &Value| {
        for (name, schema) in found.pointer("/components/schemas").and_then(Value::as_object).into_iter().flatten() {
            let known = schemas.insert(name.clone(), schema.clone());
            assert!(known.is_none_or(|known| known == *schema), "{from} means something else by {name}");
        }
    };
    #[derive(utoipa::OpenApi)]
    #[openapi(components(schemas(edge::ProblemBody)))]
    struct Common;
    add("edge", &serde_json::to_value(Common::openapi()).expect("a document is JSON"));
    for (function, _, document) in functions() {
        add(function, &document);
        for (path, item) in document["paths"].as_object().into_iter().flatten() {
            for (method, operation) in item.as_object().into_iter().flatten() {
                let mut operation = operation.clone();
                let (schemes, permissions) = security(&method.to_uppercase(), path);
                operation["security"] = schemes;
                if !permissions.is_empty() {
                    operation["x-permissions"] = json!(permissions);
                }
                if path == "/v1/roles" {
                    // The roles are data, the same everywhere: the document shows them whole.
                    operation["responses"]["200"]["content"]["application/json"]["example"] =
                        serde_json::to_value(::switch_context::roles()).expect("roles are JSON");
                }
                if operation.pointer("/responses/default").is_none() {
                    operation["responses"]["default"] = json!({
                        "description": "A problem",
                        "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
                    });
                }
                let taken = paths.entry(path.clone()).or_default().insert(method.clone(), operation);
                assert!(taken.is_none(), "{method} {path} is there twice");
            }
        }
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
                    "description": "The vendor's machine client.",
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
                    "description": "The machine client of the modules that the vendor's own product hosts.",
                    "flows": { "clientCredentials": {
                        "tokenUrl": "/oauth2/token",
                        "scopes": { "countersign/authorize": "Ask what a person may do" },
                    } },
                },
            },
        },
    })
}

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

#[test]
fn openapi_has_every_route_of_the_code_and_no_other() {
    for (function, routes, document) in functions() {
        let code: BTreeSet<(String, String)> =
            routes.iter().map(|route| (route.method.to_uppercase(), route.path.to_owned())).collect();
        assert_eq!(code.len(), routes.len(), "{function} has a route twice");
        let documented: BTreeSet<(String, String)> = document["paths"]
            .as_object()
            .into_iter()
            .flatten()
            .flat_map(|(path, item)| {
                let methods = item.as_object().into_iter().flatten();
                methods.map(|(method, _)| (method.to_uppercase(), path.clone())).collect::<Vec<_>>()
            })
            .collect();
        assert_eq!(code, documented, "{function}");
        let tested: BTreeSet<(String, String)> = rows()
            .iter()
            .filter(|row| row.function == function)
            .map(|row| (row.method.to_owned(), row.path.to_owned()))
            .collect();
        assert_eq!(code, tested, "{function}");
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
