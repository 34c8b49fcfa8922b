//! The kinds of invitation, and the roles that they offer, as an inviter names them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    permission::Permission,
    role::{MemberRole, StaffRole},
};

/// What kind of place or connection an invitation offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InvitationKind {
    /// A firm invites a client to connect.
    Client,
    /// A company lets a contact of one of its customers into that customer's portal.
    Contact,
    /// A company invites a firm to connect.
    Firm,
    /// A company invites a person as a member.
    Member,
    /// A firm invites a person to its staff.
    Staff,
}

impl InvitationKind {
    /// The kind as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Contact => "contact",
            Self::Firm => "firm",
            Self::Member => "member",
            Self::Staff => "staff",
        }
    }

    /// The permission that sending this kind of invitation needs.
    #[must_use]
    pub const fn needs(self) -> Permission {
        match self {
            Self::Client => Permission::ClientsManage,
            Self::Contact => Permission::CustomersManage,
            Self::Firm => Permission::ConnectionsManage,
            Self::Member => Permission::TeamManage,
            Self::Staff => Permission::StaffManage,
        }
    }
}

/// A role as an inviter names it, of a member or of staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum InvitationRole {
    /// A member with everything.
    Owner,
    /// A member with everything but the subscription; or the staff who manage a firm.
    Admin,
    /// A member who keeps the books.
    Accountant,
    /// A member as a business owner looks at the books.
    Client,
    /// A member who looks only.
    ReadOnly,
    /// A member with exactly the listed permissions.
    Custom,
    /// Staff who reach the companies assigned to them.
    Bookkeeper,
}

impl InvitationRole {
    pub(super) const fn of_member(self) -> Option<MemberRole> {
        match self {
            Self::Owner => Some(MemberRole::Owner),
            Self::Admin => Some(MemberRole::Admin),
            Self::Accountant => Some(MemberRole::Accountant),
            Self::Client => Some(MemberRole::Client),
            Self::ReadOnly => Some(MemberRole::ReadOnly),
            Self::Custom => Some(MemberRole::Custom),
            Self::Bookkeeper => None,
        }
    }

    pub(super) const fn of_staff(self) -> Option<StaffRole> {
        match self {
            Self::Admin => Some(StaffRole::Admin),
            Self::Bookkeeper => Some(StaffRole::Bookkeeper),
            Self::Owner | Self::Accountant | Self::Client | Self::ReadOnly | Self::Custom => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offered_role_is_written_as_the_role_it_stands_for() {
        use InvitationRole as O;
        for role in [O::Owner, O::Admin, O::Accountant, O::Client, O::ReadOnly, O::Custom, O::Bookkeeper] {
            let written = serde_json::to_value(role).unwrap();
            for name in [role.of_member().map(MemberRole::as_str), role.of_staff().map(StaffRole::as_str)] {
                assert!(name.is_none_or(|name| written == name), "{role:?}");
            }
        }
    }
}
