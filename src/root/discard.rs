//! Taking away a directory of our own that nobody needs any more.

use std::ffi::OsStr;
use std::sync::{Mutex, PoisonError};

use super::Directory;
use super::error::Error;
use super::tree::{Mounts, Place, Tree, Visitor};
use crate::failure::Failure;

/// Removes a directory with everything in it. Nothing is followed, and nothing is removed that is mounted in it.
pub(super) fn discard(directory: &Directory, name: &OsStr) -> Result<(), Error> {
    let walk = Discard { refused: Mutex::new(None) };
    // Why it stopped is in `refused`.
    let _ = Tree::of(directory, name, Mounts::Refuse)?.in_order().walk(&walk);
    walk.refused.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
}

struct Discard {
    refused: Mutex<Option<Error>>,
}

impl Discard {
    fn settle(&self, result: Result<(), Error>) -> Result<(), Failure> {
        match result {
            Err(error) if !error.is_not_found() => {
                let failure = error.cannot("remove", super::shown(error.path()));
                self.refused.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                Err(failure)
            }
            _ => Ok(()),
        }
    }
}

impl Visitor for Discard {
    type Kept = ();

    /// What has the mode of its original already may have one that keeps us from removing what it holds.
    fn enter(&self, _place: &Place<'_>, directory: &Directory, _above: Option<&()>) -> Result<Option<()>, Failure> {
        // If that fails, so does the removal, which tells more.
        let _ = directory.open_up();
        Ok(Some(()))
    }

    fn visit(&self, place: &Place<'_>, _above: Option<&()>) -> Result<(), Failure> {
        self.settle(place.remove())
    }

    fn leave(&self, place: &Place<'_>, _directory: &Directory, _kept: &()) -> Result<(), Failure> {
        self.settle(place.remove_directory())
    }

    fn refused(&self, error: Error) -> Result<(), Failure> {
        self.settle(Err(error))
    }
}
