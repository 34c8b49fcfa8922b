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
use store::{Entity, Listing, Page, PageRequest, Queries, StoreError, Tenant};
use utoipa::ToSchema;

use crate::reading::read_until;

/// How many are shown.
const MOST: usize = 5;
/// How many are read first: some may be over where the company is, or have nothing that is due.
const FIRST: u16 = 8;

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

/// The days that may be today where the company is, which is not known before the answer: that of UTC, the one before, and the
/// one after.
#[derive(Debug, Clone, Copy)]
struct Todays {
    first: Day,
    last: Day,
}

impl Todays {
    fn at(now: UtcTime) -> Self {
        let today = now.day_in(&Zone::utc());
        Self { first: today.plus_days(-1), last: today.plus_days(1) }
    }

    /// Whether these hold all that is shown, whichever day is today. They are sorted by due day, from the first of the days or from
    /// before it; `due_on` gives the due day of one that is shown.
    fn has_enough<T>(self, items: &[T], due_on: impl Fn(&T) -> Option<Day>) -> bool {
        items.iter().filter_map(due_on).filter(|day| *day >= self.last).take(MOST).count() == MOST
    }
}

/// What is due first in a list, and what is due from today on.
#[derive(Debug)]
pub(crate) struct ByDueDay<T> {
    /// What is due first, overdue or not.
    pub(crate) first: Page<T>,
    /// What is due from today on, where the first page does not hold enough of it.
    later: Option<Vec<T>>,
}

impl<T> ByDueDay<T> {
    /// What is due from today on, and perhaps something that was due before.
    pub(crate) fn next(&self) -> &[T] {
        self.later.as_ref().unwrap_or(&self.first.items)
    }

    /// The same, with what `keep` keeps.
    #[must_use]
    pub(crate) fn filtered(mut self, keep: impl Fn(&T) -> bool) -> Self {
        self.first.items.retain(&keep);
        if let Some(later) = &mut self.later {
            later.retain(&keep);
        }
        self
    }
}

impl<T: Entity> ByDueDay<T> {
    /// Reads what is due next in a list by due day whose beginning is `first`: nothing where that holds it. `due_on` gives the due
    /// day of one that is shown.
    pub(crate) async fn read_on(
        queries: &Queries<'_>,
        first: Page<T>,
        listing: impl Fn(&Tenant) -> Listing<T>,
        now: UtcTime,
        due_on: impl Fn(&T) -> Option<Day>,
    ) -> Result<Self, StoreError> {
        if first.next.is_none() || Todays::at(now).has_enough(&first.items, &due_on) {
            return Ok(Self { first, later: None });
        }
        let later = read_next(queries, listing, now, due_on).await?;
        Ok(Self { first, later: Some(later) })
    }
}

/// Reads what is due next in a list by due day: one query, and more where many are due on a day that may be over.
async fn read_next<T: Entity>(
    queries: &Queries<'_>,
    listing: impl Fn(&Tenant) -> Listing<T>,
    now: UtcTime,
    due_on: impl Fn(&T) -> Option<Day>,
) -> Result<Vec<T>, StoreError> {
    let todays = Todays::at(now);
    let from_today = |tenant: &Tenant| listing(tenant).on_days(Some(todays.first), None);
    let is_enough = |items: &[T]| todays.has_enough(items, &due_on);
    Ok(read_until(queries, from_today, PageRequest::first(FIRST), is_enough).await?.items)
}

/// The open estimates that expire next.
pub(crate) async fn read_estimates(queries: &Queries<'_>, now: UtcTime) -> Result<Vec<Estimate>, StoreError> {
    let open = |tenant: &Tenant| tenant.estimates(Some(EstimateState::Open));
    read_next(queries, open, now, |estimate| Some(estimate.terms.valid_until)).await
}

/// What the caller sees of each module; `None` of what they do not.
pub(crate) struct DueSources<'p> {
    pub(crate) invoices: Option<&'p [Invoice]>,
    pub(crate) estimates: Option<&'p [Estimate]>,
    pub(crate) requests: Option<&'p [DocumentRequest]>,
}

impl DueSources<'_> {
    /// What is due today or later, the next first; `None` where the caller sees no module.
    pub(crate) fn next(&self, today: Day) -> Option<Vec<DueNext>> {
        let Self { invoices, estimates, requests } = *self;
        if invoices.is_none() && estimates.is_none() && requests.is_none() {
            return None;
        }
        let invoices = invoices.into_iter().flatten().filter_map(DueNext::invoice);
        let estimates = estimates.into_iter().flatten().map(DueNext::estimate);
        let requests = requests.into_iter().flatten().filter_map(DueNext::request);
        let all = invoices.chain(requests).chain(estimates);
        let mut due: Vec<DueNext> = all.filter(|one| one.due_on() >= today).collect();
        due.sort_by_key(DueNext::due_on);
        due.truncate(MOST);
        Some(due)
    }
}

#[cfg(test)]
mod tests {
    use store::Cursor;

    use super::*;

    fn day(text: &str) -> Day {
        Day::try_from(text.to_owned()).unwrap()
    }

    fn todays() -> Todays {
        Todays::at("2026-11-30T10:00:00Z".parse().unwrap())
    }

    fn has_enough(days: &[&str]) -> bool {
        todays().has_enough(days, |on| (!on.is_empty()).then(|| day(on)))
    }

    /// East of here it is tomorrow already: of what is due today, nothing may be left there.
    /// Proves: DB1
    #[test]
    fn five_that_are_due_wherever_the_company_is_are_enough_and_those_that_may_be_over_are_not() {
        assert_eq!((todays().first, todays().last), (day("2026-11-29"), day("2026-12-01")));
        let (over, due) = ("2026-11-30", "2026-12-01");
        assert!(!has_enough(&[over; 8]), "eight that may be over");
        assert!(!has_enough(&[over, over, over, over, due, due, due, due]));
        assert!(has_enough(&[over, over, over, due, due, due, due, due]));
        assert!(!has_enough(&["", due, due, due, due]), "one is not shown");
    }

    /// Proves: DB1
    #[test]
    fn what_is_due_next_is_read_from_the_first_page_or_from_what_lies_behind_what_is_overdue() {
        let first = || Page { items: vec!["overdue"; 3], next: Some(Cursor::new("there is more".to_owned())) };
        assert_eq!(ByDueDay { first: first(), later: None }.next(), ["overdue"; 3]);
        let both = ByDueDay { first: first(), later: Some(vec!["due", "another's"]) };
        assert_eq!(both.next(), ["due", "another's"]);
        let own = both.filtered(|one| *one != "another's");
        assert_eq!((own.next(), own.first.items.len()), (["due"].as_slice(), 3));
    }
}
