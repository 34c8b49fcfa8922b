//! The view of a company for its own people.

use domain::{CompanyId, Currency, Name, UtcTime, org::Company, time::Zone};
use serde::Serialize;
use utoipa::ToSchema;

/// A company.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Company)]
pub struct CompanyView {
    id: CompanyId,
    name: Name,
    currency: Currency,
    time_zone: Zone,
    created_at: UtcTime,
}

impl From<&Company> for CompanyView {
    fn from(company: &Company) -> Self {
        let Company { id, name, currency, time_zone, owner_count: _, created_at } = company.clone();
        Self { id, name, currency, time_zone, created_at }
    }
}
