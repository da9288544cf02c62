//! What every database can do: statements in, rows as text out.

use std::time::Duration;

use super::Dialect;
use super::lexer::Statement;
use super::report::Report;
use super::stop::Hold;
use crate::failure::Failure;

/// The values of a row as text, or nothing for NULL.
pub(crate) type Row = Vec<Option<String>>;

/// One connection to a database. Every call blocks, and ends early when the run has to stop. Dropping it ends the connection,
/// which rolls back what is open and gives the locks free.
pub(crate) trait Session {
    fn dialect(&self) -> Dialect;

    /// Whether another session of the server may serve each transaction: then nothing outside of one can be relied on.
    fn is_pooled(&self) -> bool {
        false
    }

    /// Whether other servers take the same statements and know nothing of the locks of this one.
    fn is_clustered(&mut self) -> Result<bool, Report> {
        Ok(false)
    }

    /// Runs statements of ours and returns the rows of all of them.
    fn query(&mut self, sql: &str) -> Result<Vec<Row>, Report>;

    /// An expression for the milliseconds since now, or since the transaction that runs it began.
    fn elapsed(&self) -> String;

    /// Runs everything of the batch in one transaction, in as few round trips as the protocol allows, or nothing of it.
    fn transact(&mut self, batch: &Batch<'_>) -> Result<Transacted, Report>;

    /// Runs one statement of a file outside of a transaction.
    fn run_alone(&mut self, statement: &Statement<'_>) -> Result<(), Report>;

    /// Asks for a lock once, without waiting. It is held until the session ends.
    fn try_lock(&mut self, lock: &LockName) -> Result<Lock, Report>;

    /// What comes next is of another file: what the last one set for its session is set back first. A session that does so after
    /// every statement has nothing to do here.
    fn begin_unit(&mut self) -> Result<(), Report> {
        Ok(())
    }

    /// Limits how long a statement waits for a lock on a table or row; zero for no limit.
    fn limit_lock_wait(&mut self, limit: Duration) -> Result<(), Report>;

    /// What goes on for a while when the run has to stop, until the next call.
    fn hold(&mut self, hold: Option<Hold>);

    /// Sleeps, unless a signal or the deadline ends that.
    fn pause(&mut self, duration: Duration) -> Result<(), Failure>;

    /// Ends the session, and with it the locks.
    fn close(self: Box<Self>) -> Result<(), Failure>;
}

/// Does work that goes on for a while when the run has to stop.
pub(super) fn held<T>(session: &mut dyn Session, hold: Hold, work: impl FnOnce(&mut dyn Session) -> T) -> T {
    session.hold(Some(hold));
    let done = work(session);
    session.hold(None);
    done
}

/// What is done in one transaction.
#[derive(Debug)]
pub(crate) struct Batch<'a> {
    /// A query of ours: if it has a row, somebody else has done all of this already.
    pub(crate) guard: Option<&'a str>,
    /// Of a file, one after the other.
    pub(crate) statements: &'a [Statement<'a>],
    /// Of ours, after those of the file.
    pub(crate) record: &'a [String],
    /// How long a statement waits for a lock on a table or row; zero for no limit.
    pub(crate) lock_timeout: Duration,
}

/// What became of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transacted {
    Committed,
    /// The guard had a row, so nothing was run.
    Guarded,
}

/// The name of a lock that keeps other runners out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LockName {
    /// An advisory lock of PostgreSQL, which are kept for each database.
    Number(i64),
    /// A lock of MySQL, which are kept for the whole server: at most 64 characters.
    Text(String),
}

impl LockName {
    /// A query that has a row if the lock cannot be had; else it is held until the transaction ends.
    pub(crate) fn unless_had_by_transaction(&self) -> Option<String> {
        match self {
            Self::Number(key) => Some(format!("SELECT 1 WHERE NOT pg_try_advisory_xact_lock({key})")),
            Self::Text(_) => None,
        }
    }
}

/// The answer to one try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Lock {
    Held,
    /// Another session has it; what is known about that one.
    Busy(String),
}
