//! Condition expressions, joined where a transaction touches one item for several reasons.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

/// A condition expression with its placeholders. Default: no condition, an empty expression.
#[derive(Debug, Clone, Default)]
pub(crate) struct Condition {
    pub(crate) expression: String,
    pub(crate) names: HashMap<String, String>,
    pub(crate) values: HashMap<String, AttributeValue>,
}

impl Condition {
    pub(crate) fn new(expression: &str) -> Self {
        Self { expression: expression.to_owned(), names: HashMap::new(), values: HashMap::new() }
    }

    /// The item is not there.
    pub(crate) fn absent() -> Self {
        Self::new("attribute_not_exists(pk)")
    }

    /// The item is at this version.
    pub(crate) fn at(version: u64) -> Self {
        Self::new("version = :version").value(":version", AttributeValue::N(version.to_string()))
    }

    /// The item is as it was read: at this version, or not there.
    pub(crate) fn as_read(version: Option<u64>) -> Self {
        version.map_or_else(Self::absent, Self::at)
    }

    pub(crate) fn name(mut self, name: &str, attribute: &str) -> Self {
        self.names.insert(name.to_owned(), attribute.to_owned());
        self
    }

    pub(crate) fn value(mut self, name: &str, value: AttributeValue) -> Self {
        self.values.insert(name.to_owned(), value);
        self
    }

    /// Joins conditions on one item. Placeholders of the same name must mean the same, so those
    /// of all but the first are made distinct.
    pub(crate) fn all(conditions: impl IntoIterator<Item = Self>) -> Option<Self> {
        let mut joined: Option<Self> = None;
        for (n, condition) in conditions.into_iter().enumerate() {
            joined = Some(match joined {
                None => condition,
                Some(mut so_far) => {
                    let other = condition.suffixed(n);
                    so_far.expression = format!("({}) AND ({})", so_far.expression, other.expression);
                    so_far.names.extend(other.names);
                    so_far.values.extend(other.values);
                    so_far
                }
            });
        }
        joined
    }

    fn suffixed(self, n: usize) -> Self {
        let mut expression = self.expression;
        let mut rename = |placeholder: String| {
            let renamed = format!("{placeholder}_{n}");
            expression = replace_placeholder(&expression, &placeholder, &renamed);
            renamed
        };
        let names = self.names.into_iter().map(|(k, v)| (rename(k), v)).collect();
        let values = self.values.into_iter().map(|(k, v)| (rename(k), v)).collect();
        Self { expression, names, values }
    }
}

/// Replaces whole placeholders only: `:p1` is not part of `:p10`.
fn replace_placeholder(expression: &str, from: &str, to: &str) -> String {
    let mut replaced = String::with_capacity(expression.len() + 8);
    let mut rest = expression;
    while let Some(at) = rest.find(from) {
        let (before, after) = rest.split_at(at);
        let after = after.strip_prefix(from).unwrap_or(after);
        let whole = !after.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        replaced.push_str(before);
        replaced.push_str(if whole { to } else { from });
        rest = after;
    }
    replaced.push_str(rest);
    replaced
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_is_replaced_only_as_a_whole() {
        assert_eq!(
            replace_placeholder("a = :p1 AND b = :p10 AND c = :p1", ":p1", ":p1_2"),
            "a = :p1_2 AND b = :p10 AND c = :p1_2"
        );
    }

    #[test]
    fn conditions_on_one_item_keep_their_own_values() {
        let value = |n: &str| AttributeValue::N(n.to_owned());
        let joined = Condition::all([
            Condition::new("a = :v").value(":v", value("1")),
            Condition::new("b = :v").value(":v", value("2")),
        ])
        .unwrap();
        assert_eq!(joined.expression, "(a = :v) AND (b = :v_1)");
        assert_eq!(joined.values[":v_1"], value("2"));
    }
}
