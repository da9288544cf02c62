//! `link`: a symbolic link is there.

use serde::Deserialize;

use super::{AbsolutePath, Owner};
use crate::document::Located;

/// A symbolic link at `path` leads to `target`. Something else than a link at `path` is never replaced.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "link"))]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkSpec {
    /// What the link says; absolute or relative, and it need not exist.
    pub(crate) target: Located<String>,
    pub(crate) path: Located<AbsolutePath>,
    pub(crate) owner: Option<Located<Owner>>,
}
