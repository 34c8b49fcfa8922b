//! The payload of events about a request for access.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::AccessRequestKind;
use crate::{
    id::{CompanyId, FirmId, UserId},
    permission::Grants,
    time::UtcTime,
};

/// Payload of the `access.*` events. The reasons that people give stay with the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccessRequestPayload {
    /// The kind of grant that would be widened.
    pub kind: AccessRequestKind,
    /// The person who asks.
    pub asked_by: UserId,
    /// The company.
    pub company: CompanyId,
    /// The firm, where one acts for the company.
    #[schema(required = true)]
    pub firm: Option<FirmId>,
    /// The permissions that are asked for.
    #[serde(deserialize_with = "Grants::known")]
    pub permissions: Grants,
    /// For how many hours they are asked for.
    pub for_hours: u32,
    /// The permissions that were granted.
    #[serde(deserialize_with = "Grants::known")]
    pub granted: Grants,
    /// When the granted permissions stop; `null` where none were granted.
    #[schema(required = true)]
    pub granted_until: Option<UtcTime>,
}
