//! The walk of `own`: each object is compared with the wish, and changed where it differs.

use std::sync::atomic::{AtomicU64, Ordering};

use super::super::listing::{Listing, Told};
use super::super::progress::Progress;
use super::super::{Context, Difference, Sign, ownership};
use super::Wish;
use crate::failure::Failure;
use crate::root::{Directory, Error, Place, Status, Visitor, shown};
use crate::spec::{OnDenied, OwnSpec};

/// How many refusals are warned of one by one.
const WARNED: u64 = 5;

/// How often an object is looked at again that was exchanged between the look and the change.
const LOOKS: u32 = 3;

/// Whether what is wrong is changed or only told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Goal {
    Look,
    Change,
}

/// What a walk counted.
#[derive(Debug, Default)]
pub(super) struct Count {
    pub(super) seen: u64,
    /// What was wrong, and was changed if that was the goal.
    pub(super) changed: u64,
    /// Mount points, which are not ours.
    pub(super) skipped: u64,
    pub(super) denied: u64,
}

/// What became of one object.
enum Done {
    Right,
    Changed,
    Skipped,
}

pub(super) struct Walk<'a> {
    spec: &'a OwnSpec,
    wish: &'a Wish<'a>,
    context: &'a Context,
    goal: Goal,
    seen: AtomicU64,
    skipped: AtomicU64,
    denied: AtomicU64,
    /// What was wrong.
    listing: Listing,
    progress: Progress,
}

impl<'a> Walk<'a> {
    pub(super) fn new(spec: &'a OwnSpec, wish: &'a Wish<'a>, context: &'a Context, goal: Goal) -> Self {
        Self {
            spec,
            wish,
            context,
            goal,
            seen: AtomicU64::new(0),
            skipped: AtomicU64::new(0),
            denied: AtomicU64::new(0),
            listing: Listing::new(if goal == Goal::Look { Told::ByName } else { Told::AsFound }),
            progress: Progress::new(),
        }
    }

    /// What was counted, and the first differences.
    pub(super) fn finish(self) -> (Count, Vec<Difference>) {
        let count = Count {
            seen: self.seen.into_inner(),
            changed: self.listing.counted(),
            skipped: self.skipped.into_inner(),
            denied: self.denied.into_inner(),
        };
        (count, self.listing.told("owner or mode"))
    }

    fn object(&self, place: &Place<'_>) -> Result<Done, Error> {
        let mut looks = 0;
        loop {
            let Some(status) = place.status()? else { return Ok(Done::Right) };
            let wished = self.wish.of(&status.metadata, place.is_top);
            if wished.missing_in(&status.metadata).is_empty() {
                return Ok(Done::Right);
            }
            if place.is_left_out(&status)? {
                return Ok(Done::Skipped);
            }
            if self.goal == Goal::Change {
                match place.set_attributes(wished, &status, self.spec.hard_links()) {
                    Err(error) if error.is_changed() && looks < LOOKS => {
                        looks += 1;
                        continue;
                    }
                    result => result?,
                }
            }
            self.list(place, &status);
            return Ok(Done::Changed);
        }
    }

    /// The directory itself was held since before what it holds was looked at.
    fn directory(&self, place: &Place<'_>, directory: &Directory) -> Result<Done, Error> {
        let status = directory.own_status()?;
        let wished = self.wish.of(&status.metadata, place.is_top);
        if wished.missing_in(&status.metadata).is_empty() {
            return Ok(Done::Right);
        }
        if self.goal == Goal::Change {
            directory.set_own_attributes(wished)?;
        }
        self.list(place, &status);
        Ok(Done::Changed)
    }

    fn list(&self, place: &Place<'_>, status: &Status) {
        self.listing.add(|| {
            let wished = self.wish.of(&status.metadata, place.is_top);
            let detail = ownership::differences(&status.metadata, wished).unwrap_or_default();
            Difference::new(Sign::Modify, shown(place.path()), detail)
        });
    }

    /// Counts what became of one object, and decides whether the walk goes on.
    fn settle(&self, result: Result<Done, Error>) -> Result<(), Failure> {
        self.seen.fetch_add(1, Ordering::Relaxed);
        match result {
            Ok(Done::Right | Done::Changed) => {}
            Ok(Done::Skipped) => {
                self.skipped.fetch_add(1, Ordering::Relaxed);
            }
            Err(error) => self.denied(&error)?,
        }
        Ok(())
    }

    fn denied(&self, error: &Error) -> Result<(), Failure> {
        // What vanishes meanwhile needs no owner; the top itself has to be there.
        if error.is_not_found() && error.path() != self.spec.path.as_path() {
            return Ok(());
        }
        if !error.is_denied() || self.spec.on_denied == OnDenied::Fail {
            return Err(self.spec.failure(error));
        }
        let before = self.denied.fetch_add(1, Ordering::Relaxed);
        if self.spec.on_denied == OnDenied::Warn && before < WARNED {
            log::warn!("{}", self.spec.failure(error).to_line());
        }
        Ok(())
    }

    /// Looks whether to go on, and tells from time to time how far the walk is.
    fn go_on(&self) -> Result<(), Failure> {
        self.context.check_interrupt()?;
        self.progress.tell(|| {
            let (seen, changed) = (self.seen.load(Ordering::Relaxed), self.listing.counted());
            log::info!("`{}`: {seen} objects seen, {changed} of them wrong", self.spec.path.value);
        });
        Ok(())
    }
}

impl Visitor for Walk<'_> {
    type Kept = ();

    fn enter(&self, _place: &Place<'_>, _directory: &Directory, _above: Option<&()>) -> Result<Option<()>, Failure> {
        self.go_on().map(Some)
    }

    fn visit(&self, place: &Place<'_>, _above: Option<&()>) -> Result<(), Failure> {
        self.go_on()?;
        self.settle(self.object(place))
    }

    fn leave(&self, place: &Place<'_>, directory: &Directory, _kept: &()) -> Result<(), Failure> {
        self.settle(self.directory(place, directory))
    }

    fn refused(&self, error: Error) -> Result<(), Failure> {
        self.settle(Err(error))
    }
}
