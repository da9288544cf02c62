//! The file layer: the only room that touches `std::fs` or `nix::fcntl`.
//!
//! Every path is resolved inside a [`Root`]. A volume is not ours: whoever writes to it can plant links, move directories
//! while we look, and make hard links to what is not his. So a path is resolved once, to a [`Directory`] that is held by
//! descriptor, and from there only single names are used.
//!
//! Sources are read with links followed inside the root, because ConfigMap and Secret volumes are farms of links. The last
//! element of a destination is never followed, and a link on the way to it only when root or we made it.
#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "this is the file layer")]

mod accounts;
mod at;
mod batch;
mod descent;
mod directory;
mod discard;
mod disk;
mod entries;
mod error;
mod extended;
mod growing;
mod held;
mod hidden;
mod in_place;
mod link;
mod lock;
mod make;
mod metadata;
mod names;
mod opened;
mod pinned;
mod reach;
mod read;
mod redirect;
mod relocate;
mod replica;
mod resolve;
mod shown;
mod stage;
mod state;
mod status;
mod temporary;
#[cfg(test)]
pub(crate) mod tests;
mod transfer;
mod tree;
mod waiting;
mod walk;
mod write;

use std::collections::HashSet;
/// An open file, for those who hold one between two calls of this room.
pub(crate) use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use nix::errno::Errno;
use nix::fcntl::{OFlag, open};
use nix::sys::stat::Mode;

pub(crate) use accounts::Accounts;
pub(crate) use at::At;
pub(crate) use batch::{Batch, Unwritten};
pub(crate) use descent::Descent;
pub(crate) use directory::Directory;
pub(crate) use entries::Entry;
pub(crate) use error::Error;
pub(crate) use extended::Extended;
pub(crate) use growing::Growing;
pub(crate) use held::HeldFile;
pub(crate) use hidden::Hidden;
pub(crate) use in_place::OpenedFile;
pub(crate) use lock::Lock;
pub(crate) use metadata::{Attributes, FileKind, Identity, Metadata};
pub(crate) use opened::Opened;
pub(crate) use reach::Held;
pub(crate) use read::{Access, Source, Version, each_chunk, same_bytes, same_content};
pub(crate) use redirect::{Opening, open_as_shell};
pub(crate) use replica::{Likeness, Original};
pub(crate) use shown::shown;
pub(crate) use state::StateFile;
pub(crate) use status::Status;
pub(crate) use tree::{HardLinks, Mounts, Place, Tree, Visitor};
pub(crate) use waiting::Waiting;
pub(crate) use write::{Content, Written};

/// The directory in which all paths are resolved. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Root(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    directory: Directory,
    /// The name it was opened by, for libraries and programs that open by name.
    host: PathBuf,
    /// The directories in which left-over temporary files were looked for.
    swept: Mutex<HashSet<Identity>>,
}

impl Root {
    /// Opens the root and finds out whether the kernel resolves paths for us: the call is missing before Linux 5.6, and older
    /// seccomp profiles refuse it with EPERM.
    pub(crate) fn open(directory: &Path) -> Result<Self, Error> {
        let mut root = Self::open_without_openat2(directory)?;
        if let Some(inner) = Arc::get_mut(&mut root.0) {
            inner.directory.probe_openat2();
        }
        Ok(root)
    }

    /// The same, with the resolver for kernels that do not resolve for us.
    fn open_without_openat2(directory: &Path) -> Result<Self, Error> {
        let flags = OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        let fd = open(directory, flags, Mode::empty())
            .map_err(|errno| Error::call(errno, directory, "open", format_args!("{:?}, O_PATH", shown(directory))))?;
        let directory_inside = Directory::new(fd, PathBuf::from("/"), false);
        Ok(Self(Arc::new(Inner {
            directory: directory_inside,
            host: directory.to_owned(),
            swept: Mutex::new(HashSet::new()),
        })))
    }

    /// The same with a directory as root: what is resolved in it cannot lead out of it.
    pub(crate) fn below(directory: &Directory) -> Result<Self, Error> {
        let copy = directory.try_clone()?;
        Ok(Self(Arc::new(Inner {
            directory: Directory::new(copy.fd, PathBuf::from("/"), directory.has_openat2()),
            host: directory.path().to_owned(),
            swept: Mutex::new(HashSet::new()),
        })))
    }

    /// The name of `path` outside the root. Only for a library or program that opens by name: the way to it is not guarded.
    pub(crate) fn host_path(&self, path: &Path) -> PathBuf {
        self.0.host.join(path.strip_prefix("/").unwrap_or(path))
    }

    fn top(&self) -> &Directory {
        &self.0.directory
    }
}

/// Repeats a call that a signal cut short.
fn retry<T>(mut call: impl FnMut() -> nix::Result<T>) -> nix::Result<T> {
    loop {
        match call() {
            Err(Errno::EINTR) => {}
            result => return result,
        }
    }
}
