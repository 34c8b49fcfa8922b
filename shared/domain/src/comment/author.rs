//! The author of a comment: one of the company's people, or somebody of the customer.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    access::ActingAs,
    id::{ContactId, FirmId, UserId},
    text::Name,
};

/// As what somebody wrote a comment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuthorKind {
    /// A member of the company.
    #[default]
    Member,
    /// Somebody of a firm who acts for the company.
    Staff,
    /// A contact of the customer, signed in.
    Contact,
    /// A contact of the customer, through a hosted link and without a sign-in.
    Link,
}

impl AuthorKind {
    /// Whether the author is on the customer's side.
    #[must_use]
    pub const fn is_of_customer(self) -> bool {
        match self {
            Self::Contact | Self::Link => true,
            Self::Member | Self::Staff => false,
        }
    }
}

/// The author of a comment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommentAuthor {
    /// As what they wrote it.
    #[serde(default, rename = "written_as")]
    pub kind: AuthorKind,
    /// The person; absent for one who came through a hosted link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<UserId>,
    /// Their name at that time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_name: Option<Name>,
    /// The firm that they acted for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub firm: Option<FirmId>,
    /// Which contact of the customer they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<ContactId>,
}

impl CommentAuthor {
    /// One of the company's people, in this seat.
    #[must_use]
    pub fn of_company(seat: &ActingAs, by: UserId, name: Name) -> Self {
        let firm = seat.firm().cloned();
        let kind = if firm.is_some() { AuthorKind::Staff } else { AuthorKind::Member };
        Self { kind, by: Some(by), by_name: Some(name), firm, contact: None }
    }

    /// A contact of the customer who is signed in.
    #[must_use]
    pub const fn contact(contact: ContactId, by: UserId, name: Name) -> Self {
        Self { kind: AuthorKind::Contact, by: Some(by), by_name: Some(name), firm: None, contact: Some(contact) }
    }

    /// A contact of the customer who came through a hosted link.
    #[must_use]
    pub const fn through_link(contact: ContactId, name: Name) -> Self {
        Self { kind: AuthorKind::Link, by: None, by_name: Some(name), firm: None, contact: Some(contact) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{company, firm, user};

    #[test]
    fn who_acts_for_a_firm_writes_as_its_staff() {
        let author = |seat| CommentAuthor::of_company(&seat, user("bea"), "Bea Lima".parse().unwrap());
        let member = author(ActingAs::Member { company: company(1) });
        assert_eq!((member.kind, member.firm), (AuthorKind::Member, None));
        let staff = author(ActingAs::Bookkeeper { firm: firm(2), company: company(1) });
        assert_eq!((staff.kind, staff.firm), (AuthorKind::Staff, Some(firm(2))));
        let sides = [AuthorKind::Member, AuthorKind::Staff, AuthorKind::Contact, AuthorKind::Link];
        assert_eq!(sides.map(AuthorKind::is_of_customer), [false, false, true, true]);
    }
}
