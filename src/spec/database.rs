//! How a database is named: never with a secret in the plan itself.

use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};

use super::AbsolutePath;
use crate::document::Located;

/// A secret, by where it is found.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct SecretSource {
    /// The name of an environment variable.
    pub(crate) from_env: Option<Located<String>>,
    /// A file whose content, without trailing newlines, is the secret.
    pub(crate) from_file: Option<Located<AbsolutePath>>,
}

/// A database: a URL without password (`sqlite:///data/app.db`, `postgres://user@host/name`), `{ from_env: NAME }`,
/// `{ from_file: PATH }`, or `{ driver: sqlite, path: /data/app.db }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DatabaseSpec {
    Url(String),
    Secret(SecretSource),
    Sqlite(Located<AbsolutePath>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Driver {
    Sqlite,
}

#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct Fields {
    /// The name of an environment variable that holds the URL.
    from_env: Option<Located<String>>,
    /// A file that holds the URL.
    from_file: Option<Located<AbsolutePath>>,
    driver: Option<Driver>,
    /// The file of an SQLite database.
    path: Option<Located<AbsolutePath>>,
}

impl<'de> Deserialize<'de> for DatabaseSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;

        impl<'de> Visitor<'de> for Form {
            type Value = DatabaseSpec;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a database")
            }

            fn visit_str<E: serde::de::Error>(self, url: &str) -> Result<DatabaseSpec, E> {
                check_url(url).map(|()| DatabaseSpec::Url(url.to_owned())).map_err(E::custom)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<DatabaseSpec, A::Error> {
                let fields = Fields::deserialize(MapAccessDeserializer::new(map))?;
                from_fields(fields).map_err(serde::de::Error::custom)
            }
        }

        deserializer.deserialize_any(Form)
    }
}

fn from_fields(fields: Fields) -> Result<DatabaseSpec, String> {
    match (fields.from_env, fields.from_file, fields.driver, fields.path) {
        (Some(name), None, None, None) => {
            Ok(DatabaseSpec::Secret(SecretSource { from_env: Some(name), from_file: None }))
        }
        (None, Some(path), None, None) => {
            Ok(DatabaseSpec::Secret(SecretSource { from_env: None, from_file: Some(path) }))
        }
        (None, None, Some(Driver::Sqlite), Some(path)) => Ok(DatabaseSpec::Sqlite(path)),
        _ => Err("not a database\nwrite `{ from_env: NAME }`, `{ from_file: PATH }` or \
                  `{ driver: sqlite, path: PATH }`"
            .to_owned()),
    }
}

/// A URL that stands in a plan or on a command line: a known driver, and no password.
fn check_url(url: &str) -> Result<(), String> {
    let forms = "databases are `sqlite:///absolute/path` and `postgres://user@host/name`";
    let (scheme, rest) = url.split_once("://").ok_or_else(|| format!("not a database URL\n{forms}"))?;
    match scheme {
        "sqlite" if rest.starts_with('/') => Ok(()),
        "sqlite" => Err(format!("the path of the database is not absolute\n{forms}")),
        "postgres" | "postgresql" => {
            let authority = rest.split(['/', '?']).next().unwrap_or_default();
            let password = authority.rsplit_once('@').is_some_and(|(user, _)| user.contains(':'));
            if password || rest.contains("password=") {
                return Err(
                    "the URL holds a password\nput the URL into an environment variable or a file, and name that: \
                            `from_env` or `from_file`, `--database-env` or `--database-file`"
                        .to_owned(),
                );
            }
            Ok(())
        }
        _ => Err(format!("unknown driver `{scheme}`\n{forms}")),
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for DatabaseSpec {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "database".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let fields = Fields::json_schema(generator);
        schemars::json_schema!({ "anyOf": [{ "type": "string", "pattern": "^(sqlite|postgres|postgresql)://" }, fields] })
    }
}
