//! `remove`: nothing is there.

#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::{Change, Context, Difference, Outcome, Perform, Sign};
use crate::failure::{Failure, Failures, Kind};
use crate::root::{Directory, Error, FileKind, Mounts, Place, Visitor};
use crate::spec::RemoveSpec;

/// How often a tree is walked again when something appeared in it meanwhile, or a file system did not list all at once.
const WALK_LIMIT: u32 = 3;

impl Perform for RemoveSpec {
    type Work = ();

    fn observe(&self, context: &Context) -> Result<Change<()>, Failures> {
        let (parent, name) = match context.root.parent(self.path.as_path()) {
            Ok(found) => found,
            Err(error) if error.is_absent() => return Ok(Change::new(Vec::new(), ())),
            Err(error) => return Err(self.failure(&error).into()),
        };
        if name == "." {
            return Err(self.refusal("is the root directory").into());
        }
        let Some(metadata) = parent.metadata(name).map_err(|error| self.failure(&error))? else {
            return Ok(Change::new(Vec::new(), ()));
        };
        if parent.is_mount(name).map_err(|error| self.failure(&error))? {
            return Err(self.refusal("is a mount point").into());
        }
        let mut detail = metadata.kind.to_string();
        if metadata.kind == FileKind::Directory {
            let directory = parent.enter(name).map_err(|error| self.failure(&error))?;
            let empty = directory.is_empty().map_err(|error| self.failure(&error))?;
            if !empty && !self.recursive {
                return Err(self
                    .refusal("directory not empty")
                    .hint("set `recursive: true` to remove everything in it")
                    .into());
            }
            if !empty {
                detail.push_str(" with everything in it");
            }
        }
        Ok(Change::new(vec![Difference::new(Sign::Delete, self.path.as_str(), detail)], ()))
    }

    fn apply(&self, _change: Change<()>, context: &Context) -> Result<Outcome, Failures> {
        let mut removed = 0;
        if self.recursive {
            let mut walks = 1;
            while !self.remove_tree(context, &mut removed, walks == WALK_LIMIT)? {
                walks += 1;
            }
        } else {
            context.check_interrupt()?;
            self.remove_one(context).map_err(|error| self.failure(&error))?;
            removed = 1;
        }
        Ok(Outcome::changed(format!("{removed} removed")))
    }
}

/// The walk: what a directory holds goes first, then the directory.
struct Removal<'a> {
    spec: &'a RemoveSpec,
    context: &'a Context,
    is_last_try: bool,
    removed: AtomicU64,
    /// Whether a directory was not empty after everything in it was removed.
    left: AtomicBool,
}

impl Removal<'_> {
    fn settle(&self, result: Result<(), Error>) -> Result<(), Failure> {
        match result {
            Ok(()) => {
                self.removed.fetch_add(1, Ordering::Relaxed);
                Ok(())
            }
            Err(error) if error.is_not_found() => Ok(()),
            Err(error) if error.is_not_empty() && !self.is_last_try => {
                self.left.store(true, Ordering::Relaxed);
                Ok(())
            }
            Err(error) => Err(self.spec.failure(&error)),
        }
    }
}

impl Visitor for Removal<'_> {
    type Kept = ();

    fn enter(&self, _place: &Place<'_>, _directory: &Directory, _above: Option<&()>) -> Result<Option<()>, Failure> {
        self.context.check_interrupt().map(Some)
    }

    fn visit(&self, place: &Place<'_>, _above: Option<&()>) -> Result<(), Failure> {
        self.context.check_interrupt()?;
        self.settle(place.remove())
    }

    fn leave(&self, place: &Place<'_>, _directory: &Directory, _kept: &()) -> Result<(), Failure> {
        self.settle(place.remove_directory())
    }

    fn refused(&self, error: Error) -> Result<(), Failure> {
        self.settle(Err(error))
    }
}

impl RemoveSpec {
    /// Removes the tree; `false` when something was left in a directory and it is not the last try.
    fn remove_tree(&self, context: &Context, removed: &mut u64, is_last_try: bool) -> Result<bool, Failure> {
        let tree = context.root.tree(self.path.as_path(), &[], Mounts::Refuse).map_err(|error| self.failure(&error))?;
        let removal =
            Removal { spec: self, context, is_last_try, removed: AtomicU64::new(0), left: AtomicBool::new(false) };
        tree.walk(&removal)?;
        *removed += removal.removed.into_inner();
        Ok(!removal.left.into_inner())
    }

    fn remove_one(&self, context: &Context) -> Result<(), Error> {
        let (parent, name) = context.root.parent(self.path.as_path())?;
        match parent.metadata(name)? {
            None => Ok(()),
            Some(metadata) if metadata.kind == FileKind::Directory => parent.remove_directory(name),
            Some(_) => parent.remove(name),
        }
    }

    fn refusal(&self, cause: &str) -> Failure {
        let message = format!("cannot remove `{}`: {cause}", self.path.value);
        Failure::new(Kind::FileSystem, message).at(self.path.span)
    }

    /// The failure, with the name of the object inside the tree when it is about one.
    fn failure(&self, error: &Error) -> Failure {
        let path = self.path.as_path();
        let named = if error.path().starts_with(path) { error.path() } else { path };
        error.cannot("remove", crate::root::shown(named)).at(self.path.span)
    }
}
