//! What PostgreSQL and its connection report, as failures. DETAIL and CONTEXT are left out: they hold values of rows.

use std::io;

use tokio_postgres::Error;
use tokio_postgres::error::{ErrorPosition, SqlState};

use super::super::lexer::Statement;
use super::super::report::{Ended, Report};
use super::super::session::Batch;
use crate::failure::{Failure, Kind};

const LOST: &str = "the connection was lost";

/// A connection that was not made.
pub(super) fn connecting(error: &Error, label: &str) -> Failure {
    let refused = |kind, cause: &str| Failure::new(kind, format!("cannot connect to database {label}: {cause}"));
    if let Some(database_error) = error.as_db_error() {
        let cause = format!("{} (SQLSTATE {})", database_error.message(), database_error.code().code());
        let hint = match *database_error.code() {
            SqlState::INVALID_PASSWORD => Some("check the user and the password in the URL"),
            SqlState::INVALID_CATALOG_NAME => Some("create the database first"),
            SqlState::CANNOT_CONNECT_NOW => Some("put a `wait` step for the database before this one"),
            _ => None,
        };
        return refused(Kind::Database, &cause).maybe_hint(hint.map(str::to_owned));
    }
    let failure = |cause: &str| refused(Kind::Unreachable, cause);
    let source = std::error::Error::source(error).and_then(|source| source.downcast_ref::<io::Error>());
    let Some(source) = source else { return failure(&cause_of(error)) };
    match source.kind() {
        io::ErrorKind::ConnectionRefused => {
            failure("connection refused").hint("put a `wait` step for it before this one")
        }
        io::ErrorKind::TimedOut => failure("no answer in time").hint("put a `wait` step for it before this one"),
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset => failure(LOST),
        // The operating system's words end in a number for programmers.
        _ => failure(source.to_string().split(" (os error").next().unwrap_or_default().to_lowercase().as_str()),
    }
}

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

/// Where it failed in the text that the statements are of: where the server says, else at the statement that was not completed.
/// `before` stands before their text, which is `body`, in what was sent.
pub(super) fn place(error: &Error, batch: &Batch<'_>, (before, body): (&str, &str), completed: usize) -> Option<usize> {
    let start = batch.statements.first()?.start;
    let position = match error.as_db_error()?.position() {
        Some(ErrorPosition::Original(position)) => Some(usize::try_from(*position).ok()?),
        _ => None,
    };
    // Characters, counted from 1 in the whole message.
    if let Some(position) = position.and_then(|position| position.checked_sub(before.chars().count() + 1)) {
        return body.char_indices().nth(position).map(|(at, _)| start + at);
    }
    let ours = before.matches(';').count();
    let mut heads = batch.statements.iter().filter_map(Statement::head);
    heads.nth(completed.checked_sub(ours)?).map(|head| head.start)
}

/// The innermost cause, which says more than `invalid connection string`.
fn cause_of(error: &Error) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
}
