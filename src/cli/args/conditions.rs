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
    /// A header of the answer of http targets has such a value
    #[arg(long, value_name = "NAME=REGEX")]
    pub(in crate::cli) answer_header: Vec<String>,
    /// Send this header to http targets
    #[arg(long, value_name = "NAME=VALUE")]
    pub(in crate::cli) header: Vec<String>,
    /// Send a header whose value is in an environment variable
    #[arg(long, value_name = "NAME=VARIABLE")]
    pub(in crate::cli) header_env: Vec<String>,
    /// Send a header whose value is in a file
    #[arg(long, value_name = "NAME=PATH")]
    pub(in crate::cli) header_file: Vec<String>,
    /// Show this certificate, a PEM file, to https and rediss targets
    #[arg(long, value_name = "PATH", requires = "key")]
    pub(in crate::cli) certificate: Option<String>,
    /// The file with its private key
    #[arg(long, value_name = "PATH", requires = "certificate")]
    pub(in crate::cli) key: Option<String>,
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
