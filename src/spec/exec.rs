//! `exec`: how to hand over to the application.

use serde::Deserialize;

use super::{Mode, Owner};
use crate::document::Located;

/// How to hand over to the application. The command line's `-- CMD` wins over `command`.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "exec"))]
#[serde(deny_unknown_fields)]
pub(crate) struct ExecSpec {
    /// The program and its arguments, word by word.
    #[serde(default)]
    pub(crate) command: Vec<Located<String>>,
    /// The user (and group) that the application runs as.
    pub(crate) user: Option<Located<Owner>>,
    pub(crate) umask: Option<Located<Mode>>,
    /// The application and its children can never gain privileges, for instance through setuid programs.
    #[serde(default)]
    pub(crate) no_new_privileges: bool,
}
