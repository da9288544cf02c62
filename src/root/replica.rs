//! Copies of files that are like their originals: content, owner, extended attributes, mode and time.

use std::fs::File;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::AT_FDCWD;
use nix::sys::stat::{UtimensatFlags, futimens, utimensat};
use nix::sys::time::TimeSpec;

use super::Directory;
use super::at::At;
use super::error::Error;
use super::extended::{self, Extended};
use super::metadata::{Attributes, Metadata};
use super::pinned::MagicLink;
use super::shown;
use super::transfer::Transfer;
use super::write::set_open;

/// An open file that is copied.
#[derive(Clone, Copy)]
pub(crate) struct Original<'a> {
    pub(crate) file: &'a File,
    pub(crate) metadata: &'a Metadata,
    /// For messages.
    pub(crate) at: At<'a>,
    /// Copying stops with EINTR when this says so.
    pub(crate) interrupted: &'a dyn Fn() -> bool,
}

/// What a copy gets beside the content.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Likeness {
    pub(crate) attributes: Attributes,
    /// Seconds and nanoseconds of the last change of the content.
    pub(crate) modified: Option<(i64, i64)>,
    pub(crate) extended: Extended,
}

impl Original<'_> {
    /// Makes an empty file a copy. Whoever may read it by its mode does so only when all of it is there: the mode comes after
    /// the content, and after the owner, whose change takes setuid and file capabilities away.
    pub(super) fn fill(&self, fd: OwnedFd, path: &Path, likeness: Likeness) -> Result<OwnedFd, Error> {
        let target = File::from(fd);
        let Self { file: source, at, interrupted, metadata: &Metadata { size, .. } } = *self;
        Transfer { source, source_at: at, size, target: &target, target_path: path, interrupted }.fill()?;
        let fd = OwnedFd::from(target);
        set_likeness(&fd, path, (source, self.at), likeness)?;
        Ok(fd)
    }

    /// Whether an existing file has the extended attributes that a copy would have.
    pub(crate) fn has_same_extended(&self, existing: &File, path: &Path, wanted: Extended) -> Result<bool, Error> {
        Ok(extended::read(self.file, self.at, wanted)? == extended::read(existing, path.into(), wanted)?)
    }
}

/// Makes everything but the content of an open object as wished.
pub(super) fn set_likeness(
    fd: &OwnedFd,
    path: &Path,
    (original, at): (impl AsFd, At<'_>),
    likeness: Likeness,
) -> Result<(), Error> {
    let Likeness { attributes, modified, extended } = likeness;
    if extended.is_empty() {
        set_open(fd, path, attributes)?;
    } else {
        set_open(fd, path, Attributes { mode: None, ..attributes })?;
        extended::write(fd, path, &extended::read(original, at, extended)?)?;
        set_open(fd, path, Attributes { mode: attributes.mode, ..Attributes::default() })?;
    }
    modified.map_or(Ok(()), |modified| set_modified(fd, path, modified))
}

impl Directory {
    /// Sets the time of the last change of this directory, in seconds and nanoseconds.
    pub(crate) fn set_modified(&self, (seconds, nanoseconds): (i64, i64)) -> Result<(), Error> {
        let (kept, modified) = (TimeSpec::UTIME_OMIT, TimeSpec::new(seconds, nanoseconds));
        // It is held without being open, and its mode need not let us open it.
        let link = MagicLink::to(&self.fd);
        match utimensat(AT_FDCWD, link.as_path(), &kept, &modified, UtimensatFlags::FollowSymlink) {
            // Without `/proc`.
            Err(Errno::ENOENT) => utimensat(&self.fd, ".", &kept, &modified, UtimensatFlags::NoFollowSymlink),
            result => result,
        }
        .map_err(|errno| time_error(errno, self.path()))
    }
}

fn set_modified(fd: &OwnedFd, path: &Path, (seconds, nanoseconds): (i64, i64)) -> Result<(), Error> {
    match futimens(fd, &TimeSpec::UTIME_OMIT, &TimeSpec::new(seconds, nanoseconds)) {
        Ok(()) => Ok(()),
        Err(errno) => Err(time_error(errno, path)),
    }
}

pub(super) fn time_error(errno: Errno, path: &Path) -> Error {
    Error::call(errno, path, "utimensat", format_args!("<{}>", shown(path)))
}
