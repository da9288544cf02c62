//! Declared rows: the database itself says which of them are not there or differ, and all of those are written in one transaction.
//!
//! Nothing is compared here: types, collations and what a server makes of a value are the server's. What was written is asked for
//! again before the transaction ends, so that a second run finds nothing to do, or there is none.

mod columns;
mod compare;
mod condition;
mod references;
mod refuse;
mod statements;
mod value;
mod write;

use std::time::Duration;

use super::Dialect;
use super::lock;
use super::patience::Patience;
use super::report::Report;
use super::session::{Batch, LockName, Session, Transacted};
use super::unit::patiently;
use crate::document::Located;
use crate::failure::Failure;
use crate::spec::{SeedRow, SeedTable};
use columns::Columns;
use compare::compare;

/// What is declared, and how patiently it is written.
#[derive(Debug)]
pub(crate) struct Seed<'a> {
    pub(crate) tables: &'a [SeedTable],
    /// Set what differs in rows that are there.
    pub(crate) reconcile: bool,
    pub(crate) lock_wait: Duration,
    pub(crate) lock_timeout: Duration,
}

/// A row and its table.
type Declared<'a> = (&'a SeedTable, &'a Located<SeedRow>);

/// A row that is not as it is declared.
#[derive(Debug)]
pub(crate) struct RowChange<'a> {
    pub(crate) table: &'a SeedTable,
    pub(crate) row: &'a Located<SeedRow>,
    pub(crate) need: Need,
}

/// What is to be done with a row.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Need {
    Insert,
    /// These of its columns differ, by their numbers.
    Update(Vec<usize>),
}

/// What is to be written. Changes nothing.
pub(crate) fn lacking_rows<'a>(session: &mut dyn Session, seed: &Seed<'a>) -> Result<Vec<RowChange<'a>>, Failure> {
    let columns = Columns::read(session, seed.tables)?;
    compare(session, seed, &columns)
}

/// Writes what is lacking, and returns what that was.
pub(crate) fn seed<'a>(mut session: Box<dyn Session>, seed: &Seed<'a>) -> Result<Vec<RowChange<'a>>, Failure> {
    let lock = lock_of(&mut *session)?;
    let held = lock.as_ref().filter(|_| !session.is_pooled()).map(std::slice::from_ref).unwrap_or_default();
    lock::check_cluster(&mut *session, "insert the rows by a migration: its step can name one node with `direct`")?;
    let columns = Columns::read(&mut *session, seed.tables)?;
    // Whoever waits leaves when there is nothing left to do.
    let is_done = |session: &mut dyn Session| compare(session, seed, &columns).map(|changes| changes.is_empty());
    if !lock::obtain(&mut *session, held, (seed.lock_wait, "the seed"), is_done)? {
        session.close()?;
        return Ok(Vec::new());
    }
    let changes = write_all(&mut *session, seed, &columns, lock.as_ref().filter(|_| held.is_empty()))?;
    session.close()?;
    Ok(changes)
}

/// Until no other run comes between looking and writing. `lock` is one that only a transaction can hold.
fn write_all<'a>(
    session: &mut dyn Session,
    seed: &Seed<'a>,
    columns: &Columns,
    lock: Option<&LockName>,
) -> Result<Vec<RowChange<'a>>, Failure> {
    let mut patience = Patience::new(seed.lock_wait);
    loop {
        let changes = compare(session, seed, columns)?;
        if changes.is_empty() || write(session, seed, (columns, &changes), lock)? == Transacted::Committed {
            return Ok(changes);
        }
        patience.pause(session, "seed")?;
    }
}

fn write(
    session: &mut dyn Session,
    seed: &Seed<'_>,
    (columns, changes): (&Columns, &[RowChange<'_>]),
    lock: Option<&LockName>,
) -> Result<Transacted, Failure> {
    let written = write::statements(columns, changes, seed.reconcile);
    // Where a lock is held until the session ends, what was compared is still true for other runs.
    let guard = (lock.is_some() || session.dialect() == Dialect::Sqlite).then(|| write::guard(columns, changes, lock));
    let statements = written.divided(session.dialect());
    let run = |session: &mut dyn Session| {
        session.transact(&Batch {
            guard: guard.as_deref(),
            statements: &statements,
            record: &[],
            lock_timeout: seed.lock_timeout,
        })
    };
    let run = |session: &mut dyn Session| session.begin_unit().and_then(|()| run(session));
    patiently(session, "seed", run).map_err(|report| refuse::writing(report, &written))
}

/// One run that seeds at a time in a database, whatever it declares; in SQLite a transaction is enough.
fn lock_of(session: &mut dyn Session) -> Result<Option<LockName>, Failure> {
    Ok(match session.dialect() {
        Dialect::Postgres => Some(LockName::number("fitout:seed")),
        Dialect::Mysql => {
            // Locks are kept for the whole server.
            let asking = |report: Report| report.asking("ask for the name of the database");
            let rows = session.query("SELECT DATABASE()").map_err(asking)?;
            let database = rows.into_iter().flatten().flatten().next().unwrap_or_default();
            Some(LockName::text(&format!("fitout:seed:{database}")))
        }
        Dialect::Sqlite => None,
    })
}
