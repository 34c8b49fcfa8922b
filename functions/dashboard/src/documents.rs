//! Documents that were asked for and are missing.

use domain::{
    UserId,
    document_request::{DocumentRequest, DocumentRequestState},
    time::Day,
};
use serde::Serialize;
use store::{Page, PageRequest, Queries, StoreError};
use utoipa::ToSchema;

/// Documents that were asked for and not uploaded, or sent back: of the 50 open requests that are due first.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct MissingDocumentSummary {
    missing_count: usize,
    /// How many of them were due before today.
    overdue_count: usize,
    /// The first day on which one is due.
    #[serde(skip_serializing_if = "Option::is_none")]
    earliest_due_on: Option<Day>,
    /// Whether there are more requests than were looked at.
    more: bool,
}

impl MissingDocumentSummary {
    pub(crate) fn of(page: &Page<DocumentRequest>, today: Day) -> Self {
        let waiting = || page.items.iter().filter(|request| request.is_missing_something());
        let overdue = waiting().filter(|request| request.due_on < today);
        Self {
            missing_count: waiting().map(|request| request.missing().count()).sum(),
            overdue_count: overdue.map(|request| request.missing().count()).sum(),
            earliest_due_on: waiting().map(|request| request.due_on).min(),
            more: page.next.is_some(),
        }
    }
}

/// The open requests, by their due day.
pub(crate) async fn read(queries: &Queries<'_>) -> Result<Page<DocumentRequest>, StoreError> {
    let open = Some(DocumentRequestState::Open);
    queries.page(|tenant| tenant.document_requests(open), &PageRequest::first(50)).await
}

/// All of these requests, or those in which this person is asked.
pub(crate) fn shown(page: Page<DocumentRequest>, asked: Option<&UserId>) -> Page<DocumentRequest> {
    let is_shown = |request: &DocumentRequest| asked.is_none_or(|user| request.asks(user));
    Page { items: page.items.into_iter().filter(is_shown).collect(), next: page.next }
}

#[cfg(test)]
mod tests {
    use domain::{
        UtcTime,
        access::ActingAs,
        document_request::{AskedPerson, DocumentRequestDraft, request_documents},
        time::Zone,
    };

    use super::*;

    fn day(text: &str) -> Day {
        Day::try_from(text.to_owned()).unwrap()
    }

    fn request(n: u8, items: &[&str], due_on: &str, asked: &str) -> DocumentRequest {
        let company: domain::CompanyId = "co_00000000000000000000000000000001".parse().unwrap();
        let draft = DocumentRequestDraft {
            id: format!("drq_0000000000000000000000000000000{n}").parse().unwrap(),
            company: company.clone(),
            title: "October".parse().unwrap(),
            note: None,
            items: items.iter().map(|item| item.parse().unwrap()).collect(),
            asked_of: vec![AskedPerson { user: asked.parse().unwrap(), name: "Mia".parse().unwrap() }],
            due_on: day(due_on),
            every: None,
            asked_by: "ada".parse().unwrap(),
            asked_by_name: "Ada".parse().unwrap(),
            acting_as: ActingAs::Member { company },
        };
        request_documents(draft, &Zone::utc(), UtcTime::EPOCH).unwrap().0
    }

    /// Proves: DB1
    #[test]
    fn what_is_missing_is_counted_by_item_and_what_was_uploaded_is_not() {
        let uploaded = "doc_00000000000000000000000000000004".parse().unwrap();
        let (half, _) = request(1, &["Statement", "Receipts"], "1970-01-05", "mia").fulfilled(1, &uploaded).unwrap();
        let (whole, _) = request(2, &["Payslips"], "1970-01-04", "mia").fulfilled(1, &uploaded).unwrap();
        let later = request(3, &["Contract", "Lease"], "1970-01-06", "tom");
        let page = || Page { items: vec![whole.clone(), half.clone(), later.clone()], next: None };
        let expected = MissingDocumentSummary {
            missing_count: 3,
            overdue_count: 1,
            earliest_due_on: Some(day("1970-01-05")),
            more: false,
        };
        assert_eq!(MissingDocumentSummary::of(&page(), day("1970-01-06")), expected);
        let own = shown(page(), Some(&"tom".parse().unwrap()));
        assert_eq!(MissingDocumentSummary::of(&own, day("1970-01-06")).missing_count, 2);
        assert_eq!(shown(page(), Some(&"eve".parse().unwrap())).items.len(), 0);
    }
}
