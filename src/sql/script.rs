//! Statements that are executed once each time they are asked for, or until a query says that they were.

mod pooled;

use std::time::Duration;

use super::Dialect;
use super::doubt;
use super::lexer::Statement;
use super::lock;
use super::migration::Migration;
use super::report::Report;
use super::session::{Batch, LockName, Session, Transacted, held};
use super::steps::{Step, steps};
use super::stop::Hold;
use super::unit::patiently;
use crate::failure::Failure;

const ROLLED_BACK: &str = "the transaction was rolled back";
const ALONE: &str = "the statement ran on its own, and what stands before it is done";

/// What is to be executed, and how patiently.
#[derive(Debug)]
pub(crate) struct Script<'a> {
    /// Texts with statements, in order.
    pub(crate) texts: &'a [Migration],
    /// A query that has a row when there is nothing to do.
    pub(crate) unless: Option<&'a str>,
    /// No word of the query may be shown.
    pub(crate) hides_unless: bool,
    pub(crate) lock_wait: Duration,
    pub(crate) lock_timeout: Duration,
}

/// Whether the query has no row. Changes nothing.
pub(crate) fn is_needed(session: &mut dyn Session, script: &Script<'_>) -> Result<bool, Failure> {
    let Some(unless) = script.unless else { return Ok(true) };
    let rows = session.query(unless).map_err(|report| {
        let report = if script.hides_unless { report.guarded() } else { report };
        report.asking("ask the query of `unless`")
    })?;
    Ok(rows.is_empty())
}

/// Executes the statements, and says how many that were; none if another run was faster.
pub(crate) fn execute(mut session: Box<dyn Session>, script: &Script<'_>) -> Result<usize, Failure> {
    let locks = locks(session.dialect(), script);
    let executed = match locks.as_slice() {
        [lock] if session.is_pooled() => pooled::execute(&mut *session, script, lock)?,
        locks => execute_under(&mut *session, script, locks)?,
    };
    session.close()?;
    Ok(executed)
}

/// Whoever waits for the locks leaves when there is nothing left to do.
fn execute_under(session: &mut dyn Session, script: &Script<'_>, locks: &[LockName]) -> Result<usize, Failure> {
    let is_done = |session: &mut dyn Session| is_needed(session, script).map(|is_needed| !is_needed);
    if script.unless.is_some() {
        lock::check_cluster(session, "leave `unless` out: write statements that may run twice at once")?;
    }
    let mut executed = 0;
    if lock::obtain(session, locks, (script.lock_wait, "the script"), is_done)? && is_needed(session, script)? {
        for text in script.texts {
            executed += execute_text(session, text, script)?;
        }
    }
    Ok(executed)
}

/// One run of the same statements at a time: only so `unless` is an answer.
fn locks(dialect: Dialect, script: &Script<'_>) -> Vec<LockName> {
    let sums: String = script.texts.iter().map(|text| text.checksum.as_str()).collect();
    let name = format!("fitout:sql:{}:{sums}", script.unless.unwrap_or_default());
    match dialect {
        Dialect::Postgres => vec![LockName::number(&name)],
        Dialect::Mysql => vec![LockName::text(&name)],
        Dialect::Sqlite => Vec::new(),
    }
}

fn execute_text(session: &mut dyn Session, text: &Migration, script: &Script<'_>) -> Result<usize, Failure> {
    let dialect = session.dialect();
    let statements = text.statements(dialect);
    let mut executed = 0;
    for step in steps(&statements, dialect, (text.directives.no_transaction, 0)) {
        session.pause(Duration::ZERO)?;
        let of_step = statements.get(step.statements.clone()).unwrap_or_default();
        let run = |session: &mut dyn Session| execute_step(session, &step, of_step, (text, script));
        let left = if step.alone.is_some() { ALONE } else { ROLLED_BACK };
        match patiently(session, text.path(), run).map_err(|report| report.applying(text, left))? {
            Transacted::Committed => executed += of_step.len(),
            Transacted::Guarded => return Ok(executed),
        }
    }
    Ok(executed)
}

fn execute_step(
    session: &mut dyn Session,
    step: &Step,
    statements: &[Statement<'_>],
    (text, script): (&Migration, &Script<'_>),
) -> Result<Transacted, Report> {
    let lock_timeout = text.directives.lock_timeout.unwrap_or(script.lock_timeout);
    if let (Some(doubt), [statement]) = (&step.alone, statements) {
        return held(session, Hold::Statement, |session| {
            session.limit_lock_wait(doubt::lock_timeout(doubt, lock_timeout))?;
            doubt::settle(session, statement, doubt, false).map(|_| Transacted::Committed)
        });
    }
    // A file of SQLite is locked by the transaction alone.
    let guard = script.unless.filter(|_| session.dialect() == Dialect::Sqlite && step.statements.start == 0);
    session.transact(&Batch { guard, statements, record: &[], lock_timeout })
}
