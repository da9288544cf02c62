//! One step from the command line: each flag is the field of the step with the same name.
#![expect(
    clippy::doc_markdown,
    rustdoc::bare_urls,
    reason = "these comments are the help text, for people and not for rustdoc"
)]

use clap::{Args, Subcommand};

use super::keys::KeyArguments;
use super::text::TextArguments;
use super::{
    AccountArguments, ConditionArguments, GenerateArguments, MigrateArguments, RunArguments, SeedArguments,
    SqlArguments, TrustArguments,
};

/// One step of a plan. Each flag is the field of the step with the same name.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Verb {
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
    /// Make a password, key or certificate once
    Generate(GenerateArguments),
    /// Make a bundle of certificates to trust
    Trust(TrustArguments),
    /// Give a user an entry in passwd, and his group one in group
    Account(AccountArguments),
    /// Make an archive's content be there
    Unpack(UnpackArguments),
    /// Download a file, and check it before it has its name
    Fetch(FetchArguments),
    /// Wait until targets are ready
    Wait(WaitArguments),
    /// Apply the migrations that a database lacks
    Migrate(MigrateArguments),
    /// Execute statements in a database
    Sql(SqlArguments),
    /// Make rows be there
    Seed(SeedArguments),
    /// Run a program
    Run(RunArguments),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct OwnerAndMode {
    /// "1000:1000", "1000", ":1000", or names
    #[arg(long, value_name = "USER:GROUP")]
    pub(in crate::cli) owner: Option<String>,
    /// Octal digits, for instance 0640
    #[arg(long, value_name = "MODE")]
    pub(in crate::cli) mode: Option<String>,
}

/// What a result has to pass before it is published.
#[derive(Debug, Args)]
pub(in crate::cli) struct Validation {
    /// auto, none, json, yaml, toml, xml
    #[arg(long, value_name = "FORMAT")]
    pub(in crate::cli) validate: Option<String>,
    /// Validate against this JSON Schema
    #[arg(long, value_name = "FILE", conflicts_with = "validate")]
    pub(in crate::cli) validate_schema: Option<String>,
    /// Validate with this program and its arguments, up to a word `;` or the end; {} is the path of the staged file
    #[arg(long, value_name = "CMD", num_args = 1.., value_terminator = ";", allow_hyphen_values = true,
        conflicts_with_all = ["validate", "validate_schema"])]
    pub(in crate::cli) validate_command: Vec<String>,
}

#[derive(Debug, Args)]
#[command(allow_missing_positional = true)]
pub(in crate::cli) struct RenderArguments {
    /// The template: a file, or a directory with *.hbs files
    #[arg(required_unless_present = "text", conflicts_with = "text")]
    pub(in crate::cli) source: Option<String>,
    /// The file, or directory, that is made
    #[arg(required = true)]
    pub(in crate::cli) path: String,
    /// The template itself, in place of a file
    #[arg(long, value_name = "TEMPLATE")]
    pub(in crate::cli) text: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) attributes: OwnerAndMode,
    #[arg(long, value_name = "MODE")]
    pub(in crate::cli) directory_mode: Option<String>,
    /// auto, none, json, yaml, toml, ini, properties, env, xml, sh, nginx, sql, mysql
    #[arg(long)]
    pub(in crate::cli) escape: Option<String>,
    /// handlebars, envsubst
    #[arg(long)]
    pub(in crate::cli) engine: Option<String>,
    /// What envsubst knows: posix, gnu
    #[arg(long)]
    pub(in crate::cli) forms: Option<String>,
    /// What envsubst replaces, as a regular expression; all other names stay as they are
    #[arg(long, value_name = "REGEX")]
    pub(in crate::cli) variables: Option<String>,
    /// What envsubst makes of a name that is not set: error, keep, empty
    #[arg(long)]
    pub(in crate::cli) unknown: Option<String>,
    /// A directory of templates that others include
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) partials: Option<String>,
    /// What is taken off the names of templates in a tree [default: .hbs, for envsubst .template]
    #[arg(long, value_name = "SUFFIX")]
    pub(in crate::cli) strip_suffix: Option<String>,
    /// Only these files of a tree
    #[arg(long, value_name = "GLOB")]
    pub(in crate::cli) include: Vec<String>,
    /// Not these files and directories of a tree
    #[arg(long, value_name = "GLOB")]
    pub(in crate::cli) exclude: Vec<String>,
    #[command(flatten)]
    pub(in crate::cli) validation: Validation,
    /// Write into files that are there, which keep their inodes; whoever reads one meanwhile may see half of it
    #[arg(long)]
    pub(in crate::cli) keep_inode: bool,
    /// Remove what is in the target directory and not made here
    #[arg(long)]
    pub(in crate::cli) prune: bool,
    /// replace, keep
    #[arg(long)]
    pub(in crate::cli) if_exists: Option<String>,
    /// A file or directory whose content templates reach as values.NAME
    #[arg(long, value_name = "NAME=PATH")]
    pub(in crate::cli) values: Vec<String>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct EditArguments {
    pub(in crate::cli) path: String,
    /// json, yaml, toml, ini, properties, env, xml, text; by the suffix without it
    #[arg(long)]
    pub(in crate::cli) format: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) keys: KeyArguments,
    /// Every key has to be there before
    #[arg(long)]
    pub(in crate::cli) must_exist: bool,
    /// Make the file when it is missing
    #[arg(long)]
    pub(in crate::cli) create: bool,
    #[command(flatten)]
    pub(in crate::cli) text: TextArguments,
    #[command(flatten)]
    pub(in crate::cli) validation: Validation,
    #[command(flatten)]
    pub(in crate::cli) attributes: OwnerAndMode,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct CopyArguments {
    pub(in crate::cli) source: String,
    pub(in crate::cli) path: String,
    #[command(flatten)]
    pub(in crate::cli) attributes: OwnerAndMode,
    /// update, keep, replace, fail
    #[arg(long)]
    pub(in crate::cli) if_exists: Option<String>,
    /// Pattern of what is not copied, and not removed
    #[arg(long, value_name = "PATTERN")]
    pub(in crate::cli) exclude: Vec<String>,
    /// Remove what is in the target and not in the source
    #[arg(long)]
    pub(in crate::cli) delete_extra: bool,
    /// Copy what links lead to, in place of the links
    #[arg(long)]
    pub(in crate::cli) dereference: bool,
    /// File of the tree that is written when all others are on the disk
    #[arg(long, value_name = "PATH")]
    pub(in crate::cli) last: Vec<String>,
    /// Write into files that are there, which keep their inodes; whoever reads one meanwhile may see half of it
    #[arg(long)]
    pub(in crate::cli) keep_inode: bool,
    /// owner, times, hard_links, xattrs, capabilities
    #[arg(long, value_delimiter = ',', value_name = "WHAT")]
    pub(in crate::cli) preserve: Vec<String>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct MkdirArguments {
    #[arg(required = true)]
    pub(in crate::cli) path: Vec<String>,
    #[command(flatten)]
    pub(in crate::cli) attributes: OwnerAndMode,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct LinkArguments {
    /// What the link says
    pub(in crate::cli) target: String,
    pub(in crate::cli) path: String,
    #[arg(long, value_name = "USER:GROUP")]
    pub(in crate::cli) owner: Option<String>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct RemoveArguments {
    #[arg(required = true)]
    pub(in crate::cli) path: Vec<String>,
    /// Directories with everything in them
    #[arg(long)]
    pub(in crate::cli) recursive: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct OwnArguments {
    #[arg(required = true)]
    pub(in crate::cli) path: Vec<String>,
    #[command(flatten)]
    pub(in crate::cli) attributes: OwnerAndMode,
    #[arg(long, value_name = "MODE")]
    pub(in crate::cli) file_mode: Option<String>,
    #[arg(long, value_name = "MODE")]
    pub(in crate::cli) directory_mode: Option<String>,
    #[arg(long)]
    pub(in crate::cli) recursive: bool,
    /// A name that is left out wherever it stands in the tree [default: lost+found, .snapshot]
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) exclude: Vec<String>,
    /// true, false: do not cross into other file systems [default: true]
    #[arg(long, value_name = "BOOL")]
    pub(in crate::cli) one_filesystem: Option<bool>,
    /// fail, warn, skip
    #[arg(long)]
    pub(in crate::cli) on_denied: Option<String>,
    /// refuse, allow: files with several names
    #[arg(long)]
    pub(in crate::cli) hard_links: Option<String>,
    /// always, on_root_mismatch: only when PATH itself is not as wished
    #[arg(long)]
    pub(in crate::cli) change_policy: Option<String>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct UnpackArguments {
    /// tar, tar.gz, tar.bz2, tar.xz, tar.zst or zip, told by its content
    pub(in crate::cli) archive: String,
    /// The directory that the content is in
    pub(in crate::cli) path: String,
    /// How many directories are taken off the beginning of each name
    #[arg(long, value_name = "NUMBER")]
    pub(in crate::cli) strip_components: Option<u32>,
    /// Only these entries, and everything in these directories
    #[arg(long, value_name = "GLOB")]
    pub(in crate::cli) include: Vec<String>,
    /// Not these entries, nor anything in these directories
    #[arg(long, value_name = "GLOB")]
    pub(in crate::cli) exclude: Vec<String>,
    #[arg(long, value_name = "USER:GROUP")]
    pub(in crate::cli) owner: Option<String>,
    #[arg(long, value_name = "MODE")]
    pub(in crate::cli) file_mode: Option<String>,
    #[arg(long, value_name = "MODE")]
    pub(in crate::cli) directory_mode: Option<String>,
    /// update, keep, replace, fail
    #[arg(long)]
    pub(in crate::cli) if_exists: Option<String>,
    /// The checksum that the archive has to have
    #[arg(long, value_name = "HEX")]
    pub(in crate::cli) sha256: Option<String>,
    /// How large the archive may become, for instance 20GiB [default: 10GiB and 200 times its size]
    #[arg(long, value_name = "SIZE")]
    pub(in crate::cli) max_size: Option<String>,
    /// How many entries the archive may have [default: 1000000]
    #[arg(long, value_name = "NUMBER")]
    pub(in crate::cli) max_entries: Option<u64>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct FetchArguments {
    /// https://host/path, or http://host/path with a checksum
    pub(in crate::cli) url: String,
    pub(in crate::cli) path: String,
    /// The checksum that the file has
    #[arg(long, value_name = "DIGITS")]
    pub(in crate::cli) sha256: Option<String>,
    /// The checksum that the file has
    #[arg(long, value_name = "DIGITS")]
    pub(in crate::cli) sha512: Option<String>,
    /// Take a file over http without a checksum
    #[arg(long)]
    pub(in crate::cli) unverified: bool,
    /// A header of the request
    #[arg(long, value_name = "NAME=VALUE")]
    pub(in crate::cli) header: Vec<String>,
    /// A header whose value is that of an environment variable
    #[arg(long, value_name = "NAME=VARIABLE")]
    pub(in crate::cli) header_env: Vec<String>,
    /// A header whose value is the content of a file
    #[arg(long, value_name = "NAME=PATH")]
    pub(in crate::cli) header_file: Vec<String>,
    /// Trust the authorities of this PEM file only
    #[arg(long, value_name = "PATH")]
    pub(in crate::cli) ca: Option<String>,
    /// none, same_host, https, any
    #[arg(long)]
    pub(in crate::cli) redirects: Option<String>,
    /// How often it is tried again [default: 5]
    #[arg(long, value_name = "NUMBER")]
    pub(in crate::cli) retries: Option<u32>,
    /// The first pause between two tries [default: 500ms]
    #[arg(long, value_name = "DURATION")]
    pub(in crate::cli) interval: Option<String>,
    /// A try ends when nothing came for so long [default: 30s]
    #[arg(long, value_name = "DURATION")]
    pub(in crate::cli) idle_timeout: Option<String>,
    /// A longer file is refused [default: 1GiB]
    #[arg(long, value_name = "SIZE")]
    pub(in crate::cli) max_size: Option<String>,
    /// replace, keep
    #[arg(long)]
    pub(in crate::cli) if_exists: Option<String>,
    /// The file is an archive, and PATH the directory that its content is in
    #[arg(long)]
    pub(in crate::cli) unpack: bool,
    /// How many directories are taken off the beginning of each name in the archive
    #[arg(long, value_name = "NUMBER")]
    pub(in crate::cli) strip_components: Option<u32>,
    /// Only these entries of the archive
    #[arg(long, value_name = "GLOB")]
    pub(in crate::cli) include: Vec<String>,
    /// Not these entries of the archive
    #[arg(long, value_name = "GLOB")]
    pub(in crate::cli) exclude: Vec<String>,
    /// For everything together, for instance 10m
    #[arg(long, value_name = "DURATION")]
    pub(in crate::cli) timeout: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) attributes: OwnerAndMode,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct WaitArguments {
    /// tcp://host:port, http://host[:port]/path, https://..., unix:///path, file:///path, dns://name[?type], redis://host,
    /// postgres://user@host/name, mysql://..., sqlite:///path
    #[arg(required_unless_present_any = ["database", "database_env", "database_file", "command"])]
    pub(in crate::cli) target: Vec<String>,
    #[command(flatten)]
    pub(in crate::cli) conditions: ConditionArguments,
    /// For instance 60s
    #[arg(long)]
    pub(in crate::cli) timeout: Option<String>,
    /// The first pause between two probes
    #[arg(long)]
    pub(in crate::cli) interval: Option<String>,
    /// How long one look may take [default: 5s, for a command 30s]
    #[arg(long, value_name = "DURATION")]
    pub(in crate::cli) try_timeout: Option<String>,
}
