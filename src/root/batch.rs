//! Several files that wait for the disk together.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::disk::wait_for_all;
use super::replica::Likeness;
use super::write::Unpublished;
use super::{Attributes, Content, Directory, Error, Growing, Identity, Root, Written};

/// Files that are held under temporary names before they are published. Each is an open descriptor.
const FILES: usize = 128;
/// Directories that are held until their names are on the disk. Each is an open descriptor.
const DIRECTORIES: usize = 64;

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
        let directory = self.hold(&directory)?;
        let file = Unpublished::write(directory, name, Content::Bytes(content), attributes).map_err(cannot)?;
        self.add(path, file)
    }

    /// Begins a file that comes in pieces, to be completed with [`complete`](Batch::complete).
    pub(crate) fn grow(&mut self, directory: &Directory) -> Result<Growing<Arc<Directory>>, Unwritten> {
        let path = directory.path().to_owned();
        Growing::begin(self.hold(directory)?).map_err(|error| Unwritten { path, error })
    }

    /// Ends a file that came in pieces; `path` is for messages. Stops with EINTR when `interrupted` says so.
    pub(crate) fn complete(
        &mut self,
        file: Growing<Arc<Directory>>,
        name: &OsStr,
        path: &Path,
        attributes: Attributes,
        interrupted: &dyn Fn() -> bool,
    ) -> Result<Written, Unwritten> {
        let file = file.complete(name, attributes, interrupted);
        self.add(path, file.map_err(|error| Unwritten { path: path.to_owned(), error })?)
    }

    /// Makes a directory in `directory`; one that exists gets the attributes.
    pub(crate) fn make(
        &mut self,
        directory: &Directory,
        name: &OsStr,
        attributes: Attributes,
    ) -> Result<(), Unwritten> {
        self.change(directory, name, |directory| directory.make_unsynchronized(name, attributes).map(|_| ()))
    }

    /// Makes a symbolic link, also in place of a file.
    pub(crate) fn link(
        &mut self,
        directory: &Directory,
        name: &OsStr,
        target: &OsStr,
        attributes: Attributes,
    ) -> Result<(), Unwritten> {
        let likeness = Likeness { attributes, ..Likeness::default() };
        self.change(directory, name, |directory| directory.copy_link(name, target, likeness))
    }

    /// Gives a file of the directory `from`, which has to be published, a further name.
    pub(crate) fn hard_link(
        &mut self,
        directory: &Directory,
        name: &OsStr,
        from: &Directory,
        target: &OsStr,
    ) -> Result<(), Unwritten> {
        self.change(directory, name, |directory| directory.hard_link(name, from, target))
    }

    /// Has a directory whose owner or mode was changed wait for the disk with the others.
    pub(crate) fn wait_for_directory(&mut self, directory: &Directory) -> Result<(), Unwritten> {
        self.hold(directory).map(|_| ())
    }

    /// Changes a name at once; the directory waits for the disk with the others.
    fn change(
        &mut self,
        directory: &Directory,
        name: &OsStr,
        change: impl FnOnce(&Directory) -> Result<(), Error>,
    ) -> Result<(), Unwritten> {
        let directory = self.hold(directory)?;
        change(&directory).map_err(|error| Unwritten { path: directory.child(name), error })
    }

    /// Publishes what is left, and makes the names of all files survive a loss of power.
    pub(crate) fn finish(mut self) -> Result<(), Unwritten> {
        let published = self.publish();
        published.and(self.synchronize())
    }

    fn add(&mut self, path: &Path, file: Option<Unpublished<Arc<Directory>>>) -> Result<Written, Unwritten> {
        let Some(file) = file else { return Ok(Written::InPlace) };
        file.begin_writing_out();
        self.files.push((path.to_owned(), file));
        if self.files.len() == FILES {
            self.publish()?;
        }
        Ok(Written::Replaced)
    }

    fn hold(&mut self, directory: &Directory) -> Result<Arc<Directory>, Unwritten> {
        let cannot = |error| Unwritten { path: directory.path().to_owned(), error };
        let identity = directory.own_metadata().map_err(cannot)?.identity();
        if let Some((_, held)) = self.directories.iter().find(|(held, _)| *held == identity) {
            return Ok(Arc::clone(held));
        }
        if self.directories.len() == DIRECTORIES {
            self.publish()?;
            self.synchronize()?;
        }
        let directory = Arc::new(directory.try_clone().map_err(cannot)?);
        self.directories.push((identity, Arc::clone(&directory)));
        Ok(directory)
    }

    /// Gives the files their names, up to the first one that did not get to the disk.
    pub(crate) fn publish(&mut self) -> Result<(), Unwritten> {
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
