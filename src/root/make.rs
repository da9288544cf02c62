//! Making directories.

use std::ffi::OsStr;
use std::path::Path;

use nix::errno::Errno;
use nix::sys::stat::{Mode, mkdirat};

use super::error::{Cause, Error};
use super::metadata::{Attributes, FileKind};
use super::resolve::split;
use super::{Directory, HardLinks, Root};

/// The mode of a new directory of which no mode is wished.
const DEFAULT_MODE: u32 = 0o755;

const SETGID: u32 = 0o2000;

impl Root {
    /// Makes a directory, and its missing parents with mode 0755. One that exists gets the attributes.
    pub(crate) fn make_directory(&self, path: &Path, attributes: Attributes) -> Result<(), Error> {
        let (parent, name) = split(path)?;
        self.with_parents(parent)?.make(name, attributes)
    }

    fn with_parents(&self, path: &Path) -> Result<Directory, Error> {
        let mut missing = Vec::new();
        let mut existing = path;
        let mut directory = loop {
            match self.destination_directory(existing) {
                Err(error) if error.is_not_found() && existing.parent().is_some() => {
                    let (parent, name) = split(existing)?;
                    missing.push(name);
                    existing = parent;
                }
                result => break result?,
            }
        };
        while let Some(name) = missing.pop() {
            directory.make(name, Attributes::default())?;
            directory = directory.enter(name)?;
        }
        Ok(directory)
    }
}

impl Directory {
    /// Makes a directory in this one. One that exists gets the attributes. Something else in its place is an error.
    pub(crate) fn make(&self, name: &OsStr, attributes: Attributes) -> Result<(), Error> {
        if self.make_unsynchronized(name, attributes)? { self.sync() } else { Ok(()) }
    }

    /// The same, but a loss of power may take it back until this directory is synchronized. Whether it was made.
    pub(super) fn make_unsynchronized(&self, name: &OsStr, attributes: Attributes) -> Result<bool, Error> {
        let mode = attributes.mode.unwrap_or(DEFAULT_MODE);
        // Permissions from the start, so that a run that is killed leaves no directory that nobody can enter.
        let made = match mkdirat(&self.fd, name, Mode::from_bits_truncate(mode & 0o777)) {
            Ok(()) => true,
            Err(Errno::EEXIST) => false,
            Err(errno) => return Err(self.error(errno, name, "mkdirat", format_args!(", {mode:04o}"))),
        };
        // Somebody may have put something else there, so what is looked at is held until it is changed.
        let pinned = self.pin(name)?;
        if pinned.metadata.kind != FileKind::Directory {
            return Err(Error::rule(Cause::Is(pinned.metadata.kind), &pinned.path));
        }
        // The umask took away bits. A setgid bit that the parent hands down stays unless a mode is wished.
        let default = made.then_some(DEFAULT_MODE | pinned.metadata.mode & SETGID);
        let attributes = Attributes { mode: attributes.mode.or(default), ..attributes };
        self.set_pinned(&pinned, name, attributes, HardLinks::Refuse).map(|()| made)
    }
}
