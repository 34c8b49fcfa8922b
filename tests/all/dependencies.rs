//! What is linked, and what must not be: read from cargo's own dependency tree.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::sync::OnceLock;

use tests::stack::Stack;

use crate::routes::function_names;

/// The lines of `cargo tree`: how deep a package stands, and the package as `name v1.2.3`.
fn tree(arguments: &[&str]) -> Vec<(usize, String)> {
    let output = Command::new(env!("CARGO"))
        .current_dir(Stack::repository())
        .env_remove("RUSTC_BOOTSTRAP")
        .args(["tree", "--locked", "--prefix", "depth", "--format", " {p}", "--edges", "normal"])
        .args(arguments)
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "cargo tree: {}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8_lossy(&output.stdout).into_owned();
    let package = |line: &str| {
        let (depth, package) = line.split_once(' ')?;
        Some((depth.parse().ok()?, package.split(" (").next().unwrap_or(package).to_owned()))
    };
    lines.lines().filter_map(package).collect()
}

/// What each function links, itself included: read once, for all functions together, as they are built for AWS.
fn linked() -> &'static BTreeMap<String, BTreeSet<String>> {
    static LINKED: OnceLock<BTreeMap<String, BTreeSet<String>>> = OnceLock::new();
    LINKED.get_or_init(|| {
        let functions = function_names();
        let mut arguments = Vec::new();
        for function in &functions {
            arguments.extend(["-p", function.as_str()]);
        }
        // What stands below a package is listed where it comes first.
        let mut below: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut path: Vec<String> = Vec::new();
        for (depth, package) in tree(&arguments) {
            path.truncate(depth);
            if let Some(parent) = path.last() {
                below.entry(parent.clone()).or_default().insert(package.clone());
            }
            path.push(package);
        }
        functions.into_iter().map(|function| (function.clone(), reached(&below, &format!("{function} v")))).collect()
    })
}

/// Everything below the package whose name begins so.
fn reached(below: &BTreeMap<String, BTreeSet<String>>, from: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&String> = below.keys().filter(|package| package.starts_with(from)).collect();
    while let Some(package) = open.pop() {
        if found.insert(package.clone()) {
            open.extend(below.get(package).into_iter().flatten());
        }
    }
    found
}

fn names(packages: &BTreeSet<String>) -> BTreeSet<&str> {
    packages.iter().filter_map(|package| package.split(' ').next()).collect()
}

/// Proves: M7
#[test]
fn domain_is_pure() {
    let packages = tree(&["-p", "domain"]).into_iter().map(|(_, package)| package).collect();
    let impure: Vec<&str> = names(&packages)
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

/// Proves: M7
#[test]
fn domain_reads_no_clock() {
    let sources = std::process::Command::new("grep")
        .args(["-rnE", r"Timestamp::now|Zoned::now|SystemTime::now|Instant::now|Uuid::now|Uuid::new_v[47]|std::env|std::fs|std::net"])
        .arg(Stack::repository().join("shared/domain/src"))
        .output()
        .expect("grep runs");
    let found = String::from_utf8_lossy(&sources.stdout);
    let outside: Vec<&str> = found.lines().filter(|line| !is_in_a_test_module(line)).collect();
    assert!(outside.is_empty(), "domain reaches outside:\n{}", outside.join("\n"));
}

/// Whether a line of grep's stands in a file that its parent module declares for tests alone.
fn is_in_a_test_module(line: &str) -> bool {
    let path = std::path::Path::new(line.split(':').next().expect("grep names the file"));
    let (folder, name) = (path.parent().expect("a folder"), path.file_stem().expect("a name").to_string_lossy());
    let parent = std::fs::read_to_string(folder.with_extension("rs")).unwrap_or_default();
    parent.contains(&format!("#[cfg(test)]\nmod {name};"))
}

/// Proves: M8
#[test]
fn one_tls_stack_and_one_crypto_provider() {
    for (function, packages) in linked() {
        let names = names(packages);
        for banned in ["openssl", "openssl-sys", "native-tls", "ring"] {
            assert!(!names.contains(banned), "{function} links {banned}");
        }
        // The types of http 0.2 come with the SDK's conversions; no connection runs over them.
        for old in ["rustls v0.21", "rustls v0.20", "hyper v0.14", "hyper-rustls v0.24"] {
            let found: Vec<&String> =
                packages.iter().filter(|package| package.starts_with(&format!("{old}."))).collect();
            assert!(found.is_empty(), "{function} links {found:?}");
        }
        let stacks = packages.iter().filter(|package| package.starts_with("rustls v")).count();
        assert!(stacks <= 1, "{function} links {stacks} versions of rustls");
    }
}

/// Proves: M8
#[test]
fn functions_link_only_the_clients_they_use() {
    for (client, users) in [
        ("aws-sdk-cognitoidentityprovider", &["accept", "account", "register"][..]),
        ("aws-sdk-eventbridge", &["relay"][..]),
        (
            "aws-sdk-kms",
            &[
                "accept",
                "audit",
                "documents",
                "hosted-documents",
                "mail-preferences",
                "notify",
                "pay",
                "register",
                "seal",
                "switch-context",
                "vendor",
            ][..],
        ),
        (
            "aws-sdk-s3",
            &["audit", "document-exports", "documents", "export", "inspect", "purge", "read-statements", "seal", "zip"]
                [..],
        ),
        ("aws-sdk-sesv2", &["notify"][..]),
        ("aws-sdk-ssm", &["pay", "reconcile"][..]),
    ] {
        let with: Vec<&String> = linked()
            .iter()
            .filter(|(_, packages)| names(packages).contains(client))
            .map(|(function, _)| function)
            .collect();
        assert_eq!(with, users, "{client}");
    }
}
