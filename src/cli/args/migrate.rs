//! What can be typed for `migrate`.

use clap::Args;

use super::{DatabaseArguments, OwnerAndMode};
use crate::sql::Resolution;

#[derive(Debug, Args)]
pub(in crate::cli) struct MigrateArguments {
    #[command(flatten)]
    pub(in crate::cli) database: DatabaseArguments,
    /// The directory with the migrations, or those of it that match a pattern: '/migrations/V*.sql'
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) source: String,
    /// The runner whose history is kept: auto, fitout, sqlx, refinery, flyway, dbmate, golang-migrate, goose, diesel, prisma
    #[arg(long, value_name = "RUNNER")]
    pub(in crate::cli) history: Option<String>,
    /// The history table, with its schema or without
    #[arg(long, value_name = "[SCHEMA.]TABLE")]
    pub(in crate::cli) table: Option<String>,
    /// How long to wait for another runner, for instance 10m
    #[arg(long, value_name = "DURATION")]
    pub(in crate::cli) lock_wait: Option<String>,
    /// How long a statement waits for a lock of the application before the migration is tried again
    #[arg(long, value_name = "DURATION")]
    pub(in crate::cli) lock_timeout: Option<String>,
    /// How long a statement that cannot be rolled back may go on after a signal
    #[arg(long, value_name = "DURATION")]
    pub(in crate::cli) grace: Option<String>,
    /// Apply migrations that are older than the newest that is applied
    #[arg(long)]
    pub(in crate::cli) out_of_order: bool,
    /// The newest migration that a database without history has, if it is not empty: up to it everything is only recorded
    #[arg(long, value_name = "VERSION")]
    pub(in crate::cli) baseline: Option<String>,
    /// What a migration is that is newer than every file: accept, fail
    #[arg(long, value_name = "WHAT")]
    pub(in crate::cli) on_newer: Option<String>,
    /// A statement for the start of the session
    #[arg(long, value_name = "SQL")]
    pub(in crate::cli) session: Vec<String>,
    /// After this long it fails with exit code 5, for instance 60s
    #[arg(long, value_name = "DURATION")]
    pub(in crate::cli) timeout: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) attributes: OwnerAndMode,
    #[command(flatten)]
    pub(in crate::cli) mode: MigrateMode,
    /// Print the status as JSON
    #[arg(long, requires = "status")]
    pub(in crate::cli) json: bool,
}

/// What is done instead of migrating.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub(in crate::cli) struct MigrateMode {
    /// Print what would be applied, and change nothing: version, name, way, number of statements
    #[arg(long)]
    pub(in crate::cli) plan: bool,
    /// Print how every migration stands; exit 0 when nothing is pending, 10 when something is
    #[arg(long)]
    pub(in crate::cli) status: bool,
    /// Wait until another runner has applied everything, and change nothing
    #[arg(long)]
    pub(in crate::cli) wait: bool,
    /// Say of a migration that was left in doubt whether its statement was done, or is to be run again; applies nothing
    #[arg(long, value_name = "VERSION=done|retry")]
    pub(in crate::cli) resolve: Option<Resolution>,
}
