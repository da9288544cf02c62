//! `copy`: a file or tree is there, equal to its source.
//!
//! What is not there yet is made where nobody looks, and gets its name when all of it is on the disk; what is there gets its
//! new files one by one in the same way. So whoever looks, or kills the run, finds no half file. Only a further name of a file
//! whose first one lies outside of a new directory comes after the name of that directory.

mod extra;
mod file;
mod further;
mod last;
mod level;
#[cfg(test)]
mod tests;
mod unseen;
mod walk;

use std::ffi::OsStr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use super::listing::{Listing, Told};
use super::progress::Progress;
use super::{Announce, Change, Context, Difference, Outcome, Perform, Sign, ownership};
use crate::failure::{Failure, Failures, Kind};
use crate::root::{
    At, Attributes, Directory, Error, Extended, File, Identity, Likeness, Metadata, Mounts, Original, Source, Tree,
    Unwritten, Waiting, shown,
};
use crate::spec::{CopySpec, Preserve};
use further::Further;
use level::{Slot, Target};
use walk::Walk;

/// How often the copy begins again when another run gave a name to what this one was about to name.
const ATTEMPTS: u32 = 4;

impl Perform for CopySpec {
    type Work = ();

    fn observe(&self, context: &Context) -> Result<Change<()>, Failures> {
        let (_, differences) = self.copy(context, false)?;
        Ok(Change::new(differences, ()))
    }

    fn apply(&self, _change: Change<()>, context: &Context) -> Result<Outcome, Failures> {
        Ok(self.copy(context, true)?.0)
    }

    /// Compares and copies in one walk, so that both agree and a large tree is read once.
    fn carry_out(&self, context: &Context, announce: Announce<'_>) -> Result<Option<Outcome>, Failures> {
        let (outcome, differences) = self.copy(context, true)?;
        announce(&differences);
        Ok(Some(outcome))
    }
}

impl CopySpec {
    /// Compares source and target, and makes the differences go away if `apply` says so.
    fn copy(&self, context: &Context, apply: bool) -> Result<(Outcome, Vec<Difference>), Failure> {
        let owner = ownership::resolve(self.owner.as_ref(), context)?;
        let (mut attempts, mut before) = (1, (0, 0));
        let interrupted = || context.check_interrupt().is_err();
        loop {
            let copy = Copy::new(self, context, owner, (apply, &interrupted));
            match copy.all() {
                Err(_) if copy.was_overtaken.load(Ordering::Relaxed) && attempts < ATTEMPTS => {
                    attempts += 1;
                    let (changed, removed) = copy.counted();
                    before = (before.0 + changed, before.1 + removed);
                }
                Err(failure) => return Err(failure),
                Ok(()) => return Ok(copy.finish(before)),
            }
        }
    }
}

/// How objects are copied, and what was found out.
struct Copy<'a> {
    spec: &'a CopySpec,
    context: &'a Context,
    user: Option<u32>,
    group: Option<u32>,
    apply: bool,
    interrupted: &'a (dyn Fn() -> bool + Sync),
    seen: AtomicU64,
    in_place: AtomicU64,
    removed: AtomicU64,
    listing: Listing,
    progress: Progress,
    /// The top of the target, which must not be found in the source.
    target_top: OnceLock<Identity>,
    /// Files in directories that others see.
    waiting: Waiting,
    further: Further,
    /// Whether another run made a directory while this one was filling it.
    was_overtaken: AtomicBool,
}

impl<'a> Copy<'a> {
    fn new(
        spec: &'a CopySpec,
        context: &'a Context,
        (user, group): (Option<u32>, Option<u32>),
        (apply, interrupted): (bool, &'a (dyn Fn() -> bool + Sync)),
    ) -> Self {
        Self {
            spec,
            context,
            user,
            group,
            apply,
            interrupted,
            seen: AtomicU64::new(0),
            in_place: AtomicU64::new(0),
            removed: AtomicU64::new(0),
            listing: Listing::new(if apply { Told::AsFound } else { Told::ByName }),
            progress: Progress::new(),
            target_top: OnceLock::new(),
            waiting: Waiting::default(),
            further: Further::default(),
            was_overtaken: AtomicBool::new(false),
        }
    }

    /// How many objects were copied or changed, and how many removed.
    fn counted(&self) -> (u64, u64) {
        let removed = self.removed.load(Ordering::Relaxed);
        (self.listing.counted() - removed, removed)
    }

    /// With what was changed and removed before another run made something meanwhile, some of which the other one may have made.
    fn finish(self, (changed_before, removed_before): (u64, u64)) -> (Outcome, Vec<Difference>) {
        let (changed, removed) = self.counted();
        let (seen, removed) = (self.seen.into_inner(), removed + removed_before);
        let changed = if changed_before == 0 { changed } else { seen.min(changed + changed_before) };
        let mut summary = format!("{changed} changed of {seen}");
        for (number, what) in [(removed, "removed"), (self.in_place.into_inner(), "in place")] {
            if number > 0 {
                summary = format!("{summary}, {number} {what}");
            }
        }
        let counts = vec![("seen", seen), ("changed", changed), ("removed", removed)];
        let outcome = Outcome { changed: changed + removed > 0, counts, ..Outcome::unchanged(summary) };
        (outcome, self.listing.told("copied, changed or removed"))
    }

    fn all(&self) -> Result<(), Failure> {
        let source_path = self.spec.source.as_path();
        let source = self.context.root.source(source_path).map_err(|error| self.source_failure(&error, source_path))?;
        let path = self.spec.path.as_path();
        let (target, name) = self.holder(path)?;
        self.prepare(&target);
        match source {
            Source::File(..) if path == source_path => {
                let message = format!("cannot copy `{}` to itself", self.spec.source.value);
                Err(Failure::new(Kind::Step, message).at(self.spec.path.span))
            }
            Source::File(file, metadata) => {
                let original = self.original(&file, &metadata, source_path.into());
                self.file(original, &Slot { target: &target, hidden: None, name, path })?;
                self.settle()
            }
            Source::Directory(directory) => {
                if path.starts_with(source_path) {
                    let message =
                        format!("cannot copy `{}`: `{}` lies in it", self.spec.source.value, self.spec.path.value);
                    return Err(Failure::new(Kind::Step, message).at(self.spec.path.span));
                }
                self.tree(&directory, &target, name)
            }
        }
    }

    /// The directory of the target that holds `path`, and the name in it.
    fn holder<'p>(&self, path: &'p Path) -> Result<(Target, &'p OsStr), Failure> {
        match self.context.root.parent(path) {
            Ok((parent, name)) => Ok((Target::Held(Arc::new(parent)), name)),
            // The step that makes it may not have been carried out: `show` changes nothing.
            Err(error) if error.is_not_found() && !self.apply => {
                Ok((Target::Absent, path.file_name().unwrap_or_default()))
            }
            Err(error) => Err(self.failure(&error, path)),
        }
    }

    fn tree(&self, source: &Directory, target: &Target, name: &OsStr) -> Result<(), Failure> {
        let source_failure = |error: Error| self.source_failure(&error, source.path());
        let last = self.open_last(source)?;
        let tree = Tree::of(source, OsStr::new("."), Mounts::Cross).map_err(source_failure)?;
        tree.walk(&Walk::new(self, target, name))?;
        self.settle()?;
        if self.was_overtaken.load(Ordering::Relaxed) {
            let path = self.spec.path.as_path();
            return Err(self.refusal(path, "another run made directories in it meanwhile").hint("start it again"));
        }
        self.name_further()?;
        last.iter().try_for_each(|last| self.copy_last(last))
    }

    /// Brings to the disk what others can see, and gives it its name.
    fn settle(&self) -> Result<(), Failure> {
        self.waiting.settle().map_err(|unwritten| self.unwritten(&unwritten))
    }

    fn original<'o>(&'o self, file: &'o File, metadata: &'o Metadata, at: At<'o>) -> Original<'o> {
        Original { file, metadata, at, interrupted: self.interrupted }
    }

    /// What a copy of an object gets beside its content. Setuid and setgid are not copied: who may write to the source must not
    /// choose who is what in the target.
    fn likeness(&self, original: &Metadata, mode: u32) -> Likeness {
        let keeps = |what| self.spec.preserves(what);
        let owner = |wished: Option<u32>, own| wished.or(keeps(Preserve::Owner).then_some(own));
        Likeness {
            attributes: Attributes {
                user: owner(self.user, original.user),
                group: owner(self.group, original.group),
                mode: Some(mode),
            },
            modified: keeps(Preserve::Times).then_some(original.modified),
            extended: Extended { plain: keeps(Preserve::Xattrs), capabilities: keeps(Preserve::Capabilities) },
        }
    }

    fn see(&self) -> Result<(), Failure> {
        self.context.check_interrupt()?;
        let seen = self.seen.fetch_add(1, Ordering::Relaxed);
        self.progress.tell(|| {
            log::info!("`{}`: {seen} objects seen, {} copied or changed", self.spec.path.value, self.listing.counted());
        });
        Ok(())
    }

    fn record(&self, sign: Sign, path: &Path, detail: impl FnOnce() -> String) {
        if sign == Sign::Delete {
            self.removed.fetch_add(1, Ordering::Relaxed);
        }
        self.listing.add(|| Difference::new(sign, shown(path), detail()));
    }

    /// Removes what killed runs left in a directory that is written to. What cannot be removed does no harm.
    fn prepare(&self, target: &Target) {
        if self.apply {
            target.with(|directory| {
                let _ = self.context.root.sweep_directory(directory);
            });
        }
    }

    fn refusal(&self, path: &Path, cause: &str) -> Failure {
        Failure::new(Kind::FileSystem, format!("cannot copy to `{}`: {cause}", shown(path))).at(self.spec.path.span)
    }

    fn in_the_way(&self, path: &Path, metadata: &Metadata) -> Failure {
        self.refusal(path, &format!("{} is in its place", metadata.kind))
    }

    fn unwritten(&self, unwritten: &Unwritten) -> Failure {
        self.failure(&unwritten.error, &unwritten.path)
    }

    fn failure(&self, error: &Error, path: &Path) -> Failure {
        match self.context.check_interrupt() {
            Err(interrupt) if error.is_interrupted() => interrupt,
            _ => error.cannot("copy to", shown(path)).at(self.spec.path.span),
        }
    }

    fn source_failure(&self, error: &Error, path: &Path) -> Failure {
        match self.context.check_interrupt() {
            Err(interrupt) if error.is_interrupted() => interrupt,
            _ => error.cannot("copy", shown(path)).at(self.spec.source.span),
        }
    }
}
