//! How each step is done: one file per verb, with the same name as in `spec`.
//!
//! A step first compares the world with the wish ([`Perform::observe`]) and then makes the difference
//! ([`Perform::apply`]). `show` stops after the first half: it is the same code, not a second implementation.

mod account;
mod authorities;
mod change;
mod checksum;
mod context;
mod copy;
mod database;
mod diff;
mod edit;
mod engine;
mod exclusive;
mod fetch;
mod generate;
mod headers;
mod launch;
mod link;
mod listing;
mod migrate;
mod mkdir;
mod once;
mod own;
mod ownership;
mod program;
mod progress;
mod reach;
mod remove;
mod render;
mod run;
mod seed;
mod sql;
mod told;
mod trust;
mod unpack;
mod validate;
mod wait;

pub(crate) use change::{Change, Difference, Outcome, Sign};
pub(crate) use context::Context;
pub(crate) use launch::{Launch, shown_command, words};
pub(crate) use once::{Begun, Once};
pub(crate) use reach::{Reach, reach};
pub(crate) use render::check_templates;
pub(crate) use seed::read_rows;
pub(crate) use sql::check_statements;

use crate::failure::Failures;

/// Takes the differences that a step makes go away.
pub(crate) type Announce<'a> = &'a mut dyn FnMut(&[Difference]);

/// A step that can be compared with the world and carried out.
pub(crate) trait Perform {
    /// What `observe` found out and `apply` needs, for instance the rendered text.
    type Work;

    /// Compares the world with the wish. Changes nothing.
    fn observe(&self, context: &Context) -> Result<Change<Self::Work>, Failures>;

    /// Adds to the differences what only a person reads and what takes long: diffs. Called when the change is only shown.
    fn preview(&self, _change: &mut Change<Self::Work>, _context: &Context) -> Result<(), Failures> {
        Ok(())
    }

    /// Makes the change that `observe` announced. Not called when there are no differences.
    fn apply(&self, change: Change<Self::Work>, context: &Context) -> Result<Outcome, Failures>;

    /// Compares and makes the change; `None` when nothing differed. The differences are announced before they are made, but by
    /// steps that do both in one go.
    fn carry_out(&self, context: &Context, announce: Announce<'_>) -> Result<Option<Outcome>, Failures> {
        let change = self.observe(context)?;
        if change.differences.is_empty() {
            return Ok(None);
        }
        announce(&change.differences);
        self.apply(change, context).map(Some)
    }
}
