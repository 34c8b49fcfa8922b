//! The network that a request comes from, for the limits that count by network.

use axum::{extract::FromRequestParts, http::request::Parts};
use domain::{
    UtcTime,
    limit::{Limit, Source},
};
use lambda_http::request::RequestContext;
use store::{Counted, Tally};

use crate::{answer::ApiResult, front::Viewer, serve::Api};

/// The network of the caller, as the gateway or the distribution in front of it saw it; no other header can change it.
#[derive(Debug, Clone)]
pub struct CallerNetwork(pub Source);

impl CallerNetwork {
    /// The network that a request came from.
    #[must_use]
    pub fn of(extensions: &axum::http::Extensions) -> Self {
        let address = match (extensions.get::<Viewer>(), extensions.get::<RequestContext>()) {
            (Some(Viewer(address)), _) => Some(address.as_str()),
            (None, Some(RequestContext::ApiGatewayV2(context))) => context.http.source_ip.as_deref(),
            (None, _) => None,
        };
        Self(Source::of(address.unwrap_or_default()))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for CallerNetwork {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self::of(&parts.extensions))
    }
}

impl Api {
    /// Counts a request by the network that it comes from.
    #[must_use]
    pub fn tally(&self, limit: Limit, network: &CallerNetwork, now: UtcTime) -> Tally {
        Tally::once(&self.allowances, limit, Counted::Source(&network.0), now)
    }

    /// Counts a request by the network that it comes from, for one that makes no change of its own
    /// or more than one.
    ///
    /// # Errors
    /// `429 too-many-requests` with `Retry-After`.
    pub async fn count(&self, limit: Limit, network: &CallerNetwork, now: UtcTime) -> ApiResult<()> {
        Ok(self.store.count(&self.tally(limit, network, now)).await?)
    }
}
