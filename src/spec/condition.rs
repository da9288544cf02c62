//! `when`: pure conditions on inputs and files.

use serde::Deserialize;

use super::AbsolutePath;
use crate::document::Located;
use crate::failure::{Failure, Kind};

/// Exactly one of `env`, `exists`, `missing`, `empty`, `user`, `argument`, `can`, `contains`, `all`, `any`, `not`; the other
/// keys refine it.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "condition"))]
#[serde(deny_unknown_fields)]
pub(crate) struct Condition {
    /// The variable is set and not empty; with `equals`, `matches` or `in`, its text is so.
    pub(crate) env: Option<Located<String>>,
    pub(crate) equals: Option<Located<String>>,
    /// A regular expression; it is not anchored.
    pub(crate) matches: Option<Located<String>>,
    #[serde(rename = "in")]
    pub(crate) one_of: Option<Vec<String>>,
    pub(crate) exists: Option<Located<AbsolutePath>>,
    pub(crate) missing: Option<Located<AbsolutePath>>,
    /// The directory is missing or has no entry but `lost+found`.
    pub(crate) empty: Option<Located<AbsolutePath>>,
    /// The number of the user who runs Fitout.
    pub(crate) user: Option<Located<u32>>,
    /// The argument of the command with this number, counted from 0; with `equals`, `matches` or `in`.
    pub(crate) argument: Option<Located<u32>>,
    /// The user who runs Fitout may do this with `path`.
    pub(crate) can: Option<Located<Access>>,
    /// A regular expression that some line of `path` matches.
    pub(crate) contains: Option<Located<String>>,
    pub(crate) path: Option<Located<AbsolutePath>>,
    pub(crate) all: Option<Vec<Located<Condition>>>,
    pub(crate) any: Option<Vec<Located<Condition>>>,
    pub(crate) not: Option<Box<Located<Condition>>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Access {
    Read,
    Write,
    Execute,
}

impl Condition {
    /// Whether a text is what `equals`, `in` and `matches` ask for.
    pub(crate) fn accepts(&self, text: &str) -> Result<bool, Failure> {
        let matches = self.matches.as_ref().map(|pattern| regex(pattern)).transpose()?;
        Ok(self.equals.as_ref().is_none_or(|wanted| wanted.value == text)
            && self.one_of.as_ref().is_none_or(|wanted| wanted.iter().any(|one| one == text))
            && matches.is_none_or(|regex| regex.is_match(text)))
    }
}

/// A regular expression of a condition.
pub(crate) fn regex(pattern: &str) -> Result<regex_lite::Regex, Failure> {
    regex_lite::Regex::new(pattern).map_err(|_| Failure::new(Kind::Plan, "not a regular expression"))
}
