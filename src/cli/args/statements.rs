//! What `sql` and `seed` take.

use clap::Args;

use super::{DatabaseArguments, ProgramArguments};

#[derive(Debug, Args)]
pub(in crate::cli) struct SqlArguments {
    #[command(flatten)]
    pub(in crate::cli) database: DatabaseArguments,
    /// What the client program speaks: postgres, mysql, sqlite; known of `psql`, `mariadb`, `mysql` and `sqlite3`
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) dialect: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) program: ProgramArguments,
    /// The statements, a template
    #[arg(long, value_name = "SQL", conflicts_with = "source", required_unless_present = "source")]
    pub(in crate::cli) text: Option<String>,
    /// A file, or a directory of files, with the statements
    #[arg(long, value_name = "PATH")]
    pub(in crate::cli) source: Option<String>,
    /// What happens to other files in the directory: fail, warn, skip
    #[arg(long, value_name = "POLICY")]
    pub(in crate::cli) unsupported: Option<String>,
    /// Do nothing when this query gives a row
    #[arg(long, value_name = "QUERY")]
    pub(in crate::cli) unless: Option<String>,
    #[arg(long, value_name = "DURATION")]
    pub(in crate::cli) lock_wait: Option<String>,
    #[arg(long, value_name = "DURATION")]
    pub(in crate::cli) lock_timeout: Option<String>,
    #[arg(long, value_name = "DURATION")]
    pub(in crate::cli) grace: Option<String>,
    /// A directory or file that the program writes
    #[arg(long, value_name = "PATH")]
    pub(in crate::cli) writes: Vec<String>,
    /// For instance 60s
    #[arg(long)]
    pub(in crate::cli) timeout: Option<String>,
    /// A client program in place of a database: it reads the statements from its standard input
    #[arg(last = true, value_name = "CMD")]
    pub(in crate::cli) command: Vec<String>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct SeedArguments {
    #[command(flatten)]
    pub(in crate::cli) database: DatabaseArguments,
    /// The YAML or JSON file with the rows, under `tables`
    #[arg(long, value_name = "PATH", required = true)]
    pub(in crate::cli) source: Option<String>,
    /// Set what differs in rows that are there
    #[arg(long)]
    pub(in crate::cli) reconcile: bool,
    #[arg(long, value_name = "DURATION")]
    pub(in crate::cli) lock_wait: Option<String>,
    #[arg(long, value_name = "DURATION")]
    pub(in crate::cli) lock_timeout: Option<String>,
}
