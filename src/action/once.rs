//! `once`: what stands around its steps. They work in a stage; how far a run came is remembered beside it, in a file that keeps
//! other runs out; and everything moves to its place at the end, the marker last.

mod place;
mod stage;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Context, ownership};
use crate::document::Located;
use crate::failure::{Failure, Failures, Kind};
use crate::root::{Attributes, Error, StateFile, shown};
use crate::spec::{OnceSpec, Owner};

/// The second line of the state: the steps have ended, and what they made is on the disk. All that is left is to move it. Lines are
/// only added, so that a killed run never forgets whose the stage is.
const COMPLETE: &str = "complete\n";
/// Bytes of a state: two paths and a few words.
const STATE_LIMIT: u64 = 64 * 1024;
const MARKER_MODE: u32 = 0o644;
/// How often it is said that another run is waited for.
const REMINDER: Duration = Duration::from_secs(10);

/// A `once` and whose work it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Once<'a> {
    pub(crate) spec: &'a OnceSpec,
    pub(crate) user: Option<&'a Located<Owner>>,
}

/// What a run has before it, with the lock that keeps others out.
#[derive(Debug)]
pub(crate) enum Begun {
    /// Another run was faster.
    Done,
    /// The steps are to run.
    Needed(StateFile),
    /// They have ended in a run that was killed before everything was in its place.
    Complete(StateFile),
}

/// What a state says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    /// It was made, and nothing else was done.
    Nothing,
    /// What is in the stage is ours.
    Begun,
    Complete,
}

impl Once<'_> {
    /// Where the state is remembered.
    pub(crate) fn state_path(&self) -> PathBuf {
        self.spec.state_path()
    }

    /// Whether the steps ran to their end and nothing is left to do, as far as can be seen without the lock. Changes nothing, so a
    /// read-only volume is no trouble.
    pub(crate) fn is_done(&self, context: &Context) -> Result<bool, Failure> {
        Ok(self.is_marked(context)? && !self.has_state(context)?)
    }

    /// Whether a run would find the steps done, for who only looks.
    pub(crate) fn looks_done(&self, context: &Context) -> Result<bool, Failure> {
        if !self.is_marked(context)? || !self.has_state(context)? {
            return self.is_marked(context);
        }
        let text = context.root.read_beginning(&self.state_path(), STATE_LIMIT);
        let text = text.map_err(|error| self.failure("read", &error))?;
        Ok(self.said(&String::from_utf8_lossy(&text))? != Said::Begun)
    }

    /// Whether a run began and did not end, or is at it.
    pub(crate) fn has_state(&self, context: &Context) -> Result<bool, Failure> {
        let found = context.root.metadata(&self.state_path());
        Ok(found.map_err(|error| self.failure("look at", &error))?.is_some())
    }

    /// The first line of the state. It tells for whom it is: a lock that two steps share would give one the stage of the other.
    fn begun(&self) -> String {
        let stage = self.spec.stage.as_ref().map_or("-", |stage| stage.as_str());
        format!("begun {} {stage}\n", self.spec.marker.value)
    }

    fn said(&self, text: &str) -> Result<Said, Failure> {
        let begun = self.begun();
        match text.strip_prefix(&begun) {
            Some(COMPLETE) => Ok(Said::Complete),
            Some(part) if COMPLETE.starts_with(part) => Ok(Said::Begun),
            // A part of the line: the run was killed while it was written.
            None if begun.starts_with(text) => Ok(Said::Nothing),
            _ => {
                let message =
                    format!("cannot use `{}` as a lock: it holds what is not of this step", shown(self.state_path()));
                let hint = "remove it if it was left by an earlier form of the plan, or name another `lock`";
                Err(Failure::new(Kind::FileSystem, message).at(self.spec.marker.span).hint(hint))
            }
        }
    }

    fn is_marked(&self, context: &Context) -> Result<bool, Failure> {
        let found = context.root.metadata_followed(self.spec.marker.as_path());
        Ok(found.map_err(|error| error.cannot("look at", &self.spec.marker.value).at(self.spec.marker.span))?.is_some())
    }

    /// Keeps other runs out, and finds out what is to do.
    pub(crate) fn begin(&self, context: &Context) -> Result<Begun, Failures> {
        let state = self.hold_state(context)?;
        let said = self.said_by(&state)?;
        if self.is_marked(context)? {
            if said == Said::Begun && self.spec.stage.is_some() {
                return Err(self.foreign_marker().into());
            }
            if said != Said::Begun {
                if said == Said::Complete {
                    self.clear_stage(context)?;
                }
                state.remove().map_err(|error| self.failure("remove", &error))?;
                return Ok(Begun::Done);
            }
        }
        if said == Said::Complete && self.can_be_finished(context)? {
            return Ok(Begun::Complete(state));
        }
        Ok(Begun::Needed(state))
    }

    fn said_by(&self, state: &StateFile) -> Result<Said, Failure> {
        self.said(&state.read().map_err(|error| self.failure("read", &error))?)
    }

    /// What moves the marker notes that it is complete first, so somebody else put it there.
    fn foreign_marker(&self) -> Failure {
        let message = format!("`{}` is there, and no run of this step has put it there", self.spec.marker.value);
        let hint = "steps with a `stage` make everything in it; remove what is half, or the lock if it is whole";
        Failure::new(Kind::Step, message).at(self.spec.marker.span).hint(hint)
    }

    /// Takes back the lock of a run that is not to begin.
    pub(crate) fn give_back(state: &StateFile) {
        if state.is_new() {
            // Who waits for it makes a new one.
            let _ = state.remove();
        }
    }

    fn hold_state(&self, context: &Context) -> Result<StateFile, Failure> {
        let path = self.state_path();
        let mut last_said = None::<std::time::Instant>;
        let mut goes_on = || {
            if last_said.is_none_or(|time| time.elapsed() >= REMINDER) {
                last_said = Some(std::time::Instant::now());
                log::info!("another run is at it: waiting for the lock on `{}`", shown(&path));
            }
            context.check_interrupt().is_ok()
        };
        let held = context.root.hold_state(&path, &mut goes_on);
        match held.map_err(|error| self.failure("open", &error))? {
            Some(state) => Ok(state),
            None => Err(context
                .check_interrupt()
                .err()
                .unwrap_or_else(|| Failure::new(Kind::Internal, "the wait for a lock ended without a reason"))),
        }
    }

    fn owner(&self, context: &Context) -> Result<Attributes, Failure> {
        ownership::attributes(self.user, None, context)
    }

    /// The directory that everything moves to.
    fn place(&self) -> Option<&Path> {
        self.spec.marker.as_path().parent()
    }

    fn marker_name(&self) -> &OsStr {
        self.spec.marker.as_path().file_name().unwrap_or_default()
    }

    fn failure(&self, verb: &str, error: &Error) -> Failure {
        error.cannot(verb, shown(self.state_path())).at(self.spec.marker.span)
    }
}
