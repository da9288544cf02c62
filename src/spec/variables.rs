//! The names that envsubst replaces.

use std::fmt;

use serde::Deserialize;
use serde::de::value::SeqAccessDeserializer;
use serde::de::{Deserializer, SeqAccess, Visitor};

use super::Pattern;

/// A list of names, or a regular expression that a name matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Variables {
    Names(Vec<String>),
    Matching(Pattern),
}

impl<'de> Deserialize<'de> for Variables {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;

        impl<'de> Visitor<'de> for Form {
            type Value = Variables;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a list of names, or a regular expression")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Variables, E> {
                Pattern::try_from(text.to_owned()).map(Variables::Matching).map_err(E::custom)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, names: A) -> Result<Variables, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(names)).map(Variables::Names)
            }
        }

        deserializer.deserialize_any(Form)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Variables {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "variables".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }] })
    }
}
