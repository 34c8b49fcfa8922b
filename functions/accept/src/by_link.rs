//! Request bodies that carry a link's token beside the fields of another body.
//!
//! serde's `flatten` reads such a body too, but then an error no longer names the field.

use std::{borrow::Cow, fmt, marker::PhantomData};

use secrecy::SecretString;
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error, IntoDeserializer, MapAccess, Visitor, value::MapAccessDeserializer},
};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr,
        schema::{ObjectBuilder, Schema, Type},
    },
};

const TOKEN: &str = "token";

/// The token of an invitation's link, and a body.
#[derive(Debug)]
pub(crate) struct ByLink<T> {
    pub(crate) token: SecretString,
    pub(crate) body: T,
}

/// A body that a link's token can stand beside.
pub(crate) trait LinkBody: ToSchema {
    /// The name of the schema of both together.
    const SCHEMA: &'static str;
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for ByLink<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Fields(PhantomData))
    }
}

struct Fields<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
    type Value = ByLink<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ByLink<T>, A::Error> {
        let mut token = None;
        let body = T::deserialize(MapAccessDeserializer::new(WithoutToken { map, token: &mut token }))?;
        let token = token.ok_or_else(|| A::Error::missing_field(TOKEN))?;
        Ok(ByLink { token, body })
    }
}

/// The fields of a map but for the token, which is kept.
struct WithoutToken<'t, A> {
    map: A,
    token: &'t mut Option<SecretString>,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for WithoutToken<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        while let Some(key) = self.map.next_key::<String>()? {
            if key != TOKEN {
                return seed.deserialize(key.into_deserializer()).map(Some);
            }
            if self.token.replace(self.map.next_value()?).is_some() {
                return Err(A::Error::duplicate_field(TOKEN));
            }
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}

impl<T: LinkBody> ToSchema for ByLink<T> {
    fn name() -> Cow<'static, str> {
        T::SCHEMA.into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        T::schemas(schemas);
    }
}

impl<T: LinkBody> PartialSchema for ByLink<T> {
    fn schema() -> RefOr<Schema> {
        let RefOr::T(Schema::Object(body)) = T::schema() else { return T::schema() };
        let token = ObjectBuilder::new().schema_type(Type::String).description(Some("The last part of the link."));
        RefOr::T(Schema::Object(ObjectBuilder::from(body).property(TOKEN, token).required(TOKEN).build()))
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[derive(Debug, Deserialize, ToSchema)]
    #[serde(deny_unknown_fields)]
    struct Note {
        #[serde(default)]
        lines: Vec<u8>,
    }

    impl LinkBody for Note {
        const SCHEMA: &'static str = "NoteByLink";
    }

    fn read(json: &str) -> Result<ByLink<Note>, api::Problem> {
        api::input::from_json(json.as_bytes())
    }

    #[test]
    fn a_body_is_read_beside_the_token_in_any_order() {
        for json in [r#"{"token":"t","lines":[1,2]}"#, r#"{"lines":[1,2],"token":"t"}"#] {
            let ByLink { token, body } = read(json).unwrap();
            assert_eq!((token.expose_secret(), body.lines), ("t", vec![1, 2]));
        }
        assert!(read(r#"{"token":"t"}"#).unwrap().body.lines.is_empty());
    }

    #[test]
    fn a_wrong_field_is_named_and_the_token_never_shown() {
        for (json, field) in [
            ("{}", "token"),
            (r#"{"lines":[1]}"#, "token"),
            (r#"{"token":7}"#, "token"),
            (r#"{"token":null}"#, "token"),
            (r#"{"token":"secret","lines":[1,"x"]}"#, "lines[1]"),
            (r#"{"token":"secret","other":1}"#, "other"),
            (r#"{"other":1,"token":"secret"}"#, "other"),
            (r#"{"token":"secret","token":"secret"}"#, "token"),
            ("[]", "body"),
        ] {
            let problem = read(json).unwrap_err();
            let [error] = problem.errors() else { panic!("{json}: {problem:?}") };
            assert_eq!(error.field, field, "{json}: {}", error.detail);
            assert!(!error.detail.contains("secret"), "{}", error.detail);
        }
    }

    #[test]
    fn the_schema_holds_the_bodys_fields_and_requires_the_token() {
        assert_eq!(ByLink::<Note>::name(), "NoteByLink");
        let schema = serde_json::to_value(ByLink::<Note>::schema()).unwrap();
        assert_eq!(schema["required"], serde_json::json!(["token"]));
        assert_eq!(schema["additionalProperties"], false);
        assert_eq!(schema["properties"]["token"]["type"], "string");
        assert!(schema["properties"]["lines"].is_object());
    }
}
