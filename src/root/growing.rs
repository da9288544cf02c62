//! A file that comes in pieces: it grows under a temporary name, and gets its own when it is complete.

use std::borrow::Borrow;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{Seek as _, Write as _};
use std::path::PathBuf;

use super::at::At;
use super::error::Error;
use super::temporary::Temporary;
use super::write::{Unpublished, write_error};
use super::{Attributes, Content, Directory, Written};

/// A file without its name yet. Only we may read it; it is removed again unless it is published, and locked while it is open.
#[derive(Debug)]
pub(crate) struct Growing<D: Borrow<Directory>> {
    directory: D,
    temporary: Temporary<D>,
    file: File,
    length: u64,
}

impl Directory {
    /// Begins a file in this directory.
    pub(crate) fn grow(&self) -> Result<Growing<&Self>, Error> {
        Growing::begin(self)
    }
}

impl<D: Borrow<Directory> + Clone> Growing<D> {
    pub(super) fn begin(directory: D) -> Result<Self, Error> {
        let (temporary, fd) = Temporary::file(directory.clone(), "")?;
        Ok(Self { directory, temporary, file: File::from(fd), length: 0 })
    }

    /// How many bytes were written.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    pub(crate) fn append(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.file.write_all(bytes).map_err(|error| self.error(&error))?;
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// Where it lies now, inside the root.
    pub(crate) fn path(&self) -> PathBuf {
        self.directory.borrow().child(self.temporary.name())
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
        let directory = self.directory.clone();
        let Some(file) = self.complete(name, attributes, interrupted)? else { return Ok(Written::InPlace) };
        file.synchronize()?;
        file.publish()?;
        directory.borrow().sync()?;
        Ok(Written::Replaced)
    }

    /// Gives the file owner and mode. None when a mount has the name: it cannot be replaced, and was overwritten.
    pub(super) fn complete(
        self,
        name: &OsStr,
        attributes: Attributes,
        interrupted: &dyn Fn() -> bool,
    ) -> Result<Option<Unpublished<D>>, Error> {
        let Self { directory, temporary, file, .. } = self;
        let directory = directory.borrow();
        let existing = directory.replaceable(name)?;
        if directory.is_mounted(name, existing.as_ref()) {
            let path = directory.child(temporary.name());
            let content = Content::File { file: &file, at: At::from(&path), interrupted };
            directory.overwrite(name, content, attributes)?;
            return Ok(None);
        }
        Unpublished::new(directory, temporary, file.into(), name, attributes, existing.as_ref()).map(Some)
    }

    fn error(&self, error: &std::io::Error) -> Error {
        write_error(error, &self.path())
    }
}
