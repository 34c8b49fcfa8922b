//! What a firm's and the vendor's signup codes have in common: their texts and digests, their limits, and how
//! failures of the key are reported.

use api::{ApiResult, Problem, ProblemType};
use domain::{
    UtcTime,
    signup_source::{CodeDigest, SignupLimits, SignupLimitsError},
};
use links::{KmsError, RegistrationSigner};
use serde::Deserialize;
use utoipa::ToSchema;

/// The text of the named code as people see it, and the digest that it is looked up by. Two calls of
/// `kms:GenerateMac`.
///
/// # Errors
/// As [`unanswered`].
pub async fn text_and_digest(signer: &RegistrationSigner, name: &str) -> ApiResult<(String, CodeDigest)> {
    let code = signer.code(name).await.map_err(unanswered)?;
    let digest = signer.digest(&code).await.map_err(unanswered)?;
    Ok((code.for_people(), digest))
}

/// Maps a KMS error to a problem: `503 unavailable` when the registration key does not answer now.
pub fn unanswered(error: KmsError) -> Problem {
    match error {
        KmsError::Unavailable { .. } => {
            tracing::warn!(%error, "the registration key did not answer");
            Problem::new(ProblemType::Unavailable)
        }
        KmsError::Misconfigured { .. } => Problem::internal(error),
    }
}

/// Reads the limits of a signup source from a request.
///
/// # Errors
/// `422 invalid-field`, which names the field that is wrong.
pub fn limits(
    expires_at: Option<UtcTime>,
    expires_in_days: Option<u16>,
    max_uses: Option<u32>,
    now: UtcTime,
) -> Result<SignupLimits, Problem> {
    SignupLimits::new(expires_at, expires_in_days, max_uses, now).map_err(|error| match error {
        SignupLimitsError::TwoExpiries | SignupLimitsError::Days => Problem::field("expires_in_days", error),
        SignupLimitsError::Time => Problem::field("expires_at", error),
        SignupLimitsError::Uses => Problem::field("max_uses", error),
    })
}

/// An empty object.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevokeSignupSource {}
