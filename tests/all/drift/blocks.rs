//! A function's block in the template is whole: its role, its invocation by the API, its queue, its schedules.

use std::collections::{BTreeMap, BTreeSet};

use yaml_rust2::Yaml;

use super::{body, functions, pascal, resources, routes, statements, strings, template};

/// AWS's quota of managed policies on one role, when nobody asked for more.
const MOST_ATTACHED: usize = 10;

fn role<'a>(template: &'a Yaml, function: &str) -> &'a Yaml {
    let id = format!("{}Role", pascal(function));
    resources(template, "AWS::IAM::Role").find(|(name, _)| *name == id).unwrap_or_else(|| panic!("there is no {id}")).1
}

/// The events of a function of one type.
fn events<'a>(function: &'a Yaml, kind: &'a str) -> impl Iterator<Item = &'a Yaml> {
    let events = function["Events"].as_hash().into_iter().flat_map(|events| events.values());
    events.filter(move |event| event["Type"].as_str() == Some(kind)).map(|event| &event["Properties"])
}

/// A shared policy says a thing once for many: what one role alone needs stands in that role.
/// Proves: M14
#[test]
fn every_shared_policy_is_attached_by_several_roles_and_no_role_attaches_too_many() {
    let template = template();
    let mut attached: BTreeMap<String, usize> = BTreeMap::new();
    for (name, role) in resources(&template, "AWS::IAM::Role") {
        let policies = strings(&role["ManagedPolicyArns"]);
        assert!(policies.len() <= MOST_ATTACHED, "{name} attaches {} policies", policies.len());
        assert_eq!(policies.iter().collect::<BTreeSet<_>>().len(), policies.len(), "{name} attaches a policy twice");
        for policy in policies {
            *attached.entry(policy).or_default() += 1;
        }
    }
    for (name, _) in resources(&template, "AWS::IAM::ManagedPolicy") {
        let roles = attached.get(name).copied().unwrap_or_default();
        assert!(roles > 1, "{name} is attached by {roles} role");
    }
}

/// Proves: M14
#[test]
fn every_function_has_a_role_of_its_own_with_its_name_as_a_tag() {
    let template = template();
    for (name, function) in functions(&template) {
        assert_eq!(strings(&function["Role"]), [format!("{}Role.Arn", pascal(&name))]);
        let role = role(&template, &name);
        // The right to write logs is for the group that this tag names.
        let tags = role["Tags"].as_vec().expect("tags");
        let tag = tags.iter().find(|tag| tag["Key"].as_str() == Some("function")).expect("the tag `function`");
        assert_eq!(tag["Value"].as_str(), Some(name.as_str()));
        let attached = strings(&role["ManagedPolicyArns"]);
        assert!(attached.iter().any(|policy| policy == "FunctionPolicy"), "{name} lacks what every function has");
        let services = &role["AssumeRolePolicyDocument"]["Statement"];
        assert_eq!(services.as_vec().map(Vec::len), Some(1), "{name}");
        assert_eq!(strings(&services[0]["Principal"]["Service"]), ["lambda.amazonaws.com"], "{name}");
        assert_eq!(strings(&services[0]["Action"]), ["sts:AssumeRole"], "{name}");
    }
}

/// One integration and one permission for each function behind the API, however many routes it has.
/// Proves: M14
#[test]
fn the_api_may_invoke_each_function_that_it_routes_to_and_no_other() {
    let template = template();
    let routed: BTreeSet<String> = routes(&template).into_values().map(|(function, _)| function).collect();

    let integrations =
        body(&template)["components"]["x-amazon-apigateway-integrations"].as_hash().expect("integrations");
    let mut integrated = BTreeSet::new();
    for (name, integration) in integrations {
        let name = name.as_str().expect("a name");
        assert_eq!(integration["type"].as_str(), Some("aws_proxy"), "{name}");
        assert_eq!(integration["httpMethod"].as_str(), Some("POST"), "{name}");
        assert_eq!(integration["payloadFormatVersion"].as_str(), Some("2.0"), "{name}");
        let uri = integration["uri"].as_str().expect("an address");
        let of_function = format!("/functions/${{{}Function.Arn}}/invocations", pascal(name));
        assert!(uri.ends_with(&of_function), "{name} invokes {uri}");
        integrated.insert(name.to_owned());
    }
    assert_eq!(integrated, routed);

    let mut allowed = BTreeSet::new();
    for (name, connector) in resources(&template, "AWS::Serverless::Connector") {
        assert_eq!(connector["Source"]["Id"].as_str(), Some("Api"), "{name}");
        assert_eq!(strings(&connector["Permissions"]), ["Write"], "{name}");
        allowed.insert(connector["Destination"]["Id"].as_str().expect("a function").to_owned());
    }
    assert_eq!(allowed, routed.iter().map(|function| format!("{}Function", pascal(function))).collect());
    let permissions: Vec<&str> = resources(&template, "AWS::Lambda::Permission").map(|(name, _)| name).collect();
    assert!(permissions.is_empty(), "a function is invoked by the API, its queue or its schedules: {permissions:?}");
    for (name, function) in functions(&template) {
        assert_eq!(
            events(function, "HttpApi").count(),
            0,
            "{name}: a route as an event is a permission for each route"
        );
    }
}

/// A route with a ceiling of its own must be there, or the stage cannot be made.
#[test]
fn every_route_with_settings_of_its_own_exists() {
    let template = template();
    let routes = routes(&template);
    let (_, api) = resources(&template, "AWS::Serverless::HttpApi").next().expect("there is an API");
    for (route, _) in api["RouteSettings"].as_hash().expect("settings") {
        let (method, path) = route.as_str().expect("a route").split_once(' ').expect("a method and a path");
        assert!(routes.contains_key(&(method.to_owned(), path.to_owned())), "{method} {path} is no route");
    }
}

/// A ceiling of the gateway is shared by all callers. One that a single caller reaches shuts the route for everybody.
/// Proves: 15, S7
#[test]
fn no_ceiling_is_so_low_that_one_caller_shuts_a_route_for_all() {
    let template = template();
    let (_, api) = resources(&template, "AWS::Serverless::HttpApi").next().expect("there is an API");
    for (route, ceiling) in api["RouteSettings"].as_hash().expect("settings") {
        let rate = ceiling["ThrottlingRateLimit"].as_i64().expect("a rate");
        assert!(rate >= 100, "{route:?} answers everybody together {rate} times a second");
    }
    let rate = template["Parameters"]["ThrottleRate"]["Default"].as_i64().expect("a rate");
    assert!(rate >= 1000, "the API answers everybody together {rate} times a second");
}

/// A rule may send to its queue and, what it could not deliver, to that queue's dead-letter queue; nobody else may.
/// Proves: M14
#[test]
fn every_rule_may_send_to_its_queue_and_its_dead_letter_queue_alone() {
    let template = template();
    let all = template["Resources"].as_hash().expect("resources");
    let mut rules = 0;
    for (name, rule) in all.iter().filter(|(_, each)| each["Type"].as_str() == Some("AWS::Events::Rule")) {
        rules += 1;
        let targets = rule["Properties"]["Targets"].as_vec().expect("targets");
        let reached: BTreeSet<String> = targets
            .iter()
            .flat_map(|target| [strings(&target["Arn"]), strings(&target["DeadLetterConfig"]["Arn"])].concat())
            .collect();
        assert_eq!(reached.len(), 2 * targets.len(), "{name:?} has a target without a dead-letter queue");
        let mut connected = BTreeSet::new();
        // Two rules of one queue share a policy of it.
        let by_policy = resources(&template, "AWS::SQS::QueuePolicy").find(|(_, policy)| {
            let statement = &policy["PolicyDocument"]["Statement"][0];
            let sources = strings(&statement["Condition"]["ArnEquals"]["aws:SourceArn"]);
            sources.contains(&format!("{}.Arn", name.as_str().expect("a logical id")))
        });
        if let Some((_, policy)) = by_policy {
            let statement = &policy["PolicyDocument"]["Statement"][0];
            assert_eq!(strings(&statement["Principal"]["Service"]), ["events.amazonaws.com"]);
            assert_eq!(strings(&statement["Action"]), ["sqs:SendMessage"]);
            connected.extend(strings(&statement["Resource"]));
        }
        for connector in rule["Connectors"]
            .as_hash()
            .into_iter()
            .flat_map(|all| all.values())
            .map(|connector| &connector["Properties"])
        {
            assert_eq!(strings(&connector["Permissions"]), ["Write"]);
            let destinations = connector["Destination"].as_vec().expect("destinations");
            connected.extend(destinations.iter().map(|each| format!("{}.Arn", each["Id"].as_str().expect("a queue"))));
        }
        assert_eq!(connected, reached, "{name:?}");
    }
    assert!(rules >= 3);
}

/// Every dead-letter queue has an alarm, whatever fills it.
/// Proves: M14
#[test]
fn every_dead_letter_queue_has_an_alarm() {
    let template = template();
    let watched: BTreeSet<String> = resources(&template, "AWS::CloudWatch::Alarm")
        .flat_map(|(_, alarm)| alarm["Dimensions"].as_vec().into_iter().flatten())
        .flat_map(|dimension| strings(&dimension["Value"]))
        .collect();
    for (name, _) in resources(&template, "AWS::SQS::Queue").filter(|(name, _)| name.contains("DeadLetter")) {
        assert!(watched.contains(&format!("{name}.QueueName")), "nobody hears of {name}");
    }
}

/// Proves: M14
#[test]
fn the_scheduler_may_invoke_each_scheduled_function_and_no_other() {
    let template = template();
    let scheduled: BTreeSet<String> = functions(&template)
        .into_iter()
        .filter(|(_, function)| events(function, "ScheduleV2").next().is_some())
        .map(|(name, _)| format!("{}Function.Arn", pascal(&name)))
        .collect();
    for (name, function) in functions(&template) {
        for schedule in events(function, "ScheduleV2") {
            assert_eq!(strings(&schedule["RoleArn"]), ["ScheduleRole.Arn"], "{name}");
            assert_eq!(strings(&schedule["DeadLetterConfig"]["Arn"]), ["ScheduleDeadLetterQueue.Arn"], "{name}");
            assert!(!schedule["RetryPolicy"]["MaximumEventAgeInSeconds"].is_badvalue(), "{name} repeats for a day");
        }
        // Two retries of the scheduler's are enough: Lambda does not add its own.
        let retries = function["EventInvokeConfig"]["MaximumRetryAttempts"].as_i64();
        assert_eq!(retries.is_some(), scheduled.contains(&format!("{}Function.Arn", pascal(&name))), "{name}");
        assert!(retries.is_none_or(|retries| retries == 0), "{name} repeats a scheduled run");
    }
    let invoked: BTreeSet<String> = statements(&template)["ScheduleRole"]
        .iter()
        .filter(|statement| strings(&statement["Action"]) == ["lambda:InvokeFunction"])
        .flat_map(|statement| strings(&statement["Resource"]))
        .collect();
    assert_eq!(invoked, scheduled);
}
