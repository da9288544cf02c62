//! An entry of a directory, looked at and opened in one go.

use std::ffi::{OsStr, OsString};
use std::fs::File;

use nix::fcntl::{OFlag, readlinkat};
use nix::sys::stat::Mode;

use super::at::At;
use super::error::Error;
use super::metadata::{FileKind, Metadata};
use super::pinned::{reopen, stat};
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
        let at = At::of(self, name);
        let fd = self.hold_entry(name)?;
        let metadata = stat(&fd, at)?;
        match metadata.kind {
            FileKind::File => {
                let again = |flags| self.open_at(name, flags, Mode::empty());
                let (file, metadata) = reopen((&fd, &metadata, at), OFlag::O_RDONLY, again)?;
                Ok(Opened::File(File::from(file), metadata))
            }
            FileKind::Link => {
                let says = readlinkat(&fd, "").map_err(|errno| {
                    let path = at.path();
                    Error::call(errno, &path, "readlinkat", format_args!("<{}>, \"\"", shown(&path)))
                })?;
                Ok(Opened::Link(says, metadata))
            }
            FileKind::Directory | FileKind::Other => Ok(Opened::Else(metadata)),
        }
    }
}
