//! The glossary holds the words that the domain's files are named after.

use std::{collections::BTreeSet, fs, path::Path};

use tests::stack::Stack;

/// Words that say what a file is for and nothing about the domain.
const PLAIN_WORDS: [&str; 7] = ["examples", "from", "kind", "lib", "people", "samples", "tests"];

/// The forms of a word that count as the same: `inviting`, `invite`; `entries`, `entry`.
fn forms(word: &str) -> BTreeSet<String> {
    let mut forms = BTreeSet::from([word.to_owned(), format!("{word}s"), format!("{word}d")]);
    for (ending, instead) in
        [("s", ""), ("es", ""), ("ies", "y"), ("y", "ies"), ("ing", ""), ("ing", "e"), ("ed", ""), ("d", "")]
    {
        forms.extend(word.strip_suffix(ending).map(|stem| format!("{stem}{instead}")));
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

/// An engineer who meets a file of the domain finds its words in the glossary.
///
/// Proves: M16
#[test]
fn the_glossary_has_the_words_that_files_of_the_domain_are_named_after() {
    let root = Stack::repository();
    let glossary = fs::read_to_string(root.join("docs/glossary.md")).expect("the glossary is there").to_lowercase();
    let known: BTreeSet<&str> = glossary.split(|letter: char| !letter.is_ascii_lowercase()).collect();
    let missing: Vec<String> = words_of_names(&root.join("shared/domain/src"))
        .into_iter()
        .filter(|word| !PLAIN_WORDS.contains(&word.as_str()))
        .filter(|word| !forms(word).iter().any(|form| known.contains(form.as_str())))
        .collect();
    assert!(missing.is_empty(), "docs/glossary.md lacks: {}", missing.join(", "));
}
