//! The module of the item that is commented on: who sees its items sees their comments.

use super::Topic;
use crate::permission::Permission;

/// A module whose items are commented on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CommentModule {
    /// Invoices and credit notes.
    Invoices,
    /// Estimates.
    Estimates,
    /// Documents.
    Documents,
}

impl CommentModule {
    /// Every module.
    pub const ALL: [Self; 3] = [Self::Invoices, Self::Estimates, Self::Documents];

    /// The module as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invoices => "invoices",
            Self::Estimates => "estimates",
            Self::Documents => "documents",
        }
    }

    /// What the company's people need to see its comments.
    #[must_use]
    pub const fn permission(self) -> Permission {
        match self {
            Self::Invoices => Permission::InvoicesView,
            Self::Estimates => Permission::EstimatesView,
            Self::Documents => Permission::DocumentsView,
        }
    }
}

impl Topic {
    /// The module that it belongs to.
    #[must_use]
    pub const fn module(self) -> CommentModule {
        match self {
            Self::Invoice | Self::CreditNote => CommentModule::Invoices,
            Self::Estimate => CommentModule::Estimates,
            Self::Document => CommentModule::Documents,
        }
    }
}
