//! Directories of the target, from their making to their name.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::super::ownership;
use super::unseen::Unseen;
use super::{Copy, Sign};
use crate::failure::{Failure, Kind};
use crate::root::{Attributes, Descent, Directory, Error, FileKind, Hidden, Identity, Likeness, Metadata, shown};
use crate::spec::IfExists;

/// From this depth on not every directory of the target is open. The source is then walked through by one thread.
const DEPTH: usize = 24;

/// What is made in a directory with this bit gets the directory's group.
const SETGID: u32 = 0o2000;

/// A directory of the target.
#[derive(Clone)]
pub(super) enum Target {
    /// It is not there, and nothing is changed.
    Absent,
    Held(Arc<Directory>),
    /// The lowest one of a way down that only one thread goes.
    Deep(Arc<Mutex<Descent>>),
}

impl Target {
    /// Works with the directory, if it is there.
    pub(super) fn with<T>(&self, work: impl FnOnce(&Directory) -> T) -> Option<T> {
        match self {
            Self::Absent => None,
            Self::Held(directory) => Some(work(directory)),
            Self::Deep(descent) => Some(work(lock(descent).current())),
        }
    }

    /// The directory, to hold on to it.
    pub(super) fn share(&self) -> Result<Option<Arc<Directory>>, Error> {
        match self {
            Self::Absent => Ok(None),
            Self::Held(directory) => Ok(Some(Arc::clone(directory))),
            Self::Deep(descent) => lock(descent).current().try_clone().map(|directory| Some(Arc::new(directory))),
        }
    }
}

fn lock(descent: &Mutex<Descent>) -> MutexGuard<'_, Descent> {
    descent.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where an object is copied to.
pub(super) struct Slot<'a> {
    pub(super) target: &'a Target,
    /// The new directory that it lies in, when nobody else sees it.
    pub(super) hidden: Option<&'a Unseen>,
    pub(super) name: &'a OsStr,
    pub(super) path: &'a Path,
}

/// A directory of the source that is being copied, and its copy.
pub(super) struct Level {
    way: Arc<Way>,
    pub(super) path: PathBuf,
    pub(super) target: Target,
    /// The hidden directory that the copy is or lies in.
    hidden: Option<Arc<Unseen>>,
    /// Whether the copy gets its name when everything is in it.
    is_named_last: bool,
    depth: usize,
    /// How many links to directories led here.
    pub(super) links: u32,
}

impl Level {
    pub(super) fn hidden(&self) -> Option<&Unseen> {
        self.hidden.as_deref()
    }
}

/// The directories of the source that lead to one.
struct Way {
    identity: Identity,
    above: Option<Arc<Self>>,
}

impl Way {
    fn has(&self, identity: Identity) -> bool {
        let mut way = Some(self);
        while let Some(here) = way {
            if here.identity == identity {
                return true;
            }
            way = here.above.as_deref();
        }
        false
    }
}

impl Drop for Way {
    /// One after the other: a way can be longer than the stack.
    fn drop(&mut self) {
        let mut above = self.above.take();
        while let Some(mut way) = above.and_then(Arc::into_inner) {
            above = way.above.take();
        }
    }
}

impl Copy<'_> {
    /// Begins with a directory of the source and its copy, which is `name` in `target`.
    pub(super) fn enter(
        &self,
        source: &Directory,
        above: Option<&Level>,
        (target, name): (&Target, &OsStr),
    ) -> Result<Level, Failure> {
        self.see()?;
        let metadata = source.own_metadata().map_err(|error| self.source_failure(&error, source.path()))?;
        let identity = metadata.identity();
        let leads_back = above.is_some_and(|above| above.way.has(identity));
        if leads_back || self.target_top.get() == Some(&identity) {
            let message = format!("cannot copy `{}`: it leads back into the tree or its copy", shown(source.path()));
            return Err(Failure::new(Kind::FileSystem, message).at(self.spec.source.span));
        }
        let path = above.map_or_else(|| self.spec.path.as_path().to_owned(), |above| above.path.join(name));
        let mut level = Level {
            way: Arc::new(Way { identity, above: above.map(|above| Arc::clone(&above.way)) }),
            path,
            target: Target::Absent,
            hidden: above.and_then(|above| above.hidden.clone()),
            is_named_last: false,
            depth: above.map_or(0, |above| above.depth + 1),
            links: above.map_or(0, |above| above.links),
        };
        self.enter_target(&mut level, (target, name), &metadata)?;
        if above.is_none() {
            self.remember_top(&level, identity)?;
        }
        if level.hidden.is_none() {
            self.prepare(&level.target);
        }
        Ok(level)
    }

    fn remember_top(&self, level: &Level, source: Identity) -> Result<(), Failure> {
        let Some(top) = level.target.with(Directory::own_metadata) else { return Ok(()) };
        let identity = top.map_err(|error| self.failure(&error, &level.path))?.identity();
        if identity == source {
            return Err(self.refusal(&level.path, "it is the source"));
        }
        let _ = self.target_top.set(identity);
        Ok(())
    }

    /// Goes into the copy, which is made if it is missing.
    fn enter_target(
        &self,
        level: &mut Level,
        (target, name): (&Target, &OsStr),
        source: &Metadata,
    ) -> Result<(), Failure> {
        let failure = |error: Error| self.failure(&error, &level.path);
        let mut existing = None;
        if level.hidden.is_none() {
            existing = target.with(|directory| directory.metadata(name)).transpose().map_err(failure)?.flatten();
        }
        if let Some(metadata) = existing.filter(|metadata| metadata.kind != FileKind::Directory) {
            if !self.spec.delete_extra {
                return Err(self.in_the_way(&level.path, &metadata));
            }
            if !self.remove(target, name, &level.path, &metadata)? {
                return Err(self.in_the_way(&level.path, &metadata));
            }
            existing = None;
        }
        let Some(metadata) = existing else {
            let parent = target.with(Directory::own_metadata).transpose().map_err(failure)?;
            let likeness = self.new_likeness(source, parent.as_ref());
            self.record(Sign::Create, &level.path, || ownership::description(FileKind::Directory, likeness.attributes));
            return if self.apply { self.make(level, target, name) } else { Ok(()) };
        };
        if !self.apply
            && let Some(detail) = ownership::differences(&metadata, self.directory_wish())
        {
            self.record(Sign::Modify, &level.path, || detail);
        }
        let entered = target.with(|directory| directory.enter(name)).transpose().map_err(failure)?;
        entered.map_or(Ok(()), |directory| self.hold(level, target, directory))
    }

    fn make(&self, level: &mut Level, target: &Target, name: &OsStr) -> Result<(), Failure> {
        let failure = |error: Error| self.failure(&error, &level.path);
        let made = if level.hidden.is_some() {
            target.with(|directory| directory.make_within(name)).transpose().map_err(failure)?
        } else if let Some(parent) = target.share().map_err(failure)? {
            let (hidden, directory) = Hidden::make(parent, name).map_err(failure)?;
            level.hidden = Some(Arc::new(Unseen::new(hidden, level.path.clone())));
            level.is_named_last = true;
            Some(directory)
        } else {
            None
        };
        made.map_or(Ok(()), |directory| self.hold(level, target, directory))
    }

    /// Holds the copy, so that the number of open directories stays small.
    fn hold(&self, level: &mut Level, above: &Target, directory: Directory) -> Result<(), Failure> {
        let failure = |error: Error| self.failure(&error, &level.path);
        level.target = match above {
            Target::Deep(descent) => {
                lock(descent).descend(directory).map_err(failure)?;
                Target::Deep(Arc::clone(descent))
            }
            Target::Held(parent) if level.depth >= DEPTH => {
                let mut descent = Descent::new(parent.try_clone().map_err(failure)?);
                descent.descend(directory).map_err(failure)?;
                Target::Deep(Arc::new(Mutex::new(descent)))
            }
            _ => Target::Held(Arc::new(directory)),
        };
        Ok(())
    }

    /// Ends a directory of the target: everything is in it.
    pub(super) fn leave(&self, source: &Directory, level: &Level) -> Result<(), Failure> {
        let failure = |error: Error| self.failure(&error, &level.path);
        if level.hidden.is_none() && self.spec.delete_extra {
            self.remove_extra(source, level)?;
        }
        if !self.apply {
            return self.go_up(level);
        }
        let Some(unseen) = level.hidden() else {
            level.target.with(|directory| self.settle_existing(directory, &level.path)).transpose()?;
            return self.go_up(level);
        };
        if level.is_named_last {
            level.target.with(|directory| self.name_within(unseen, directory)).transpose()?;
        }
        let metadata = source.own_metadata().map_err(|error| self.source_failure(&error, source.path()))?;
        let copied = level.target.with(|directory| {
            let own = directory.own_metadata()?;
            directory.set_likeness_within(source, self.new_likeness(&metadata, Some(&own)))
        });
        if let Some(directory) = copied.transpose().map_err(failure)? {
            unseen.hidden.waiting.add_hidden(directory).map_err(|unwritten| self.unwritten(&unwritten))?;
        }
        self.go_up(level)?;
        if level.is_named_last { self.name(&unseen.hidden, level) } else { Ok(()) }
    }

    fn go_up(&self, level: &Level) -> Result<(), Failure> {
        if let Target::Deep(descent) = &level.target {
            lock(descent).leave().map_err(|error| self.failure(&error, &level.path))?;
        }
        Ok(())
    }

    fn name(&self, hidden: &Hidden, level: &Level) -> Result<(), Failure> {
        let name = level.path.file_name().unwrap_or_default();
        if !hidden.publish(name).map_err(|unwritten| self.unwritten(&unwritten))? {
            // The rest is copied all the same: each of two runs that meet at every directory gets on.
            self.was_overtaken.store(true, Ordering::Relaxed);
            return Ok(());
        }
        self.waiting.add_names(hidden.parent()).map_err(|unwritten| self.unwritten(&unwritten))
    }

    /// Gives a directory that was there what the plan names. The rest stays: it may be a mounted volume.
    fn settle_existing(&self, directory: &Directory, path: &Path) -> Result<(), Failure> {
        let failure = |error: Error| self.failure(&error, path);
        let wish = self.directory_wish();
        let metadata = directory.own_metadata().map_err(failure)?;
        if let Some(detail) = ownership::differences(&metadata, wish) {
            directory.set_own_attributes(wish).map_err(failure)?;
            self.record(Sign::Modify, path, || detail);
        }
        Ok(())
    }

    fn directory_wish(&self) -> Attributes {
        if self.spec.if_exists == IfExists::Keep {
            return Attributes::default();
        }
        let mode = self.spec.mode.as_ref().map(|mode| mode.for_directory().bits());
        Attributes { user: self.user, group: self.group, mode }
    }

    /// What a new directory gets: the wished mode, else that of the source with the setgid bit that the target hands down.
    fn new_likeness(&self, source: &Metadata, near: Option<&Metadata>) -> Likeness {
        let inherited = near.map_or(0, |near| near.mode & SETGID);
        let mode = self.spec.mode.as_ref().map(|mode| mode.for_directory().bits());
        self.likeness(source, mode.unwrap_or(source.mode & 0o777 | inherited))
    }
}
