//! The order in which a database is asked, which is safe when many runners start at once and when any of them is killed.
//!
//! History, and nothing to do: the end, without a lock. Else the lock, the history again, and for each migration one unit.

use std::time::Duration;

use super::history::{Choice, History};
use super::journal::Journal;
use super::lock;
use super::migration::Migration;
use super::pending::{Rules, check_dirty, pending};
use super::pooled;
use super::report::Report;
use super::session::{LockName, Session};
use super::unit;
use crate::failure::Failure;

/// What is to be done, and how patiently.
#[derive(Debug)]
pub(crate) struct Run<'a> {
    pub(crate) migrations: &'a [Migration],
    pub(crate) history: Choice<'a>,
    pub(crate) rules: Rules,
    /// How long to wait for another runner.
    pub(crate) lock_wait: Duration,
    /// How long a statement waits for a lock on a table or row before the whole migration is tried again; zero for no limit.
    pub(crate) lock_timeout: Duration,
}

/// The migrations that the database lacks. Changes nothing, and needs no right but to read.
pub(crate) fn lacking<'a>(session: &mut dyn Session, run: &Run<'a>) -> Result<Vec<&'a Migration>, Failure> {
    read(session, run).map(|(_, pending)| pending)
}

/// Applies what is pending and says how many migrations that were. On failure the session is dropped, which rolls back what it
/// had begun.
pub(crate) fn migrate(mut session: Box<dyn Session>, run: &Run<'_>) -> Result<usize, Failure> {
    let applied = if session.is_pooled() {
        pooled::apply(&mut *session, run)?
    } else if lock(&mut *session, run)? {
        apply_pending(&mut *session, run)?
    } else {
        0
    };
    session.close()?;
    Ok(applied)
}

/// Takes the locks of the history. `false`: there is nothing to do, or no more.
fn lock(session: &mut dyn Session, run: &Run<'_>) -> Result<bool, Failure> {
    let mut held: Vec<LockName> = Vec::new();
    loop {
        let (history, pending) = read(session, run)?;
        if pending.is_empty() {
            return Ok(false);
        }
        // While we waited another runner may have begun a history of its own, which has further locks.
        let locks: Vec<LockName> = history.locks().into_iter().filter(|lock| !held.contains(lock)).collect();
        if locks.is_empty() {
            return Ok(true);
        }
        let is_done = |session: &mut dyn Session| read(session, run).map(|(_, pending)| pending.is_empty());
        if !lock::obtain(session, &locks, run.lock_wait, is_done)? {
            return Ok(false);
        }
        held.extend(locks);
    }
}

/// The history, and what is still to do.
pub(super) fn read<'a>(session: &mut dyn Session, run: &Run<'a>) -> Result<(History, Vec<&'a Migration>), Failure> {
    let history = History::find(session, run.history)?;
    let records = history.records(session, run.migrations)?;
    let pending = pending(run.migrations, &records, &history, run.rules)?;
    for migration in &pending {
        history.check(migration)?;
    }
    Ok((history, pending))
}

/// The locks are held: what was read before may be old.
fn apply_pending(session: &mut dyn Session, run: &Run<'_>) -> Result<usize, Failure> {
    let (history, pending) = read(session, run)?;
    check_dirty(&history.records(session, run.migrations)?, &history)?;
    log::info!("{} to apply; the history is {} of {}", count(pending.len()), history.label(), history.runner());
    if !history.exists() {
        let make = |report: Report| report.asking(&format!("make the history {}", history.label()));
        session.query(&history.create().join("; ")).map_err(make)?;
    }
    let journal = Journal::new(&history, session.dialect());
    let begun = journal.begun(session).map_err(|report| report.asking("read the journal of the migrations"))?;
    let mut applied = 0;
    for migration in pending {
        session.pause(Duration::ZERO)?;
        let stepwise = begun.contains(&migration.label()) || migration.is_stepwise(session.dialect());
        match unit::apply(session, &history, (migration, stepwise), run) {
            Ok(true) => applied += 1,
            Ok(false) => {}
            Err(failure) => return Err(after(applied, failure)),
        }
    }
    Ok(applied)
}

/// A failure that tells what this run had done before.
pub(super) fn after(applied: usize, failure: Failure) -> Failure {
    if applied == 0 { failure } else { failure.note(format!("applied before: {}", count(applied))) }
}

/// `1 migration`, `2 migrations`.
pub(crate) fn count(number: usize) -> String {
    if number == 1 { "1 migration".to_owned() } else { format!("{number} migrations") }
}
