//! A route is declared once, at its handler: `#[utoipa::path]` says method and path, and the handler's
//! guard says who may call it. The router, the OpenAPI document and the list of routes come from there.

use axum::{
    Router,
    extract::State,
    handler::Handler,
    routing::{MethodFilter, on},
};
use utoipa::openapi::HttpMethod;

use crate::guard::{Audience, Guard};

/// A route, as its handler declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The function that answers it.
    pub function: &'static str,
    /// The handler's name, which is the operation's id in the OpenAPI document.
    pub operation: String,
    /// The HTTP method, upper case.
    pub method: &'static str,
    /// The path, parameters in braces.
    pub path: String,
    /// Who may call it.
    pub audience: Audience,
}

/// A handler with a [`Guard`]: its first parameter, or the one after its state.
#[diagnostic::on_unimplemented(
    message = "the handler has no guard",
    note = "its first parameter, or the one after `State`, must be a guard: `Public`, `Caller`, `InContext`, \
        `InCompany`, `InFirm`, `InOrg`, `InCustomer`, `InAnyContext` or `Machine`"
)]
pub trait Guarded<Parameters> {
    /// Who may call it.
    const AUDIENCE: Audience;
}

macro_rules! guarded {
    ($(($($parameter:ident)*))*) => {$(
        impl<H, G, $($parameter,)* R> Guarded<(G, $($parameter,)*)> for H
        where
            H: Fn(G, $($parameter,)*) -> R,
            G: Guard,
        {
            const AUDIENCE: Audience = G::AUDIENCE;
        }

        impl<H, S, G, $($parameter,)* R> Guarded<(State<S>, G, $($parameter,)*)> for H
        where
            H: Fn(State<S>, G, $($parameter,)*) -> R,
            G: Guard,
        {
            const AUDIENCE: Audience = G::AUDIENCE;
        }
    )*};
}

guarded! { () (A) (A B) (A B C) (A B C D) (A B C D E) }

/// Adds the route that a handler declares.
pub fn add<D, S, H, P, T>(router: Router<S>, _declared: D, handler: H) -> Router<S>
where
    D: utoipa::Path,
    H: Guarded<P> + Handler<T, S>,
    S: Clone + Send + Sync + 'static,
    T: 'static,
{
    D::methods()
        .into_iter()
        .fold(router, |router, method| router.route(&D::path(), on(method_and_filter(&method).1, handler.clone())))
}

/// The declarations of a function's handler.
pub fn describe<D, H, P>(function: &'static str, _declared: D, _handler: H) -> Vec<Route>
where
    D: utoipa::Path,
    H: Guarded<P>,
{
    let operation = D::operation().operation_id.unwrap_or_default();
    let route = |method: HttpMethod| Route {
        function,
        operation: operation.clone(),
        method: method_and_filter(&method).0,
        path: D::path(),
        audience: H::AUDIENCE,
    };
    D::methods().into_iter().map(route).collect()
}

const fn method_and_filter(method: &HttpMethod) -> (&'static str, MethodFilter) {
    match method {
        HttpMethod::Get => ("GET", MethodFilter::GET),
        HttpMethod::Post => ("POST", MethodFilter::POST),
        HttpMethod::Put => ("PUT", MethodFilter::PUT),
        HttpMethod::Delete => ("DELETE", MethodFilter::DELETE),
        HttpMethod::Options => ("OPTIONS", MethodFilter::OPTIONS),
        HttpMethod::Head => ("HEAD", MethodFilter::HEAD),
        HttpMethod::Patch => ("PATCH", MethodFilter::PATCH),
        HttpMethod::Trace => ("TRACE", MethodFilter::TRACE),
    }
}

/// Lists a function's handlers.
///
/// ```ignore
/// api::routes! {
///     state: App;
///     invoices::{list_invoices, get_invoice},
/// }
/// ```
///
/// makes `router(state: App) -> axum::Router`; `routes() -> Vec<Route>` and `Docs`, the utoipa
/// description, which tests and tools read and a function never links. A state other than
/// [`Api`](crate::Api) itself has it in its field `api`.
#[macro_export]
macro_rules! routes {
    (state: Api; $($routes:tt)+) => {
        $crate::routes! { @ Api; $($routes)+ }
    };
    (state: $state:ident; $($routes:tt)+) => {
        impl $crate::__macro::axum::extract::FromRef<$state> for $crate::Api {
            fn from_ref(state: &$state) -> Self {
                state.api.clone()
            }
        }

        $crate::routes! { @ $state; $($routes)+ }
    };
    (@ $state:ident; $($module:ident::{$($handler:ident),+ $(,)?}),+ $(,)?) => {
        $crate::__macro::paste! {
            /// The router over this function's routes.
            pub fn router(state: $state) -> $crate::__macro::axum::Router {
                let router = $crate::__macro::axum::Router::new();
                $($(let router = $crate::__macro::add(router, $module::[<__path_ $handler>], $module::$handler);)+)+
                router.with_state(state)
            }

            /// This function's routes, as their handlers declare them.
            #[must_use]
            pub fn routes() -> Vec<$crate::Route> {
                const FUNCTION: &str = env!("CARGO_PKG_NAME");
                [
                    $($($crate::__macro::describe(FUNCTION, $module::[<__path_ $handler>], $module::$handler),)+)+
                ]
                .concat()
            }
        }

        /// The OpenAPI description of these routes.
        #[derive(Debug, $crate::__macro::utoipa::OpenApi)]
        #[openapi(paths($($($module::$handler,)+)+))]
        pub struct Docs;
    };
}
