//! Signup codes of the vendor. The vendor is a machine and names a code by its own reference: it
//! puts one as often as it likes, and gets the same code each time.

use api::{Answer, ApiError, ApiResult, Body, Machine, Path, Problem, scope};
use axum::extract::State;
use domain::{
    FirmId, Name, Org, Reference, UtcTime,
    signup_source::{CodeDigest, CodeIssuer, SignupCode, SignupSourceState, vendor_code_name},
};
use serde::{Deserialize, Serialize};
use signup_codes::{RevokeSignupSource, limits, text_and_digest};
use store::{Attempt, StoreError, retry_on_conflict};
use utoipa::ToSchema;

use crate::App;

/// A signup code of the vendor.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VendorCode)]
pub(crate) struct VendorCodeView {
    reference: Reference,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<Name>,
    /// The firm that signups are attributed to.
    #[serde(skip_serializing_if = "Option::is_none")]
    referrer: Option<FirmId>,
    state: SignupSourceState,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<UtcTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_uses: Option<u32>,
    uses: u32,
    created_at: UtcTime,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<UtcTime>,
}

/// A signup code of the vendor, with the text to type.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VendorCodeResponse {
    signup_code: VendorCodeView,
    /// The text to type, in upper or lower case, with or without the hyphen.
    code: String,
}

impl VendorCodeResponse {
    fn at(kept: SignupCode, code: String, now: UtcTime) -> Result<Self, Problem> {
        let CodeIssuer::Vendor { reference, referrer } = kept.issuer else {
            return Err(Problem::internal("a code of the vendor's that is a firm's"));
        };
        let limits = kept.limits;
        let signup_code = VendorCodeView {
            reference,
            label: kept.label,
            referrer,
            state: limits.state(now),
            expires_at: limits.expires_at,
            max_uses: limits.max_uses,
            uses: limits.uses,
            created_at: kept.created_at,
            revoked_at: limits.revoked_at,
        };
        Ok(Self { signup_code, code })
    }
}

/// A new signup code of the vendor. It connects no firm, and the company pays for itself.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PutVendorCode {
    #[serde(default, deserialize_with = "domain::text::public_name_if_any")]
    label: Option<Name>,
    /// The firm that signups are attributed to.
    #[serde(default)]
    referrer: Option<FirmId>,
    /// When the code expires.
    #[serde(default)]
    expires_at: Option<UtcTime>,
    /// The number of days until the code expires, 1–730.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 730)]
    expires_in_days: Option<u16>,
    /// The most registrations with the code. Default: unlimited.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 100_000)]
    max_uses: Option<u32>,
}

impl App {
    async fn vendor_code(&self, digest: &CodeDigest) -> ApiResult<SignupCode> {
        let found = self.api.store.signup_code_by_digest(digest).await?;
        Ok(found.ok_or_else(Problem::not_found)?)
    }
}

/// Creates a signup code of the vendor under a reference.
///
/// The same request again returns the existing code. Different terms under the same reference are refused.
#[utoipa::path(put, path = "/v1/vendor/signup-codes/{reference}",
    params(("reference" = Reference, Path)), request_body = PutVendorCode,
    responses((status = 201, body = VendorCodeResponse), (status = 200, body = VendorCodeResponse)))]
pub(crate) async fn put_vendor_code(
    State(app): State<App>,
    vendor: Machine<scope::Referrals>,
    Path(reference): Path<Reference>,
    body: Body<PutVendorCode>,
) -> ApiResult {
    let wanted = body.value;
    let limits = limits(wanted.expires_at, wanted.expires_in_days, wanted.max_uses, vendor.now)?;
    if let Some(firm) = &wanted.referrer {
        let authority = vendor.authority(Org::Firm(firm.clone()));
        app.api.store.prove(&authority, vendor.now).await.map_err(no_referrer)?;
    }
    let (text, digest) = text_and_digest(&app.signer, &vendor_code_name(&reference)).await?;
    let code = SignupCode::of_vendor(reference, wanted.referrer, wanted.label, limits, vendor.now);
    match app.api.store.put_vendor_code(&digest, None, &code).await {
        Ok(()) => Answer::created(&VendorCodeResponse::at(code, text, vendor.now)?),
        Err(StoreError::Conflict) => {
            let kept = app.vendor_code(&digest).await?;
            let state = kept.limits.state(vendor.now);
            kept.is_again(&code).map_err(|error| Problem::conflict(error, state.as_str()))?;
            Answer::ok(&VendorCodeResponse::at(kept, text, vendor.now)?)
        }
        Err(error) => Err(error.into()),
    }
}

fn no_referrer(error: StoreError) -> ApiError {
    match error {
        StoreError::NotFound => Problem::field("referrer", "is not a firm").into(),
        error => error.into(),
    }
}

/// Shows a code of the vendor's.
#[utoipa::path(get, path = "/v1/vendor/signup-codes/{reference}",
    params(("reference" = Reference, Path)), responses((status = 200, body = VendorCodeResponse)))]
pub(crate) async fn get_vendor_code(
    State(app): State<App>,
    vendor: Machine<scope::Referrals>,
    Path(reference): Path<Reference>,
) -> ApiResult {
    let (text, digest) = text_and_digest(&app.signer, &vendor_code_name(&reference)).await?;
    let code = app.vendor_code(&digest).await?;
    Answer::ok(&VendorCodeResponse::at(code, text, vendor.now)?)
}

/// Revokes a signup code of the vendor; revoking it again changes nothing.
#[utoipa::path(post, path = "/v1/vendor/signup-codes/{reference}/revoke",
    params(("reference" = Reference, Path)), request_body = RevokeSignupSource,
    responses((status = 200, body = VendorCodeResponse)))]
pub(crate) async fn revoke_vendor_code(
    State(app): State<App>,
    vendor: Machine<scope::Referrals>,
    Path(reference): Path<Reference>,
    _body: Body<RevokeSignupSource>,
) -> ApiResult {
    let (text, digest) = text_and_digest(&app.signer, &vendor_code_name(&reference)).await?;
    retry_on_conflict(|| async {
        let code = app.vendor_code(&digest).await.map_err(Attempt::<ApiError>::from)?;
        let code = match code.revoke(vendor.now) {
            Ok((revoked, _)) => {
                app.api.store.put_vendor_code(&digest, Some(code.version), &revoked).await?;
                revoked
            }
            Err(_) => code,
        };
        Ok(Answer::ok(&VendorCodeResponse::at(code, text.clone(), vendor.now)?)?)
    })
    .await
}
