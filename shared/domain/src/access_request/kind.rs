//! The kinds of requests for access, and the permission to decide each.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::permission::Permission;

/// What would be widened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccessRequestKind {
    /// A member's place in a company.
    Member,
    /// What a firm may do in a company; asked by its admin.
    Connection,
    /// What a bookkeeper may do in a client of their firm.
    Assignment,
}

impl AccessRequestKind {
    /// The kind as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Connection => "connection",
            Self::Assignment => "assignment",
        }
    }

    /// The permission that deciding needs, where the request was made.
    #[must_use]
    pub const fn needs(self) -> Permission {
        match self {
            Self::Member => Permission::TeamManage,
            Self::Connection => Permission::ConnectionsManage,
            Self::Assignment => Permission::StaffManage,
        }
    }
}
