//! The path of a place among elements, as errors name it.

use crate::{MAX_DEPTH, error::Reason};

/// Elements of which several lie beside one another: only these are numbered.
const NUMBERED: [&str; 7] = ["Stmt", "Bal", "Ntry", "STMTTRNRS", "CCSTMTTRNRS", "STMTTRN", "BAL"];

/// The names of the elements that are open, from the outermost.
#[derive(Debug, Default)]
pub(crate) struct Path<'t> {
    names: Vec<&'t str>,
    numbers: Vec<u32>,
    /// For each open element and for the whole: how many numbered elements began directly in it, by name.
    begun: Vec<[u32; NUMBERED.len()]>,
}

impl<'t> Path<'t> {
    pub(crate) fn names(&self) -> &[&'t str] {
        &self.names
    }

    pub(crate) fn open(&mut self, name: &'t str) -> Result<(), Reason> {
        if self.names.len() >= MAX_DEPTH {
            return Err(Reason::TooDeep);
        }
        if self.begun.is_empty() {
            self.begun.push([0; NUMBERED.len()]);
        }
        let nth = NUMBERED.iter().position(|numbered| *numbered == name);
        let counter = nth.and_then(|nth| self.begun.last_mut()?.get_mut(nth));
        self.numbers.push(counter.map_or(0, |counter| {
            *counter = counter.saturating_add(1);
            *counter
        }));
        self.names.push(name);
        self.begun.push([0; NUMBERED.len()]);
        Ok(())
    }

    pub(crate) fn close(&mut self) {
        self.names.pop();
        self.numbers.pop();
        self.begun.pop();
    }

    /// The path as text, from the nth element on, with a field that is not open.
    pub(crate) fn text(&self, from: usize, field: &str) -> String {
        let open = self.names.iter().zip(&self.numbers).skip(from).map(|(name, number)| match number {
            0 => (*name).to_owned(),
            number => format!("{name}[{number}]"),
        });
        let field = (!field.is_empty()).then(|| field.to_owned());
        open.chain(field).collect::<Vec<_>>().join("/")
    }
}
