//! What PostgreSQL and its connection report, as failures. DETAIL and CONTEXT are left out: they hold values of rows.

use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

use super::super::report::{Ended, Report};

const LOST: &str = "the connection was lost";

/// What the server answered, or that it answers no more.
pub(super) fn report(error: &Error) -> Report {
    let (cause, advice) = cause(error);
    let Some(code) = error.code() else { return Report::lost(cause) };
    let hint = match *code {
        SqlState::INVALID_SCHEMA_NAME => Some("create the schema first"),
        SqlState::INSUFFICIENT_PRIVILEGE => Some("grant the user of the migrations that right"),
        SqlState::READ_ONLY_SQL_TRANSACTION => Some("this server is a replica, or read-only: name the primary"),
        SqlState::DISK_FULL => Some("make room on the disk of the database"),
        _ => None,
    };
    // The server ends the session: what became of the statement is as unknown as when the line breaks.
    let ends = matches!(
        *code,
        SqlState::ADMIN_SHUTDOWN | SqlState::CRASH_SHUTDOWN | SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT
    );
    let report = Report { advice, hint, ..Report::refused(code.code(), cause) };
    if ends { Report { ended: Ended::Lost, ..report } } else { report }
}

fn cause(error: &Error) -> (String, Option<String>) {
    match error.as_db_error() {
        Some(database_error) => (
            format!("{} (SQLSTATE {})", database_error.message(), database_error.code().code()),
            database_error.hint().map(str::to_owned),
        ),
        None if error.is_closed() => (LOST.to_owned(), None),
        None => (cause_of(error), None),
    }
}

/// The innermost cause, which says more than `invalid connection string`.
fn cause_of(error: &Error) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
}
