//! One run at a time where a file is changed by what it holds.

use std::path::Path;
use std::time::{Duration, Instant};

use super::Context;
use crate::failure::Failure;
use crate::root::{Lock, shown};

/// How long another run is waited for that changes a file in the same directory.
const PATIENCE: Duration = Duration::from_secs(30);

/// Locks the directory of `path` against other runs, and waits for them.
pub(super) fn lock(path: &Path, context: &Context) -> Result<Lock, Failure> {
    let started = Instant::now();
    let mut stopped = None;
    let mut goes_on = || {
        stopped = context.check_interrupt().err();
        stopped.is_none() && started.elapsed() < PATIENCE
    };
    let locked = context.root.lock_directory_of(path, &mut goes_on);
    match (stopped, locked) {
        (Some(stopped), Err(_)) => Err(stopped),
        (_, locked) => locked.map_err(|error| {
            let failure = error.cannot("lock the directory of", shown(path));
            failure.hint("another run changes a file there, and does not end")
        }),
    }
}
