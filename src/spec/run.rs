//! `run`: an external program ran.

use serde::Deserialize;

use super::{AbsolutePath, Owner};
use crate::document::{Located, Table};

/// An external program ran and ended with 0. No shell is involved.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "run"))]
#[serde(deny_unknown_fields)]
pub(crate) struct RunSpec {
    /// The program and its arguments, word by word.
    pub(crate) command: Vec<Located<String>>,
    /// Variables beyond those that Fitout was started with.
    #[serde(default)]
    pub(crate) env: Table<String>,
    /// The step is done when this exists.
    pub(crate) creates: Option<Located<AbsolutePath>>,
    /// The user (and group) that the program runs as; the step's `as` means the same.
    #[serde(rename = "as")]
    pub(crate) user: Option<Located<Owner>>,
}
