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
    /// The server's own.
    pub(crate) advice: Option<String>,
    /// The remedy, where the driver knows one.
    pub(crate) hint: Option<&'static str>,
    /// The byte where it failed, in the text that the statements are of.
    pub(crate) place: Option<usize>,
}

/// How the work ended.
#[derive(Debug)]
pub(crate) enum Ended {
    /// The server said no.
    Refused,
    /// The connection broke: what the server did last is not known.
    Lost,
    /// A signal, or the deadline.
    Stopped(Failure),
}

impl Report {
    pub(crate) fn refused(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            ended: Ended::Refused,
            code: code.into(),
            message: message.into(),
            advice: None,
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

    pub(crate) fn at(self, place: Option<usize>) -> Self {
        Self { place: self.place.or(place), ..self }
    }

    pub(crate) fn is_lost(&self) -> bool {
        matches!(self.ended, Ended::Lost)
    }

    /// The server said no, so nothing was done.
    pub(crate) fn is_refusal(&self) -> bool {
        matches!(self.ended, Ended::Refused)
    }

    /// A statement of ours that failed: `verb` is what it was for.
    pub(crate) fn asking(self, verb: &str) -> Failure {
        let kind = if self.is_lost() { Kind::Unreachable } else { Kind::Database };
        let failure = Failure::new(kind, format!("cannot {verb}: {}", self.message));
        self.finish(failure)
    }

    /// A migration that failed, and what is left of it.
    pub(crate) fn applying(self, migration: &Migration, left: &str) -> Failure {
        let kind = if self.is_lost() { Kind::Unreachable } else { Kind::Database };
        let mut failure = Failure::new(kind, format!("cannot apply `{}`: {}", migration.path(), self.message));
        if let Some(place) = self.place {
            failure = migration.locate_word(failure, place);
        }
        let lost = self.is_lost();
        let failure = self.finish(failure);
        if lost {
            failure.hint("run it again: what the database had accepted, its history says")
        } else {
            failure.note(left)
        }
    }

    fn finish(self, failure: Failure) -> Failure {
        if let Ended::Stopped(stopped) = self.ended {
            return stopped;
        }
        let failure = match self.advice {
            Some(advice) => failure.note(format!("the server's hint: {advice}")),
            None => failure,
        };
        failure.maybe_hint(self.hint.map(str::to_owned))
    }
}
