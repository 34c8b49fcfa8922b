//! The relationships that an access needs.

use crate::id::{CompanyId, FirmId, UserId};

/// Names the item that records one relationship.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Relation {
    /// A user's place in a company.
    Member {
        /// The company.
        company: CompanyId,
        /// The member.
        user: UserId,
    },
    /// A firm ↔ company link.
    Connection {
        /// The client's side.
        company: CompanyId,
        /// The firm's side.
        firm: FirmId,
    },
    /// A user's place in a firm.
    Staff {
        /// The firm.
        firm: FirmId,
        /// The staff member.
        user: UserId,
    },
    /// A company assigned to a bookkeeper.
    Assignment {
        /// The company.
        company: CompanyId,
        /// The firm.
        firm: FirmId,
        /// The bookkeeper.
        user: UserId,
    },
}
