//! Access tokens of people, verified with the identity provider's published keys.
//!
//! The gateway verifies the caller's token. The question holds another token, which is verified here by
//! the same rules: RS256, our pool, our portal's client, an access token, not expired.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use api::{Problem, ProblemType};
use domain::{UserId, UtcTime};
use jsonwebtoken::{
    Algorithm, DecodingKey, Validation,
    jwk::{AlgorithmParameters, JwkSet},
};
use reqwest::{Client, redirect};
use serde::Deserialize;

use crate::question::not_acceptable;

/// The time limit for fetching the identity provider's keys.
const PATIENCE: Duration = Duration::from_secs(3);
/// The shortest time between two fetches of the keys, in seconds: otherwise tokens with unknown keys
/// would cause a fetch with every question.
const FETCH_AGAIN_AFTER_S: i64 = 60;
/// The clock skew that is tolerated, in seconds.
const LEEWAY_S: i64 = 60;

/// A person whose access token was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) user: UserId,
    pub(crate) expires_at: UtcTime,
}

/// One pool of the identity provider, and the one client whose tokens are accepted.
#[derive(Debug, Clone)]
pub struct IdentityProvider {
    issuer: String,
    client: String,
    keys_url: String,
    http: Client,
    known: Arc<Mutex<Known>>,
}

/// The keys that were published when they were last fetched.
#[derive(Default)]
struct Known {
    keys: HashMap<String, DecodingKey>,
    fetched_at_s: Option<i64>,
}

impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Known").field("keys", &self.keys.len()).finish_non_exhaustive()
    }
}

/// The claims of an access token that are read.
/// <https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html>
#[derive(Debug, Deserialize)]
struct AccessClaims {
    sub: String,
    token_use: String,
    /// An ID token has none.
    #[serde(default)]
    client_id: String,
    exp: i64,
}

impl IdentityProvider {
    /// The pool with this issuer. Its keys are at the issuer's own address, or, as for every AWS
    /// service, where `AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER` or `AWS_ENDPOINT_URL` says.
    ///
    /// # Errors
    /// When no TLS client can be made.
    pub fn new(issuer: String, client: String) -> Result<Self, reqwest::Error> {
        let endpoint = ["AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", "AWS_ENDPOINT_URL"]
            .iter()
            .find_map(|name| std::env::var(name).ok().filter(|url| !url.is_empty()));
        let keys_url = keys_url(&issuer, endpoint.as_deref());
        let http = Client::builder().timeout(PATIENCE).redirect(redirect::Policy::none()).build()?;
        Ok(Self { issuer, client, keys_url, http, known: Arc::default() })
    }

    /// The person that an access token was issued to.
    ///
    /// # Errors
    /// `422 invalid-field`, naming `token` and saying why; `503 unavailable` when a key is needed
    /// and the identity provider does not answer.
    pub(crate) async fn verify(&self, token: &str, now: UtcTime) -> Result<Person, Problem> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| not_acceptable("it is not a token"))?;
        if header.alg != Algorithm::RS256 {
            return Err(not_acceptable("it is neither a context token nor a person's access token"));
        }
        // A token that brings or points to its own key is an attack, not a mistake.
        if header.jku.is_some() || header.jwk.is_some() || header.x5u.is_some() || header.x5c.is_some() {
            return Err(not_acceptable("it brings its own key"));
        }
        let kid = header.kid.ok_or_else(|| not_acceptable("it names no key"))?;
        let key = match self.known(&kid) {
            Some(key) => key,
            None => {
                self.fetch(now).await?;
                self.known(&kid).ok_or_else(|| not_acceptable("its key is not known"))?
            }
        };
        self.decode(token, &key, now)
    }

    fn known(&self, kid: &str) -> Option<DecodingKey> {
        self.known.lock().ok()?.keys.get(kid).cloned()
    }

    fn decode(&self, token: &str, key: &DecodingKey, now: UtcTime) -> Result<Person, Problem> {
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_issuer(&[&self.issuer]);
        validation.set_required_spec_claims(&["exp", "iss", "sub"]);
        // Cognito's access tokens name their client in `client_id` and have no audience. The time
        // is judged below, by the request's own clock.
        validation.validate_aud = false;
        validation.validate_exp = false;
        let claims = jsonwebtoken::decode::<AccessClaims>(token, key, &validation)
            .map_err(|_| not_acceptable("its signature or issuer does not hold"))?
            .claims;
        if claims.token_use != "access" {
            return Err(not_acceptable("it is not an access token"));
        }
        if claims.client_id != self.client || claims.sub == claims.client_id {
            return Err(not_acceptable("it is not a person's"));
        }
        if now.unix_s() >= claims.exp.saturating_add(LEEWAY_S) {
            return Err(not_acceptable("it has expired"));
        }
        let user = claims.sub.parse().map_err(|_| not_acceptable("it names nobody"))?;
        Ok(Person { user, expires_at: UtcTime::from_unix_ms(claims.exp.saturating_mul(1000)) })
    }

    /// Fetches the published keys, at most once in [`FETCH_AGAIN_AFTER_S`].
    async fn fetch(&self, now: UtcTime) -> Result<(), Problem> {
        let now_s = now.unix_s();
        let recent = |at: i64| now_s.saturating_sub(at) < FETCH_AGAIN_AFTER_S;
        if self.known.lock().is_ok_and(|known| known.fetched_at_s.is_some_and(recent)) {
            return Ok(());
        }
        let published = self.published().await.map_err(|error| {
            tracing::warn!(error = %error.without_url(), "the identity provider's keys could not be fetched");
            Problem::new(ProblemType::Unavailable)
        })?;
        if let Ok(mut known) = self.known.lock() {
            *known = Known { keys: rsa_keys(&published), fetched_at_s: Some(now_s) };
        }
        Ok(())
    }

    async fn published(&self) -> Result<JwkSet, reqwest::Error> {
        self.http.get(&self.keys_url).send().await?.error_for_status()?.json().await
    }
}

fn rsa_keys(published: &JwkSet) -> HashMap<String, DecodingKey> {
    let rsa = published.keys.iter().filter(|jwk| matches!(jwk.algorithm, AlgorithmParameters::RSA(_)));
    rsa.filter_map(|jwk| Some((jwk.common.key_id.clone()?, DecodingKey::from_jwk(jwk).ok()?))).collect()
}

/// Where the keys of an issuer are. An endpoint takes the place of the issuer's host.
fn keys_url(issuer: &str, endpoint: Option<&str>) -> String {
    let pool = issuer.rsplit('/').next().unwrap_or_default();
    match endpoint {
        Some(endpoint) => format!("{}/{pool}/.well-known/jwks.json", endpoint.trim_end_matches('/')),
        None => format!("{issuer}/.well-known/jwks.json"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_are_the_issuers_wherever_the_service_is() {
        let issuer = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Ab";
        assert_eq!(keys_url(issuer, None), format!("{issuer}/.well-known/jwks.json"));
        let local = keys_url(issuer, Some("http://127.0.0.1:4566/"));
        assert_eq!(local, "http://127.0.0.1:4566/eu-central-1_Ab/.well-known/jwks.json");
    }
}
