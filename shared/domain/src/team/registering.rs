//! New companies and firms, each with the first person in it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    event::{NewEvent, kinds},
    id::{CompanyId, FirmId, Org, UserId},
    money::Currency,
    org::{Company, Firm, Member, Staff, Status},
    permission::Grants,
    role::{MemberRole, StaffRole},
    signup_source::{SignupSourceKind, SignupSourceRef},
    temporary_grants::TemporaryGrants,
    text::{Email, Name},
    time::{UtcTime, Zone},
};

/// A firm to register.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateFirm)]
pub struct NewFirm {
    /// Its name.
    #[serde(deserialize_with = "crate::text::public_name")]
    pub name: Name,
}

impl NewFirm {
    /// The firm, before it has an admin. Its main address is a verified one: the registering admin's, or
    /// the one that was invited.
    #[must_use]
    pub fn firm(self, id: FirmId, email: Email, now: UtcTime) -> Firm {
        Firm { id, name: self.name, email: Some(email), email_holder: None, admin_count: 0, created_at: now }
    }
}

/// A company to register.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateCompany)]
pub struct NewCompany {
    /// The business's name.
    #[serde(deserialize_with = "crate::text::public_name")]
    pub name: Name,
    /// The currency of its books.
    pub currency: Currency,
    /// For due times; UTC by default.
    #[serde(default)]
    pub time_zone: Option<Zone>,
}

impl NewCompany {
    /// The company, before it has an owner.
    #[must_use]
    pub fn company(self, id: CompanyId, now: UtcTime) -> Company {
        Company {
            id,
            name: self.name,
            currency: self.currency,
            time_zone: self.time_zone.unwrap_or_else(Zone::utc),
            owner_count: 0,
            created_at: now,
        }
    }
}

/// Payload of `company.registered`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CompanyRegistered {
    /// The company's name.
    pub name: Name,
    /// The currency of its books.
    pub currency: Currency,
    /// Its first owner.
    pub owner: UserId,
    /// The permissions of the first owner.
    #[serde(deserialize_with = "Grants::known")]
    pub grants: Grants,
    /// What it registered through, if it came through a link or code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub through: Option<SignupSourceKind>,
    /// The id of the link or code; the vendor's reference for a code of the vendor's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub through_id: Option<String>,
}

/// Payload of `firm.registered`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FirmRegistered {
    /// The firm's name.
    pub name: Name,
    /// Its first admin.
    pub admin: UserId,
}

/// Makes a new company and its first owner. `through` is the link or code that they came through, if any.
#[must_use]
pub fn register_company(
    company: Company,
    owner: (UserId, Name, Email),
    through: Option<&SignupSourceRef>,
) -> (Company, Member, NewEvent) {
    let company = Company { owner_count: 1, ..company };
    let member = Member {
        company: company.id.clone(),
        company_name: company.name.clone(),
        user: owner.0,
        name: owner.1,
        email: owner.2,
        role: MemberRole::Owner,
        grants: MemberRole::Owner.preset(),
        lent: TemporaryGrants::default(),
        inviting_firm: None,
        status: Status::Active,
        expires_at: None,
        since: company.created_at,
        version: 1,
    };
    let registered = CompanyRegistered {
        name: company.name.clone(),
        currency: company.currency,
        owner: member.user.clone(),
        grants: member.grants.clone(),
        through: through.map(SignupSourceRef::kind),
        through_id: through.map(|through| through.id().to_owned()),
    };
    let org = Org::Company(company.id.clone());
    let event = NewEvent::new(org, company.id.as_str(), kinds::CompanyRegistered::of(registered));
    (company, member, event)
}

/// A new firm, and its first admin.
#[must_use]
pub fn register_firm(firm: Firm, admin: (UserId, Name, Email)) -> (Firm, Staff, NewEvent) {
    // The main address was verified to be this person's.
    let email_holder = firm.email.is_some().then(|| admin.0.clone());
    let firm = Firm { admin_count: 1, email_holder, ..firm };
    let staff = Staff {
        firm: firm.id.clone(),
        firm_name: firm.name.clone(),
        user: admin.0,
        name: admin.1,
        email: admin.2,
        role: StaffRole::Admin,
        grants: StaffRole::Admin.preset(),
        status: Status::Active,
        expires_at: None,
        since: firm.created_at,
        version: 1,
    };
    let registered = FirmRegistered { name: firm.name.clone(), admin: staff.user.clone() };
    let event = NewEvent::new(Org::Firm(firm.id.clone()), firm.id.as_str(), kinds::FirmRegistered::of(registered));
    (firm, staff, event)
}
