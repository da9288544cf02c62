//! Files that tell that the rest is complete.

use std::path::PathBuf;

use super::level::Slot;
use super::{Copy, Failure};
use crate::root::{Directory, File, Metadata, Root, Source, shown};

/// A file that is copied when all others are on the disk.
pub(super) struct Last {
    file: File,
    metadata: Metadata,
    source_path: PathBuf,
    path: PathBuf,
}

impl Copy<'_> {
    /// Opens the files before anything is copied: without them the copy could never be complete. Links are followed in the
    /// tree only.
    pub(super) fn open_last(&self, source: &Directory) -> Result<Vec<Last>, Failure> {
        let mut all = Vec::new();
        for last in &self.spec.last {
            let source_path = source.path().join(last.as_path());
            let opened = Root::below(source).and_then(|tree| tree.source(last.as_path()));
            match opened.map_err(|error| self.source_failure(&error, &source_path).at(last.span))? {
                Source::File(file, metadata) => {
                    let path = self.spec.path.as_path().join(last.as_path());
                    all.push(Last { file, metadata, source_path, path });
                }
                Source::Directory(_) => {
                    let failure = self.refusal(&self.spec.path.as_path().join(last.as_path()), "is a directory");
                    return Err(failure
                        .at(last.span)
                        .hint(format!("`last` takes files: `{}` is none", shown(&source_path))));
                }
            }
        }
        Ok(all)
    }

    pub(super) fn copy_last(&self, last: &Last) -> Result<(), Failure> {
        let Last { file, metadata, source_path, path } = last;
        let (target, name) = self.holder(path)?;
        self.file(
            self.original(file, metadata, source_path.as_path().into()),
            &Slot { target: &target, hidden: None, name, path },
        )?;
        self.settle()?;
        self.name_further()
    }
}
