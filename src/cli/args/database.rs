//! How a database is named.

use clap::Args;

#[derive(Debug, Args)]
pub(in crate::cli) struct DatabaseArguments {
    /// sqlite:///absolute/path, or postgres://user@host/name (or mysql) without a password
    #[arg(long, value_name = "URL")]
    pub(in crate::cli) database: Option<String>,
    /// The environment variable that holds the URL
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) database_env: Option<String>,
    /// The file that holds the URL
    #[arg(long, value_name = "PATH")]
    pub(in crate::cli) database_file: Option<String>,
}
