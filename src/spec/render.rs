//! `render`: a file, or a tree, equals its rendered template.

use serde::Deserialize;

use super::{AbsolutePath, Mode, Owner};
use crate::document::Located;

/// A file (or a tree) equals its rendered template.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "render"))]
#[serde(deny_unknown_fields)]
pub(crate) struct RenderSpec {
    /// The template: a file, or a directory whose `*.hbs` files are rendered and whose other files are copied.
    pub(crate) source: Option<Located<AbsolutePath>>,
    /// The template itself, in place of `source`.
    pub(crate) text: Option<Located<String>>,
    /// The file, or for a directory as source the directory, that is made.
    pub(crate) path: Located<AbsolutePath>,
    /// Owner of every file that is made; without it new files belong to the user who runs Fitout.
    pub(crate) owner: Option<Located<Owner>>,
    /// Mode of every file that is made; without it an existing file keeps its mode and a new one gets "0644", or "0600" when
    /// the template uses a secret.
    pub(crate) mode: Option<Located<Mode>>,
    /// Mode of directories that are made for a tree; without it "0755".
    pub(crate) directory_mode: Option<Located<Mode>>,
    /// How `{{x}}` is escaped: by the suffix of `path`, or as said here. `{{{x}}}` is never escaped.
    #[serde(default)]
    pub(crate) escape: Escape,
    /// What to do with a file that exists and differs.
    #[serde(default)]
    pub(crate) if_exists: Present,
}

/// The target format that `{{x}}` is escaped for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Escape {
    /// JSON for `*.json`, nothing for everything else.
    #[default]
    Auto,
    None,
    Json,
}

/// What to do with a file that exists and differs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Present {
    #[default]
    Replace,
    Keep,
}
