//! Lists of the customer's sales documents: those that were sent, the last issued first.

use api::{Api, ApiResult, InCustomer, Problem, paging::page_request};
use domain::{permission::NeedsAll, time::Day};
use store::Page;

use crate::document::Shown;

/// Which documents of a list, and which page of it.
pub(crate) struct Filter {
    /// Only those that were issued on this day or later.
    pub(crate) from: Option<Day>,
    /// Only those that were issued on this day or earlier.
    pub(crate) until: Option<Day>,
    pub(crate) limit: Option<u16>,
    pub(crate) cursor: Option<String>,
}

/// One page of the documents that `keep` keeps, and today in the company's time zone. `may_keep` is the part of that
/// rule which needs no date: the query keeps to it, so that a page is seldom short.
pub(crate) async fn listed<T: Shown, N: NeedsAll>(
    api: &Api,
    caller: &InCustomer<N>,
    filter: Filter,
    may_keep: impl Fn(&T) -> bool,
    keep: impl Fn(&T, Day) -> bool,
) -> ApiResult<(Page<T>, Day)> {
    let Filter { from, until, limit, cursor } = filter;
    let request = page_request(limit, cursor)?;
    let (company, Page { items, next }) = api
        .store
        .load_and_query(
            &caller.authority(),
            caller.now(),
            |tenant| tenant.company(),
            async |queries| {
                let documents = |tenant: &store::Tenant| {
                    T::of_customer(tenant, &caller.company, &caller.customer).on_days(from, until)
                };
                queries.page_matching(documents, &request, may_keep).await
            },
        )
        .await?;
    let today = caller.now().day_in(&company.ok_or_else(Problem::not_found)?.time_zone);
    let kept = items.into_iter().filter(|document| document.is_shown_to(&caller.customer) && keep(document, today));
    Ok((Page { items: kept.collect(), next }, today))
}
