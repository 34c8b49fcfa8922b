//! What waits for a decision.

use domain::approval::{Approval, ApprovalStatus};
use serde::Serialize;
use store::{Page, PageRequest, Queries, StoreError};
use utoipa::ToSchema;

/// The count of pending approvals: of the 100 that have waited longest.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PendingApprovalSummary {
    pending_count: usize,
    /// Whether there are more than were counted.
    more: bool,
}

impl From<Page<Approval>> for PendingApprovalSummary {
    fn from(page: Page<Approval>) -> Self {
        Self { pending_count: page.items.len(), more: page.next.is_some() }
    }
}

pub(crate) async fn read(queries: &Queries<'_>) -> Result<Page<Approval>, StoreError> {
    queries.page(|tenant| tenant.approvals(Some(ApprovalStatus::Pending)), &PageRequest::largest()).await
}
