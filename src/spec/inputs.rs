//! `inputs`: the contract with the outside.

use serde::Deserialize;

use super::AbsolutePath;
use crate::document::{Located, Table};

/// The contract with the outside; checked before the first step, all findings at once.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "inputs"))]
#[serde(deny_unknown_fields)]
pub(crate) struct InputsSpec {
    /// Environment variables, reachable as `env.NAME`.
    #[serde(default)]
    pub(crate) env: Table<EnvironmentSpec>,
    /// Files and directories, reachable as `values.NAME`.
    #[serde(default)]
    pub(crate) values: Table<ValuesSpec>,
}

/// What one environment variable may be. Without `default` it is required.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "variable"))]
#[serde(deny_unknown_fields)]
pub(crate) struct EnvironmentSpec {
    #[serde(rename = "type", default)]
    pub(crate) value_type: ValueType,
    /// The value when the variable is unset or empty.
    pub(crate) default: Option<Located<serde_json::Value>>,
    /// `false`: the variable may be unset, and is then null.
    pub(crate) required: Option<bool>,
    /// The only values that are allowed.
    pub(crate) one_of: Option<Vec<serde_json::Value>>,
    /// A regular expression for the text of the value; it is not anchored.
    pub(crate) matches: Option<Located<String>>,
    /// The smallest number allowed.
    pub(crate) min: Option<f64>,
    /// The largest number allowed.
    pub(crate) max: Option<f64>,
    /// The value is never printed.
    #[serde(default)]
    pub(crate) secret: bool,
    /// `NAME_FILE` may name a file that holds the value, in place of `NAME`.
    #[serde(default)]
    pub(crate) file: bool,
    /// The value is put into the application's environment also when it came from a file or is the default.
    #[serde(default)]
    pub(crate) export: bool,
}

impl EnvironmentSpec {
    /// Whether nothing can stand in for a value that is not given.
    pub(crate) fn is_needed(&self) -> bool {
        self.default.is_none() && self.required != Some(false)
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum ValueType {
    #[default]
    String,
    Integer,
    Number,
    Boolean,
    Duration,
    Url,
    Json,
    List,
}

/// A file, or a directory whose files are read: file name to content.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "values"))]
#[serde(deny_unknown_fields)]
pub(crate) struct ValuesSpec {
    pub(crate) file: Option<Located<AbsolutePath>>,
    pub(crate) directory: Option<Located<AbsolutePath>>,
    /// The format of the file; without it by its suffix.
    pub(crate) format: Option<Located<Format>>,
    /// No value from here is ever printed.
    #[serde(default)]
    pub(crate) secret: bool,
    /// `false`: the file or directory may be missing, and is then null.
    #[serde(default = "ValuesSpec::default_required")]
    pub(crate) required: bool,
}

impl ValuesSpec {
    fn default_required() -> bool {
        true
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Format {
    Json,
    Yaml,
}
