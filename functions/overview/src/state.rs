//! Reading what a company has.

use domain::{
    CompanyId, DocumentRequestId, Event, Org, Reference,
    approval::{Approval, ApprovalStatus},
    backlog::{CompanyState, Counted},
    document_request::{DocumentRequest, DocumentRequestState},
};
use queue::UnreadableMessage;
use store::{Authority, Page, PageRequest, Store, StoreError, Tenant};

/// What an event is about, where the lists that are read may not show it yet: they are of an index.
pub(crate) enum About {
    /// An approval.
    Approval(Reference),
    /// A request for documents.
    DocumentRequest(DocumentRequestId),
    /// Something else.
    Other,
}

impl About {
    /// What this event is about.
    ///
    /// # Errors
    /// [`UnreadableMessage`] if its subject has no id of its kind.
    pub(crate) fn of(event: &Event) -> Result<Self, UnreadableMessage> {
        let id = event.subject.id.as_str();
        match event.subject.kind.as_str() {
            "approval" => id.parse().map(Self::Approval).map_err(|_| UnreadableMessage),
            "document_request" => id.parse().map(Self::DocumentRequest).map_err(|_| UnreadableMessage),
            _ => Ok(Self::Other),
        }
    }

    const fn approval(&self) -> Option<&Reference> {
        match self {
            Self::Approval(reference) => Some(reference),
            Self::DocumentRequest(_) | Self::Other => None,
        }
    }

    const fn document_request(&self) -> Option<&DocumentRequestId> {
        match self {
            Self::DocumentRequest(id) => Some(id),
            Self::Approval(_) | Self::Other => None,
        }
    }
}

/// Reads what a company has, six reads at once: the company and the thing that the event is about, strongly consistent; the
/// latest published month, one report and the bank accounts, strongly consistent; the pending approvals and the open requests
/// from the index. The thing itself corrects the index. `None` if there is no such company.
///
/// # Errors
/// [`StoreError`].
pub(crate) async fn state(
    store: &Store,
    company: &CompanyId,
    about: &About,
) -> Result<Option<CompanyState>, StoreError> {
    let authority = Authority::System(Org::Company(company.clone()));
    let one = PageRequest::new(Some(1), None).map_err(|error| StoreError::Unexpected(error.to_string()))?;
    let all = PageRequest::largest();
    let wanted = |tenant: &Tenant| {
        let approval = about.approval().map(|reference| tenant.approval(reference));
        (tenant.company(), approval, about.document_request().map(|id| tenant.document_request(id)))
    };
    let lists = async |queries: store::Queries<'_>| {
        tokio::try_join!(
            queries.page(Tenant::published_months, &one),
            queries.page(|tenant| tenant.reports(None), &one),
            queries.page(|tenant| tenant.approvals(Some(ApprovalStatus::Pending)), &all),
            queries.page(|tenant| tenant.document_requests(Some(DocumentRequestState::Open)), &all),
            queries.page(Tenant::bank_accounts, &all),
        )
    };
    let (found, lists) = store.load_and_query(&authority, api::clock::now(), wanted, lists).await?;
    let (Some(company), approval, request) = found else { return Ok(None) };
    let (months, reports, approvals, requests, bank_accounts) = lists;
    let (mut approvals, mut requests) = (counted(approvals), counted(requests));
    if let Some(current) = approval.flatten() {
        approvals.correct(current, |approval: &Approval| &approval.transaction.reference);
    }
    if let Some(current) = request.flatten() {
        requests.correct(current, |request: &DocumentRequest| &request.id);
    }
    Ok(Some(CompanyState {
        time_zone: company.time_zone,
        published: months.items.first().map(|accounts| accounts.month),
        has_reports: !reports.items.is_empty(),
        approvals,
        requests,
        bank_accounts: counted(bank_accounts),
    }))
}

fn counted<T>(page: Page<T>) -> Counted<T> {
    Counted { more: page.next.is_some(), items: page.items }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_about_nothing_that_can_be_read_is_refused() {
        let event = |kind: &str, id: &str| -> Event {
            serde_json::from_value(serde_json::json!({
                "id": "ev_00000000000070008000000000000001", "type": "approval.requested", "version": 1,
                "at": "2026-11-21T12:26:40.123Z",
                "org": { "kind": "company", "id": "co_00000000000070008000000000000001" },
                "subject": { "kind": kind, "id": id }, "actor": { "via": "machine" }, "data": {}, "request_id": "r",
            }))
            .unwrap()
        };
        assert!(matches!(About::of(&event("approval", "TX-1")), Ok(About::Approval(_))));
        let request = "drq_00000000000070008000000000000001";
        assert!(matches!(About::of(&event("document_request", request)), Ok(About::DocumentRequest(_))));
        assert!(matches!(About::of(&event("document_request", "TX-1")), Err(UnreadableMessage)));
        assert!(matches!(About::of(&event("connection", "anything")), Ok(About::Other)));
    }
}
