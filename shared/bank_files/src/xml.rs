//! XML one token at a time. Nothing of it is kept but the names of the elements that are open and the text of the last one.
//!
//! Document types are refused, and of references only those to a character: nothing is expanded. The tokenizer checks each
//! token; that tags match, that there is one root and that it ends is checked here.

use std::borrow::Cow;

use xmlparser::{ElementEnd, Token, Tokenizer};

use crate::{
    error::{FileError, Reason},
    place::Path,
};

/// What happened last.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step<'t> {
    /// The innermost element of the path begins.
    Opened,
    /// The innermost element of the path ends. With its text, where it has no elements, without white space around it.
    Closed(Cow<'t, str>),
}

/// Reads a text.
#[derive(Debug)]
pub(crate) struct Reader<'t> {
    text: &'t str,
    tokens: Tokenizer<'t>,
    path: Path<'t>,
    prefixes: Vec<&'t str>,
    /// Declared namespaces: prefix and name. The last one counts, wherever it was declared.
    namespaces: Vec<(&'t str, &'t str)>,
    /// Where the last token ends.
    offset: usize,
    /// The text since the last tag.
    value: Cow<'t, str>,
    /// The attribute `Ccy` of the element that began last.
    currency: Option<&'t str>,
    /// From which element on paths are shown.
    shown_from: usize,
    is_empty_element: bool,
    is_to_close: bool,
    had_root: bool,
}

/// The most declarations of namespaces in a file.
const MAX_NAMESPACES: usize = 50;

impl<'t> Reader<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self {
            text,
            tokens: Tokenizer::from(text),
            path: Path::default(),
            prefixes: Vec::new(),
            namespaces: Vec::new(),
            offset: 0,
            value: Cow::Borrowed(""),
            currency: None,
            shown_from: 0,
            is_empty_element: false,
            is_to_close: false,
            had_root: false,
        }
    }

    pub(crate) fn path(&self) -> &[&'t str] {
        self.path.names()
    }

    /// The attribute `Ccy` of the element that ends: it has no elements in it.
    pub(crate) const fn currency(&self) -> Option<&'t str> {
        self.currency
    }

    /// The namespace of the innermost element.
    pub(crate) fn namespace(&self) -> Option<&'t str> {
        let prefix = self.prefixes.last()?;
        self.namespaces.iter().rev().find(|(declared, _)| declared == prefix).map(|(_, name)| *name)
    }

    /// Paths in errors begin at the nth element.
    pub(crate) const fn show_from(&mut self, nth: usize) {
        self.shown_from = nth;
    }

    /// An error at the innermost element.
    pub(crate) fn error(&self, reason: Reason) -> FileError {
        self.error_at("", reason)
    }

    /// An error at a field of the innermost element.
    pub(crate) fn error_at(&self, field: &str, reason: Reason) -> FileError {
        FileError::at(self.text, self.offset, self.path.text(self.shown_from, field), reason)
    }

    /// The next step; `None` after the root.
    pub(crate) fn step(&mut self) -> Result<Option<Step<'t>>, FileError> {
        if self.is_to_close {
            self.is_to_close = false;
            self.path.close();
            self.prefixes.pop();
        }
        if self.is_empty_element {
            self.is_empty_element = false;
            return Ok(Some(self.closed()?));
        }
        loop {
            let Some(token) = self.tokens.next() else {
                let is_over = self.had_root && self.path.names().is_empty();
                self.offset = self.text.len();
                return if is_over { Ok(None) } else { Err(self.error(Reason::Truncated)) };
            };
            let token = token.map_err(|_| self.not_a_token())?;
            self.offset = token.span().end();
            if let Some(step) = self.take(token)? {
                return Ok(Some(step));
            }
        }
    }

    fn take(&mut self, token: Token<'t>) -> Result<Option<Step<'t>>, FileError> {
        match token {
            Token::DtdStart { .. }
            | Token::EmptyDtd { .. }
            | Token::EntityDeclaration { .. }
            | Token::DtdEnd { .. } => Err(self.error(Reason::DocumentType)),
            Token::ElementStart { prefix, local, .. } => {
                self.had_root = true;
                self.path.open(local.as_str()).map_err(|reason| self.error(reason))?;
                self.prefixes.push(prefix.as_str());
                self.value = Cow::Borrowed("");
                self.currency = None;
                Ok(None)
            }
            Token::Attribute { prefix, local, value, .. } => {
                self.attribute(prefix.as_str(), local.as_str(), value.as_str()).map(|()| None)
            }
            Token::ElementEnd { end: ElementEnd::Open, .. } => Ok(Some(Step::Opened)),
            Token::ElementEnd { end: ElementEnd::Empty, .. } => {
                self.is_empty_element = true;
                Ok(Some(Step::Opened))
            }
            Token::ElementEnd { end: ElementEnd::Close(prefix, local), .. } => {
                let is_open =
                    self.path.names().last() == Some(&local.as_str()) && self.prefixes.last() == Some(&prefix.as_str());
                if !is_open {
                    return Err(self.error(Reason::WrongEnd(shortened(local.as_str()))));
                }
                self.closed().map(Some)
            }
            Token::Text { text } => {
                let text = self.decoded(text.as_str())?;
                self.append(text);
                Ok(None)
            }
            Token::Cdata { text, .. } => {
                self.append(Cow::Borrowed(text.as_str()));
                Ok(None)
            }
            Token::Declaration { .. } | Token::ProcessingInstruction { .. } | Token::Comment { .. } => Ok(None),
        }
    }

    fn attribute(&mut self, prefix: &'t str, local: &'t str, value: &'t str) -> Result<(), FileError> {
        let _checked = self.decoded(value)?;
        match (prefix, local) {
            ("", "Ccy") if self.currency.is_some() => return Err(self.error_at("@Ccy", Reason::Twice)),
            ("", "Ccy") => self.currency = Some(value.trim()),
            ("", "xmlns") => self.namespaces.push(("", value)),
            ("xmlns", declared) => self.namespaces.push((declared, value)),
            _ => {}
        }
        if self.namespaces.len() > MAX_NAMESPACES {
            return Err(self.error(Reason::TooMany { what: "namespaces", most: MAX_NAMESPACES }));
        }
        Ok(())
    }

    fn append(&mut self, text: Cow<'t, str>) {
        if self.value.is_empty() {
            self.value = text;
        } else {
            self.value.to_mut().push_str(&text);
        }
    }

    fn closed(&mut self) -> Result<Step<'t>, FileError> {
        self.is_to_close = true;
        let value = std::mem::take(&mut self.value);
        Ok(Step::Closed(match value {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        }))
    }

    fn decoded(&self, text: &'t str) -> Result<Cow<'t, str>, FileError> {
        decoded(text)
            .map_err(|entity| self.error(entity.map_or(Reason::Malformed, |entity| Reason::Entity(shortened(entity)))))
    }

    /// Why the tokenizer did not go on after the last token.
    fn not_a_token(&mut self) -> FileError {
        let rest = self.text.get(self.offset..).unwrap_or_default();
        let next = rest.trim_start();
        self.offset = self.text.len().saturating_sub(next.len());
        let is_tag = |rest: &str| rest.strip_prefix('<').is_some_and(|name| !name.starts_with(['!', '?', '/']));
        let reason = if next.starts_with("<!DOCTYPE") {
            Reason::DocumentType
        } else if self.had_root && self.path.names().is_empty() && is_tag(next) {
            Reason::TwoRoots
        } else if next.starts_with('<') && !next.contains('>') {
            Reason::Truncated
        } else {
            Reason::Malformed
        };
        self.error(reason)
    }
}

/// Text whose references are replaced. The error is the name of an entity, or nothing for a `&` that begins none.
pub(crate) fn decoded(text: &str) -> Result<Cow<'_, str>, Option<&str>> {
    let Some((before, mut rest)) = text.split_once('&') else { return Ok(Cow::Borrowed(text)) };
    let mut decoded = before.to_owned();
    loop {
        let (name, after) = rest.split_once(';').ok_or(None)?;
        let character = match name {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            name => match name.strip_prefix('#') {
                Some(number) => Some(numbered(number).ok_or(None)?),
                None => None,
            },
        };
        decoded.push(character.ok_or(Some(name))?);
        match after.split_once('&') {
            Some((between, next)) => {
                decoded.push_str(between);
                rest = next;
            }
            None => {
                decoded.push_str(after);
                return Ok(Cow::Owned(decoded));
            }
        }
    }
}

fn numbered(number: &str) -> Option<char> {
    let (digits, radix) = number.strip_prefix('x').map_or((number, 10), |hex| (hex, 16));
    let code = (!digits.starts_with('+')).then(|| u32::from_str_radix(digits, radix).ok())??;
    char::from_u32(code).filter(|character| *character != '\0')
}

/// A name out of the file, short enough for an error.
fn shortened(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(40).collect()
}
