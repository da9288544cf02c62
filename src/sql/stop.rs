//! What ends the work before it is done: a signal, or the deadline of the step.

use std::time::{Duration, Instant};

use crate::failure::{Failure, Kind};
use crate::process::Interrupt;

const LOOK_EVERY: Duration = Duration::from_millis(50);

#[derive(Debug, Clone)]
pub(crate) struct Stop {
    interrupt: Interrupt,
    deadline: Option<Instant>,
}

impl Stop {
    pub(crate) fn new(interrupt: Interrupt, deadline: Option<Instant>) -> Self {
        Self { interrupt, deadline }
    }

    /// Fails when the work has to end.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        self.interrupt.check()?;
        if self.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return Err(Failure::new(Kind::Timeout, "cannot finish the migrations: the time of the step is over"));
        }
        Ok(())
    }

    /// As [`Stop::check`], for a callback that cannot fail.
    pub(super) fn is_due(&self) -> bool {
        self.check().is_err()
    }

    /// Resolves when the work has to end. Needs a runtime with input, output and time.
    pub(super) async fn wait(&self) -> Failure {
        loop {
            let waited = match self.deadline {
                None => self.interrupt.wait().await.is_ok(),
                Some(deadline) => tokio::time::timeout_at(deadline.into(), self.interrupt.wait())
                    .await
                    .is_ok_and(|waited| waited.is_ok()),
            };
            if let Err(failure) = self.check() {
                return failure;
            }
            // The descriptor could not be watched: looking now and then will do.
            if !waited {
                tokio::time::sleep(LOOK_EVERY).await;
            }
        }
    }

    /// Sleeps, in pieces that are short enough to notice a signal.
    pub(super) fn sleep(&self, duration: Duration) -> Result<(), Failure> {
        let until = Instant::now() + duration;
        loop {
            self.check()?;
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            std::thread::sleep(left.min(LOOK_EVERY));
        }
    }
}
