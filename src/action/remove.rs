//! `remove`: nothing is there.

#[cfg(test)]
mod tests;

use super::{Change, Context, Difference, Outcome, Perform, Sign};
use crate::failure::{Failure, Kind};
use crate::root::{Error, FileKind, Mounts};
use crate::spec::RemoveSpec;

/// How often a tree is walked again when something appeared in it meanwhile, or a file system did not list all at once.
const WALK_LIMIT: u32 = 3;

impl Perform for RemoveSpec {
    type Work = ();

    fn observe(&self, context: &Context) -> Result<Change<()>, Failure> {
        let (parent, name) = match context.root.parent(self.path.as_path()) {
            Ok(found) => found,
            Err(error) if error.is_absent() => return Ok(Change::new(Vec::new(), ())),
            Err(error) => return Err(self.failure(&error)),
        };
        if name == "." {
            return Err(self.refusal("is the root directory"));
        }
        let Some(metadata) = parent.metadata(name).map_err(|error| self.failure(&error))? else {
            return Ok(Change::new(Vec::new(), ()));
        };
        if parent.is_mount(name).map_err(|error| self.failure(&error))? {
            return Err(self.refusal("is a mount point"));
        }
        let mut detail = metadata.kind.to_string();
        if metadata.kind == FileKind::Directory {
            let directory = parent.enter(name).map_err(|error| self.failure(&error))?;
            let empty = directory.is_empty().map_err(|error| self.failure(&error))?;
            if !empty && !self.recursive {
                return Err(self
                    .refusal("directory not empty")
                    .hint("set `recursive: true` to remove everything in it"));
            }
            if !empty {
                detail.push_str(" with everything in it");
            }
        }
        Ok(Change::new(vec![Difference::new(Sign::Delete, self.path.as_str(), detail)], ()))
    }

    fn apply(&self, _change: Change<()>, context: &Context) -> Result<Outcome, Failure> {
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

impl RemoveSpec {
    /// Removes the tree; `false` when something was left in a directory and it is not the last try.
    fn remove_tree(&self, context: &Context, removed: &mut u64, last_try: bool) -> Result<bool, Failure> {
        let mut tree =
            context.root.tree(self.path.as_path(), &[], Mounts::Refuse).map_err(|error| self.failure(&error))?;
        loop {
            context.check_interrupt()?;
            let visit = match tree.next() {
                Ok(Some(visit)) => visit,
                Ok(None) => return Ok(true),
                Err(error) if error.is_not_found() => return Ok(true),
                Err(error) => return Err(self.failure(&error)),
            };
            match visit.remove() {
                Ok(()) => *removed += 1,
                Err(error) if error.is_not_found() => {}
                Err(error) if error.is_not_empty() && !last_try => return Ok(false),
                Err(error) => return Err(self.failure(&error)),
            }
        }
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
