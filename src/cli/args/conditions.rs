//! What `wait` and `probe` can be told of their targets.

use clap::Args;

use super::DatabaseArguments;

#[derive(Debug, Args)]
pub(in crate::cli) struct ConditionArguments {
    #[command(flatten)]
    pub(in crate::cli) database: DatabaseArguments,
    /// Check https and rediss targets against the authorities of this PEM file only
    #[arg(long, value_name = "PATH")]
    pub(in crate::cli) ca: Option<String>,
    /// Until the targets do not answer any more
    #[arg(long)]
    pub(in crate::cli) gone: bool,
    /// A status that is right for http targets: 200, 2xx, 200-204 [default: 200-399]
    #[arg(long, value_name = "STATUS")]
    pub(in crate::cli) status: Vec<String>,
    /// A regular expression for the answer of http targets
    #[arg(long, value_name = "REGEX")]
    pub(in crate::cli) body: Option<String>,
    /// The environment variable that holds the password for redis targets
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) password_env: Option<String>,
    /// The file that holds the password for redis targets
    #[arg(long, value_name = "PATH")]
    pub(in crate::cli) password_file: Option<String>,
    /// A program that ends with code 0 when all is ready
    #[arg(last = true, value_name = "CMD")]
    pub(in crate::cli) command: Vec<String>,
}
