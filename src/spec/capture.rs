//! `capture`: what a program printed becomes a fact.

use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};

use super::Pattern;
use crate::document::Located;

/// The standard output of a program, for later steps: `NAME`, or `{ name: NAME, matches: REGEX }` for a part of it.
#[derive(Debug, Clone)]
pub(crate) struct Capture {
    pub(crate) name: Located<String>,
    /// The first match, or its first group where there is one.
    pub(crate) matches: Option<Located<Pattern>>,
}

#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct Fields {
    /// `{{facts.NAME}}` in later steps.
    name: Located<String>,
    /// The fact is the first match of this, or its first group where there is one.
    matches: Option<Located<Pattern>>,
}

impl<'de> Deserialize<'de> for Capture {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;

        impl<'de> Visitor<'de> for Form {
            type Value = Capture;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("the name of a fact")
            }

            fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Capture, E> {
                Ok(Capture { name: Located::new(crate::failure::Span::default(), name.to_owned()), matches: None })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Capture, A::Error> {
                let Fields { name, matches } = Fields::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Capture { name, matches })
            }
        }

        deserializer.deserialize_any(Form)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Capture {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "capture".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let fields = Fields::json_schema(generator);
        schemars::json_schema!({ "anyOf": [{ "type": "string" }, fields] })
    }
}
