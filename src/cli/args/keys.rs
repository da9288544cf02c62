//! The flags of `edit` that set keys and take them out. Their order counts: each is carried out on what the one before made.

use clap::{ArgMatches, Args, Command, FromArgMatches};

use super::text::typed;

/// The flags as they are told to clap, by whose names they are found again.
#[derive(Debug, Args)]
struct KeyFlags {
    /// A key and its value, which is text
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// A key and its value: a number, boolean, null, list or mapping, as JSON
    #[arg(long, value_name = "KEY=JSON")]
    set_json: Vec<String>,
    /// A key that is not there
    #[arg(long, value_name = "KEY")]
    unset: Vec<String>,
}

/// The names of the flags, as clap knows them.
const FLAGS: [&str; 3] = ["set", "set_json", "unset"];

/// The flags that were typed, each with its value, in their order.
#[derive(Debug, Default)]
pub(in crate::cli) struct KeyArguments(pub(in crate::cli) Vec<(&'static str, String)>);

impl Args for KeyArguments {
    fn augment_args(command: Command) -> Command {
        KeyFlags::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        KeyFlags::augment_args_for_update(command)
    }
}

impl FromArgMatches for KeyArguments {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        Ok(Self(typed(matches, &FLAGS)))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
