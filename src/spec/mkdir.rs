//! `mkdir`: a directory is there.

use serde::Deserialize;

use super::{AbsolutePath, Mode, Owner};
use crate::document::Located;

/// A directory is there. Missing parents are made with mode "0755".
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "mkdir"))]
#[serde(deny_unknown_fields)]
pub(crate) struct MkdirSpec {
    pub(crate) path: Located<AbsolutePath>,
    pub(crate) owner: Option<Located<Owner>>,
    /// Without it an existing directory keeps its mode and a new one gets "0755".
    pub(crate) mode: Option<Located<Mode>>,
}
