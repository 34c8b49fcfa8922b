//! What is linked, and what must not be: read from cargo's own dependency tree.

use std::collections::BTreeSet;
use std::process::Command;

use tests::stack::Stack;

use crate::routes::function_names;

/// Every package that `cargo tree` finds below a workspace member, as `name v1.2.3`.
fn tree(arguments: &[&str]) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .current_dir(Stack::repository())
        .args(["tree", "--locked", "--prefix", "none", "--format", "{p}", "--edges", "normal"])
        .args(arguments)
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "cargo tree: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| line.split(" (").next().unwrap_or(line).to_owned())
        .filter(|line| !line.is_empty())
        .collect()
}

fn names(tree: &BTreeSet<String>) -> BTreeSet<&str> {
    tree.iter().filter_map(|package| package.split(' ').next()).collect()
}

#[test]
fn domain_is_pure() {
    let tree = tree(&["-p", "domain"]);
    let impure: Vec<&str> = names(&tree)
        .into_iter()
        .filter(|name| {
            [
                "aws",
                "lambda",
                "tokio",
                "hyper",
                "reqwest",
                "axum",
                "rand",
                "getrandom",
                "mio",
                "tower",
                "rustls",
                "chrono",
            ]
            .iter()
            .any(|banned| {
                *name == *banned || name.starts_with(&format!("{banned}-")) || name.starts_with(&format!("{banned}_"))
            })
        })
        .collect();
    assert!(impure.is_empty(), "domain links {impure:?}");
}

#[test]
fn domain_reads_no_clock() {
    let sources = std::process::Command::new("grep")
        .args(["-rnE", r"Timestamp::now|Zoned::now|SystemTime::now|Instant::now|Uuid::now|Uuid::new_v[47]|std::env|std::fs|std::net"])
        .arg(Stack::repository().join("shared/domain/src"))
        .output()
        .expect("grep runs");
    let found = String::from_utf8_lossy(&sources.stdout);
    assert!(found.is_empty(), "domain reaches outside:\n{found}");
}

#[test]
fn one_tls_stack_and_one_crypto_provider() {
    for function in function_names() {
        let tree = tree(&["-p", &function]);
        let names = names(&tree);
        for banned in ["openssl", "openssl-sys", "native-tls", "ring"] {
            assert!(!names.contains(banned), "{function} links {banned}");
        }
        for old in ["rustls v0.21", "rustls v0.20", "hyper v0.14", "http v0.2", "hyper-rustls v0.24"] {
            let found: Vec<&String> = tree.iter().filter(|package| package.starts_with(&format!("{old}."))).collect();
            // `http 0.2` types come with the SDK's conversions; a connection over it does not.
            assert!(found.is_empty() || old == "http v0.2", "{function} links {found:?}");
        }
        let stacks = tree.iter().filter(|package| package.starts_with("rustls v")).count();
        assert!(stacks <= 1, "{function} links {stacks} versions of rustls");
    }
}

#[test]
fn only_notify_links_the_mail_client() {
    let with: Vec<String> = function_names()
        .into_iter()
        .filter(|function| names(&tree(&["-p", function])).contains("aws-sdk-sesv2"))
        .collect();
    assert_eq!(with, ["notify"]);
}

#[test]
fn functions_link_only_the_clients_they_use() {
    for (client, users) in [
        ("aws-sdk-cognitoidentityprovider", &["accept", "account"][..]),
        ("aws-sdk-eventbridge", &["relay"][..]),
        ("aws-sdk-kms", &["accept", "audit", "notify", "register", "seal", "switch-context"][..]),
        ("aws-sdk-s3", &["audit", "export"][..]),
        ("aws-sdk-ssm", &["pay", "reconcile"][..]),
    ] {
        let with: Vec<String> =
            function_names().into_iter().filter(|function| names(&tree(&["-p", function])).contains(client)).collect();
        assert_eq!(with, users, "{client}");
    }
}

#[test]
fn functions_never_import_function_names() {
    let functions = function_names();
    for function in &functions {
        let tree = tree(&["-p", function]);
        let names = names(&tree);
        let others: Vec<&String> =
            functions.iter().filter(|other| *other != function && names.contains(other.as_str())).collect();
        assert!(others.is_empty(), "{function} imports {others:?}");
    }
}

#[test]
fn arrows_point_down_only() {
    for (member, above) in [
        ("domain", &["store", "api", "mail", "payments", "links"][..]),
        ("store", &["api", "mail", "payments", "links"][..]),
        ("mail", &["api", "payments", "store"][..]),
        ("payments", &["api", "mail", "store"][..]),
        ("links", &["api", "mail", "payments", "store"][..]),
        ("backoff", &["domain", "api", "links", "mail", "payments", "store"][..]),
        ("kms_error", &["domain", "api", "links", "mail", "payments", "audit_chain", "store"][..]),
        ("qr", &["domain", "api", "links", "mail", "payments", "store"][..]),
        ("html", &["api", "links", "mail", "payments", "store"][..]),
    ] {
        let tree = tree(&["-p", member]);
        let names = names(&tree);
        let upwards: Vec<&&str> = above.iter().filter(|other| names.contains(**other)).collect();
        assert!(upwards.is_empty(), "{member} imports {upwards:?}");
    }
}
