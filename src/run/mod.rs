//! Carrying a plan out: order, conditions, deadlines, interrupts, and the report of what was done.

mod condition;
mod confinement;
mod execute;
mod once;
mod reach;
mod report;
mod serve;

pub(crate) use confinement::confined_beside;
pub(crate) use execute::{Mode, Request, execute};
pub(crate) use report::{FailureReport, Report};
