//! The context list: the places that a person may choose from, and how they are found by name.
//!
//! It is made from index entries and decides nothing: each entry is checked in the table before it is shown, and
//! again when it is entered.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    access::{ActingAs, GrantState},
    approval::{Approval, ApprovalStatus},
    context::{Place, seat_at_customer},
    customer::seat::{ContactSeat, ROLE},
    id::{FirmId, Org, UserId},
    org::{Assignment, Connection, Member, Staff},
    permission::{Grants, Permission},
    role::StaffRole,
    text::{Name, Reference, TextError},
    time::UtcTime,
};

/// The kinds of places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ContextKind {
    /// The person's own company.
    Company,
    /// A company in which the person acts for a firm.
    Client,
    /// A firm on whose staff the person is.
    Firm,
    /// A company as whose customer's contact the person acts.
    Customer,
}

/// A place to choose, with the permissions of its index entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContextEntry {
    /// The place, and the role there.
    pub place: Place,
    /// The permissions of the index entry; they prove nothing.
    pub grants: Grants,
}

impl ContextEntry {
    /// The kind of place.
    #[must_use]
    pub const fn kind(&self) -> ContextKind {
        match self.place.acting_as {
            ActingAs::Member { .. } | ActingAs::BoundedMember { .. } => ContextKind::Company,
            ActingAs::FirmAdmin { .. } | ActingAs::Bookkeeper { .. } => ContextKind::Client,
            ActingAs::Staff { .. } => ContextKind::Firm,
            ActingAs::Contact { .. } => ContextKind::Customer,
        }
    }

    /// Whether approvals may wait here for the person's decision.
    #[must_use]
    pub fn may_decide(&self) -> bool {
        self.place.acting_as.company().is_some() && decides(&self.grants)
    }
}

/// Whether a person with these permissions sees the number of approvals that wait for their decision.
#[must_use]
pub fn decides(grants: &Grants) -> bool {
    grants.contains(Permission::ApprovalsView) && grants.contains(Permission::ApprovalsDecide)
}

/// How many of these approvals wait for this person: pending, and not prepared by them.
#[must_use]
pub fn waiting_for(user: &UserId, approvals: &[Approval]) -> usize {
    let waits =
        |approval: &&Approval| approval.status == ApprovalStatus::Pending && !approval.transaction.is_prepared_by(user);
    approvals.iter().filter(waits).count()
}

/// The person's own company.
#[must_use]
pub fn own_company(member: &Member, now: UtcTime) -> Option<ContextEntry> {
    let place = Place {
        acting_as: ActingAs::member(member.company.clone(), member.inviting_firm.clone()),
        role: member.role.as_str(),
        name: member.company_name.clone(),
        customer_name: None,
    };
    entry(place, member.into(), now)
}

/// A firm on whose staff the person is.
#[must_use]
pub fn own_firm(staff: &Staff, now: UtcTime) -> Option<ContextEntry> {
    let place = Place {
        acting_as: ActingAs::Staff { firm: staff.firm.clone() },
        role: staff.role.as_str(),
        name: staff.firm_name.clone(),
        customer_name: None,
    };
    entry(place, staff.into(), now)
}

/// The firms whose every client is open to a person: those that they are an admin of.
#[must_use]
pub fn firms_as_admin(staff: &[Staff], now: UtcTime) -> Vec<FirmId> {
    with_role(staff, StaffRole::Admin, now).cloned().collect()
}

/// A client of a firm that the person is an admin of.
#[must_use]
pub fn client(connection: &Connection, now: UtcTime) -> Option<ContextEntry> {
    let place = Place {
        acting_as: ActingAs::FirmAdmin { firm: connection.firm.clone(), company: connection.company.clone() },
        role: StaffRole::Admin.as_str(),
        name: connection.company_name.clone(),
        customer_name: None,
    };
    entry(place, connection.into(), now)
}

/// A client that is assigned to the person as a bookkeeper. An assignment from a firm that they have become an
/// admin of counts as nothing: they are shown every client of that firm anyway.
#[must_use]
pub fn assigned(assignment: &Assignment, staff: &[Staff], now: UtcTime) -> Option<ContextEntry> {
    with_role(staff, StaffRole::Bookkeeper, now).find(|firm| **firm == assignment.firm)?;
    let place = Place {
        acting_as: ActingAs::Bookkeeper { firm: assignment.firm.clone(), company: assignment.company.clone() },
        role: StaffRole::Bookkeeper.as_str(),
        name: assignment.company_name.clone(),
        customer_name: None,
    };
    entry(place, assignment.into(), now)
}

/// A customer of a company, whose contact the person is.
#[must_use]
pub fn as_contact(seat: &ContactSeat, now: UtcTime) -> Option<ContextEntry> {
    let place = Place {
        acting_as: seat_at_customer(seat.company.clone(), seat.customer.clone()),
        role: ROLE,
        name: seat.company_name.clone(),
        customer_name: Some(seat.customer_name.clone()),
    };
    entry(place, seat.into(), now)
}

fn entry(place: Place, grant_state: GrantState, now: UtcTime) -> Option<ContextEntry> {
    grant_state.holds_at(now).then_some(ContextEntry { place, grants: grant_state.grants })
}

fn with_role(staff: &[Staff], role: StaffRole, now: UtcTime) -> impl Iterator<Item = &FirmId> {
    staff
        .iter()
        .filter(move |staff| staff.role == role && GrantState::from(*staff).holds_at(now))
        .map(|staff| &staff.firm)
}

/// The beginning of a name, whatever its case; everything when it is blank.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, max_length = 120)]
pub struct NamePrefix(String);

impl TryFrom<String> for NamePrefix {
    type Error = TextError;

    fn try_from(text: String) -> Result<Self, TextError> {
        let text = text.trim();
        if text.chars().count() > Name::MAX_CHARS {
            return Err(TextError::TooLong { max_chars: Name::MAX_CHARS });
        }
        Ok(Self(text.to_lowercase()))
    }
}

impl NamePrefix {
    /// The beginning, in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a name begins so.
    #[must_use]
    pub fn begins(&self, name: &Name) -> bool {
        self.0.is_empty() || name.as_str().to_lowercase().starts_with(&self.0)
    }
}

/// When a person was last somewhere. Only the latest visit is kept, and no decision depends on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// The person.
    pub user: UserId,
    /// Where.
    pub org: Org,
    /// At which customer, for a contact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<Reference>,
    /// When they entered.
    pub at: UtcTime,
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{CompanyId, MemberRole, org::Status};

    fn company(n: u128) -> CompanyId {
        CompanyId::from_uuid(Uuid::from_u128(n))
    }

    fn firm(n: u128) -> FirmId {
        FirmId::from_uuid(Uuid::from_u128(n))
    }

    fn staff(n: u128, role: StaffRole, expires_at: Option<UtcTime>) -> Staff {
        Staff {
            firm: firm(n),
            firm_name: "Contas".parse().unwrap(),
            user: "u".parse().unwrap(),
            name: "Berta".parse().unwrap(),
            email: "b@firm.example".parse().unwrap(),
            role,
            grants: role.preset(),
            status: Status::Active,
            expires_at,
            since: UtcTime::EPOCH,
            version: 1,
        }
    }

    fn assignment(n: u128, status: Status) -> Assignment {
        Assignment {
            company: company(9),
            company_name: "Loja Azul".parse().unwrap(),
            firm: firm(n),
            user: "u".parse().unwrap(),
            user_name: None,
            grants: MemberRole::Client.preset(),
            lent: crate::TemporaryGrants::default(),
            status,
            expires_at: None,
            since: UtcTime::EPOCH,
            version: 1,
        }
    }

    #[test]
    fn assignments_count_for_active_bookkeepers_only() {
        let now = UtcTime::from_unix_ms(1);
        let shown = |staff: &[Staff], status: Status| assigned(&assignment(1, status), staff, now).is_some();
        assert!(shown(&[staff(1, StaffRole::Bookkeeper, None)], Status::Active));
        assert!(!shown(&[staff(1, StaffRole::Admin, None)], Status::Active), "an admin is shown every client anyway");
        assert!(!shown(&[staff(2, StaffRole::Bookkeeper, None)], Status::Active), "another firm's staff");
        assert!(!shown(&[], Status::Active), "removed from the firm");
        assert!(!shown(&[staff(1, StaffRole::Bookkeeper, Some(now))], Status::Active), "no longer on the staff");
        assert!(!shown(&[staff(1, StaffRole::Bookkeeper, None)], Status::Ended));
    }

    #[test]
    fn only_an_active_place_is_offered() {
        let now = UtcTime::from_unix_ms(1);
        assert!(own_firm(&staff(1, StaffRole::Admin, None), now).is_some());
        assert!(own_firm(&staff(1, StaffRole::Admin, Some(now)), now).is_none(), "it ran out");
        assert_eq!(
            firms_as_admin(&[staff(1, StaffRole::Admin, None), staff(2, StaffRole::Bookkeeper, None)], now),
            [firm(1)]
        );
    }

    #[test]
    fn a_beginning_is_found_whatever_its_case_and_never_in_the_middle() {
        let begins =
            |prefix: &str, name: &str| NamePrefix::try_from(prefix.to_owned()).unwrap().begins(&name.parse().unwrap());
        assert!(
            begins("loja", "LOJA Azul") && begins(" Loja A", "loja azul") && begins("", "x") && begins("ÉT", "été")
        );
        assert!(!begins("azul", "Loja Azul") && !begins("loja azul e", "Loja Azul"));
        assert!(NamePrefix::try_from("x".repeat(121)).is_err());
    }

    #[test]
    fn what_one_prepared_oneself_does_not_wait_for_one() {
        let approval = |prepared_by: Option<&str>, status| Approval {
            company: company(9),
            transaction: crate::approval::Transaction {
                reference: "TX-1".parse().unwrap(),
                kind: "payment".parse().unwrap(),
                payee: "Landlord".parse().unwrap(),
                amount_minor: 1.try_into().unwrap(),
                currency: "EUR".parse().unwrap(),
                description: None,
                prepared_by: prepared_by.map(|user| user.parse().unwrap()),
            },
            status,
            requested_at: UtcTime::EPOCH,
            decided_by: None,
            decided_by_name: None,
            decided_at: None,
            reason: None,
            withdrawn_at: None,
            report_version: None,
            version: 1,
        };
        let approvals = [
            approval(None, ApprovalStatus::Pending),
            approval(Some("u"), ApprovalStatus::Pending),
            approval(Some("v"), ApprovalStatus::Pending),
            approval(None, ApprovalStatus::Approved),
        ];
        assert_eq!(waiting_for(&"u".parse().unwrap(), &approvals), 2);
    }
}
