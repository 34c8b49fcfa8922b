//! The distribution in front of the API: what it proves to the functions, and what it counts for each caller.

use std::collections::BTreeSet;

use tests::stack::Stack;
use yaml_rust2::{Yaml, YamlLoader};

use super::{routes, strings, template};

fn front() -> Yaml {
    let path = Stack::repository().join("infra/front.yaml");
    let text = std::fs::read_to_string(path).expect("the template is checked in");
    YamlLoader::load_from_str(&text).expect("the template is YAML").remove(0)
}

/// The distribution and the functions must agree on two headers, or every request is refused or counted for one caller.
/// Proves: 15, S7
#[test]
fn the_front_proves_itself_and_names_the_caller_by_the_headers_that_functions_read() {
    let front = front();
    let front = &front["Resources"];
    let distribution = &front["Front"]["Properties"]["DistributionConfig"];
    let proof = &distribution["Origins"][0]["OriginCustomHeaders"][0]["HeaderName"];
    assert_eq!(proof.as_str(), Some(api::front::PROOF));
    let viewer = front["Viewer"]["Properties"]["FunctionCode"].as_str().expect("the function's code");
    assert!(viewer.contains(&format!("headers[\"{}\"] =", api::front::VIEWER)), "{viewer}");
    let behaviours = distribution["CacheBehaviors"].as_vec().expect("behaviours");
    for behaviour in behaviours.iter().chain([&distribution["DefaultCacheBehavior"]]) {
        let at = behaviour["FunctionAssociations"][0]["EventType"].as_str();
        assert_eq!(at, Some("viewer-request"), "{behaviour:?} leaves the address to the caller");
    }
}

/// The expression of a condition on the path; the other conditions of the rules are on the method.
fn path_in(condition: &Yaml) -> &str {
    let matched = &condition["RegexMatchStatement"];
    assert!(matched["FieldToMatch"].as_hash().is_some_and(|field| field.contains_key(&Yaml::String("UriPath".into()))));
    matched["RegexString"].as_str().expect("an expression")
}

fn assert_is_post(condition: &Yaml) {
    let matched = &condition["ByteMatchStatement"];
    assert!(matched["FieldToMatch"].as_hash().is_some_and(|field| field.contains_key(&Yaml::String("Method".into()))));
    assert_eq!(matched["PositionalConstraint"].as_str(), Some("EXACTLY"));
    assert_eq!(matched["SearchString"].as_str(), Some("POST"));
}

/// Each rule counts one network address by itself over five minutes, and refuses what is beyond its parameter.
/// Proves: 15, S7
#[test]
fn the_front_counts_each_caller_over_everything_over_links_and_over_new_accounts() {
    let front = front();
    let rules = front["Resources"]["Limits"]["Properties"]["Rules"].as_vec().expect("rules");
    let expected = [("accounts", "AccountsPerCaller", 60), ("links", "LinksPerCaller", 300)];
    let expected = expected.into_iter().chain([("requests", "RequestsPerCaller", 3_000)]);
    assert_eq!(rules.len(), 3);
    for ((rule, priority), (name, parameter, default)) in rules.iter().zip(1..).zip(expected) {
        assert_eq!((rule["Name"].as_str(), rule["Priority"].as_i64()), (Some(name), Some(priority)));
        let answer = &rule["Action"]["Block"]["CustomResponse"];
        assert_eq!(answer["ResponseCode"].as_i64(), Some(429), "{name}");
        assert_eq!(answer["ResponseHeaders"][0]["Name"].as_str(), Some("retry-after"), "{name}");
        let rate = &rule["Statement"]["RateBasedStatement"];
        assert_eq!(rate["AggregateKeyType"].as_str(), Some("IP"), "{name}");
        assert_eq!(rate["EvaluationWindowSec"].as_i64(), Some(300), "{name}");
        assert_eq!(strings(&rate["Limit"]), [parameter], "{name}");
        assert_eq!(front["Parameters"][parameter]["Default"].as_i64(), Some(default), "{name}");
        assert_eq!(rate["ScopeDownStatement"].is_badvalue(), name == "requests", "{name}");
    }
    let acl = strings(&front["Resources"]["Front"]["Properties"]["DistributionConfig"]["WebACLId"]);
    assert_eq!(acl, ["Limits.Arn"]);

    let routes = routes(&template());
    let accounts = &rules[0]["Statement"]["RateBasedStatement"]["ScopeDownStatement"]["AndStatement"]["Statements"];
    assert_is_post(&accounts[0]);
    assert_eq!(path_in(&accounts[1]), "^/(i/[^/]+/account|v1/registrations(/preview)?)$");
    for path in ["/i/{token}/account", "/v1/registrations", "/v1/registrations/preview"] {
        assert!(routes.contains_key(&("POST".to_owned(), path.to_owned())), "{path} is counted and no route");
    }
}

/// Anybody may try tokens: a public route with a token in its path counts as a link. The one exception is the POST of
/// mailbox providers (docs/decisions/0086-one-click-stops-a-category.md).
/// Proves: 15, S7
#[test]
fn each_public_route_with_a_token_is_counted_as_a_link() {
    let front = front();
    let links = &front["Resources"]["Limits"]["Properties"]["Rules"][1]["Statement"]["RateBasedStatement"];
    let conditions = links["ScopeDownStatement"]["AndStatement"]["Statements"].as_vec().expect("conditions");
    let [counted, spared] = conditions.as_slice() else { panic!("a condition on the path and an exception") };
    let letters = path_in(counted).strip_prefix("^/[").and_then(|rest| rest.strip_suffix("]/")).expect("letters");
    let counted: BTreeSet<String> = letters.chars().map(|letter| format!("/{letter}/{{token}}")).collect();
    let public: BTreeSet<String> = routes(&template())
        .into_iter()
        .filter(|((_, path), (_, auth))| auth == "public" && path.contains("{token}"))
        .map(|((_, path), _)| path.split_inclusive("{token}").next().expect("a part").to_owned())
        .collect();
    assert_eq!(counted, public);

    let spared = &spared["NotStatement"]["Statement"]["AndStatement"]["Statements"];
    assert_is_post(&spared[0]);
    assert_eq!(path_in(&spared[1]), "^/u/[^/]+$");
}
