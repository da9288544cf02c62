//! Copies that wait for the disk together, made by several threads.

use std::ffi::OsStr;
use std::fmt;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use super::batch::Unwritten;
use super::disk::{begin_writing_out, synchronize, wait_for_all};
use super::replica::{Likeness, Original};
use super::write::Unpublished;
use super::{Directory, Written};

/// How many wait before those who added them wait with them. Each is an open descriptor, and each thread may hold as many.
const LIMIT: usize = 64;

/// Copies that are not on the disk yet.
#[derive(Default)]
pub(crate) struct Waiting(Mutex<Vec<Copied>>);

enum Copied {
    /// In a hidden directory; or such a directory itself.
    Hidden(PathBuf, OwnedFd),
    /// In a directory that others see: it gets its name when it is on the disk.
    Unpublished(PathBuf, Arc<Directory>, Unpublished<Arc<Directory>>),
    /// A directory in which names were changed.
    Names(Arc<Directory>),
}

impl fmt::Debug for Waiting {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Waiting").finish_non_exhaustive()
    }
}

impl Waiting {
    /// Makes a copy in a hidden directory.
    pub(crate) fn copy_within(
        &self,
        directory: &Directory,
        name: &OsStr,
        original: Original<'_>,
        likeness: Likeness,
    ) -> Result<Written, Unwritten> {
        let path = directory.child(name);
        let fd = match directory.copy_within(name, &path, original, likeness) {
            Ok(fd) => fd,
            Err(error) => return Err(Unwritten { path, error }),
        };
        begin_writing_out(&fd);
        self.add(Copied::Hidden(path, fd))?;
        Ok(Written::Replaced)
    }

    /// A hidden directory, with all names in it.
    pub(crate) fn add_hidden(&self, directory: Directory) -> Result<(), Unwritten> {
        self.add(Copied::Hidden(directory.path().to_owned(), directory.fd))
    }

    /// Makes a copy that replaces what has the name. What is mounted there is overwritten.
    pub(crate) fn copy(
        &self,
        directory: &Arc<Directory>,
        name: &OsStr,
        original: Original<'_>,
        likeness: Likeness,
    ) -> Result<Written, Unwritten> {
        let path = directory.child(name);
        let cannot = |error| Unwritten { path: path.clone(), error };
        match Unpublished::copy(Arc::clone(directory), name, original, likeness).map_err(cannot)? {
            None => Ok(Written::InPlace),
            Some(file) => {
                file.begin_writing_out();
                self.add(Copied::Unpublished(path, Arc::clone(directory), file))?;
                Ok(Written::Replaced)
            }
        }
    }

    /// Names in this directory were changed.
    pub(crate) fn add_names(&self, directory: Arc<Directory>) -> Result<(), Unwritten> {
        self.add(Copied::Names(directory))
    }

    fn add(&self, copied: Copied) -> Result<(), Unwritten> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.push(copied);
        if waiting.len() < LIMIT {
            return Ok(());
        }
        let taken = std::mem::take(&mut *waiting);
        drop(waiting);
        settle(taken)
    }

    /// Waits until all are on the disk, and gives those their names that wait for that.
    pub(crate) fn settle(&self) -> Result<(), Unwritten> {
        settle(std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}

fn settle(all: Vec<Copied>) -> Result<(), Unwritten> {
    let mut failures = wait_for_all(&all, |copied| match copied {
        Copied::Hidden(path, fd) => synchronize(fd, path),
        Copied::Unpublished(_, _, file) => file.synchronize(),
        Copied::Names(_) => Ok(()),
    });
    let mut changed: Vec<Arc<Directory>> = Vec::new();
    for (index, copied) in all.into_iter().enumerate() {
        let (path, directory, result) = match (copied, failures.remove(&index)) {
            (Copied::Hidden(path, _), failure) => (path, None, failure.map_or(Ok(()), Err)),
            (Copied::Unpublished(path, directory, file), failure) => {
                (path, Some(directory), failure.map_or_else(|| file.publish(), Err))
            }
            (Copied::Names(directory), _) => (directory.path().to_owned(), Some(directory), Ok(())),
        };
        result.map_err(|error| Unwritten { path, error })?;
        changed.extend(directory.filter(|directory| !changed.iter().any(|held| Arc::ptr_eq(held, directory))));
    }
    match wait_for_all(&changed, |directory| directory.sync()).pop_first() {
        Some((index, error)) => Err(Unwritten { path: changed[index].path().to_owned(), error }),
        None => Ok(()),
    }
}

impl Directory {
    /// Makes a copy that replaces what has the name, and waits until it is on the disk.
    pub(crate) fn copy(&self, name: &OsStr, original: Original<'_>, likeness: Likeness) -> Result<Written, Unwritten> {
        let written = match Unpublished::copy(self, name, original, likeness) {
            Ok(None) => Ok(Written::InPlace),
            Ok(Some(file)) => {
                file.synchronize().and_then(|()| file.publish()).and_then(|()| self.sync()).map(|()| Written::Replaced)
            }
            Err(error) => Err(error),
        };
        written.map_err(|error| Unwritten { path: self.child(name), error })
    }
}
