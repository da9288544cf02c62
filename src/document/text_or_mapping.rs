//! Fields that are written as a text or as a mapping.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

use super::located::TEXT;

/// What a text and what the fields of a mapping come to. A remedy may follow the message of a failure after a line break.
struct Forms<T, F, OfText, OfFields> {
    expected: &'static str,
    of_text: OfText,
    of_fields: OfFields,
    made: PhantomData<fn(F) -> T>,
}

/// Reads a field in one of its two forms. `expected` says what it is, for the message about any other.
pub(crate) fn text_or_mapping<'de, T, F: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
    expected: &'static str,
    of_text: impl FnOnce(&str) -> Result<T, String>,
    of_fields: impl FnOnce(F) -> Result<T, String>,
) -> Result<T, D::Error> {
    let forms = Forms { expected, of_text, of_fields, made: PhantomData };
    deserializer.deserialize_newtype_struct(TEXT, forms)
}

/// The schema of such a field, with that of its fields.
#[cfg(feature = "schema")]
pub(crate) fn schema_of_text_or<F: schemars::JsonSchema>(
    generator: &mut schemars::SchemaGenerator,
) -> schemars::Schema {
    let fields = F::json_schema(generator);
    schemars::json_schema!({ "anyOf": [{ "type": "string" }, fields] })
}

impl<'de, T, F, OfText, OfFields> Visitor<'de> for Forms<T, F, OfText, OfFields>
where
    F: Deserialize<'de>,
    OfText: FnOnce(&str) -> Result<T, String>,
    OfFields: FnOnce(F) -> Result<T, String>,
{
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.expected)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        (self.of_text)(text).map_err(E::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        (self.of_fields)(F::deserialize(MapAccessDeserializer::new(map))?).map_err(A::Error::custom)
    }
}
