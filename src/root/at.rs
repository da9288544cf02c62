//! Names whose paths are put together only for messages.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::Directory;

/// A path, or a name in a directory.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At<'a> {
    directory: &'a Path,
    name: Option<&'a OsStr>,
}

impl<'a> At<'a> {
    pub(crate) fn of(directory: &'a Directory, name: &'a OsStr) -> Self {
        Self { directory: directory.path(), name: Some(name) }
    }

    pub(crate) fn path(self) -> PathBuf {
        self.name.map_or_else(|| self.directory.to_owned(), |name| self.directory.join(name))
    }
}

impl<'a> From<&'a PathBuf> for At<'a> {
    fn from(path: &'a PathBuf) -> Self {
        path.as_path().into()
    }
}

impl<'a> From<&'a Path> for At<'a> {
    fn from(path: &'a Path) -> Self {
        Self { directory: path, name: None }
    }
}
