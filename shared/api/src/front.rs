//! The distribution that may stand in front of the API (`infra/front.yaml`).
//!
//! It limits each caller before a request reaches the API, so that one caller cannot use up what all share. It
//! authenticates itself with a secret header; only then the address that it names is used. If a deployment has a
//! distribution, a request that bypasses it is refused.

use std::sync::Arc;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::{
    Router,
    extract::{Request, State},
    http::HeaderMap,
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};

use crate::problem::{Problem, ProblemType};

/// The header with the distribution's secret.
pub const PROOF: &str = "countersign-front";

/// The header in which the distribution names the caller's address. It replaces a header of the caller.
pub const VIEWER: &str = "countersign-viewer";

/// The variable with the secrets that the distribution may send, separated by spaces: two while a
/// secret is being replaced. Empty where there is no distribution.
const SECRETS: &str = "FRONT_SECRETS";

/// The caller's address, as the distribution saw it.
#[derive(Debug, Clone)]
pub(crate) struct Viewer(pub(crate) String);

/// The settings of the distribution in front of a function.
#[derive(Clone)]
struct Front {
    secrets: Arc<[String]>,
}

impl Front {
    fn knowing(secrets: &str) -> Self {
        Self { secrets: secrets.split_whitespace().map(str::to_owned).collect() }
    }

    /// Whether a request comes from the distribution. Every secret is compared in constant time.
    fn sent(&self, headers: &HeaderMap) -> bool {
        let proof = headers.get(PROOF).map(|proof| proof.as_bytes()).unwrap_or_default();
        self.secrets.iter().any(|secret| verify_slices_are_equal(secret.as_bytes(), proof).is_ok())
    }
}

/// Refuses requests that bypass the distribution, if the environment has its secrets.
pub(crate) fn behind_front(router: Router) -> Router {
    behind(router, &std::env::var(SECRETS).unwrap_or_default())
}

fn behind(router: Router, secrets: &str) -> Router {
    let front = Front::knowing(secrets);
    if front.secrets.is_empty() {
        return router;
    }
    router.layer(from_fn_with_state(front, admit))
}

async fn admit(State(front): State<Front>, mut request: Request, next: Next) -> Response {
    if !front.sent(request.headers()) {
        let problem = Problem::new(ProblemType::NotGranted).detail("call the API at its public address");
        return problem.into_response();
    }
    request.headers_mut().remove(PROOF);
    if let Some(address) = request.headers().get(VIEWER).and_then(|address| address.to_str().ok()) {
        let viewer = Viewer(address.to_owned());
        request.extensions_mut().insert(viewer);
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, http::StatusCode, routing::get};
    use tower::ServiceExt as _;

    use super::*;
    use crate::limits::CallerNetwork;

    /// The answer of a function behind the distribution: its status, and the network that it counts by.
    async fn answer(secrets: &str, headers: &[(&str, &str)]) -> (StatusCode, String) {
        let network = async |network: CallerNetwork| format!("{network:?}");
        let router = behind(Router::new().route("/", get(network)), secrets);
        let request =
            headers.iter().fold(axum::http::Request::get("/"), |request, (name, value)| request.header(*name, *value));
        let response = router.oneshot(request.body(Body::empty()).expect("a request")).await.expect("an answer");
        let status = response.status();
        let body = axum::body::to_bytes(response.into_body(), 1 << 16).await.expect("a body");
        (status, String::from_utf8_lossy(&body).into_owned())
    }

    fn counted(address: &str) -> String {
        format!("{:?}", CallerNetwork(domain::limit::Source::of(address)))
    }

    /// Proves: 15, S7
    #[tokio::test]
    async fn the_address_that_the_distribution_names_is_counted() {
        for address in ["198.51.100.10", "2001:db8::7"] {
            for secrets in ["old new", "new old"] {
                let told = answer(secrets, &[(PROOF, "new"), (VIEWER, address)]).await;
                assert_eq!(told, (StatusCode::OK, counted(address)));
            }
        }
    }

    /// Proves: 15, S7
    #[tokio::test]
    async fn what_went_around_the_distribution_is_refused() {
        for headers in [&[][..], &[(PROOF, "")], &[(PROOF, "old new")], &[(PROOF, "ne"), (VIEWER, "198.51.100.10")]] {
            let (status, body) = answer("old new", headers).await;
            assert_eq!(status, StatusCode::FORBIDDEN, "{headers:?}");
            assert!(body.contains("public address"), "{body}");
        }
    }

    /// Proves: 15, S7
    #[tokio::test]
    async fn without_a_distribution_nobody_names_their_own_address() {
        let told = answer(" ", &[(PROOF, ""), (VIEWER, "198.51.100.10")]).await;
        assert_eq!(told, (StatusCode::OK, counted("")));
    }
}
