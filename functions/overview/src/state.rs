//! Reading what a company has.

use domain::{
    CompanyId, DocumentRequestId, Event, Org, Reference,
    approval::{Approval, ApprovalStatus},
    backlog::{CompanyState, Counted},
    bank::BankAccount,
    document_request::{DocumentRequest, DocumentRequestState},
};
use queue::UnreadableMessage;
use store::{Authority, Page, PageRequest, Store, StoreError, Tenant};

/// What an event is about, where the lists that are read may not show it yet: they are of an index.
#[derive(Debug, Clone, PartialEq, Eq)]
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
}

/// Reads what a company has, six reads at once: the company and the things that events are about, strongly consistent; the
/// latest published month, one report and the bank accounts below their thresholds, of 400, strongly consistent; the pending approvals and the open requests
/// from the index. The things themselves correct the index. `None` if there is no such company.
///
/// # Errors
/// [`StoreError`].
pub(crate) async fn state(
    store: &Store,
    company: &CompanyId,
    abouts: &[About],
) -> Result<Option<CompanyState>, StoreError> {
    let authority = Authority::System(Org::Company(company.clone()));
    let one = PageRequest::new(Some(1), None).map_err(|error| StoreError::Unexpected(error.to_string()))?;
    let all = PageRequest::largest();
    let (about_approvals, about_requests) = distinct(abouts);
    let wanted = |tenant: &Tenant| {
        let approvals: Vec<_> = about_approvals.iter().map(|reference| tenant.approval(reference)).collect();
        let requests: Vec<_> = about_requests.iter().map(|id| tenant.document_request(id)).collect();
        (tenant.company(), approvals, requests)
    };
    let lists = async |queries: store::Queries<'_>| {
        tokio::try_join!(
            queries.page(Tenant::published_months, &one),
            queries.page(|tenant| tenant.reports(None), &one),
            queries.page(|tenant| tenant.approvals(Some(ApprovalStatus::Pending)), &all),
            queries.page(|tenant| tenant.document_requests(Some(DocumentRequestState::Open)), &all),
            queries
                .page_matching(Tenant::bank_accounts, &all, |account: &BankAccount| account.fell_below_at().is_some()),
        )
    };
    let (found, lists) = store.load_and_query(&authority, api::clock::now(), wanted, lists).await?;
    let (Some(company), current_approvals, current_requests) = found else { return Ok(None) };
    let (months, reports, approvals, requests, bank_accounts) = lists;
    let (mut approvals, mut requests) = (counted(approvals), counted(requests));
    for current in current_approvals.into_iter().flatten() {
        approvals.correct(current, |approval: &Approval| &approval.transaction.reference);
    }
    for current in current_requests.into_iter().flatten() {
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

/// The approvals and the requests among these, each once: a table refuses to read a key twice.
fn distinct(abouts: &[About]) -> (Vec<&Reference>, Vec<&DocumentRequestId>) {
    let (mut approvals, mut requests) = (Vec::new(), Vec::new());
    for about in abouts {
        match about {
            About::Approval(reference) if !approvals.contains(&reference) => approvals.push(reference),
            About::DocumentRequest(id) if !requests.contains(&id) => requests.push(id),
            About::Approval(_) | About::DocumentRequest(_) | About::Other => {}
        }
    }
    (approvals, requests)
}

fn counted<T>(page: Page<T>) -> Counted<T> {
    Counted { more: page.next.is_some(), items: page.items }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_several_events_are_about_is_read_once() {
        let approval = |reference: &str| About::Approval(reference.parse().unwrap());
        let abouts = [approval("PAY-1"), About::Other, approval("PAY-2"), approval("PAY-1")];
        let (approvals, requests) = distinct(&abouts);
        let approvals: Vec<_> = approvals.iter().map(ToString::to_string).collect();
        assert_eq!((approvals, requests.len()), (vec!["PAY-1".to_owned(), "PAY-2".to_owned()], 0));
    }

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
