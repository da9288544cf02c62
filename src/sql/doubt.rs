//! A statement that runs alone, also when nobody knows whether an earlier run has done it.
//!
//! We hold the lock, so the session that began it is gone and it runs no more.

use std::time::Duration;

use super::Dialect;
use super::index;
use super::lexer::{Doubt, IndexWork, Statement, accepted_codes};
use super::migration::Migration;
use super::report::Report;
use super::session::Session;
use crate::failure::{Failure, Kind};

/// What became of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Settled {
    Done,
    /// Only a person can say whether it was done before.
    Unknown,
}

/// Runs the statement or, if an earlier run may have done it, sees to it that it is done.
pub(super) fn settle(
    session: &mut dyn Session,
    statement: &Statement<'_>,
    doubt: &Doubt,
    doubtful: bool,
) -> Result<Settled, Report> {
    if let Doubt::Index(doubt) = doubt {
        // Who cannot name it cannot look for it.
        if doubtful && doubt.name.is_none() && doubt.work == IndexWork::Create {
            return Ok(Settled::Unknown);
        }
        return index::settle(session, statement, doubt, doubtful).map(|()| Settled::Done);
    }
    if !doubtful {
        return session.run_alone(statement).map(|()| Settled::Done);
    }
    match doubt {
        Doubt::Repeat => {}
        Doubt::Create | Doubt::Drop if is_atomic(session)? => {}
        _ => return Ok(Settled::Unknown),
    }
    let dialect = session.dialect();
    match session.run_alone(statement) {
        Err(report) if accepted_codes(doubt, dialect).contains(&report.code.as_str()) => {
            log::info!("an earlier run had done this statement: {}", report.message);
            Ok(Settled::Done)
        }
        result => result.map(|()| Settled::Done),
    }
}

/// Whether a single statement that changes the schema is done as a whole or not at all: before 8.0 MySQL, and before 10.6 MariaDB, could
/// be killed in the middle of one.
fn is_atomic(session: &mut dyn Session) -> Result<bool, Report> {
    if session.dialect() != Dialect::Mysql {
        return Ok(true);
    }
    let rows = session.query("SELECT version()")?;
    let version = rows.into_iter().flatten().flatten().next().unwrap_or_default();
    let numbers: Vec<u32> = version.split(['.', '-']).map_while(|number| number.parse().ok()).collect();
    let oldest: &[u32] = if version.contains("MariaDB") { &[10, 6] } else { &[8, 0] };
    Ok(numbers.as_slice() >= oldest)
}

/// An index that is built concurrently waits for every transaction in turn: a limit would only leave an invalid one behind.
pub(super) fn lock_timeout(doubt: &Doubt, wanted: Duration) -> Duration {
    if matches!(doubt, Doubt::Index(_)) { Duration::ZERO } else { wanted }
}

/// A statement that may have committed something before it failed.
pub(super) fn may_be_partial(statement: &Statement<'_>) -> bool {
    ["CALL", "EXECUTE", "BEGIN", "DO"].iter().any(|word| begins_with(statement, word))
}

/// A setting of the session that can be made again: with constants, and not for one transaction.
pub(super) fn is_setting(statement: &Statement<'_>, dialect: Dialect) -> bool {
    let text = statement.sql().to_ascii_lowercase();
    match dialect {
        Dialect::Sqlite => {
            begins_with(statement, "PRAGMA") && (statement.foreign_keys().is_some() || text.contains('='))
        }
        // As `pg_dump` writes it.
        Dialect::Postgres if begins_with(statement, "SELECT") => {
            let call = text.trim_start_matches("select").trim_start().trim_start_matches("pg_catalog.");
            call.starts_with("set_config(") && call.ends_with("false)") && !call.contains("from")
        }
        Dialect::Postgres if begins_with(statement, "RESET") => true,
        Dialect::Postgres | Dialect::Mysql => {
            let rest = text.get(3..).unwrap_or_default().trim_start();
            begins_with(statement, "SET")
                && !rest.starts_with("local")
                && !rest.starts_with("constraints")
                && !rest.contains('(')
        }
    }
}

fn begins_with(statement: &Statement<'_>, word: &str) -> bool {
    statement.sql().split(|c: char| !c.is_alphanumeric()).next().is_some_and(|first| first.eq_ignore_ascii_case(word))
}

/// The failure that asks a person.
pub(super) fn unknown(migration: &Migration, statement: &Statement<'_>) -> Failure {
    let cause = "an earlier run was ended in the middle of this statement, and nothing tells whether it was done";
    let failure = Failure::new(Kind::InDoubt, format!("cannot go on with `{}`: {cause}", migration.path()));
    let failure = match statement.head() {
        Some(head) => migration.locate_word(failure, head.start),
        None => failure,
    };
    failure.hint(resolve(migration))
}

/// What a person can do.
pub(super) fn resolve(migration: &Migration) -> String {
    let label = migration.label();
    format!(
        "look whether it was done, and say so: `fitout migrate --resolve {label}=done`, or `--resolve {label}=retry` to run it again"
    )
}
