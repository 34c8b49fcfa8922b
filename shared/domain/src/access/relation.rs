//! The relationships that an access needs.

use crate::{
    id::{CompanyId, FirmId, UserId},
    text::Reference,
};

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
    /// What a company lets the contacts of its customers do.
    PortalSettings {
        /// The company.
        company: CompanyId,
    },
    /// A customer of a company. It grants nothing; it must not be archived.
    Customer {
        /// The company.
        company: CompanyId,
        /// The customer.
        customer: Reference,
    },
    /// A contact's seat at one customer of a company.
    Contact {
        /// The company.
        company: CompanyId,
        /// The customer.
        customer: Reference,
        /// The contact's user.
        user: UserId,
    },
}
