//! What the demo prints, or nothing: the same story is told loudly by `demo` and silently by a test.
//!
//! Everything fits a terminal of 100 columns. Tokens, secrets and signatures are shortened.

use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _};

use serde_json::Value;

use crate::http::Answer;
use crate::mailbox::Message;

const WIDTH: usize = 100;
const MARGIN: &str = "     ";
/// Strings longer than this are tokens or prose; both are shortened in printed JSON.
const LONGEST_STRING: usize = 60;
const MAIL_LINES: usize = 9;

/// Prints each step, request, answer and mail of a story, or stays silent.
#[derive(Debug, Clone, Copy)]
pub struct Narrator {
    loud: bool,
    colour: bool,
}

impl Narrator {
    /// Says nothing.
    #[must_use]
    pub const fn silent() -> Self {
        Self { loud: false, colour: false }
    }

    /// Prints to standard output, in colour where that is a terminal and `NO_COLOR` is unset.
    #[must_use]
    pub fn loud() -> Self {
        Self { loud: true, colour: std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none() }
    }

    /// The head of the whole story.
    pub fn title(&self, title: &str, subtitle: &str) {
        self.print(&format!("\n {}\n {}\n", self.bold(title), self.dim(subtitle)));
    }

    /// Opens a numbered step.
    pub fn step(&self, number: usize, title: &str) {
        let rule = "─".repeat(WIDTH.saturating_sub(title.chars().count() + 7));
        self.print(&format!("\n {} {} {}\n", self.bold(&format!("{number:>2} ")), self.bold(title), self.dim(&rule)));
    }

    /// Says, before a request, who does what and why it matters.
    pub fn says(&self, text: &str) {
        let mut out = String::from("\n");
        for line in wrap(text, WIDTH - MARGIN.len()) {
            let _ = writeln!(out, "{MARGIN}{line}");
        }
        self.print(&out);
    }

    /// Says what the exchange above proved.
    pub fn proved(&self, text: &str) {
        let mut out = String::new();
        for (index, line) in wrap(text, WIDTH - MARGIN.len() - 2).iter().enumerate() {
            let mark = if index == 0 { self.paint("32", "✓") } else { " ".to_owned() };
            let _ = writeln!(out, "{MARGIN}{mark} {line}");
        }
        self.print(&out);
    }

    /// A request that does not go to the API: to the identity provider, the payment provider, a schedule.
    pub fn elsewhere(&self, line: &str, outcome: &str) {
        self.print(&format!("{MARGIN}{} {line}\n{MARGIN}{} {outcome}\n", self.paint("36", "→"), self.paint("36", "←")));
    }

    /// One exchange with the API.
    #[allow(clippy::too_many_arguments, reason = "one caller, and a struct would only rename the list")]
    pub(crate) fn exchange(
        &self,
        who: Option<&str>,
        place: Option<&str>,
        method: &str,
        path: &str,
        body: Option<&Value>,
        answer: &Answer,
        showing: &[&str],
    ) {
        if !self.loud {
            return;
        }
        let mut out = String::new();
        let who = match (who, place) {
            (Some(who), Some(place)) => format!("{who}, in {place}"),
            (Some(who), None) => who.to_owned(),
            (None, _) => "nobody in particular".to_owned(),
        };
        let request = format!("{method} {}", short_path(path));
        let gap = WIDTH.saturating_sub(MARGIN.len() + 2 + request.chars().count() + who.chars().count()).max(2);
        let arrow = self.paint("36", "→");
        let _ = writeln!(out, "{MARGIN}{arrow} {}{}{}", self.bold(&request), " ".repeat(gap), self.dim(&who));
        if let Some(body) = body {
            for line in pretty(&shortened(body)) {
                let _ = writeln!(out, "{MARGIN}  {}", self.dim(&line));
            }
        }
        let colour = if answer.status < 400 { "32" } else { "33" };
        let status = format!("{} {}", answer.status, reason(answer.status));
        let _ = writeln!(out, "{MARGIN}{} {}", self.paint("36", "←"), self.paint(colour, &status));
        let media = answer.header("content-type").unwrap_or_default();
        if media.contains("json") && !answer.bytes.is_empty() {
            for line in pretty(&picked(&shortened(&answer.json()), showing)) {
                let _ = writeln!(out, "{MARGIN}  {line}");
            }
        } else if media.contains("html") {
            for line in page_text(&answer.text()).iter().take(MAIL_LINES) {
                let _ = writeln!(out, "{MARGIN}  {} {line}", self.dim("│"));
            }
        }
        self.print(&out);
    }

    /// A mail that arrived.
    pub fn mail(&self, mail: &Message) {
        if !self.loud {
            return;
        }
        let mut out = String::new();
        let envelope = self.paint("35", "✉");
        let _ = writeln!(out, "{MARGIN}{envelope} {} {}", self.dim("to     "), mail.to.join(", "));
        let _ = writeln!(out, "{MARGIN}  {} {}", self.dim("subject"), self.bold(&mail.subject));
        let room = WIDTH - MARGIN.len() - 4;
        let lines: Vec<String> = mail
            .text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .flat_map(|line| wrap(&short_link(line, room), room))
            .collect();
        for line in lines.iter().take(MAIL_LINES) {
            let _ = writeln!(out, "{MARGIN}  {} {line}", self.dim("│"));
        }
        if lines.len() > MAIL_LINES {
            let _ = writeln!(out, "{MARGIN}  {}", self.dim("│ …"));
        }
        self.print(&out);
    }

    /// An aligned table; the last column takes what is left of the line.
    pub fn table(&self, heads: &[&str], rows: &[Vec<String>]) {
        if !self.loud {
            return;
        }
        let mut widths: Vec<usize> = heads.iter().map(|head| head.chars().count()).collect();
        for row in rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let last = widths.len().saturating_sub(1);
        let before: usize = widths.iter().take(last).map(|width| width + 2).sum();
        let room = WIDTH.saturating_sub(before + 1).max(10);
        let line = |cells: &[String]| {
            let mut out = String::from(" ");
            for (index, (cell, width)) in cells.iter().zip(&widths).enumerate() {
                if index == last {
                    out.push_str(&clip(cell, room));
                } else {
                    let _ = write!(out, "{cell:<width$}  ");
                }
            }
            out.trim_end().to_owned()
        };
        let heads: Vec<String> = heads.iter().map(|head| (*head).to_owned()).collect();
        let mut out = format!("\n{}\n {}\n", self.bold(&line(&heads)), self.dim(&"─".repeat(WIDTH - 1)));
        for row in rows {
            let _ = writeln!(out, "{}", line(row));
        }
        self.print(&out);
    }

    /// A line of `name  value`.
    pub fn fact(&self, name: &str, value: &str) {
        self.print(&format!(" {} {value}\n", self.dim(&format!("{name:<14}"))));
    }

    fn print(&self, text: &str) {
        if self.loud {
            // A closed pipe (`make demo | head`) ends the story; it is no failure of the product.
            if std::io::stdout().lock().write_all(text.as_bytes()).is_err() {
                std::process::exit(0);
            }
        }
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn bold(&self, text: &str) -> String {
        self.paint("1", text)
    }

    fn dim(&self, text: &str) -> String {
        self.paint("2", text)
    }
}

/// The first `room` characters, with a mark where something was cut.
#[must_use]
pub fn clip(text: &str, room: usize) -> String {
    if text.chars().count() <= room {
        return text.to_owned();
    }
    text.chars().take(room.saturating_sub(1)).chain(['…']).collect()
}

fn wrap(text: &str, room: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("never empty");
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > room {
            lines.push(word.to_owned());
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

/// The path without the stack's address, long link tokens cut.
fn short_path(path: &str) -> String {
    let path = path.find("/i/").filter(|_| path.starts_with("http")).and_then(|at| path.get(at..)).unwrap_or(path);
    clip(path, 58)
}

/// A link in a mail, cut to the line's width: it must stay recognisable, not clickable.
fn short_link(line: &str, room: usize) -> String {
    line.split_whitespace()
        .map(|word| if word.starts_with("http") { clip(word, room.min(78)) } else { word.to_owned() })
        .collect::<Vec<_>>()
        .join(" ")
}

fn shortened(value: &Value) -> Value {
    match value {
        Value::String(text) if text.starts_with("eyJ") || text.contains("_secret_") => {
            Value::String(format!("{}…", text.chars().take(14).collect::<String>()))
        }
        Value::String(text) if text.chars().count() > LONGEST_STRING => Value::String(clip(text, LONGEST_STRING)),
        Value::Array(items) => Value::Array(items.iter().map(shortened).collect()),
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|(name, member)| {
                    let secret = ["token", "password", "client_secret"].contains(&name.as_str());
                    let member = match member {
                        Value::String(text) if secret => {
                            Value::String(format!("{}…", text.chars().take(8).collect::<String>()))
                        }
                        other => shortened(other),
                    };
                    (name.clone(), member)
                })
                .collect(),
        ),
        other => other.clone(),
    }
}

/// Only the named parts of an answer; a problem document is always shown whole.
fn picked(value: &Value, pointers: &[&str]) -> Value {
    if pointers.is_empty() || value.get("type").is_some_and(|kind| kind.as_str().is_some_and(|k| k.starts_with("urn:")))
    {
        return value.clone();
    }
    let mut out = serde_json::Map::new();
    for pointer in pointers {
        if let Some(part) = value.pointer(pointer) {
            out.insert(pointer.trim_start_matches('/').replace('/', "."), part.clone());
        }
    }
    Value::Object(out)
}

/// JSON in few lines: anything that fits a line stays on one.
fn pretty(value: &Value) -> Vec<String> {
    let room = WIDTH - MARGIN.len() - 2;
    let flat = one_line(value);
    if flat.chars().count() <= room {
        return vec![flat];
    }
    lay_out(value, 0, room)
}

fn lay_out(value: &Value, depth: usize, room: usize) -> Vec<String> {
    let indent = "  ".repeat(depth);
    let flat = one_line(value);
    if flat.chars().count() + indent.len() <= room {
        return vec![format!("{indent}{flat}")];
    }
    let (open, close, parts): (_, _, Vec<(Option<&String>, &Value)>) = match value {
        Value::Array(items) => ('[', ']', items.iter().map(|item| (None, item)).collect()),
        Value::Object(members) => ('{', '}', members.iter().map(|(name, member)| (Some(name), member)).collect()),
        _ => return vec![clip(&format!("{indent}{flat}"), room)],
    };
    let mut lines = vec![format!("{indent}{open}")];
    let last = parts.len().saturating_sub(1);
    for (index, (name, part)) in parts.into_iter().enumerate() {
        let mut block = lay_out(part, depth + 1, room.saturating_sub(name.map_or(0, |name| name.chars().count() + 4)));
        if let (Some(name), Some(first)) = (name, block.first_mut()) {
            *first = format!("{indent}  \"{name}\": {}", first.trim_start());
        }
        if let (true, Some(end)) = (index < last, block.last_mut()) {
            end.push(',');
        }
        lines.append(&mut block);
    }
    lines.push(format!("{indent}{close}"));
    lines
}

/// JSON on one line with a space after each colon and comma, as a person would write it.
fn one_line(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(one_line).collect::<Vec<_>>().join(", ")),
        Value::Object(members) if members.is_empty() => "{}".to_owned(),
        Value::Object(members) => {
            let inside: Vec<String> =
                members.iter().map(|(name, member)| format!("\"{name}\": {}", one_line(member))).collect();
            format!("{{ {} }}", inside.join(", "))
        }
        other => other.to_string(),
    }
}

/// What a person reads on an HTML page: its text without markup, style and script.
#[must_use]
pub fn page_text(html: &str) -> Vec<String> {
    let mut text = String::new();
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        let (before, tag) = rest.split_at(open);
        text.push_str(before);
        let name: String = tag
            .chars()
            .skip(1)
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '/')
            .collect::<String>()
            .to_lowercase();
        let skip_to = match name.as_str() {
            "style" => "</style>",
            "script" => "</script>",
            "title" => "</title>",
            _ => ">",
        };
        if !["a", "/a", "strong", "/strong", "em", "/em", "b", "/b", "span", "/span", "code", "/code"]
            .contains(&name.as_str())
        {
            text.push('\n');
        }
        rest = tag.find(skip_to).and_then(|at| tag.get(at + skip_to.len()..)).unwrap_or_default();
    }
    text.push_str(rest);
    let plain = text
        .replace("&amp;", "&")
        .replace("&#38;", "&")
        .replace("&#39;", "'")
        .replace("&#x27;", "'")
        .replace("&#34;", "\"")
        .replace("&quot;", "\"")
        .replace("&lt;", "<")
        .replace("&gt;", ">");
    plain
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|line| !line.is_empty())
        .flat_map(|line| wrap(&line, WIDTH - MARGIN.len() - 4))
        .collect()
}

fn reason(status: u16) -> &'static str {
    reqwest::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{WIDTH, clip, page_text, picked, pretty, shortened, wrap};

    #[test]
    fn everything_fits_the_terminal() {
        let long = json!({
            "invitation": {
                "id": "in_019aa0c5e1d87f30a1b2c3d4e5f60718", "kind": "firm", "email": "someone@example.com",
                "permissions": ["dashboard.view", "reports.view", "bank.view", "invoices.view", "approvals.view"],
                "message": "Could you take over our books from December, and the VAT return of November as well?",
                "nested": { "deeply": { "so": { "that": "x".repeat(59), "it": "y".repeat(59) } } },
            },
        });
        let lines = pretty(&shortened(&long));
        assert!(lines.len() > 3);
        for line in lines {
            assert!(line.chars().count() + 7 <= WIDTH, "{line}");
        }
    }

    #[test]
    fn what_is_short_stays_on_one_line() {
        assert_eq!(pretty(&json!({ "n": [1, 2], "ok": true })), [r#"{ "n": [1, 2], "ok": true }"#]);
    }

    #[test]
    fn secrets_are_shortened() {
        let shown =
            shortened(&json!({ "password": "Correct-Horse", "context_token": "eyJhbGciOiJFUzI1NiJ9.eyJzdWIi" }));
        assert_eq!(shown, json!({ "password": "Correct-…", "context_token": "eyJhbGciOiJFUz…" }));
    }

    #[test]
    fn a_problem_is_always_shown_whole() {
        let problem = json!({ "type": "urn:countersign:problem:gone", "title": "Gone" });
        assert_eq!(picked(&problem, &["/outcome"]), problem);
        assert_eq!(picked(&json!({ "a": 1, "b": 2 }), &["/b"]), json!({ "b": 2 }));
    }

    #[test]
    fn a_page_is_its_text() {
        let html =
            "<html><head><style>p{}</style><title>T</title></head><body><h1>Hi &amp; ho</h1><p>One <b>two</b></p>";
        assert_eq!(page_text(html), ["Hi & ho", "One two"]);
    }

    #[test]
    fn lines_break_between_words_and_cuts_are_marked() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(clip("abcdef", 4), "abc…");
    }
}
