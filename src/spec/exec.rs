//! `exec`: how to hand over to the application.

use serde::Deserialize;

use super::{
    AbsolutePath, ArgumentsSpec, CapabilitiesSpec, EnvValue, LimitsSpec, NamePatterns, Nice, Owner, Supervise, Umask,
};
use crate::document::{Located, Table};
use crate::failure::{Failure, Kind};

/// How to hand over to the application. The command line's `-- CMD` wins over `command`.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "exec"))]
#[serde(deny_unknown_fields)]
pub(crate) struct ExecSpec {
    /// The program and its arguments, word by word.
    #[serde(default)]
    pub(crate) command: Vec<Located<String>>,
    /// What becomes of these words, and of those that are typed in their place.
    #[serde(default)]
    pub(crate) arguments: ArgumentsSpec,
    /// The user (and group) that the application runs as.
    pub(crate) user: Option<Located<Owner>>,
    /// `user` is for a container that was started as root; one that runs as somebody else already stays that.
    #[serde(default)]
    pub(crate) drop_only_if_root: Located<bool>,
    /// Octal digits, or what becomes of a certain one: `{ "0022": "0077" }`.
    pub(crate) umask: Option<Located<Umask>>,
    /// Limits of resources, as `ulimit` and `prlimit` name them.
    #[serde(default)]
    pub(crate) limits: LimitsSpec,
    /// From -20, the most urgent, to 19.
    pub(crate) nice: Option<Located<Nice>>,
    /// What of root's rights the application keeps, and what it could ever get.
    pub(crate) capabilities: Option<Located<CapabilitiesSpec>>,
    /// The application and its children can never gain privileges, for instance through setuid programs.
    #[serde(default)]
    pub(crate) no_new_privileges: bool,
    /// The working directory of the application.
    pub(crate) directory: Option<Located<AbsolutePath>>,
    /// What becomes of the variables that Fitout was started with.
    #[serde(default)]
    pub(crate) environment: EnvironmentChange,
    /// Variables that may be given as files: `NAME_FILE` is read, and the application finds its content in `NAME`. `*` stands
    /// for any characters.
    #[serde(default)]
    pub(crate) file_env: NamePatterns,
    /// Fitout stays as the parent of the application: it passes signals on and ends when nothing is left.
    #[serde(default)]
    pub(crate) supervise: Supervise,
}

impl ExecSpec {
    /// What is wrong across fields.
    pub(crate) fn findings(&self) -> Vec<Failure> {
        let mut findings: Vec<Failure> =
            self.capabilities.iter().flat_map(|capabilities| capabilities.findings()).collect();
        if self.drop_only_if_root.value && self.user.is_none() {
            findings.push(
                Failure::new(Kind::Plan, "`drop_only_if_root` has no meaning without `user`")
                    .at(self.drop_only_if_root.span),
            );
        }
        findings.extend(self.arguments.findings());
        findings
    }
}

/// What becomes of the environment, in this order.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct EnvironmentChange {
    /// Only these variables stay; `*` stands for any characters.
    pub(crate) keep: Option<NamePatterns>,
    /// These are taken away; `*` stands for any characters.
    #[serde(default)]
    pub(crate) unset: NamePatterns,
    /// These get a value, or are taken away by `null`.
    #[serde(default)]
    pub(crate) set: Table<EnvValue>,
}
