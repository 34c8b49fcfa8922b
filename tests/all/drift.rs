//! Template, document and tests say the same: routes, who may call them, indexes, permissions.

mod authority;
mod blocks;
mod buckets;
mod front;
mod glossary;
mod record;
mod section;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use tests::stack::Stack;
use yaml_rust2::{Yaml, YamlLoader};

use api::Audience;

use crate::routes::{function_names, routes as declared};

fn template() -> Yaml {
    let path = Stack::repository().join("infra/template.yaml");
    let text = std::fs::read_to_string(path).expect("the template is there");
    YamlLoader::load_from_str(&text).expect("the template is YAML").remove(0)
}

/// The template's resources of one type, by logical id.
fn resources<'a>(template: &'a Yaml, kind: &'a str) -> impl Iterator<Item = (&'a str, &'a Yaml)> {
    template["Resources"]
        .as_hash()
        .expect("a template has resources")
        .iter()
        .filter(move |(_, resource)| resource["Type"].as_str() == Some(kind))
        .map(|(name, resource)| (name.as_str().expect("a logical id"), &resource["Properties"]))
}

fn strings(yaml: &Yaml) -> Vec<String> {
    match yaml {
        Yaml::String(text) => vec![text.clone()],
        Yaml::Array(items) => items.iter().flat_map(strings).collect(),
        _ => Vec::new(),
    }
}

/// `SwitchContext` is `switch-context`.
fn kebab(camel: &str) -> String {
    let mut out = String::new();
    for letter in camel.chars() {
        if letter.is_ascii_uppercase() && !out.is_empty() {
            out.push('-');
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}

/// `switch-context` is `SwitchContext`.
fn pascal(kebab: &str) -> String {
    let capital = |word: &str| word[..1].to_ascii_uppercase() + &word[1..];
    kebab.split('-').map(capital).collect()
}

/// The functions of the template, by name, with their properties.
fn functions(template: &Yaml) -> BTreeMap<String, &Yaml> {
    resources(template, "AWS::Serverless::Function")
        .map(|(name, function)| {
            (kebab(name.strip_suffix("Function").expect("a function's id ends in Function")), function)
        })
        .collect()
}

/// The OpenAPI body of the API, which holds the routes.
fn body(template: &Yaml) -> &Yaml {
    let (_, api) = resources(template, "AWS::Serverless::HttpApi").next().expect("there is an API");
    &api["DefinitionBody"]
}

/// Each route of the template: method and path to function and who may call.
fn routes(template: &Yaml) -> BTreeMap<(String, String), (String, String)> {
    let mut routes = BTreeMap::new();
    for (path, operations) in body(template)["paths"].as_hash().expect("paths") {
        let path = path.as_str().expect("a path");
        for (method, operation) in operations.as_hash().expect("methods") {
            let method = method.as_str().expect("a method").to_uppercase();
            let security = &operation["security"];
            let auth = if security.is_badvalue() {
                "identity".to_owned()
            } else if !security[0]["NONE"].is_badvalue() {
                "public".to_owned()
            } else {
                match strings(&security[0]["Identity"]).as_slice() {
                    [scope] => scope.clone(),
                    other => panic!("{method} {path} wants {other:?}"),
                }
            };
            let integration = operation["x-amazon-apigateway-integration"]["$ref"].as_str().expect("an integration");
            let function = integration
                .strip_prefix("#/components/x-amazon-apigateway-integrations/")
                .expect("an integration that the API shares");
            // A path that is there twice does not load at all.
            routes.insert((method, path.to_owned()), (function.to_owned(), auth));
        }
    }
    routes
}

fn document() -> Value {
    let text = std::fs::read_to_string(Stack::repository().join("docs/openapi.json"))
        .expect("docs/openapi.json is checked in");
    serde_json::from_str(&text).expect("docs/openapi.json is JSON")
}

/// Proves: M12
#[test]
fn the_template_routes_what_the_document_says() {
    let document = document();
    let documented: BTreeSet<(String, String)> = document["paths"]
        .as_object()
        .expect("paths")
        .iter()
        .flat_map(|(path, item)| {
            item.as_object()
                .expect("methods")
                .keys()
                .filter(|key| *key != "parameters")
                .map(|method| (method.to_uppercase(), path.clone()))
                .collect::<Vec<_>>()
        })
        .collect();
    let template = template();
    let deployed: BTreeSet<(String, String)> = routes(&template).into_keys().collect();
    assert_eq!(deployed, documented);
}

/// Proves: 1
#[test]
fn the_template_routes_each_route_to_its_function_with_its_authorizer() {
    let template = template();
    let deployed = routes(&template);
    for route in declared() {
        let (function, auth) = deployed
            .get(&(route.method.to_owned(), route.path.clone()))
            .unwrap_or_else(|| panic!("{} {} is not in the template", route.method, route.path));
        assert_eq!(function, route.function, "{} {}", route.method, route.path);
        let expected = match route.audience {
            Audience::Public => "public",
            Audience::Person | Audience::Context { .. } => "identity",
            Audience::Machine(scope) => scope,
        };
        assert_eq!(auth, expected, "{} {}", route.method, route.path);
    }
}

#[test]
fn only_link_pages_webhooks_and_the_keys_are_public() {
    let template = template();
    let public: Vec<(String, String)> =
        routes(&template).into_iter().filter(|(_, (_, auth))| auth == "public").map(|(route, _)| route).collect();
    let expected = [
        ("GET", "/.well-known/jwks.json"),
        ("GET", "/h/{token}"),
        ("GET", "/i/{token}"),
        ("GET", "/i/{token}/qr.png"),
        ("GET", "/r/{token}"),
        ("GET", "/u/{token}"),
        ("POST", "/h/{token}/attachments/{document}/download"),
        ("POST", "/h/{token}/comments"),
        ("POST", "/h/{token}/decision"),
        ("POST", "/h/{token}/payments"),
        ("POST", "/h/{token}/renewal"),
        ("POST", "/h/{token}/viewed"),
        ("POST", "/i/{token}/account"),
        ("POST", "/u/{token}"),
        ("POST", "/u/{token}/choices"),
        ("POST", "/u/{token}/resumption"),
        ("POST", "/v1/webhooks/stripe"),
    ];
    assert_eq!(public, expected.map(|(method, path)| (method.to_owned(), path.to_owned())));
}

#[test]
fn every_function_is_in_the_template_and_the_reverse() {
    let template = template();
    let deployed: Vec<String> = functions(&template).into_keys().collect();
    assert_eq!(deployed, function_names());
}

/// The statements of each role: its own and those of the shared policies that it attaches.
fn statements(template: &Yaml) -> BTreeMap<&str, Vec<&Yaml>> {
    let shared: BTreeMap<&str, &Yaml> = resources(template, "AWS::IAM::ManagedPolicy").collect();
    resources(template, "AWS::IAM::Role")
        .map(|(name, role)| {
            let own = role["Policies"].as_vec().into_iter().flatten();
            let attached = strings(&role["ManagedPolicyArns"]);
            let attached = attached.iter().map(|policy| {
                *shared
                    .get(policy.as_str())
                    .unwrap_or_else(|| panic!("{name} attaches {policy}, which is not in the template"))
            });
            let all = own
                .chain(attached)
                .flat_map(|policy| policy["PolicyDocument"]["Statement"].as_vec().expect("statements"))
                .collect();
            (name, all)
        })
        .collect()
}

fn allows(statement: &Yaml) -> bool {
    statement["Effect"].as_str() == Some("Allow")
}

/// What each role allows, as action and resource.
fn permissions(template: &Yaml) -> BTreeMap<&str, BTreeSet<(String, String)>> {
    statements(template)
        .into_iter()
        .map(|(name, statements)| {
            let allowed = statements
                .into_iter()
                .filter(|statement| allows(statement))
                .flat_map(|statement| {
                    let resources = strings(&statement["Resource"]);
                    strings(&statement["Action"]).into_iter().flat_map(move |action| {
                        resources.clone().into_iter().map(move |resource| (action.clone(), resource))
                    })
                })
                .collect();
            (name, allowed)
        })
        .collect()
}

/// Proves: M9
#[test]
fn no_role_may_scan_or_do_anything_at_all() {
    for (role, allowed) in permissions(&template()) {
        assert!(!allowed.is_empty(), "{role} has no policy");
        for (action, resource) in allowed {
            assert!(action != "dynamodb:Scan" && !action.contains('*'), "{role} may {action}");
            assert!(resource != "*" || action.starts_with("xray:"), "{role} may {action} everywhere");
            assert!(!action.starts_with("iam:") && !action.starts_with("sts:"), "{role} may {action}");
        }
    }
}

/// Proves: 21
#[test]
fn events_can_be_changed_or_deleted_by_no_function() {
    let template = template();
    let roles = statements(&template);
    for function in functions(&template).keys() {
        let role = format!("{}Role", pascal(function));
        let denied = roles[role.as_str()].iter().any(|statement| {
            let actions = strings(&statement["Action"]);
            statement["Effect"].as_str() == Some("Deny")
                && ["dynamodb:UpdateItem", "dynamodb:DeleteItem"]
                    .iter()
                    .all(|action| actions.iter().any(|a| a == action))
                && strings(&statement["Resource"]) == ["Table.Arn"]
                && strings(&statement["Condition"]["ForAnyValue:StringLike"]["dynamodb:LeadingKeys"]) == ["EVENTS#*"]
        });
        assert!(denied, "{role} does not deny to change an event");
    }
}

/// Proves: M12
#[test]
fn the_indexes_are_the_two_that_the_code_names() {
    let template = template();
    let (_, table) = resources(&template, "AWS::DynamoDB::Table").next().expect("there is a table");
    let mut deployed: Vec<String> = table["GlobalSecondaryIndexes"]
        .as_vec()
        .into_iter()
        .flatten()
        .flat_map(|index| strings(&index["IndexName"]))
        .collect();
    deployed.sort();
    let mut named: BTreeSet<String> = BTreeSet::new();
    for file in sources("shared/store/src") {
        let text = std::fs::read_to_string(&file).expect("a source");
        for word in text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')) {
            let digits =
                word.strip_prefix("gsi").filter(|rest| rest.chars().all(|c| c.is_ascii_digit()) && !rest.is_empty());
            if digits.is_some() {
                named.insert(word.to_owned());
            }
        }
    }
    assert_eq!(deployed, named.into_iter().collect::<Vec<_>>());
    let attributes: BTreeSet<String> = table["AttributeDefinitions"]
        .as_vec()
        .into_iter()
        .flatten()
        .flat_map(|attribute| strings(&attribute["AttributeName"]))
        .collect();
    let expected = ["pk", "sk", "gsi1pk", "gsi1sk", "gsi2pk", "gsi2sk"].map(str::to_owned);
    assert_eq!(attributes, expected.into());
}

fn sources(folder: &str) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![Stack::repository().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found
}

/// Proves: M9
#[test]
fn nothing_scans_the_table() {
    for folder in ["shared", "functions"] {
        for file in sources(folder) {
            let text = std::fs::read_to_string(&file).expect("a source");
            assert!(!text.contains(".scan()"), "{} scans", file.display());
        }
    }
}

#[test]
fn the_table_is_protected_and_streams() {
    let template = template();
    let (_, table) = resources(&template, "AWS::DynamoDB::Table").next().expect("there is a table");
    assert_eq!(table["BillingMode"].as_str(), Some("PAY_PER_REQUEST"));
    assert_eq!(table["DeletionProtectionEnabled"].as_bool(), Some(true));
    assert_eq!(table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"].as_bool(), Some(true));
    assert_eq!(table["StreamSpecification"]["StreamViewType"].as_str(), Some("NEW_AND_OLD_IMAGES"));
    assert_eq!(table["TimeToLiveSpecification"]["AttributeName"].as_str(), Some("ttl"));
    assert_eq!(table["SSESpecification"]["SSEEnabled"].as_bool(), Some(true));
}

#[test]
fn every_queue_is_encrypted_and_every_log_group_forgets() {
    let template = template();
    let mut queues = 0;
    for (name, queue) in resources(&template, "AWS::SQS::Queue") {
        queues += 1;
        let encrypted = queue["SqsManagedSseEnabled"].as_bool() == Some(true) || !queue["KmsMasterKeyId"].is_badvalue();
        assert!(encrypted, "{name} is not encrypted");
        if !name.contains("DeadLetter") {
            assert!(!queue["RedrivePolicy"].is_badvalue(), "{name} has no dead-letter queue");
        }
    }
    assert!(queues >= 2);
    for (name, group) in resources(&template, "AWS::Logs::LogGroup") {
        assert!(!group["RetentionInDays"].is_badvalue(), "{name} keeps its logs for ever");
    }
    // A function logs to the group of its name, which Lambda would make without a retention if it were not there.
    let groups: BTreeSet<String> =
        resources(&template, "AWS::Logs::LogGroup").flat_map(|(_, group)| strings(&group["LogGroupName"])).collect();
    for (name, function) in functions(&template) {
        assert_eq!(strings(&function["FunctionName"]), [format!("${{AWS::StackName}}-{name}")]);
        assert!(function["LoggingConfig"].is_badvalue(), "{name} logs to another group than the one of its name");
        assert!(groups.contains(&format!("/aws/lambda/${{AWS::StackName}}-{name}")), "{name} has no log group");
    }
}

/// Proves: F9
#[test]
fn a_letter_waits_a_day_for_ses() {
    let template = template();
    let found = |kind, name| resources(&template, kind).find(|(id, _)| *id == name).expect("it is there").1;
    let queue = found("AWS::SQS::Queue", "NotifyQueue");
    let timeout_s = found("AWS::Serverless::Function", "NotifyFunction")["Timeout"].as_i64().expect("a timeout");
    let visibility_s = queue["VisibilityTimeout"].as_i64().expect("a visibility timeout");
    assert!(visibility_s >= 6 * timeout_s, "Lambda asks for six times the function's timeout");
    let receives = queue["RedrivePolicy"]["maxReceiveCount"].as_i64().expect("a number of receives");
    // Longer than SES's quota, which is counted over 24 hours, and not so long that the queue forgets it first.
    let waits_s = receives * visibility_s;
    assert!(waits_s > 86_400 && 2 * waits_s < queue["MessageRetentionPeriod"].as_i64().expect("a retention"));
}

/// Read from the template: the emulator's own preflight does not know what CloudFormation calls the origins.
#[test]
fn browsers_may_call_from_the_portal_only() {
    let template = template();
    let (_, api) = resources(&template, "AWS::Serverless::HttpApi").next().expect("there is an API");
    let cors = &api["CorsConfiguration"];
    assert_eq!(strings(&cors["AllowOrigins"]), ["PortalUrl"]);
    assert!(cors["AllowCredentials"].as_bool() != Some(true), "there are no cookies to send");
    let headers = strings(&cors["AllowHeaders"]);
    for header in ["authorization", "content-type", "countersign-context", "idempotency-key"] {
        assert!(headers.iter().any(|allowed| allowed == header), "{header} is not allowed: {headers:?}");
    }
    assert!(!headers.iter().any(|allowed| allowed == "*"));
}

/// Proves: 21
#[test]
fn events_are_sealed_only_when_nothing_can_be_committed_behind_them() {
    // An event's id is drawn before its transaction commits; the function that draws one ends well before the
    // margin after which events are sealed (docs/decisions/0021-sealed-trails.md).
    const MARGIN_S: i64 = 300;
    let source = std::fs::read_to_string(Stack::repository().join("shared/domain/src/seal.rs")).expect("the rules");
    assert!(source.contains(&format!("SETTLED_AFTER_S: i64 = {MARGIN_S};")), "the margin is another");
    for (name, function) in resources(&template(), "AWS::Serverless::Function") {
        let timeout_s = function["Timeout"].as_i64().unwrap_or(10);
        assert!(timeout_s + 60 < MARGIN_S, "{name} may still commit when its events are sealed: {timeout_s} s");
    }
}
