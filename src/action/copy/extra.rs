//! What is in the target and not in the source.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use super::level::{Level, Target};
use super::{Copy, Failure, Sign};
use crate::root::{Directory, Error, FileKind, Metadata, Mounts, Place, Tree, Visitor, shown};
use crate::spec::VOLUME_NAMES;

impl Copy<'_> {
    /// Removes from a directory of the target what has no counterpart. Mounts stay, and so does what is excluded.
    pub(super) fn remove_extra(&self, source: &Directory, level: &Level) -> Result<(), Failure> {
        let failure = |error: Error| self.failure(&error, &level.path);
        let Some(entries) = level.target.with(Directory::list).transpose().map_err(failure)? else { return Ok(()) };
        for entry in entries {
            self.context.check_interrupt()?;
            let path = level.path.join(&entry.name);
            let is_kept = level.path == self.spec.path.as_path() && VOLUME_NAMES.iter().any(|kept| entry.name == *kept);
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

    /// Removes one object of the target with everything in it, and says so; the answer is no when
    /// something stays: a mount, or what is excluded.
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
        if found.kind == FileKind::Directory {
            let removal = Removal { copy: self, removed: AtomicU64::new(0), kept: Mutex::default() };
            Tree::of(directory, name, Mounts::Skip).map_err(failure)?.walk(&removal)?;
            return Ok(self.record_removal(path, removal));
        }
        self.record(Sign::Delete, path, || found.kind.to_string());
        if self.apply {
            directory.remove(name).map_err(failure)?;
        }
        Ok(true)
    }

    /// Whether all of a directory goes.
    fn record_removal(&self, path: &Path, removal: Removal<'_, '_>) -> bool {
        let is_gone = removal.kept.into_inner().unwrap_or_else(PoisonError::into_inner).is_empty();
        if removal.removed.into_inner() > 0 {
            let what = if is_gone { "everything in it" } else { "what in it is neither excluded nor mounted" };
            self.record(Sign::Delete, path, || {
                if is_gone { format!("{} with {what}", FileKind::Directory) } else { what.to_owned() }
            });
        }
        is_gone
    }
}

/// The walk that removes a directory: what it holds goes first. What is excluded stays with the directories that lead there, and so
/// do mounts.
struct Removal<'w, 'c> {
    copy: &'w Copy<'c>,
    removed: AtomicU64,
    /// Directories in which something stays.
    kept: Mutex<HashSet<PathBuf>>,
}

impl Removal<'_, '_> {
    fn keep(&self, path: &Path) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).extend(path.parent().map(Path::to_owned));
    }

    fn is_kept(&self, path: &Path) -> bool {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).contains(path)
    }

    fn remove(&self, remove: impl FnOnce() -> Result<(), Error>) -> Result<(), Failure> {
        self.removed.fetch_add(1, Ordering::Relaxed);
        if self.copy.apply { self.settle(remove()) } else { Ok(()) }
    }

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

    fn enter(&self, place: &Place<'_>, _directory: &Directory, above: Option<&()>) -> Result<Option<()>, Failure> {
        self.copy.context.check_interrupt()?;
        let path = place.path();
        // The top was looked at already, or is in the way of something that is not excluded.
        if above.is_some() && self.copy.is_excluded(&path) {
            self.keep(&path);
            return Ok(None);
        }
        Ok(Some(()))
    }

    fn visit(&self, place: &Place<'_>, _above: Option<&()>) -> Result<(), Failure> {
        self.copy.context.check_interrupt()?;
        let path = place.path();
        let cannot = |error: Error| error.cannot("remove", shown(&path)).at(self.copy.spec.path.span);
        let Some(status) = place.status().map_err(cannot)? else { return Ok(()) };
        if self.copy.is_excluded(&path) || place.is_left_out(&status).map_err(cannot)? {
            self.keep(&path);
            return Ok(());
        }
        self.remove(|| place.remove())
    }

    fn leave(&self, place: &Place<'_>, _directory: &Directory, _kept: &()) -> Result<(), Failure> {
        let path = place.path();
        if self.is_kept(&path) {
            self.keep(&path);
            return Ok(());
        }
        self.remove(|| place.remove_directory())
    }

    fn skipped(&self, place: &Place<'_>) {
        self.keep(&place.path());
    }

    fn refused(&self, error: Error) -> Result<(), Failure> {
        self.settle(Err(error))
    }
}
