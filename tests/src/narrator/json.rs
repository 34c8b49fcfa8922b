//! JSON for people: in the order it was sent, in few lines, secrets shortened.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::text::clip;

/// Strings longer than this are cut: the demo shows what is said, not all of it.
const LONGEST_STRING: usize = 76;
/// Members whose values open something.
const SECRETS: [&str; 4] = ["token", "context_token", "password", "client_secret"];

/// A JSON value that remembers the order of its members, which `serde_json::Value` does not.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json {
    Leaf(Value),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    /// The member at a path such as `/context/role`, with the objects around it.
    fn only(&self, path: &str) -> Option<Self> {
        let Some(rest) = path.strip_prefix('/') else { return Some(self.clone()) };
        let (name, rest) = rest.split_once('/').map_or((rest, ""), |(name, _)| (name, &rest[name.len()..]));
        match self {
            Self::Object(members) => {
                let (name, member) = members.iter().find(|(known, _)| known == name)?;
                Some(Self::Object(vec![(name.clone(), member.only(rest)?)]))
            }
            Self::List(items) if name == "*" => Some(Self::List(items.iter().filter_map(|it| it.only(rest)).collect())),
            Self::List(_) | Self::Leaf(_) => None,
        }
    }

    /// Puts the members of two objects together, member by member; and of two lists, one by one.
    fn join(self, other: Self) -> Self {
        match (self, other) {
            (Self::Object(mut members), Self::Object(others)) => {
                for (name, other) in others {
                    match members.iter().position(|(known, _)| *known == name) {
                        Some(at) => {
                            let (_, known) = members.remove(at);
                            members.insert(at, (name, known.join(other)));
                        }
                        None => members.push((name, other)),
                    }
                }
                Self::Object(members)
            }
            (Self::List(items), Self::List(others)) if items.len() == others.len() => {
                Self::List(items.into_iter().zip(others).map(|(item, other)| item.join(other)).collect())
            }
            (first, _) => first,
        }
    }

    fn is_problem(&self) -> bool {
        let Self::Object(members) = self else { return false };
        members.iter().any(|(name, member)| {
            let Self::Leaf(Value::String(text)) = member else { return false };
            name == "type" && text.starts_with("urn:")
        })
    }

    /// Only the named parts; a problem is always shown whole.
    pub(crate) fn picked(&self, paths: &[&str]) -> Self {
        if paths.is_empty() || self.is_problem() {
            return self.clone();
        }
        paths.iter().filter_map(|path| self.only(path)).fold(Self::Object(Vec::new()), Self::join)
    }

    /// With tokens, passwords and long texts cut.
    pub(crate) fn shortened(&self) -> Self {
        match self {
            Self::Leaf(Value::String(text)) => Self::Leaf(Value::String(clip(text, LONGEST_STRING))),
            Self::Leaf(other) => Self::Leaf(other.clone()),
            Self::List(items) => Self::List(items.iter().map(Self::shortened).collect()),
            Self::Object(members) => Self::Object(
                members
                    .iter()
                    .map(|(name, member)| {
                        let member = match member {
                            Self::Leaf(Value::String(text)) if SECRETS.contains(&name.as_str()) => {
                                Self::Leaf(Value::String(clip(text, 12)))
                            }
                            other => other.shortened(),
                        };
                        (name.clone(), member)
                    })
                    .collect(),
            ),
        }
    }

    /// In as few lines as fit `room` columns.
    pub(crate) fn lines(&self, room: usize) -> Vec<String> {
        self.laid_out(0, room)
    }

    fn laid_out(&self, depth: usize, room: usize) -> Vec<String> {
        let indent = "  ".repeat(depth);
        let flat = format!("{indent}{self}");
        if flat.chars().count() <= room {
            return vec![flat];
        }
        match self {
            Self::Leaf(_) => vec![clip(&flat, room)],
            Self::List(items) if items.iter().all(|item| matches!(item, Self::Leaf(_))) => filled(items, &indent, room),
            Self::List(items) => {
                let blocks = items.iter().map(|item| item.laid_out(depth + 1, room.saturating_sub(1)));
                bracketed('[', ']', &indent, blocks.collect())
            }
            Self::Object(members) => {
                let blocks = members.iter().map(|(name, member)| {
                    let mut block = member.laid_out(depth + 1, room.saturating_sub(name.chars().count() + 5));
                    if let Some(first) = block.first_mut() {
                        *first = format!("{indent}  \"{name}\": {}", first.trim_start());
                    }
                    block
                });
                bracketed('{', '}', &indent, blocks.collect())
            }
        }
    }
}

fn bracketed(open: char, close: char, indent: &str, blocks: Vec<Vec<String>>) -> Vec<String> {
    let last = blocks.len().saturating_sub(1);
    let mut lines = vec![format!("{indent}{open}")];
    for (index, mut block) in blocks.into_iter().enumerate() {
        if let (true, Some(end)) = (index < last, block.last_mut()) {
            end.push(',');
        }
        lines.append(&mut block);
    }
    lines.push(format!("{indent}{close}"));
    lines
}

/// A list of plain values, as many to a line as fit.
fn filled(items: &[Json], indent: &str, room: usize) -> Vec<String> {
    let mut lines = vec![format!("{indent}[")];
    let mut line = format!("{indent}  ");
    let last = items.len().saturating_sub(1);
    for (index, item) in items.iter().enumerate() {
        let comma = if index < last { ", " } else { "" };
        let word = format!("{item}{comma}");
        if line.chars().count() + word.trim_end().chars().count() > room && line.trim() != "" {
            lines.push(line.trim_end().to_owned());
            line = format!("{indent}  ");
        }
        line.push_str(&word);
    }
    lines.push(line.trim_end().to_owned());
    lines.push(format!("{indent}]"));
    lines
}

/// On one line, spaced as a person would write it.
impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Leaf(value) => write!(f, "{value}"),
            Self::List(items) => {
                f.write_str("[")?;
                for (index, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if index == 0 { "" } else { ", " })?;
                }
                f.write_str("]")
            }
            Self::Object(members) if members.is_empty() => f.write_str("{}"),
            Self::Object(members) => {
                f.write_str("{ ")?;
                for (index, (name, member)) in members.iter().enumerate() {
                    write!(f, "{}\"{name}\": {member}", if index == 0 { "" } else { ", " })?;
                }
                f.write_str(" }")
            }
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Json;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("JSON")
            }

            fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
                Ok(Json::Leaf(value.into()))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
                Ok(Json::Leaf(value.into()))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
                Ok(Json::Leaf(value.into()))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
                Ok(Json::Leaf(value.into()))
            }

            fn visit_str<E>(self, value: &str) -> Result<Json, E> {
                Ok(Json::Leaf(value.into()))
            }

            fn visit_unit<E>(self) -> Result<Json, E> {
                Ok(Json::Leaf(Value::Null))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = list.next_element()? {
                    items.push(item);
                }
                Ok(Json::List(items))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Json, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = object.next_entry()? {
                    members.push(member);
                }
                Ok(Json::Object(members))
            }
        }

        deserializer.deserialize_any(InOrder)
    }
}

#[cfg(test)]
mod tests {
    use super::Json;

    fn json(text: &str) -> Json {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn members_stay_in_the_order_they_were_sent() {
        assert_eq!(
            json(r#"{"name":"x","id":1,"also":[true,null]}"#).to_string(),
            r#"{ "name": "x", "id": 1, "also": [true, null] }"#
        );
    }

    #[test]
    fn everything_fits_the_room_it_has() {
        let long = format!(
            r#"{{"invitation":{{"permissions":["{}"],"message":"{}","deep":{{"er":{{"text":"{}"}}}},"list":[{{"a":"{}"}},{{"b":2}}]}}}}"#,
            ["dashboard.view"; 12].join(r#"",""#),
            "x".repeat(300),
            "y".repeat(90),
            "z".repeat(75),
        );
        let lines = json(&long).shortened().lines(93);
        assert!(lines.len() > 8);
        for line in lines {
            assert!(line.chars().count() <= 93, "{} columns: {line}", line.chars().count());
        }
    }

    #[test]
    fn secrets_are_cut() {
        let cut =
            json(r#"{"password":"Correct-Horse-7","provider":{"client_secret":"pi_123_secret_456"}}"#).shortened();
        assert_eq!(
            cut.to_string(),
            r#"{ "password": "Correct-Hor…", "provider": { "client_secret": "pi_123_secr…" } }"#
        );
    }

    #[test]
    fn picked_parts_keep_the_objects_around_them() {
        let all = json(r#"{"token":"t","context":{"id":1,"role":"owner","via":"member"},"more":2}"#);
        let picked = all.picked(&["/context/role", "/more", "/context/id", "/not/there"]);
        assert_eq!(picked.to_string(), r#"{ "context": { "role": "owner", "id": 1 }, "more": 2 }"#);
    }

    #[test]
    fn a_star_picks_from_each_of_a_list() {
        let all = json(r#"{"clients":[{"id":1,"name":"a","status":"x"},{"id":2,"name":"b","status":"y"}]}"#);
        let picked = all.picked(&["/clients/*/name", "/clients/*/id"]);
        assert_eq!(picked.to_string(), r#"{ "clients": [{ "name": "a", "id": 1 }, { "name": "b", "id": 2 }] }"#);
    }

    #[test]
    fn a_problem_is_always_shown_whole() {
        let problem = json(r#"{"type":"urn:countersign:problem:gone","title":"Gone"}"#);
        assert_eq!(problem.picked(&["/outcome"]), problem);
    }
}
