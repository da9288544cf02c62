//! `wait`: targets are ready.

mod conditions;
mod fields;
mod redis_url;
mod target;

use std::fmt;

use serde::Deserialize;

use super::{AbsolutePath, DatabaseSpec, Duration, HeaderSpec, MigrateSpec, Owner, SecretSource};
use crate::document::{Located, Table};
use crate::failure::{Failure, Kind};
pub(crate) use conditions::{HttpConditions, StatusRange};
pub(crate) use redis_url::RedisUrl;
pub(crate) use target::{DnsKind, Target};

/// All targets are ready; they are probed side by side.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "wait"))]
#[serde(deny_unknown_fields)]
pub(crate) struct WaitSpec {
    pub(crate) targets: Vec<Located<Wanted>>,
    /// A PEM file with the certificates of the authorities that `https://` and `rediss://` targets are checked against, in place
    /// of the system's.
    pub(crate) ca: Option<Located<AbsolutePath>>,
    /// After this long without all targets ready the step fails with exit code 5.
    #[serde(default = "WaitSpec::default_timeout")]
    pub(crate) timeout: Duration,
    /// The first pause between two probes of a target; it doubles up to five seconds, with jitter.
    #[serde(default = "WaitSpec::default_interval")]
    pub(crate) interval: Duration,
    /// Wait until the targets do not answer any more. A target that is a mapping may say otherwise.
    #[serde(default)]
    pub(crate) gone: bool,
}

impl WaitSpec {
    /// The databases whose migrations another run applies.
    pub(crate) fn migrated(&self) -> impl Iterator<Item = &MigrateSpec> {
        self.targets.iter().filter_map(|wanted| match &wanted.what {
            What::Migrated(spec) => Some(&**spec),
            _ => None,
        })
    }

    /// The databases that are logged in to.
    pub(crate) fn databases(&self) -> impl Iterator<Item = Located<DatabaseSpec>> {
        self.targets.iter().filter_map(|wanted| match &wanted.what {
            What::Database(database) => Some(Located::new(wanted.span, (**database).clone())),
            _ => None,
        })
    }

    pub(crate) fn starts_program(&self) -> bool {
        self.targets.iter().any(|wanted| matches!(wanted.what, What::Command(_)))
    }

    /// The headers that are sent with requests.
    pub(crate) fn headers(&self) -> impl Iterator<Item = &Table<HeaderSpec>> {
        self.targets.iter().filter_map(|wanted| match &wanted.what {
            What::Http(spec) => Some(&spec.headers),
            _ => None,
        })
    }

    /// The passwords of servers that are no SQL databases.
    pub(crate) fn passwords(&self) -> impl Iterator<Item = &SecretSource> {
        self.targets.iter().filter_map(|wanted| match &wanted.what {
            What::Redis(spec) => spec.password.as_ref().map(|password| &password.value),
            _ => None,
        })
    }

    /// What is wrong across the fields.
    pub(crate) fn findings(&self) -> Vec<Failure> {
        let migrated = self.targets.iter().filter(|wanted| matches!(wanted.what, What::Migrated(_)));
        let gone = migrated.filter(|wanted| self.is_gone(wanted)).map(|wanted| {
            let hint = "migrations are not taken back: give that target a step of its own";
            Failure::new(Kind::Plan, "`gone` has no meaning for `migrated`").at(wanted.span).hint(hint)
        });
        let conditions = self.targets.iter().filter_map(|wanted| match &wanted.what {
            What::Http(conditions) => Some(conditions),
            _ => None,
        });
        gone.chain(conditions.flat_map(|conditions| conditions.findings())).collect()
    }

    /// Whether this target has to be gone rather than ready.
    pub(crate) fn is_gone(&self, wanted: &Wanted) -> bool {
        wanted.gone.unwrap_or(self.gone)
    }

    fn default_timeout() -> Duration {
        Duration::from_seconds(60)
    }

    fn default_interval() -> Duration {
        Duration::from_milliseconds(100)
    }
}

/// What is waited for.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) what: What,
    /// Whether it has to be gone rather than ready; else the step says so.
    pub(crate) gone: Option<bool>,
    /// How long one look may take.
    pub(crate) try_timeout: Option<Duration>,
}

/// Something that can be ready.
#[derive(Debug, Clone)]
pub(crate) enum What {
    Target(Target),
    Http(Box<HttpConditions>),
    Redis(Box<RedisSpec>),
    /// A login, and the answer to a query.
    Database(Box<DatabaseSpec>),
    /// A program ends with code 0.
    Command(Box<CommandSpec>),
    /// Another run has applied every migration.
    Migrated(Box<MigrateSpec>),
}

impl From<What> for Wanted {
    fn from(what: What) -> Self {
        Self { what, gone: None, try_timeout: None }
    }
}

/// A server that speaks the protocol of Redis.
#[derive(Debug, Clone)]
pub(crate) struct RedisSpec {
    pub(crate) url: RedisUrl,
    pub(crate) password: Option<Located<SecretSource>>,
    pub(crate) tls: ClientTls,
}

/// How a server is checked, and what is shown to it.
#[derive(Debug, Clone, Default)]
pub(crate) struct ClientTls {
    /// The authorities; without it those of the step.
    pub(crate) ca: Option<Located<AbsolutePath>>,
    pub(crate) identity: Option<(Located<AbsolutePath>, Located<AbsolutePath>)>,
}

/// A program that judges.
#[derive(Debug, Clone)]
pub(crate) struct CommandSpec {
    pub(crate) command: Vec<Located<String>>,
    pub(crate) env: Table<String>,
    pub(crate) user: Option<Located<Owner>>,
}

impl fmt::Display for What {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Target(target) => write!(formatter, "{target}"),
            Self::Http(spec) => write!(formatter, "{}", spec.url),
            Self::Redis(spec) => write!(formatter, "{}", spec.url),
            Self::Database(database) => write!(formatter, "{database}"),
            Self::Command(spec) => {
                let program = spec.command.first().map(|word| word.value.as_str()).unwrap_or_default();
                write!(formatter, "command {program}")
            }
            Self::Migrated(spec) => write!(formatter, "migrations of {}", spec.source.value.as_str()),
        }
    }
}

#[cfg(test)]
mod tests;
