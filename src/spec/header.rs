//! Headers of a request over HTTP.

use serde::Deserialize;
use serde::de::Deserializer;

use super::{AbsolutePath, SecretSource};
use crate::document::{Located, Table, text_or_mapping};
use crate::failure::{Failure, Kind};

/// What the name of a header may hold beside letters and digits.
const TOKEN: &[u8] = b"!#$%&'*+-.^_|~";

/// The value of a header: a text, or a secret by where it is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum HeaderSpec {
    Text(String),
    Secret {
        source: SecretSource,
        /// Stands before the secret, for instance `Bearer `.
        prefix: String,
    },
}

#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct Fields {
    /// The name of an environment variable that holds the value.
    from_env: Option<Located<String>>,
    /// A file whose content, without trailing newlines, is the value.
    from_file: Option<Located<AbsolutePath>>,
    /// Stands before the value, for instance `Bearer ` with its space.
    #[serde(default)]
    prefix: String,
}

impl<'de> Deserialize<'de> for HeaderSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text_or_mapping(deserializer, "the value of a header", |text| Ok(Self::Text(text.to_owned())), from_fields)
    }
}

fn from_fields(Fields { from_env, from_file, prefix }: Fields) -> Result<HeaderSpec, String> {
    if from_env.is_some() == from_file.is_some() {
        let forms = "write a text, `{ from_env: NAME }` or `{ from_file: PATH }`";
        return Err(format!("not the value of a header\n{forms}"));
    }
    Ok(HeaderSpec::Secret { source: SecretSource { from_env, from_file }, prefix })
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for HeaderSpec {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "header".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        crate::document::schema_of_text_or::<Fields>(generator)
    }
}

/// What is wrong with the names of headers that are sent. `maker` is the step that makes the reserved ones itself.
pub(super) fn header_findings(headers: &Table<HeaderSpec>, reserved: &[&str], maker: &str) -> Vec<Failure> {
    let judge = |(name, _): &(Located<String>, HeaderSpec)| {
        let finding = |message: String, hint| Some(Failure::new(Kind::Plan, message).at(name.span).hint(hint));
        if !is_header_name(name) {
            finding("not the name of a header".to_owned(), "letters, digits and `-`")
        } else if reserved.contains(&name.to_ascii_lowercase().as_str()) {
            finding(format!("the header `{}` is made by `{maker}` itself", name.value), "remove it")
        } else {
            None
        }
    };
    headers.0.iter().filter_map(judge).collect()
}

pub(super) fn is_header_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || TOKEN.contains(&byte))
}
