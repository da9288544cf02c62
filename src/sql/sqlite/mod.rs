//! SQLite: a file, and one transaction of the file's own for each migration.

mod failure;

use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime};

use rusqlite::types::ValueRef;
use rusqlite::{Batch as Statements, Connection, OpenFlags};

use super::Dialect;
use super::lexer::Statement;
use super::report::Report;
use super::session::{Batch, Lock, LockName, Row, Session, Transacted};
use super::stop::{Hold, Stop};
use crate::failure::{Failure, Kind};
use crate::hexadecimal::hexadecimal;
use crate::root::HeldFile;
use failure::{is_busy, is_interrupt, report};

/// How long SQLite itself waits before it says that a file is busy: between two such waits a signal is looked for.
const BUSY_SLICE: Duration = Duration::from_millis(250);
const BUSY_PAUSE: Duration = Duration::from_millis(20);
/// Steps of SQLite's machine between two looks for a signal: some hundred microseconds.
const PROGRESS_STEPS: i32 = 10_000;

/// An open SQLite database.
#[derive(Debug)]
pub(crate) struct Sqlite {
    connection: Connection,
    file: Rc<HeldFile>,
    /// For the start of each connection.
    statements: Vec<String>,
    lock_wait: Duration,
    stop: Stop,
    /// What messages call the database.
    path: String,
    /// Something of a file stays with the connection.
    used: bool,
}

impl Sqlite {
    /// `statements` are run at the start.
    pub(crate) fn open(
        file: Rc<HeldFile>,
        statements: &[String],
        (lock_wait, stop): (Duration, Stop),
    ) -> Result<Self, Failure> {
        let path = file.path().display().to_string();
        let refuse = |report: Report| report.asking(&format!("open the database `{path}`"));
        let connection = connect(&file, &stop).map_err(refuse)?;
        let statements = statements.to_vec();
        let mut session = Self { connection, file, statements, lock_wait, stop, path, used: false };
        session.begin()?;
        Ok(session)
    }

    fn begin(&mut self) -> Result<(), Failure> {
        // Before the first statement: even one that reads can undo what a journal beside the file tells.
        self.file.check_opened().map_err(|error| error.cannot("open the database", &self.path))?;
        // SQLite's own default; the library is built with another one.
        let begun = self.patiently(None, |connection| connection.pragma_update(None, "foreign_keys", false));
        begun.map_err(|report| report.asking(&format!("open the database `{}`", self.path)))?;
        for statement in self.statements.clone() {
            let cannot = |report: Report| report.asking(&format!("run `{statement}` at the start of the session"));
            self.query(&statement).map_err(cannot)?;
        }
        self.used = false;
        Ok(())
    }

    /// Does the work again until the file is not busy, or `lock_wait` is over.
    fn patiently<T>(
        &self,
        statement: Option<&Statement<'_>>,
        work: impl Fn(&Connection) -> Result<T, rusqlite::Error>,
    ) -> Result<T, Report> {
        let started = Instant::now();
        loop {
            self.stop.check().map_err(Report::cancelled)?;
            let error = match work(&self.connection) {
                Ok(done) => return Ok(done),
                Err(error) => error,
            };
            if is_interrupt(&error) {
                self.stop.check().map_err(Report::cancelled)?;
            }
            if !is_busy(&error) {
                return Err(report(&error, statement));
            }
            if started.elapsed() >= self.lock_wait {
                let message = format!("another program has held `{}` for {} s", self.path, self.lock_wait.as_secs());
                let failure = Failure::new(Kind::Lock, format!("cannot lock the database: {message}"))
                    .hint("stop the other program, or raise `lock_wait`");
                return Err(Report::cancelled(failure));
            }
            self.stop.sleep(BUSY_PAUSE).map_err(Report::cancelled)?;
        }
    }

    /// The pragma does nothing inside a transaction, and a file that rebuilds a table relies on it: with foreign keys on, dropping
    /// the old table deletes the rows that refer to it.
    fn set_foreign_keys(&self, statements: &[Statement<'_>]) -> Result<(), Report> {
        let Some(wanted) = statements.iter().find_map(Statement::foreign_keys) else { return Ok(()) };
        self.patiently(None, |connection| connection.pragma_update(None, "foreign_keys", wanted))
    }

    fn run_in_transaction(&mut self, batch: &Batch<'_>) -> Result<Transacted, Report> {
        if let Some(guard) = batch.guard
            && !self.query(guard)?.is_empty()
        {
            return Ok(Transacted::Guarded);
        }
        for statement in batch.statements {
            self.execute(statement)?;
        }
        if self.connection.is_autocommit() {
            return Err(Report::refused("", "it ended the transaction that it was run in"));
        }
        for statement in batch.record {
            self.query(statement)?;
        }
        Ok(Transacted::Committed)
    }

    /// A statement of a file, which is not tried again: part of it may have been done.
    fn execute(&self, statement: &Statement<'_>) -> Result<(), Report> {
        self.connection.execute_batch(statement.text).map_err(|error| match self.stop.check() {
            Err(stopped) if is_interrupt(&error) => Report::cancelled(stopped),
            _ => report(&error, Some(statement)),
        })
    }

    fn roll_back(&mut self) {
        // A statement that was stopped must not stop the way back.
        let _ = self.connection.progress_handler(0, None::<fn() -> bool>);
        if let Err(error) = self.connection.execute_batch("ROLLBACK") {
            log::warn!("cannot roll back `{}`: {}", self.path, report(&error, None).message);
        }
        let due = self.stop.clone();
        let _ = self.connection.progress_handler(PROGRESS_STEPS, Some(move || due.is_due()));
    }
}

impl Session for Sqlite {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn query(&mut self, sql: &str) -> Result<Vec<Row>, Report> {
        // What a file has set before it is gone on with.
        self.used |= sql.get(..6).is_some_and(|word| word.eq_ignore_ascii_case("pragma"));
        self.patiently(None, |connection| rows(connection, sql))
    }

    fn elapsed(&self) -> String {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_millis();
        format!("max(0, CAST((julianday('now') - 2440587.5) * 86400000 AS integer) - {now})")
    }

    fn transact(&mut self, batch: &Batch<'_>) -> Result<Transacted, Report> {
        self.used |= batch.statements.iter().any(Statement::stays_with_connection);
        self.set_foreign_keys(batch.statements)?;
        self.patiently(None, |connection| connection.execute_batch("BEGIN IMMEDIATE"))?;
        let result = self.run_in_transaction(batch).and_then(|transacted| {
            // Readers may hold the file; the transaction stays open while they are waited for.
            self.patiently(None, |connection| connection.execute_batch("COMMIT")).map(|()| transacted)
        });
        if result.is_err() && !self.connection.is_autocommit() {
            self.roll_back();
        }
        result
    }

    fn run_alone(&mut self, statement: &Statement<'_>) -> Result<(), Report> {
        self.used |= statement.stays_with_connection();
        self.patiently(Some(statement), |connection| connection.execute_batch(statement.text))
    }

    /// Pragmas and temporary tables end with the connection, and not all of them could be set back otherwise.
    fn begin_unit(&mut self) -> Result<(), Report> {
        if !self.used {
            return Ok(());
        }
        // The old one may hold a lock on the file.
        self.connection = Connection::open_in_memory().map_err(|error| report(&error, None))?;
        self.connection = connect(&self.file, &self.stop)?;
        self.begin().map_err(Report::cancelled)
    }

    /// The file is locked by each transaction for itself.
    fn try_lock(&mut self, _: &LockName) -> Result<Lock, Report> {
        Ok(Lock::Held)
    }

    /// A statement waits for as long as `lock_wait`: the whole file is one lock.
    fn limit_lock_wait(&mut self, _: Duration) -> Result<(), Report> {
        Ok(())
    }

    fn hold(&mut self, hold: Option<Hold>) {
        self.stop.hold(hold);
    }

    fn pause(&mut self, duration: Duration) -> Result<(), Failure> {
        self.stop.sleep(duration)
    }

    /// The last one to close a write-ahead log removes its files.
    fn close(self: Box<Self>) -> Result<(), Failure> {
        let path = self.path;
        let cannot = |(_, error): (_, rusqlite::Error)| report(&error, None).asking(&format!("close `{path}`"));
        self.connection.close().map_err(cannot)
    }
}

/// Opens the file for writing even to read: a reader that may not write would leave the files of a write-ahead log behind, and could
/// not undo what a killed program left.
fn connect(file: &HeldFile, stop: &Stop) -> Result<Connection, Report> {
    // A link in the place of the file could lead the writes of root anywhere, and so could making what is missing.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let opened = || {
        let mut connection = Connection::open_with_flags(file.host_path(), flags)?;
        connection.busy_timeout(BUSY_SLICE)?;
        let due = stop.clone();
        connection.progress_handler(PROGRESS_STEPS, Some(move || due.is_due()))?;
        Ok(connection)
    };
    opened().map_err(|error| report(&error, None))
}

/// Runs statements of ours.
fn rows(connection: &Connection, sql: &str) -> Result<Vec<Row>, rusqlite::Error> {
    let mut found = Vec::new();
    let mut statements = Statements::new(connection, sql);
    while let Some(mut statement) = rusqlite::fallible_iterator::FallibleIterator::next(&mut statements)? {
        let columns = statement.column_count();
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            found.push((0..columns).map(|column| row.get_ref(column).map(text)).collect::<Result<_, _>>()?);
        }
    }
    Ok(found)
}

/// A value as text; bytes as hexadecimal digits.
fn text(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
        ValueRef::Text(text) => Some(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Some(hexadecimal(bytes)),
    }
}
