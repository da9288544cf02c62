//! What is in the target and not in the source.

use std::ffi::OsStr;
use std::path::Path;

use super::level::{Level, Target};
use super::{Copy, Failure, Sign};
use crate::root::{Directory, Error, FileKind, Metadata, Mounts, Place, Tree, Visitor, shown};

/// Names at the top that belong to the file system or to the volume.
const KEPT: [&str; 2] = ["lost+found", ".snapshot"];

impl Copy<'_> {
    /// Removes from a directory of the target what has no counterpart. Mounts stay, and so does what is excluded.
    pub(super) fn remove_extra(&self, source: &Directory, level: &Level) -> Result<(), Failure> {
        let failure = |error: Error| self.failure(&error, &level.path);
        let Some(entries) = level.target.with(Directory::list).transpose().map_err(failure)? else { return Ok(()) };
        for entry in entries {
            self.context.check_interrupt()?;
            let path = level.path.join(&entry.name);
            let is_kept = level.path == self.spec.path.as_path() && KEPT.iter().any(|kept| entry.name == *kept);
            if is_kept || self.is_excluded(&path) || self.is_last(&path) || Directory::is_temporary(&entry.name) {
                continue;
            }
            let original = source.metadata(&entry.name).map_err(|error| self.source_failure(&error, source.path()))?;
            if original.is_some() {
                continue;
            }
            let found = level.target.with(|directory| directory.metadata(&entry.name)).transpose().map_err(failure)?;
            if let Some(metadata) = found.flatten() {
                self.remove(&level.target, &entry.name, &path, &metadata)?;
            }
        }
        Ok(())
    }

    /// Removes one object of the target with everything in it, and says so; the answer is no for a mount, which stays.
    pub(super) fn remove(
        &self,
        target: &Target,
        name: &OsStr,
        path: &Path,
        metadata: &Metadata,
    ) -> Result<bool, Failure> {
        target.with(|directory| self.remove_from(directory, name, path, metadata)).unwrap_or(Ok(true))
    }

    fn remove_from(&self, directory: &Directory, name: &OsStr, path: &Path, found: &Metadata) -> Result<bool, Failure> {
        let failure = |error: Error| error.cannot("remove", shown(path)).at(self.spec.path.span);
        if directory.is_mount(name).map_err(failure)? {
            return Ok(false);
        }
        let is_directory = found.kind == FileKind::Directory;
        self.record(Sign::Delete, path, || {
            let with = if is_directory { " with everything in it" } else { "" };
            format!("{}{with}", found.kind)
        });
        match (self.apply, is_directory) {
            (false, _) => Ok(()),
            (true, false) => directory.remove(name).map_err(failure),
            (true, true) => Tree::of(directory, name, Mounts::Refuse).map_err(failure)?.walk(&Removal { copy: self }),
        }
        .map(|()| true)
    }
}

/// The walk that removes a directory: what it holds goes first.
struct Removal<'w, 'c> {
    copy: &'w Copy<'c>,
}

impl Removal<'_, '_> {
    fn settle(&self, result: Result<(), Error>) -> Result<(), Failure> {
        match result {
            Err(error) if !error.is_not_found() => {
                Err(error.cannot("remove", shown(error.path())).at(self.copy.spec.path.span))
            }
            _ => Ok(()),
        }
    }
}

impl Visitor for Removal<'_, '_> {
    type Kept = ();

    fn enter(&self, _place: &Place<'_>, _directory: &Directory, _above: Option<&()>) -> Result<Option<()>, Failure> {
        self.copy.context.check_interrupt().map(Some)
    }

    fn visit(&self, place: &Place<'_>, _above: Option<&()>) -> Result<(), Failure> {
        self.copy.context.check_interrupt()?;
        self.settle(place.remove())
    }

    fn leave(&self, place: &Place<'_>, _directory: &Directory, _kept: &()) -> Result<(), Failure> {
        self.settle(place.remove_directory())
    }

    fn refused(&self, error: Error) -> Result<(), Failure> {
        self.settle(Err(error))
    }
}
