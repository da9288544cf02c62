//! `link`: a symbolic link is there.

use serde::Deserialize;

use super::{AbsolutePath, Owner};
use crate::document::Located;
use crate::failure::{Failure, Kind};

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

impl LinkSpec {
    /// What is wrong with it before anything is looked at.
    pub(crate) fn findings(&self) -> Option<Failure> {
        let is_empty = self.target.value.is_empty();
        is_empty
            .then(|| Failure::new(Kind::Plan, "`target` is empty: a link has to say something").at(self.target.span))
    }
}
