//! The operations of `docs/openapi.json`: which function answers a request, and how the document writes its
//! route. The document is made from the code, and a test holds it to that.

use std::sync::LazyLock;

use serde_json::Value;

use crate::stack::Stack;

/// One operation of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Operation {
    /// Its name: the handler's.
    pub id: String,
    /// The function that answers it.
    pub function: String,
    /// Upper case.
    pub method: String,
    /// The path, parameters in braces.
    pub path: String,
}

static OPERATIONS: LazyLock<Vec<Operation>> = LazyLock::new(|| {
    let text = std::fs::read_to_string(Stack::repository().join("docs/openapi.json"))
        .expect("docs/openapi.json is checked in");
    let document: Value = serde_json::from_str(&text).expect("docs/openapi.json is JSON");
    let text = |operation: &Value, pointer: &str| {
        operation.pointer(pointer).and_then(Value::as_str).expect("every operation has a name and a tag").to_owned()
    };
    let paths = document.get("paths").and_then(Value::as_object).expect("the document has paths");
    let operations = paths.iter().flat_map(|(path, item)| {
        item.as_object().into_iter().flatten().map(move |(method, operation)| Operation {
            id: text(operation, "/operationId"),
            function: text(operation, "/tags/0"),
            method: method.to_uppercase(),
            path: path.clone(),
        })
    });
    operations.collect()
});

/// The operation that answers a request, as the gateway finds it: of several paths that fit, the one with the
/// fewest parameters.
///
/// # Panics
/// When no operation answers it.
#[must_use]
pub fn operation(method: &str, path: &str) -> &'static Operation {
    let asked: Vec<&str> = path.split('/').collect();
    let parameters = |operation: &&Operation| {
        let parts: Vec<&str> = operation.path.split('/').collect();
        let fits = operation.method == method
            && parts.len() == asked.len()
            && parts.iter().zip(&asked).all(|(part, asked)| part.starts_with('{') || part == asked);
        fits.then(|| parts.iter().filter(|part| part.starts_with('{')).count())
    };
    OPERATIONS
        .iter()
        .filter_map(|operation| Some((parameters(&operation)?, operation)))
        .min_by_key(|(parameters, _)| *parameters)
        .map(|(_, operation)| operation)
        .unwrap_or_else(|| panic!("no operation of docs/openapi.json answers {method} {path}"))
}

/// The operation with this name.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn operation_by_id(id: &str) -> &'static Operation {
    OPERATIONS
        .iter()
        .find(|operation| operation.id == id)
        .unwrap_or_else(|| panic!("docs/openapi.json has no operation {id}"))
}
