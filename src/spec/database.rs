//! How a database is named: never with a secret in the plan itself.

use std::fmt;

use serde::Deserialize;
use serde::de::Deserializer;

use super::{AbsolutePath, Port, ServerDriver, ServerSpec, TlsSpec};
use crate::document::{Located, text_or_mapping};

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
/// `{ from_file: PATH }`, `{ driver: sqlite, path: /data/app.db }`, or a server in parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DatabaseSpec {
    Url(String),
    Secret(SecretSource),
    Sqlite(Located<AbsolutePath>),
    Server(Box<ServerSpec>),
}

impl DatabaseSpec {
    /// A URL that stands in a plan or on a command line.
    pub(super) fn of_url(url: &str) -> Result<Self, String> {
        check_url(url).map(|()| Self::Url(url.to_owned()))
    }
}

/// What messages call the database before its address is known.
impl fmt::Display for DatabaseSpec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(url) => match url.split_once('?') {
                Some((place, _)) => write!(formatter, "{place}?..."),
                None => formatter.write_str(url),
            },
            Self::Secret(source) => {
                let name = source.from_env.as_ref().map(|name| name.value.as_str());
                let path = source.from_file.as_ref().map(|path| path.as_str());
                write!(formatter, "database of {}", name.or(path).unwrap_or_default())
            }
            Self::Sqlite(path) => write!(formatter, "sqlite://{}", path.as_str()),
            Self::Server(server) => write!(formatter, "{server}"),
        }
    }
}

/// A kind of database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Driver {
    Sqlite,
    Postgres,
    #[serde(alias = "mariadb")]
    Mysql,
}

#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct Fields {
    /// The name of an environment variable that holds the URL.
    from_env: Option<Located<String>>,
    /// A file that holds the URL. It is read again at each connection.
    from_file: Option<Located<AbsolutePath>>,
    driver: Option<Driver>,
    /// The file of an SQLite database.
    path: Option<Located<AbsolutePath>>,
    /// The host of a server, or several: `one,two`.
    host: Option<Located<String>>,
    /// Without it 5432 (PostgreSQL) or 3306 (MySQL).
    port: Option<Located<Port>>,
    /// A Unix socket instead of a host: for PostgreSQL also the directory that it is in.
    socket: Option<Located<AbsolutePath>>,
    user: Option<Located<String>>,
    /// Where the password is. A file is read again at each connection.
    password: Option<Located<SecretSource>>,
    /// The database on the server.
    name: Option<Located<String>>,
    tls: Option<Located<TlsSpec>>,
}

impl<'de> Deserialize<'de> for DatabaseSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text_or_mapping(deserializer, "a database", Self::of_url, from_fields)
    }
}

const FORMS: &str = "write `{ from_env: NAME }`, `{ from_file: PATH }`, `{ driver: sqlite, path: PATH }` or \
                     `{ driver: postgres, host: NAME, user: NAME, name: NAME }`";

fn from_fields(fields: Fields) -> Result<DatabaseSpec, String> {
    let Fields { from_env, from_file, driver, path, .. } = &fields;
    let parts = fields.first_part();
    match (from_env, from_file, driver, path, parts) {
        (Some(_), None, None, None, None) | (None, Some(_), None, None, None) => {
            Ok(DatabaseSpec::Secret(SecretSource { from_env: fields.from_env, from_file: fields.from_file }))
        }
        (None, None, Some(Driver::Sqlite), Some(path), None) => Ok(DatabaseSpec::Sqlite(path.clone())),
        (None, None, Some(Driver::Sqlite), _, Some(part)) => {
            Err(format!("an SQLite database has no `{part}`\nremove it, or name another driver"))
        }
        (None, None, Some(Driver::Postgres), None, _) => server(ServerDriver::Postgres, fields),
        (None, None, Some(Driver::Mysql), None, _) => server(ServerDriver::Mysql, fields),
        (None, None, None, None, Some(_)) => {
            Err("`driver` is missing\nwrite `driver: postgres` or `driver: mysql`".to_owned())
        }
        _ => Err(format!("not a database\n{FORMS}")),
    }
}

impl Fields {
    /// The name of a field that only a server has, if there is one.
    fn first_part(&self) -> Option<&'static str> {
        let parts = [
            ("host", self.host.is_some()),
            ("port", self.port.is_some()),
            ("socket", self.socket.is_some()),
            ("user", self.user.is_some()),
            ("password", self.password.is_some()),
            ("name", self.name.is_some()),
            ("tls", self.tls.is_some()),
        ];
        parts.into_iter().find(|(_, is_there)| *is_there).map(|(name, _)| name)
    }
}

fn server(driver: ServerDriver, fields: Fields) -> Result<DatabaseSpec, String> {
    let Fields { host, port, socket, user, password, name, tls, .. } = fields;
    match (&host, &socket) {
        (None, None) => return Err("`host` is missing\nwrite `host: NAME`, or `socket: PATH`".to_owned()),
        (Some(_), Some(_)) => return Err("the database has both `host` and `socket`\nremove one of them".to_owned()),
        _ => {}
    }
    if driver == ServerDriver::Mysql && name.is_none() {
        return Err("`name` is missing\nwrite `name: DATABASE`".to_owned());
    }
    let user = user.ok_or("`user` is missing\nwrite `user: NAME`")?;
    if password.as_ref().is_some_and(|password| password.from_env.is_some() == password.from_file.is_some()) {
        return Err("`password` is not one place\nwrite `{ from_env: NAME }` or `{ from_file: PATH }`".to_owned());
    }
    tls.as_ref().map_or(Ok(()), |tls| tls.check())?;
    Ok(DatabaseSpec::Server(Box::new(ServerSpec { driver, host, port, socket, user, password, name, tls })))
}

/// A URL that stands in a plan or on a command line: a known driver, and no password.
fn check_url(url: &str) -> Result<(), String> {
    let forms = "databases are `sqlite:///absolute/path`, `postgres://user@host/name` and `mysql://user@host/name`";
    let (scheme, rest) = url.split_once("://").ok_or_else(|| format!("not a database URL\n{forms}"))?;
    match scheme {
        "sqlite" if rest.starts_with('/') => Ok(()),
        "sqlite" => Err(format!("the path of the database is not absolute\n{forms}")),
        "postgres" | "postgresql" | "mysql" | "mariadb" => {
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
        schemars::json_schema!({ "anyOf": [{ "type": "string", "pattern": "^(sqlite|postgres|postgresql|mysql|mariadb)://" }, fields] })
    }
}
