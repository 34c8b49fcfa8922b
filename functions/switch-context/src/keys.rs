//! The signing key's public half: published in the table for our own functions, and as a JWK set
//! for everyone else.
//!
//! # Rotation
//!
//! KMS does not rotate an asymmetric key, so a rotation is another key: create it, deploy
//! `CONTEXT_KEY_ID` with it, and remove the old one after ten minutes. What happens in between:
//!
//! 1. The first instance with the new key finds that the published item lacks it and publishes the
//!    new key in front of the old one. It signs nothing before that.
//! 2. A function that meets a token with an unknown `kid` reads the item again. It then knows both
//!    keys, so tokens of instances that still run with the old key go on being accepted.
//! 3. The last token under the old key runs out [`LIFETIME_S`] after the last old instance is
//!    gone. The old key stays published until the next rotation pushes it out, which costs nothing
//!    since nobody can sign with it any more.
//!
//! Going back is the same in the other direction. Two instances that publish at once write the
//! same item. At most two keys are published, so the next rotation must wait for step 3.
//!
//! # The key of cursors
//!
//! The same item holds the key that seals the cursors of lists. The first instance draws it, and it never changes: of two
//! that draw one at once, the second finds that of the first.

use std::{sync::Arc, time::Duration};

use api::{Answer, ApiError, ApiResult, ContextClaims, Problem, Public};
use axum::{
    extract::State,
    http::{HeaderName, header},
};
use serde::Serialize;
use store::{Attempt, ContextKeys, CursorKey, PublicKey, Store, retry_on_conflict};
use tokio::sync::OnceCell;
use utoipa::ToSchema;

#[cfg(doc)]
use api::context::LIFETIME_S;

use crate::{
    App,
    signer::{Signer, unsigned},
};

/// How many keys are published: the one that signs, and the one before it.
const MAX_PUBLISHED: usize = 2;
/// The longest that publishing may delay the start.
const WARM_UP_LIMIT: Duration = Duration::from_secs(2);

/// The signing key, published before its first use.
#[derive(Debug, Clone)]
pub(crate) struct Keys {
    signer: Signer,
    store: Store,
    published: Arc<OnceCell<PublicKey>>,
}

impl Keys {
    pub(crate) fn new(signer: Signer, store: Store) -> Self {
        Self { signer, store, published: Arc::new(OnceCell::new()) }
    }

    pub(crate) async fn warm_up(&self) {
        if !matches!(tokio::time::timeout(WARM_UP_LIMIT, self.own()).await, Ok(Ok(_))) {
            tracing::warn!("the signing key could not be published at start");
        }
    }

    /// Our own public key, published. The first call asks KMS and the table; a call that fails
    /// leaves it to the next.
    pub(crate) async fn own(&self) -> ApiResult<&PublicKey> {
        self.published
            .get_or_try_init(async || {
                let own = self.signer.public_key().await.map_err(unsigned)?;
                let drawn = CursorKey::generate().map_err(Problem::internal)?;
                retry_on_conflict(async || {
                    if let Some(next) = to_publish(&own, self.store.context_keys().await?, &drawn) {
                        self.store.publish_context_keys(&next).await?;
                    }
                    Ok::<_, Attempt<ApiError>>(())
                })
                .await?;
                Ok(own)
            })
            .await
    }

    /// Signs a context token.
    pub(crate) async fn sign(&self, claims: &ContextClaims) -> ApiResult<String> {
        let own = self.own().await?;
        self.signer.sign(&own.kid, claims).await.map_err(unsigned)
    }
}

/// The keys to publish; `None` if ours is published, and a key of cursors. `drawn` becomes that where there is none.
fn to_publish(own: &PublicKey, published: Option<ContextKeys>, drawn: &CursorKey) -> Option<ContextKeys> {
    let (before, cursor_key) = published.map(|published| (published.keys, published.cursor_key)).unwrap_or_default();
    let is_published = before.iter().any(|key| key.kid == own.kid);
    if is_published && cursor_key.is_some() {
        return None;
    }
    let keys =
        if is_published { before } else { std::iter::once(own.clone()).chain(before).take(MAX_PUBLISHED).collect() };
    Some(ContextKeys { keys, cursor_key: cursor_key.or_else(|| Some(drawn.clone())) })
}

/// A public key, as RFC 7517 writes it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Jwk {
    kty: &'static str,
    crv: &'static str,
    alg: &'static str,
    #[serde(rename = "use")]
    usage: &'static str,
    /// Its RFC 7638 thumbprint.
    kid: String,
    x: String,
    y: String,
}

impl From<PublicKey> for Jwk {
    fn from(PublicKey { kid, x, y }: PublicKey) -> Self {
        Self { kty: "EC", crv: "P-256", alg: "ES256", usage: "sig", kid, x, y }
    }
}

/// The keys that verify context tokens, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Jwks {
    keys: Vec<Jwk>,
}

/// May be cached: fetch them again when a token names an unknown `kid`.
const CACHED: [(HeaderName, &str); 1] = [(header::CACHE_CONTROL, "public, max-age=300")];

/// The public keys that verify context tokens.
#[utoipa::path(get, path = "/.well-known/jwks.json",
    responses((status = 200, body = Jwks)))]
pub(crate) async fn published_keys(
    State(app): State<App>,
    _: Public,
) -> ApiResult<([(HeaderName, &'static str); 1], Answer)> {
    // The first call of an instance writes what is missing, also where its start could not.
    let own = app.keys.own().await?;
    // Read from the table, so that every instance returns the same keys during a rotation.
    let keys = match app.api.store.context_keys().await? {
        Some(published) => published.keys,
        None => vec![own.clone()],
    };
    Ok((CACHED, Answer::ok(&Jwks { keys: keys.into_iter().map(Into::into).collect() })?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(kid: &str) -> PublicKey {
        PublicKey { kid: kid.to_owned(), x: "x".to_owned(), y: "y".to_owned() }
    }

    fn cursor_key(letter: &str) -> CursorKey {
        letter.repeat(43).try_into().unwrap()
    }

    fn kids(keys: &[&str]) -> ContextKeys {
        ContextKeys { keys: keys.iter().map(|kid| key(kid)).collect(), cursor_key: Some(cursor_key("A")) }
    }

    /// As an instance that drew another key of cursors.
    fn to_publish(own: &PublicKey, published: Option<ContextKeys>) -> Option<ContextKeys> {
        super::to_publish(own, published, &cursor_key("0"))
    }

    #[test]
    fn a_new_key_is_published_before_the_old_one_and_pushes_out_the_one_before() {
        assert_eq!(
            to_publish(&key("a"), None),
            Some(ContextKeys { cursor_key: Some(cursor_key("0")), ..kids(&["a"]) })
        );
        assert_eq!(to_publish(&key("b"), Some(kids(&["a"]))), Some(kids(&["b", "a"])));
        assert_eq!(to_publish(&key("c"), Some(kids(&["b", "a"]))), Some(kids(&["c", "b"])));
    }

    #[test]
    fn an_instance_with_the_old_key_leaves_the_new_one_in_front() {
        assert_eq!(to_publish(&key("a"), Some(kids(&["b", "a"]))), None);
        assert_eq!(to_publish(&key("b"), Some(kids(&["b", "a"]))), None);
    }

    #[test]
    fn the_key_of_cursors_is_drawn_once() {
        let without = ContextKeys { cursor_key: None, ..kids(&["b", "a"]) };
        let with = ContextKeys { cursor_key: Some(cursor_key("0")), ..kids(&["b", "a"]) };
        assert_eq!(to_publish(&key("a"), Some(without)), Some(with));
        assert_eq!(to_publish(&key("c"), Some(kids(&["b"]))), Some(kids(&["c", "b"])));
    }

    #[test]
    fn a_key_is_written_as_a_jwk_without_a_private_half() {
        let jwk = serde_json::to_value(Jwk::from(key("k"))).unwrap();
        let expected = serde_json::json!({
            "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "k", "x": "x", "y": "y",
        });
        assert_eq!(jwk, expected);
    }
}
