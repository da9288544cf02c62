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
    /// Owner of an `SQLite` database file and of the files beside it.
    pub(crate) owner: Option<Located<Owner>>,
    /// Mode of an `SQLite` database file that is made here; without it "0640".
    pub(crate) mode: Option<Located<Mode>>,
}

impl MigrateSpec {
    fn default_table() -> Located<String> {
        Located { value: "fitout_migrations".to_owned(), ..Located::default() }
    }

    fn default_lock_wait() -> Duration {
        Duration::from_seconds(600)
    }
}
