//! A firm's signup codes.

use api::{Answer, ApiError, ApiResult, Body, InFirm, PageInfo, PageQuery, Path, Problem, Query, clock::new_uuid};
use axum::extract::State;
use domain::{
    FirmId, SignupCodeId,
    permission::may,
    signup_source::{SignupCode, SignupSourceRef},
};
use serde::Serialize;
use serde_json::Value;
use signup_codes::{RevokeSignupSource, text_and_digest, unanswered};
use store::{Attempt, Replay, retry_on_conflict};
use utoipa::ToSchema;

use crate::{
    App,
    terms::{CreateSignupSource, RegisteredCompany, SignupCodeView, creator},
};

/// One signup code.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SignupCodeResponse {
    signup_code: SignupCodeView,
}

/// A signup code with the text to type.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CreateSignupCodeResponse {
    #[schema(value_type = SignupCodeView)]
    signup_code: Value,
    /// The text to type, in upper or lower case, with or without the hyphen.
    code: String,
}

impl App {
    /// Adds the code, which is never stored, to the stored answer.
    async fn with_code(&self, kept: &Answer) -> ApiResult {
        let mut kept: Value = serde_json::from_str(&kept.body()).map_err(Problem::internal)?;
        let signup_code = kept.get_mut("signup_code").map(Value::take).unwrap_or_default();
        let id = signup_code.get("id").and_then(Value::as_str).unwrap_or_default();
        let code = self.signer.code(id).await.map_err(unanswered)?.for_people();
        Answer::created(&CreateSignupCodeResponse { signup_code, code })
    }
}

/// Treats another firm's code as not found.
fn of_firm(code: Option<SignupCode>, firm: &FirmId) -> Result<SignupCode, Problem> {
    code.filter(|code| code.firm() == Some(firm)).ok_or_else(Problem::not_found)
}

fn shown(code: SignupCode, now: domain::UtcTime) -> Result<SignupCodeView, Problem> {
    SignupCodeView::at(code, now).ok_or_else(|| Problem::internal("a firm's code that is the vendor's"))
}

/// Creates a signup code.
///
/// A company that registers with the code is connected to the firm.
///
/// Needs `clients.manage`.
#[utoipa::path(post, path = "/v1/signup-codes", request_body = CreateSignupSource,
    responses((status = 201, body = CreateSignupCodeResponse)))]
pub(crate) async fn make_code(
    State(app): State<App>,
    caller: InFirm<may::ClientsManage>,
    body: Body<CreateSignupSource>,
) -> ApiResult {
    let firm = caller.firm.clone();
    let idempotency = body.idempotent.by(&caller.caller.user);
    let (label, terms, limits) = body.value.parse(caller.now())?;
    let id = SignupCodeId::from_uuid(new_uuid());
    let (code, event) = SignupCode::of_firm(id, &firm, label, terms, limits, creator(&caller), caller.now());
    let (_, digest) = text_and_digest(&app.signer, &code.name()).await?;

    let mut change = app.api.store.change(&caller.authority(), caller.change_context());
    change.put(|tenant| tenant.signup_code(&digest), None, &code);
    change.record(event);
    // The answer is stored without the code; a replay derives the code again.
    let kept = Answer::created(&SignupCodeResponse { signup_code: shown(code, caller.now())? })?;
    match kept.commit(change, idempotency.as_ref()).await? {
        Ok(kept) => app.with_code(&kept).await,
        Err(Replay::Answered(first)) => Ok(app.with_code(&first.into()).await?.replayed()),
        Err(reused @ Replay::KeyReused) => Err(reused.into()),
    }
}

/// A page of signup codes.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SignupCodePage {
    signup_codes: Vec<SignupCodeView>,
    #[serde(flatten)]
    paged: PageInfo,
}

/// Lists the firm's signup codes, newest first.
///
/// The list leaves the codes to type out; `GET /v1/signup-codes/{id}` returns one.
///
/// Needs `clients.manage`.
#[utoipa::path(get, path = "/v1/signup-codes", params(PageQuery),
    responses((status = 200, body = SignupCodePage)))]
pub(crate) async fn list_codes(
    State(app): State<App>,
    caller: InFirm<may::ClientsManage>,
    Query(query): Query<PageQuery>,
) -> ApiResult {
    let request = query.request()?;
    let page = app.api.store.page(&caller.authority(), caller.now(), |tenant| tenant.signup_codes(), &request).await?;
    let paged = PageInfo::from(&page);
    let signup_codes =
        page.items.into_iter().map(|code| shown(code, caller.now())).collect::<Result<Vec<_>, Problem>>()?;
    Answer::ok(&SignupCodePage { signup_codes, paged })
}

/// A signup code, the text to type, and the companies that registered with it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SignupCodeDetails {
    signup_code: SignupCodeView,
    /// The text to type, in upper or lower case, with or without the hyphen.
    code: String,
    /// The companies that registered with it, newest first.
    registrations: Vec<RegisteredCompany>,
    #[serde(flatten)]
    paged: PageInfo,
}

/// Shows a signup code and the companies that registered with it.
///
/// Needs `clients.manage`.
#[utoipa::path(get, path = "/v1/signup-codes/{id}",
    params(("id" = SignupCodeId, Path), PageQuery), responses((status = 200, body = SignupCodeDetails)))]
pub(crate) async fn get_code(
    State(app): State<App>,
    caller: InFirm<may::ClientsManage>,
    Path(id): Path<SignupCodeId>,
    Query(query): Query<PageQuery>,
) -> ApiResult {
    let firm = caller.firm.clone();
    let request = query.request()?;
    let (text, digest) = text_and_digest(&app.signer, id.as_str()).await?;
    let through = SignupSourceRef::SignupCode(id);
    let authority = caller.authority();
    let reading = app.api.store.query_authorized(&authority, caller.now(), async |queries| {
        tokio::try_join!(
            queries.get(|tenant| tenant.signup_code(&digest)),
            queries.page(|tenant| tenant.referrals_through(&through), &request),
        )
    });
    let (code, page) = reading.await?;
    let paged = PageInfo::from(&page);
    let registrations = app.api.store.with_present_names(page.items).await?;
    Answer::ok(&SignupCodeDetails {
        signup_code: shown(of_firm(code, &firm)?, caller.now())?,
        code: text,
        registrations: registrations.into_iter().map(Into::into).collect(),
        paged,
    })
}

/// Revokes a signup code.
///
/// Nobody can register with it any more. Companies that did stay connected.
///
/// Needs `clients.manage`.
#[utoipa::path(post, path = "/v1/signup-codes/{id}/revoke",
    params(("id" = SignupCodeId, Path)), request_body = RevokeSignupSource, responses((status = 200, body = SignupCodeResponse)))]
pub(crate) async fn revoke_code(
    State(app): State<App>,
    caller: InFirm<may::ClientsManage>,
    Path(id): Path<SignupCodeId>,
    body: Body<RevokeSignupSource>,
) -> ApiResult {
    let firm = caller.firm.clone();
    let authority = caller.authority();
    let idempotency = body.idempotent.by(&caller.caller.user);
    let (_, digest) = text_and_digest(&app.signer, id.as_str()).await?;
    let store = &app.api.store;
    retry_on_conflict(|| async {
        let code = store
            .load_once(&authority, caller.now(), idempotency.as_ref(), |tenant| tenant.signup_code(&digest))
            .await
            .map_err(Attempt::<ApiError>::from)??;
        let code = of_firm(code, &firm)?;
        let (revoked, event) =
            code.revoke(caller.now()).map_err(|closed| Problem::conflict(closed, closed.0.as_str()))?;
        let mut change = store.change(&authority, caller.change_context());
        change.put(|tenant| tenant.signup_code(&digest), Some(code.version), &revoked);
        if let Some(event) = event {
            change.record(event);
        }
        Ok(Answer::ok(&SignupCodeResponse { signup_code: shown(revoked, caller.now())? })?
            .commit(change, idempotency.as_ref())
            .await??)
    })
    .await
}
