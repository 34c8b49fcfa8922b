//! Drafts, sends and reworks estimates by hand, for a company whose ledger pushes none.

use api::{Answer, Api, ApiResult, Body, InCompany, Path, Problem, clock, input::MAX_DOCUMENT_BYTES};
use axum::extract::State;
use domain::{
    Reference,
    comment::Topic,
    estimate::{Estimate, EstimateError, EstimateReport, EstimateState, EstimateTerms, record},
    ledger_report::Recording,
    permission::may,
    sales::{DocumentSource, SalesDocument, reference_from},
    time::Day,
};
use store::{Authority, Idempotency, Tenant};
use views::{Shown, attach, attached};

use crate::{
    drafting::{NoFields, drafted_document, no_such_customer, to_attach},
    estimates::EstimateResponse,
    show,
};

drafted_document! {
    /// An estimate as a person writes it. The amounts follow from the lines.
    WriteEstimate {
        /// Your own reference, when it is drafted. Default: one is made.
        #[serde(default)]
        reference: Option<Reference>,
        /// The due date if the estimate is accepted.
        #[serde(default)]
        due_on: Option<Day>,
        /// The last day on which it can be accepted, in the company's time zone.
        valid_until: Day,
    }
}

type Caller = InCompany<may::EstimatesManage>;

/// Drafts an estimate.
///
/// The customer does not see it before it is sent.
///
/// Needs `estimates.manage`.
#[utoipa::path(post, path = "/v1/estimates", request_body = WriteEstimate,
    responses((status = 201, body = EstimateResponse)))]
pub(crate) async fn draft_estimate(
    State(api): State<Api>,
    caller: Caller,
    body: Body<WriteEstimate, MAX_DOCUMENT_BYTES>,
) -> ApiResult {
    let idempotency = body.idempotent.by(&caller.caller.user);
    let written = body.value;
    let made = || reference_from(Topic::Estimate, clock::new_uuid());
    let reference = written.reference.clone().unwrap_or_else(made);
    write(&api, &caller, &reference, written, true, idempotency.as_ref()).await
}

/// Replaces a draft, or reworks an estimate that was sent or declined.
///
/// A reworked estimate is the customer's at once, as a new revision that is open; a decision on the one before stays on
/// record. An accepted estimate is reworked after its decision is undone.
///
/// Needs `estimates.manage`.
#[utoipa::path(put, path = "/v1/estimates/{reference}", params(("reference" = Reference, Path)),
    request_body = WriteEstimate, responses((status = 200, body = EstimateResponse)))]
pub(crate) async fn replace_estimate(
    State(api): State<Api>,
    caller: Caller,
    Path(reference): Path<Reference>,
    body: Body<WriteEstimate, MAX_DOCUMENT_BYTES>,
) -> ApiResult {
    let written = body.value;
    if written.reference.as_ref().is_some_and(|sent| *sent != reference) {
        return Err(Problem::field("reference", "is the one of the path").into());
    }
    write(&api, &caller, &reference, written, false, None).await
}

async fn write(
    api: &Api,
    caller: &Caller,
    reference: &Reference,
    written: WriteEstimate,
    is_new: bool,
    idempotency: Option<&Idempotency>,
) -> ApiResult {
    let (authority, now) = (caller.authority(), caller.now());
    let loaded = api.store.load_once(&authority, now, idempotency, |tenant| {
        let attachments = attached(tenant, &written.attachments);
        (tenant.estimate(reference), tenant.customer(&written.customer), tenant.company(), attachments)
    });
    let (known, customer, company, attachments) = loaded.await??;
    match &known {
        Some(known) if is_new => {
            return Err(Problem::conflict("an estimate has this reference", known.state.as_str()).into());
        }
        None if !is_new => return Err(Problem::not_found().into()),
        Some(_) | None => {}
    }
    let today = now.day_in(&company.ok_or_else(Problem::not_found)?.time_zone);
    let stored = known.as_ref().map(SalesDocument::content);
    let authority = to_attach(api, caller.access(), now, &written.attachments, stored).await?;
    let attachments = attach(&written.attachments, &attachments, stored)?;
    let terms = EstimateTerms {
        content: written.content(&customer.ok_or_else(no_such_customer)?, attachments, stored)?,
        due_on: written.due_on,
        valid_until: written.valid_until,
    };
    let is_draft = known.as_ref().is_none_or(|known| known.state == EstimateState::Draft);
    commit(api, caller, reference, (terms, is_draft), Around { known, today, authority }, idempotency).await
}

/// Sends a draft, or sends an estimate that was declined once more as it is.
///
/// From then on the customer sees and decides it. Sending one again that is open changes nothing.
///
/// Needs `estimates.manage`.
#[utoipa::path(post, path = "/v1/estimates/{reference}/send", params(("reference" = Reference, Path)),
    request_body = NoFields, responses((status = 200, body = EstimateResponse)))]
pub(crate) async fn send_estimate(
    State(api): State<Api>,
    caller: Caller,
    Path(reference): Path<Reference>,
    body: Body<NoFields>,
) -> ApiResult {
    let idempotency = body.idempotent.by(&caller.caller.user);
    let authority = caller.authority();
    let (known, today): (Estimate, Day) =
        show::read_once(&api, &authority, caller.now(), idempotency.as_ref(), Tenant::estimate, &reference).await?;
    let terms = known.terms.clone();
    let around = Around { known: Some(known), today, authority };
    commit(&api, &caller, &reference, (terms, false), around, idempotency.as_ref()).await
}

/// What was read around an estimate, and what its change needs.
struct Around {
    known: Option<Estimate>,
    today: Day,
    authority: Authority,
}

async fn commit(
    api: &Api,
    caller: &Caller,
    reference: &Reference,
    (terms, is_draft): (EstimateTerms, bool),
    around: Around,
    idempotency: Option<&Idempotency>,
) -> ApiResult {
    let Around { known, today, authority } = around;
    let state = known.as_ref().map_or(EstimateState::Draft, |known| known.state);
    let report = EstimateReport {
        terms,
        is_draft,
        again: state == EstimateState::Declined,
        source: DocumentSource::Staff,
        by: Some(caller.caller.user.clone()),
        at: caller.now(),
    };
    let expected = known.as_ref().map(|known| known.version);
    let recorded = record(&caller.company, reference, known, report).map_err(|error| refusal(error, state))?;
    let mut change = api.store.change(&authority, caller.change_context());
    let after = match recorded {
        Recording::Unchanged(known) => {
            change.unchanged(|tenant| tenant.estimate(reference), known.version);
            known
        }
        Recording::Recorded(after, event) => {
            change.put_sales_document(Tenant::estimate, expected, &after);
            change.record(event);
            after
        }
    };
    let response = EstimateResponse { estimate: after.listed(today) };
    let answer = if expected.is_none() { Answer::created(&response)? } else { Answer::ok(&response)? };
    Ok(answer.commit(change, idempotency).await??)
}

/// The problem of a change that was refused.
pub(crate) fn refusal(error: EstimateError, state: EstimateState) -> Problem {
    match error {
        EstimateError::OtherCustomer => Problem::field("customer", error),
        EstimateError::LedgerKeeps => Problem::conflict(error, "kept_by_ledger"),
        EstimateError::Lapsed(_) => Problem::conflict(error, "expired"),
        EstimateError::NoReason => Problem::field("reason", error),
        EstimateError::Changed => Problem::conflict(error, "changed"),
        EstimateError::Draft | EstimateError::Decided(_) | EstimateError::NotDecided(_) | EstimateError::Sent => {
            Problem::conflict(error, state.as_str())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_the_state_or_the_field_that_does_not_allow_it() {
        let lapsed = EstimateError::Lapsed("2026-11-21".to_owned().try_into().unwrap());
        for (error, status, said) in [
            (EstimateError::Decided(EstimateState::Accepted), 409, r#""state":"accepted""#),
            (EstimateError::NotDecided(EstimateState::Accepted), 409, r#""state":"accepted""#),
            (EstimateError::Draft, 409, r#""state":"accepted""#),
            (EstimateError::Sent, 409, r#""state":"accepted""#),
            (lapsed, 409, r#""state":"expired""#),
            (EstimateError::Changed, 409, r#""state":"changed""#),
            (EstimateError::LedgerKeeps, 409, r#""state":"kept_by_ledger""#),
            (EstimateError::OtherCustomer, 422, r#""field":"customer""#),
            (EstimateError::NoReason, 422, r#""field":"reason""#),
        ] {
            let problem = refusal(error, EstimateState::Accepted);
            assert_eq!(problem.status().as_u16(), status, "{error:?}");
            let body = serde_json::to_string(&problem).unwrap();
            assert!(body.contains(said), "{body}");
        }
    }
}
