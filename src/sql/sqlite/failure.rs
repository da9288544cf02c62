//! What SQLite reports, as failures.

use rusqlite::{Error, ErrorCode, ffi};

use super::super::lexer::Statement;
use super::super::report::Report;

pub(super) fn is_busy(error: &Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

/// The handler for progress ended the statement.
pub(super) fn is_interrupt(error: &Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted)
}

/// What SQLite answered. `statement` is the one of a file that was run, if it was one.
pub(super) fn report(error: &Error, statement: Option<&Statement<'_>>) -> Report {
    let code = error.sqlite_error().map_or_else(String::new, |error| error.extended_code.to_string());
    let hint = match error.sqlite_error() {
        Some(error) if error.extended_code == ffi::SQLITE_CANTOPEN_SYMLINK => {
            Some("the path leads through a symbolic link: name the real path")
        }
        Some(error) if error.code == ErrorCode::CannotOpen => {
            Some("the directory must exist and be writable: SQLite makes its journal there")
        }
        Some(error) if error.code == ErrorCode::DiskFull => Some("make room on the disk of the database"),
        _ => None,
    };
    let place = statement.and_then(|statement| match error {
        Error::SqlInputError { offset, .. } => usize::try_from(*offset).ok().map(|offset| statement.start + offset),
        _ => statement.head().map(|head| head.start),
    });
    Report { hint, place, ..Report::refused(code, cause(error)) }
}

/// Without the statement, which the library's own text would hold.
fn cause(error: &Error) -> String {
    match error {
        Error::SqlInputError { msg, .. } | Error::SqliteFailure(_, Some(msg)) => msg.clone(),
        Error::SqliteFailure(error, None) => error.to_string(),
        other => other.to_string(),
    }
}
