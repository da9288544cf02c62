//! What PostgreSQL and its connection report, as failures. DETAIL and CONTEXT are left out: they hold values of rows.

use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

use super::super::report::{Ended, Further, Report};
use super::words::Words;

const LOST: &str = "the connection was lost";

/// What the server answered, or that it answers no more.
pub(super) fn report(error: &Error) -> Report {
    let Some(answer) = error.as_db_error() else { return Report::lost(cause(error)) };
    let (code, words) = (answer.code(), Words::of(answer));
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
    let further = Further { guarded: words.guarded, advice: answer.hint().map(str::to_owned) };
    let report = Report { further: Some(Box::new(further)), hint, ..Report::refused(code.code(), words.shown) };
    if ends { Report { ended: Ended::Lost, ..report } } else { report }
}

fn cause(error: &Error) -> String {
    if error.is_closed() { LOST.to_owned() } else { cause_of(error) }
}

/// The innermost cause, which says more than `invalid connection string`.
fn cause_of(error: &Error) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
}
