//! Sentences with names in them.

use askama::Template;

/// What stands before a name in a sentence and after it: the first strong isolate and its end (Unicode Standard Annex
/// 9). No name contains them, and a name in another script leaves the order of the rest as it is.
const START: char = '\u{2068}';
const END: char = '\u{2069}';

/// A name, to be put into a sentence that [`Sentence`] shows.
#[must_use]
pub fn named(name: &str) -> String {
    let name = name.replace([START, END], "");
    format!("{START}{name}{END}")
}

/// A sentence whose names stand out, in whatever order its language has them. It is markup for a template, in which all
/// text is escaped: `{{ it|safe }}`.
#[derive(Debug, Template)]
#[template(
    source = "{% for (name, text) in parts %}{% if *name %}<strong>{{ text }}</strong>{% else %}{{ text }}{% endif %}{% endfor %}",
    ext = "html"
)]
pub struct Sentence {
    /// The text in parts, and whether each is a name.
    parts: Vec<(bool, String)>,
}

impl Sentence {
    /// A sentence, its names [`named`].
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut parts = Vec::new();
        for (n, piece) in text.split(START).enumerate() {
            let (name, rest) = if n == 0 { ("", piece) } else { piece.split_once(END).unwrap_or((piece, "")) };
            parts.extend([(true, name), (false, rest)]);
        }
        parts.retain(|(_, text)| !text.is_empty());
        Self { parts: parts.into_iter().map(|(is_name, text)| (is_name, text.to_owned())).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A name would otherwise be markup on the page, or end the part that is set apart early.
    #[test]
    fn names_stand_out_and_all_text_is_escaped() {
        let sentence = |name: &str| Sentence::new(&format!("To {} & co: {}.", named(name), named("B"))).to_string();
        assert_eq!(sentence("Ada"), "To <strong>Ada</strong> &#38; co: <strong>B</strong>.");
        let hostile = sentence("</strong><script>\u{2069}\u{2068}x");
        assert_eq!(hostile, "To <strong>&#60;/strong&#62;&#60;script&#62;x</strong> &#38; co: <strong>B</strong>.");
        assert_eq!(Sentence::new("<i>").to_string(), "&#60;i&#62;");
    }
}
