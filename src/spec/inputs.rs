//! `inputs`: the contract with the outside.

use serde::Deserialize;

use super::ValuesSpec;
use crate::document::{Located, Table};

/// The contract with the outside; checked before the first step, all findings at once.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "inputs"))]
#[serde(deny_unknown_fields)]
pub(crate) struct InputsSpec {
    /// Environment variables, reachable as `env.NAME`. A name with `*` declares every variable that matches it.
    #[serde(default)]
    pub(crate) env: Table<EnvironmentSpec>,
    /// Files, directories and groups of variables, reachable as `values.NAME`.
    #[serde(default)]
    pub(crate) values: Table<ValuesSpec>,
}

/// What is put behind the name of a variable to name the file that holds its value.
pub(crate) const FILE_SUFFIX: &str = "_FILE";

/// What one environment variable may be. Without `default` it is required.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "variable"))]
#[serde(deny_unknown_fields)]
pub(crate) struct EnvironmentSpec {
    #[serde(rename = "type", default)]
    pub(crate) value_type: ValueType,
    /// The value when the variable is unset or empty; `{{env.OTHER}}` and `{{facts.NAME}}` may stand in it.
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
    /// Names that the variable had before: one of them is used, with a warning, when the variable itself is not set.
    #[serde(default)]
    pub(crate) aliases: Vec<Located<String>>,
}

/// What a key of `inputs.env` with a `*` declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NamePattern<'a> {
    /// The names that templates can use: `*` stands for any characters.
    pub(crate) names: &'a str,
    /// What is put behind a name to make the variable that names its file.
    pub(crate) suffix: &'static str,
    /// The key itself ends in the suffix: only what comes from a file is meant.
    pub(crate) files_only: bool,
}

impl EnvironmentSpec {
    /// The pattern that the key is, unless it is the name of one variable. `GF_*__FILE` with `file: true` means each `GF_X`
    /// whose `GF_X__FILE` is set.
    pub(crate) fn pattern<'a>(&self, key: &'a str) -> Option<NamePattern<'a>> {
        if !key.contains('*') {
            return None;
        }
        let by_suffix = |suffix: &'static str| {
            let names = key.strip_suffix(suffix).filter(|_| self.file)?;
            Some(NamePattern { names, suffix, files_only: true })
        };
        by_suffix("__FILE").or_else(|| by_suffix(FILE_SUFFIX)).or(Some(NamePattern {
            names: key,
            suffix: FILE_SUFFIX,
            files_only: false,
        }))
    }

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

#[cfg(test)]
mod tests {
    use super::{EnvironmentSpec, NamePattern};

    #[test]
    fn a_key_with_a_star_is_a_pattern() {
        for (key, file, wanted) in [
            ("PORT", true, None),
            ("GF_*", true, Some(("GF_*", "_FILE", false))),
            ("GF_*__FILE", true, Some(("GF_*", "__FILE", true))),
            ("GF_*_FILE", true, Some(("GF_*", "_FILE", true))),
            ("GF_*__FILE", false, Some(("GF_*__FILE", "_FILE", false))),
        ] {
            let spec = EnvironmentSpec { file, ..EnvironmentSpec::default() };
            let wanted = wanted.map(|(names, suffix, files_only)| NamePattern { names, suffix, files_only });
            assert_eq!(spec.pattern(key), wanted, "{key}");
        }
    }
}
