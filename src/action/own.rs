//! `own`: owner and mode are right.

#[cfg(test)]
mod tests;

use super::{Change, Context, Difference, Outcome, Perform, Sign, ownership};
use crate::document::Located;
use crate::failure::Failure;
use crate::root::{Attributes, Error, FileKind, Mounts, Tree, Visit, shown};
use crate::spec::{Mode, OnDenied, OwnSpec};

/// How many differences are told one by one.
const LISTED: usize = 20;

/// How many refusals are warned of one by one.
const WARNED: u64 = 5;

/// How often an object is looked at again that was exchanged between the look and the change.
const LOOKS: u32 = 3;

/// What is wished of the objects of a tree.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wish {
    user: Option<u32>,
    group: Option<u32>,
    top_mode: Option<u32>,
    file_mode: Option<u32>,
    directory_mode: Option<u32>,
}

impl Wish {
    fn of(&self, visit: &Visit<'_>) -> Attributes {
        let by_kind = match visit.metadata.kind {
            FileKind::File => self.file_mode,
            FileKind::Directory => self.directory_mode,
            FileKind::Link | FileKind::Other => None,
        };
        let mode = if visit.is_top { self.top_mode.or(by_kind) } else { by_kind };
        Attributes { user: self.user, group: self.group, mode }
    }
}

/// What a walk counted.
#[derive(Debug, Default)]
struct Count {
    visited: u64,
    wrong: u64,
    denied: u64,
}

impl Perform for OwnSpec {
    type Work = Wish;

    fn observe(&self, context: &Context) -> Result<Change<Wish>, Failure> {
        let (user, group) = ownership::resolve(self.owner.as_ref(), context)?;
        let bits = |mode: &Option<Located<Mode>>| mode.as_ref().map(|mode| mode.bits());
        let wish = Wish {
            user,
            group,
            top_mode: bits(&self.mode),
            file_mode: bits(&self.file_mode),
            directory_mode: bits(&self.directory_mode),
        };
        let mut listed = Vec::new();
        let count = self.walk(context, &mut |visit| {
            let wished = wish.of(visit);
            if visit.missing(wished)?.is_empty() {
                return Ok(false);
            }
            if listed.len() < LISTED
                && let Some(detail) = ownership::differences(&visit.metadata, wished)
            {
                listed.push(Difference::new(Sign::Modify, shown(visit.path()), detail));
            }
            Ok(true)
        })?;
        listed.sort_by(|one, other| one.subject.cmp(&other.subject));
        let more = count.wrong - listed.len() as u64;
        if more > 0 {
            listed.push(Difference::new(Sign::Modify, format!("\u{2026} and {more} more"), "owner or mode"));
        }
        Ok(Change::new(listed, wish))
    }

    fn apply(&self, change: Change<Wish>, context: &Context) -> Result<Outcome, Failure> {
        let count = self.walk(context, &mut |visit| set(visit, &change.work))?;
        let mut summary = format!("{} changed of {}", count.wrong, count.visited);
        if count.denied > 0 {
            summary = format!("{summary}, {} denied", count.denied);
            if self.on_denied == OnDenied::Warn {
                log::warn!("owner or mode of {} objects in `{}` could not be set", count.denied, self.path.value);
            }
        }
        Ok(Outcome { changed: count.wrong > 0, summary })
    }
}

/// Sets what is wrong; `true` when something was.
fn set(visit: &mut Visit<'_>, wish: &Wish) -> Result<bool, Error> {
    let mut looks = 0;
    loop {
        let wished = wish.of(visit);
        if visit.missing(wished)?.is_empty() {
            return Ok(false);
        }
        match visit.set_attributes(wished) {
            Ok(()) => return Ok(true),
            Err(error) if error.is_changed() && looks < LOOKS => {
                looks += 1;
                if !visit.refresh()? {
                    return Ok(false);
                }
            }
            Err(error) => return Err(error),
        }
    }
}

impl OwnSpec {
    /// Visits what the step is about, children before their directory, and counts what `visitor` finds wrong.
    fn walk(
        &self,
        context: &Context,
        visitor: &mut dyn FnMut(&mut Visit<'_>) -> Result<bool, Error>,
    ) -> Result<Count, Failure> {
        let mut count = Count::default();
        let mut tree = self.tree(context).map_err(|error| self.failure(&error))?;
        loop {
            context.check_interrupt()?;
            let result = match tree.next() {
                Ok(None) => return Ok(count),
                Ok(Some(mut visit)) => visitor(&mut visit),
                Err(error) => Err(error),
            };
            count.visited += 1;
            self.settle(result, &mut count)?;
        }
    }

    fn tree(&self, context: &Context) -> Result<Tree, Error> {
        let mounts = if self.one_filesystem { Mounts::Skip } else { Mounts::Cross };
        if self.recursive {
            context.root.tree(self.path.as_path(), &self.exclude, mounts)
        } else {
            context.root.object(self.path.as_path())
        }
    }

    /// Counts what became of one object, and decides whether the walk goes on.
    fn settle(&self, result: Result<bool, Error>, count: &mut Count) -> Result<(), Failure> {
        let error = match result {
            Ok(wrong) => {
                count.wrong += u64::from(wrong);
                return Ok(());
            }
            Err(error) => error,
        };
        // What vanishes meanwhile needs no owner; the top itself has to be there.
        if error.is_not_found() && error.path() != self.path.as_path() {
            return Ok(());
        }
        if !error.is_denied() || self.on_denied == OnDenied::Fail {
            return Err(self.failure(&error));
        }
        count.denied += 1;
        if self.on_denied == OnDenied::Warn && count.denied <= WARNED {
            log::warn!("{}", self.failure(&error).to_line());
        }
        Ok(())
    }

    fn failure(&self, error: &Error) -> Failure {
        let path = self.path.as_path();
        let named = if error.path().starts_with(path) { error.path() } else { path };
        let failure = error.cannot("set owner or mode of", shown(named)).at(self.path.span);
        if error.is_denied() {
            return failure.note("`on_denied: warn` or `on_denied: skip` leaves such objects as they are");
        }
        failure
    }
}
