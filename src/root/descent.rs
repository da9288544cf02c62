//! The way down a tree: the directories from its top to the current one.

use std::collections::VecDeque;
use std::ffi::OsStr;

use super::Directory;
use super::error::{Cause, Error};
use super::metadata::Identity;

/// How many directories are kept open. A tree can be deeper than the number of descriptors a process may have.
const OPEN_LIMIT: usize = 32;

/// The directories from the top of a tree to the current one. Of a deep tree only the lowest are open; the ones above are
/// found again through `..` and recognized by their identity, so a directory that was moved away is noticed.
#[derive(Debug)]
pub(crate) struct Descent {
    top: Directory,
    closed: Vec<Identity>,
    open: VecDeque<Directory>,
    limit: usize,
}

impl Descent {
    pub(crate) fn new(top: Directory) -> Self {
        Self { top, closed: Vec::new(), open: VecDeque::new(), limit: OPEN_LIMIT }
    }

    pub(crate) fn current(&self) -> &Directory {
        self.open.back().unwrap_or(&self.top)
    }

    /// Goes down into a directory of the current one.
    pub(crate) fn enter(&mut self, name: &OsStr) -> Result<(), Error> {
        self.descend(self.current().enter(name)?)
    }

    /// Goes on in `directory`, which should be in the current one: only then is a way as long as the limit found back from it.
    pub(crate) fn descend(&mut self, directory: Directory) -> Result<(), Error> {
        if self.open.len() >= self.limit
            && let Some(highest) = self.open.pop_front()
        {
            self.closed.push(highest.own_metadata()?.identity());
        }
        self.open.push_back(directory);
        Ok(())
    }

    /// Goes back up to the directory above; yields the one that was left, `None` at the top.
    pub(crate) fn leave(&mut self) -> Result<Option<Directory>, Error> {
        let Some(left) = self.open.pop_back() else {
            return Ok(None);
        };
        if self.open.is_empty()
            && let Some(identity) = self.closed.pop()
        {
            let above = left.above()?;
            if above.own_metadata()?.identity() != identity {
                return Err(Error::rule(Cause::Changed, above.path()));
            }
            self.open.push_back(above);
        }
        Ok(Some(left))
    }
}
