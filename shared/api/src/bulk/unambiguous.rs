//! JSON whose objects name each member once. Rows are read as JSON before they are read as what they hold, and then a
//! member that is given twice would be lost.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value};

/// A value in which nothing is given twice.
#[derive(Debug)]
pub(super) struct Unambiguous(pub(super) Value);

impl<'de> Deserialize<'de> for Unambiguous {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Unambiguous;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Unambiguous, E> {
        Ok(Unambiguous(Value::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Unambiguous, E> {
        Ok(Unambiguous(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Unambiguous, E> {
        Ok(Unambiguous(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Unambiguous, E> {
        Ok(Unambiguous(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Unambiguous, E> {
        Ok(Unambiguous(value.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Unambiguous, E> {
        Ok(Unambiguous(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Unambiguous, A::Error> {
        let mut list = Vec::new();
        while let Some(Unambiguous(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Unambiguous(list.into()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Unambiguous, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if object.contains_key(&name) {
                return Err(A::Error::custom(format!("duplicate field `{name}`")));
            }
            let Unambiguous(value) = members.next_value()?;
            object.insert(name, value);
        }
        Ok(Unambiguous(object.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::from_json;

    #[test]
    fn json_without_repetition_is_read_as_it_is() {
        for json in [r#"{"a":[1,-2,0.5,"x",null,true],"b":{"a":{}}}"#, "[]", r#""a""#, "7"] {
            let Unambiguous(value) = from_json(json.as_bytes()).unwrap();
            assert_eq!(value, serde_json::from_str::<Value>(json).unwrap());
        }
    }

    #[test]
    fn a_member_that_is_given_twice_is_named() {
        for (json, field) in [
            (r#"{"a":1,"a":2}"#, "a"),
            (r#"{"rows":[{"a":1},{"a":1,"b":2,"a":3}]}"#, "rows[1].a"),
            (r#"{"rows":[{"a":{"b":1,"b":1}}]}"#, "rows[0].a.b"),
        ] {
            let problem = from_json::<Unambiguous>(json.as_bytes()).unwrap_err();
            let [error] = problem.errors() else { panic!("{json}: {problem:?}") };
            assert_eq!((error.field.as_str(), error.detail.as_str()), (field, "is given twice"), "{json}");
        }
    }
}
