//! Moving what was made in one directory into another one.

use std::ffi::OsStr;
use std::os::fd::OwnedFd;
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::{OFlag, renameat};
use nix::sys::stat::Mode;
use rustix::fs::{RenameFlags, renameat_with, syncfs};

use super::error::Error;
use super::{Directory, Root, shown};

impl Root {
    /// The directory at `path`, as a destination: links on the way are followed only when root or we made them.
    pub(crate) fn destination(&self, path: &Path) -> Result<Directory, Error> {
        self.destination_directory(path)
    }
}

impl Directory {
    /// Moves an entry into another directory of the same file system, where nothing has its `new` name: EEXIST if something has.
    /// A loss of power may take it back until both are synchronized.
    pub(crate) fn relocate(&self, name: &OsStr, to: &Self, new: &OsStr) -> Result<(), Error> {
        let failed = |errno| {
            let rest = format_args!(", <{}>, \"{}\", RENAME_NOREPLACE", shown(to.path()), shown(new));
            self.error(errno, name, "renameat2", rest)
        };
        match renameat_with(&self.fd, name, &to.fd, new, RenameFlags::NOREPLACE) {
            Ok(()) => Ok(()),
            Err(error) => match Errno::from_raw(error.raw_os_error()) {
                // Not on this file system, for instance NFS: who calls has a lock against other runs.
                Errno::EINVAL | Errno::ENOSYS => {
                    if to.metadata(new)?.is_some() {
                        return Err(failed(Errno::EEXIST));
                    }
                    renameat(&self.fd, name, &to.fd, new).map_err(failed)
                }
                errno => Err(failed(errno)),
            },
        }
    }

    /// Waits until all that was written to the file system of this directory is on the disk.
    pub(crate) fn sync_file_system(&self) -> Result<(), Error> {
        let fd: OwnedFd = self.open_at(OsStr::new("."), OFlag::O_RDONLY | OFlag::O_DIRECTORY, Mode::empty())?;
        syncfs(&fd).map_err(|error| {
            let errno = Errno::from_raw(error.raw_os_error());
            Error::call(errno, self.path(), "syncfs", format_args!("<{}>", shown(self.path())))
        })
    }
}
