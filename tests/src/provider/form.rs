//! Stripe's request bodies: form-encoded, nesting written with brackets (`metadata[invoice]`).

use std::collections::BTreeMap;

use super::error::ApiError;

/// The parameters of one request, brackets and all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Form(BTreeMap<String, String>);

impl FromIterator<(String, String)> for Form {
    fn from_iter<T: IntoIterator<Item = (String, String)>>(parameters: T) -> Self {
        Self(parameters.into_iter().collect())
    }
}

impl Form {
    pub(super) fn parse(body: &[u8]) -> Self {
        form_urlencoded::parse(body).map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    pub(super) fn require(&self, name: &str) -> Result<&str, ApiError> {
        self.get(name).ok_or_else(|| ApiError::missing_parameter(name))
    }

    /// The pairs under `outer[…]`.
    pub(super) fn nested(&self, outer: &str) -> BTreeMap<String, String> {
        self.0
            .iter()
            .filter_map(|(name, value)| {
                let inner = name.strip_prefix(outer)?.strip_prefix('[')?.strip_suffix(']')?;
                Some((inner.to_owned(), value.clone()))
            })
            .collect()
    }

    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, ApiError> {
        match self.get(name) {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(other) => {
                Err(ApiError::parameter("parameter_invalid_boolean", name, &format!("Invalid boolean: {other}")))
            }
        }
    }

    pub(super) fn integer(&self, name: &str) -> Result<Option<i64>, ApiError> {
        self.get(name)
            .map(|text| {
                text.parse().map_err(|_not_a_number| {
                    ApiError::parameter("parameter_invalid_integer", name, &format!("Invalid integer: {text}"))
                })
            })
            .transpose()
    }

    /// Refuses the first parameter whose name, up to its bracket, is not among `known`.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), ApiError> {
        let unknown = self.0.keys().find(|name| {
            let outer = name.split('[').next().unwrap_or(name);
            !known.contains(&outer)
        });
        match unknown {
            None => Ok(()),
            Some(name) => {
                Err(ApiError::parameter("parameter_unknown", name, &format!("Received unknown parameter: {name}")))
            }
        }
    }
}
