//! The output of the demo, or none: `demo` prints the story, and a test runs it silently.
//!
//! Everything fits a terminal of 100 columns. Tokens, secrets and signatures are shortened.

mod json;
mod text;

use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _};

use crate::answer::Answer;
use crate::mailbox::Message;
use json::Json;
pub use text::{clip, page_text};
use text::{short_path, wrap};

const WIDTH: usize = 100;
const MARGIN: &str = "     ";
/// What is left of a line beside the margin and an arrow.
const ROOM: usize = WIDTH - MARGIN.len() - 2;
const EXCERPT_LINES: usize = 9;

/// What the demo tells of a request.
#[derive(Debug)]
pub(crate) struct Told<'a> {
    pub(crate) who: Option<&'a str>,
    pub(crate) place: Option<&'a str>,
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) body: Option<&'a [u8]>,
    pub(crate) showing: &'a [&'static str],
}

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

    /// Prints what the exchange above proved.
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
    pub(crate) fn exchange(&self, told: &Told<'_>, answer: &Answer) {
        if !self.loud {
            return;
        }
        let mut out = String::new();
        let who = match (told.who, told.place) {
            (Some(who), Some(place)) => format!("{who}, in {place}"),
            (Some(who), None) => who.to_owned(),
            (None, _) => "not signed in".to_owned(),
        };
        let request = format!("{} {}", told.method, short_path(told.path));
        let taken = MARGIN.len() + 2 + request.chars().count() + who.chars().count();
        let gap = " ".repeat(WIDTH.saturating_sub(taken).max(2));
        let _ = writeln!(out, "{MARGIN}{} {}{gap}{}", self.paint("36", "→"), self.bold(&request), self.dim(&who));
        if let Some(body) = told.body.and_then(|body| serde_json::from_slice::<Json>(body).ok()) {
            for line in body.shortened().lines(ROOM) {
                let _ = writeln!(out, "{MARGIN}  {}", self.dim(&line));
            }
        }
        let colour = if answer.status < 400 { "32" } else { "33" };
        let status = format!("{} {}", answer.status, reason(answer.status));
        let _ = writeln!(out, "{MARGIN}{} {}", self.paint("36", "←"), self.paint(colour, &status));
        let media = answer.header("content-type").unwrap_or_default();
        if media.contains("html") {
            let lines: Vec<String> = page_text(&answer.text()).iter().flat_map(|line| wrap(line, ROOM - 2)).collect();
            self.excerpt(&mut out, &lines);
        } else if let Ok(json) = serde_json::from_slice::<Json>(&answer.bytes) {
            for line in json.picked(told.showing).shortened().lines(ROOM) {
                let _ = writeln!(out, "{MARGIN}  {line}");
            }
        }
        self.print(&out);
    }

    fn excerpt(&self, out: &mut String, lines: &[String]) {
        for line in lines.iter().take(EXCERPT_LINES) {
            let _ = writeln!(out, "{MARGIN}  {} {line}", self.dim("│"));
        }
        if lines.len() > EXCERPT_LINES {
            let _ = writeln!(out, "{MARGIN}  {}", self.dim("│ …"));
        }
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
        let lines: Vec<String> = mail
            .text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && *line != mail.subject)
            .take_while(|line| *line != "--")
            .flat_map(|line| wrap(line, ROOM - 2))
            .collect();
        self.excerpt(&mut out, &lines);
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
    pub fn event(&self, name: &str, value: &str) {
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

fn reason(status: u16) -> &'static str {
    reqwest::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or_default()
}
