//! An entry of a directory, looked at and opened in one go.

use std::ffi::{OsStr, OsString};
use std::fs::File;

use nix::fcntl::{OFlag, readlinkat};
use nix::sys::stat::Mode;

use super::error::Error;
use super::metadata::{FileKind, Metadata};
use super::{Directory, shown};

/// What stands at a name. Nothing but a file is opened.
#[derive(Debug)]
pub(crate) enum Opened {
    File(File, Metadata),
    /// A symbolic link, and what it says.
    Link(OsString, Metadata),
    /// A directory, a FIFO, a socket or a device.
    Else(Metadata),
}

impl Directory {
    /// Opens an entry for reading if it is a file.
    pub(crate) fn open(&self, name: &OsStr) -> Result<Opened, Error> {
        let pinned = self.pin(name)?;
        match pinned.metadata.kind {
            FileKind::File => pinned
                .open(OFlag::O_RDONLY, |flags| self.open_at(name, flags, Mode::empty()))
                .map(|(file, metadata)| Opened::File(file, metadata)),
            FileKind::Link => {
                let says = readlinkat(&pinned.fd, "").map_err(|errno| {
                    Error::call(errno, &pinned.path, "readlinkat", format_args!("<{}>, \"\"", shown(&pinned.path)))
                })?;
                Ok(Opened::Link(says, pinned.metadata))
            }
            FileKind::Directory | FileKind::Other => Ok(Opened::Else(pinned.metadata)),
        }
    }
}
