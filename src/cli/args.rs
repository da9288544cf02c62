//! What can be typed. No I/O.
#![expect(
    clippy::doc_markdown,
    rustdoc::bare_urls,
    reason = "these comments are the help text, for people and not for rustdoc"
)]

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

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
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum LogFormat {
    #[default]
    Human,
    Json,
}

#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "made once, and moved once")]
pub(super) enum Command {
    /// Bring the world to the plan, then hand over to the application if there is one
    Apply(ApplyArguments),
    /// Print what `apply` would change; exit 0 when that is nothing, 10 when there are changes
    Show(ShowArguments),
    /// Validate the plan and its templates; needs no root, no network, no secret
    Check(PlanArgument),
    /// Hand over to the application: drop privileges, set the umask, become it
    Exec(ExecArguments),
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
pub(super) struct ExecArguments {
    /// The user (and group) to become: "1000:1000", "1000", or names of <root>/etc/passwd
    #[arg(long, value_name = "USER[:GROUP]")]
    pub(super) user: Option<String>,
    /// The umask of the application, for instance 0077
    #[arg(long, value_name = "MODE")]
    pub(super) umask: Option<String>,
    /// The application can never gain privileges
    #[arg(long)]
    pub(super) no_new_privileges: bool,
    /// The application and its arguments
    #[arg(last = true, value_name = "CMD", required = true)]
    pub(super) command: Vec<OsString>,
}

#[derive(Debug, Args)]
pub(super) struct CompletionsArguments {
    pub(super) shell: clap_complete::Shell,
}

/// One step of a plan. Each flag is the field of the step with the same name.
#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Make a file, or a tree, equal to its rendered template
    Render(RenderArguments),
    /// Set keys or lines in an existing file, and keep everything else
    Edit(EditArguments),
    /// Make a file or tree equal to its source
    Copy(CopyArguments),
    /// Make directories
    Mkdir(MkdirArguments),
    /// Make a symbolic link
    Link(LinkArguments),
    /// Remove files and directories
    Remove(RemoveArguments),
    /// Set owner and mode, only where they are wrong
    Own(OwnArguments),
    /// Wait until targets are ready
    Wait(WaitArguments),
    /// Apply the migrations that a database lacks
    Migrate(MigrateArguments),
    /// Run a program
    Run(RunArguments),
}

#[derive(Debug, Args)]
pub(super) struct OwnerAndMode {
    /// "1000:1000", "1000", ":1000", or names
    #[arg(long, value_name = "USER:GROUP")]
    pub(super) owner: Option<String>,
    /// Octal digits, for instance 0640
    #[arg(long, value_name = "MODE")]
    pub(super) mode: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct RenderArguments {
    /// The template: a file, or a directory with *.hbs files
    pub(super) source: String,
    /// The file, or directory, that is made
    pub(super) path: String,
    #[command(flatten)]
    pub(super) attributes: OwnerAndMode,
    #[arg(long, value_name = "MODE")]
    pub(super) directory_mode: Option<String>,
    /// auto, none, json, yaml, toml, ini, properties, env, xml, sh, nginx, sql, mysql
    #[arg(long)]
    pub(super) escape: Option<String>,
    /// handlebars, envsubst
    #[arg(long)]
    pub(super) engine: Option<String>,
    /// What envsubst knows: posix, gnu
    #[arg(long)]
    pub(super) forms: Option<String>,
    /// What envsubst replaces, as a regular expression; all other names stay as they are
    #[arg(long, value_name = "REGEX")]
    pub(super) variables: Option<String>,
    /// What envsubst makes of a name that is not set: error, keep, empty
    #[arg(long)]
    pub(super) unknown: Option<String>,
    /// A directory of templates that others include
    #[arg(long, value_name = "DIR")]
    pub(super) partials: Option<String>,
    /// What is taken off the names of templates in a tree [default: .hbs, for envsubst .template]
    #[arg(long, value_name = "SUFFIX")]
    pub(super) strip_suffix: Option<String>,
    /// Only these files of a tree
    #[arg(long, value_name = "GLOB")]
    pub(super) include: Vec<String>,
    /// Not these files and directories of a tree
    #[arg(long, value_name = "GLOB")]
    pub(super) exclude: Vec<String>,
    /// auto, none, json, yaml, toml, xml
    #[arg(long, value_name = "FORMAT")]
    pub(super) validate: Option<String>,
    /// Validate against this JSON Schema
    #[arg(long, value_name = "FILE", conflicts_with = "validate")]
    pub(super) validate_schema: Option<String>,
    /// Remove what is in the target directory and not made here
    #[arg(long)]
    pub(super) prune: bool,
    /// replace, keep
    #[arg(long)]
    pub(super) if_exists: Option<String>,
    /// A file or directory whose content templates reach as values.NAME
    #[arg(long, value_name = "NAME=PATH")]
    pub(super) values: Vec<String>,
}

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(super) struct EditArguments {
    pub(super) path: String,
    /// json, yaml, toml, ini, properties, env, xml, text; by the suffix without it
    #[arg(long)]
    pub(super) format: Option<String>,
    /// A key and its value, which is text
    #[arg(long, value_name = "KEY=VALUE")]
    pub(super) set: Vec<String>,
    /// A key and its value: a number, boolean, null, list or mapping, as JSON
    #[arg(long, value_name = "KEY=JSON")]
    pub(super) set_json: Vec<String>,
    /// A key that is not there
    #[arg(long, value_name = "KEY")]
    pub(super) unset: Vec<String>,
    /// Every key has to be there before
    #[arg(long)]
    pub(super) must_exist: bool,
    /// Make the file when it is missing
    #[arg(long)]
    pub(super) create: bool,
    /// Text that is replaced by that of --with
    #[arg(long, value_name = "TEXT", requires = "with", conflicts_with = "replace_regex")]
    pub(super) replace: Option<String>,
    /// What matches is replaced by the text of --with
    #[arg(long, value_name = "REGEX", requires = "with")]
    pub(super) replace_regex: Option<String>,
    /// Text that stands for itself
    #[arg(long, value_name = "TEXT")]
    pub(super) with: Option<String>,
    /// Fail when there is nothing to replace and nothing was replaced before
    #[arg(long)]
    pub(super) must_match: bool,
    /// Replace at most so many
    #[arg(long, value_name = "NUMBER", requires = "with")]
    pub(super) count: Option<u32>,
    /// Replace nothing when this matches anywhere
    #[arg(long, value_name = "REGEX", requires = "with")]
    pub(super) unless: Option<String>,
    /// A line that is there
    #[arg(long, value_name = "TEXT")]
    pub(super) line: Option<String>,
    /// A line that matches is replaced by that of --line
    #[arg(long, value_name = "REGEX")]
    pub(super) matches: Option<String>,
    /// Put the line behind the last one that matches
    #[arg(long, value_name = "REGEX", conflicts_with = "before")]
    pub(super) after: Option<String>,
    /// Put the line before the last one that matches
    #[arg(long, value_name = "REGEX")]
    pub(super) before: Option<String>,
    /// Put it at the end or at the beginning
    #[arg(long, value_name = "PLACE")]
    pub(super) at: Option<String>,
    /// The line of --line, every line that matches, or the block is not there
    #[arg(long)]
    pub(super) absent: bool,
    /// The name of a block between two marker lines, whose text is that of --text
    #[arg(long, value_name = "MARKER", conflicts_with_all = ["line", "matches"])]
    pub(super) block: Option<String>,
    /// The text of the block
    #[arg(long, value_name = "TEXT", requires = "block")]
    pub(super) text: Option<String>,
    /// auto, none, json, yaml, toml, xml
    #[arg(long, value_name = "FORMAT")]
    pub(super) validate: Option<String>,
    /// Validate against this JSON Schema
    #[arg(long, value_name = "FILE", conflicts_with = "validate")]
    pub(super) validate_schema: Option<String>,
    #[command(flatten)]
    pub(super) attributes: OwnerAndMode,
}

#[derive(Debug, Args)]
pub(super) struct CopyArguments {
    pub(super) source: String,
    pub(super) path: String,
    #[command(flatten)]
    pub(super) attributes: OwnerAndMode,
    /// update, keep, replace, fail
    #[arg(long)]
    pub(super) if_exists: Option<String>,
    /// Copy what links lead to, in place of the links
    #[arg(long)]
    pub(super) dereference: bool,
}

#[derive(Debug, Args)]
pub(super) struct MkdirArguments {
    #[arg(required = true)]
    pub(super) path: Vec<String>,
    #[command(flatten)]
    pub(super) attributes: OwnerAndMode,
}

#[derive(Debug, Args)]
pub(super) struct LinkArguments {
    /// What the link says
    pub(super) target: String,
    pub(super) path: String,
    #[arg(long, value_name = "USER:GROUP")]
    pub(super) owner: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct RemoveArguments {
    #[arg(required = true)]
    pub(super) path: Vec<String>,
    /// Directories with everything in them
    #[arg(long)]
    pub(super) recursive: bool,
}

#[derive(Debug, Args)]
pub(super) struct OwnArguments {
    #[arg(required = true)]
    pub(super) path: Vec<String>,
    #[command(flatten)]
    pub(super) attributes: OwnerAndMode,
    #[arg(long, value_name = "MODE")]
    pub(super) file_mode: Option<String>,
    #[arg(long, value_name = "MODE")]
    pub(super) directory_mode: Option<String>,
    #[arg(long)]
    pub(super) recursive: bool,
    /// A name that is left out wherever it stands in the tree [default: lost+found, .snapshot]
    #[arg(long, value_name = "NAME")]
    pub(super) exclude: Vec<String>,
    /// true, false: do not cross into other file systems [default: true]
    #[arg(long, value_name = "BOOL")]
    pub(super) one_filesystem: Option<bool>,
    /// fail, warn, skip
    #[arg(long)]
    pub(super) on_denied: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct WaitArguments {
    /// tcp://host:port, http://host[:port]/path, unix:///path, file:///path
    #[arg(required = true)]
    pub(super) target: Vec<String>,
    /// For instance 60s
    #[arg(long)]
    pub(super) timeout: Option<String>,
    /// The first pause between two probes
    #[arg(long)]
    pub(super) interval: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct MigrateArguments {
    /// sqlite:///absolute/path, or postgres://user@host/name without a password
    #[arg(long, value_name = "URL")]
    pub(super) database: Option<String>,
    /// The environment variable that holds the URL
    #[arg(long, value_name = "NAME")]
    pub(super) database_env: Option<String>,
    /// The file that holds the URL
    #[arg(long, value_name = "PATH")]
    pub(super) database_file: Option<String>,
    /// The directory with the migrations
    #[arg(long, value_name = "DIR")]
    pub(super) source: String,
    #[arg(long)]
    pub(super) table: Option<String>,
    #[arg(long, value_name = "DURATION")]
    pub(super) lock_wait: Option<String>,
    #[command(flatten)]
    pub(super) attributes: OwnerAndMode,
}

#[derive(Debug, Args)]
pub(super) struct RunArguments {
    /// The user (and group) that the program runs as
    #[arg(long = "as", value_name = "USER[:GROUP]")]
    pub(super) user: Option<String>,
    /// A further variable for the program
    #[arg(long, value_name = "NAME=VALUE")]
    pub(super) env: Vec<String>,
    /// Do nothing when this exists
    #[arg(long, value_name = "PATH")]
    pub(super) creates: Option<String>,
    /// For instance 60s
    #[arg(long)]
    pub(super) timeout: Option<String>,
    #[arg(last = true, value_name = "CMD", required = true)]
    pub(super) command: Vec<String>,
}
