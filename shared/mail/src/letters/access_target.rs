//! The access that a request would widen.

use crate::inert::Line;

/// The access that a request would widen.
#[derive(Debug, Clone)]
pub enum AccessTarget {
    /// A company, by a member for themselves.
    Member {
        /// The company's name.
        company: Line,
    },
    /// A company, by a firm's admin for the firm.
    Firm {
        /// The company's name.
        company: Line,
        /// The firm's name.
        firm: Line,
    },
    /// A client's books, by one of the firm's staff for themselves.
    Client {
        /// The client's name.
        company: Line,
        /// The firm's name.
        firm: Line,
    },
}

impl AccessTarget {
    pub(super) const fn company(&self) -> &Line {
        match self {
            Self::Member { company } | Self::Firm { company, .. } | Self::Client { company, .. } => company,
        }
    }
}
