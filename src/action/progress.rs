//! How far a long walk is, told from time to time.

use std::io::IsTerminal as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Between two lines in a log.
const IN_LOGS: Duration = Duration::from_secs(10);
/// Between two lines for somebody who looks on.
const ON_TERMINAL: Duration = Duration::from_secs(2);

pub(super) struct Progress {
    started: Instant,
    interval: Duration,
    /// How many intervals were told.
    told: AtomicU64,
}

impl Progress {
    pub(super) fn new() -> Self {
        let interval = if std::io::stderr().is_terminal() { ON_TERMINAL } else { IN_LOGS };
        Self { started: Instant::now(), interval, told: AtomicU64::new(0) }
    }

    /// Calls `tell` once in each interval, whichever thread notices first.
    pub(super) fn tell(&self, tell: impl FnOnce()) {
        let passed = self.started.elapsed().as_secs() / self.interval.as_secs();
        let told = self.told.load(Ordering::Relaxed);
        if passed > told && self.told.compare_exchange(told, passed, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            tell();
        }
    }
}
