//! Text for a terminal: broken between words, cut with a mark, read off a page.

/// The first `room` characters, with a mark where something was cut.
#[must_use]
pub fn clip(text: &str, room: usize) -> String {
    if text.chars().count() <= room {
        return text.to_owned();
    }
    text.chars().take(room.saturating_sub(1)).chain(['…']).collect()
}

/// Lines of at most `room` characters, broken between words.
pub(crate) fn wrap(text: &str, room: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let word = clip(word, room);
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= room => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines
}

/// A path with its ids and link secrets cut: `/v1/contexts/co_01a1…1c61`, `/i/in_01a1…hFBE/account`.
pub(crate) fn short_path(path: &str) -> String {
    let path = if path.starts_with("http") { path.splitn(4, '/').nth(3).unwrap_or(path) } else { path };
    let path = path.trim_start_matches('/');
    let parts: Vec<String> = path
        .split('/')
        .map(|part| {
            let count = part.chars().count();
            if count < 24 || part.contains('?') {
                return part.to_owned();
            }
            let tail: String = part.chars().skip(count.saturating_sub(4)).collect();
            format!("{}{tail}", clip(part, 8))
        })
        .collect();
    format!("/{}", parts.join("/"))
}

/// What a person reads on an HTML page: its text without markup, style and script, line by line.
#[must_use]
pub fn page_text(html: &str) -> Vec<String> {
    const INLINE: [&str; 14] =
        ["a", "/a", "strong", "/strong", "em", "/em", "b", "/b", "span", "/span", "code", "/code", "time", "/time"];
    let mut text = String::new();
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        let (before, tag) = rest.split_at(open);
        text.push_str(before);
        let name: String = tag.chars().skip(1).take_while(|c| c.is_ascii_alphanumeric() || *c == '/').collect();
        let name = name.to_lowercase();
        let skip_to = match name.as_str() {
            "style" => "</style>",
            "script" => "</script>",
            "title" => "</title>",
            _ => ">",
        };
        if !INLINE.contains(&name.as_str()) {
            text.push('\n');
        }
        rest = tag.find(skip_to).and_then(|at| tag.get(at + skip_to.len()..)).unwrap_or_default();
    }
    text.push_str(rest);
    let plain = ["&#38;", "&#39;", "&#34;", "&#60;", "&#62;", "&#x27;", "&quot;", "&lt;", "&gt;", "&amp;"]
        .into_iter()
        .zip(["&", "'", "\"", "<", ">", "'", "\"", "<", ">", "&"])
        .fold(text, |text, (entity, letter)| text.replace(entity, letter));
    plain
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|line| !line.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{clip, page_text, short_path, wrap};

    #[test]
    fn a_page_is_its_text() {
        let html =
            "<html><head><style>p{}</style><title>T</title></head><body><h1>Hi &amp; ho</h1><p>One <b>two</b></p>";
        assert_eq!(page_text(html), ["Hi & ho", "One two"]);
    }

    #[test]
    fn lines_break_between_words_and_cuts_are_marked() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("", 7), Vec::<String>::new());
        assert_eq!(clip("abcdef", 4), "abc…");
    }

    #[test]
    fn ids_in_paths_are_cut_and_names_are_not() {
        assert_eq!(short_path("/v1/contexts/co_01a1ffb85cfe70338096f8c92fb61c61"), "/v1/contexts/co_01a1…1c61");
        assert_eq!(
            short_path("http://127.0.0.1:1/i/in_01a1ffb85cfe70338096f8c92fb61c61.1.x/account"),
            "/i/in_01a1….1.x/account"
        );
        assert_eq!(short_path("/v1/approvals/PAY-2026-118/decision"), "/v1/approvals/PAY-2026-118/decision");
    }
}
