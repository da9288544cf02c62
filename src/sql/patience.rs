//! How long something is tried again that other runs keep from being done.

use std::time::{Duration, Instant};

use super::lock::{FIRST_PAUSE, LONGEST_PAUSE, jittered};
use super::session::Session;
use crate::failure::{Failure, Kind};

/// From when on, for how long, and the next pause.
pub(super) struct Patience {
    since: Instant,
    limit: Duration,
    pause: Duration,
}

impl Patience {
    pub(super) fn new(limit: Duration) -> Self {
        Self { since: Instant::now(), limit, pause: FIRST_PAUSE }
    }

    /// Fails when the time is over; `verb` is what could not be done.
    pub(super) fn pause(&mut self, session: &mut dyn Session, verb: &str) -> Result<(), Failure> {
        let left = self.limit.saturating_sub(self.since.elapsed());
        if left.is_zero() {
            let message = format!("cannot {verb}: other runs have been at it for {} s", self.limit.as_secs());
            return Err(Failure::new(Kind::Lock, message).hint("wait for them, or raise `lock_wait`"));
        }
        session.pause(jittered(self.pause).min(left))?;
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        Ok(())
    }
}
