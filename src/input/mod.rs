//! Inputs: the environment contract, value files and directories, and facts about the machine.

mod application;
mod check;
mod command;
mod contract;
mod convert;
mod defaults;
mod downward;
mod facts;
mod file;
mod lookup;
mod merge;
mod parse;
mod pattern;
mod prefix;
mod secret_source;
mod surroundings;
mod values;
mod variable;

pub(crate) use application::application_environment;
pub(crate) use check::check;
pub(crate) use command::{complete_command, skips_steps, whole_command, words_of};
pub(crate) use contract::{Inputs, Outside, collect, unchecked};
#[cfg(feature = "fuzz")]
pub(crate) use parse::parse as parse_values;
pub(crate) use secret_source::{Stores, read as read_secret};
