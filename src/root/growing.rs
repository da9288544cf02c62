//! A file that comes in pieces: it grows under a temporary name, and gets its own when it is complete.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{Seek as _, Write as _};
use std::os::fd::OwnedFd;

use super::error::Error;
use super::temporary::Temporary;
use super::write::{set_open, synchronize, wished, write_error};
use super::{Attributes, Content, Directory, Written};

/// A file without its name yet. Only we may read it; it is removed again unless it is published, and locked while it is open.
#[derive(Debug)]
pub(crate) struct Growing<'directory> {
    directory: &'directory Directory,
    temporary: Temporary<&'directory Directory>,
    file: File,
    length: u64,
}

impl Directory {
    /// Begins a file in this directory.
    pub(crate) fn grow(&self) -> Result<Growing<'_>, Error> {
        let (temporary, fd) = Temporary::file(self, "")?;
        Ok(Growing { directory: self, temporary, file: File::from(fd), length: 0 })
    }
}

impl Growing<'_> {
    /// How many bytes were written.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    pub(crate) fn append(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.file.write_all(bytes).map_err(|error| self.error(&error))?;
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// Forgets what was written.
    pub(crate) fn restart(&mut self) -> Result<(), Error> {
        self.file.set_len(0).and_then(|()| self.file.rewind()).map_err(|error| self.error(&error))?;
        self.length = 0;
        Ok(())
    }

    /// Gives the file owner and mode, and then its name. Stops with EINTR when `interrupted` says so.
    pub(crate) fn publish(
        self,
        name: &OsStr,
        attributes: Attributes,
        interrupted: &dyn Fn() -> bool,
    ) -> Result<Written, Error> {
        let directory = self.directory;
        let written = self.publish_unsynchronized(name, attributes, interrupted)?;
        if written == Written::Replaced {
            directory.sync()?;
        }
        Ok(written)
    }

    /// The same, but a loss of power may bring the old file back until the directory is synchronized.
    pub(crate) fn publish_unsynchronized(
        self,
        name: &OsStr,
        attributes: Attributes,
        interrupted: &dyn Fn() -> bool,
    ) -> Result<Written, Error> {
        let Self { directory, temporary, file, .. } = self;
        let path = directory.child(temporary.name());
        let existing = directory.replaceable(name)?;
        if existing.is_some() && directory.is_mount(name).unwrap_or(false) {
            let (complete, _) = directory.open_file(temporary.name())?;
            let content = Content::File { file: &complete, path: &path, interrupted };
            directory.overwrite(name, content, attributes)?;
            return Ok(Written::InPlace);
        }
        let fd = OwnedFd::from(file);
        set_open(&fd, &path, wished(attributes, existing.as_ref()))?;
        synchronize(&fd, &path)?;
        let _lock = temporary.end_writing(fd);
        temporary.publish(name)?;
        Ok(Written::Replaced)
    }

    fn error(&self, error: &std::io::Error) -> Error {
        write_error(error, &self.directory.child(self.temporary.name()))
    }
}
