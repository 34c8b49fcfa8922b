//! Who asks for documents, as letters name them.

use domain::{language::Reader, messages};

use crate::inert::Line;

/// A person who asks for documents, and the firm for which they ask.
#[derive(Debug, Clone)]
pub struct DocumentAsker {
    /// The person's name.
    pub name: Line,
    /// The firm's name; `None` for a member of the company.
    pub firm: Option<Line>,
}

messages! {
    person_of_firm(name, firm) {
        English: "{name} of {firm}",
        German: "{name} ({firm})",
        French: "{name} ({firm})",
        Dutch: "{name} ({firm})",
        Spanish: "{name} ({firm})",
    }
}

impl DocumentAsker {
    pub(super) fn in_words(&self, reader: &Reader) -> String {
        match &self.firm {
            Some(firm) => person_of_firm(reader, &self.name, firm),
            None => self.name.to_string(),
        }
    }
}
