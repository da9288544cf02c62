//! What can be typed. No I/O.
#![expect(
    clippy::doc_markdown,
    rustdoc::bare_urls,
    reason = "these comments are the help text, for people and not for rustdoc"
)]

mod conditions;
mod credentials;
mod database;
mod hand_over;
mod keys;
mod migrate;
mod program;
mod statements;
mod text;
mod verbs;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::spec::Confine;
pub(super) use conditions::ConditionArguments;
pub(super) use credentials::{AccountArguments, GenerateArguments, TrustArguments};
pub(super) use database::DatabaseArguments;
pub(super) use hand_over::ExecArguments;
pub(super) use migrate::MigrateArguments;
pub(super) use program::{ProgramArguments, RunArguments};
pub(super) use statements::{SeedArguments, SqlArguments};
pub(super) use verbs::{
    CopyArguments, EditArguments, FetchArguments, OwnerAndMode, RenderArguments, UnpackArguments, Validation, Verb,
    WaitArguments,
};

/// Makes ready what an application needs before it starts.
#[derive(Debug, Parser)]
#[command(name = "fitout", version, disable_help_subcommand = true, max_term_width = 100)]
pub(super) struct Arguments<C: Subcommand = Command> {
    #[command(flatten)]
    pub(super) common: Common,
    #[command(subcommand)]
    pub(super) command: C,
}

impl Arguments {
    /// Understands what was typed. To describe all commands and their flags to the library takes longer than all else of a hand-over: so
    /// where the first word is one of those that containers start, only those are described.
    pub(super) fn parse(words: &[OsString]) -> Result<Self, clap::Error> {
        let first = words.get(1).and_then(|word| word.to_str()).unwrap_or_default();
        if !Frequent::has_subcommand(first) {
            return Self::try_parse_from(words).map_err(|error| with_dashes(error, words));
        }
        let parsed = Arguments::<Frequent>::try_parse_from(words);
        let Arguments { common, command } = parsed.map_err(|error| with_dashes(error, words))?;
        Ok(Self { common, command: Command::Frequent(command) })
    }
}

/// A program without `--` in front of it is the usual mistake of who comes from another program of this kind.
fn with_dashes(mut error: clap::Error, words: &[OsString]) -> clap::Error {
    let typed = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(typed)) if !typed.starts_with('-') => typed.clone(),
        _ => return error,
    };
    let takes_a_program =
        words.get(1).is_some_and(|word| ["apply", "exec", "probe", "run"].iter().any(|name| word == name));
    if error.kind() == ErrorKind::UnknownArgument && takes_a_program && !words.iter().any(|word| word == "--") {
        let tip = format!("a program and its arguments stand behind '--': '-- {typed} ...'");
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
    error
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
    #[command(flatten)]
    Frequent(Frequent),
    /// Print what `apply` would change; exit 0 when that is nothing, 10 when there are changes
    Show(ShowArguments),
    /// Validate the plan and its templates; needs no root, no network, no secret
    Check(PlanArgument),
    /// Copy this program to a volume, for containers that have none
    Install(InstallArguments),
    /// Print the JSON Schema of the plan
    Schema,
    /// Print completions for a shell
    Completions(CompletionsArguments),
    #[command(flatten)]
    Verb(Verb),
}

/// The commands that containers start.
#[derive(Debug, Subcommand)]
pub(super) enum Frequent {
    /// Bring the world to the plan, then hand over to the application if there is one
    Apply(ApplyArguments),
    /// Hand over to the application: drop privileges, set the umask, become it
    Exec(ExecArguments),
    /// Look once whether a target is ready: for health checks and probes. Exit 0 when it is, 1 when it is not
    Probe(ProbeArguments),
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
    /// Fail when what a `once` makes is there already
    #[arg(long, value_name = "STATE")]
    pub(super) expect: Option<Expect>,
    /// The application and its arguments, in place of the plan's `exec`
    #[arg(last = true, value_name = "CMD")]
    pub(super) command: Vec<OsString>,
}

/// What a run is to find.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Expect {
    Uninitialized,
}

#[derive(Debug, Args)]
pub(super) struct ProbeArguments {
    /// As those of `wait`
    #[arg(required_unless_present_any = ["database", "database_env", "database_file", "command"])]
    pub(super) target: Option<String>,
    #[command(flatten)]
    pub(super) conditions: ConditionArguments,
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

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::{Arguments, Command, Frequent};

    /// What a user reads must not depend on which commands were described.
    #[test]
    fn frequent_commands_are_the_same_among_all_and_by_themselves() {
        for line in [
            "apply --help",
            "exec --help",
            "probe -h",
            "exec --usr 1 -- a",
            "exec --user",
            "exec --group a",
            "exec --log xml",
            "apply a b",
            "probe",
            "probe --timeout",
            "exec -V",
        ] {
            let words = || ["fitout"].into_iter().chain(line.split(' '));
            let among_all = Arguments::<Command>::try_parse_from(words()).unwrap_err();
            let alone = Arguments::<Frequent>::try_parse_from(words()).unwrap_err();
            assert_eq!(alone.to_string(), among_all.to_string(), "{line}");
            assert_eq!(alone.exit_code(), among_all.exit_code(), "{line}");
        }
    }
}
