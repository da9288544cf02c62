//! What `sql` and `seed` take.
#![expect(rustdoc::bare_urls, reason = "these comments are the help text, for people and not for rustdoc")]

use clap::Args;

#[derive(Debug, Args)]
pub(in crate::cli) struct SqlArguments {
    /// sqlite:///absolute/path, or postgres://user@host/name without a password
    #[arg(long, value_name = "URL")]
    pub(in crate::cli) database: Option<String>,
    /// The environment variable that holds the URL
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) database_env: Option<String>,
    /// The file that holds the URL
    #[arg(long, value_name = "PATH")]
    pub(in crate::cli) database_file: Option<String>,
    /// The statements, a template
    #[arg(long, value_name = "SQL", conflicts_with = "source", required_unless_present = "source")]
    pub(in crate::cli) text: Option<String>,
    /// A file, or a directory of files, with the statements
    #[arg(long, value_name = "PATH")]
    pub(in crate::cli) source: Option<String>,
    /// Do nothing when this query gives a row
    #[arg(long, value_name = "QUERY")]
    pub(in crate::cli) unless: Option<String>,
    #[arg(long, value_name = "DURATION")]
    pub(in crate::cli) lock_wait: Option<String>,
    #[arg(long, value_name = "DURATION")]
    pub(in crate::cli) lock_timeout: Option<String>,
    #[arg(long, value_name = "DURATION")]
    pub(in crate::cli) grace: Option<String>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct SeedArguments {
    /// sqlite:///absolute/path, or postgres://user@host/name without a password
    #[arg(long, value_name = "URL")]
    pub(in crate::cli) database: Option<String>,
    /// The environment variable that holds the URL
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) database_env: Option<String>,
    /// The file that holds the URL
    #[arg(long, value_name = "PATH")]
    pub(in crate::cli) database_file: Option<String>,
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
