//! Text from people, made harmless for a place in a message.

use std::fmt;

use domain::Name;

/// Longest name, title or number in a message, in characters.
pub const MAX_LINE_CHARS: usize = 120;

/// Longest subject, in characters; mail programs show about half of it.
pub const MAX_SUBJECT_CHARS: usize = 150;

/// Longest name within a subject, in characters: two of them leave room for our own words.
pub const MAX_SUBJECT_NAME_CHARS: usize = 50;

/// Longest sentence of ours with people's text in it, in characters.
pub const MAX_SENTENCE_CHARS: usize = 800;

/// Longest message or reason, in characters.
pub const MAX_QUOTE_CHARS: usize = 2000;

/// Most lines of a message or reason; the rest is left out, so that nobody can push our own words
/// out of sight.
pub const MAX_QUOTE_LINES: usize = 60;

/// One line: no line breaks, no control or invisible direction characters, bounded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line(String);

impl Line {
    /// A name, title or number of at most [`MAX_LINE_CHARS`] characters, cut with `…`.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(one_line(text, MAX_LINE_CHARS))
    }

    /// A name that may be missing; `None` too where nothing of it can be read.
    #[must_use]
    pub fn if_any(text: Option<&str>) -> Option<Self> {
        text.map(Self::new).filter(|line| !line.0.is_empty())
    }

    /// The same name in at most [`MAX_SUBJECT_NAME_CHARS`] characters, for a place in a subject.
    #[must_use]
    pub fn short(&self) -> Self {
        Self(one_line(&self.0, MAX_SUBJECT_NAME_CHARS))
    }

    /// A sentence of ours of at most [`MAX_SENTENCE_CHARS`] characters, cut with `…`. Text that people wrote
    /// is harmless in it whether or not it was a line of its own before.
    #[must_use]
    pub fn sentence(text: &str) -> Self {
        Self(one_line(text, MAX_SENTENCE_CHARS))
    }

    /// A subject of at most [`MAX_SUBJECT_CHARS`] characters, cut with `…`.
    #[must_use]
    pub fn subject(text: &str) -> Self {
        Self(one_line(text, MAX_SUBJECT_CHARS))
    }

    /// The line itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Line {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<&Name> for Line {
    fn from(name: &Name) -> Self {
        Self::new(name.as_str())
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a person wrote to another, line by line, to be shown as a quotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote(Vec<Line>);

impl Quote {
    /// A message or reason of at most [`MAX_QUOTE_CHARS`] characters and [`MAX_QUOTE_LINES`] lines,
    /// cut with `…`; nothing if there is nothing to read in it.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let kept: String = text.trim().chars().take(MAX_QUOTE_CHARS).collect();
        let cut = kept.len() < text.trim().len();
        let breaks = |c: char| matches!(c, '\n' | '\u{0B}' | '\u{0C}' | '\u{85}' | '\u{2028}' | '\u{2029}');
        let kept = kept.replace("\r\n", "\n").replace('\r', "\n");
        let mut lines: Vec<Line> =
            kept.split(breaks).take(MAX_QUOTE_LINES).map(|line| Line(one_line(line, MAX_QUOTE_CHARS))).collect();
        if cut || kept.split(breaks).count() > MAX_QUOTE_LINES {
            lines.push(Line("…".to_owned()));
        }
        lines.iter().any(|line| !line.0.is_empty()).then_some(Self(lines))
    }

    /// The lines, empty ones among them.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.0
    }
}

/// Runs of white space and control characters become one space, invisible characters vanish (they
/// stand inside words), and what is longer than `max_chars` is cut with `…`.
fn one_line(text: &str, max_chars: usize) -> String {
    let mut line = String::new();
    for c in text.chars().filter(|c| !is_invisible(*c)) {
        // Spaces at which a line does not break stand inside amounts of money.
        let is_inside =
            matches!(c, '\u{A0}' | '\u{202F}') && line.chars().next_back().is_some_and(|c| !c.is_whitespace());
        if is_inside || (!c.is_whitespace() && !c.is_control()) {
            line.push(c);
        } else if line.chars().next_back().is_some_and(|c| !c.is_whitespace()) {
            line.push(' ');
        }
    }
    line.truncate(line.trim_end().len());
    if line.chars().count() > max_chars {
        line = line.chars().take(max_chars.saturating_sub(1)).collect();
        line.push('…');
    }
    line
}

/// Characters that show nothing themselves but turn the direction of what follows (Unicode
/// Technical Report 36), split or carry words unseen. The joiners U+200C and U+200D stay: Persian,
/// Indic scripts and emoji are written with them.
const fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{FEFF}'
        | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FFF9}'..='\u{FFFB}'
        | '\u{E0000}'..='\u{E007F}'
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lines(text: &str) -> Vec<String> {
        Quote::new(text).unwrap().lines().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_name_is_one_line_without_anything_unseen() {
        for (text, expected) in [
            ("Ada Lovelace", "Ada Lovelace"),
            ("  Ada \t Lovelace ", "Ada Lovelace"),
            ("Ada\r\nBcc: eve@evil.example", "Ada Bcc: eve@evil.example"),
            ("Ada\u{2028}Love\u{0}lace\u{85}", "Ada Love lace"),
            ("gpj.\u{202E}exe\u{2066}", "gpj.exe"),
            ("A\u{200B}da\u{FEFF}\u{E0041}", "Ada"),
            ("محمد \u{200C} نام", "محمد \u{200C} نام"),
            ("<b>Ada</b> & {{ co }}", "<b>Ada</b> & {{ co }}"),
            ("\u{202E}\n", ""),
        ] {
            assert_eq!(Line::new(text).as_str(), expected, "{text:?}");
        }
    }

    #[test]
    fn what_is_too_long_is_cut_and_says_so() {
        assert_eq!(Line::new(&"é".repeat(120)).as_str(), "é".repeat(120));
        assert_eq!(Line::new(&"é".repeat(121)).as_str(), format!("{}…", "é".repeat(119)));
        assert_eq!(Line::subject(&"a ".repeat(100)).as_str().chars().count(), 150);
    }

    #[test]
    fn a_message_keeps_its_lines_and_nothing_else() {
        assert_eq!(lines("Hello,\r\n\r\nplease  join.\rAda\n"), ["Hello,", "", "please join.", "Ada"]);
        assert_eq!(lines("a\u{2028}b\u{85}c\u{0B}d"), ["a", "b", "c", "d"]);
        assert_eq!(Quote::new(" \n\u{202E}\n\u{7}"), None);
    }

    #[test]
    fn a_message_is_bounded_in_characters_and_lines() {
        let long = lines(&"x".repeat(3000));
        assert_eq!(long, ["x".repeat(2000), "…".to_owned()]);
        let tall = lines(&"x\n".repeat(500));
        assert_eq!(tall.len(), MAX_QUOTE_LINES + 1);
        assert_eq!(tall.last().unwrap(), "…");
    }

    proptest! {
        #[test]
        fn every_line_is_printable_and_bounded(text in any::<String>()) {
            let line = Line::new(&text).to_string();
            prop_assert!(line.chars().count() <= MAX_LINE_CHARS);
            prop_assert!(!line.chars().any(|c| c.is_control() || is_invisible(c)));
            let breaks = ['\u{2028}', '\u{2029}'];
            prop_assert!(!line.contains(breaks));
            prop_assert_eq!(line.trim(), &line);
            // Once is enough.
            prop_assert_eq!(Line::new(&line).to_string(), line);
        }

        #[test]
        fn every_line_of_a_message_is_printable(text in any::<String>()) {
            for line in Quote::new(&text).iter().flat_map(Quote::lines) {
                prop_assert!(!line.as_str().chars().any(|c| c.is_control() || is_invisible(c)));
            }
        }
    }
}
