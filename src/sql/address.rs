//! Where a database is: a URL, taken apart.

use std::path::PathBuf;
use std::str::FromStr as _;

use crate::failure::{Failure, Kind};
use crate::secret::Scrubber;

/// Where a database is.
#[derive(Debug, Clone)]
pub(crate) enum Address {
    Postgres(Box<PostgresAddress>),
    /// A path inside the root.
    Sqlite(PathBuf),
}

/// How to connect to PostgreSQL. The library keeps the password out of its `Debug`.
#[derive(Debug, Clone)]
pub(crate) struct PostgresAddress {
    pub(super) config: tokio_postgres::Config,
    /// What messages call the database: host and name, never the user's password.
    pub(super) label: String,
}

const FORMS: &str = "databases are `sqlite:///absolute/path` and `postgres://user@host/name`";

impl Address {
    /// Takes a URL apart. `scrubber` learns its passwords first, so that no message can hold one.
    pub(crate) fn parse(url: &str, kind: Kind, scrubber: &Scrubber) -> Result<Self, Failure> {
        for password in passwords(url) {
            scrubber.learn(&percent_decoded(password));
            scrubber.learn(password);
        }
        let refuse = |cause: &str, hint: &str| {
            Failure::new(kind, format!("cannot use the URL of the database: {cause}")).hint(hint)
        };
        let (scheme, rest) = url.split_once(':').ok_or_else(|| refuse("it is not a URL", FORMS))?;
        match scheme {
            "sqlite" => {
                let path = rest.strip_prefix("//").unwrap_or(rest);
                // Other programs are told by `mode=rwc` to make the file: that is done here without.
                let (path, options) = path.split_once('?').unwrap_or((path, "mode=rwc"));
                if !["", "mode=rwc", "mode=rw"].contains(&options) {
                    return Err(refuse("an SQLite URL has no options but `mode=rwc`", FORMS));
                }
                let path = percent_decoded(path);
                if !path.starts_with('/') || path.split('/').any(|part| part == "..") || path.contains('\0') {
                    return Err(refuse("the path is not absolute, or holds `..`", FORMS));
                }
                Ok(Self::Sqlite(PathBuf::from(path)))
            }
            "postgres" | "postgresql" => {
                refuse_tls(url).map_err(|cause| {
                    refuse(&cause, "use `sslmode=prefer` or `sslmode=disable`, on a network that you trust")
                })?;
                // The library's error names an option, never its value.
                let config = tokio_postgres::Config::from_str(url).map_err(|error| {
                    refuse(&cause_of(&error), "the form is `postgres://user@host:5432/name?option=value`")
                })?;
                let label = label(&config);
                Ok(Self::Postgres(Box::new(PostgresAddress { config, label })))
            }
            _ => Err(refuse("its driver is not known", FORMS)),
        }
    }
}

/// The innermost cause, which says more than `invalid connection string`.
pub(super) fn cause_of(error: &tokio_postgres::Error) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
}

fn refuse_tls(url: &str) -> Result<(), String> {
    match option(url, "sslmode") {
        Some(mode) if ["require", "verify-ca", "verify-full"].contains(&mode) => {
            Err(format!("`sslmode={mode}` demands TLS, which this version cannot speak to a database"))
        }
        _ => Ok(()),
    }
}

fn option<'a>(url: &'a str, wanted: &str) -> Option<&'a str> {
    let (_, options) = url.split_once('?')?;
    options
        .split('&')
        .filter_map(|option| option.split_once('='))
        .find(|(name, _)| *name == wanted)
        .map(|(_, value)| value)
}

/// What may be the password of a URL, as it is written there.
fn passwords(url: &str) -> impl Iterator<Item = &str> {
    let authority = url.split_once("://").map(|(_, rest)| rest);
    // A password with an unescaped `/` or `?` is a mistake; it is a secret all the same.
    let user = authority.and_then(|rest| rest.rsplit_once('@')).map(|(user, _)| user);
    let password = user.and_then(|user| user.split_once(':')).map(|(_, password)| password);
    [password, option(url, "password")].into_iter().flatten().filter(|password| !password.is_empty())
}

fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let digits =
            bytes.get(at + 1..at + 3).filter(|_| *byte == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        if let Some(value) = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            decoded.push(value);
            at += 3;
        } else {
            decoded.push(*byte);
            at += 1;
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

fn label(config: &tokio_postgres::Config) -> String {
    use tokio_postgres::config::Host;

    let port = config.get_ports().first().copied().unwrap_or(5432);
    let host = match (config.get_hosts().first(), config.get_hostaddrs().first()) {
        (Some(Host::Tcp(host)), _) => format!("{host}:{port}"),
        (Some(Host::Unix(path)), _) => path.display().to_string(),
        (None, Some(address)) => format!("{address}:{port}"),
        (None, None) => "no host".to_owned(),
    };
    match config.get_dbname().or(config.get_user()) {
        Some(name) => format!("`{name}` at `{host}`"),
        None => format!("at `{host}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::Address;
    use crate::failure::Kind;
    use crate::secret::Scrubber;

    #[test]
    fn urls() {
        for (url, wanted) in [
            ("sqlite:///data/a.db", Ok("/data/a.db")),
            ("sqlite:/data/a.db?mode=rwc", Ok("/data/a.db")),
            ("sqlite:///data/a%20b.db", Ok("/data/a b.db")),
            ("sqlite://data/a.db", Err("the path is not absolute, or holds `..`")),
            ("sqlite:///a/../b", Err("the path is not absolute, or holds `..`")),
            ("sqlite:///a?cache=shared", Err("an SQLite URL has no options but `mode=rwc`")),
            ("postgres://u:p@db:5433/app", Ok("`app` at `db:5433`")),
            ("postgresql://u@db?sslmode=prefer", Ok("`u` at `db:5432`")),
            ("postgres://u@%2Frun%2Fpg/app?sslmode=disable", Ok("`app` at `/run/pg`")),
            (
                "postgres://u@db/app?sslmode=require",
                Err("`sslmode=require` demands TLS, which this version cannot speak to a database"),
            ),
            (
                "postgres://u@db/app?a=b&sslmode=verify-full",
                Err("`sslmode=verify-full` demands TLS, which this version cannot speak to a database"),
            ),
            ("postgres://u@db/app?nonsense=hunter2", Err("unknown option `nonsense`")),
            ("mysql://u:p@db/app", Err("its driver is not known")),
            ("hunter2", Err("it is not a URL")),
        ] {
            let found = match Address::parse(url, Kind::Input, &Scrubber::default()) {
                Ok(Address::Sqlite(path)) => Ok(path.display().to_string()),
                Ok(Address::Postgres(address)) => Ok(address.label),
                Err(failure) => Err(failure.to_string()),
            };
            let prefix = "cannot use the URL of the database: ";
            assert_eq!(found, wanted.map(str::to_owned).map_err(|cause| format!("{prefix}{cause}")), "{url}");
        }
    }

    #[test]
    fn passwords_are_learned() {
        for url in
            ["postgres://u:hun%2Fter2@db/app", "postgres://db/app?user=u&password=hun%2Fter2", "mysql://u:hun/ter2@db"]
        {
            let scrubber = Scrubber::default();
            let _ = Address::parse(url, Kind::Input, &scrubber);
            assert_eq!(scrubber.scrub("hun/ter2"), "<redacted>", "{url}");
        }
    }
}
