//! Files that have several names in the source.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::level::Slot;
use super::{Copy, Failure, Sign};
use crate::root::{Error, Identity, Metadata, shown};
use crate::spec::{IfExists, Preserve};

/// The first name of each file that has several, and the further ones with it. Lies in memory: it is only kept on request.
#[derive(Default)]
pub(super) struct Further(Mutex<Names>);

#[derive(Default)]
struct Names {
    first: HashMap<Identity, PathBuf>,
    further: Vec<(PathBuf, PathBuf)>,
}

impl Copy<'_> {
    /// Whether this is a further name of a file that is copied already. It is made when everything else is in the new directory
    /// that holds both, or else when that file has its own name.
    pub(super) fn is_further(&self, original: &Metadata, slot: &Slot<'_>) -> bool {
        if original.links < 2 || !self.spec.preserves(Preserve::HardLinks) {
            return false;
        }
        let mut names = self.further.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(first) = names.first.get(&original.identity()).cloned() else {
            names.first.insert(original.identity(), slot.path.to_owned());
            return false;
        };
        match slot.hidden {
            Some(unseen) if unseen.holds(&first) => unseen.add_further(slot.path.to_owned(), first),
            _ => names.further.push((slot.path.to_owned(), first)),
        }
        true
    }

    /// Makes the further names of files that have their own. The first names are kept: one of `last` may be a further one.
    pub(super) fn name_further(&self) -> Result<(), Failure> {
        let further = std::mem::take(&mut self.further.0.lock().unwrap_or_else(PoisonError::into_inner).further);
        for (path, first) in further {
            self.context.check_interrupt()?;
            self.name_one(&path, &first)?;
        }
        self.settle()
    }

    fn name_one(&self, path: &Path, first: &Path) -> Result<(), Failure> {
        let failure = |error: Error| self.failure(&error, path);
        let (root, policy) = (&self.context.root, self.spec.if_exists);
        let existing = root.metadata(path).map_err(failure)?;
        let of_first = root.metadata(first).map_err(failure)?;
        match existing {
            Some(_) if policy == IfExists::Keep => return Ok(()),
            Some(_) if policy == IfExists::Fail => return Err(self.refusal(path, "it exists")),
            Some(existing) if of_first.is_some_and(|first| first.identity() == existing.identity()) => return Ok(()),
            _ => {}
        }
        let sign = if existing.is_some() { Sign::Modify } else { Sign::Create };
        self.record(sign, path, || format!("another name of `{}`", shown(first)));
        if !self.apply {
            return Ok(());
        }
        let (from, from_name) = root.parent(first).map_err(|error| self.failure(&error, first))?;
        let (directory, name) = root.parent(path).map_err(failure)?;
        let before = directory.own_metadata().map_err(failure)?;
        directory.hard_link(name, &from, from_name).map_err(failure)?;
        // The name was in the source when the time of its directory was copied.
        if self.spec.preserves(Preserve::Times) {
            directory.set_modified(before.modified).map_err(failure)?;
        }
        self.waiting.add_names(Arc::new(directory)).map_err(|unwritten| self.unwritten(&unwritten))
    }
}
