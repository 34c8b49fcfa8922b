//! Which tests prove what. A test says so at its head, `/// Proves: 9, F3`, and `docs/proof.md` is made from
//! that: the texts, and what no test here can show, are in `proof/lines.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use tests::stack::Stack;

const PAGE: &str = "docs/proof.md";
const LINES: &str = include_str!("proof/lines.md");
/// How many lines there are about security, 1 to this, and about faults, F1 to this.
const SECURITY: u8 = 30;
const FAULTS: u8 = 24;
/// Where tests are.
const SOURCES: [&str; 5] = ["functions", "shared", "tests", "bench", "infra"];
/// What stands in a row's third cell when no test can prove it here.
const REASONS: [&str; 4] = ["smoke test ", "smoke tests ", "not built", "Not built"];

/// A test and the lines that it says it proves.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Proof {
    /// The end-to-end tests come first.
    is_inside: bool,
    path: String,
    /// Where in its file, to keep the file's order.
    at: usize,
    /// None for a program that is one check.
    name: Option<String>,
    lines: Vec<String>,
}

/// The ids after `Proves:` in a comment line.
fn claimed(line: &str) -> Option<Vec<String>> {
    let line = line.trim().trim_start_matches(['/', '!', '#']).trim_start();
    let ids = line.strip_prefix("Proves: ")?;
    Some(ids.split(',').map(|id| id.trim().to_owned()).collect())
}

/// The test that begins below line `at`: attributes and comments, one of them `#[test]` or `#[tokio::test…]`, and a
/// function. Or documentation that must not compile.
fn test_below(lines: &[&str], at: usize) -> Option<String> {
    let mut is_test = false;
    for line in lines.iter().skip(at + 1).map(|line| line.trim()) {
        if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
            is_test = true;
        } else if line.trim_start_matches(['/', '!']).trim_start().starts_with("```compile_fail") {
            return Some("compile_fail".to_owned());
        } else if !line.starts_with("//") && !line.starts_with("#[") {
            let name = line.split_once("fn ")?.1.split(['(', '<']).next()?;
            return is_test.then(|| name.to_owned());
        }
    }
    None
}

/// Every claim in a source. The second of the pair are claims that no test stands below.
fn claims(path: &str, source: &str) -> (Vec<Proof>, Vec<String>) {
    let lines: Vec<&str> = source.lines().collect();
    let mut proofs = Vec::new();
    let mut astray = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some(ids) = claimed(line) else { continue };
        let name = if path.ends_with(".rs") {
            let Some(name) = test_below(&lines, at) else {
                astray.push(format!("{path}:{}: no test stands below `{}`", at + 1, line.trim()));
                continue;
            };
            Some(name)
        } else {
            None
        };
        proofs.push(Proof { is_inside: !path.starts_with("tests/"), path: path.to_owned(), at, name, lines: ids });
    }
    (proofs, astray)
}

/// The sources below a folder, without what was built.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder of sources").flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|kind| kind == "rs" || kind == "py") {
            found.push(path);
        }
    }
}

/// All that the tests of the workspace say they prove.
fn proofs() -> (Vec<Proof>, Vec<String>) {
    let root = Stack::repository();
    let mut found = Vec::new();
    for folder in SOURCES {
        sources(&root.join(folder), &mut found);
    }
    let (mut proofs, mut astray) = (Vec::new(), Vec::new());
    for path in found {
        let source = std::fs::read_to_string(&path).expect("a source is text");
        let shown = path.strip_prefix(&root).expect("below the root").display().to_string();
        let (made, lost) = claims(&shown, &source);
        proofs.extend(made);
        astray.extend(lost);
    }
    proofs.sort();
    (proofs, astray)
}

/// The cells of a row of a table, without those of its head.
fn cells(line: &str) -> Option<[&str; 3]> {
    let mut cells = line.strip_prefix("| ")?.strip_suffix('|')?.split(" |").map(str::trim);
    let row = [cells.next()?, cells.next()?, cells.next()?];
    (row[0] != "#" && row[0] != "---").then_some(row)
}

/// The page, and what is wrong with it.
fn page(lines: &str, proofs: &[Proof]) -> (String, Vec<String>) {
    let mut of_line: BTreeMap<&str, Vec<&Proof>> = BTreeMap::new();
    for proof in proofs {
        for id in &proof.lines {
            of_line.entry(id).or_default().push(proof);
        }
    }
    let (mut page, mut wrong, mut known) = (String::new(), Vec::new(), BTreeSet::new());
    for line in lines.lines() {
        let Some([id, text, note]) = cells(line) else {
            page += &format!("{line}\n");
            continue;
        };
        if !known.insert(id) {
            wrong.push(format!("{id} is there twice"));
        }
        let tests = of_line.get(id).map(|proofs| listed(proofs)).unwrap_or_default();
        if tests.is_empty() && !REASONS.iter().any(|reason| note.contains(reason)) {
            wrong.push(format!("no test proves {id} ({text}), and no reason says why"));
        }
        if !tests.is_empty() && note.starts_with("Not built") {
            wrong.push(format!("{id} ({text}) is not built, and has tests"));
        }
        let proof =
            [tests.as_str(), note].iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join("; ");
        page += &format!("| {id} | {text} | {proof} |\n");
    }
    for (id, proofs) in of_line.iter().filter(|(id, _)| !known.contains(*id)) {
        wrong.push(format!("there is no line {id}, which is claimed in {}", listed(proofs)));
    }
    (page, wrong)
}

/// Tests by file: "`a.rs`: `one`, `two`; `b.rs`: `three`".
fn listed(proofs: &[&Proof]) -> String {
    let files = proofs.chunk_by(|one, other| one.path == other.path);
    let file = |proofs: &[&Proof]| {
        let names: Vec<String> =
            proofs.iter().filter_map(|proof| Some(format!("`{}`", proof.name.as_ref()?))).collect();
        let names = if names.is_empty() { String::new() } else { format!(": {}", names.join(", ")) };
        format!("`{}`{names}", proofs[0].path)
    };
    files.map(file).collect::<Vec<_>>().join("; ")
}

#[test]
fn the_page_says_what_the_tests_say() {
    let (proofs, astray) = proofs();
    let (page, wrong) = page(LINES, &proofs);
    let wrong = [astray, wrong].concat();
    let ids: BTreeSet<String> = LINES.lines().filter_map(cells).map(|[id, ..]| id.to_owned()).collect();
    let expected = (1..=SECURITY).map(|n| n.to_string()).chain((1..=FAULTS).map(|n| format!("F{n}")));
    let missing: Vec<String> = expected.filter(|id| !ids.contains(id)).collect();
    assert!(missing.is_empty(), "proof/lines.md has no line {missing:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let path = Stack::repository().join(PAGE);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &page).expect("the page can be written");
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(page == written, "{PAGE} is out of date; UPDATE_GOLDEN=1 writes it anew");
}

#[test]
fn smoke_tests_that_are_named_are_described() {
    let deploy = std::fs::read_to_string(Stack::repository().join("docs/deploy.md")).expect("the page is there");
    let described: BTreeSet<&str> = deploy.lines().filter_map(cells).map(|[number, ..]| number).collect();
    for [id, _, note] in LINES.lines().filter_map(cells) {
        for rest in note.split("smoke test").skip(1) {
            let rest = rest.trim_start_matches('s');
            let numbers =
                rest.split(|c: char| !(c.is_ascii_digit() || c == ',' || c == ' ')).next().unwrap_or_default();
            for number in numbers.split(',').map(str::trim).filter(|number| !number.is_empty()) {
                assert!(described.contains(number), "{id} names smoke test {number}, which docs/deploy.md has not");
            }
        }
    }
}

#[test]
fn a_claim_must_stand_at_a_test_and_name_a_line() {
    let source = "/// Proves: 1, F2\n#[test]\nfn one() {}\n\n// Proves: 1\n//! ```compile_fail\n\n/// Proves: 2\nfn helper() {}\n";
    let (proofs, astray) = claims("tests/all/x.rs", source);
    let named: Vec<_> = proofs.iter().map(|proof| (proof.name.as_deref(), proof.lines.join(" "))).collect();
    assert_eq!(named, [(Some("one"), "1 F2".to_owned()), (Some("compile_fail"), "1".to_owned())]);
    assert_eq!(astray, ["tests/all/x.rs:8: no test stands below `/// Proves: 2`"]);

    let lines = "| # | what |\n| --- | --- | --- |\n| 1 | proven | smoke test 3 |\n| 2 | forgotten | |\n| 3 | later | Not built |\n";
    let (page, wrong) = page(lines, &proofs);
    assert!(page.contains("| 1 | proven | `tests/all/x.rs`: `one`, `compile_fail`; smoke test 3 |"), "{page}");
    assert!(page.contains("| 3 | later | Not built |"), "{page}");
    let missing = "no test proves 2 (forgotten), and no reason says why";
    assert_eq!(wrong, [missing, "there is no line F2, which is claimed in `tests/all/x.rs`: `one`"]);
}
