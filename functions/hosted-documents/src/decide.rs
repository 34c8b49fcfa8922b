//! Accepts or declines an estimate through its hosted link.

use api::{Answer, ApiError, Path, Problem, ProblemBody, ProblemType, Public, RequestReader, input::MAX_BODY_BYTES};
use axum::{
    body::{Body, to_bytes},
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use domain::{
    Note, Permission,
    content_digest::ContentDigest,
    estimate::{Decider, DecisionVia, EstimateDecision, EstimateError, EstimateState, EstimateVerdict},
    language::Reader,
};
use hosted_links::{Hosted, Opened};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    App,
    form::{is_form, read},
    page::{self, Refused},
    shown::{Shown, open},
    view::HostedDocument,
};

/// A decision on an estimate.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DecideHostedEstimate {
    decision: EstimateVerdict,
    /// Why. Needed to decline.
    #[serde(default)]
    reason: Option<Note>,
    /// The `digest` of the estimate that was shown.
    digest: ContentDigest,
}

/// Accepts or declines an estimate through its hosted link.
///
/// The decision counts for the content that was shown, through the last valid day in the company's time zone. A form is
/// answered with a page, JSON with JSON. There is no `Idempotency-Key`: the caller is anonymous, and an estimate is
/// decided once.
#[utoipa::path(post, path = "/h/{token}/decision", params(("token" = String, Path)),
    request_body(content(
        (DecideHostedEstimate = "application/json"),
        (DecideHostedEstimate = "application/x-www-form-urlencoded"),
    )),
    responses(
        (status = 200, description = "The estimate as it is decided",
            content((HostedDocument = "application/json"), (String = "text/html"))),
        (status = 404, description = "No such link",
            content((ProblemBody = "application/problem+json"), (String = "text/html"))),
        (status = 409, description = "The estimate changed, has ended or is decided",
            content((ProblemBody = "application/problem+json"), (String = "text/html"))),
        (status = 410, description = "The link opens nothing any more",
            content((ProblemBody = "application/problem+json"), (String = "text/html"))),
        (status = 422, description = "A field is refused",
            content((ProblemBody = "application/problem+json"), (String = "text/html"))),
    ))]
pub(crate) async fn decide_hosted_estimate(
    State(app): State<App>,
    caller: Public,
    Path(token): Path<String>,
    RequestReader(browser): RequestReader,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let by_form = is_form(&headers);
    let shown = match open(&app, &token, caller.now).await {
        Ok(shown) => shown,
        Err(closed) if by_form => return page::closed_below(&browser, closed).into_response(),
        Err(closed) => return ApiError::from(closed).into_response(),
    };
    let too_large = || Problem::new(ProblemType::TooLarge).detail(format!("at most {MAX_BODY_BYTES} bytes"));
    let body = to_bytes(body, MAX_BODY_BYTES).await.map_err(|_| too_large());
    let wanted = body.and_then(|body| read::<DecideHostedEstimate>(&headers, &body));
    let decided = match wanted {
        Ok(wanted) => decide(&app, shown, wanted, &caller).await,
        Err(problem) => Err(problem.into()),
    };
    match (decided, by_form) {
        (Ok(decided), true) => {
            let reader = decided.opened.reader(&browser);
            page::document(&reader, &HostedDocument::of(&decided, caller.now), None).into_response()
        }
        (Ok(decided), false) => Answer::ok(&HostedDocument::of(&decided, caller.now)).into_response(),
        (Err(ApiError::Problem(problem)), true) => refused(&app, &token, &caller, &browser, problem).await,
        (Err(error), _) => error.into_response(),
    }
}

/// The page with the estimate as it is now, and why nothing was decided.
async fn refused(app: &App, token: &str, caller: &Public, browser: &Reader, problem: Problem) -> Response {
    match open(app, token, caller.now).await {
        Ok(shown) => {
            let reader = shown.opened.reader(browser);
            let shown = HostedDocument::of(&shown, caller.now);
            page::document(&reader, &shown, Some(Refused::Decision(&problem))).into_response()
        }
        Err(closed) => page::closed_below(browser, closed).into_response(),
    }
}

async fn decide(app: &App, shown: Shown, wanted: DecideHostedEstimate, caller: &Public) -> Result<Shown, ApiError> {
    let opened = &shown.opened;
    let ours = &opened.ours;
    let Hosted::Estimate(estimate) = &opened.document else {
        return Err(Problem::conflict("only an estimate is accepted or declined", "no_estimate").into());
    };
    if !ours.lets(Permission::EstimatesDecide) {
        return Err(Problem::not_granted(Permission::EstimatesDecide).into());
    }
    let by = Decider {
        via: DecisionVia::Link,
        name: ours.link.contact_name.clone(),
        user: None,
        contact: Some(ours.link.contact.as_str().parse().map_err(Problem::internal)?),
    };
    let decision = EstimateDecision { verdict: wanted.decision, reason: wanted.reason, seen: wanted.digest };
    let (decided, event) = estimate
        .decide(decision, by, &ours.company.time_zone, caller.now)
        .map_err(|error| refusal(error, estimate.state))?;
    let change_context = ours.change_context(caller.now, caller.request_id.clone());
    let mut change = app.api.store.change(&ours.authority(), change_context);
    opened.require(&mut change);
    // The lines that are kept beside it are as they were.
    change.put_sales_document(|tenant, reference| tenant.estimate(reference), Some(estimate.version), &decided);
    change.record(event);
    change.commit().await?;
    let opened = Opened { document: Hosted::Estimate(Box::new(decided)), ..shown.opened };
    Ok(Shown { opened, ..shown })
}

fn refusal(error: EstimateError, state: EstimateState) -> Problem {
    let state = match error {
        EstimateError::Changed => "changed",
        EstimateError::Lapsed(_) => "expired",
        EstimateError::NoReason => return Problem::field("reason", error),
        EstimateError::Decided(_)
        | EstimateError::Draft
        | EstimateError::NotDecided(_)
        | EstimateError::Sent
        | EstimateError::OtherCustomer
        | EstimateError::LedgerKeeps => state.as_str(),
    };
    Problem::conflict(error, state)
}
