//! Context tokens: the company or firm in which a person acts, and their role there. ES256, verifiable
//! offline.
//!
//! A token names what to check and proves nothing: every request checks the access again in the table.

use std::{collections::HashMap, sync::Mutex};

use domain::{
    AccessRequirement, Actor, FirmId, Grants, Name, Note, Org, Permission, Reference, SessionId, UserId, UtcTime,
    access::ActingAs,
};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::{Deserialize, Serialize};
use store::{Authority, ContextKeys, Store, StoreError};

use crate::problem::{Problem, ProblemType};

/// The `typ` of a context token (RFC 8725, section 3.11: say what kind of token it is).
pub const TOKEN_TYPE: &str = "countersign-context+jwt";
/// The `aud` of a context token of a company's or a firm's people.
pub const AUDIENCE: &str = "countersign";
/// The `aud` of a contact's context token. It is another one, so that a module of the vendor's product which verifies
/// tokens offline takes no contact for one of the company's people.
pub const CUSTOMER_AUDIENCE: &str = "countersign-customer";
/// How long a context token lasts, in seconds.
pub const LIFETIME_S: i64 = 600;
/// The clock skew that is tolerated, in seconds.
const LEEWAY_S: u64 = 60;
/// The longest token that is read, in bytes.
pub const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// The acting party of RFC 8693, section 4.1: the firm on whose behalf a person acts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// The firm.
    pub sub: FirmId,
}

/// The claims of a context token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContextClaims {
    /// Who issued it: the stack's public URL.
    pub iss: String,
    /// For whom: [`AUDIENCE`], or [`CUSTOMER_AUDIENCE`] for a contact.
    pub aud: String,
    /// The person; equals the identity token's subject.
    pub sub: UserId,
    /// Their name.
    pub name: Name,
    /// The company or firm acted in.
    pub org: String,
    /// Its name.
    pub org_name: Name,
    /// The seat: `member`, `firm_admin`, `bookkeeper`, `staff` or `contact`.
    pub via: String,
    /// The role there.
    pub role: String,
    /// The firm acted for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub firm: Option<FirmId>,
    /// The same, as RFC 8693 writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<Act>,
    /// The customer of the company whose contact the person is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<Reference>,
    /// The firm that bounds a member: the one that invited them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inviting_firm: Option<FirmId>,
    /// Since when the seat is held. A token serves this stay and no later one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<UtcTime>,
    /// The permissions when the token was issued.
    pub permissions: Grants,
    /// The stay in this context.
    pub sid: SessionId,
    /// Why the context was entered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Note>,
    /// Issued at, Unix seconds.
    pub iat: i64,
    /// Not before, Unix seconds.
    pub nbf: i64,
    /// Expires at, Unix seconds.
    pub exp: i64,
}

impl ContextClaims {
    /// The seat that the claims name; `None` when they contradict each other.
    #[must_use]
    pub fn acting_as(&self) -> Option<ActingAs> {
        let org: Org = self.org.parse().ok()?;
        let (firm, inviting_firm, customer) = (self.firm.clone(), self.inviting_firm.clone(), self.customer.clone());
        let acting_as = match (self.via.as_str(), org, firm, inviting_firm, customer) {
            ("member", Org::Company(company), None, inviting_firm, None) => ActingAs::member(company, inviting_firm),
            ("firm_admin", Org::Company(company), Some(firm), None, None) => ActingAs::FirmAdmin { firm, company },
            ("bookkeeper", Org::Company(company), Some(firm), None, None) => ActingAs::Bookkeeper { firm, company },
            ("staff", Org::Firm(firm), Some(acting), None, None) if firm == acting => ActingAs::Staff { firm },
            ("contact", Org::Company(company), None, None, Some(customer)) => ActingAs::Contact { company, customer },
            _ => return None,
        };
        if self.aud != audience(&acting_as) {
            return None;
        }
        Some(acting_as)
    }
}

/// The `aud` of a seat's tokens.
#[must_use]
pub const fn audience(acting_as: &ActingAs) -> &'static str {
    if acting_as.customer().is_some() { CUSTOMER_AUDIENCE } else { AUDIENCE }
}

/// A verified context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    claims: ContextClaims,
    acting_as: ActingAs,
    since: UtcTime,
}

impl Context {
    /// The token's claims.
    #[must_use]
    pub const fn claims(&self) -> &ContextClaims {
        &self.claims
    }

    /// The seat acted from.
    #[must_use]
    pub const fn acting_as(&self) -> &ActingAs {
        &self.acting_as
    }

    /// Since when the seat is held.
    #[must_use]
    pub const fn since(&self) -> UtcTime {
        self.since
    }

    /// The authority that needs this permission here.
    #[must_use]
    pub fn needs(&self, permission: Permission) -> Authority {
        Authority::Person(self.access(permission))
    }

    /// The access that needs this permission here.
    #[must_use]
    pub fn access(&self, permission: Permission) -> AccessRequirement {
        self.access_to_all(&[permission])
    }

    /// The access that needs each of these permissions here; of several that are missing, the first is named.
    #[must_use]
    pub fn access_to_all(&self, permissions: &[Permission]) -> AccessRequirement {
        let access = AccessRequirement::to_all(self.claims.sub.clone(), self.acting_as.clone(), permissions);
        access.held_since(self.since)
    }

    /// The access that needs the relationship but no permission.
    #[must_use]
    pub fn present(&self) -> AccessRequirement {
        self.access_to_all(&[])
    }

    /// Who acts, as events record it.
    #[must_use]
    pub fn actor(&self) -> Actor {
        let claims = &self.claims;
        Actor::in_context(&claims.sub, &claims.name, &self.acting_as, &claims.sid, claims.reason.as_ref())
    }
}

/// Verifies context tokens with the published keys.
///
/// The keys are read once, at start, and again when a token names one that is not known: so a rotation needs no
/// restart.
#[derive(Debug)]
pub struct ContextVerifier {
    issuer: String,
    known: Mutex<HashMap<String, VerifyingKey>>,
}

#[derive(Clone)]
struct VerifyingKey(DecodingKey);

impl std::fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("VerifyingKey")
    }
}

/// Why a presented token gives no context.
#[derive(Debug)]
pub enum Unverified {
    /// It is refused for this reason, which the caller may see.
    Refused(&'static str),
    /// The key it names could not be read.
    Store(StoreError),
}

impl From<Unverified> for Problem {
    fn from(unverified: Unverified) -> Self {
        match unverified {
            Unverified::Refused(why) => Self::new(ProblemType::InvalidContext).detail(why),
            Unverified::Store(error) => crate::problem::of_store(error),
        }
    }
}

const fn refused(why: &'static str) -> Unverified {
    Unverified::Refused(why)
}

impl ContextVerifier {
    /// A verifier of tokens from this issuer, knowing no key yet.
    #[must_use]
    pub fn new(issuer: String) -> Self {
        Self { issuer, known: Mutex::new(HashMap::new()) }
    }

    /// Adds published keys.
    pub fn learn(&self, published: &ContextKeys) {
        if let Ok(mut known) = self.known.lock() {
            *known = published
                .keys
                .iter()
                .filter_map(|key| {
                    let decoding = DecodingKey::from_ec_components(&key.x, &key.y).ok()?;
                    Some((key.kid.clone(), VerifyingKey(decoding)))
                })
                .collect();
        }
    }

    fn key(&self, kid: &str) -> Option<DecodingKey> {
        self.known.lock().ok()?.get(kid).map(|key| key.0.clone())
    }

    /// Verifies a token at `now` and binds it to the signed-in person.
    ///
    /// # Errors
    /// `401 invalid-context`, saying why, or the store's own failure when a key had to be read.
    pub async fn verify(
        &self,
        token: &str,
        signed_in: &UserId,
        now: UtcTime,
        store: &Store,
    ) -> Result<Context, Problem> {
        let context = self.verify_presented(token, now, store).await?;
        if context.claims.sub != *signed_in {
            return Err(refused("it was issued to someone else").into());
        }
        Ok(context)
    }

    /// Verifies a token at `now`, for any subject. For a machine that presents another party's token and
    /// compares the subject itself; a person's own request uses
    /// [`ContextVerifier::verify`].
    ///
    /// # Errors
    /// [`Unverified`].
    pub async fn verify_presented(&self, token: &str, now: UtcTime, store: &Store) -> Result<Context, Unverified> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(refused("it is too long"));
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| refused("it is not a token"))?;
        if header.alg != Algorithm::ES256 || header.typ.as_deref() != Some(TOKEN_TYPE) {
            return Err(refused("it is not a context token"));
        }
        // A token that brings or points to its own key is an attack, not a mistake.
        if header.jku.is_some() || header.jwk.is_some() || header.x5u.is_some() || header.x5c.is_some() {
            return Err(refused("it brings its own key"));
        }
        let kid = header.kid.ok_or_else(|| refused("it names no key"))?;
        let key = match self.key(&kid) {
            Some(key) => key,
            None => {
                if let Some(published) = store.context_keys().await.map_err(Unverified::Store)? {
                    self.learn(&published);
                }
                self.key(&kid).ok_or_else(|| refused("its key is not known"))?
            }
        };
        let claims = self.decode(token, &key, now)?;
        let acting_as = claims.acting_as().ok_or_else(|| refused("it names no seat"))?;
        let since = claims.since.ok_or_else(|| refused("it does not say since when the seat is held"))?;
        Ok(Context { claims, acting_as, since })
    }

    fn decode(&self, token: &str, key: &DecodingKey, now: UtcTime) -> Result<ContextClaims, Unverified> {
        let mut validation = Validation::new(Algorithm::ES256);
        validation.set_audience(&[AUDIENCE, CUSTOMER_AUDIENCE]);
        validation.set_issuer(&[&self.issuer]);
        validation.set_required_spec_claims(&["exp", "nbf", "aud", "iss", "sub"]);
        // The times are judged below, by the request's own clock.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let claims = jsonwebtoken::decode::<ContextClaims>(token, key, &validation)
            .map_err(|_| refused("its signature, issuer or audience does not hold"))?
            .claims;
        let leeway = i64::try_from(LEEWAY_S).unwrap_or(0);
        if now.unix_s() >= claims.exp.saturating_add(leeway) {
            return Err(refused("it has expired"));
        }
        if now.unix_s() < claims.nbf.saturating_sub(leeway) {
            return Err(refused("it is not valid yet"));
        }
        // We issue no token that lasts longer, so a longer one is refused even with a valid signature.
        if claims.exp.saturating_sub(claims.iat) > LIFETIME_S {
            return Err(refused("it lasts too long"));
        }
        Ok(claims)
    }
}
