//! Directories that are filled where nobody looks, and get their name with everything in them.

use std::ffi::OsStr;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use nix::fcntl::{AtFlags, OFlag};
use nix::sys::stat::{Mode, mkdirat};
use nix::unistd::{Uid, linkat};

use super::batch::Unwritten;
use super::error::Error;
use super::replica::{Likeness, Original, set_likeness};
use super::temporary::Temporary;
use super::waiting::Waiting;
use super::{Attributes, Directory, Metadata, shown};

/// A directory under a temporary name. It goes with everything in it when it is dropped, and when the run is killed with a
/// later run's sweep.
#[derive(Debug)]
pub(crate) struct Hidden {
    parent: Arc<Directory>,
    /// Until it is published.
    temporary: Mutex<Option<Temporary<Arc<Directory>>>>,
    /// Open, and so locked.
    _lock: OwnedFd,
    /// The files and directories in it that are not on the disk yet.
    pub(crate) waiting: Waiting,
}

impl Hidden {
    /// Makes an empty directory that is to have this name.
    pub(crate) fn make(parent: Arc<Directory>, name: &OsStr) -> Result<(Self, Directory), Error> {
        let (path, openat2) = (parent.child(name), parent.has_openat2());
        let (temporary, fd) = Temporary::directory(Arc::clone(&parent))?;
        let hidden = Directory::new(fd, path, openat2);
        let lock = hidden.try_clone()?.fd;
        Ok((Self { parent, temporary: Mutex::new(Some(temporary)), _lock: lock, waiting: Waiting::default() }, hidden))
    }

    /// The directory that it is in.
    pub(crate) fn parent(&self) -> Arc<Directory> {
        Arc::clone(&self.parent)
    }

    /// Waits until everything in it is on the disk, and gives it its name; the answer is no when something has that name.
    pub(crate) fn publish(&self, name: &OsStr) -> Result<bool, Unwritten> {
        self.waiting.settle()?;
        let temporary = self.temporary.lock().unwrap_or_else(PoisonError::into_inner).take();
        let published = temporary.map_or(Ok(false), |temporary| temporary.publish_new(name));
        published.map_err(|error| Unwritten { path: self.parent.child(name), error })
    }
}

impl Directory {
    /// Makes a directory that only we may enter, and opens it.
    pub(super) fn make_private(&self, name: &OsStr) -> Result<OwnedFd, Error> {
        let mode = Mode::S_IRWXU;
        mkdirat(&self.fd, name, mode)
            .map_err(|errno| self.error(errno, name, "mkdirat", format_args!(", {:04o}", mode.bits())))?;
        self.open_at(name, OFlag::O_RDONLY | OFlag::O_DIRECTORY, Mode::empty())
    }

    /// Makes a directory in a hidden one.
    pub(crate) fn make_within(&self, name: &OsStr) -> Result<Self, Error> {
        Ok(Self::new(self.make_private(name)?, self.child(name), self.has_openat2()))
    }

    /// Makes a copy of a file in a hidden directory; `path` is for messages. It is open until it is on the disk.
    pub(super) fn copy_within(
        &self,
        name: &OsStr,
        path: &Path,
        original: Original<'_>,
        likeness: Likeness,
    ) -> Result<OwnedFd, Error> {
        let flags = OFlag::O_RDWR | OFlag::O_CREAT | OFlag::O_EXCL;
        let fd = self.open_at(name, flags, Mode::S_IRUSR | Mode::S_IWUSR)?;
        original.fill(fd, path, likeness)
    }

    /// Gives a file a further name in this directory; both lie in one hidden directory.
    pub(crate) fn hard_link_within(&self, name: &OsStr, from: &Self, target: &OsStr) -> Result<(), Error> {
        linkat(&from.fd, target, &self.fd, name, AtFlags::empty())
            .map_err(|errno| self.error(errno, name, "linkat", format_args!(", \"{}\"", shown(target))))
    }

    /// Lets us do everything in a directory of ours that has the likeness of its original already, and hands back the mode that
    /// it had if that is another one. It lies in a hidden directory, or in one that is removed, where nobody else can come to it.
    pub(crate) fn open_up(&self) -> Result<Option<u32>, Error> {
        let Metadata { mode, user, .. } = self.own_metadata()?;
        let opened = mode | Mode::S_IRWXU.bits();
        if mode == opened || user != Uid::effective().as_raw() {
            return Ok(None);
        }
        self.set_own_attributes(Attributes { mode: Some(opened), ..Attributes::default() })?;
        Ok(Some(mode))
    }

    /// Gives it back the mode that it had.
    pub(crate) fn close_up(&self, mode: u32) -> Result<(), Error> {
        self.set_own_attributes(Attributes { mode: Some(mode), ..Attributes::default() })
    }

    /// Makes owner, extended attributes, mode and time of this directory in a hidden one like those of another one. It is handed
    /// back open: on the way back from a deep tree it is held by a descriptor that can neither be changed nor synchronized.
    pub(crate) fn set_likeness_within(&self, original: &Self, likeness: Likeness) -> Result<Self, Error> {
        let here = OsStr::new(".");
        let own = OwnedFd::from(self.open_directory(here)?.0);
        if likeness.extended.is_empty() {
            set_likeness(&own, self.path(), (&original.fd, original.path().into()), likeness)?;
        } else {
            let (open, _) = original.open_directory(here)?;
            set_likeness(&own, self.path(), (&open, original.path().into()), likeness)?;
        }
        Ok(Self::new(own, self.path().to_owned(), self.has_openat2()))
    }
}
