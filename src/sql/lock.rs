//! The lock that keeps a second runner out, and how it is waited for.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use super::database::Database;
use super::history::pending;
use super::migration::Migration;
use crate::failure::{Failure, Kind};

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// How often the log names the holder.
const REPORT_EVERY: Duration = Duration::from_secs(10);

/// The answer to one try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Lock {
    Held,
    /// Another session has it; what is known about that one.
    Busy(String),
}

/// The number of the advisory lock. Such locks are kept for each database, so the table is enough to tell apart services that
/// share one.
pub(super) fn key(schema: &str, table: &str) -> i64 {
    let hash = Sha256::digest(format!("fitout:migrate:{schema}.{table}"));
    hash.iter().take(8).fold(0_i64, |key, byte| (key << 8) | i64::from(*byte))
}

/// Tries until the lock is held. `false`: the holder has done all there was to do, and the lock is not held.
///
/// Only tries and sleeps: a blocking wait would be an open snapshot, which `CREATE INDEX CONCURRENTLY` of the holder
/// would wait for in turn.
pub(super) fn obtain(
    database: &mut impl Database,
    migrations: &[Migration],
    lock_wait: Duration,
) -> Result<bool, Failure> {
    let started = Instant::now();
    let mut reported: Option<Instant> = None;
    let mut pause = FIRST_PAUSE;
    loop {
        let Lock::Busy(holder) = database.try_lock()? else { return Ok(true) };
        let history = database.history()?;
        if pending(migrations, history.as_deref().unwrap_or_default())?.is_empty() {
            return Ok(false);
        }
        let left = lock_wait.saturating_sub(started.elapsed());
        if left.is_zero() {
            let message = format!("cannot lock the history: after {} s it is held by {holder}", lock_wait.as_secs());
            return Err(Failure::new(Kind::Database, message)
                .hint("another runner is migrating: wait for it, or raise `lock_wait`"));
        }
        if reported.is_none_or(|reported| reported.elapsed() >= REPORT_EVERY) {
            log::info!("waiting for the lock on the history, held by {holder}");
            reported = Some(Instant::now());
        }
        database.pause(jittered(pause).min(left))?;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Between half of the pause and all of it, so that runners that started together do not stay in step.
fn jittered(pause: Duration) -> Duration {
    let half = u64::try_from(pause.as_millis() / 2).unwrap_or(u64::MAX).max(1);
    let random = RandomState::new().build_hasher().finish();
    Duration::from_millis(half + random % half)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{jittered, key};

    #[test]
    fn keys_are_the_same_in_every_version() {
        for (schema, table, wanted) in
            [("public", "fitout_migrations", KEY_OF_DEFAULT), ("app", "fitout_migrations", KEY_OF_OTHER_SCHEMA)]
        {
            assert_eq!(key(schema, table), wanted, "{schema}.{table}");
        }
    }

    // printf 'fitout:migrate:public.fitout_migrations' | sha256sum | cut -c1-16
    const KEY_OF_DEFAULT: i64 = 0x0a2a_b988_f7ed_2d87_u64.cast_signed();
    const KEY_OF_OTHER_SCHEMA: i64 = 0x1e8d_4c2f_fa84_5452_u64.cast_signed();

    #[test]
    fn pauses_differ_and_stay_near() {
        for _ in 0..100 {
            let pause = jittered(Duration::from_millis(100));
            assert!((50..=100).contains(&pause.as_millis()), "{pause:?}");
        }
    }
}
