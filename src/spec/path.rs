//! Paths in a plan.

use std::path::Path;

use serde::Deserialize;

/// An absolute path, resolved inside the root. `..` is refused: what it means depends on links that others may have made.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(with = "String"))]
#[serde(try_from = "String")]
pub(crate) struct AbsolutePath(String);

impl AbsolutePath {
    /// A path of ours, which is known to be sound.
    pub(super) fn literal(path: &'static str) -> Self {
        Self(path.to_owned())
    }

    /// The same path with another suffix.
    pub(crate) fn with_suffix(&self, suffix: &str) -> Self {
        let (directory, name) = self.0.rsplit_once('/').unwrap_or(("", &self.0));
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        Self(format!("{directory}/{stem}.{suffix}"))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn as_path(&self) -> &Path {
        Path::new(&self.0)
    }
}

impl TryFrom<String> for AbsolutePath {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if !text.starts_with('/') {
            return Err("the path is not absolute\nstart it with `/`".to_owned());
        }
        if text.contains('\0') {
            return Err("the path holds a NUL character".to_owned());
        }
        if text.split('/').any(|part| part == "..") {
            return Err("the path holds `..`\nwrite the path without it".to_owned());
        }
        Ok(Self(text))
    }
}

impl std::fmt::Display for AbsolutePath {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}
