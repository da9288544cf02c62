//! Waiting for another runner to apply what is pending. Only reads, so an application without rights over the schema can wait.

use std::time::{Duration, Instant};

use super::lock::jittered;
use super::stop::Stop;
use crate::failure::{Failure, Failures, Kind};

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// How often the log tells what is waited for.
const REPORT_EVERY: Duration = Duration::from_secs(10);
/// Before anything was heard of the database.
pub(crate) const UNHEARD: &str = "nothing was heard of it";

/// Looks until nothing is pending: `look` says what is. What [`passes`] is looked at again.
pub(crate) fn wait(stop: &Stop, mut look: impl FnMut() -> Result<Option<String>, Failures>) -> Result<(), Failures> {
    let mut pause = FIRST_PAUSE;
    let mut reported: Option<Instant> = None;
    let mut last = UNHEARD.to_owned();
    loop {
        match look() {
            Ok(None) => return Ok(()),
            Ok(Some(pending)) => last = pending,
            Err(failures) if failures.kind() == Kind::Timeout => {}
            Err(failures) if passes(&failures) => last = failures.to_string(),
            Err(failures) => return Err(failures),
        }
        if reported.is_none_or(|reported| reported.elapsed() >= REPORT_EVERY) {
            log::info!("waiting for the migrations: {last}");
            reported = Some(Instant::now());
        }
        if let Err(failure) = stop.sleep(jittered(pause)) {
            return Err(over(failure, &last).into());
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// A database that cannot be reached yet, and a migration that another runner is in the middle of, may still come to what is waited
/// for; anything else that is wrong will not.
pub(crate) fn passes(failures: &Failures) -> bool {
    matches!(failures.kind(), Kind::Timeout | Kind::Unreachable | Kind::InDoubt)
}

fn over(failure: Failure, last: &str) -> Failure {
    if failure.kind() != Kind::Timeout {
        return failure;
    }
    Failure::new(Kind::Timeout, format!("timed out waiting for the migrations: {last}"))
        .hint("see to it that another runner applies them, or wait longer with `timeout`")
}
