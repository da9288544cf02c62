//! Several files, with one request to the disk for each directory in place of one for each file.

use std::path::Path;

use super::{Attributes, Content, Directory, Error, Identity, Root, Written};

/// Files that are written one after the other. Each is on the disk before it gets its name; that the names themselves survive
/// a loss of power is certain after [`finish`](Batch::finish). One that was lost is written again by the next run.
pub(crate) struct Batch<'root> {
    root: &'root Root,
    /// The directory of the last file: only one is held, however many there are.
    last: Option<(Identity, Directory)>,
}

impl Root {
    pub(crate) fn batch(&self) -> Batch<'_> {
        Batch { root: self, last: None }
    }
}

impl Batch<'_> {
    /// Writes a file. The last element of `path` is never followed: a link is replaced.
    pub(crate) fn write(&mut self, path: &Path, content: &[u8], attributes: Attributes) -> Result<Written, Error> {
        let (directory, name) = self.root.parent(path)?;
        // What cannot be swept does no harm.
        let _ = self.root.sweep_directory(&directory);
        let identity = directory.own_metadata()?.identity();
        if self.last.as_ref().is_some_and(|(last, _)| *last != identity) {
            self.synchronize()?;
        }
        let written = directory.write_unsynchronized(name, Content::Bytes(content), attributes)?;
        if written == Written::Replaced {
            self.last = Some((identity, directory));
        }
        Ok(written)
    }

    /// Makes the names of all files survive a loss of power.
    pub(crate) fn finish(mut self) -> Result<(), Error> {
        self.synchronize()
    }

    fn synchronize(&mut self) -> Result<(), Error> {
        self.last.take().map_or(Ok(()), |(_, directory)| directory.sync())
    }
}
