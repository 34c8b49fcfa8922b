//! Changes to optional values, as PATCH bodies have them.

use serde::{Deserialize, Deserializer};

/// A change to an optional value.
///
/// In JSON: absent, `null`, or a value. A field of this type needs `#[serde(default)]`, since the default stands
/// for an absent field; its schema is that of `Option<T>`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Patch<T> {
    /// The value stays as it is.
    #[default]
    Keep,
    /// There is no value any more.
    Clear,
    /// The new value.
    Set(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Clear, Self::Set))
    }
}

impl<T> Patch<T> {
    /// The value after the change.
    #[must_use]
    pub fn after(self, before: Option<T>) -> Option<T> {
        match self {
            Self::Keep => before,
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }

    /// The new value, if there is one.
    #[must_use]
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Clear => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Body {
        #[serde(default)]
        size: Patch<u8>,
    }

    fn read(json: &str) -> Result<Patch<u8>, serde_json::Error> {
        serde_json::from_str::<Body>(json).map(|body| body.size)
    }

    #[test]
    fn an_absent_field_keeps_the_value_null_clears_it_and_another_sets_it() {
        for (json, patch, after) in [
            ("{}", Patch::Keep, Some(1)),
            (r#"{"size":null}"#, Patch::Clear, None),
            (r#"{"size":2}"#, Patch::Set(2), Some(2)),
        ] {
            assert_eq!(read(json).unwrap(), patch);
            assert_eq!(patch.after(Some(1)), after);
        }
        assert!(read(r#"{"size":"big"}"#).is_err(), "a value of another type is refused");
    }
}
