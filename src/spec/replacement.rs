//! What comes in the place of a match. There is no replacement syntax: a value can hold any character.

use std::fmt;

use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};

/// What comes in the place of a match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct With(pub(crate) Vec<PieceSpec>);

/// A part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PieceSpec {
    Text(String),
    /// What the group with this number matched; 0 is the whole match.
    Group(u32),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupFields {
    group: u32,
}

impl<'de> Deserialize<'de> for PieceSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;

        impl<'de> Visitor<'de> for Form {
            type Value = PieceSpec;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("text, or `{ group: 1 }`")
            }

            fn visit_str<E>(self, text: &str) -> Result<PieceSpec, E> {
                Ok(PieceSpec::Text(text.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<PieceSpec, A::Error> {
                GroupFields::deserialize(MapAccessDeserializer::new(map)).map(|fields| PieceSpec::Group(fields.group))
            }
        }

        deserializer.deserialize_any(Form)
    }
}

impl<'de> Deserialize<'de> for With {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;

        impl<'de> Visitor<'de> for Form {
            type Value = With;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("text, or a list of texts and `{ group: 1 }`")
            }

            fn visit_str<E>(self, text: &str) -> Result<With, E> {
                Ok(With(vec![PieceSpec::Text(text.to_owned())]))
            }

            fn visit_i64<E>(self, number: i64) -> Result<With, E> {
                Ok(With(vec![PieceSpec::Text(number.to_string())]))
            }

            fn visit_u64<E>(self, number: u64) -> Result<With, E> {
                Ok(With(vec![PieceSpec::Text(number.to_string())]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<With, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(list)).map(With)
            }
        }

        deserializer.deserialize_any(Form)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for With {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "replacement".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let group = schemars::json_schema!({
            "type": "object",
            "properties": { "group": { "type": "integer", "minimum": 0 } },
            "required": ["group"],
            "additionalProperties": false
        });
        schemars::json_schema!({
            "anyOf": [{ "type": "string" }, { "type": "array", "items": { "anyOf": [{ "type": "string" }, group] } }]
        })
    }
}
