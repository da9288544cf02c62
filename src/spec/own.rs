//! `own`: owner and mode are right.

use serde::Deserialize;

use super::{AbsolutePath, ModeChange, Owner};
use crate::document::Located;

/// Names that belong to the file system or to the volume.
pub(crate) const VOLUME_NAMES: [&str; 2] = ["lost+found", ".snapshot"];

/// Owner and mode are right. Only what is wrong is touched; symbolic links are never followed.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "own"))]
#[serde(deny_unknown_fields)]
pub(crate) struct OwnSpec {
    pub(crate) path: Located<AbsolutePath>,
    pub(crate) owner: Option<Located<Owner>>,
    /// Mode of `path` itself; for a tree use `file_mode` and `directory_mode`.
    pub(crate) mode: Option<Located<ModeChange>>,
    pub(crate) file_mode: Option<Located<ModeChange>>,
    pub(crate) directory_mode: Option<Located<ModeChange>>,
    #[serde(default)]
    pub(crate) recursive: bool,
    /// Names that are left out wherever they stand in the tree.
    #[serde(default = "OwnSpec::default_exclude")]
    pub(crate) exclude: Vec<String>,
    /// Do not cross into other file systems that are mounted in the tree.
    #[serde(default = "OwnSpec::default_one_filesystem")]
    pub(crate) one_filesystem: bool,
    #[serde(default)]
    pub(crate) on_denied: OnDenied,
    #[serde(default)]
    pub(crate) hard_links: HardLinkPolicy,
    #[serde(default)]
    pub(crate) change_policy: ChangePolicy,
}

impl OwnSpec {
    fn default_exclude() -> Vec<String> {
        VOLUME_NAMES.map(str::to_owned).to_vec()
    }

    fn default_one_filesystem() -> bool {
        true
    }
}

/// What to do when the kernel refuses a change (EPERM, EACCES, EROFS, EINVAL for an unmapped id).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum OnDenied {
    #[default]
    Fail,
    Warn,
    Skip,
}

/// What to do with a file that has several names, and that is not as wished: another name may stand outside of the tree.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum HardLinkPolicy {
    /// It is denied: `on_denied` says what follows.
    #[default]
    Refuse,
    /// Change it as any other file.
    Allow,
}

/// When a tree is walked through; the words of Kubernetes' `fsGroupChangePolicy`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum ChangePolicy {
    /// At every run.
    #[default]
    Always,
    /// Only when the top itself is not as wished. The top is changed last, so a walk that was cut short is done again.
    OnRootMismatch,
}
