//! Access requests as answers show them.

use api::PageInfo;
use domain::{
    AccessRequestId, CompanyId, FirmId, Grants, Name, Note, UserId, UtcTime,
    access_request::{AccessRequest, AccessRequestKind, AccessRequestState},
};
use serde::Serialize;
use store::Page;
use utoipa::ToSchema;

/// A request for access, and its decision.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AccessRequest)]
pub(crate) struct AccessRequestView {
    id: AccessRequestId,
    /// What would be widened: a member's place, a firm's connection, or a bookkeeper's assignment.
    kind: AccessRequestKind,
    asked_by: UserId,
    asked_by_name: Name,
    /// The company.
    company: CompanyId,
    #[serde(skip_serializing_if = "Option::is_none")]
    firm: Option<FirmId>,
    permissions: Grants,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Note>,
    /// Counted from the grant on.
    for_hours: u32,
    status: AccessRequestState,
    asked_at: UtcTime,
    /// The instant from which it can no longer be decided.
    open_until: UtcTime,
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_by: Option<UserId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_by_name: Option<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_at: Option<UtcTime>,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<Note>,
    /// The permissions that were granted.
    #[serde(skip_serializing_if = "Grants::is_empty")]
    granted: Grants,
    /// When they end.
    #[serde(skip_serializing_if = "Option::is_none")]
    granted_until: Option<UtcTime>,
}

impl AccessRequestView {
    fn at(request: AccessRequest, now: UtcTime) -> Self {
        Self {
            status: request.state(now),
            id: request.id,
            kind: request.kind,
            asked_by: request.asked_by,
            asked_by_name: request.asked_by_name,
            company: request.company,
            firm: request.firm,
            permissions: request.permissions,
            reason: request.reason,
            for_hours: request.for_hours,
            asked_at: request.asked_at,
            open_until: request.open_until,
            decided_by: request.decided_by,
            decided_by_name: request.decided_by_name,
            decided_at: request.decided_at,
            refusal: request.refusal,
            granted: request.granted,
            granted_until: request.granted_until,
        }
    }
}

/// One request.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccessRequestResponse {
    access_request: AccessRequestView,
}

impl AccessRequestResponse {
    pub(crate) fn at(request: AccessRequest, now: UtcTime) -> Self {
        Self { access_request: AccessRequestView::at(request, now) }
    }
}

/// A page of requests.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccessRequestPage {
    access_requests: Vec<AccessRequestView>,
    #[serde(flatten)]
    paged: PageInfo,
}

impl AccessRequestPage {
    pub(crate) fn at(page: Page<AccessRequest>, now: UtcTime) -> Self {
        let paged = PageInfo::from(&page);
        Self { access_requests: page.items.into_iter().map(|r| AccessRequestView::at(r, now)).collect(), paged }
    }
}
