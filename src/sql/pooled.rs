//! Through a pooler: each transaction may be served by another session of the server, so a lock lives no longer than one.
//!
//! Every transaction asks for the locks first and then, under them, whether its work is done already. The number of transactions at
//! the same time is one, as with a lock that is held throughout; only who comes next is open each time.

use std::time::{Duration, Instant};

use super::baseline;
use super::history::History;
use super::journal::Journal;
use super::lock::{FIRST_PAUSE, LONGEST_PAUSE, jittered};
use super::migrate::{Done, Run, after, log_applied, read};
use super::migration::Migration;
use super::pending::check_dirty;
use super::report::Report;
use super::session::{Batch, LockName, Session, Transacted};
use super::unit;
use crate::failure::{Failure, Kind};

pub(super) const HINT: &str = "name an address of the server itself with `direct`, or as the database";

/// Applies what is pending. Steps need a session of their own, so a migration that has some is refused before anything is done.
pub(super) fn apply(session: &mut dyn Session, run: &Run<'_>) -> Result<Done, Failure> {
    let mut wait = Wait::new(run.lock_wait);
    let mut done = Done::default();
    loop {
        let (history, lack) = read(session, run)?;
        if lack.is_nothing() {
            return Ok(done);
        }
        check_dirty(&history.records(session, run.migrations)?, &history)?;
        if let Some(migration) = stepwise(session, &history, &lack.pending)? {
            return Err(cannot_step(migration));
        }
        wait.look(lack.baseline.len() + lack.pending.len());
        let result = if !history.exists() {
            make(session, &history, run).map(|()| false)
        } else if lack.baseline.is_empty() {
            apply_each(session, &history, &lack.pending, run, &mut done.applied)
        } else {
            let guard = format!("{}; SELECT 1 FROM {}", is_locked(&history), history.label());
            let recorded = baseline::record(session, &history, (&lack.baseline, Some(&guard)), run);
            recorded.map(|it| {
                done.recorded += if it == Transacted::Committed { lack.baseline.len() } else { 0 };
                false
            })
        };
        if result.map_err(|failure| after(done.applied, failure))? {
            return Ok(done);
        }
        wait.pause(session)?;
    }
}

/// A migration that is no transaction, or that another run has begun as none.
fn stepwise<'a>(
    session: &mut dyn Session,
    history: &History,
    pending: &[&'a Migration],
) -> Result<Option<&'a Migration>, Failure> {
    let dialect = session.dialect();
    let asking = |report: Report| report.asking("read the journal of the migrations");
    let begun = Journal::new(history, dialect).begun(session).map_err(asking)?;
    let steps = |migration: &&&Migration| migration.is_stepwise(dialect) || begun.contains(&migration.label());
    Ok(pending.iter().find(steps).copied())
}

/// `false`: another runner is at work, or has done some of it.
fn apply_each(
    session: &mut dyn Session,
    history: &History,
    pending: &[&Migration],
    run: &Run<'_>,
    applied: &mut usize,
) -> Result<bool, Failure> {
    for (index, migration) in pending.iter().enumerate() {
        session.pause(Duration::ZERO)?;
        let started = Instant::now();
        let guard = format!("{}; {}", is_locked(history), history.is_applied(migration));
        let done = unit::together(session, history, (migration, Some(&guard)), run);
        run.progress.end();
        if done? == Transacted::Guarded {
            return Ok(false);
        }
        *applied += 1;
        log_applied(migration, (index + 1, pending.len()), started);
    }
    Ok(true)
}

/// Makes the history, unless another runner is at it or has made it.
fn make(session: &mut dyn Session, history: &History, run: &Run<'_>) -> Result<(), Failure> {
    let guard = format!("{}; {}", is_locked(history), history.is_made());
    let batch =
        Batch { guard: Some(&guard), statements: &[], record: &history.create(), lock_timeout: run.lock_timeout };
    let cannot = |report: Report| report.asking(&format!("make the history {}", history.label()));
    session.transact(&batch).map(drop).map_err(cannot)
}

/// A query that has a row if a lock cannot be had; else they are held until the transaction ends.
fn is_locked(history: &History) -> String {
    let tries = history.locks().into_iter().filter_map(|lock| match lock {
        LockName::Number(key) => Some(format!("pg_try_advisory_xact_lock({key})")),
        LockName::Text(_) => None,
    });
    format!("SELECT 1 WHERE NOT ({})", tries.collect::<Vec<_>>().join(" AND "))
}

/// How long nothing has become less.
struct Wait {
    limit: Duration,
    since: Instant,
    pause: Duration,
    left: Option<usize>,
}

impl Wait {
    fn new(limit: Duration) -> Self {
        Self { limit, since: Instant::now(), pause: FIRST_PAUSE, left: None }
    }

    fn look(&mut self, left: usize) {
        if self.left != Some(left) {
            *self = Self { left: Some(left), ..Self::new(self.limit) };
        }
    }

    fn pause(&mut self, session: &mut dyn Session) -> Result<(), Failure> {
        let left = self.limit.saturating_sub(self.since.elapsed());
        if left.is_zero() {
            let seconds = self.limit.as_secs();
            let message = format!("cannot lock the history: after {seconds} s it is held by another session");
            return Err(Failure::new(Kind::Lock, message)
                .hint("another runner is migrating: wait for it, or raise `lock_wait`"));
        }
        session.pause(jittered(self.pause).min(left))?;
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        Ok(())
    }
}

fn cannot_step(migration: &Migration) -> Failure {
    let cause = "it cannot be one transaction, and a pooler gives each transaction another session";
    Failure::new(Kind::Pooler, format!("cannot apply `{}`: {cause}", migration.path()))
        .note("nothing was applied by this run")
        .hint(HINT)
}

/// What statements at the start of a session set would reach other clients of the pooler.
pub(super) fn cannot_keep_settings() -> Failure {
    let cause = "a pooler shares it with other clients";
    Failure::new(Kind::Pooler, format!("cannot run statements at the start of the session: {cause}")).hint(HINT)
}
