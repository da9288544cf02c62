//! `copy`: a file or tree is there.

use serde::Deserialize;

use super::{AbsolutePath, Mode, Owner};
use crate::document::Located;

/// A file or tree is there, equal to its source.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "copy"))]
#[serde(deny_unknown_fields)]
pub(crate) struct CopySpec {
    pub(crate) source: Located<AbsolutePath>,
    pub(crate) path: Located<AbsolutePath>,
    /// Owner of everything that is copied; without it new files belong to the user who runs Fitout.
    pub(crate) owner: Option<Located<Owner>>,
    /// Mode of every file that is copied; without it that of the source. Directories get it with the right to enter.
    pub(crate) mode: Option<Located<Mode>>,
    #[serde(default)]
    pub(crate) if_exists: IfExists,
    /// Copy what symbolic links inside the tree lead to, in place of the links.
    #[serde(default)]
    pub(crate) dereference: bool,
}

/// What to do with a file that exists.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum IfExists {
    /// Replace it when content, owner or mode differ.
    #[default]
    Update,
    /// Leave it as it is.
    Keep,
    /// Replace it always.
    Replace,
    /// Fail.
    Fail,
}
