//! Files that have several names in the source.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::file::Found;
use super::level::{Slot, Target};
use super::{Copy, Failure, Sign};
use crate::root::{Error, Identity, Metadata, shown};
use crate::spec::Preserve;

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
        let root = &self.context.root;
        let of_first = root.metadata(first).map_err(failure)?;
        let (target, name) = self.holder(path)?;
        let existing = match self.find(&Slot { target: &target, hidden: None, name, path })? {
            Found::Kept => return Ok(()),
            Found::Nothing => None,
            Found::Replaceable(metadata) => Some(metadata),
        };
        if existing.is_some_and(|found| of_first.is_some_and(|first| first.identity() == found.identity())) {
            return Ok(());
        }
        let sign = if existing.is_some() { Sign::Modify } else { Sign::Create };
        self.record(sign, path, || format!("another name of `{}`", shown(first)));
        let (Target::Held(directory), true) = (target, self.apply) else { return Ok(()) };
        let (from, from_name) = root.parent(first).map_err(|error| self.failure(&error, first))?;
        let before = directory.own_metadata().map_err(failure)?;
        directory.hard_link(name, &from, from_name).map_err(failure)?;
        // The name was in the source when the time of its directory was copied.
        if self.spec.preserves(Preserve::Times) {
            directory.set_modified(before.modified).map_err(failure)?;
        }
        self.waiting.add_names(directory).map_err(|unwritten| self.unwritten(&unwritten))
    }
}
