//! What every database can do for a migration, and the order in which it is asked.

use std::time::Duration;

use super::history::{Record, pending};
use super::lock::{self, Lock};
use super::migration::Migration;
use crate::failure::Failure;

/// A session of a database, with its history table.
pub(crate) trait Database {
    /// The rows of the history, or nothing when there is no such table. Changes nothing.
    fn history(&mut self) -> Result<Option<Vec<Record>>, Failure>;

    /// Asks for the lock once, without waiting.
    fn try_lock(&mut self) -> Result<Lock, Failure>;

    /// Makes the history table. The lock is held.
    fn create_history(&mut self) -> Result<(), Failure>;

    /// Applies a migration and records it, in one transaction. `false`: it turned out to be applied already.
    fn run(&mut self, migration: &Migration) -> Result<bool, Failure>;

    /// Sleeps, unless a signal or the deadline ends that.
    fn pause(&mut self, duration: Duration) -> Result<(), Failure>;

    /// Ends the session, and with it the lock.
    fn close(self) -> Result<(), Failure>
    where
        Self: Sized;
}

/// Applies what is pending and says how many migrations that were. On failure the session is dropped, which rolls back what it
/// had begun.
pub(crate) fn migrate(
    mut database: impl Database,
    migrations: &[Migration],
    lock_wait: Duration,
) -> Result<usize, Failure> {
    let mut applied = 0;
    if lock::obtain(&mut database, migrations, lock_wait)? {
        // What was read before the lock was held may be old.
        let history = database.history()?;
        if history.is_none() {
            database.create_history()?;
        }
        for migration in pending(migrations, history.as_deref().unwrap_or_default())? {
            database.pause(Duration::ZERO)?;
            match database.run(migration) {
                Ok(true) => applied += 1,
                Ok(false) => {}
                Err(failure) if applied == 0 => return Err(failure),
                Err(failure) => return Err(failure.note(format!("applied before: {}", count(applied)))),
            }
        }
    }
    database.close()?;
    Ok(applied)
}

/// `1 migration`, `2 migrations`.
pub(crate) fn count(number: usize) -> String {
    if number == 1 { "1 migration".to_owned() } else { format!("{number} migrations") }
}
