//! One migration: its statements and its row in the history.

use std::time::Duration;

use super::Dialect;
use super::history::History;
use super::lock::jittered;
use super::migrate::Run;
use super::migration::Migration;
use super::report::Report;
use super::session::{Batch, Session, Transacted};
use super::steps;
use crate::failure::Failure;

/// How often a migration is tried that had to wait for a lock of the application, and how long between the tries.
const TRIES: u32 = 10;
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

const ROLLED_BACK: &str = "the transaction was rolled back: nothing of this migration is left";

/// How a migration is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Transaction,
    /// Step by step, of which the journal may hold some.
    Steps {
        begun: bool,
    },
}

impl Way {
    pub(super) fn new(migration: &Migration, begun: &[String], dialect: Dialect) -> Self {
        let begun = begun.contains(&migration.label());
        if begun || migration.is_stepwise(dialect) { Self::Steps { begun } } else { Self::Transaction }
    }
}

/// Applies a migration and records it. `false`: it turned out to be applied already.
pub(super) fn apply(
    session: &mut dyn Session,
    history: &History,
    (migration, way): (&Migration, Way),
    run: &Run<'_>,
) -> Result<bool, Failure> {
    if let Way::Steps { begun } = way {
        return steps::apply(session, history, (migration, begun), run);
    }
    // Where a lock keeps others out, the rows that were read under it are still true.
    let guard = (session.dialect() == Dialect::Sqlite).then(|| history.is_applied(migration));
    together(session, history, (migration, guard.as_deref()), run).map(|done| done == Transacted::Committed)
}

/// Everything in one transaction, unless the guard has a row.
pub(super) fn together(
    session: &mut dyn Session,
    history: &History,
    (migration, guard): (&Migration, Option<&str>),
    run: &Run<'_>,
) -> Result<Transacted, Failure> {
    run.progress.begin(format!("`{}`", migration.path()));
    patiently(session, migration.path(), |session| transact(session, history, (migration, guard), run))
        .map_err(|report| report.applying(migration, ROLLED_BACK))
}

fn transact(
    session: &mut dyn Session,
    history: &History,
    (migration, guard): (&Migration, Option<&str>),
    run: &Run<'_>,
) -> Result<Transacted, Report> {
    session.begin_unit()?;
    let statements = migration.statements(session.dialect());
    let record = history.insert(migration, &session.elapsed());
    session.transact(&Batch {
        guard,
        statements: &statements,
        record: &record,
        lock_timeout: migration.directives.lock_timeout.unwrap_or(run.lock_timeout),
    })
}

/// Does the work again where it had to wait for a lock that the application holds: a migration that keeps waiting would make
/// everybody wait behind it.
pub(super) fn patiently<T>(
    session: &mut dyn Session,
    path: &str,
    work: impl Fn(&mut dyn Session) -> Result<T, Report>,
) -> Result<T, Report> {
    let (mut pause, mut left) = (FIRST_PAUSE, TRIES);
    loop {
        left -= 1;
        match work(session) {
            Err(report) if left > 0 && is_transient(&report, session.dialect()) => {
                log::warn!("`{path}` waits for a lock: {}; {left} more tries", report.message);
                session.pause(jittered(pause)).map_err(Report::cancelled)?;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            result => return result,
        }
    }
}

/// The lock was not had in time, two waited for each other, or what was read had changed.
fn is_transient(report: &Report, dialect: Dialect) -> bool {
    let codes: &[&str] = match dialect {
        Dialect::Postgres => &["55P03", "40P01", "40001"],
        Dialect::Mysql => &["1205", "1213"],
        Dialect::Sqlite => &[],
    };
    codes.contains(&report.code.as_str())
}
