//! `migrate`: the database schema has every migration.

use serde::Deserialize;

use super::{AbsolutePath, DatabaseSpec, Duration, Mode, Owner};
use crate::document::Located;

/// The database schema has every migration of a directory.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "migrate"))]
#[serde(deny_unknown_fields)]
pub(crate) struct MigrateSpec {
    pub(crate) database: Located<DatabaseSpec>,
    /// An address of the server itself, where that of the database is one of a pooler. It is used instead.
    pub(crate) direct: Option<Located<DatabaseSpec>>,
    /// The directory with the migrations, `<version>_<name>.sql`, or those of a directory whose names match a pattern: `/migrations/V*.sql`.
    pub(crate) source: Located<AbsolutePath>,
    /// The runner whose history is kept. `auto` goes on with the one that the database has.
    #[serde(default)]
    pub(crate) history: HistoryFormat,
    /// The history table, with its schema or without: `table`, `schema.table`. Without it the one that the runner has.
    pub(crate) table: Option<Located<String>>,
    /// How long to wait for another runner that holds the lock.
    #[serde(default = "MigrateSpec::default_lock_wait")]
    pub(crate) lock_wait: Duration,
    /// How long a statement waits for a lock on a table or row that the application holds. Then the migration is rolled back and tried
    /// again, so that nobody has to wait behind it for long. "0s" is no limit.
    #[serde(default = "MigrateSpec::default_lock_timeout")]
    pub(crate) lock_timeout: Duration,
    /// How long a statement that cannot be rolled back may go on after a signal that ends the run, before it is cancelled. Anything else
    /// is rolled back at once.
    #[serde(default = "MigrateSpec::default_grace")]
    pub(crate) grace: Duration,
    /// A migration may be older than the newest that is applied.
    #[serde(default)]
    pub(crate) out_of_order: bool,
    /// The newest migration whose changes a database has that holds something, and has no history yet. Up to that one everything is
    /// recorded as applied, and not run. An empty database gets all of them.
    pub(crate) baseline: Option<Located<String>>,
    /// What happens when the database has a migration that is newer than every file, because the application was rolled back.
    #[serde(default)]
    pub(crate) on_newer: OnNewer,
    /// Statements for the start of the session, for instance `SET FOREIGN_KEY_CHECKS=0`.
    #[serde(default)]
    pub(crate) session: Vec<String>,
    /// Owner of an `SQLite` database file and of the files beside it.
    pub(crate) owner: Option<Located<Owner>>,
    /// Mode of an `SQLite` database file that is made here; without it "0640".
    pub(crate) mode: Option<Located<Mode>>,
}

/// The runner whose history is kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "history"))]
#[serde(rename_all = "kebab-case")]
pub(crate) enum HistoryFormat {
    #[default]
    Auto,
    Fitout,
    Sqlx,
    Refinery,
    Flyway,
    Dbmate,
    GolangMigrate,
    Goose,
    Diesel,
    Prisma,
}

impl HistoryFormat {
    /// Its name; nothing for the one that the database has.
    pub(crate) fn runner(self) -> Option<&'static str> {
        match self {
            Self::Auto => None,
            Self::Fitout => Some("fitout"),
            Self::Sqlx => Some("sqlx"),
            Self::Refinery => Some("refinery"),
            Self::Flyway => Some("flyway"),
            Self::Dbmate => Some("dbmate"),
            Self::GolangMigrate => Some("golang-migrate"),
            Self::Goose => Some("goose"),
            Self::Diesel => Some("diesel"),
            Self::Prisma => Some("prisma"),
        }
    }
}

/// What happens when the database is newer than the files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "on_newer"))]
#[serde(rename_all = "snake_case")]
pub(crate) enum OnNewer {
    #[default]
    Accept,
    Fail,
}

impl MigrateSpec {
    /// The address that is used.
    pub(crate) fn target(&self) -> &Located<DatabaseSpec> {
        self.direct.as_ref().unwrap_or(&self.database)
    }

    fn default_lock_timeout() -> Duration {
        Duration::from_seconds(5)
    }

    fn default_lock_wait() -> Duration {
        Duration::from_seconds(600)
    }

    /// Less than the half minute that Kubernetes gives.
    fn default_grace() -> Duration {
        Duration::from_seconds(20)
    }
}
