//! `sql`: statements were executed.

use serde::Deserialize;

use super::{AbsolutePath, DatabaseSpec, Duration};
use crate::document::Located;

/// Statements were executed, in one transaction where they can be in one.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "sql"))]
#[serde(deny_unknown_fields)]
pub(crate) struct SqlSpec {
    pub(crate) database: Located<DatabaseSpec>,
    /// The statements; a template of its own, whose values are escaped for SQL.
    pub(crate) text: Option<Located<String>>,
    /// A file with the statements, or a directory with files that end in `.sql`, taken in the order of their names. Not templates.
    pub(crate) source: Option<Located<AbsolutePath>>,
    /// A query; if it gives a row, nothing is executed. Without it the statements are executed at every run. A template as `text`.
    pub(crate) unless: Option<Located<String>>,
    /// Statements for the start of the session.
    #[serde(default)]
    pub(crate) session: Vec<String>,
    /// How long to wait for another run of the same step, or for a file of `SQLite` that is locked.
    #[serde(default = "SqlSpec::default_lock_wait")]
    pub(crate) lock_wait: Duration,
    /// How long a statement waits for a lock on a table or row before everything is tried again. "0s" is no limit.
    #[serde(default = "SqlSpec::default_lock_timeout")]
    pub(crate) lock_timeout: Duration,
    /// How long a statement that cannot be rolled back may go on after a signal that ends the run, before it is cancelled. Anything else
    /// is rolled back at once.
    #[serde(default = "SqlSpec::default_grace")]
    pub(crate) grace: Duration,
}

impl SqlSpec {
    fn default_lock_wait() -> Duration {
        Duration::from_seconds(600)
    }

    fn default_lock_timeout() -> Duration {
        Duration::from_seconds(5)
    }

    /// Less than the half minute that Kubernetes gives.
    fn default_grace() -> Duration {
        Duration::from_seconds(20)
    }
}
