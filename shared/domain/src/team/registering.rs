//! New companies and firms, each with the first person in it.

use serde_json::json;

use crate::{
    Email,
    event::{EventType, NewEvent},
    id::{Org, UserId},
    org::{Company, Firm, Member, Staff, Status},
    role::{MemberRole, StaffRole},
    temporary_grants::TemporaryGrants,
    text::Name,
};

/// A new company, and its first owner.
#[must_use]
pub fn register_company(company: Company, owner: (UserId, Name, Email)) -> (Company, Member, NewEvent) {
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
        status: Status::Active,
        expires_at: None,
        since: company.created_at,
        version: 1,
    };
    let event = NewEvent::new(
        EventType::CompanyRegistered,
        Org::Company(company.id.clone()),
        ("company", company.id.as_str()),
        json!({"name": company.name, "currency": company.currency, "owner": member.user, "grants": member.grants}),
    );
    (company, member, event)
}

/// A new firm, and its first admin.
#[must_use]
pub fn register_firm(firm: Firm, admin: (UserId, Name, Email)) -> (Firm, Staff, NewEvent) {
    let firm = Firm { admin_count: 1, ..firm };
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
    let event = NewEvent::new(
        EventType::FirmRegistered,
        Org::Firm(firm.id.clone()),
        ("firm", firm.id.as_str()),
        json!({"name": firm.name, "admin": staff.user}),
    );
    (firm, staff, event)
}
