//! `edit`: keys or lines in an existing file have the wished value.

use serde::Deserialize;
use serde_json::Value;

use super::{AbsolutePath, Mode, OneOrMore, Owner, Pattern, Validate, With};
use crate::document::{Located, Table};

/// Keys or lines of a file have the wished value. Comments, order and everything else stay as they are. Values are literal.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "edit"))]
#[serde(deny_unknown_fields)]
pub(crate) struct EditSpec {
    pub(crate) path: Located<AbsolutePath>,
    /// The format of the file; without it by its suffix, and text for every other one.
    #[serde(default)]
    pub(crate) format: Located<EditFormat>,
    /// Keys and their values: `server.port: 8080`, `"hosts[0]": a`, `"hosts[+]": b`, `"users[name=app].shell": /none`. In
    /// properties and env files the whole key stands as it is.
    #[serde(default)]
    pub(crate) set: Table<Located<Value>>,
    /// Keys that are not there.
    #[serde(default)]
    pub(crate) unset: Vec<Located<String>>,
    /// Every key of `set` and `unset` has to be there before.
    #[serde(default)]
    pub(crate) must_exist: bool,
    /// Text that is replaced. Only for text.
    #[serde(default)]
    pub(crate) replace: OneOrMore<ReplaceSpec>,
    /// Lines that are there, or not. Only for text.
    #[serde(default)]
    pub(crate) line: OneOrMore<LineSpec>,
    /// Blocks between two marker lines. Only for text.
    #[serde(default)]
    pub(crate) block: OneOrMore<BlockSpec>,
    /// Make the file when it is missing; without it that is an error.
    #[serde(default)]
    pub(crate) create: bool,
    /// Owner; without it the file keeps its own.
    pub(crate) owner: Option<Located<Owner>>,
    /// Mode; without it the file keeps its own, and a new one gets "0644".
    pub(crate) mode: Option<Located<Mode>>,
    /// What the result has to pass before it is published.
    #[serde(default)]
    pub(crate) validate: Located<Validate>,
}

/// What a file is written in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum EditFormat {
    #[default]
    Auto,
    Json,
    Yaml,
    Toml,
    Ini,
    Properties,
    Env,
    Xml,
    Text,
}

/// Text that is replaced. A second run finds it done.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "replace"))]
#[serde(deny_unknown_fields)]
pub(crate) struct ReplaceSpec {
    /// A regular expression; `^` and `$` match at every line.
    pub(crate) regex: Option<Located<Pattern>>,
    /// Text that stands for itself.
    pub(crate) literal: Option<Located<String>>,
    /// What comes in its place: text that stands for itself, or a list of texts and `{ group: 1 }`.
    pub(crate) with: With,
    /// At most so many, counted from the beginning; without it all.
    pub(crate) count: Option<u32>,
    /// Fail when nothing matches and nothing was replaced before.
    #[serde(default)]
    pub(crate) must_match: bool,
    /// Nothing is to be done when this matches anywhere.
    pub(crate) unless: Option<Located<Pattern>>,
}

/// A line that is there, or not.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "line"))]
#[serde(deny_unknown_fields)]
pub(crate) struct LineSpec {
    /// The line, or several. May be left out with `absent` and `matches`.
    pub(crate) text: Option<Located<String>>,
    /// A line that matches this regular expression is replaced by `text`; with `absent` every such line goes.
    pub(crate) matches: Option<Located<Pattern>>,
    /// Where it is put when it is not there: behind the last line that matches.
    pub(crate) after: Option<Located<Pattern>>,
    /// Before the last line that matches.
    pub(crate) before: Option<Located<Pattern>>,
    #[serde(default)]
    pub(crate) at: LinePosition,
    /// The line is not there.
    #[serde(default)]
    pub(crate) absent: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum LinePosition {
    #[default]
    End,
    Beginning,
}

/// Lines between two marker lines.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "block"))]
#[serde(deny_unknown_fields)]
pub(crate) struct BlockSpec {
    /// The name of the block, in the lines `# BEGIN name` and `# END name`; or the whole line with `{mark}` where BEGIN and END
    /// belong, for instance `<!-- {mark} name -->`.
    pub(crate) marker: Located<String>,
    #[serde(default)]
    pub(crate) text: String,
    /// Where it is put when it is not there: behind the last line that matches.
    pub(crate) after: Option<Located<Pattern>>,
    /// Before the last line that matches.
    pub(crate) before: Option<Located<Pattern>>,
    #[serde(default)]
    pub(crate) at: LinePosition,
    /// The block is not there.
    #[serde(default)]
    pub(crate) absent: bool,
}
