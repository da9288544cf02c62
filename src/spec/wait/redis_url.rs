//! Addresses of servers that speak the protocol of Redis.

use std::fmt;

use super::super::http_url::{bracketed, host_and_port};

const PORT: u16 = 6379;

/// `redis://[user@]host[:port][/number]`, or the same with `rediss`. Never with a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RedisUrl {
    pub(crate) secure: bool,
    pub(crate) user: Option<String>,
    pub(crate) host: String,
    pub(crate) port: u16,
    /// The database that is selected.
    pub(crate) database: Option<u32>,
}

impl RedisUrl {
    pub(super) fn parse(scheme: &str, rest: &str) -> Result<Self, String> {
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (user, address) = authority.rsplit_once('@').map_or((None, authority), |(user, rest)| (Some(user), rest));
        if user.is_some_and(|user| user.contains(':')) {
            return Err(
                "the URL holds a password\nwrite `{ url: \"redis://host\", password: { from_env: NAME } }`, or \
                        `--password-env` or `--password-file`"
                    .to_owned(),
            );
        }
        let allowed = |c: char| c.is_ascii_graphic() && !"%/?#".contains(c);
        if user.is_some_and(|user| user.is_empty() || !user.chars().all(allowed)) {
            return Err("the target has no valid user".to_owned());
        }
        let (host, port) = host_and_port(address, Some(PORT), "target")?;
        let database = match path {
            "" => None,
            number => Some(number.parse().map_err(|_| "the target's path is not the number of a database".to_owned())?),
        };
        Ok(Self { secure: scheme == "rediss", user: user.map(str::to_owned), host, port, database })
    }
}

impl fmt::Display for RedisUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.secure { "rediss" } else { "redis" };
        let user = self.user.as_ref().map(|user| format!("{user}@")).unwrap_or_default();
        write!(formatter, "{scheme}://{user}{}:{}", bracketed(&self.host), self.port)?;
        self.database.map_or(Ok(()), |number| write!(formatter, "/{number}"))
    }
}
