//! What the tests of a function record and require of its pages with example data, in every language.

use std::{collections::BTreeSet, env, fs, io, path::Path};

use domain::language::{Language, Reader};

use crate::Page;

/// Example pages, each under the name of its snapshot.
pub type Examples = Vec<(&'static str, Page)>;

/// A sentence of more words than this is not the same in two languages.
const MAX_SAME_WORDS: usize = 4;
/// The most that is read above a page's first action, in characters: a phone shows as much without scrolling.
const MAX_CHARS_ABOVE: usize = 420;

/// What is recorded of each page: all of it in English, and what it says in the other languages.
///
/// Where the environment variable `MAILS_DIR` is set, each page is also written to
/// `<MAILS_DIR>/<function>/<name>.<language>.html`.
///
/// # Errors
/// When a page cannot be written there.
pub fn recorded(
    function: &str,
    examples: impl Fn(&Reader) -> Examples,
) -> Result<Vec<(&'static str, String)>, io::Error> {
    let mut recorded: Vec<(&'static str, String)> = Vec::new();
    for language in Language::ALL {
        let tag = language.tag();
        for (name, page) in examples(&Reader::of(language)) {
            if let Some(root) = env::var_os("MAILS_DIR") {
                let directory = Path::new(&root).join(function);
                fs::create_dir_all(&directory)?;
                fs::write(directory.join(format!("{name}.{tag}.html")), page.html())?;
            }
            if language == Language::English {
                recorded.push((name, page.html().to_owned()));
            } else if let Some((_, text)) = recorded.iter_mut().find(|(other, _)| *other == name) {
                *text += &format!("\n======== {tag} ========\n{}\n", said(&page).join("\n"));
            }
        }
    }
    Ok(recorded)
}

/// Requires that no page says in another language what it says in English, but for what people wrote.
///
/// # Panics
/// When a page does.
pub fn assert_in_the_readers_language(examples: impl Fn(&Reader) -> Examples, written: &[&str]) {
    let english = examples(&Reader::default());
    for language in Language::ALL.into_iter().filter(|language| *language != Language::English) {
        for ((name, page), (_, same)) in examples(&Reader::of(language)).iter().zip(&english) {
            assert!(page.html().contains(&format!("<html lang=\"{}\">", language.tag())), "{name}");
            let same: BTreeSet<String> = said(same).into_iter().collect();
            for line in said(page).iter().filter(|line| line.split_whitespace().count() > MAX_SAME_WORDS) {
                let is_of_people = written.iter().any(|text| text.contains(line) || line.contains(text));
                assert!(is_of_people || !same.contains(line), "{name} says in {}: {line}", language.tag());
            }
        }
    }
}

/// Requires that text from people changes nothing but text: two pages with the same name have the same tags, and none
/// of the hostile one runs or loads anything.
///
/// # Panics
/// When a page differs.
pub fn assert_inert(hostile: &Examples, harmless: &Examples) {
    for ((name, page), (_, same)) in hostile.iter().zip(harmless) {
        assert_eq!(tags(page), tags(same), "{name}: {}", page.html());
        for forbidden in ["<script", "<link", "<img", " style=\"", " src=\"", " onclick", "javascript:", "http-equiv"] {
            assert!(!page.html().contains(forbidden), "{name}: {forbidden}");
        }
    }
}

/// Requires that a page with something to do shows it before all details.
///
/// # Panics
/// When a page does not.
pub fn assert_action_first(examples: &Examples) {
    for (name, page) in examples {
        let main = between(page.html(), "<main>", "</main>");
        let Some((above, _)) = main.split_once("class=\"actions\"") else { continue };
        for detail in ["<table", "<blockquote", "<h2", "<ul"] {
            assert!(!above.contains(detail), "{name} has {detail} above its action");
        }
        let read = plain(above).chars().count();
        assert!(read <= MAX_CHARS_ABOVE, "{name}: {read} characters above the action: {above}");
    }
}

/// What a page says: its title, then each line of it.
#[must_use]
pub fn said(page: &Page) -> Vec<String> {
    let title = between(page.html(), "<title>", "</title>");
    let main = between(page.html(), "<main>", "</main>");
    std::iter::once(title).chain(main.lines()).map(plain).filter(|line| !line.is_empty()).collect()
}

fn between<'a>(html: &'a str, start: &str, end: &str) -> &'a str {
    let rest = html.split_once(start).map_or("", |(_, rest)| rest);
    rest.split_once(end).map_or(rest, |(between, _)| between)
}

/// Markup without its tags and escapes.
fn plain(markup: &str) -> String {
    let mut text = String::new();
    for (n, part) in markup.split(['<', '>']).enumerate() {
        let is_inline = ["strong", "/strong", "a ", "/a", "span", "/span"].iter().any(|tag| part.starts_with(tag));
        text += match (n.is_multiple_of(2), is_inline) {
            (true, _) => part,
            (false, true) => "",
            (false, false) => " ",
        };
    }
    for (escape, character) in [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")] {
        text = text.replace(escape, character);
    }
    text.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

/// The page's tags in order.
fn tags(page: &Page) -> Vec<&str> {
    page.html().split('<').skip(1).filter_map(|rest| rest.split(['>', ' ']).next()).collect()
}
