//! Who asks for documents, as letters name them.

use std::fmt;

use crate::inert::Line;

/// A person who asks for documents, and the firm for which they ask.
#[derive(Debug, Clone)]
pub struct DocumentAsker {
    /// The person's name.
    pub name: Line,
    /// The firm's name; `None` for a member of the company.
    pub firm: Option<Line>,
}

impl fmt::Display for DocumentAsker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.firm {
            Some(firm) => write!(f, "{} of {firm}", self.name),
            None => write!(f, "{}", self.name),
        }
    }
}
