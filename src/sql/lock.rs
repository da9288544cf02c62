//! The lock that keeps a second runner out, and how it is waited for.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use super::session::{Lock, LockName, Session};
use crate::failure::{Failure, Kind};
use crate::hexadecimal::hexadecimal;

pub(super) const FIRST_PAUSE: Duration = Duration::from_millis(100);
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// How often the log names the holder.
const REPORT_EVERY: Duration = Duration::from_secs(10);
/// What MySQL takes as the name of a lock.
const LONGEST_NAME: usize = 64;

impl LockName {
    /// The number of an advisory lock. Such locks are kept for each database, so a table is enough to tell apart services that
    /// share one.
    pub(crate) fn number(name: &str) -> Self {
        let hash = Sha256::digest(name);
        Self::Number(hash.iter().take(8).fold(0_i64, |key, byte| (key << 8) | i64::from(*byte)))
    }

    /// The name itself, or one of the same beginning if that is too long for a server.
    pub(crate) fn text(name: &str) -> Self {
        if name.chars().count() <= LONGEST_NAME {
            return Self::Text(name.to_owned());
        }
        let digits = hexadecimal(&Sha256::digest(name));
        let kept: String = name.chars().take(LONGEST_NAME - 17).collect();
        Self::Text(format!("{kept}-{}", digits.get(..16).unwrap_or_default()))
    }
}

/// Tries until all of the locks are held. `false`: the holder has done all there was to do, which `is_done` tells.
///
/// Only tries and sleeps: a blocking wait would be an open snapshot, which `CREATE INDEX CONCURRENTLY` of the holder
/// would wait for in turn. Locks that are held already are kept while another is waited for; all runners ask in the same order.
pub(super) fn obtain(
    session: &mut dyn Session,
    locks: &[LockName],
    (lock_wait, subject): (Duration, &str),
    mut is_done: impl FnMut(&mut dyn Session) -> Result<bool, Failure>,
) -> Result<bool, Failure> {
    let started = Instant::now();
    let mut reported: Option<Instant> = None;
    let mut pause = FIRST_PAUSE;
    let mut left_over = locks.iter();
    let mut next = left_over.next();
    while let Some(lock) = next {
        let Lock::Busy(holder) = session.try_lock(lock).map_err(|report| report.asking("ask for the lock"))? else {
            next = left_over.next();
            continue;
        };
        if is_done(session)? {
            return Ok(false);
        }
        let left = lock_wait.saturating_sub(started.elapsed());
        if left.is_zero() {
            let message = format!("cannot lock {subject}: after {} s it is held by {holder}", lock_wait.as_secs());
            return Err(Failure::new(Kind::Lock, message)
                .hint("another run is at work there: wait for it, or raise `lock_wait`"));
        }
        if reported.is_none_or(|reported| reported.elapsed() >= REPORT_EVERY) {
            log::info!("waiting for the lock on {subject}, held by {holder}");
            reported = Some(Instant::now());
        }
        session.pause(jittered(pause).min(left))?;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
    Ok(true)
}

/// The nodes of a cluster do not know of each other's locks, so that one of them has to be named.
pub(super) fn check_cluster(session: &mut dyn Session, hint: &str) -> Result<(), Failure> {
    if !session.is_clustered().map_err(|report| report.asking("ask for the lock"))? {
        return Ok(());
    }
    let cause = "the server is a node of a Galera cluster, whose nodes do not know of each other's locks";
    Err(Failure::new(Kind::Pooler, format!("cannot lock the database: {cause}")).hint(hint))
}

/// Between half of the pause and all of it, so that runners that started together do not stay in step.
pub(super) fn jittered(pause: Duration) -> Duration {
    let half = u64::try_from(pause.as_millis() / 2).unwrap_or(u64::MAX).max(1);
    let random = RandomState::new().build_hasher().finish();
    Duration::from_millis(half + random % half)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{LockName, jittered};

    #[test]
    fn keys_are_the_same_in_every_version() {
        for (schema, table, wanted) in
            [("public", "fitout_migrations", KEY_OF_DEFAULT), ("app", "fitout_migrations", KEY_OF_OTHER_SCHEMA)]
        {
            let name = format!("fitout:migrate:{schema}.{table}");
            assert_eq!(LockName::number(&name), LockName::Number(wanted), "{name}");
        }
    }

    // printf 'fitout:migrate:public.fitout_migrations' | sha256sum | cut -c1-16
    const KEY_OF_DEFAULT: i64 = 0x0a2a_b988_f7ed_2d87_u64.cast_signed();
    const KEY_OF_OTHER_SCHEMA: i64 = 0x1e8d_4c2f_fa84_5452_u64.cast_signed();

    #[test]
    fn names_fit_into_what_a_server_takes() {
        let long = "ü".repeat(100);
        for (name, wanted) in [("fitout:migrate:a.b", "fitout:migrate:a.b"), (long.as_str(), TEXT_OF_LONG)] {
            assert_eq!(LockName::text(name), LockName::Text(wanted.to_owned()), "{name}");
        }
        assert_eq!(TEXT_OF_LONG.chars().count(), 64);
    }

    const TEXT_OF_LONG: &str = "üüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü-83af2e24c464bea3";

    #[test]
    fn pauses_differ_and_stay_near() {
        for _ in 0..100 {
            let pause = jittered(Duration::from_millis(100));
            assert!((50..=100).contains(&pause.as_millis()), "{pause:?}");
        }
    }
}
