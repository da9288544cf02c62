//! `seed`: rows are there.

mod check;
mod value;

use serde::Deserialize;

use super::{AbsolutePath, DatabaseSpec, Duration};
use crate::document::{Located, Table};
pub(crate) use value::{Reference, SeedValue};

/// Rows are there, declared: what lacks is inserted, all of it in one transaction.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "seed"))]
#[serde(deny_unknown_fields)]
pub(crate) struct SeedSpec {
    pub(crate) database: Located<DatabaseSpec>,
    /// The tables with their rows, in the order in which they are written.
    pub(crate) tables: Option<Vec<SeedTable>>,
    /// In place of `tables`: a YAML or JSON file that has them under the same key. Not a template.
    pub(crate) source: Option<Located<AbsolutePath>>,
    /// Set what differs in rows that are there; without it such rows are left as they are.
    #[serde(default)]
    pub(crate) reconcile: bool,
    /// Statements for the start of the session.
    #[serde(default)]
    pub(crate) session: Vec<String>,
    /// How long to wait for another run that seeds, or for a file of `SQLite` that is locked.
    #[serde(default = "SeedSpec::default_lock_wait")]
    pub(crate) lock_wait: Duration,
    /// How long a statement waits for a lock on a table or row before everything is tried again. "0s" is no limit.
    #[serde(default = "SeedSpec::default_lock_timeout")]
    pub(crate) lock_timeout: Duration,
}

/// The rows of a table.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "seed_table"))]
#[serde(deny_unknown_fields)]
pub(crate) struct SeedTable {
    /// The name as the database spells it, with its schema before a `.` if it is not the session's own.
    pub(crate) table: Located<String>,
    /// The columns that tell whether a row is there.
    pub(crate) key: Located<Vec<Located<String>>>,
    /// Columns and their values; other columns get their defaults.
    pub(crate) rows: Vec<Located<SeedRow>>,
}

/// The columns of a row, as they were declared.
pub(crate) type SeedRow = Table<Located<SeedValue>>;

/// What a file has that `source` names.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SeedFile {
    pub(crate) tables: Vec<SeedTable>,
}

impl SeedSpec {
    fn default_lock_wait() -> Duration {
        Duration::from_seconds(600)
    }

    fn default_lock_timeout() -> Duration {
        Duration::from_seconds(5)
    }
}

impl SeedTable {
    pub(crate) fn is_key(&self, column: &str) -> bool {
        self.key.iter().any(|key| key.value == column)
    }
}

/// The two parts of a name.
pub(crate) fn qualified(name: &str) -> (Option<&str>, &str) {
    name.split_once('.').map_or((None, name), |(schema, table)| (Some(schema), table))
}
