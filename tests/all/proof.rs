//! `docs/proof.md` says which tests prove what: here it is held to name tests that exist.

use std::collections::BTreeSet;

use tests::stack::Stack;

fn read(path: &str) -> String {
    let whole = Stack::repository().join(path);
    std::fs::read_to_string(whole).unwrap_or_else(|error| panic!("docs/proof.md names {path}: {error}"))
}

/// Everything between backticks that names a test: `path.rs::name`.
fn named(page: &str) -> BTreeSet<(&str, &str)> {
    page.split('`')
        .skip(1)
        .step_by(2)
        .filter_map(|code| code.split_once("::"))
        .filter(|(path, _)| path.ends_with(".rs"))
        .collect()
}

/// The functions of a source that are run as tests.
fn tests_in(source: &str) -> BTreeSet<&str> {
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    let marked = |at: usize| {
        let above = lines[..at].iter().rev();
        above
            .take_while(|line| line.starts_with("#[") || line.starts_with("///"))
            .any(|line| line.starts_with("#[test]") || line.starts_with("#[tokio::test"))
    };
    lines
        .iter()
        .enumerate()
        .filter(|(at, _)| marked(*at))
        .filter_map(|(_, line)| Some(line.split_once("fn ")?.1.split_once('(')?.0))
        .collect()
}

#[test]
fn proof_lines_name_tests_that_exist() {
    let page = read("docs/proof.md");
    let named = named(&page);
    assert!(named.len() > 100, "the page cannot be read: {named:?}");
    let missing: Vec<String> = named
        .into_iter()
        .filter(|(path, name)| {
            let source = read(path);
            // Documentation tests have no name but what they are.
            let there = if *name == "compile_fail" {
                source.contains("```compile_fail")
            } else {
                tests_in(&source).contains(name)
            };
            !there
        })
        .map(|(path, name)| format!("{path}::{name}"))
        .collect();
    assert!(missing.is_empty(), "no such test:\n{}", missing.join("\n"));
}

#[test]
fn every_number_has_a_line_that_says_how_it_is_proven() {
    let page = read("docs/proof.md");
    let smoke: BTreeSet<String> =
        rows(&read("docs/deploy.md")).into_iter().filter_map(|row| row.first().cloned()).collect();
    let mut numbers = BTreeSet::new();
    for row in rows(&page) {
        let [number, _, proof] = row.as_slice() else { continue };
        let is_number = number.trim_start_matches('F').parse::<u8>().is_ok();
        if !is_number {
            continue;
        }
        assert!(numbers.insert(number.clone()), "{number} is there twice");
        let proven = proof.contains(".rs::") || proof.contains("smoke test") || proof.contains("ot built");
        assert!(proven, "{number} says nothing: {proof}");
        for rest in proof.split("smoke test").skip(1) {
            let listed =
                rest.trim_start_matches('s').split(|c: char| !(c.is_ascii_digit() || c == ',' || c == ' ')).next();
            for line in listed.unwrap_or_default().split(',').map(str::trim).filter(|line| !line.is_empty()) {
                assert!(smoke.contains(line), "{number} names smoke test {line}, which docs/deploy.md has not");
            }
        }
    }
    let expected: BTreeSet<String> = (1..=22).map(|n| n.to_string()).chain((1..=19).map(|n| format!("F{n}"))).collect();
    assert_eq!(numbers, expected);
}

/// The cells of a page's tables, row by row.
fn rows(page: &str) -> Vec<Vec<String>> {
    page.lines()
        .filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"))
        .map(|row| row.split(" | ").map(|cell| cell.trim().to_owned()).collect())
        .collect()
}
