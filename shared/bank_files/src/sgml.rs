//! OFX 1 is SGML: an element that holds a value need not end, and one that holds elements does.
//!
//! Which elements hold others is known by name. Of an element that is neither known nor has a value nothing is read.

use std::borrow::Cow;

use crate::{
    error::{FileError, Reason},
    place::Path,
    xml::decoded,
};

/// The elements that hold others and are looked into. A list of any other kind has no element of the same names in it.
const AGGREGATES: [&str; 40] = [
    "OFX",
    "SIGNONMSGSRSV1",
    "SONRS",
    "STATUS",
    "FI",
    "BANKMSGSRSV1",
    "STMTTRNRS",
    "STMTRS",
    "BANKACCTFROM",
    "BANKTRANLIST",
    "BANKTRANLISTP",
    "STMTTRN",
    "STMTTRNP",
    "PAYEE",
    "BANKACCTTO",
    "CCACCTTO",
    "CURRENCY",
    "ORIGCURRENCY",
    "LEDGERBAL",
    "AVAILBAL",
    "BALLIST",
    "BAL",
    "CREDITCARDMSGSRSV1",
    "CCSTMTTRNRS",
    "CCSTMTRS",
    "CCACCTFROM",
    "INVSTMTMSGSRSV1",
    "INVSTMTTRNRS",
    "INVSTMTRS",
    "INVACCTFROM",
    "INVTRANLIST",
    "INVBANKTRAN",
    "INVPOSLIST",
    "INVBAL",
    "SECLISTMSGSRSV1",
    "SIGNUPMSGSRSV1",
    "REWARDINFO",
    "LOANMSGSRSV1",
    "EMAILMSGSRSV1",
    "CLOSING",
];

/// What happened last.
#[derive(Debug)]
pub(crate) enum Step<'t> {
    /// An aggregate begins.
    Opened,
    /// A value, of this element.
    Value(&'t str, Cow<'t, str>),
    /// An aggregate ends.
    Closed,
}

/// Reads a text.
#[derive(Debug)]
pub(crate) struct Reader<'t> {
    text: &'t str,
    offset: usize,
    path: Path<'t>,
    is_to_close: bool,
    had_root: bool,
}

impl<'t> Reader<'t> {
    /// A reader of what follows a header.
    pub(crate) fn new(text: &'t str) -> Self {
        let offset = text.find('<').unwrap_or(text.len());
        Self { text, offset, path: Path::default(), is_to_close: false, had_root: false }
    }

    /// The aggregates that are open.
    pub(crate) fn path(&self) -> &[&'t str] {
        self.path.names()
    }

    pub(crate) fn error_at(&self, field: &str, reason: Reason) -> FileError {
        FileError::at(self.text, self.offset, self.path.text(0, field), reason)
    }

    /// The next step; `None` after the root.
    pub(crate) fn step(&mut self) -> Result<Option<Step<'t>>, FileError> {
        if self.is_to_close {
            self.is_to_close = false;
            self.path.close();
        }
        loop {
            let rest = self.text.get(self.offset..).unwrap_or_default();
            let blank = rest.len() - rest.trim_start().len();
            self.offset += blank;
            let rest = rest.trim_start();
            if rest.is_empty() {
                let is_over = self.had_root && self.path.names().is_empty();
                return if is_over { Ok(None) } else { Err(self.error_at("", Reason::Truncated)) };
            }
            if self.had_root && self.path.names().is_empty() {
                let reason = if rest.starts_with("<OFX>") { Reason::TwoRoots } else { Reason::Malformed };
                return Err(self.error_at("", reason));
            }
            if let Some(step) = self.tag(rest)? {
                return Ok(Some(step));
            }
        }
    }

    fn tag(&mut self, rest: &'t str) -> Result<Option<Step<'t>>, FileError> {
        let inner = rest.strip_prefix('<').ok_or_else(|| self.error_at("", Reason::Malformed))?;
        if inner.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("!DOCTYPE")) {
            return Err(self.error_at("", Reason::DocumentType));
        }
        let Some((name, after)) = inner.split_once('>') else { return Err(self.error_at("", Reason::Truncated)) };
        let (is_end, name) = name.strip_prefix('/').map_or((false, name), |name| (true, name));
        let name = name.trim_end();
        let is_name = (1..=40).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'));
        if !is_name {
            return Err(self.error_at("", Reason::Malformed));
        }
        let offset = self.text.len() - after.len();
        if is_end {
            if !AGGREGATES.contains(&name) {
                self.offset = offset;
                return Ok(None);
            }
            if self.path.names().last() != Some(&name) {
                return Err(self.error_at("", Reason::WrongEnd(name.to_owned())));
            }
            self.offset = offset;
            self.is_to_close = true;
            return Ok(Some(Step::Closed));
        }
        let value_ends = after.find('<').unwrap_or(after.len());
        let value = after.get(..value_ends).unwrap_or_default();
        if AGGREGATES.contains(&name) && value.trim().is_empty() {
            self.had_root = true;
            self.path.open(name).map_err(|reason| self.error_at(name, reason))?;
            self.offset = offset;
            return Ok(Some(Step::Opened));
        }
        if self.path.names().is_empty() {
            return Err(self.error_at("", Reason::NotAStatement));
        }
        if value_ends == after.len() {
            self.offset = self.text.len();
            return Err(self.error_at(name, Reason::Truncated));
        }
        // Banks write a bare `&`: it is itself.
        let value = decoded(value.trim()).unwrap_or_else(|_| Cow::Borrowed(value.trim()));
        self.offset = offset + value_ends;
        Ok((!value.is_empty()).then_some(Step::Value(name, value)))
    }
}
