//! Estimates of the caller's customer.

use api::{Answer, Api, ApiResult, Body, InCustomer, PageInfo, PageQuery, Path, Problem, Query};
use axum::extract::State;
use domain::{
    Note, Reference,
    content_digest::ContentDigest,
    customer::seat::ContactSeat,
    estimate::{
        Decider, DecisionVia, Estimate, EstimateDecision, EstimateError, EstimateState, EstimateStatus, EstimateVerdict,
    },
    permission::may,
    time::Day,
};
use serde::{Deserialize, Serialize};
use store::Page;
use utoipa::{IntoParams, ToSchema};

use crate::{
    comments::{self, CreateCustomerComment, CustomerCommentPage, CustomerCommentResponse, MarkCustomerCommentsRead},
    document::{self, DocumentViewed, NoteDocumentView, Shown},
    list::{Filter, listed},
    view::{DocumentContents, EstimateView},
};

/// One estimate, with its lines.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomerEstimateDetails {
    #[serde(flatten)]
    estimate: EstimateView,
    #[serde(flatten)]
    contents: DocumentContents,
}

/// One estimate.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomerEstimateResponse {
    estimate: CustomerEstimateDetails,
}

/// A page of estimates.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomerEstimatePage {
    estimates: Vec<EstimateView>,
    #[serde(flatten)]
    paged: PageInfo,
}

/// Filters for the customer's estimates.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct WhichCustomerEstimates {
    /// Only those with this status. Default: all.
    #[serde(default)]
    status: Option<EstimateStatus>,
    /// Only those that were issued on this day or later.
    #[serde(default)]
    from: Option<Day>,
    /// Only those that were issued on this day or earlier.
    #[serde(default)]
    until: Option<Day>,
    #[serde(default)]
    limit: Option<u16>,
    #[serde(default)]
    cursor: Option<String>,
}

/// Lists the customer's estimates, the last issued first; drafts never.
///
/// A page may be short, and still say where to go on: others are left out.
///
/// Needs `estimates.view`.
#[utoipa::path(get, path = "/v1/customer-portal/estimates", params(WhichCustomerEstimates),
    responses((status = 200, body = CustomerEstimatePage)))]
pub(crate) async fn list_customer_estimates(
    State(api): State<Api>,
    caller: InCustomer<may::EstimatesView>,
    Query(which): Query<WhichCustomerEstimates>,
) -> ApiResult {
    let WhichCustomerEstimates { status, from, until, limit, cursor } = which;
    let filter = Filter { from, until, limit, cursor };
    let may_keep = |estimate: &Estimate| status.is_none_or(|status| may_be(estimate.state, status));
    let keep = |estimate: &Estimate, today| status.is_none_or(|status| estimate.status(today) == status);
    let (page, today) = listed(&api, &caller, filter, may_keep, keep).await?;
    let paged = PageInfo::from(&page);
    let Page { items, .. } = page;
    Answer::ok(&CustomerEstimatePage {
        estimates: items.iter().map(|estimate| EstimateView::of(estimate, today)).collect(),
        paged,
    })
}

/// Shows an estimate of the customer, with its lines.
///
/// That it was seen is noted by a request of its own, `POST …/viewed`.
///
/// Needs `estimates.view`.
#[utoipa::path(get, path = "/v1/customer-portal/estimates/{reference}", params(("reference" = Reference, Path)),
    responses((status = 200, body = CustomerEstimateResponse)))]
pub(crate) async fn get_customer_estimate(
    State(api): State<Api>,
    caller: InCustomer<may::EstimatesView>,
    Path(reference): Path<Reference>,
) -> ApiResult {
    let (estimate, contents, today) = document::open::<Estimate, _>(&api, &caller, &reference).await?;
    let estimate = CustomerEstimateDetails { estimate: EstimateView::of(&estimate, today), contents };
    Answer::ok(&CustomerEstimateResponse { estimate })
}

/// Notes that the caller saw an estimate of the customer; the page sends it once it is shown.
///
/// Counted for each content and contact. Where the content is another by now, the answer is `409`.
///
/// Needs `estimates.view`.
#[utoipa::path(post, path = "/v1/customer-portal/estimates/{reference}/viewed",
    params(("reference" = Reference, Path)), request_body = NoteDocumentView,
    responses((status = 200, body = DocumentViewed)))]
pub(crate) async fn note_customer_estimate_view(
    State(api): State<Api>,
    caller: InCustomer<may::EstimatesView>,
    Path(reference): Path<Reference>,
    body: Body<NoteDocumentView>,
) -> ApiResult {
    Answer::ok(&document::note_view::<Estimate, _>(&api, &caller, &reference, &body.value).await?)
}

/// Lists the comments on an estimate that the customer sees, oldest first.
///
/// A page may be short, and still say where to go on.
///
/// Needs `estimates.view`.
#[utoipa::path(get, path = "/v1/customer-portal/estimates/{reference}/comments",
    params(("reference" = Reference, Path), PageQuery), responses((status = 200, body = CustomerCommentPage)))]
pub(crate) async fn list_customer_estimate_comments(
    State(api): State<Api>,
    caller: InCustomer<may::EstimatesView>,
    Path(reference): Path<Reference>,
    Query(query): Query<PageQuery>,
) -> ApiResult {
    comments::list::<Estimate, _>(&api, &caller, &reference, &query).await
}

/// Comments on an estimate of the customer.
///
/// Needs `estimates.comment`.
#[utoipa::path(post, path = "/v1/customer-portal/estimates/{reference}/comments",
    params(("reference" = Reference, Path)), request_body = CreateCustomerComment,
    responses((status = 201, body = CustomerCommentResponse)))]
pub(crate) async fn comment_on_customer_estimate(
    State(api): State<Api>,
    caller: InCustomer<may::EstimatesComment>,
    Path(reference): Path<Reference>,
    body: Body<CreateCustomerComment>,
) -> ApiResult {
    comments::add::<Estimate, _>(&api, &caller, &reference, body).await
}

/// Notes how far the caller has read the comments on an estimate.
///
/// Needs `estimates.view`.
#[utoipa::path(post, path = "/v1/customer-portal/estimates/{reference}/comments/read",
    params(("reference" = Reference, Path)), request_body = MarkCustomerCommentsRead,
    responses((status = 204)))]
pub(crate) async fn read_customer_estimate_comments(
    State(api): State<Api>,
    caller: InCustomer<may::EstimatesView>,
    Path(reference): Path<Reference>,
    body: Body<MarkCustomerCommentsRead>,
) -> ApiResult {
    comments::mark_read::<Estimate, _>(&api, &caller, &reference, &body.value).await
}

/// A contact's decision on an estimate.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DecideCustomerEstimate {
    decision: EstimateVerdict,
    /// Why, for the company. Needed to decline.
    #[serde(default)]
    reason: Option<Note>,
    /// The `digest` of the estimate that was shown.
    digest: ContentDigest,
}

/// An estimate as a list shows it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DecidedEstimateResponse {
    estimate: EstimateView,
}

/// Accepts or declines an open estimate of the customer.
///
/// An estimate can be decided through its last valid day, in the company's time zone. The decision counts for the
/// content that was shown: if it is another by now, the answer is a conflict with the present estimate in `current`.
///
/// Needs `estimates.decide`.
#[utoipa::path(post, path = "/v1/customer-portal/estimates/{reference}/decision",
    params(("reference" = Reference, Path)), request_body = DecideCustomerEstimate,
    responses((status = 200, body = DecidedEstimateResponse)))]
pub(crate) async fn decide_customer_estimate(
    State(api): State<Api>,
    caller: InCustomer<may::EstimatesDecide>,
    Path(reference): Path<Reference>,
    body: Body<DecideCustomerEstimate>,
) -> ApiResult {
    let authority = caller.authority();
    let idempotency = body.idempotent.by(&caller.caller.user);
    let (estimate, company, seat) = api
        .store
        .load_once(&authority, caller.now(), idempotency.as_ref(), |tenant| {
            let seat = tenant.contact_seat(&caller.customer, &caller.caller.user);
            (tenant.estimate(&reference), tenant.company(), seat)
        })
        .await??;
    let estimate = Estimate::shown(estimate, &caller.customer)?;
    let zone = company.ok_or_else(Problem::not_found)?.time_zone;
    let seat: ContactSeat = seat.ok_or_else(Problem::not_found)?;

    let DecideCustomerEstimate { decision, reason, digest } = body.value;
    let decision = EstimateDecision { verdict: decision, reason, seen: digest };
    let by = Decider {
        via: DecisionVia::Contact,
        name: caller.context.claims().name.clone(),
        user: Some(caller.caller.user.clone()),
        contact: Some(seat.contact.as_str().parse().map_err(Problem::internal)?),
    };
    let today = caller.now().day_in(&zone);
    let (decided, event) =
        estimate.decide(decision, by, &zone, caller.now()).map_err(|error| refusal(error, &estimate, today))?;

    let mut change = api.store.change(&authority, caller.change_context());
    change.put(|tenant| tenant.estimate(&reference), Some(estimate.version), &decided);
    change.record(event);
    let answer = Answer::ok(&DecidedEstimateResponse { estimate: EstimateView::of(&decided, today) })?;
    Ok(answer.commit(change, idempotency.as_ref()).await??)
}

fn refusal(error: EstimateError, estimate: &Estimate, today: Day) -> Problem {
    let current = || DecidedEstimateResponse { estimate: EstimateView::of(estimate, today) };
    match error {
        EstimateError::Decided(state) => Problem::conflict(error, state.as_str()).current(&current()),
        EstimateError::Lapsed(_) => Problem::conflict(error, "expired"),
        EstimateError::NoReason => Problem::field("reason", error),
        EstimateError::Changed => Problem::conflict(error, "changed").current(&current()),
        // These are about what staff does; a contact sees no draft.
        EstimateError::Draft
        | EstimateError::NotDecided(_)
        | EstimateError::Sent
        | EstimateError::OtherCustomer
        | EstimateError::LedgerKeeps => Problem::conflict(error, estimate.state.as_str()),
    }
}

/// Whether an estimate in this state may have this status on some day.
const fn may_be(state: EstimateState, status: EstimateStatus) -> bool {
    match status {
        EstimateStatus::Draft => matches!(state, EstimateState::Draft),
        EstimateStatus::Sent | EstimateStatus::Viewed | EstimateStatus::Expired => matches!(state, EstimateState::Open),
        EstimateStatus::Accepted => matches!(state, EstimateState::Accepted),
        EstimateStatus::Declined => matches!(state, EstimateState::Declined),
        EstimateStatus::Invoiced => matches!(state, EstimateState::Invoiced),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn estimate() -> Estimate {
        let stored = json!({
            "company": "co_00000000000000000000000000000001", "reference": "EST-1", "number": "E-1",
            "customer": "CUS-1", "customer_name": "Loja Azul", "currency": "EUR", "total_minor": 9_000,
            "issued_on": "2026-11-01", "valid_until": "2026-11-21", "lines": [], "taxes": [],
            "totals": { "lines_minor": 9_000, "net_minor": 9_000, "tax_minor": 0, "gross_minor": 9_000 },
            "state": "open", "source": "ledger", "revision": 2, "content_digest": "0".repeat(64), "line_parts": 0,
            "version": 3,
        });
        serde_json::from_value(stored).unwrap()
    }

    /// Proves: CP7
    #[test]
    fn a_refused_decision_names_the_state_and_shows_what_there_is_now() {
        let estimate = estimate();
        let today = estimate.terms.valid_until;
        for (error, state, shows) in [
            (EstimateError::Decided(EstimateState::Accepted), "accepted", true),
            (EstimateError::Decided(EstimateState::Invoiced), "invoiced", true),
            (EstimateError::Changed, "changed", true),
            (EstimateError::Lapsed(today), "expired", false),
        ] {
            let problem = serde_json::to_value(refusal(error, &estimate, today)).unwrap();
            assert_eq!((&problem["status"], &problem["state"]), (&409.into(), &state.into()), "{error:?}");
            let current = problem.pointer("/current/estimate");
            assert_eq!(current.is_some(), shows, "{problem}");
            assert!(current.is_none_or(|current| current["revision"] == 2 && current.get("lines").is_none()));
        }
    }

    #[test]
    fn every_status_is_looked_for_in_the_state_that_may_have_it() {
        let estimate = estimate();
        let day = |text: &str| Day::try_from(text.to_owned()).unwrap();
        for today in [day("2026-11-21"), day("2026-11-22")] {
            for state in
                [EstimateState::Open, EstimateState::Accepted, EstimateState::Declined, EstimateState::Invoiced]
            {
                let estimate = Estimate { state, ..estimate.clone() };
                assert!(may_be(state, estimate.status(today)), "{state:?} {today}");
            }
        }
    }
}
