//! What may be written, by descriptor: the kernel is never told a name that could lead elsewhere a moment later.

use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;

use super::error::Error;
use super::pinned::stat;
use super::resolve::split;
use super::{Directory, FileKind, Root};

/// An object that is held without being opened.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) fd: OwnedFd,
    /// Where it is inside the root, for messages.
    pub(crate) path: PathBuf,
    pub(crate) is_directory: bool,
}

impl From<Directory> for Held {
    fn from(directory: Directory) -> Self {
        let path = directory.path().to_owned();
        Self { fd: directory.fd, path, is_directory: true }
    }
}

impl Root {
    /// The directory at `path`, found as a destination is.
    pub(crate) fn hold_directory(&self, path: &Path) -> Result<Held, Error> {
        self.destination_directory(path).map(Held::from)
    }

    /// The directory that holds the destination `path`.
    pub(crate) fn hold_directory_of(&self, path: &Path) -> Result<Held, Error> {
        self.hold_directory(split(path)?.0)
    }

    /// The directory at `path`, or the nearest one above it that is there.
    pub(crate) fn hold_nearest(&self, path: &Path) -> Result<Held, Error> {
        self.nearest(path).map(Held::from)
    }

    /// What `path` leads to, whatever kind it has.
    pub(crate) fn hold_followed(&self, path: &Path) -> Result<Held, Error> {
        let fd = self.resolve(path, OFlag::O_PATH)?;
        let is_directory = stat(&fd, path)?.kind == FileKind::Directory;
        Ok(Held { fd, path: path.to_owned(), is_directory })
    }
}
