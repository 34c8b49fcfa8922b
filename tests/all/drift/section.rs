//! The routes of the template are written from those of the code, so that nobody copies a path by hand.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use api::Audience;
use tests::stack::Stack;

use super::pascal;
use crate::routes::routes;

const BEGIN: &str = "        # ---- Routes: written from the code by `make openapi` ----\n";
const END: &str = "        # ---- End of the routes ----\n";

/// The callers that a route declares. The default: the API's authorizer, without a scope.
fn security(audience: Audience) -> String {
    match audience {
        Audience::Public => "security: [{ NONE: [] }], ".to_owned(),
        Audience::Machine(scope) => format!("security: [{{ Identity: [{scope}] }}], "),
        Audience::Person | Audience::Context { .. } => String::new(),
    }
}

/// The integrations, one for each function behind the API, and the routes by path and method.
fn section() -> String {
    let mut functions = BTreeSet::new();
    let mut paths: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for route in routes() {
        functions.insert(route.function);
        let operation = format!(
            "{{ {}x-amazon-apigateway-integration: {{ $ref: \"#/components/x-amazon-apigateway-integrations/{}\" }} }}",
            security(route.audience),
            route.function
        );
        let before = paths.entry(route.path.clone()).or_default().insert(route.method.to_ascii_lowercase(), operation);
        assert!(before.is_none(), "{} {} is declared twice", route.method, route.path);
    }
    let mut out = String::from("        components:\n          x-amazon-apigateway-integrations:\n");
    for function in functions {
        let uri = "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions";
        writeln!(
            out,
            "            {function}: {{ type: aws_proxy, httpMethod: POST, payloadFormatVersion: \"2.0\", \
             uri: !Sub \"{uri}/${{{}Function.Arn}}/invocations\" }}",
            pascal(function)
        )
        .expect("a string takes all");
    }
    out.push_str("        paths:\n");
    for (path, operations) in paths {
        let lines: Vec<String> =
            operations.iter().map(|(method, operation)| format!("{method}: {operation}")).collect();
        match lines.as_slice() {
            [only] => writeln!(out, "          {path}: {{ {only} }}"),
            several => writeln!(out, "          {path}:\n            {}", several.join("\n            ")),
        }
        .expect("a string takes all");
    }
    out
}

/// Proves: M12
#[test]
fn the_routes_of_the_template_are_written_from_the_code() {
    let path = Stack::repository().join("infra/template.yaml");
    let template = std::fs::read_to_string(&path).expect("the template is there");
    let (before, rest) = template.split_once(BEGIN).expect("the template says where the routes begin");
    let (written, after) = rest.split_once(END).expect("the template says where the routes end");
    let section = section();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        // In one step: other tests read the template at the same time.
        let part = path.with_extension("part");
        std::fs::write(&part, format!("{before}{BEGIN}{section}{END}{after}")).expect("the template can be written");
        std::fs::rename(&part, &path).expect("the template can be replaced");
        return;
    }
    let missing: Vec<&str> = section.lines().filter(|line| !written.lines().any(|other| other == *line)).collect();
    let left: Vec<&str> = written.lines().filter(|line| !section.lines().any(|other| other == *line)).collect();
    assert!(
        section == written,
        "infra/template.yaml has other routes than the code; `make openapi` writes them anew.\nmissing:\n{}\nleft over:\n{}",
        missing.join("\n"),
        left.join("\n")
    );
}
