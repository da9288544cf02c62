//! What ends the work before it is done: a signal, or the deadline of the step.
//!
//! What can be rolled back ends at once. A statement that cannot has a while left to come to its end, and what is then to be written
//! about it has a moment ([`Hold`]).

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use crate::failure::{Failure, Kind};
use crate::process::Interrupt;

const LOOK_EVERY: Duration = Duration::from_millis(50);

/// How long a note about what was done may take after a signal. It is a few rows.
const RECORD_TIME: Duration = Duration::from_secs(5);

/// What goes on for a while when the run has to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hold {
    /// A statement that cannot be rolled back: from the signal on it has the grace.
    Statement,
    /// What says how far the work has come.
    Record,
}

#[derive(Debug, Clone)]
pub(crate) struct Stop {
    interrupt: Interrupt,
    deadline: Option<Instant>,
    grace: Duration,
    /// What holds the end up, and since when. Clones share it.
    held: Arc<Mutex<Option<(Hold, Instant)>>>,
    /// When the signal was noticed.
    noticed: Arc<OnceLock<Instant>>,
}

impl Stop {
    pub(crate) fn new(interrupt: Interrupt, deadline: Option<Instant>) -> Self {
        Self { interrupt, deadline, grace: Duration::ZERO, held: Arc::default(), noticed: Arc::default() }
    }

    /// A statement that cannot be rolled back has so long to come to its end after a signal. The deadline grants nothing.
    pub(crate) fn with_grace(self, grace: Duration) -> Self {
        Self { grace, ..self }
    }

    /// From here on this goes on for a while when the run has to stop, or no more.
    pub(crate) fn hold(&self, hold: Option<Hold>) {
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = hold.map(|hold| (hold, Instant::now()));
    }

    /// Fails when the work has to end.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        match self.asked() {
            Err(failure) if !self.goes_on(failure.kind()) => Err(failure),
            _ => Ok(()),
        }
    }

    fn asked(&self) -> Result<(), Failure> {
        self.interrupt.check()?;
        if self.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return Err(Failure::new(Kind::Timeout, "cannot finish the migrations: the time of the step is over"));
        }
        Ok(())
    }

    fn goes_on(&self, kind: Kind) -> bool {
        let held = *self.held.lock().unwrap_or_else(PoisonError::into_inner);
        match held {
            None => false,
            Some((Hold::Record, since)) => since.elapsed() < RECORD_TIME,
            Some((Hold::Statement, _)) if kind == Kind::Timeout || self.grace.is_zero() => false,
            Some((Hold::Statement, _)) => {
                let noticed = self.noticed.get_or_init(|| {
                    let seconds = self.grace.as_secs();
                    log::warn!("the statement that runs cannot be rolled back: it has {seconds} s to come to its end");
                    Instant::now()
                });
                noticed.elapsed() < self.grace
            }
        }
    }

    /// As [`Stop::check`], for a callback that cannot fail.
    pub(super) fn is_due(&self) -> bool {
        self.check().is_err()
    }

    /// Resolves when the work has to end. Needs a runtime with input, output and time.
    pub(super) async fn wait(&self) -> Failure {
        loop {
            match self.deadline {
                // A descriptor that cannot be watched is looked at now and then.
                None => drop(self.interrupt.wait().await),
                Some(deadline) => drop(tokio::time::timeout_at(deadline.into(), self.interrupt.wait()).await),
            }
            if let Err(failure) = self.check() {
                return failure;
            }
            tokio::time::sleep(LOOK_EVERY).await;
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

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Hold, Stop};
    use crate::failure::Kind;
    use crate::process::Interrupt;

    const LONG: Duration = Duration::from_hours(1);

    #[test]
    fn a_statement_that_cannot_be_rolled_back_has_its_grace() {
        let interrupt = Interrupt::manual().unwrap();
        let (patient, hasty) =
            (Stop::new(interrupt.clone(), None).with_grace(LONG), Stop::new(interrupt.clone(), None));
        for stop in [&patient, &hasty] {
            stop.hold(Some(Hold::Statement));
            assert!(stop.check().is_ok());
        }
        interrupt.trigger(15);
        assert!(patient.check().is_ok() && patient.clone().check().is_ok());
        assert_eq!(hasty.check().unwrap_err().kind(), Kind::Interrupted(15));
        patient.hold(None);
        assert_eq!(patient.check().unwrap_err().kind(), Kind::Interrupted(15));
        let short = Stop::new(interrupt, None).with_grace(Duration::from_millis(20));
        short.hold(Some(Hold::Statement));
        while short.check().is_ok() {
            std::thread::sleep(Duration::from_millis(5));
        }
        short.hold(Some(Hold::Record));
        assert!(short.check().is_ok());
    }

    #[test]
    fn a_deadline_grants_nothing_but_the_record() {
        let stop = Stop::new(Interrupt::none(), Some(Instant::now())).with_grace(LONG);
        stop.hold(Some(Hold::Statement));
        assert_eq!(stop.check().unwrap_err().kind(), Kind::Timeout);
        stop.hold(Some(Hold::Record));
        assert!(stop.check().is_ok());
    }
}
