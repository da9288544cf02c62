//! What every step may use.

use std::time::Instant;

use crate::failure::{Failure, Kind};
use crate::input::Stores;
use crate::process::{Environment, Interrupt};
use crate::root::Root;
use crate::secret::Scrubber;
use crate::template::Data;

/// What every step may use: the root, the inputs, and how it is stopped.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    /// How the step is called in logs.
    pub(crate) step: String,
    /// All paths of the plan are resolved inside it.
    pub(crate) root: Root,
    /// `env`, `values` and `facts`, for templates.
    pub(crate) data: Data,
    /// What programs that are started inherit.
    pub(crate) environment: Environment,
    pub(crate) interrupt: Interrupt,
    pub(crate) scrubber: Scrubber,
    /// When the step has to be done.
    pub(crate) deadline: Option<Instant>,
}

impl Context {
    /// Where secrets are found.
    pub(crate) fn stores(&self) -> Stores<'_> {
        Stores { data: &self.data, environment: &self.environment, root: &self.root, scrubber: &self.scrubber }
    }

    /// Fails when a signal asked the run to end, or the step has taken longer than it may. Called between any two pieces of
    /// work that take long together.
    pub(crate) fn check_interrupt(&self) -> Result<(), Failure> {
        self.interrupt.check()?;
        match self.deadline {
            Some(deadline) if Instant::now() >= deadline => {
                Err(Failure::new(Kind::Timeout, "timed out: the step took longer than its `timeout`"))
            }
            _ => Ok(()),
        }
    }
}
