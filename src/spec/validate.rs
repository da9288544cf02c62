//! What a file has to pass before it is published.

use serde::Deserialize;
use serde::de::Deserializer;

use super::AbsolutePath;
use crate::document::{Located, text_or_mapping};
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
        let expected = "a format, `{ schema: FILE }` or `{ command: [...] }`";
        text_or_mapping(deserializer, expected, by_name, from_fields)
    }
}

fn by_name(name: &str) -> Result<Validate, String> {
    Ok(match name {
        "auto" => Validate::Auto,
        "none" => Validate::None,
        "json" => Validate::Json,
        "yaml" => Validate::Yaml,
        "toml" => Validate::Toml,
        "xml" => Validate::Xml,
        _ => {
            let near = did_you_mean(name, NAMES.iter().copied()).map(|near| format!("\n{near}"));
            return Err(format!("expected one of {}{}", NAMES.join(", "), near.unwrap_or_default()));
        }
    })
}

fn from_fields(fields: Fields) -> Result<Validate, String> {
    match (fields.schema, fields.command) {
        (Some(schema), None) => Ok(Validate::Schema(schema)),
        (None, Some(command)) => Ok(check_command(command)?),
        _ => Err("`validate` needs either `schema` or `command`".to_owned()),
    }
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
