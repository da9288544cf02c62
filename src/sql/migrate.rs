//! The order in which a database is asked, which is safe when many runners start at once and when any of them is killed.
//!
//! History, and nothing to do: the end, without a lock. Else the lock, the history again, and for each migration one unit.

use std::time::{Duration, Instant};

use super::baseline;
use super::history::{Choice, History};
use super::journal::Journal;
use super::lock;
use super::migration::Migration;
use super::pending::{Rules, check_dirty, pending};
use super::pooled;
use super::progress::{self, Look, Progress};
use super::report::Report;
use super::session::{Batch, LockName, Session};
use super::version::Version;
use super::{Dialect, unit};
use crate::failure::Failure;

/// What is to be done, and how patiently.
#[derive(Debug)]
pub(crate) struct Run<'a> {
    pub(crate) migrations: &'a [Migration],
    pub(crate) history: Choice<'a>,
    pub(crate) rules: Rules,
    /// The newest migration that a database without history has, if it is not empty.
    pub(crate) baseline: Option<&'a Version>,
    pub(crate) progress: Progress,
    /// The address is one of a server itself, the same for all runners.
    pub(crate) direct: bool,
    /// How long to wait for another runner.
    pub(crate) lock_wait: Duration,
    /// How long a statement waits for a lock on a table or row before the whole migration is tried again; zero for no limit.
    pub(crate) lock_timeout: Duration,
}

/// What a database lacks.
#[derive(Debug)]
pub(crate) struct Lack<'a> {
    /// Recorded as applied, and not run.
    pub(crate) baseline: Vec<&'a Migration>,
    pub(crate) pending: Vec<&'a Migration>,
}

impl Lack<'_> {
    pub(crate) fn is_nothing(&self) -> bool {
        self.baseline.is_empty() && self.pending.is_empty()
    }
}

/// What a run has done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Done {
    /// Recorded as applied, and not run.
    pub(crate) recorded: usize,
    pub(crate) applied: usize,
}

/// The migrations that the database lacks. Changes nothing, and needs no right but to read.
pub(crate) fn lacking<'a>(session: &mut dyn Session, run: &Run<'a>) -> Result<Lack<'a>, Failure> {
    read(session, run).map(|(_, lack)| lack)
}

/// Applies what is pending. On failure the session is dropped, which rolls back what it had begun.
pub(crate) fn migrate(mut session: Box<dyn Session>, run: &Run<'_>, look: Look<'_>) -> Result<Done, Failure> {
    let done = if session.is_pooled() {
        run.progress.told(None, look, || pooled::apply(&mut *session, run))?
    } else if lock(&mut *session, run)? {
        let number = progress::number(&mut *session);
        run.progress.told(number.as_deref(), look, || apply_pending(&mut *session, run))?
    } else {
        Done::default()
    };
    session.close()?;
    Ok(done)
}

/// Takes the locks of the history. `false`: there is nothing to do, or no more.
fn lock(session: &mut dyn Session, run: &Run<'_>) -> Result<bool, Failure> {
    let mut held: Vec<LockName> = Vec::new();
    loop {
        let (history, lack) = read(session, run)?;
        if lack.is_nothing() {
            return Ok(false);
        }
        if !run.direct {
            lock::check_cluster(session, "name one node, the same for all runners, with `direct`")?;
        }
        // While we waited another runner may have begun a history of its own, which has further locks.
        let locks: Vec<LockName> = history.locks().into_iter().filter(|lock| !held.contains(lock)).collect();
        if locks.is_empty() {
            return Ok(true);
        }
        let is_done = |session: &mut dyn Session| lacking(session, run).map(|lack| lack.is_nothing());
        if !lock::obtain(session, &locks, (run.lock_wait, "the history"), is_done)? {
            return Ok(false);
        }
        held.extend(locks);
    }
}

/// The history, and what is still to do.
pub(super) fn read<'a>(session: &mut dyn Session, run: &Run<'a>) -> Result<(History, Lack<'a>), Failure> {
    let history = History::find(session, run.history)?.holding(run.migrations);
    let records = history.records(session, run.migrations)?;
    let mut pending = pending(run.migrations, &records, &history, run.rules)?;
    for migration in &pending {
        history.check(migration)?;
    }
    let baseline = baseline::baseline(session, &history, &records, run)?;
    if !baseline.is_empty() {
        pending.retain(|migration| baseline.iter().all(|counted| counted.version != migration.version));
    }
    Ok((history, Lack { baseline, pending }))
}

/// The locks are held: what was read before may be old.
fn apply_pending(session: &mut dyn Session, run: &Run<'_>) -> Result<Done, Failure> {
    let (history, lack) = read(session, run)?;
    check_dirty(&history.records(session, run.migrations)?, &history)?;
    log::info!("{} to apply; the history is {} of {}", count(lack.pending.len()), history.label(), history.runner());
    if !history.exists() {
        make(session, &history).map_err(|report| report.asking(&format!("make the history {}", history.label())))?;
    }
    if !lack.baseline.is_empty() {
        baseline::record(session, &history, (&lack.baseline, None), run)?;
    }
    let mut done = Done { recorded: lack.baseline.len(), applied: 0 };
    let journal = Journal::new(&history, session.dialect());
    let begun = journal.begun(session).map_err(|report| report.asking("read the journal of the migrations"))?;
    let dialect = session.dialect();
    let pending: Vec<_> =
        lack.pending.into_iter().map(|migration| (migration, unit::Way::new(migration, &begun, dialect))).collect();
    if pending.iter().any(|(_, way)| *way != unit::Way::Transaction) {
        journal.create(session).map_err(|report| report.asking("make the journal of the migrations"))?;
    }
    for (index, (migration, way)) in pending.iter().copied().enumerate() {
        session.pause(Duration::ZERO)?;
        let started = Instant::now();
        let applied = unit::apply(session, &history, (migration, way), run);
        run.progress.end();
        if applied.map_err(|failure| after(done.applied, failure))? {
            done.applied += 1;
            log_applied(migration, (index + 1, pending.len()), started);
        }
    }
    Ok(done)
}

pub(super) fn log_applied(migration: &Migration, (number, all): (usize, usize), started: Instant) {
    log::info!("applied `{}` in {} ms ({number} of {all})", migration.path(), started.elapsed().as_millis());
}

/// Makes the table. Nothing keeps a second runner out of an SQLite file, so there it is looked for once more.
fn make(session: &mut dyn Session, history: &History) -> Result<(), Report> {
    let record = history.create();
    if session.dialect() != Dialect::Sqlite {
        return session.query(&record.join("; ")).map(drop);
    }
    let guard = history.is_made();
    let batch = Batch { guard: Some(&guard), statements: &[], record: &record, lock_timeout: Duration::ZERO };
    session.transact(&batch).map(drop)
}

/// A failure that tells what this run had done before.
pub(super) fn after(applied: usize, failure: Failure) -> Failure {
    if applied == 0 { failure } else { failure.note(format!("applied before: {}", count(applied))) }
}

/// `1 migration`, `2 migrations`.
pub(crate) fn count(number: usize) -> String {
    if number == 1 { "1 migration".to_owned() } else { format!("{number} migrations") }
}
