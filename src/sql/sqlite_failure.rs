//! What SQLite reports, as failures.

use rusqlite::{Error, ErrorCode, ffi};

use super::migration::Migration;
use super::statement::Statement;
use crate::failure::{Failure, Kind};

pub(super) fn is_busy(error: &Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

/// The handler for progress ended the statement.
pub(super) fn is_interrupt(error: &Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted)
}

/// Work of ours that failed: `verb` is what it was for.
pub(super) fn asking(error: &Error, verb: &str) -> Failure {
    let failure = Failure::new(Kind::Database, format!("cannot {verb}: {}", cause(error)));
    match error.sqlite_error() {
        Some(error) if error.extended_code == ffi::SQLITE_CANTOPEN_SYMLINK => {
            failure.hint("the path leads through a symbolic link: name the real path")
        }
        Some(error) if error.code == ErrorCode::CannotOpen => {
            failure.hint("the directory must exist and be writable: SQLite makes its journal there")
        }
        _ => failure,
    }
}

/// A migration that failed, in this statement where that is known.
pub(super) fn applying(error: &Error, migration: &Migration, statement: Option<&Statement<'_>>) -> Failure {
    let failure = Failure::new(Kind::Database, format!("cannot apply `{}`: {}", migration.path(), cause(error)))
        .note("the transaction was rolled back: nothing of this migration is left");
    let Some(statement) = statement else { return failure };
    let start = match error {
        Error::SqlInputError { offset, .. } => usize::try_from(*offset).ok().map(|offset| statement.start + offset),
        _ => None,
    };
    match start.or(statement.head().map(|head| head.start)) {
        Some(start) => migration.locate_word(failure, start),
        None => failure,
    }
}

/// Without the statement, which the library's own text would hold.
fn cause(error: &Error) -> String {
    match error {
        Error::SqlInputError { msg, .. } | Error::SqliteFailure(_, Some(msg)) => msg.clone(),
        Error::SqliteFailure(error, None) => error.to_string(),
        other => other.to_string(),
    }
}
