//! Who calls: a signed-in person, a person in a context, or a machine. Identity was proven at the
//! gateway; here its claims are read, and nothing that the gateway did not verify.

use std::collections::HashMap;

use axum::{
    extract::{FromRef, FromRequestParts},
    http::{HeaderMap, header, request::Parts},
};
use domain::{Actor, CompanyId, Name, Permission, UserId, UtcTime};
use lambda_http::request::RequestContext;
use store::{Authority, ChangeContext};

use crate::{
    answer::ApiError,
    clock,
    context::Context,
    problem::{Problem, ProblemType},
    serve::Api,
};

/// The header that carries the context token.
pub const CONTEXT_HEADER: &str = "countersign-context";
/// The scope of the vendor's ledger.
pub const LEDGER_SCOPE: &str = "countersign/ledger";

/// The scope of modules that the vendor's own product hosts.
pub const AUTHORIZE_SCOPE: &str = "countersign/authorize";
/// The scope of the vendor's system that keeps referrals and subscriptions.
pub const REFERRALS_SCOPE: &str = "countersign/referrals";

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

/// A signed-in person in a context.
#[derive(Debug, Clone)]
pub struct InContext {
    /// The person.
    pub caller: Caller,
    /// Where, and as what.
    pub context: Context,
}

impl InContext {
    /// When the request arrived.
    #[must_use]
    pub const fn now(&self) -> UtcTime {
        self.caller.now
    }

    /// The authority that needs this permission here.
    #[must_use]
    pub fn needs(&self, permission: Permission) -> Authority {
        self.context.needs(permission)
    }

    /// The company acted in.
    ///
    /// # Errors
    /// `403 not-granted` in a firm's own context.
    pub fn company(&self, permission: Permission) -> Result<&CompanyId, Problem> {
        self.context.company(permission)
    }

    /// Stamps a change made in this context.
    #[must_use]
    pub fn change_context(&self) -> ChangeContext {
        ChangeContext { at: self.caller.now, actor: self.context.actor(), request_id: self.caller.request_id.clone() }
    }
}

/// The vendor's ledger, or another machine client with its scope.
#[derive(Debug, Clone)]
pub struct Machine {
    /// The OAuth client id.
    pub client: String,
    /// When the request arrived.
    pub now: UtcTime,
    /// The gateway's name for the request.
    pub request_id: String,
}

impl Machine {
    /// Stamps a change the machine makes.
    #[must_use]
    pub fn change_context(&self) -> ChangeContext {
        ChangeContext { at: self.now, actor: Actor::machine(&self.client), request_id: self.request_id.clone() }
    }
}

/// A module of the vendor's own product: a machine client that may ask what others may do.
#[derive(Debug, Clone)]
pub struct Module(pub Machine);

/// The vendor's system that keeps referrals and subscriptions: a machine client with its scope.
#[derive(Debug, Clone)]
pub struct Vendor(pub Machine);

/// What the gateway says about a request.
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
#[must_use]
pub fn request_id(parts: &axum::http::Extensions) -> String {
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

impl<S> FromRequestParts<S> for InContext
where
    S: Send + Sync,
    Api: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, state).await?;
        let api = Api::from_ref(state);
        let missing =
            || Problem::new(ProblemType::InvalidContext).detail("send one context token in Countersign-Context");
        // Two tokens are two contexts: which one is meant is not for us to guess. A gateway may
        // have joined two headers with a comma, which no token contains.
        let mut tokens = parts.headers.get_all(CONTEXT_HEADER).iter();
        let (Some(token), None) = (tokens.next(), tokens.next()) else { return Err(missing().into()) };
        let token = token.to_str().map_err(|_| missing())?.trim().to_owned();
        let context = api.verifier.verify(&token, &caller.user, caller.now, &api.store).await?;
        Ok(Self { caller, context })
    }
}

impl Machine {
    /// The machine that calls with this scope; `named` is what the refusal calls the scope.
    fn with_scope(parts: &Parts, scope: &str, named: &str) -> Result<Self, Problem> {
        let gateway = Gateway::of(parts)?;
        let scoped = gateway.claim("scope").split(' ').any(|held| held == scope);
        if !gateway.is_access_token() || !gateway.is_machine() || !scoped {
            let detail = format!("send a machine client's token with the {named} scope");
            return Err(Problem::new(ProblemType::NotSignedIn).detail(detail));
        }
        Ok(Self { client: gateway.claim("client_id").to_owned(), now: clock::now(), request_id: gateway.request_id })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Machine {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Ok(Self::with_scope(parts, LEDGER_SCOPE, "ledger")?)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Module {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Ok(Self(Machine::with_scope(parts, AUTHORIZE_SCOPE, "authorize")?))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Vendor {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Ok(Self(Machine::with_scope(parts, REFERRALS_SCOPE, "referrals")?))
    }
}
