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
    /// The directory with the migrations: `<version>_<name>.sql`.
    pub(crate) source: Located<AbsolutePath>,
    /// The history table.
    #[serde(default = "MigrateSpec::default_table")]
    pub(crate) table: Located<String>,
    /// How long to wait for another runner that holds the lock.
    #[serde(default = "MigrateSpec::default_lock_wait")]
    pub(crate) lock_wait: Duration,
    /// How long a statement waits for a lock on a table or row that the application holds. Then the migration is rolled back and tried
    /// again, so that nobody has to wait behind it for long. "0s" is no limit.
    #[serde(default = "MigrateSpec::default_lock_timeout")]
    pub(crate) lock_timeout: Duration,
    /// A migration may be older than the newest that is applied.
    #[serde(default)]
    pub(crate) out_of_order: bool,
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
    fn default_table() -> Located<String> {
        Located { value: "fitout_migrations".to_owned(), ..Located::default() }
    }

    fn default_lock_timeout() -> Duration {
        Duration::from_seconds(5)
    }

    fn default_lock_wait() -> Duration {
        Duration::from_seconds(600)
    }
}
