//! What `run` takes, and every step that starts a program.

use clap::Args;

#[derive(Debug, Args)]
pub(in crate::cli) struct ProgramArguments {
    /// The user (and group) that the program runs as
    #[arg(long = "as", value_name = "USER[:GROUP]")]
    pub(in crate::cli) user: Option<String>,
    /// A further variable for the program
    #[arg(long, value_name = "NAME=VALUE")]
    pub(in crate::cli) env: Vec<String>,
    /// A variable that the program does not get
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) unset_env: Vec<String>,
    /// Put the words of this variable behind the command
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) append_from: Vec<String>,
    /// The working directory
    #[arg(long, value_name = "PATH")]
    pub(in crate::cli) directory: Option<String>,
    /// A secret in a variable that the program reads as the file {{secret_files.NAME}}
    #[arg(long, value_name = "NAME=VARIABLE")]
    pub(in crate::cli) secret_env: Vec<String>,
    /// A secret in a file, handed over in the same way, whoever owns the file
    #[arg(long, value_name = "NAME=PATH")]
    pub(in crate::cli) secret_file: Vec<String>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct RunArguments {
    #[command(flatten)]
    pub(in crate::cli) program: ProgramArguments,
    /// What the program reads from its standard input
    #[arg(long, value_name = "TEXT", group = "input")]
    pub(in crate::cli) stdin: Option<String>,
    /// The same, a secret in this variable
    #[arg(long, value_name = "VARIABLE", group = "input")]
    pub(in crate::cli) stdin_env: Option<String>,
    /// The same, a secret in this file, without newlines at its end
    #[arg(long, value_name = "PATH", group = "input")]
    pub(in crate::cli) stdin_secret_file: Option<String>,
    /// The same, this file as it is
    #[arg(long, value_name = "PATH", group = "input")]
    pub(in crate::cli) stdin_file: Option<String>,
    /// Do nothing when this exists
    #[arg(long, value_name = "PATH")]
    pub(in crate::cli) creates: Option<String>,
    /// An exit code that is no failure [default: 0 alone]
    #[arg(long, value_name = "CODE")]
    pub(in crate::cli) ok_code: Vec<u8>,
    /// A failure is none if a line of the output matches this
    #[arg(long, value_name = "REGEX")]
    pub(in crate::cli) ok_output: Option<String>,
    /// Try so often again when it fails
    #[arg(long, value_name = "NUMBER")]
    pub(in crate::cli) retries: Option<u32>,
    /// The first pause between two tries [default: 1s]
    #[arg(long, value_name = "DURATION")]
    pub(in crate::cli) interval: Option<String>,
    /// A directory or file that the program writes
    #[arg(long, value_name = "PATH")]
    pub(in crate::cli) writes: Vec<String>,
    /// For instance 60s
    #[arg(long)]
    pub(in crate::cli) timeout: Option<String>,
    #[arg(last = true, value_name = "CMD", required = true)]
    pub(in crate::cli) command: Vec<String>,
}
