//! A walk through a tree that visits what a directory holds before the directory itself.
//!
//! Whoever may write to a directory gets it only after everything in it is done, so he cannot meddle with the rest of the walk;
//! and a walk that was cut short shows at the top. Links are visited, never followed.

mod deep;
mod place;
mod threads;

use std::ffi::{CStr, CString, OsStr};
use std::ops::ControlFlow;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::sync::OnceLock;

use nix::errno::Errno;

use super::Root;
use super::directory::Directory;
use super::entries::{Buffer, text_of};
use super::error::{Cause, Error};
use super::metadata::FileKind;
use crate::failure::Failure;
pub(crate) use place::{HardLinks, Place};

/// More threads than processors pay where the disk has to be waited for.
const THREADS: std::ops::RangeInclusive<usize> = 4..=8;

/// What to do where something else is mounted in the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mounts {
    /// Walk through it.
    Cross,
    /// Leave it out.
    Skip,
    /// Fail; also when the top itself is a mount point.
    Refuse,
}

/// What is done with the objects of a tree. Several threads call it at once; the first failure ends the walk.
pub(crate) trait Visitor: Sync {
    /// What is kept of a directory until everything in it is done.
    type Kept: Send + Sync;

    /// A directory, before what it holds. `None` leaves it out.
    fn enter(
        &self,
        place: &Place<'_>,
        directory: &Directory,
        above: Option<&Self::Kept>,
    ) -> Result<Option<Self::Kept>, Failure>;

    /// Anything else than a directory; or the top, whatever it is, when nothing below it is meant.
    fn visit(&self, place: &Place<'_>, above: Option<&Self::Kept>) -> Result<(), Failure>;

    /// A directory that was entered, after everything in it.
    fn leave(&self, place: &Place<'_>, directory: &Directory, kept: &Self::Kept) -> Result<(), Failure>;

    /// Something is mounted at this directory, and mounts are left out.
    fn skipped(&self, _place: &Place<'_>) {}

    /// A directory could not be opened or read. The walk goes on behind it unless this fails.
    fn refused(&self, error: Error) -> Result<(), Failure>;
}

/// A tree that is to be walked through.
#[derive(Debug)]
pub(crate) struct Tree {
    parent: Directory,
    name: CString,
    /// Names that are left out wherever they stand below the top.
    exclude: Vec<CString>,
    mounts: Mounts,
    /// The number of the mount that is not left; `None` when the kernel does not tell it.
    mount: OnceLock<Option<u64>>,
    /// Only the top is visited.
    shallow: bool,
    threads: usize,
}

impl Root {
    /// The tree with its top at `path`. Names in `exclude` are left out wherever they stand below the top.
    pub(crate) fn tree(&self, path: &Path, exclude: &[String], mounts: Mounts) -> Result<Tree, Error> {
        let (parent, name) = self.parent(path)?;
        let exclude = exclude.iter().filter_map(|name| CString::new(name.as_str()).ok()).collect();
        Ok(Tree { exclude, ..Tree::of(&parent, name, mounts)? })
    }
}

impl Tree {
    /// The tree with its top at an entry of `directory`, or with `.` at the directory itself.
    pub(crate) fn of(directory: &Directory, name: &OsStr, mounts: Mounts) -> Result<Self, Error> {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let tree = Self {
            name: null_terminated(name, directory)?,
            parent: directory.try_clone()?,
            exclude: Vec::new(),
            mounts,
            mount: OnceLock::new(),
            shallow: false,
            threads: processors.clamp(*THREADS.start(), *THREADS.end()),
        };
        if mounts == Mounts::Refuse {
            let _ = tree.mount.set(tree.parent.own_status()?.mount);
        }
        Ok(tree)
    }

    /// The same walk over nothing but the top.
    pub(crate) fn shallow(self) -> Self {
        Self { shallow: true, ..self }
    }

    /// The same walk by one thread, so that the order is always the same.
    pub(crate) fn in_order(self) -> Self {
        Self { threads: 1, ..self }
    }

    /// Walks through the tree.
    pub(crate) fn walk<V: Visitor>(&self, visitor: &V) -> Result<(), Failure> {
        if self.shallow {
            return visitor.visit(&self.place(&self.parent, &self.name, true), None);
        }
        threads::Walk::new(self, visitor).run()
    }

    fn place<'a>(&self, directory: &'a Directory, name: &'a CStr, is_top: bool) -> Place<'a> {
        Place { directory, name, is_top, mounts: self.mounts }
    }

    /// Enters a directory; `None` when it is left out, or was visited as what it has become.
    fn enter<V: Visitor>(
        &self,
        visitor: &V,
        place: &Place<'_>,
        above: Option<&V::Kept>,
    ) -> Result<Option<(Directory, V::Kept)>, Failure> {
        let directory = match self.open(place) {
            Ok(directory) => directory,
            Err(error) => {
                match error.cause() {
                    Cause::MountPoint if self.mounts == Mounts::Skip => visitor.skipped(place),
                    Cause::System(Errno::ENOTDIR) | Cause::Is(_) => visitor.visit(place, above)?,
                    _ if error.is_not_found() && !place.is_top => {}
                    _ => visitor.refused(error)?,
                }
                return Ok(None);
            }
        };
        Ok(visitor.enter(place, &directory, above)?.map(|kept| (directory, kept)))
    }

    fn open(&self, place: &Place<'_>) -> Result<Directory, Error> {
        let (parent, name) = (place.directory, text_of(place.name));
        if self.mounts == Mounts::Cross {
            return parent.enter_directory(name);
        }
        if self.mounts == Mounts::Skip && place.is_top {
            let directory = parent.enter_directory(name)?;
            let _ = self.mount.set(directory.own_status()?.mount);
            return Ok(directory);
        }
        let Some(Some(mount)) = self.mount.get() else {
            return parent.enter_same_mount(name);
        };
        let directory = parent.enter_directory(name)?;
        if directory.own_status()?.mount != Some(*mount) {
            return Err(Error::rule(Cause::MountPoint, directory.path()));
        }
        Ok(directory)
    }

    /// Visits what a directory holds but for the directories, which are handed out; `None` when it could not be read.
    fn visit_entries<V: Visitor>(
        &self,
        visitor: &V,
        directory: &Directory,
        kept: &V::Kept,
        buffer: &mut Buffer,
    ) -> Result<Option<Vec<CString>>, Failure> {
        let mut directories = Vec::new();
        let read = directory.for_each_entry(buffer, |name, kind| {
            if self.exclude.iter().any(|excluded| excluded.as_c_str() == name) {
                return Ok(ControlFlow::Continue(()));
            }
            let kind = match kind {
                Some(kind) => Some(kind),
                None => directory.status(name)?.map(|status| status.metadata.kind),
            };
            match kind {
                Some(FileKind::Directory) => directories.push(name.to_owned()),
                Some(_) => visitor.visit(&self.place(directory, name, false), Some(kept)).map_err(Stop::Visitor)?,
                None => {}
            }
            Ok(ControlFlow::Continue(()))
        });
        match read {
            Ok(()) => Ok(Some(directories)),
            Err(Stop::Kernel(error)) => visitor.refused(error).map(|()| None),
            Err(Stop::Visitor(failure)) => Err(failure),
        }
    }
}

/// Why a directory was not read to its end.
enum Stop {
    Kernel(Error),
    Visitor(Failure),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Kernel(error)
    }
}

fn null_terminated(name: &OsStr, directory: &Directory) -> Result<CString, Error> {
    CString::new(name.as_bytes()).map_err(|_| directory.error(Errno::EINVAL, name, "openat", format_args!("")))
}
