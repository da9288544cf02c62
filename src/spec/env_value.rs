//! What becomes of a variable of a program.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Visitor};

use crate::document::TEXT;

/// The value of a variable, or `null`: the program has no such variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum EnvValue {
    Set(String),
    Unset,
}

impl<'de> Deserialize<'de> for EnvValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;

        fn quoted<E: serde::de::Error>(what: &str) -> Result<EnvValue, E> {
            Err(E::custom(format!("expected a string or null, found {what}\nput it in quotes")))
        }

        impl Visitor<'_> for Form {
            type Value = EnvValue;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a string or null")
            }

            fn visit_unit<E: serde::de::Error>(self) -> Result<EnvValue, E> {
                Ok(EnvValue::Unset)
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<EnvValue, E> {
                Ok(EnvValue::Set(text.to_owned()))
            }

            fn visit_bool<E: serde::de::Error>(self, _: bool) -> Result<EnvValue, E> {
                quoted("a boolean")
            }

            fn visit_i64<E: serde::de::Error>(self, _: i64) -> Result<EnvValue, E> {
                quoted("an integer")
            }

            fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<EnvValue, E> {
                quoted("a number")
            }
        }

        deserializer.deserialize_newtype_struct(TEXT, Form)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for EnvValue {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "EnvValue".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": ["string", "null"] })
    }
}
