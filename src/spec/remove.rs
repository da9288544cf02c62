//! `remove`: nothing is there.

use serde::Deserialize;

use super::AbsolutePath;
use crate::document::Located;

/// Nothing is at `path`. A link is removed itself, never what it leads to.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "remove"))]
#[serde(deny_unknown_fields)]
pub(crate) struct RemoveSpec {
    pub(crate) path: Located<AbsolutePath>,
    /// Remove a directory with everything in it; without it a directory that is not empty is a failure.
    #[serde(default)]
    pub(crate) recursive: bool,
}
