//! Verifies the audit log against its seals.

use api::{Answer, ApiError, ApiResult, InOrg, Problem, ProblemType, Query};
use audit_chain::{ChainError, ChainVerification};
use axum::extract::State;
use domain::{permission::may, seal::KnownHead};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::App;

/// The part of the chain to verify.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct VerifyQuestion {
    /// The `next_cursor` of the previous part.
    #[serde(default)]
    cursor: Option<String>,
    /// The `head` of an earlier answer, `number:hash`. The answer then says whether the chain still holds
    /// that seal, and so whether its end was removed, also for those who do not rely on the head that the stack keeps.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    head: Option<KnownHead>,
}

/// The result for one part of the chain.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VerificationPage {
    #[serde(flatten)]
    verification: ChainVerification,
    /// Where the next part begins; absent at the end of the chain.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Verifies the audit log of the company or firm against its seals.
///
/// One call verifies up to 20 seals of up to 64 events each. `findings` names each event and each seal that
/// was altered, removed or inserted, each seal that the key did not sign or that was made long after its events, and an end
/// that does not match the head that is kept outside the table; when it is empty, this part is `intact`. Continue until
/// an answer has no `next_cursor`: then the whole audit log is verified. Events newer than the last seal are counted but not
/// verified; one that is more than an hour old is a finding.
///
/// Needs `audit.view`.
#[utoipa::path(get, path = "/v1/audit/verify", params(VerifyQuestion),
    responses((status = 200, body = VerificationPage)))]
pub(crate) async fn verify_audit_log(
    State(app): State<App>,
    caller: InOrg<may::AuditView, may::AuditView>,
    Query(question): Query<VerifyQuestion>,
) -> ApiResult {
    let from = question.cursor.map_or(Ok(1), |cursor| place(&cursor))?;
    let (store, authority) = (&app.api.store, caller.authority());
    let verification = app.verifier.verify(store, &authority, caller.now(), from, question.head).await;
    let verification = verification.map_err(stopped)?;
    let next_cursor = verification.next.map(|place| format!("seal-{place}"));
    Answer::ok(&VerificationPage { verification, next_cursor })
}

fn place(cursor: &str) -> Result<u64, Problem> {
    let place = cursor.strip_prefix("seal-").and_then(|place| place.parse().ok()).filter(|place| *place > 0);
    place.ok_or_else(|| Problem::field("cursor", "is not a cursor of this list"))
}

fn stopped(error: ChainError) -> ApiError {
    match error {
        ChainError::Store(error) => error.into(),
        error @ (ChainError::Key(_) | ChainError::Heads(_)) => {
            tracing::warn!(%error, "the audit chain cannot be verified now");
            Problem::new(ProblemType::Unavailable).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_names_a_place_of_the_chain() {
        assert_eq!(place("seal-21"), Ok(21));
        for text in ["", "21", "seal-", "seal-0", "seal--1", "seal-99999999999999999999999"] {
            assert!(place(text).is_err(), "{text}");
        }
    }
}
