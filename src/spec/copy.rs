//! `copy`: a file or tree is there.

use std::path::{Component, Path, PathBuf};

use serde::Deserialize;

use super::{AbsolutePath, Glob, Mode, Owner};
use crate::document::Located;
use crate::failure::{Failure, Kind};

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
    /// Patterns of what is not copied, and not removed either.
    #[serde(default)]
    pub(crate) exclude: Vec<Glob>,
    /// Remove what is in the target and not in the source.
    #[serde(default)]
    pub(crate) delete_extra: bool,
    /// Copy what symbolic links inside the tree lead to, in place of the links.
    #[serde(default)]
    pub(crate) dereference: bool,
    /// Files of the tree, by their paths in it, that are written when all others are on the disk, in this order: the last one
    /// tells that the copy is complete.
    #[serde(default)]
    pub(crate) last: Vec<Located<RelativePath>>,
    /// What else copies have in common with their originals.
    #[serde(default)]
    pub(crate) preserve: Vec<Preserve>,
    /// Write into a file that is there, in place of replacing it at once: it keeps its inode, and whoever reads it meanwhile may
    /// see half of it.
    #[serde(default)]
    pub(crate) keep_inode: Located<bool>,
}

impl CopySpec {
    pub(crate) fn preserves(&self, what: Preserve) -> bool {
        self.preserve.contains(&what)
    }

    /// What is wrong across the fields.
    pub(crate) fn findings(&self) -> Vec<Failure> {
        let is_kept = *self.keep_inode && self.preserve.iter().any(|what| *what != Preserve::Owner);
        let finding = || {
            Failure::new(Kind::Plan, "beside `keep_inode`, `preserve` can name only `owner`")
                .at(self.keep_inode.span)
                .hint("what else a copy has in common with its original, it gets when it is made anew")
        };
        is_kept.then(finding).into_iter().collect()
    }
}

/// What a copy has in common with its original, beside content, mode and holes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Preserve {
    /// The owner, as far as `owner` does not name another one.
    Owner,
    /// The time of the last change of the content.
    Times,
    /// Several names of one file stay names of one file.
    HardLinks,
    /// Extended attributes of users, and access control lists.
    Xattrs,
    /// What a program may do without being root.
    Capabilities,
}

/// The path of a file in a tree.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(try_from = "String")]
pub(crate) struct RelativePath(PathBuf);

impl RelativePath {
    pub(crate) fn as_path(&self) -> &Path {
        &self.0
    }
}

impl TryFrom<String> for RelativePath {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let path = Path::new(&text);
        let is_plain = path.components().all(|part| matches!(part, Component::Normal(_)));
        if text.is_empty() || !is_plain {
            return Err("must be the path of a file in the tree, without `..` and without `/` at its beginning");
        }
        Ok(Self(path.to_owned()))
    }
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
