//! Whole messages under snapshot, and what hostile text may not do in any of them.

use std::{collections::BTreeSet, path::Path};

use domain::{
    Email, EventId,
    color::Color,
    language::{Language, Reader},
};
use insta::assert_snapshot;
use proptest::prelude::*;

use super::*;
use crate::{
    Brand, Envelope, HttpUrl, Letter, Message, Quote,
    inert::Line,
    layout::{or_open, or_scan, stop},
    write,
};

/// Hostile text for names.
const HOSTILE: &str = "Eve\r\nBcc: all@evil.example\u{202E}<img src=x onerror=\"alert('1')\">\
    </title></td></table><script>{{ 7*7 }}{% raw %}&amp;\u{0}\u{2028}[click](https://evil.example)";

/// The letters that nobody may refuse: what is required, and what is addressed to somebody by an act of a company or firm.
const NOT_REFUSED: [&str; 10] = [
    "access-ended",
    "approval-policy-changed",
    "document-forwarded",
    "estimate-reopened",
    "firm-connected",
    "invitation",
    "invitation-reminder",
    "invoice-reminder",
    "sales-document-sent",
    "statement-sent",
];

/// The settings of every example.
pub(super) struct Frame {
    product: String,
    color: Option<Color>,
    event: EventId,
    to: Email,
    reply_to: Email,
    unsubscribe: HttpUrl,
    reader: Reader,
}

fn frame(product: &str, language: Language) -> Frame {
    Frame {
        reader: Reader::of(language),
        product: product.to_owned(),
        color: None,
        event: "ev_0192f5c4a7b87c3d9e0f112233445566".parse().unwrap(),
        to: "ada@firm.example".parse().unwrap(),
        reply_to: "books@acme.example".parse().unwrap(),
        unsubscribe: HttpUrl::parse("https://c.example/u/u-1.approvals.AAEC-_").unwrap(),
    }
}

impl Frame {
    /// With the link that stops it, where one may refuse such letters.
    pub(super) fn message(&self, letter: &impl Letter) -> Message {
        let envelope =
            Envelope { event: &self.event, to: &self.to, reader: &self.reader, reply_to: Some(&self.reply_to) };
        let message = write(letter, &Brand { product: &self.product, color: self.color.as_ref() }, &envelope).unwrap();
        if NOT_REFUSED.contains(&letter.name()) {
            message
        } else {
            message.stopped_at(self.unsubscribe.clone()).unwrap()
        }
    }
}

/// Every example as it is.
fn as_said_in(language: Language) -> Vec<(&'static str, Message)> {
    every_example(&|text| text.to_owned(), &frame("Countersign", language))
}

#[test]
fn letters_in_the_products_name_have_the_vendors_colour() {
    let color = Some(Color::of([0xb0, 0x10, 0x60]));
    let frame = Frame { color, ..frame("Countersign", Language::English) };
    for (name, message) in every_example(&|text| text.to_owned(), &frame) {
        let expected = match message.letter() {
            "digest" | "access-changed" => true,
            "sales-document-sent" => false,
            _ => continue,
        };
        assert_eq!(message.html().contains("#b01060"), expected, "{name}");
    }
}

/// Every example as it is, in English.
fn as_said() -> Vec<(&'static str, Message)> {
    as_said_in(Language::English)
}

/// Every example as it is, in every language.
fn as_said_in_all() -> impl Iterator<Item = (Language, &'static str, Message)> {
    let all = |language| as_said_in(language).into_iter().map(move |(name, message)| (language, name, message));
    Language::ALL.into_iter().flat_map(all)
}

/// Every example with the same text wherever a person's text stands.
fn all_in_with(language: Language, text: &str) -> Vec<(&'static str, Message)> {
    every_example(&|_| text.to_owned(), &frame(text, language))
}

/// The same in English.
fn all_with(text: &str) -> Vec<(&'static str, Message)> {
    all_in_with(Language::English, text)
}

/// The whole message in English, and what it says in the other languages.
fn recorded(name: &str, message: &Message) -> String {
    let mut text = shown(message);
    for (language, _, message) in as_said_in_all().filter(|(_, other, _)| *other == name) {
        if language != Language::English {
            text +=
                &format!("\n======== {} ========\nSubject: {}\n{}", language.tag(), message.subject(), message.text());
        }
    }
    text
}

/// The whole message as one text.
fn shown(message: &Message) -> String {
    let mut text = format!("To: {}\n", message.to());
    if let Some(reply_to) = message.reply_to() {
        text += &format!("Reply-To: {reply_to}\n");
    }
    text += &format!("Subject: {}\n", message.subject());
    for (name, value) in message.headers() {
        text += &format!("{name}: {value}\n");
    }
    for (name, value) in message.tags() {
        text += &format!("Tag {name}={value}\n");
    }
    text + "\n======== text ========\n" + message.text() + "\n======== html ========\n" + message.html()
}

/// Writes a letter where `make mails` draws it from, with its subject and its text part beside it.
fn to_gallery(dir: &Path, language: Language, name: &str, message: &Message) {
    let dir = dir.join("letters");
    let named = |extension: &str| dir.join(format!("{name}.{}.{extension}", language.tag()));
    let text = format!("Subject: {}\nKind: {}\n\n{}", message.subject(), message.letter(), message.text());
    std::fs::create_dir_all(&dir).unwrap();
    std::fs::write(named("html"), message.html()).unwrap();
    std::fs::write(named("txt"), text).unwrap();
}

/// `make mails` shows these letters.
#[test]
fn every_letter_looks_as_recorded() {
    if let Some(dir) = std::env::var_os("MAILS_DIR") {
        for (language, name, message) in as_said_in_all() {
            to_gallery(Path::new(&dir), language, name, &message);
        }
    }
    for (name, message) in as_said() {
        assert_snapshot!(name, recorded(name, &message));
    }
}

/// A reader would otherwise get a letter half in their language.
#[test]
fn every_letter_is_in_the_readers_language() {
    let english = as_said();
    for (language, name, message) in as_said_in_all().filter(|(language, ..)| *language != Language::English) {
        let (_, same) = english.iter().find(|(other, _)| *other == name).unwrap();
        let lang = format!("<html lang=\"{}\">", language.tag());
        assert!(message.html().contains(&lang), "{name}");
        let said: BTreeSet<&str> = same.text().lines().collect();
        // What a person wrote stays as it is.
        let ours = message.text().lines().filter(|line| !line.starts_with('>'));
        for line in ours.filter(|line| line.split_whitespace().count() > 4) {
            assert!(!said.contains(line), "{name} says in {}: {line}", language.tag());
        }
    }
}

/// Its tags let a report of its delivery find the invitation.
#[test]
fn a_letter_names_the_invitation_that_it_carries() {
    let id = "in_0192f5c4a7b87c3d9e0f112233445566".parse().unwrap();
    let (_, message) = as_said().remove(0);
    let message = message.carrying(&id, 2);
    assert_eq!(message.invitation(), Some((&id, 2)));
    let tags = message.tags();
    assert!(tags.contains(&("invitation", id.to_string())) && tags.contains(&("generation", "2".to_owned())));
}

/// A mail program shows its button only for both fields; a letter that nobody may refuse would promise what is not done.
/// Proves: NT9
#[test]
fn a_letter_says_how_it_is_stopped_in_both_fields_and_at_its_end_or_nowhere() {
    for (name, message) in as_said() {
        let headers = message.headers();
        let field = |wanted: &str| headers.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.as_str());
        let is_refused = !NOT_REFUSED.contains(&message.letter());
        let link = "https://c.example/u/u-1.approvals.AAEC-_";
        let expected = is_refused.then(|| format!("<{link}>"));
        assert_eq!(field("List-Unsubscribe"), expected.as_deref(), "{name}");
        assert_eq!(field("List-Unsubscribe-Post"), is_refused.then_some("List-Unsubscribe=One-Click"), "{name}");
        for part in [message.text(), message.html()] {
            assert_eq!(part.contains(link), is_refused, "{name}: {part}");
        }
    }
}

/// The text of a document, without tags, escapes and differences in white space.
fn read(html: &str) -> String {
    let body = html.split_once("<body").map_or(html, |(_, body)| body);
    let mut text = String::new();
    for (n, part) in body.split(['<', '>']).enumerate() {
        text += if n.is_multiple_of(2) { part } else { " " };
    }
    for (escape, character) in [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")] {
        text = text.replace(escape, character);
    }
    text
}

/// The text without the sign before the name at the top, which is its first letter.
fn without_sign(html: &str) -> String {
    let (before, rest) = html.split_once("<td aria-hidden=\"true\"").unwrap();
    before.to_owned() + rest.split_once('>').unwrap().1.split_once("</td>").unwrap().1
}

#[test]
fn both_parts_say_the_same() {
    for (language, name, message) in as_said_in_all() {
        let reader = &Reader::of(language);
        // What only the HTML part says: other ways to the link, which the text part shows itself.
        let in_html_alone = [or_scan(reader), or_open(reader), stop(reader)];
        let html = without_sign(message.html());
        let html = read(&format!("<{}", html.split_once("<body").unwrap().1));
        let said: BTreeSet<&str> = html.split_whitespace().collect();
        // In French, a colon stands alone.
        let mut text = BTreeSet::from([".", ":"]);
        for line in message.text().lines() {
            let line = line.trim_start().trim_start_matches("> ").trim_start_matches("- ");
            if line.starts_with(stop(reader)) || line.trim() == "--" {
                continue;
            }
            for word in line.split_whitespace() {
                let bare = word.trim_end_matches(':');
                if bare.is_empty() {
                    continue;
                }
                assert!(said.contains(word) || said.contains(bare), "{name}: {word:?} is missing in {html:?}");
                text.extend([word, bare, word.trim_end_matches('.')]);
            }
        }
        let rest = in_html_alone.iter().fold(html.clone(), |html, alone| html.replace(alone, " "));
        for word in rest.split_whitespace() {
            assert!(text.contains(word), "{name}: {word:?} is missing in {}", message.text());
        }
    }
}

/// Gmail cuts a letter after 102 KB, and its end, with the reason for it, is not shown.
const MAX_HTML_BYTES: usize = 100_000;

#[test]
fn no_letter_is_cut_for_its_size() {
    // What takes most room in HTML, in every place for people's text, as long as that may be.
    for text in [HOSTILE, &"<\"\n".repeat(2000), &"<".repeat(5000)] {
        let hostile = Language::ALL.into_iter().flat_map(|language| all_in_with(language, text));
        for (name, message) in hostile.chain(as_said_in_all().map(|(_, name, message)| (name, message))) {
            let bytes = message.html().len();
            assert!(bytes <= MAX_HTML_BYTES, "{name} has {bytes} bytes");
        }
    }
}

/// A reader with a phone sees it without scrolling.
#[test]
fn the_button_comes_after_a_line_or_two() {
    for (_, name, message) in as_said_in_all() {
        let html = message.html().split_once("</h1>").unwrap().1;
        let Some((before, after)) = html.split_once("class=\"button\"") else { continue };
        let before = read(before);
        let said: String = before.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.chars().count() <= 320, "{name}: {said}");
        let details = ["<blockquote", "<ul", "<th", "<h2"];
        let first = |part: &str| details.iter().any(|detail| part.contains(detail));
        assert!(!first(&before) && (first(after) || after.contains("class=\"foot\"")), "{name}");
    }
}

/// The document's tags in order: what a browser would see of its structure.
fn structure(html: &str) -> Vec<&str> {
    html.split('<').skip(1).filter_map(|rest| rest.split(['>', ' ']).next()).collect()
}

/// That `text` changed nothing about the message's shape: `harmless` has `x` in its place.
fn assert_inert(message: &Message, text: &str, harmless: &Message) {
    let subject = message.subject();
    assert!(subject.chars().count() <= 150, "{subject}");
    for part in [subject, message.text(), message.html()] {
        let bad = |c: char| (c.is_control() && c != '\n') || ('\u{202A}'..='\u{202E}').contains(&c);
        assert!(!part.contains(bad), "{part:?}");
    }
    assert!(!subject.contains(['\n', '\u{2028}']), "{subject:?}");
    // A quotation's line breaks are the only tags that text may add.
    let mut tags = structure(message.html());
    let mut expected = structure(harmless.html());
    tags.retain(|tag| *tag != "br");
    expected.retain(|tag| *tag != "br");
    assert_eq!(tags, expected, "{}", message.html());
    // The text part has exactly our own lines, and the quotation's.
    let quoted = |text: &str| Quote::new(text).map_or(0, |quote| quote.lines().len());
    let lines = message.text().lines().count();
    let mut expected = harmless.text().lines().count();
    if harmless.text().contains("\n> x\n") {
        expected += quoted(text) - quoted("x");
    }
    assert_eq!(lines, expected, "{}", message.text());
    for (_, value) in message.headers() {
        assert!(!value.contains(['\r', '\n']), "{value:?}");
    }
}

#[test]
fn hostile_text_is_inert_in_every_message() {
    let in_all = |text| Language::ALL.into_iter().flat_map(move |language| all_in_with(language, text));
    for ((_, message), (_, harmless)) in in_all(HOSTILE).zip(in_all("x")) {
        let (message, harmless) = (&message, &harmless);
        assert_inert(message, HOSTILE, harmless);
        assert!(!message.html().contains("<script") && !message.html().contains("<img src=x"));
        assert!(!message.html().contains("href=\"https://evil"));
        assert!(message.text().contains("{{ 7*7 }}") && message.html().contains("{{ 7*7 }}"));
    }
}

#[test]
fn letters_full_of_hostile_text_look_as_recorded() {
    for (name, message) in all_with(HOSTILE) {
        if ["a_firm_is_invited", "an_approval_is_refused_with_a_reason"].contains(&name) {
            assert_snapshot!(format!("hostile_{name}"), shown(&message));
        }
    }
}

/// A sentence is bounded and harmless even where a letter forgot to make a name a line first.
#[test]
fn a_sentence_is_harmless_whatever_is_put_into_it() {
    let sentence = Line::sentence(&format!("{HOSTILE} asks: {}", "a".repeat(2000)));
    assert!(sentence.as_str().chars().count() <= crate::inert::MAX_SENTENCE_CHARS);
    assert!(!sentence.as_str().contains(|c: char| c.is_control() || c == '\u{202E}' || c == '\u{2028}'));
}

/// The one picture there is: the invitation's own link as a QR code, from where the link leads.
const QR_CODE: &str = "<img src=\"https://c.example/i/in_0192f5c4a7b87c3d9e0f112233445566.1.AAEC-_/qr.png\"";

#[test]
fn no_message_loads_anything_but_an_invitations_qr_code() {
    for (_, message) in all_with("x") {
        let pictures = usize::from(message.letter().starts_with("invitation"));
        assert_eq!(message.html().matches(QR_CODE).count(), pictures, "{}", message.letter());
        let html = message.html().replacen(QR_CODE, "", 1);
        for forbidden in ["<img", "<script", "<link", "<iframe", "url(", "@import", "src="] {
            assert!(!html.contains(forbidden), "{forbidden} in {}", message.letter());
        }
        for link in message.html().split("href=\"").skip(1) {
            assert!(link.starts_with("https://c.example/"), "{link:.60}");
        }
    }
}

#[test]
fn every_tag_is_one_that_ses_takes_and_every_example_has_its_own_name() {
    let messages = all_with("x");
    for (_, value) in messages.iter().flat_map(|(_, message)| message.tags()) {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        assert!(value.len() <= 256 && value.bytes().all(allowed), "{value}");
    }
    let names: BTreeSet<&str> = messages.iter().map(|(name, _)| *name).collect();
    assert_eq!(names.len(), messages.len());
}

#[test]
fn debug_shows_neither_recipient_nor_link() {
    let (_, message) = as_said().remove(0);
    let debugged = format!("{message:?}");
    assert!(!debugged.contains("AAEC") && !debugged.contains("ada"), "{debugged}");
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 64, failure_persistence: None, ..ProptestConfig::default()
    })]
    #[test]
    fn any_text_is_inert(
        text in r#"[a-z<>&"'{}%\r\n\t\x00\u{202e}\u{2028}/=-]{0,200}"#,
        language in prop::sample::select(&Language::ALL[..]),
    ) {
        // Text that vanishes whole leaves optional lines out; that is another shape, not harm.
        prop_assume!(text.chars().any(|c| c.is_ascii_graphic()));
        for ((_, message), (_, harmless)) in all_in_with(language, &text).iter().zip(&all_in_with(language, "x")) {
            assert_inert(message, &text, harmless);
        }
    }
}
