//! Small files that hold inputs.

use std::path::Path;

use crate::root::{Error, Root};

/// Bytes of one input file: the limit of a Kubernetes Secret or ConfigMap.
pub(super) const SIZE_LIMIT: u64 = 1024 * 1024;

/// Why a file is no input.
#[derive(Debug, thiserror::Error)]
pub(super) enum Problem {
    #[error("{}", .0.to_sentence())]
    Root(#[from] Error),
    #[error("it is not UTF-8")]
    NotText,
    #[error("it holds a NUL character")]
    Nul,
}

impl Problem {
    pub(super) fn is_not_found(&self) -> bool {
        matches!(self, Self::Root(error) if error.is_not_found())
    }
}

/// Whether every user of the machine may change the file.
pub(super) fn is_writable_by_all(root: &Root, path: &Path) -> bool {
    matches!(root.metadata_followed(path), Ok(Some(metadata)) if metadata.mode & 0o002 != 0)
}

/// The text of a file, without its trailing newlines: as the shell's `$(cat file)` would give it.
pub(super) fn read_text(root: &Root, path: &Path) -> Result<String, Problem> {
    let mut text = read_whole(root, path)?;
    text.truncate(text.trim_end_matches(['\n', '\r']).len());
    Ok(text)
}

/// The text of a file as it is.
pub(super) fn read_whole(root: &Root, path: &Path) -> Result<String, Problem> {
    let text = String::from_utf8(root.read(path, SIZE_LIMIT)?).map_err(|_| Problem::NotText)?;
    if text.contains('\0') {
        return Err(Problem::Nul);
    }
    Ok(text)
}
