//! Companies, firms and their people, for tests.

use uuid::Uuid;

use super::{register_company, register_firm};
use crate::{
    id::{CompanyId, FirmId},
    money::Currency,
    org::{Company, Connection, Firm, Member, Staff, Status},
    permission::Grants,
    temporary_grants::TemporaryGrants,
    time::{UtcTime, Zone},
};

pub(super) const NOW: UtcTime = UtcTime::EPOCH;

pub(super) fn company(owner_count: u32) -> Company {
    Company {
        id: CompanyId::from_uuid(Uuid::from_u128(1)),
        name: "Loja Azul".parse().unwrap(),
        currency: "EUR".parse::<Currency>().unwrap(),
        time_zone: Zone::utc(),
        owner_count,
        created_at: UtcTime::EPOCH,
    }
}

pub(super) fn owner() -> Member {
    let who = ("o".parse().unwrap(), "Olga".parse().unwrap(), "o@shop.example".parse().unwrap());
    register_company(company(0), who, None).1
}

pub(super) fn firm(admin_count: u32) -> (Firm, Staff) {
    let firm = Firm {
        id: FirmId::from_uuid(Uuid::from_u128(2)),
        name: "Contas".parse().unwrap(),
        email: None,
        email_holder: None,
        admin_count: 0,
        created_at: UtcTime::EPOCH,
    };
    let who = ("a".parse().unwrap(), "Ana".parse().unwrap(), "a@firm.example".parse().unwrap());
    let (firm, staff, _) = register_firm(firm, who);
    (Firm { admin_count, ..firm }, staff)
}

pub(super) fn connection(grants: Grants) -> Connection {
    Connection {
        company: company(1).id,
        company_name: "Loja Azul".parse().unwrap(),
        firm: firm(1).0.id,
        firm_name: "Contas".parse().unwrap(),
        grants,
        lent: TemporaryGrants::default(),
        status: Status::Active,
        expires_at: None,
        since: UtcTime::EPOCH,
        version: 1,
    }
}
