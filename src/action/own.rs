//! `own`: owner and mode are right.

mod lacking;
#[cfg(test)]
mod tests;
mod walk;

use super::{Announce, Change, Context, Difference, Outcome, Perform, ownership};
use crate::failure::{Failure, Failures, Kind};
use crate::root::{Attributes, Error, FileKind, HardLinks, Metadata, Mounts, Tree, shown};
use crate::spec::{ChangePolicy, HardLinkPolicy, ModeChange, OnDenied, OwnSpec};
use walk::{Count, Goal, Walk};

/// What is wished of the objects of a tree.
#[derive(Debug)]
pub(crate) struct Wish<'a> {
    user: Option<u32>,
    group: Option<u32>,
    spec: &'a OwnSpec,
}

impl Wish<'_> {
    fn of(&self, metadata: &Metadata, is_top: bool) -> Attributes {
        let by_kind = match metadata.kind {
            FileKind::File => self.spec.file_mode.as_ref(),
            FileKind::Directory => self.spec.directory_mode.as_ref(),
            FileKind::Link | FileKind::Other => None,
        };
        let change = self.spec.mode.as_ref().filter(|_| is_top).or(by_kind);
        let is_directory = metadata.kind == FileKind::Directory;
        let mode = change.map(|change| ModeChange::applied_to(&change.value, metadata.mode, is_directory));
        Attributes { user: self.user, group: self.group, mode }
    }
}

impl Perform for OwnSpec {
    type Work = ();

    fn observe(&self, context: &Context) -> Result<Change<()>, Failures> {
        let (_, differences) = self.walk(context, Goal::Look)?;
        Ok(Change::new(differences, ()))
    }

    fn apply(&self, _change: Change<()>, context: &Context) -> Result<Outcome, Failures> {
        Ok(self.outcome(&self.walk(context, Goal::Change)?.0, context))
    }

    /// Looks and changes in one walk: of a large volume the second would take as long as the first.
    fn carry_out(&self, context: &Context, announce: Announce<'_>) -> Result<Option<Outcome>, Failures> {
        let (count, differences) = self.walk(context, Goal::Change)?;
        announce(&differences);
        Ok(Some(self.outcome(&count, context)))
    }
}

impl OwnSpec {
    /// Visits what the step is about, and changes what is wrong if that is the goal.
    fn walk(&self, context: &Context, goal: Goal) -> Result<(Count, Vec<Difference>), Failure> {
        let (user, group) = ownership::resolve(self.owner.as_ref(), context)?;
        let wish = Wish { user, group, spec: self };
        self.refuse_mode_of_link(context)?;
        let tree = self.tree(context).map_err(|error| self.failure(&error))?;
        if self.change_policy == ChangePolicy::OnRootMismatch && self.is_top_right(&wish, context)? {
            return Ok((Count { seen: 1, ..Count::default() }, Vec::new()));
        }
        let walk = Walk::new(self, &wish, context, goal);
        tree.walk(&walk)?;
        Ok(walk.finish())
    }

    /// Within a tree links are passed over; the path that the plan names was meant to get the mode.
    fn refuse_mode_of_link(&self, context: &Context) -> Result<(), Failure> {
        let Some(wished) = [&self.mode, &self.file_mode, &self.directory_mode].into_iter().flatten().next() else {
            return Ok(());
        };
        let path = self.path.as_path();
        let cannot = |error: Error| self.failure(&error);
        let metadata = context.root.metadata(path).map_err(cannot)?;
        if metadata.is_none_or(|metadata| metadata.kind != FileKind::Link) {
            return Ok(());
        }
        let target = context.root.read_link(path).map_err(cannot)?;
        let message = format!("cannot set owner or mode of `{}`: a symbolic link has no mode", shown(path));
        let hint = format!("the link leads to `{}`: name that path", shown(&target));
        Err(Failure::new(Kind::FileSystem, message).at(wished.span).hint(hint))
    }

    fn tree(&self, context: &Context) -> Result<Tree, Error> {
        let mounts = if self.one_filesystem { Mounts::Skip } else { Mounts::Cross };
        let tree = context.root.tree(self.path.as_path(), &self.exclude, mounts)?;
        Ok(if self.recursive { tree } else { tree.shallow() })
    }

    fn is_top_right(&self, wish: &Wish<'_>, context: &Context) -> Result<bool, Failure> {
        let metadata = context.root.metadata(self.path.as_path()).map_err(|error| self.failure(&error))?;
        Ok(metadata.is_some_and(|metadata| wish.of(&metadata, true).missing_in(&metadata).is_empty()))
    }

    fn hard_links(&self) -> HardLinks {
        match self.hard_links {
            HardLinkPolicy::Refuse => HardLinks::Refuse,
            HardLinkPolicy::Allow => HardLinks::Allow,
        }
    }

    fn outcome(&self, count: &Count, context: &Context) -> Outcome {
        let mut summary = format!("{} changed of {}", count.changed, count.seen);
        for (number, name) in [(count.skipped, "skipped"), (count.denied, "denied")] {
            if number > 0 {
                summary = format!("{summary}, {number} {name}");
            }
        }
        if count.denied > 0 && self.on_denied == OnDenied::Warn {
            log::warn!("owner or mode of {} objects in `{}` could not be set", count.denied, self.path.value);
        }
        if count.denied > 0
            && let Some(lacking) = self.lacking_access(context)
        {
            log::warn!("{lacking}");
            summary = format!("{summary}; {lacking}");
        }
        let counts = vec![
            ("seen", count.seen),
            ("changed", count.changed),
            ("skipped", count.skipped),
            ("denied", count.denied),
        ];
        Outcome { changed: count.changed > 0, counts, ..Outcome::unchanged(summary) }
    }

    fn failure(&self, error: &Error) -> Failure {
        let path = self.path.as_path();
        let named = if error.path().starts_with(path) { error.path() } else { path };
        let failure = error.cannot("set owner or mode of", shown(named)).at(self.path.span);
        if error.is_denied() {
            return failure.note("`on_denied: warn` or `on_denied: skip` leaves such objects as they are");
        }
        if error.is_not_found() {
            return failure.hint("make it with a `mkdir` step before this one, or mount a volume there");
        }
        failure
    }
}
