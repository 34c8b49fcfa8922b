//! One table per function says which handler answers which route. The router, the route list and
//! the OpenAPI paths all come from it, so they cannot disagree.

/// A route, as the gateway and the OpenAPI document write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Route {
    /// The HTTP method, upper case.
    pub method: &'static str,
    /// The path, parameters in braces.
    pub path: &'static str,
}

/// Declares a function's routes.
///
/// ```ignore
/// api::routes! {
///     state: App;
///     get "/v1/invoices" => invoices::list_invoices,
/// }
/// ```
///
/// makes `ROUTES`, `router(state: App) -> axum::Router` and `Docs`, the utoipa description.
#[macro_export]
macro_rules! routes {
    (state: $state:ty; $($method:ident $path:literal => $($handler:ident)::+,)*) => {
        /// The routes this function answers.
        pub const ROUTES: &[$crate::Route] = &[
            $($crate::Route { method: stringify!($method), path: $path },)*
        ];

        /// The router over these routes.
        pub fn router(state: $state) -> $crate::__macro::axum::Router {
            $crate::__macro::axum::Router::new()
                $(.route($path, $crate::__macro::axum::routing::$method($($handler)::+)))*
                .with_state(state)
        }

        /// The OpenAPI description of these routes.
        #[derive(Debug, $crate::__macro::utoipa::OpenApi)]
        #[openapi(paths($($($handler)::+,)*))]
        pub struct Docs;
    };
}
