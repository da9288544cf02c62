//! New directories, and the further names of files in them, which are made before anybody sees them.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::{Copy, Failure, Sign};
use crate::root::{Directory, Error, Hidden, shown};
use crate::spec::Preserve;

/// A directory that gets its name when everything is in it.
pub(super) struct Unseen {
    pub(super) hidden: Hidden,
    /// The path that it is to have.
    path: PathBuf,
    /// Further names in it of files that have their first one in it too, each with that one.
    further: Mutex<Vec<(PathBuf, PathBuf)>>,
}

impl Unseen {
    pub(super) fn new(hidden: Hidden, path: PathBuf) -> Self {
        Self { hidden, path, further: Mutex::default() }
    }

    pub(super) fn holds(&self, path: &Path) -> bool {
        path.starts_with(&self.path)
    }

    pub(super) fn add_further(&self, path: PathBuf, first: PathBuf) {
        self.further.lock().unwrap_or_else(PoisonError::into_inner).push((path, first));
    }

    /// The directory in it that holds `path`, reached from itself. Those on the way that would not let us through are opened up.
    fn parent(&self, top: &Directory, path: &Path, opened: &mut Opened) -> Result<Directory, Error> {
        let way = path.parent().and_then(|parent| parent.strip_prefix(&self.path).ok()).unwrap_or(Path::new(""));
        way.iter().try_fold(top.try_clone()?, |directory, name| {
            let directory = directory.enter(name)?;
            if let Some(mode) = directory.open_up()? {
                opened.0.push((directory.try_clone()?, mode));
            }
            Ok(directory)
        })
    }
}

/// Directories that were opened up, with the modes that they had.
#[derive(Default)]
struct Opened(Vec<(Directory, u32)>);

impl Opened {
    fn close_up(self) -> Result<(), Error> {
        self.0.into_iter().rev().try_for_each(|(directory, mode)| directory.close_up(mode))
    }
}

impl Copy<'_> {
    /// Makes the further names in a new directory, which is `top`: everything else is in it, and it has not got its mode.
    pub(super) fn name_within(&self, unseen: &Unseen, top: &Directory) -> Result<(), Failure> {
        let mut further = std::mem::take(&mut *unseen.further.lock().unwrap_or_else(PoisonError::into_inner));
        further.sort_unstable();
        further
            .chunk_by(|(one, _), (other, _)| one.parent() == other.parent())
            .try_for_each(|names| self.name_beside(unseen, top, names))
    }

    /// Makes further names that lie in one directory.
    fn name_beside(&self, unseen: &Unseen, top: &Directory, names: &[(PathBuf, PathBuf)]) -> Result<(), Failure> {
        let Some((path, _)) = names.first() else { return Ok(()) };
        let failure = |error: Error| self.failure(&error, path);
        let mut opened = Opened::default();
        let directory = unseen.parent(top, path, &mut opened).map_err(failure)?;
        let before = directory.own_metadata().map_err(failure)?;
        for (path, first) in names {
            self.context.check_interrupt()?;
            self.record(Sign::Create, path, || format!("another name of `{}`", shown(first)));
            let from = unseen.parent(top, first, &mut opened).map_err(|error| self.failure(&error, first))?;
            let linked = directory.hard_link_within(name_of(path), &from, name_of(first));
            linked.map_err(|error| self.failure(&error, path))?;
        }
        // The names were in the source when the time of their directory was copied.
        if self.spec.preserves(Preserve::Times) {
            directory.set_modified(before.modified).map_err(failure)?;
        }
        opened.close_up().map_err(failure)?;
        let added = unseen.hidden.waiting.add_names(Arc::new(directory));
        added.map_err(|unwritten| self.unwritten(&unwritten))
    }
}

fn name_of(path: &Path) -> &OsStr {
    path.file_name().unwrap_or_default()
}
