//! What a column of a row may be declared as.

use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};

use crate::document::{Located, Table};

const FORMS: &str = "write `{ json: ... }`, or `{ reference: TABLE, column: NAME, where: { NAME: VALUE } }`";

/// The value of a column: a scalar, `{ json: ... }`, or a value of another row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum SeedValue {
    Null,
    Boolean(bool),
    Number(Number),
    Text(String),
    Json(Value),
    Reference(Box<Reference>),
}

/// A column of the one row of a table that `where` finds.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "reference"))]
#[serde(deny_unknown_fields)]
pub(crate) struct Reference {
    /// The table, with its schema if it is not the session's own.
    #[serde(rename = "reference")]
    pub(crate) table: Located<String>,
    pub(crate) column: Located<String>,
    /// What tells the row: exactly one.
    #[serde(rename = "where")]
    pub(crate) columns: Table<Located<SeedValue>>,
}

#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "seed_mapping"))]
#[serde(deny_unknown_fields)]
struct Fields {
    /// Any data, for a column that holds JSON.
    #[serde(default, deserialize_with = "present")]
    json: Option<Value>,
    reference: Option<Located<String>>,
    column: Option<Located<String>>,
    #[serde(rename = "where")]
    columns: Option<Table<Located<SeedValue>>>,
}

/// Null is data too.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

impl SeedValue {
    /// As a person would want to read it, in one line.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Boolean(value) => value.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Text(text) if text.contains(char::is_control) => text.escape_debug().to_string(),
            Self::Text(text) => text.clone(),
            Self::Json(json) => json.to_string(),
            Self::Reference(reference) => {
                let columns = reference.columns.0.iter();
                let columns: Vec<String> =
                    columns.map(|(name, value)| format!("{} = {}", name.value, value.describe())).collect();
                format!("{} of {} with {}", reference.column.value, reference.table.value, columns.join(", "))
            }
        }
    }
}

impl<'de> Deserialize<'de> for SeedValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;

        impl<'de> Visitor<'de> for Form {
            type Value = SeedValue;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("the value of a column")
            }

            fn visit_unit<E: Error>(self) -> Result<SeedValue, E> {
                Ok(SeedValue::Null)
            }

            fn visit_bool<E: Error>(self, value: bool) -> Result<SeedValue, E> {
                Ok(SeedValue::Boolean(value))
            }

            fn visit_i64<E: Error>(self, value: i64) -> Result<SeedValue, E> {
                Ok(SeedValue::Number(value.into()))
            }

            fn visit_f64<E: Error>(self, value: f64) -> Result<SeedValue, E> {
                Number::from_f64(value).map(SeedValue::Number).ok_or_else(|| E::custom("the number is not finite"))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<SeedValue, E> {
                Ok(SeedValue::Text(text.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<SeedValue, A::Error> {
                Err(A::Error::custom(
                    "a list is not the value of a column\nwrite `{ json: [...] }` for a column that holds JSON",
                ))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<SeedValue, A::Error> {
                let fields = Fields::deserialize(MapAccessDeserializer::new(map))?;
                match fields {
                    Fields { json: Some(json), reference: None, column: None, columns: None } => {
                        Ok(SeedValue::Json(json))
                    }
                    Fields { json: None, reference: Some(table), column: Some(column), columns: Some(columns) } => {
                        Ok(SeedValue::Reference(Box::new(Reference { table, column, columns })))
                    }
                    _ => Err(A::Error::custom(format!("not the value of a column\n{FORMS}"))),
                }
            }
        }

        deserializer.deserialize_any(Form)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for SeedValue {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "seed_value".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let fields = generator.subschema_for::<Fields>();
        schemars::json_schema!({ "anyOf": [{ "type": ["null", "boolean", "number", "string"] }, fields] })
    }
}
