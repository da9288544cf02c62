//! Inputs: the environment contract, value files and directories, and facts about the machine.

mod contract;
mod convert;
mod facts;
mod file;
mod secret_source;
mod surroundings;
mod values;

pub(crate) use contract::{Inputs, Outside, check, collect, unchecked};
pub(crate) use secret_source::{Stores, read as read_secret};
