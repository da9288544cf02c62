//! What a directory holds, read piece by piece: a directory of a million names must not fill the memory.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;

use nix::dir::{Dir, OwningIter};
use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sys::stat::Mode;

use super::Directory;
use super::error::Error;
use super::metadata::FileKind;
use super::shown;

/// A name in a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) name: OsString,
    pub(crate) kind: FileKind,
}

/// The names of a directory, in the order of the file system, without `.` and `..`.
#[derive(Debug)]
pub(super) struct Entries(OwningIter);

impl Entries {
    /// The next entry of `directory`, which these entries must be of. One that vanishes meanwhile is left out.
    pub(super) fn next(&mut self, directory: &Directory) -> Result<Option<Entry>, Error> {
        for entry in self.0.by_ref() {
            let entry = entry.map_err(|errno| read_error(errno, directory))?;
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            if name == "." || name == ".." {
                continue;
            }
            let kind = match entry.file_type() {
                Some(kind) => Some(kind.into()),
                None => directory.metadata(name)?.map(|metadata| metadata.kind),
            };
            if let Some(kind) = kind {
                return Ok(Some(Entry { name: name.to_owned(), kind }));
            }
        }
        Ok(None)
    }
}

impl Directory {
    pub(super) fn entries(&self) -> Result<Entries, Error> {
        let fd = self.open_at(OsStr::new("."), OFlag::O_RDONLY | OFlag::O_DIRECTORY, Mode::empty())?;
        Dir::from_fd(fd).map(|stream| Entries(stream.into_iter())).map_err(|errno| read_error(errno, self))
    }

    /// All entries, sorted by the bytes of their names.
    pub(crate) fn list(&self) -> Result<Vec<Entry>, Error> {
        let mut entries = self.entries()?;
        let mut list = Vec::new();
        while let Some(entry) = entries.next(self)? {
            list.push(entry);
        }
        list.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(list)
    }

    pub(crate) fn is_empty(&self) -> Result<bool, Error> {
        Ok(self.entries()?.next(self)?.is_none())
    }
}

fn read_error(errno: Errno, directory: &Directory) -> Error {
    Error::call(errno, directory.path(), "getdents64", format_args!("<{}>", shown(directory.path())))
}
