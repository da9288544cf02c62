//! What PostgreSQL and its connection report, as failures. DETAIL and CONTEXT are left out: they hold values of rows.

use std::io;

use tokio_postgres::Error;
use tokio_postgres::error::{ErrorPosition, SqlState};

use super::Dialect;
use super::migration::Migration;
use super::statement::{Statement, statements};
use crate::failure::{Failure, Kind};

const LOST: &str = "the connection was lost";

/// A connection that was not made.
pub(super) fn connecting(error: &Error, label: &str) -> Failure {
    let failure = |cause: &str| Failure::new(Kind::Database, format!("cannot connect to database {label}: {cause}"));
    if let Some(database_error) = error.as_db_error() {
        let cause = format!("{} (SQLSTATE {})", database_error.message(), database_error.code().code());
        let hint = match *database_error.code() {
            SqlState::INVALID_PASSWORD => Some("check the user and the password in the URL"),
            SqlState::INVALID_CATALOG_NAME => Some("create the database first"),
            SqlState::CANNOT_CONNECT_NOW => Some("put a `wait` step for the database before this one"),
            _ => None,
        };
        return failure(&cause).maybe_hint(hint.map(str::to_owned));
    }
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

/// A statement of ours that failed: `verb` is what it was for.
pub(super) fn asking(error: &Error, verb: &str) -> Failure {
    let (cause, hint) = cause(error);
    let failure = Failure::new(Kind::Database, format!("cannot {verb}: {cause}"));
    let failure = hint.into_iter().fold(failure, |failure, hint| failure.note(format!("the server's hint: {hint}")));
    match error.code() {
        Some(&SqlState::UNDEFINED_COLUMN) => {
            failure.hint("the table belongs to another program: name another with `table`")
        }
        Some(&SqlState::INVALID_SCHEMA_NAME) => failure.hint("create the schema first"),
        _ => failure,
    }
}

/// A migration that failed. `completed` statements of the batch, of which the first is `BEGIN`, had gone well; `before`
/// characters stand before the migration.
pub(super) fn applying(error: &Error, migration: &Migration, completed: usize, before: usize) -> Failure {
    let (cause, hint) = cause(error);
    let mut failure = Failure::new(Kind::Database, format!("cannot apply `{}`: {cause}", migration.path()));
    if let Some(start) = start(error, migration, completed, before) {
        failure = migration.locate_word(failure, start);
    }
    if let Some(hint) = hint {
        failure = failure.note(format!("the server's hint: {hint}"));
    }
    if error.is_closed() {
        return failure.hint("run it again: if the database had accepted it, the history says so");
    }
    failure.note("the transaction was rolled back: nothing of this migration is left")
}

/// The innermost cause, which says more than `invalid connection string`.
fn cause_of(error: &Error) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
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

/// Where in the file it failed: where the server says, else at the statement that was not completed.
fn start(error: &Error, migration: &Migration, completed: usize, before: usize) -> Option<usize> {
    let sql = migration.sql();
    let position = match error.as_db_error()?.position() {
        Some(ErrorPosition::Original(position)) => Some(usize::try_from(*position).ok()?),
        _ => None,
    };
    // Characters, counted from 1 in the whole batch.
    if let Some(position) = position.and_then(|position| position.checked_sub(before + 1)) {
        return sql.char_indices().nth(position).map(|(start, _)| start);
    }
    let statements = statements(sql, Dialect::Postgres).ok()?;
    let mut heads = statements.iter().filter_map(Statement::head);
    heads.nth(completed.checked_sub(1)?).map(|head| head.start)
}
