//! Writing files in the one way in which they are written: under a temporary name beside the target, with owner and mode
//! right and everything on the disk before the name is visible.

use std::borrow::Borrow;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::Write as _;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use nix::sys::stat::{Mode, fchmod};
use nix::unistd::{Gid, Uid, fchown};

use super::at::At;
use super::disk::{begin_writing_out, synchronize};
use super::error::{Cause, Error, errno_of};
use super::metadata::{Attributes, FileKind, Metadata};
use super::pinned::{owner_error, stat};
use super::replica::{Likeness, Original};
use super::temporary::Temporary;
use super::transfer::Transfer;
use super::{Directory, Root, shown};

/// The mode of a new file of which no mode is wished.
const DEFAULT_MODE: u32 = 0o644;

const ANY_MAY_EXECUTE: u32 = 0o111;

/// How a file was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    /// At once: whoever looked saw the old or the new content.
    Replaced,
    /// The target is itself a mount and cannot be replaced, so its content was overwritten.
    InPlace,
}

/// What is written.
#[derive(Clone, Copy)]
pub(crate) enum Content<'a> {
    Bytes(&'a [u8]),
    /// The whole of an open file, with its path for messages. Stops with EINTR when `interrupted` says so.
    File {
        file: &'a File,
        at: At<'a>,
        interrupted: &'a dyn Fn() -> bool,
    },
}

impl Root {
    /// Writes a file. The last element of `path` is never followed: a link is replaced.
    pub(crate) fn write(&self, path: &Path, content: &[u8], attributes: Attributes) -> Result<Written, Error> {
        let (directory, name) = self.parent(path)?;
        // What cannot be swept does no harm.
        let _ = self.sweep_directory(&directory);
        directory.write(name, Content::Bytes(content), attributes)
    }

    /// The same, but only as a whole: what is mounted at `path` is refused, and never written in place.
    pub(crate) fn replace(&self, path: &Path, content: Content<'_>, attributes: Attributes) -> Result<(), Error> {
        let (directory, name) = self.parent(path)?;
        // What cannot be swept does no harm.
        let _ = self.sweep_directory(&directory);
        if let Some(found) = directory.metadata(name)? {
            if matches!(found.kind, FileKind::Directory | FileKind::Other) {
                return Err(Error::rule(Cause::Is(found.kind), path));
            }
            if directory.is_mount(name)? {
                return Err(Error::rule(Cause::MountPoint, path));
            }
        }
        let file = Unpublished::prepare(&directory, name, content, attributes)?;
        file.synchronize()?;
        file.publish()?;
        directory.sync()
    }

    /// Writes a file unless something has its name, which is left as it is. Whether it was written: of several runs at once one
    /// writes. Where the file system has neither hard links nor a rename that does not replace, the caller has to keep the others
    /// out.
    pub(crate) fn write_new(&self, path: &Path, content: &[u8], attributes: Attributes) -> Result<bool, Error> {
        let (directory, name) = self.parent(path)?;
        // What cannot be swept does no harm.
        let _ = self.sweep_directory(&directory);
        let (temporary, fd) = write_temporary(&directory, "", Content::Bytes(content), wished(attributes, None))?;
        synchronize(&fd, &directory.child(temporary.name()))?;
        let _lock = temporary.end_writing(fd)?;
        let written = temporary.publish_new(name)?;
        directory.sync()?;
        Ok(written)
    }

    /// Makes owner and mode of what exists at `path` as wished, touching only what differs. A link is changed itself.
    pub(crate) fn set_attributes(&self, path: &Path, attributes: Attributes) -> Result<(), Error> {
        let (directory, name) = self.parent(path)?;
        directory.set_attributes(name, attributes)
    }

    /// The same if it is still the file that was `seen`, and has no other name; no if it is not, or if this is refused.
    pub(crate) fn set_attributes_of(&self, path: &Path, attributes: Attributes, seen: &Metadata) -> bool {
        let set =
            self.parent(path).and_then(|(directory, name)| directory.set_attributes_if_same(name, attributes, seen));
        set.is_ok()
    }
}

impl Directory {
    /// Writes a file in this directory; a link with this name is replaced. When anything fails the old file is still there.
    pub(crate) fn write(&self, name: &OsStr, content: Content<'_>, attributes: Attributes) -> Result<Written, Error> {
        let Some(file) = Unpublished::write(self, name, content, attributes)? else { return Ok(Written::InPlace) };
        file.synchronize()?;
        file.publish()?;
        self.sync()?;
        Ok(Written::Replaced)
    }

    /// The file that a new one would replace, if there is one. A link is replaced like nothing; anything else is not.
    pub(super) fn replaceable(&self, name: &OsStr) -> Result<Option<Metadata>, Error> {
        match self.metadata(name)? {
            Some(Metadata { kind: kind @ (FileKind::Directory | FileKind::Other), .. }) => {
                Err(Error::rule(Cause::Is(kind), &self.child(name)))
            }
            existing => Ok(existing.filter(|existing| existing.kind == FileKind::File)),
        }
    }

    /// Whether the file that a new one would replace is itself a mount, which cannot be replaced.
    pub(super) fn is_mounted(&self, name: &OsStr, existing: Option<&Metadata>) -> bool {
        existing.is_some() && self.is_mount(name).unwrap_or(false)
    }
}

/// A file with everything but its name, which has what was there before, if anything. It goes when it is dropped.
pub(super) struct Unpublished<D: Borrow<Directory>> {
    temporary: Temporary<D>,
    name: OsString,
    /// Held open, and so locked, until it has its name.
    fd: OwnedFd,
    path: PathBuf,
}

impl<D: Borrow<Directory> + Clone> Unpublished<D> {
    /// Writes a file that is to have this name. None when a mount has the name: it cannot be replaced, and was overwritten.
    pub(super) fn write(
        directory: D,
        name: &OsStr,
        content: Content<'_>,
        attributes: Attributes,
    ) -> Result<Option<Self>, Error> {
        let place = directory.borrow();
        let existing = place.replaceable(name)?;
        if place.is_mounted(name, existing.as_ref()) {
            place.overwrite(name, content, attributes)?;
            return Ok(None);
        }
        let attributes = wished(attributes, existing.as_ref());
        Self::prepare(directory, name, content, attributes).map(Some)
    }

    /// The same for a copy of a file.
    pub(super) fn copy(
        directory: D,
        name: &OsStr,
        original: Original<'_>,
        likeness: Likeness,
    ) -> Result<Option<Self>, Error> {
        let place = directory.borrow();
        if place.is_mounted(name, place.replaceable(name)?.as_ref()) {
            let Original { file, at, interrupted, .. } = original;
            place.overwrite(name, Content::File { file, at, interrupted }, likeness.attributes)?;
            return Ok(None);
        }
        Self::fill(directory, name, |fd, path| original.fill(fd, path, likeness)).map(Some)
    }

    /// Whatever has the name: nothing is overwritten, and nothing is taken from it.
    fn prepare(directory: D, name: &OsStr, content: Content<'_>, attributes: Attributes) -> Result<Self, Error> {
        Self::fill(directory, name, |fd, path| fill_with(fd, path, content, attributes))
    }

    fn fill(
        directory: D,
        name: &OsStr,
        fill: impl FnOnce(OwnedFd, &Path) -> Result<OwnedFd, Error>,
    ) -> Result<Self, Error> {
        let (temporary, fd) = Temporary::file(directory.clone(), "")?;
        let path = directory.borrow().child(temporary.name());
        let fd = fill(fd, &path)?;
        Ok(Self { temporary, name: name.to_owned(), fd, path })
    }

    /// Gives a file whose content is complete its owner and mode.
    pub(super) fn new(
        directory: &Directory,
        temporary: Temporary<D>,
        fd: OwnedFd,
        name: &OsStr,
        attributes: Attributes,
        existing: Option<&Metadata>,
    ) -> Result<Self, Error> {
        let path = directory.child(temporary.name());
        set_open(&fd, &path, wished(attributes, existing))?;
        Ok(Self { temporary, name: name.to_owned(), fd, path })
    }

    /// For files that wait together.
    pub(super) fn begin_writing_out(&self) {
        begin_writing_out(&self.fd);
    }

    /// Waits until owner, mode and content are on the disk.
    pub(super) fn synchronize(&self) -> Result<(), Error> {
        synchronize(&self.fd, &self.path)
    }

    /// Gives the file its name, in place of what had it. It has to be on the disk by then.
    pub(super) fn publish(self) -> Result<(), Error> {
        let Self { temporary, name, fd, path } = self;
        let is_program = stat(&fd, &path)?.mode & ANY_MAY_EXECUTE != 0;
        let _lock = if is_program { temporary.end_writing(fd)? } else { fd };
        temporary.publish(&name)
    }
}

/// Writes a file whose name is temporary and ends with the suffix. It is locked as long as the descriptor is open.
pub(super) fn write_temporary<D: Borrow<Directory> + Clone>(
    directory: D,
    suffix: &str,
    content: Content<'_>,
    attributes: Attributes,
) -> Result<(Temporary<D>, OwnedFd), Error> {
    let (temporary, fd) = Temporary::file(directory.clone(), suffix)?;
    let path = directory.borrow().child(temporary.name());
    let fd = fill_with(fd, &path, content, attributes)?;
    Ok((temporary, fd))
}

fn fill_with(fd: OwnedFd, path: &Path, content: Content<'_>, attributes: Attributes) -> Result<OwnedFd, Error> {
    let file = File::from(fd);
    content.fill(&file, path)?;
    let fd = OwnedFd::from(file);
    set_open(&fd, path, attributes)?;
    Ok(fd)
}

/// What a replacement gets: what is wished, else what the existing file has, else the defaults. Setuid and setgid are not
/// kept: whoever put them there did not put them on this content.
pub(super) fn wished(attributes: Attributes, existing: Option<&Metadata>) -> Attributes {
    Attributes {
        user: attributes.user.or(existing.map(|existing| existing.user)),
        group: attributes.group.or(existing.map(|existing| existing.group)),
        mode: attributes.mode.or(Some(existing.map_or(DEFAULT_MODE, |existing| existing.mode & 0o777))),
    }
}

/// Owner, then mode, of an open file: changing the owner clears setuid and setgid.
pub(super) fn set_open(fd: &OwnedFd, path: &Path, attributes: Attributes) -> Result<(), Error> {
    let found = stat(fd, path)?;
    let missing = attributes.missing_in(&found);
    let mut found_mode = found.mode;
    if missing.user.is_some() || missing.group.is_some() {
        fchown(fd, missing.user.map(Uid::from_raw), missing.group.map(Gid::from_raw))
            .map_err(|errno| owner_error(errno, path, "fchown", missing))?;
        found_mode = stat(fd, path)?.mode;
    }
    match attributes.mode {
        Some(mode) if found_mode != mode => fchmod(fd, Mode::from_bits_truncate(mode)).map_err(|errno| {
            Error::call(errno, path, "fchmod", format_args!("<{}>, {mode:04o}", shown(path))).lacking(path)
        }),
        _ => Ok(()),
    }
}

impl Content<'_> {
    pub(super) fn length(&self, target: &Path) -> Result<u64, Error> {
        match self {
            Self::Bytes(bytes) => Ok(bytes.len() as u64),
            Self::File { file, .. } => {
                file.metadata().map(|metadata| metadata.len()).map_err(|error| write_error(&error, target))
            }
        }
    }

    /// Fills an empty file.
    fn fill(&self, mut target: &File, target_path: &Path) -> Result<(), Error> {
        match *self {
            Self::Bytes(bytes) => target.write_all(bytes).map_err(|error| write_error(&error, target_path)),
            Self::File { file, at, interrupted } => {
                let size = self.length(target_path)?;
                Transfer { source: file, source_at: at, size, target, target_path, interrupted }.fill()
            }
        }
    }

    /// Puts this in place of what an open file holds.
    pub(super) fn overwrite(&self, target: &File, target_path: &Path) -> Result<(), Error> {
        match *self {
            Self::Bytes(bytes) => {
                self.fill(target, target_path)?;
                target.set_len(bytes.len() as u64).map_err(|error| write_error(&error, target_path))
            }
            Self::File { file, at, interrupted } => {
                let size = self.length(target_path)?;
                Transfer { source: file, source_at: at, size, target, target_path, interrupted }.overwrite()
            }
        }
    }
}

pub(super) fn write_error(error: &std::io::Error, path: &Path) -> Error {
    Error::call(errno_of(error), path, "write", format_args!("<{}>", shown(path)))
}
