//! What is due next: invoices, documents that were asked for, and estimates that expire.

use domain::{
    Currency, DocumentRequestId, Name, Reference, UtcTime,
    document_request::DocumentRequest,
    estimate::{Estimate, EstimateState},
    invoice::Invoice,
    money::Total,
    time::{Day, Zone},
};
use serde::Serialize;
use store::{Page, PageRequest, Queries, StoreError};
use utoipa::ToSchema;

/// How many are shown.
const MOST: usize = 5;

/// Something that is due today or later.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum DueNext {
    /// An invoice of which something is neither paid nor being paid.
    Invoice {
        /// Its last day.
        due_on: Day,
        reference: Reference,
        number: Name,
        currency: Currency,
        due_minor: i64,
    },
    /// Documents that were asked for and are missing.
    DocumentRequest {
        /// The last day on which they are in time.
        due_on: Day,
        id: DocumentRequestId,
        title: Name,
        missing_count: usize,
    },
    /// An estimate that waits for a decision.
    Estimate {
        /// The last day on which it can be decided.
        due_on: Day,
        reference: Reference,
        number: Name,
        currency: Currency,
        total_minor: Total,
    },
}

impl DueNext {
    const fn due_on(&self) -> Day {
        match self {
            Self::Invoice { due_on, .. } | Self::DocumentRequest { due_on, .. } | Self::Estimate { due_on, .. } => {
                *due_on
            }
        }
    }

    fn invoice(invoice: &Invoice) -> Option<Self> {
        let content = &invoice.terms.content;
        (invoice.due_minor > 0).then(|| Self::Invoice {
            due_on: invoice.terms.due_on,
            reference: invoice.reference.clone(),
            number: content.number.clone(),
            currency: content.currency,
            due_minor: invoice.due_minor,
        })
    }

    fn request(request: &DocumentRequest) -> Option<Self> {
        request.is_missing_something().then(|| Self::DocumentRequest {
            due_on: request.due_on,
            id: request.id.clone(),
            title: request.title.clone(),
            missing_count: request.missing().count(),
        })
    }

    fn estimate(estimate: &Estimate) -> Self {
        let content = &estimate.terms.content;
        Self::Estimate {
            due_on: estimate.terms.valid_until,
            reference: estimate.reference.clone(),
            number: content.number.clone(),
            currency: content.currency,
            total_minor: content.total_minor,
        }
    }
}

/// What the caller sees of each module; `None` of what they do not.
pub(crate) struct DueSources<'p> {
    pub(crate) invoices: Option<&'p Page<Invoice>>,
    pub(crate) estimates: Option<&'p Page<Estimate>>,
    pub(crate) requests: Option<&'p Page<DocumentRequest>>,
}

impl DueSources<'_> {
    /// What is due today or later, the next first; `None` where the caller sees no module.
    pub(crate) fn next(&self, today: Day) -> Option<Vec<DueNext>> {
        let Self { invoices, estimates, requests } = self;
        if invoices.is_none() && estimates.is_none() && requests.is_none() {
            return None;
        }
        let invoices = invoices.iter().flat_map(|page| &page.items).filter_map(DueNext::invoice);
        let estimates = estimates.iter().flat_map(|page| &page.items).map(DueNext::estimate);
        let requests = requests.iter().flat_map(|page| &page.items).filter_map(DueNext::request);
        let all = invoices.chain(requests).chain(estimates);
        let mut due: Vec<DueNext> = all.filter(|one| one.due_on() >= today).collect();
        due.sort_by_key(DueNext::due_on);
        due.truncate(MOST);
        Some(due)
    }
}

/// The estimates that expire next. One may have expired yesterday: today where the company is may be yesterday in UTC.
pub(crate) async fn read_estimates(queries: &Queries<'_>, now: UtcTime) -> Result<Page<Estimate>, StoreError> {
    let from = now.day_in(&Zone::utc()).plus_days(-1);
    let open = |tenant: &store::Tenant| tenant.estimates(Some(EstimateState::Open)).on_days(Some(from), None);
    queries.page(open, &PageRequest::first(8)).await
}
