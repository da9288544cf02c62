//! What a directory holds, read piece by piece: a directory of a million names must not fill the memory.

use std::ffi::{CStr, OsStr, OsString};
use std::ops::ControlFlow;
use std::os::unix::ffi::OsStrExt as _;

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sys::stat::Mode;
use rustix::fs::{FileType, RawDir};

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

/// Where the kernel puts names. A large one saves calls in large directories.
#[derive(Debug)]
pub(super) struct Buffer(Vec<u8>);

impl Buffer {
    const SMALL: usize = 16 * 1024;
    const LARGE: usize = 256 * 1024;

    pub(super) fn small() -> Self {
        Self(Vec::with_capacity(Self::SMALL))
    }

    pub(super) fn large() -> Self {
        Self(Vec::with_capacity(Self::LARGE))
    }
}

impl Directory {
    /// Hands each name to `take`, in the order of the file system and without `.` and `..`, until it says that it has enough. The
    /// kind is missing where the file system does not tell it.
    pub(super) fn for_each_entry<E: From<Error>>(
        &self,
        buffer: &mut Buffer,
        mut take: impl FnMut(&CStr, Option<FileKind>) -> Result<ControlFlow<()>, E>,
    ) -> Result<(), E> {
        let fd = self.open_at(OsStr::new("."), OFlag::O_RDONLY | OFlag::O_DIRECTORY, Mode::empty())?;
        let mut entries = RawDir::new(&fd, buffer.0.spare_capacity_mut());
        while let Some(entry) = entries.next() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(rustix::io::Errno::INTR) => continue,
                Err(error) => return Err(read_error(Errno::from_raw(error.raw_os_error()), self).into()),
            };
            let name = entry.file_name();
            if name == c"." || name == c".." {
                continue;
            }
            let kind = match entry.file_type() {
                FileType::Unknown => None,
                FileType::RegularFile => Some(FileKind::File),
                FileType::Directory => Some(FileKind::Directory),
                FileType::Symlink => Some(FileKind::Link),
                _ => Some(FileKind::Other),
            };
            if take(name, kind)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// All entries, sorted by the bytes of their names. One that vanishes meanwhile is left out.
    pub(crate) fn list(&self) -> Result<Vec<Entry>, Error> {
        let mut list = Vec::new();
        self.for_each_entry(&mut Buffer::small(), |name, kind| {
            let name = text_of(name);
            let kind = match kind {
                Some(kind) => Some(kind),
                None => self.metadata(name)?.map(|metadata| metadata.kind),
            };
            list.extend(kind.map(|kind| Entry { name: name.to_owned(), kind }));
            Ok::<_, Error>(ControlFlow::Continue(()))
        })?;
        list.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(list)
    }

    pub(crate) fn is_empty(&self) -> Result<bool, Error> {
        let mut empty = true;
        self.for_each_entry(&mut Buffer::small(), |_, _| {
            empty = false;
            Ok::<_, Error>(ControlFlow::Break(()))
        })?;
        Ok(empty)
    }
}

/// A name as the kernel wrote it, as the rest of the program takes it.
pub(super) fn text_of(name: &CStr) -> &OsStr {
    OsStr::from_bytes(name.to_bytes())
}

fn read_error(errno: Errno, directory: &Directory) -> Error {
    Error::call(errno, directory.path(), "getdents64", format_args!("<{}>", shown(directory.path())))
}
