//! What a database answers instead of doing the work.

use super::migration::Migration;
use crate::failure::{Failure, Kind};

/// A refusal, in the words of the server. Values of rows are not in it: the drivers leave out what holds them.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) ended: Ended,
    /// `SQLSTATE` (PostgreSQL), the number of the error (MySQL) or the extended code (SQLite); empty when the server said nothing.
    pub(crate) code: String,
    /// With the code, as a person would want to read it.
    pub(crate) message: String,
    /// What else the server said.
    pub(crate) further: Option<Box<Further>>,
    /// The remedy, where the driver knows one.
    pub(crate) hint: Option<&'static str>,
    /// The byte where it failed, in the text that the statements are of.
    pub(crate) place: Option<usize>,
}

/// What not every message has.
#[derive(Debug)]
pub(crate) struct Further {
    /// The message without a word of the statement, for one that nobody may see.
    pub(crate) guarded: String,
    /// The server's own hint.
    pub(crate) advice: Option<String>,
}

/// How the work ended.
#[derive(Debug)]
pub(crate) enum Ended {
    /// The server said no.
    Refused,
    /// The connection broke: what the server did last is not known.
    Lost,
    /// A signal, or the deadline: what the server did last is not known.
    Stopped(Failure),
    /// The same, and it is certain that nothing was done: it was not begun, or the server has said that it has ended it.
    Cancelled(Failure),
}

impl Report {
    pub(crate) fn refused(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            ended: Ended::Refused,
            code: code.into(),
            message: message.into(),
            further: None,
            hint: None,
            place: None,
        }
    }

    pub(crate) fn lost(message: impl Into<String>) -> Self {
        Self { ended: Ended::Lost, ..Self::refused("", message) }
    }

    pub(crate) fn stopped(failure: Failure) -> Self {
        Self { ended: Ended::Stopped(failure), ..Self::refused("", "") }
    }

    pub(crate) fn cancelled(failure: Failure) -> Self {
        Self { ended: Ended::Cancelled(failure), ..Self::refused("", "") }
    }

    /// What was asked before was done, or may have been: that this failed says nothing about it.
    pub(crate) fn uncertain(self) -> Self {
        let ended = match self.ended {
            Ended::Refused | Ended::Lost => Ended::Lost,
            Ended::Stopped(failure) | Ended::Cancelled(failure) => Ended::Stopped(failure),
        };
        Self { ended, ..self }
    }

    pub(crate) fn at(self, place: Option<usize>) -> Self {
        Self { place: self.place.or(place), ..self }
    }

    pub(crate) fn is_lost(&self) -> bool {
        matches!(self.ended, Ended::Lost)
    }

    pub(crate) fn is_refusal(&self) -> bool {
        matches!(self.ended, Ended::Refused)
    }

    /// It is certain that nothing was done.
    pub(crate) fn is_certain(&self) -> bool {
        matches!(self.ended, Ended::Refused | Ended::Cancelled(_))
    }

    /// A statement of ours that failed: `verb` is what it was for.
    pub(crate) fn asking(self, verb: &str) -> Failure {
        let kind = if self.is_lost() { Kind::Unreachable } else { Kind::Database };
        let failure = Failure::new(kind, format!("cannot {verb}: {}", self.message));
        self.finish(failure)
    }

    /// Leaves out what the server may have taken from a statement that nobody may see.
    pub(crate) fn guarded(self) -> Self {
        match self.further {
            Some(further) => Self { message: further.guarded, further: None, ..self },
            None => self,
        }
    }

    /// A migration that failed, and what is left of it.
    pub(crate) fn applying(self, migration: &Migration, left: &str) -> Failure {
        if migration.is_hidden() && self.further.is_some() {
            return self.guarded().applying(migration, left);
        }
        let kind = if self.is_lost() { Kind::Unreachable } else { Kind::Database };
        let mut failure = Failure::new(kind, format!("cannot apply `{}`: {}", migration.path(), self.message));
        if let Some(place) = self.place {
            failure = migration.locate_word(failure, place);
        }
        let (lost, certain) = (self.is_lost(), self.is_certain());
        let stopped = matches!(self.ended, Ended::Stopped(_) | Ended::Cancelled(_));
        let failure = self.finish(failure);
        let failure = if stopped { failure.note(format!("it was applying `{}`", migration.path())) } else { failure };
        match () {
            () if lost => failure.hint("run it again: what the database had accepted, its history says"),
            () if certain => failure.note(left),
            () => failure.note("the database did not say in time what became of the statement: the next run finds out"),
        }
    }

    fn finish(self, failure: Failure) -> Failure {
        if let Ended::Stopped(stopped) | Ended::Cancelled(stopped) = self.ended {
            return stopped;
        }
        let failure = match self.further.and_then(|further| further.advice) {
            Some(advice) => failure.note(format!("the server's hint: {advice}")),
            None => failure,
        };
        failure.maybe_hint(self.hint.map(str::to_owned))
    }
}
