//! Ids and times for tests to name things by.

use uuid::Uuid;

use crate::{
    id::{CompanyId, FirmId, UserId},
    time::UtcTime,
};

pub(crate) fn at(unix_s: i64) -> UtcTime {
    UtcTime::EPOCH.plus_s(unix_s)
}

pub(crate) fn company(n: u128) -> CompanyId {
    CompanyId::from_uuid(Uuid::from_u128(n))
}

pub(crate) fn firm(n: u128) -> FirmId {
    FirmId::from_uuid(Uuid::from_u128(n))
}

pub(crate) fn user(name: &str) -> UserId {
    name.parse().unwrap()
}
