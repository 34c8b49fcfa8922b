//! Who calls: a signed-in person, a machine, or anybody. The gateway proves identity; this module reads
//! the claims that the gateway verified, and nothing else.

use std::{collections::HashMap, convert::Infallible, marker::PhantomData};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use domain::{Actor, CompanyId, Name, Org, UserId, UtcTime};
use lambda_http::request::RequestContext;
use store::{Authority, ChangeContext};

use crate::{
    answer::ApiError,
    clock,
    problem::{Problem, ProblemType},
};

/// A scope of the vendor's machine clients.
pub trait Scope: Send + Sync {
    /// The scope, as a token names it.
    const SCOPE: &'static str;
}

/// The scopes there are.
pub mod scope {
    /// The vendor's ledger: reports transactions, invoices, estimates and balances.
    #[derive(Debug, Clone, Copy)]
    pub struct Ledger;

    /// The vendor's system that keeps referrals and subscriptions.
    #[derive(Debug, Clone, Copy)]
    pub struct Referrals;

    /// Modules of the vendor's own product: ask what a person may do.
    #[derive(Debug, Clone, Copy)]
    pub struct Authorize;

    impl super::Scope for Ledger {
        const SCOPE: &'static str = "countersign/ledger";
    }

    impl super::Scope for Referrals {
        const SCOPE: &'static str = "countersign/referrals";
    }

    impl super::Scope for Authorize {
        const SCOPE: &'static str = "countersign/authorize";
    }
}

/// A signed-in person, in no particular context.
#[derive(Clone)]
pub struct Caller {
    /// The identity provider's `sub`.
    pub user: UserId,
    /// When the request arrived.
    pub now: UtcTime,
    /// The gateway's name for the request.
    pub request_id: String,
    access_token: String,
}

/// The access token stays out of logs.
impl std::fmt::Debug for Caller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Caller").field("user", &self.user).finish_non_exhaustive()
    }
}

impl Caller {
    /// The person's own access token, for asking the identity provider about them.
    #[must_use]
    pub fn access_token(&self) -> &str {
        &self.access_token
    }

    /// Stamps a change made outside any context.
    #[must_use]
    pub fn change_context(&self, name: Option<Name>) -> ChangeContext {
        ChangeContext {
            at: self.now,
            actor: Actor::person(self.user.clone(), name),
            request_id: self.request_id.clone(),
        }
    }
}

/// A machine client of the vendor's, with the scope `S`.
#[derive(Debug, Clone)]
pub struct Machine<S> {
    /// The OAuth client id.
    pub client: String,
    /// When the request arrived.
    pub now: UtcTime,
    /// The gateway's name for the request.
    pub request_id: String,
    scope: PhantomData<S>,
}

impl<S> Machine<S> {
    /// Stamps a change the machine makes.
    #[must_use]
    pub fn change_context(&self) -> ChangeContext {
        ChangeContext { at: self.now, actor: Actor::machine(&self.client), request_id: self.request_id.clone() }
    }
}

impl Machine<scope::Ledger> {
    /// The authority to act in a company.
    #[must_use]
    pub const fn authority(&self, company: CompanyId) -> Authority {
        Authority::Ledger(company)
    }
}

impl Machine<scope::Referrals> {
    /// The authority to act in a company or firm.
    #[must_use]
    pub const fn authority(&self, org: Org) -> Authority {
        Authority::Vendor(org)
    }
}

/// Anybody, signed in or not.
#[derive(Debug, Clone)]
pub struct Public {
    /// When the request arrived.
    pub now: UtcTime,
    /// The gateway's name for the request.
    pub request_id: String,
}

/// The gateway's data about a request.
struct Gateway {
    claims: HashMap<String, String>,
    request_id: String,
}

impl Gateway {
    fn of(parts: &Parts) -> Result<Self, Problem> {
        let Some(RequestContext::ApiGatewayV2(context)) = parts.extensions.get::<RequestContext>() else {
            return Err(Problem::new(ProblemType::NotSignedIn));
        };
        let claims = context
            .authorizer
            .as_ref()
            .and_then(|authorizer| authorizer.jwt.as_ref())
            .map(|jwt| jwt.claims.clone())
            .ok_or_else(|| Problem::new(ProblemType::NotSignedIn))?;
        Ok(Self { claims, request_id: context.request_id.clone().unwrap_or_default() })
    }

    fn claim(&self, name: &str) -> &str {
        self.claims.get(name).map_or("", String::as_str)
    }

    /// The gateway takes ID tokens too: they say who signed in, not that they may call an API.
    fn is_access_token(&self) -> bool {
        self.claim("token_use") == "access"
    }

    /// A machine's token is its client's own.
    fn is_machine(&self) -> bool {
        self.claim("sub") == self.claim("client_id")
    }
}

/// The gateway's name for a request that carries no identity, such as a webhook.
fn request_id(parts: &axum::http::Extensions) -> String {
    match parts.get::<RequestContext>() {
        Some(RequestContext::ApiGatewayV2(context)) => context.request_id.clone().unwrap_or_default(),
        _ => String::new(),
    }
}

fn bearer(headers: &HeaderMap) -> &str {
    let value = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).unwrap_or_default();
    match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => "",
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let gateway = Gateway::of(parts)?;
        if !gateway.is_access_token() || gateway.is_machine() {
            return Err(Problem::new(ProblemType::NotSignedIn).detail("send a person's access token").into());
        }
        let user = gateway.claim("sub").parse().map_err(|_| Problem::new(ProblemType::NotSignedIn))?;
        Ok(Self {
            user,
            now: clock::now(),
            access_token: bearer(&parts.headers).to_owned(),
            request_id: gateway.request_id,
        })
    }
}

impl<S: Send + Sync, C: Scope> FromRequestParts<S> for Machine<C> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let gateway = Gateway::of(parts)?;
        let scoped = gateway.claim("scope").split(' ').any(|held| held == C::SCOPE);
        if !gateway.is_access_token() || !gateway.is_machine() || !scoped {
            let name = C::SCOPE.rsplit('/').next().unwrap_or_default();
            let detail = format!("send a machine client's token with the {name} scope");
            return Err(Problem::new(ProblemType::NotSignedIn).detail(detail).into());
        }
        let client = gateway.claim("client_id").to_owned();
        Ok(Self { client, now: clock::now(), request_id: gateway.request_id, scope: PhantomData })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Public {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self { now: clock::now(), request_id: request_id(&parts.extensions) })
    }
}
