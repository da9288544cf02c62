//! What a program reads from its standard input.

use serde::Deserialize;
use serde::de::Deserializer;

use super::{AbsolutePath, SecretSource};
use crate::document::{Located, text_or_mapping};

/// A text, a secret by where it is found (`{ from_env: NAME }`, `{ from_file: PATH }`), or a file as it is (`{ file: PATH }`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StdinSpec {
    Text(String),
    Secret(SecretSource),
    File(Located<AbsolutePath>),
}

#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct Fields {
    /// The name of an environment variable that holds a secret.
    from_env: Option<Located<String>>,
    /// A file whose content, without trailing newlines, is a secret.
    from_file: Option<Located<AbsolutePath>>,
    /// A file that is read by the program as it is, however large.
    file: Option<Located<AbsolutePath>>,
}

const FORMS: &str = "a text, `{ from_env: NAME }`, `{ from_file: PATH }` or `{ file: PATH }`";

impl<'de> Deserialize<'de> for StdinSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text_or_mapping(deserializer, FORMS, |text| Ok(Self::Text(text.to_owned())), from_fields)
    }
}

fn from_fields(fields: Fields) -> Result<StdinSpec, String> {
    match fields {
        Fields { from_env: None, from_file: None, file: Some(file) } => Ok(StdinSpec::File(file)),
        Fields { from_env, from_file, file: None } if from_env.is_some() != from_file.is_some() => {
            Ok(StdinSpec::Secret(SecretSource { from_env, from_file }))
        }
        _ => Err(format!("not one input\nwrite {FORMS}")),
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for StdinSpec {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "stdin".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        crate::document::schema_of_text_or::<Fields>(generator)
    }
}
