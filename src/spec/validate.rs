//! What a file has to pass before it is published.

use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};

use super::AbsolutePath;
use crate::document::Located;
use crate::failure::did_you_mean;

/// In the words of a command: where the path of the staged file is put.
pub(crate) const STAGED: &str = "{}";

/// What a file has to pass: `auto`, `none`, `json`, `yaml`, `toml`, `xml`, `{ schema: FILE }`, or `{ command: [...] }`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Validate {
    /// The parser of its format, where the suffix tells one.
    #[default]
    Auto,
    None,
    Json,
    Yaml,
    Toml,
    Xml,
    /// The parser of its format, and a JSON Schema.
    Schema(Located<AbsolutePath>),
    /// The parser of its format, and a program that ends with code 0. `{}` in a word is the path of the staged file.
    Command(Located<Vec<String>>),
}

#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct Fields {
    /// The file of a JSON Schema.
    #[serde(default, deserialize_with = "given")]
    schema: Option<Located<AbsolutePath>>,
    /// A program and its arguments; `{}` is the path of the file before it gets its name.
    #[serde(default, deserialize_with = "given")]
    command: Option<Located<Vec<String>>>,
}

/// What is written counts as written also when something is wrong with it.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

const NAMES: [&str; 6] = ["auto", "none", "json", "yaml", "toml", "xml"];

impl<'de> Deserialize<'de> for Validate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;

        impl<'de> Visitor<'de> for Form {
            type Value = Validate;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a format, `{ schema: FILE }` or `{ command: [...] }`")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Validate, E> {
                by_name(text).ok_or_else(|| {
                    let near = did_you_mean(text, NAMES.iter().copied()).map(|near| format!("\n{near}"));
                    E::custom(format!("expected one of {}{}", NAMES.join(", "), near.unwrap_or_default()))
                })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Validate, A::Error> {
                let fields = Fields::deserialize(MapAccessDeserializer::new(map))?;
                match (fields.schema, fields.command) {
                    (Some(schema), None) => Ok(Validate::Schema(schema)),
                    (None, Some(command)) => check_command(command).map_err(serde::de::Error::custom),
                    _ => Err(serde::de::Error::custom("`validate` needs either `schema` or `command`")),
                }
            }
        }

        deserializer.deserialize_any(Form)
    }
}

fn by_name(name: &str) -> Option<Validate> {
    Some(match name {
        "auto" => Validate::Auto,
        "none" => Validate::None,
        "json" => Validate::Json,
        "yaml" => Validate::Yaml,
        "toml" => Validate::Toml,
        "xml" => Validate::Xml,
        _ => return None,
    })
}

fn check_command(command: Located<Vec<String>>) -> Result<Validate, &'static str> {
    if !command.iter().skip(1).any(|word| word.contains(STAGED)) {
        return Err("the command does not name the file\nwrite `{}` where its path belongs");
    }
    Ok(Validate::Command(command))
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Validate {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "validate".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let fields = Fields::json_schema(generator);
        schemars::json_schema!({ "anyOf": [{ "enum": NAMES }, fields] })
    }
}
