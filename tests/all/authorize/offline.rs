//! The offline check of `docs/authorize.md`. The page shows what is between the marks, and a test
//! holds it to that.

// [shown]
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
use serde::Deserialize;

/// What a module needs of a context token.
#[derive(Deserialize)]
pub(crate) struct ContextClaims {
    /// The person.
    pub(crate) sub: String,
    /// The company or firm they act in.
    pub(crate) org: String,
    /// The firm they act for, if any.
    pub(crate) firm: Option<String>,
    /// What was granted when the token was issued.
    pub(crate) permissions: Vec<String>,
    /// The session, for your own audit log.
    pub(crate) sid: String,
}

/// Verifies a context token. `issuer` is the deployment's `PublicUrl`; `identity` is the `sub` of
/// the access token that came with the same request, verified as you verify every access token.
pub(crate) fn verify(token: &str, keys: &JwkSet, issuer: &str, identity: &str) -> Result<ContextClaims, &'static str> {
    // 1. One type of token, one algorithm. Nothing else that the header says is believed.
    let header = decode_header(token).map_err(|_| "it is not a token")?;
    if header.typ.as_deref() != Some("countersign-context+jwt") || header.alg != Algorithm::ES256 {
        return Err("it is not a context token");
    }
    // 2. The key is one of the published ones. For an unknown one fetch the set again, once a minute at most.
    let key = header.kid.and_then(|kid| keys.find(&kid)).ok_or("its key is not known")?;
    let key = DecodingKey::from_jwk(key).map_err(|_| "its key cannot be used")?;
    // 3. Signature, issuer, audience and times; a minute's difference between two clocks is allowed.
    let mut rules = Validation::new(Algorithm::ES256);
    rules.set_issuer(&[issuer]);
    rules.set_audience(&["countersign"]);
    rules.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
    rules.validate_nbf = true;
    let claims = decode::<ContextClaims>(token, &key, &rules).map_err(|_| "it does not hold")?.claims;
    // 4. It was issued to the person who sent it: a context token alone signs nobody in.
    if claims.sub != identity {
        return Err("it was issued to someone else");
    }
    Ok(claims)
}

/// Whether the holder may do something in a company of yours.
pub(crate) fn may(claims: &ContextClaims, company: &str, permission: &str) -> bool {
    claims.org == company && claims.permissions.iter().any(|held| held == permission)
}
// [shown]
