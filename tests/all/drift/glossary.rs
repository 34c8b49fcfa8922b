//! The glossary holds the words that the domain's files and types are named after.

use std::{collections::BTreeSet, fs, path::Path};

use tests::stack::Stack;

/// Words that say what a file is for and nothing about the domain.
const PLAIN_IN_FILES: [&str; 7] = ["examples", "from", "kind", "lib", "people", "samples", "tests"];

/// Words of a type's name that mean in the domain what they mean in English, or in any program.
const PLAIN_IN_TYPES: [&str; 30] = [
    "acceptable",
    "against",
    "ahead",
    "attach",
    "denied",
    "edit",
    "error",
    "example",
    "expiry",
    "failed",
    "failure",
    "finished",
    "format",
    "input",
    "join",
    "outlasts",
    "permitted",
    "prefix",
    "prior",
    "problem",
    "progress",
    "ref",
    "replaced",
    "resend",
    "undone",
    "unknown",
    "update",
    "updated",
    "utc",
    "weekday",
];

/// The forms of a word that count as the same: `inviting`, `invite`; `entries`, `entry`; `mapped`, `map`.
fn forms(word: &str) -> BTreeSet<String> {
    let mut forms = BTreeSet::from([word.to_owned(), format!("{word}s"), format!("{word}d")]);
    for (ending, instead) in
        [("s", ""), ("es", ""), ("ies", "y"), ("y", "ies"), ("ing", ""), ("ing", "e"), ("ed", ""), ("d", "")]
    {
        forms.extend(word.strip_suffix(ending).map(|stem| format!("{stem}{instead}")));
    }
    for stem in ["ed", "ing"].iter().filter_map(|ending| word.strip_suffix(ending)) {
        let shorter =
            stem.chars().last().and_then(|last| stem.strip_suffix(&format!("{last}{last}")).map(|it| (it, last)));
        forms.extend(shorter.map(|(start, last)| format!("{start}{last}")));
    }
    forms
}

/// The words in the names of the files and folders below a folder.
fn words_of_names(folder: &Path) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for entry in fs::read_dir(folder).expect("the folder is there").map(|entry| entry.expect("an entry").path()) {
        let stem = entry.file_stem().and_then(|stem| stem.to_str()).expect("a name in UTF-8");
        words.extend(stem.split('_').map(str::to_owned));
        if entry.is_dir() {
            words.append(&mut words_of_names(&entry));
        }
    }
    words
}

/// The words in the names of the types that a source file declares, its tests apart.
fn words_of_types(source: &str) -> BTreeSet<String> {
    let mut words: Vec<String> = Vec::new();
    let product = source.split("\nmod tests {").next().unwrap_or_default();
    for line in product.lines().map(str::trim_start).filter(|line| line.starts_with("pub")) {
        let mut parts = line.split_whitespace().skip_while(|part| !["struct", "enum", "trait"].contains(part)).skip(1);
        let name = parts.next().unwrap_or_default().split(|letter: char| !letter.is_ascii_alphanumeric()).next();
        for letter in name.unwrap_or_default().chars() {
            match words.last_mut() {
                Some(word) if !letter.is_ascii_uppercase() => word.push(letter),
                _ => words.push(letter.to_string()),
            }
        }
    }
    words.iter().map(|word| word.to_lowercase()).collect()
}

/// The words in the names of all types below a folder.
fn words_of_all_types(folder: &Path) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for entry in fs::read_dir(folder).expect("the folder is there").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() {
            words.append(&mut words_of_all_types(&entry));
        } else {
            words.append(&mut words_of_types(&fs::read_to_string(&entry).expect("a source file")));
        }
    }
    words
}

/// The words that the glossary has in no form.
fn missing_of(words: BTreeSet<String>, plain: &[&str]) -> Vec<String> {
    let glossary = Stack::repository().join("docs/glossary.md");
    let glossary = fs::read_to_string(glossary).expect("the glossary is there").to_lowercase();
    let known: BTreeSet<String> = glossary
        .split(|letter: char| !letter.is_ascii_lowercase())
        .filter(|word| !word.is_empty())
        .flat_map(forms)
        .collect();
    let is_missing = |word: &String| !plain.contains(&word.as_str()) && forms(word).is_disjoint(&known);
    words.into_iter().filter(is_missing).collect()
}

/// An engineer who meets a file of the domain finds its words in the glossary.
///
/// Proves: M16
#[test]
fn the_glossary_has_the_words_that_files_of_the_domain_are_named_after() {
    let missing = missing_of(words_of_names(&Stack::repository().join("shared/domain/src")), &PLAIN_IN_FILES);
    assert!(missing.is_empty(), "docs/glossary.md lacks: {}", missing.join(", "));
}

/// The same of a type.
///
/// Proves: M16
#[test]
fn the_glossary_has_the_words_that_types_of_the_domain_are_named_after() {
    let words = words_of_all_types(&Stack::repository().join("shared/domain/src"));
    let unused: Vec<_> = PLAIN_IN_TYPES.iter().filter(|word| !words.contains(**word)).collect();
    assert!(unused.is_empty(), "no type is named after {unused:?}");
    let missing = missing_of(words, &PLAIN_IN_TYPES);
    assert!(missing.is_empty(), "docs/glossary.md lacks: {}", missing.join(", "));
}
