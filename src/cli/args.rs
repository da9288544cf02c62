//! What can be typed. No I/O.
#![expect(
    clippy::doc_markdown,
    rustdoc::bare_urls,
    reason = "these comments are the help text, for people and not for rustdoc"
)]

mod credentials;
mod hand_over;
mod keys;
mod migrate;
mod statements;
mod text;
mod verbs;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::spec::Confine;
pub(super) use credentials::{AccountArguments, GenerateArguments, TrustArguments};
pub(super) use hand_over::ExecArguments;
pub(super) use migrate::MigrateArguments;
pub(super) use statements::{SeedArguments, SqlArguments};
pub(super) use verbs::{
    CopyArguments, EditArguments, FetchArguments, OwnerAndMode, RenderArguments, UnpackArguments, Validation, Verb,
};

/// Makes ready what an application needs before it starts.
#[derive(Debug, Parser)]
#[command(name = "fitout", version, disable_help_subcommand = true, max_term_width = 100)]
pub(super) struct Arguments {
    #[command(flatten)]
    pub(super) common: Common,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// Options of every command. Each has a twin in the environment: `FITOUT_ROOT` for `--root`.
#[derive(Debug, Args)]
pub(super) struct Common {
    /// Resolve all paths of the plan inside this directory [env: FITOUT_ROOT] [default: /]
    #[arg(long, global = true, value_name = "DIR", help_heading = "Common options")]
    pub(super) root: Option<PathBuf>,
    /// How logs are written [env: FITOUT_LOG] [default: human]
    #[arg(long, global = true, value_name = "FORMAT", help_heading = "Common options")]
    pub(super) log: Option<LogFormat>,
    /// What is logged: error, warn, info, debug [env: FITOUT_LOG_LEVEL] [default: info]
    #[arg(long, global = true, value_name = "LEVEL", help_heading = "Common options")]
    pub(super) log_level: Option<log::LevelFilter>,
    /// Write what was done to this file, as JSON [env: FITOUT_REPORT]
    #[arg(long, global = true, value_name = "FILE", help_heading = "Common options")]
    pub(super) report: Option<PathBuf>,
    /// Whether steps can write only where the plan says: auto, required, off [env: FITOUT_CONFINE] [default: auto]
    #[arg(long, global = true, value_name = "WHEN", help_heading = "Common options")]
    pub(super) confine: Option<Confine>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum LogFormat {
    #[default]
    Human,
    Json,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Bring the world to the plan, then hand over to the application if there is one
    Apply(ApplyArguments),
    /// Print what `apply` would change; exit 0 when that is nothing, 10 when there are changes
    Show(ShowArguments),
    /// Validate the plan and its templates; needs no root, no network, no secret
    Check(PlanArgument),
    /// Hand over to the application: drop privileges, set the umask, become it
    Exec(ExecArguments),
    /// Look once whether a target is ready: for health checks and probes. Exit 0 when it is, 1 when it is not
    Probe(ProbeArguments),
    /// Copy this program to a volume, for containers that have none
    Install(InstallArguments),
    /// Print the JSON Schema of the plan
    Schema,
    /// Print completions for a shell
    Completions(CompletionsArguments),
    #[command(flatten)]
    Verb(Verb),
}

#[derive(Debug, Args)]
pub(super) struct PlanArgument {
    /// The plan, or `-` for standard input; without it $FITOUT_PLAN, the text in $FITOUT_PLAN_YAML, /etc/fitout/plan.yaml
    pub(super) plan: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct ShowArguments {
    #[command(flatten)]
    pub(super) plan: PlanArgument,
    /// Print the changes as JSON
    #[arg(long)]
    pub(super) json: bool,
    /// Colours: on a terminal, unless NO_COLOR is set
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(super) color: Color,
    /// The application and its arguments, for conditions that ask for them
    #[arg(last = true, value_name = "CMD")]
    pub(super) command: Vec<OsString>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

#[derive(Debug, Args)]
pub(super) struct ApplyArguments {
    #[command(flatten)]
    pub(super) plan: PlanArgument,
    /// The application and its arguments, in place of the plan's `exec`
    #[arg(last = true, value_name = "CMD")]
    pub(super) command: Vec<OsString>,
}

#[derive(Debug, Args)]
pub(super) struct ProbeArguments {
    /// tcp://host:port, http://host[:port]/path, https://host[:port]/path, unix:///path, file:///path
    pub(super) target: String,
    /// Check an https target against the authorities of this PEM file only
    #[arg(long, value_name = "PATH")]
    pub(super) ca: Option<String>,
    /// How long an answer may take [default: 1s]
    #[arg(long, value_name = "DURATION")]
    pub(super) timeout: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct InstallArguments {
    /// The file that is made, or a directory in which it is named `fitout`
    pub(super) path: String,
}

#[derive(Debug, Args)]
pub(super) struct CompletionsArguments {
    pub(super) shell: clap_complete::Shell,
}
