//! Documents that were asked for and are missing.

use domain::{
    UserId, UtcTime,
    document_request::{DocumentRequest, DocumentRequestState},
    time::Day,
};
use serde::Serialize;
use store::{Page, PageRequest, Queries, StoreError, Tenant};
use utoipa::ToSchema;

use crate::next::ByDueDay;

/// How many requests are counted.
const COUNTED: u16 = 50;

/// Documents that were asked for and not uploaded, or sent back: of the 50 open requests that are due first, or the 50 in which
/// the caller is asked.
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

/// The open requests that are due first, and those that are due next: all, or those in which this person is asked.
pub(crate) async fn read(
    queries: &Queries<'_>,
    now: UtcTime,
    asked: Option<&UserId>,
) -> Result<ByDueDay<DocumentRequest>, StoreError> {
    let open = |tenant: &Tenant| tenant.document_requests(Some(DocumentRequestState::Open));
    let most = PageRequest::first(COUNTED);
    let first = match asked {
        Some(user) => queries.page_matching(open, &most, |request| request.asks(user)).await?,
        None => queries.page(open, &most).await?,
    };
    let due_on = |request: &DocumentRequest| missing_on(request, asked);
    Ok(ByDueDay::read_on(queries, first, open, now, due_on).await?.filtered(|request| is_shown(request, asked)))
}

fn is_shown(request: &DocumentRequest, asked: Option<&UserId>) -> bool {
    asked.is_none_or(|user| request.asks(user))
}

/// The due day of a request that is shown and of which something is missing.
fn missing_on(request: &DocumentRequest, asked: Option<&UserId>) -> Option<Day> {
    (is_shown(request, asked) && request.is_missing_something()).then_some(request.due_on)
}

#[cfg(test)]
mod tests {
    use domain::{
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
    }

    /// Proves: DB1
    #[test]
    fn a_person_who_asks_for_nothing_is_shown_what_they_are_asked_for_alone() {
        let uploaded = "doc_00000000000000000000000000000004".parse().unwrap();
        let open = request(1, &["Contract"], "1970-01-06", "tom");
        let (sent, _) = request(2, &["Payslips"], "1970-01-06", "tom").fulfilled(1, &uploaded).unwrap();
        let shown_to = |request: &DocumentRequest, name: &str| missing_on(request, Some(&name.parse().unwrap()));
        assert_eq!(shown_to(&open, "tom"), Some(day("1970-01-06")));
        assert_eq!(missing_on(&open, None), Some(day("1970-01-06")));
        assert_eq!((shown_to(&open, "eve"), shown_to(&sent, "tom")), (None, None));
    }
}
