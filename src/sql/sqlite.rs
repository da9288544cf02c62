//! SQLite: a file, and one transaction of the file's own for each migration.

use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags, OptionalExtension as _, params};

use super::Dialect;
use super::database::Database;
use super::history::{Record, check_drift};
use super::lock::Lock;
use super::migration::Migration;
use super::sqlite_failure::{applying, asking, is_busy, is_interrupt};
use super::statement::{Statement, statements};
use super::stop::Stop;
use super::table::Table;
use crate::failure::{Failure, Kind};
use crate::root::HeldFile;

/// How long SQLite itself waits before it says that a file is busy: between two such waits a signal is looked for.
const BUSY_SLICE: Duration = Duration::from_millis(250);
const BUSY_PAUSE: Duration = Duration::from_millis(20);
/// Steps of SQLite's machine between two looks for a signal: some hundred microseconds.
const PROGRESS_STEPS: i32 = 10_000;

/// An open SQLite database.
#[derive(Debug)]
pub(crate) struct Sqlite {
    connection: Connection,
    table: Table,
    lock_wait: Duration,
    stop: Stop,
    /// What messages call the database.
    path: String,
}

impl Sqlite {
    /// Opens the file for writing even to read: a reader that may not write would leave the files of a write-ahead log behind,
    /// and could not undo what a killed program left.
    pub(crate) fn open(file: &HeldFile, (table, lock_wait): (&Table, Duration), stop: Stop) -> Result<Self, Failure> {
        let path = file.path().display().to_string();
        // A link in the place of the file could lead the writes of root anywhere, and so could making what is missing.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        let refuse = |error| asking(&error, &format!("open the database `{path}`"));
        let mut connection = Connection::open_with_flags(file.host_path(), flags).map_err(refuse)?;
        // Before the first statement: even one that reads can undo what a journal beside the file tells.
        file.check_opened().map_err(|error| error.cannot("open the database", &path))?;
        connection.busy_timeout(BUSY_SLICE).map_err(refuse)?;
        let due = stop.clone();
        connection.progress_handler(PROGRESS_STEPS, Some(move || due.is_due())).map_err(refuse)?;
        Ok(Self { connection, table: table.clone(), lock_wait, stop, path })
    }

    /// Does the work again until the file is not busy, or `lock_wait` is over.
    fn patiently<T>(&self, verb: &str, work: impl Fn(&Connection) -> Result<T, rusqlite::Error>) -> Result<T, Failure> {
        let started = Instant::now();
        loop {
            self.stop.check()?;
            let error = match work(&self.connection) {
                Ok(done) => return Ok(done),
                Err(error) => error,
            };
            if is_interrupt(&error) {
                self.stop.check()?;
            }
            if !is_busy(&error) {
                return Err(asking(&error, &format!("{verb} `{}`", self.path)));
            }
            if started.elapsed() >= self.lock_wait {
                let seconds = self.lock_wait.as_secs();
                let message = format!("cannot {verb} `{}`: another program has held it for {seconds} s", self.path);
                return Err(Failure::new(Kind::Database, message).hint("stop the other program, or raise `lock_wait`"));
            }
            self.stop.sleep(BUSY_PAUSE)?;
        }
    }

    fn table(&self) -> String {
        self.table.quoted("main")
    }

    /// Runs the statements inside the transaction that is open, and records them.
    fn run_in_transaction(&self, migration: &Migration) -> Result<bool, Failure> {
        let started = Instant::now();
        let failed = |error: &rusqlite::Error, statement: Option<&Statement<'_>>| match self.stop.check() {
            Err(stopped) if is_interrupt(error) => stopped,
            _ => applying(error, migration, statement),
        };
        let sql = format!("SELECT checksum FROM {} WHERE version = ?1", self.table());
        let stored = self.connection.query_row(&sql, [migration.version.to_string()], |row| row.get::<_, String>(0));
        if let Some(stored) = stored.optional().map_err(|error| asking(&error, "read the history"))? {
            return check_drift(migration, &stored).map(|()| false);
        }
        for statement in parsed(migration) {
            self.connection.execute_batch(statement.text).map_err(|error| failed(&error, Some(&statement)))?;
        }
        if self.connection.is_autocommit() {
            let message = format!("cannot apply `{}`: it ended the transaction that it was run in", migration.path());
            return Err(Failure::new(Kind::Database, message));
        }
        let milliseconds = i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX);
        let sql = format!(
            "INSERT INTO {} (version, name, checksum, applied_at, execution_milliseconds) \
             VALUES (?1, ?2, ?3, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), ?4)",
            self.table()
        );
        let row = params![migration.version.to_string(), migration.name, migration.checksum, milliseconds];
        self.connection.execute(&sql, row).map_err(|error| failed(&error, None))?;
        Ok(true)
    }
}

impl Database for Sqlite {
    fn history(&mut self) -> Result<Option<Vec<Record>>, Failure> {
        let exists = "SELECT 1 FROM main.sqlite_master WHERE type = 'table' AND name = ?1 COLLATE NOCASE";
        let select = format!("SELECT version, name, checksum FROM {}", self.table());
        let rows = self.patiently("read the history of", |connection| {
            if connection.query_row(exists, [&self.table.name], |_| Ok(())).optional()?.is_none() {
                return Ok(None);
            }
            let mut statement = connection.prepare(&select)?;
            let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?)))?;
            rows.collect::<Result<Vec<_>, _>>().map(Some)
        })?;
        let Some(rows) = rows else { return Ok(None) };
        let records = rows.into_iter().map(|(version, name, checksum)| Record::parse(&version, name, checksum));
        records.collect::<Result<_, _>>().map(Some)
    }

    /// The file is locked by each transaction for itself, so that a killed runner leaves no lock.
    fn try_lock(&mut self) -> Result<Lock, Failure> {
        Ok(Lock::Held)
    }

    fn create_history(&mut self) -> Result<(), Failure> {
        let sql = format!(
            "CREATE TABLE IF NOT EXISTS {} (version text PRIMARY KEY NOT NULL, name text NOT NULL, \
             checksum text NOT NULL, applied_at text NOT NULL, execution_milliseconds integer NOT NULL)",
            self.table()
        );
        self.patiently("make the history in", |connection| connection.execute_batch(&sql))
    }

    fn run(&mut self, migration: &Migration) -> Result<bool, Failure> {
        // The pragma does nothing inside a transaction, and a file that rebuilds a table relies on it: with foreign keys on,
        // dropping the old table deletes the rows that refer to it. SQLite's own default is off.
        let foreign_keys = parsed(migration).find_map(|statement| statement.foreign_keys()).unwrap_or(false);
        self.patiently("set foreign keys in", |connection| {
            connection.pragma_update(None, "foreign_keys", foreign_keys)
        })?;
        self.patiently("lock", |connection| connection.execute_batch("BEGIN IMMEDIATE"))?;
        let result = self.run_in_transaction(migration).and_then(|applied| {
            // Readers may hold the file; the transaction stays open while they are waited for.
            self.patiently("commit to", |connection| match connection.execute_batch("COMMIT") {
                Err(error) if !is_busy(&error) => Ok(Err(applying(&error, migration, None))),
                result => result.map(Ok),
            })?
            .map(|()| applied)
        });
        if result.is_err() && !self.connection.is_autocommit() {
            // A statement that was stopped must not stop the way back.
            let _ = self.connection.progress_handler(0, None::<fn() -> bool>);
            if let Err(error) = self.connection.execute_batch("ROLLBACK") {
                log::warn!("{}", asking(&error, &format!("roll back `{}`", self.path)));
            }
        }
        result
    }

    fn pause(&mut self, duration: Duration) -> Result<(), Failure> {
        self.stop.sleep(duration)
    }

    /// The last one to close a write-ahead log removes its files.
    fn close(self) -> Result<(), Failure> {
        let path = self.path;
        self.connection.close().map_err(|(_, error)| asking(&error, &format!("close `{path}`")))
    }
}

/// The statements of a migration that was checked when it was read.
fn parsed(migration: &Migration) -> impl Iterator<Item = Statement<'_>> {
    statements(migration.sql(), Dialect::Sqlite).unwrap_or_default().into_iter()
}
