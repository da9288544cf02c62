//! Several files that wait for the disk together.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::write::Unpublished;
use super::{Attributes, Content, Directory, Error, Identity, Root, Written};

/// Files that are held under temporary names before they are published. Each is an open descriptor.
const FILES: usize = 128;
/// Directories that are held until their names are on the disk. Each is an open descriptor.
const DIRECTORIES: usize = 64;
/// How many wait for the disk at once, and how many files are worth one more: a thread costs more than a file that lies in memory.
const WAITERS: usize = 4;
const FILES_A_WAITER: usize = 8;

/// Files that are written one after the other, and wait for the disk together. Each is on the disk before it gets its name, at
/// the latest with [`finish`](Batch::finish); that the names themselves survive a loss of power is certain only after it. One
/// that was lost is written again by the next run.
pub(crate) struct Batch<'root> {
    root: &'root Root,
    /// In the order in which they were written, each with its path.
    files: Vec<(PathBuf, Unpublished<Arc<Directory>>)>,
    directories: Vec<(Identity, Arc<Directory>)>,
}

/// A path that could not be written, which may be that of an earlier file.
pub(crate) struct Unwritten {
    pub(crate) path: PathBuf,
    pub(crate) error: Error,
}

impl Root {
    pub(crate) fn batch(&self) -> Batch<'_> {
        Batch { root: self, files: Vec::new(), directories: Vec::new() }
    }
}

impl Batch<'_> {
    /// Writes a file. The last element of `path` is never followed: a link is replaced.
    pub(crate) fn write(&mut self, path: &Path, content: &[u8], attributes: Attributes) -> Result<Written, Unwritten> {
        let cannot = |error| Unwritten { path: path.to_owned(), error };
        let (directory, name) = self.root.parent(path).map_err(cannot)?;
        // What cannot be swept does no harm.
        let _ = self.root.sweep_directory(&directory);
        let identity = directory.own_metadata().map_err(cannot)?.identity();
        let directory = self.hold(identity, directory)?;
        match Unpublished::write(directory, name, Content::Bytes(content), attributes).map_err(cannot)? {
            None => Ok(Written::InPlace),
            Some(file) => {
                self.files.push((path.to_owned(), file));
                if self.files.len() == FILES {
                    self.publish()?;
                }
                Ok(Written::Replaced)
            }
        }
    }

    /// Publishes what is left, and makes the names of all files survive a loss of power.
    pub(crate) fn finish(mut self) -> Result<(), Unwritten> {
        let published = self.publish();
        published.and(self.synchronize())
    }

    fn hold(&mut self, identity: Identity, directory: Directory) -> Result<Arc<Directory>, Unwritten> {
        if let Some((_, held)) = self.directories.iter().find(|(held, _)| *held == identity) {
            return Ok(Arc::clone(held));
        }
        if self.directories.len() == DIRECTORIES {
            self.publish()?;
            self.synchronize()?;
        }
        let directory = Arc::new(directory);
        self.directories.push((identity, Arc::clone(&directory)));
        Ok(directory)
    }

    /// Gives the files their names, up to the first one that did not get to the disk.
    fn publish(&mut self) -> Result<(), Unwritten> {
        let files = std::mem::take(&mut self.files);
        let mut failures = wait_for_all(&files, |(_, file)| file.synchronize());
        for (index, (path, file)) in files.into_iter().enumerate() {
            let published = failures.remove(&index).map_or_else(|| file.publish(), Err);
            published.map_err(|error| Unwritten { path, error })?;
        }
        Ok(())
    }

    fn synchronize(&mut self) -> Result<(), Unwritten> {
        let directories = std::mem::take(&mut self.directories);
        match wait_for_all(&directories, |(_, directory)| directory.sync()).pop_first() {
            Some((index, error)) => Err(Unwritten { path: directories[index].1.path().to_owned(), error }),
            None => Ok(()),
        }
    }
}

/// Waits for each, and returns what failed by its index. One after the other each would have the disk empty its cache; those
/// that wait at the same time share that.
fn wait_for_all<T: Sync>(items: &[T], wait: impl Fn(&T) -> Result<(), Error> + Sync) -> BTreeMap<usize, Error> {
    let (next, failures) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    let work = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(index) else { return };
            if let Err(error) = wait(item) {
                failures.lock().unwrap_or_else(PoisonError::into_inner).insert(index, error);
            }
        }
    };
    thread::scope(|scope| {
        for _ in 1..(items.len() / FILES_A_WAITER).min(WAITERS) {
            // Where no more threads are allowed, fewer wait at once.
            let _ = thread::Builder::new().spawn_scoped(scope, work);
        }
        work();
    });
    failures.into_inner().unwrap_or_else(PoisonError::into_inner)
}
