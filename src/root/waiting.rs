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
    let (changed, published) = publish(all);
    let unsynchronized = wait_for_all(&changed, |directory| directory.sync()).pop_first();
    published.and(unsynchronized.map_or(Ok(()), |(index, error)| {
        let path = changed[index].path().to_owned();
        Err(Unwritten { path, error })
    }))
}

/// Gives the copies their names, up to the first one that failed. All directories in which names were changed, which have to
/// get to the disk also then.
fn publish(all: Vec<Copied>) -> (Vec<Arc<Directory>>, Result<(), Unwritten>) {
    let mut failures = wait_for_all(&all, |copied| match copied {
        Copied::Hidden(path, fd) => synchronize(fd, path),
        Copied::Unpublished(_, _, file) => file.synchronize(),
        Copied::Names(_) => Ok(()),
    });
    let (mut changed, mut published) = (Vec::<Arc<Directory>>::new(), Ok(()));
    for (index, copied) in all.into_iter().enumerate() {
        let failure = failures.remove(&index).map_or(Ok(()), Err);
        let (path, directory, result) = match copied {
            Copied::Hidden(path, _) => (path, None, failure),
            Copied::Unpublished(..) if published.is_err() => continue,
            Copied::Unpublished(path, directory, file) => {
                (path, Some(directory), failure.and_then(|()| file.publish()))
            }
            Copied::Names(directory) => (directory.path().to_owned(), Some(directory), Ok(())),
        };
        if let Err(error) = result {
            published = published.and(Err(Unwritten { path, error }));
        } else {
            changed.extend(directory.filter(|directory| !changed.iter().any(|held| Arc::ptr_eq(held, directory))));
        }
    }
    (changed, published)
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

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::path::Path;
    use std::sync::{Arc, PoisonError};

    use super::super::tests::Scratch;
    use super::super::write::Unpublished;
    use super::super::{Attributes, Content, Directory};
    use super::{Copied, Waiting, publish};

    #[test]
    fn a_failure_keeps_no_directory_from_the_disk() {
        let scratch = Scratch::new();
        let root = scratch.root();
        let directory = |name: &str| {
            scratch.directory(name);
            Arc::new(root.top().enter(OsStr::new(name)).unwrap())
        };
        let waiting = Waiting::default();
        let add = |directory: &Arc<Directory>| {
            let content = Content::Bytes(b"new");
            let file = Unpublished::write(Arc::clone(directory), OsStr::new("file"), content, Attributes::default());
            let path = directory.child(OsStr::new("file"));
            assert!(waiting.add(Copied::Unpublished(path, Arc::clone(directory), file.unwrap().unwrap())).is_ok());
        };
        for name in ["named", "refused", "later"] {
            add(&directory(name));
        }
        assert!(waiting.add_names(directory("linked")).is_ok());
        // What has the name by now cannot be replaced.
        scratch.directory("refused/file");
        let all = std::mem::take(&mut *waiting.0.lock().unwrap_or_else(PoisonError::into_inner));
        let (changed, published) = publish(all);
        let changed: Vec<&Path> = changed.iter().map(|directory| directory.path()).collect();
        assert_eq!(changed, [Path::new("/named"), Path::new("/linked")]);
        assert_eq!(published.err().unwrap().path, Path::new("/refused/file"));
        assert_eq!(scratch.names("later"), Vec::<String>::new());
    }
}
