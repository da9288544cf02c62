//! One object, whatever kind it has, held so that it cannot be exchanged between a look and a change.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Write as _;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, AtFlags, OFlag, openat};
use nix::sys::stat::{FchmodatFlags, Mode, fchmod, fchmodat, fstat};
use nix::unistd::{Gid, Uid, fchownat};

use super::at::At;
use super::error::{Cause, Error};
use super::metadata::{Attributes, FileKind, Metadata};
use super::{retry, shown};

/// An object held by an `O_PATH` descriptor. Holding it opens nothing: a FIFO does not block, a device does not notice.
#[derive(Debug)]
pub(super) struct Pinned {
    pub(super) fd: OwnedFd,
    pub(super) path: PathBuf,
    pub(super) metadata: Metadata,
}

impl Pinned {
    pub(super) fn new(fd: OwnedFd, path: PathBuf) -> Result<Self, Error> {
        let metadata = stat(&fd, &path)?;
        Ok(Self { fd, path, metadata })
    }

    /// Opens the object itself if it is a file. `again` opens it by name, for roots without `/proc`; what that yields must be
    /// the same object.
    pub(super) fn open(
        &self,
        flags: OFlag,
        again: impl FnOnce(OFlag) -> Result<OwnedFd, Error>,
    ) -> Result<(File, Metadata), Error> {
        if self.metadata.kind != FileKind::File {
            return Err(Error::rule(Cause::Is(self.metadata.kind), &self.path));
        }
        self.reopen(flags, again).map(|(fd, metadata)| (File::from(fd), metadata))
    }

    fn reopen(
        &self,
        flags: OFlag,
        again: impl FnOnce(OFlag) -> Result<OwnedFd, Error>,
    ) -> Result<(OwnedFd, Metadata), Error> {
        reopen((&self.fd, &self.metadata, At::from(&self.path)), flags, again)
    }

    /// Makes owner and mode as wished, touching only what differs: first the owner, because changing it clears setuid and
    /// setgid, then the mode. `again` is as in [`Pinned::open`]. Whether it may have other names was asked before.
    pub(super) fn set_attributes(
        &self,
        attributes: Attributes,
        again: impl FnOnce(OFlag) -> Result<OwnedFd, Error>,
    ) -> Result<(), Error> {
        let missing = attributes.missing_in(&self.metadata);
        if missing.is_empty() {
            return Ok(());
        }
        if missing.user.is_some() || missing.group.is_some() {
            let (user, group) = (missing.user.map(Uid::from_raw), missing.group.map(Gid::from_raw));
            fchownat(&self.fd, "", user, group, AtFlags::AT_EMPTY_PATH)
                .map_err(|errno| owner_error(errno, &self.path, "fchownat", missing))?;
        }
        if self.metadata.kind == FileKind::Link {
            return Ok(());
        }
        match attributes.mode {
            Some(mode) if stat(&self.fd, &self.path)?.mode != mode => self.change_mode(mode, again),
            _ => Ok(()),
        }
    }

    /// An `O_PATH` descriptor cannot be given to `fchmod`, and `fchmodat2` is newer than many kernels.
    fn change_mode(&self, mode: u32, again: impl FnOnce(OFlag) -> Result<OwnedFd, Error>) -> Result<(), Error> {
        let bits = Mode::from_bits_truncate(mode);
        let error = |errno| {
            Error::call(errno, &self.path, "fchmod", format_args!("<{}>, {mode:04o}", shown(&self.path)))
                .lacking(&self.path)
        };
        match fchmodat(AT_FDCWD, self.magic_link().as_path(), bits, FchmodatFlags::FollowSymlink) {
            Err(Errno::ENOENT) if matches!(self.metadata.kind, FileKind::File | FileKind::Directory) => {
                let (fd, _) = self.reopen(OFlag::O_RDONLY, again)?;
                fchmod(&fd, bits).map_err(error)
            }
            result => result.map_err(error),
        }
    }

    pub(super) fn magic_link(&self) -> MagicLink {
        MagicLink::to(&self.fd)
    }
}

/// The metadata of an open object.
pub(super) fn stat<'a>(fd: &OwnedFd, at: impl Into<At<'a>>) -> Result<Metadata, Error> {
    fstat(fd).map(Metadata::from).map_err(|errno| {
        let path = at.into().path();
        Error::call(errno, &path, "fstat", format_args!("<{}>", shown(&path)))
    })
}

/// Opens the file that an `O_PATH` descriptor holds and that was `seen` there. `again` opens it by name, for roots without
/// `/proc`; what that yields must be the same object.
pub(super) fn reopen(
    (fd, seen, at): (&OwnedFd, &Metadata, At<'_>),
    flags: OFlag,
    again: impl FnOnce(OFlag) -> Result<OwnedFd, Error>,
) -> Result<(OwnedFd, Metadata), Error> {
    let flags = flags | OFlag::O_NONBLOCK | OFlag::O_NOCTTY | OFlag::O_CLOEXEC;
    // With `open` the C library would set the close-on-exec flag a second time, for kernels that do not know it.
    let opened = match retry(|| openat(AT_FDCWD, MagicLink::to(fd).as_path(), flags, Mode::empty())) {
        Ok(opened) => opened,
        // Opening by name tells in its error text what was refused, or works where `/proc` is not mounted.
        Err(_) => again(flags)?,
    };
    let metadata = stat(&opened, at)?;
    if metadata.identity() != seen.identity() {
        return Err(Error::rule(Cause::Changed, &at.path()));
    }
    Ok((opened, metadata))
}

/// The name under which the kernel shows an open object to this process.
pub(super) struct MagicLink {
    text: [u8; 32],
    length: usize,
}

impl MagicLink {
    pub(super) fn to(fd: &OwnedFd) -> Self {
        let mut text = [0; 32];
        let mut rest = text.as_mut_slice();
        // The longest number has ten digits.
        let _ = write!(rest, "/proc/self/fd/{}", fd.as_raw_fd());
        let length = 32 - rest.len();
        Self { text, length }
    }

    pub(super) fn as_path(&self) -> &Path {
        Path::new(OsStr::from_bytes(&self.text[..self.length]))
    }
}

/// The error of a change of owner.
pub(super) fn owner_error(errno: Errno, path: &Path, function: &'static str, wished: Attributes) -> Error {
    let number = |id: Option<u32>| id.map_or_else(|| "-1".to_owned(), |id| id.to_string());
    let (user, group) = (number(wished.user), number(wished.group));
    Error::call(errno, path, function, format_args!("<{}>, {user}, {group}", shown(path)))
}
