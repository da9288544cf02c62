//! Writing into a file that is there: it keeps its inode. Whoever reads it meanwhile may see half of it, and a run that is killed
//! leaves that.

use std::ffi::OsStr;
use std::fs::File;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{FallocateFlags, OFlag, fallocate};
use nix::sys::stat::Mode;

use super::disk::synchronize;
use super::error::Error;
use super::metadata::{Attributes, FileKind};
use super::pinned::Pinned;
use super::write::{set_open, wished};
use super::{Content, Directory, Root, retry, shown};

/// A file that can be overwritten also when the right to open it is gone.
#[derive(Debug)]
pub(crate) struct OpenedFile {
    file: File,
    path: PathBuf,
}

impl OpenedFile {
    pub(crate) fn overwrite(&self, content: &[u8]) -> Result<(), Error> {
        Content::Bytes(content).overwrite(&self.file, &self.path)
    }
}

impl Root {
    /// Opens the file at `path` for what is to be written into it later.
    pub(crate) fn open_to_overwrite(&self, path: &Path) -> Result<OpenedFile, Error> {
        let (directory, name) = self.parent(path)?;
        let pinned = directory.pin(name)?;
        if !directory.is_mount(name)? {
            directory.refuse_other_names(name, &pinned)?;
        }
        let (file, _) = pinned.open(OFlag::O_WRONLY, |flags| directory.open_at(name, flags, Mode::empty()))?;
        Ok(OpenedFile { file, path: directory.child(name) })
    }

    /// Writes into an existing file: the one for the termination message is a mount of its own. A missing one is made only with
    /// `create`.
    pub(crate) fn overwrite(&self, path: &Path, content: &[u8], create: bool) -> Result<(), Error> {
        let (directory, name) = self.parent(path)?;
        match directory.metadata(name)? {
            None if create => directory.write(name, Content::Bytes(content), Attributes::default()).map(|_| ()),
            _ => directory.overwrite(name, Content::Bytes(content), Attributes::default()),
        }
    }

    /// Writes into the file at `path`; no when there is none, so that there is no inode to keep. A link is none.
    pub(crate) fn write_into(&self, path: &Path, content: &[u8], attributes: Attributes) -> Result<bool, Error> {
        let (directory, name) = self.parent(path)?;
        directory.write_into(name, Content::Bytes(content), attributes)
    }
}

impl Directory {
    /// The same for a file of this directory. One that has other names is refused: they may be none of ours.
    pub(crate) fn write_into(&self, name: &OsStr, content: Content<'_>, attributes: Attributes) -> Result<bool, Error> {
        if self.replaceable(name)?.is_none() {
            return Ok(false);
        }
        let pinned = self.pin(name)?;
        if pinned.metadata.kind == FileKind::File && !self.is_mount(name)? {
            self.refuse_other_names(name, &pinned)?;
        }
        let attributes = wished(attributes, Some(&pinned.metadata));
        self.overwrite_pinned(&pinned, name, content, attributes).map(|()| true)
    }

    /// Overwrites the content of a file that something is mounted on.
    pub(super) fn overwrite(&self, name: &OsStr, content: Content<'_>, attributes: Attributes) -> Result<(), Error> {
        self.overwrite_pinned(&self.pin(name)?, name, content, attributes)
    }

    /// Owner and mode come first: nobody else may read what is new. Space is asked for before the old content is gone, so that a
    /// full disk is noticed.
    fn overwrite_pinned(
        &self,
        pinned: &Pinned,
        name: &OsStr,
        content: Content<'_>,
        attributes: Attributes,
    ) -> Result<(), Error> {
        let path = self.child(name);
        let (file, metadata) = pinned.open(OFlag::O_WRONLY, |flags| self.open_at(name, flags, Mode::empty()))?;
        let length = content.length(&path)?;
        let fd = OwnedFd::from(file);
        set_open(&fd, &path, attributes)?;
        if length > metadata.size
            && let Ok(size) = i64::try_from(length)
            && let Err(errno @ (Errno::ENOSPC | Errno::EDQUOT)) =
                retry(|| fallocate(&fd, FallocateFlags::FALLOC_FL_KEEP_SIZE, 0, size))
        {
            return Err(Error::call(errno, &path, "fallocate", format_args!("<{}>, {size}", shown(&path))));
        }
        let file = File::from(fd);
        content.overwrite(&file, &path)?;
        synchronize(&OwnedFd::from(file), &path)
    }
}
