//! A file that gets its content piece by piece, for what is never as a whole in memory or in a file.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Write as _;
use std::os::fd::OwnedFd;

use super::error::{Cause, Error};
use super::metadata::{Attributes, FileKind, Metadata};
use super::temporary::Temporary;
use super::write::{set_open, synchronize, wished, write_error};
use super::{Content, Directory, Written};

/// A file under a temporary name. It is removed again unless it is published.
pub(crate) struct Pending<'directory> {
    directory: &'directory Directory,
    temporary: Temporary<&'directory Directory>,
    file: File,
}

impl Directory {
    /// Begins a file in this directory that only we may read until it is published.
    pub(crate) fn begin(&self) -> Result<Pending<'_>, Error> {
        let (temporary, fd) = Temporary::file(self, "")?;
        Ok(Pending { directory: self, temporary, file: File::from(fd) })
    }
}

impl Pending<'_> {
    pub(crate) fn write(&mut self, content: &[u8]) -> Result<(), Error> {
        self.file.write_all(content).map_err(|error| write_error(&error, &self.directory.child(self.temporary.name())))
    }

    /// Gives the file its attributes and its name; a file or link that has the name is replaced. A loss of power may bring the
    /// old one back until the directory is synchronized.
    pub(crate) fn publish(
        self,
        name: &OsStr,
        attributes: Attributes,
        interrupted: &dyn Fn() -> bool,
    ) -> Result<Written, Error> {
        let Self { directory, temporary, file } = self;
        let existing = directory.metadata(name)?;
        if let Some(Metadata { kind: kind @ (FileKind::Directory | FileKind::Other), .. }) = existing {
            return Err(Error::rule(Cause::Is(kind), &directory.child(name)));
        }
        let existing = existing.filter(|existing| existing.kind == FileKind::File);
        let path = directory.child(temporary.name());
        let fd = OwnedFd::from(file);
        set_open(&fd, &path, wished(attributes, existing.as_ref()))?;
        synchronize(&fd, &path)?;
        if existing.is_some() && directory.is_mount(name).unwrap_or(false) {
            let (file, _) = directory.open_file(temporary.name())?;
            directory.overwrite(name, Content::File { file: &file, path: &path, interrupted }, attributes)?;
            return Ok(Written::InPlace);
        }
        temporary.publish(name)?;
        Ok(Written::Replaced)
    }
}
