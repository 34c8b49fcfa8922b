//! What the template promises of the record: who may put an event or a seal, where the heads are kept, which alarms there are.

use std::collections::{BTreeMap, BTreeSet};

use metrics::Metric;
use serde_json::Value;
use tests::stack::Stack;
use yaml_rust2::Yaml;

use super::{allows, functions, pascal, permissions, resources, statements, strings, template};

/// The statements of a role that allow an action on the table.
fn writes<'a>(statements: &[&'a Yaml], action: &str) -> Vec<&'a Yaml> {
    let writes =
        |statement: &&Yaml| allows(statement) && strings(&statement["Action"]).iter().any(|each| each == action);
    statements.iter().copied().filter(writes).collect()
}

/// Which functions may put items under each kind of partition keys.
fn putters(template: &Yaml) -> BTreeMap<String, Vec<String>> {
    let roles = statements(template);
    let mut putters: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for function in functions(template).into_keys() {
        let role = format!("{}Role", pascal(&function));
        for statement in writes(&roles[role.as_str()], "dynamodb:PutItem") {
            for kind in strings(&statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]) {
                putters.entry(kind).or_default().push(function.clone());
            }
        }
    }
    putters
}

/// IAM cannot tell a put of a new item from one over an old item, so a role names the kinds of keys that its function
/// writes. A write without a key would satisfy a condition on all keys, and a pattern that is no whole kind would
/// reach into another.
/// Proves: 21, S5, S13
#[test]
fn keys_seals_and_events_are_put_by_those_functions_alone_that_must() {
    let template = template();
    for (role, statements) in statements(&template) {
        for action in ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"] {
            for statement in writes(&statements, action) {
                let condition = &statement["Condition"];
                assert_eq!(condition["Null"]["dynamodb:LeadingKeys"].as_str(), Some("false"), "{role}: {action}");
                for kind in strings(&condition["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]) {
                    let words = kind.strip_suffix("#*").unwrap_or(&kind);
                    let whole = words.split('#').all(|word| !word.is_empty() && word.chars().all(char::is_uppercase));
                    assert!(whole && (words != kind || kind == "KEYS"), "{role}: {action} on {kind}");
                }
            }
        }
    }
    let putters = putters(&template);
    assert_eq!(putters["KEYS"], ["switch-context"]);
    for kind in ["EVENTS#SEALS#COMPANY#*", "EVENTS#SEALS#FIRM#*"] {
        assert_eq!(putters[kind], ["seal"], "{kind}");
    }
    for kind in ["EVENTS#COMPANY#*", "EVENTS#FIRM#*"] {
        for function in ["export", "seal"] {
            assert!(
                !putters[kind].iter().any(|each| each == function),
                "{function} records nothing, and may put {kind}"
            );
        }
    }
}

/// What every role is denied to put or update: the statement, the attributes, and the functions that may nevertheless.
const GUARDS: [(&str, &[&str], &[&str]); 2] = [
    (
        "KeepRelations",
        &["grants", "lent", "role"],
        &["accept", "access-requests", "account", "customers", "register", "team"],
    ),
    ("KeepInvitations", &["offer"], &["accept", "customers", "invite"]),
];

/// A relation shares its partition with a company's other items: IAM tells it by the attributes that grant access.
/// Proves: S13
#[test]
fn what_grants_access_is_written_by_those_functions_alone_that_decide_about_it() {
    let template = template();
    for (role, statements) in statements(&template) {
        // Roles of services of AWS that write no item.
        if ["ScheduleRole", "DocumentScanRole"].contains(&role) {
            continue;
        }
        for (sid, attributes, but) in GUARDS {
            let guard = statements.iter().find(|each| each["Sid"].as_str() == Some(sid)).expect("the guard is there");
            assert_eq!(guard["Effect"].as_str(), Some("Deny"), "{role}");
            assert_eq!(strings(&guard["Action"]), ["dynamodb:PutItem", "dynamodb:UpdateItem"], "{role}");
            let condition = &guard["Condition"];
            assert_eq!(strings(&condition["ForAnyValue:StringEquals"]["dynamodb:Attributes"]), attributes, "{role}");
            assert_eq!(strings(&condition["StringNotEquals"]["aws:PrincipalTag/function"]), but, "{role}");
        }
    }
}

/// Names as a sentence lists them: "`a`, `b` and `c`".
fn sentence(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let (last, others) = names.split_last().expect("a name");
    format!("{} and {last}", others.join(", "))
}

/// The two pages that an operator reads name the same functions as the template.
/// Proves: S13
#[test]
fn the_pages_name_the_functions_that_give_access_and_make_invitations() {
    for page in ["docs/deploy.md", "docs/decisions/0047-keys-that-a-role-writes.md"] {
        let text = std::fs::read_to_string(Stack::repository().join(page)).expect("the page is there");
        for (sid, _, but) in GUARDS {
            let named = sentence(but);
            assert!(text.contains(&named), "{page} does not say that {named} alone pass {sid}");
        }
    }
}

fn bucket<'a>(template: &'a Yaml, name: &str) -> &'a Yaml {
    resources(template, "AWS::S3::Bucket").find(|(id, _)| *id == name).expect("there is such a bucket").1
}

/// Proves: S4
#[test]
fn the_heads_are_locked_private_and_written_by_seal_alone() {
    let template = template();
    let heads = bucket(&template, "SealHeadBucket");
    assert_eq!(heads["ObjectLockEnabled"].as_bool(), Some(true));
    let lock = &heads["ObjectLockConfiguration"];
    assert_eq!(lock["ObjectLockEnabled"].as_str(), Some("Enabled"));
    let retention = &lock["Rule"]["DefaultRetention"];
    assert_eq!(strings(&retention["Mode"]), ["SealHeadLockMode"]);
    assert_eq!(strings(&retention["Days"]), ["SealHeadLockDays"]);
    assert_eq!(template["Parameters"]["SealHeadLockMode"]["Default"].as_str(), Some("COMPLIANCE"));
    assert_eq!(heads["VersioningConfiguration"]["Status"].as_str(), Some("Enabled"));
    for (setting, on) in heads["PublicAccessBlockConfiguration"].as_hash().expect("settings") {
        assert_eq!(on.as_bool(), Some(true), "{setting:?}");
    }
    // No rule may remove the newest version, which is the head.
    for rule in heads["LifecycleConfiguration"]["Rules"].as_vec().expect("rules") {
        assert!(rule["ExpirationInDays"].is_badvalue() && rule["ExpirationDate"].is_badvalue(), "a head would expire");
    }

    let policies = resources(&template, "AWS::S3::BucketPolicy");
    let policy = policies.into_iter().find(|(name, _)| *name == "SealHeadBucketPolicy").expect("a policy").1;
    let statements = policy["PolicyDocument"]["Statement"].as_vec().expect("statements");
    let statement = |sid: &str| statements.iter().find(|each| each["Sid"].as_str() == Some(sid)).expect("it is there");
    assert!(statements.iter().all(|each| each["Effect"].as_str() == Some("Deny")));
    assert_eq!(statement("TlsOnly")["Condition"]["Bool"]["aws:SecureTransport"].as_str(), Some("false"));
    assert_eq!(strings(&statement("NobodyDeletes")["Action"]), ["s3:DeleteObject", "s3:DeleteObjectVersion"]);
    assert!(statement("NobodyDeletes")["Condition"].is_badvalue());
    let writes = statement("OnlySealWrites");
    assert_eq!(strings(&writes["Action"]), ["s3:PutObject"]);
    assert_eq!(strings(&writes["Condition"]["ArnNotEquals"]["aws:PrincipalArn"]), ["SealRole.Arn"]);

    // The same from the roles' side, and who may read.
    let with = |wanted: &str| -> Vec<&str> {
        let may = |(action, resource): &(String, String)| action == wanted && resource.contains("SealHeadBucket");
        permissions(&template).into_iter().filter(|(_, all)| all.iter().any(may)).map(|(role, _)| role).collect()
    };
    assert_eq!(with("s3:PutObject"), ["SealRole"]);
    assert_eq!(with("s3:GetObject"), ["AuditRole", "SealRole"]);
    let sign: Vec<&str> = permissions(&template)
        .into_iter()
        .filter(|(_, all)| all.contains(&("kms:Sign".to_owned(), "SealKey.Arn".to_owned())))
        .map(|(role, _)| role)
        .collect();
    assert_eq!(sign, ["SealRole"]);
}

/// A metric that no alarm watches is a log line that nobody reads.
/// Proves: S11
#[test]
fn every_metric_has_an_alarm_and_every_such_alarm_its_metric() {
    let template = template();
    let watched: Vec<String> = resources(&template, "AWS::CloudWatch::Alarm")
        .filter(|(_, alarm)| alarm["Namespace"].as_str() == Some(metrics::NAMESPACE))
        .map(|(name, alarm)| {
            let dimensions = alarm["Dimensions"].as_vec().expect("dimensions");
            assert_eq!(dimensions.len(), 1, "{name}");
            assert_eq!(dimensions[0]["Name"].as_str(), Some(metrics::DIMENSION), "{name}");
            assert_eq!(strings(&dimensions[0]["Value"]), ["Stage"], "{name}");
            assert_eq!((alarm["Statistic"].as_str(), alarm["Threshold"].as_i64()), (Some("Sum"), Some(0)), "{name}");
            assert!(!alarm["AlarmActions"].is_badvalue(), "{name} tells nobody");
            alarm["MetricName"].as_str().expect("a metric").to_owned()
        })
        .collect();
    let counted: BTreeSet<&str> = Metric::ALL.iter().map(|metric| metric.name()).collect();
    assert_eq!(watched.iter().map(String::as_str).collect::<BTreeSet<_>>(), counted);
    assert_eq!(watched.len(), counted.len(), "one alarm for each: {watched:?}");
}

/// Another source on the same bus, such as `countersign-portal`, is no event of ours.
/// Proves: S20
#[test]
fn every_rule_matches_the_exact_source() {
    let template = template();
    let mut rules = 0;
    for (name, rule) in resources(&template, "AWS::Events::Rule") {
        let sources = strings(&rule["EventPattern"]["source"]);
        // Nobody but AWS puts events whose source begins with `aws.`.
        let exact: &[&str] = if name == "InspectUploadsRule" { &["aws.s3", "aws.guardduty"] } else { &["countersign"] };
        assert_eq!(sources, exact, "{name}");
        rules += 1;
    }
    assert!(rules >= 3);
}

/// Without the group, the tenant that fills a queue first is served first, and all others wait.
/// Proves: S9
#[test]
fn each_queue_of_events_is_fair_to_companies_and_firms() {
    let template = template();
    let mut fair = Vec::new();
    for (name, rule) in resources(&template, "AWS::Events::Rule") {
        for target in rule["Targets"].as_vec().expect("targets") {
            let group = target["SqsParameters"]["MessageGroupId"].as_str();
            // What is sealed is read from a list of tenants, not from a queue.
            if group == Some("$.detail.org.id") {
                fair.push(name);
            } else {
                assert_eq!(group, None, "{name}");
            }
        }
    }
    fair.sort_unstable();
    assert_eq!(fair, ["ExportRule", "NotifyRule", "OverviewRule", "ReadStatementsRule", "ZipRule"]);
}

/// Proves: S5
#[test]
fn the_stream_hands_over_new_events_and_whatever_happens_to_old_ones() {
    let template = template();
    let relay = functions(&template)["relay"];
    let filters = relay["Events"]["Stream"]["Properties"]["FilterCriteria"]["Filters"].as_vec().expect("filters");
    let patterns: Vec<Value> = filters
        .iter()
        .map(|filter| serde_json::from_str(filter["Pattern"].as_str().expect("a pattern")).expect("JSON"))
        .collect();
    let new =
        serde_json::json!({ "eventName": ["INSERT"], "dynamodb": { "NewImage": { "entity": { "S": ["event"] } } } });
    let old = serde_json::json!({
        "eventName": ["MODIFY", "REMOVE"], "dynamodb": { "Keys": { "pk": { "S": [{ "prefix": "EVENTS#" }] } } },
    });
    assert_eq!(patterns, [new, old]);
}
