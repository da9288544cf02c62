//! `capture`: what a program printed becomes a fact.

use serde::Deserialize;
use serde::de::Deserializer;

use super::Pattern;
use crate::document::{Located, text_or_mapping};

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
        let of_text = |name: &str| {
            Ok(Self { name: Located::new(crate::failure::Span::default(), name.to_owned()), matches: None })
        };
        text_or_mapping(deserializer, "the name of a fact", of_text, |Fields { name, matches }| {
            Ok(Self { name, matches })
        })
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Capture {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "capture".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        crate::document::schema_of_text_or::<Fields>(generator)
    }
}
