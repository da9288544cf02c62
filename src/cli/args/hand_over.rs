//! How the application is started: each flag is the field of `exec` with the same name.
#![expect(clippy::doc_markdown, reason = "these comments are the help text, for people and not for rustdoc")]

use std::ffi::OsString;

use clap::Args;

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub(in crate::cli) struct ExecArguments {
    /// The user (and group) to become: "1000:1000", "1000", or names of <root>/etc/passwd
    #[arg(long, value_name = "USER[:GROUP]")]
    pub(in crate::cli) user: Option<String>,
    /// Become that user only as root; who is somebody else already stays that
    #[arg(long, requires = "user")]
    pub(in crate::cli) drop_only_if_root: bool,
    /// The umask of the application, for instance 0077, or 0022=0077 for what 0022 becomes
    #[arg(long, value_name = "MODE")]
    pub(in crate::cli) umask: Option<String>,
    /// A limit, for instance nofile=65536, core=0, memlock=unlimited, nproc=1024:2048
    #[arg(long, value_name = "NAME=NUMBER")]
    pub(in crate::cli) limit: Vec<String>,
    /// From -20, the most urgent, to 19
    #[arg(long, value_name = "NUMBER", allow_hyphen_values = true)]
    pub(in crate::cli) nice: Option<String>,
    /// The only capabilities that the application could ever get, or none
    #[arg(long, value_name = "CAPABILITIES", value_delimiter = ',', num_args = 1)]
    pub(in crate::cli) bounding: Option<Vec<String>>,
    /// Capabilities that the application has although it is not root
    #[arg(long, value_name = "CAPABILITIES", value_delimiter = ',', num_args = 1)]
    pub(in crate::cli) ambient: Option<Vec<String>>,
    /// The application can never gain privileges
    #[arg(long)]
    pub(in crate::cli) no_new_privileges: bool,
    /// The working directory of the application
    #[arg(long, value_name = "PATH")]
    pub(in crate::cli) directory: Option<String>,
    /// Keep only these variables; * stands for any characters
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) keep: Vec<String>,
    /// Take these variables away; * stands for any characters
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) unset: Vec<String>,
    /// Give a variable a value
    #[arg(long, value_name = "NAME=VALUE")]
    pub(in crate::cli) set: Vec<String>,
    /// Put the content of the file that NAME_FILE names into NAME; * stands for any characters
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) file_env: Vec<String>,
    /// Stay as the parent of the application: pass signals on, reap, and end when nothing of it is left
    #[arg(long)]
    pub(in crate::cli) supervise: bool,
    /// How long all that is left may take to end before it is killed [default: 10s]
    #[arg(long, value_name = "DURATION", requires = "supervise", help_heading = "With --supervise")]
    pub(in crate::cli) grace: Option<String>,
    /// A signal that asks to stop [default: TERM, INT]
    #[arg(long, value_name = "SIGNAL", requires = "supervise", help_heading = "With --supervise")]
    pub(in crate::cli) stop: Vec<String>,
    /// Send signals to the group of the application
    #[arg(long, requires = "supervise", help_heading = "With --supervise")]
    pub(in crate::cli) group: bool,
    /// Give the application a session of its own
    #[arg(long, requires = "supervise", help_heading = "With --supervise")]
    pub(in crate::cli) session: bool,
    /// What becomes of a signal: TERM=QUIT, HUP=none
    #[arg(long, value_name = "FROM=TO", requires = "supervise", help_heading = "With --supervise")]
    pub(in crate::cli) signal: Vec<String>,
    /// The signal that comes when the process that started Fitout ends
    #[arg(long, value_name = "SIGNAL", requires = "supervise", help_heading = "With --supervise")]
    pub(in crate::cli) parent_death: Option<String>,
    /// An exit code that becomes 0
    #[arg(long, value_name = "CODE", requires = "supervise", help_heading = "With --supervise")]
    pub(in crate::cli) ok_code: Vec<u8>,
    /// The application and its arguments
    #[arg(last = true, value_name = "CMD", required = true)]
    pub(in crate::cli) command: Vec<OsString>,
}
