//! The routes that the code declares, and their operations in the OpenAPI document. Every list of routes or
//! functions in these tests comes from here.

use api::Route;
use serde_json::Value;
use tests::stack::Stack;
use utoipa::OpenApi as _;

/// A function that answers HTTP.
pub(crate) struct Function {
    pub(crate) name: &'static str,
    pub(crate) routes: Vec<Route>,
    /// The OpenAPI description of its routes.
    pub(crate) document: Value,
}

fn function(routes: Vec<Route>, document: utoipa::openapi::OpenApi) -> Function {
    let document = serde_json::to_value(document).expect("a document is JSON");
    Function { name: routes.first().expect("a function has routes").function, routes, document }
}

/// Every function that answers HTTP; each is a dependency of this crate (see `build.rs`).
pub(crate) fn functions() -> Vec<Function> {
    include!(concat!(env!("OUT_DIR"), "/functions.rs"))
}

/// Every route, in the order of the functions and of their handlers.
pub(crate) fn routes() -> Vec<Route> {
    functions().into_iter().flat_map(|function| function.routes).collect()
}

/// The names of every function, those included that answer no HTTP.
pub(crate) fn function_names() -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(Stack::repository().join("functions"))
        .expect("there are functions")
        .map(|entry| entry.expect("a folder").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}
