//! The flags of `edit` that change text. They stand for operations, and belong to the one before them: so their order counts.

use clap::{ArgAction, ArgMatches, Args, Command, FromArgMatches};

/// The flags as they are told to clap, by whose names they are found again.
#[derive(Debug, Args)]
struct TextFlags {
    /// Text that is replaced by that of the --with behind it; may be given several times, as --replace-regex, --line, --block
    #[arg(long, value_name = "TEXT")]
    replace: Vec<String>,
    /// What matches is replaced by the text of the --with behind it
    #[arg(long, value_name = "REGEX")]
    replace_regex: Vec<String>,
    /// Text that stands for itself
    #[arg(long, value_name = "TEXT")]
    with: Vec<String>,
    /// Fail when there is nothing to replace and nothing was replaced before
    #[arg(long, num_args = 0, default_missing_value = "true", action = ArgAction::Append)]
    must_match: Vec<String>,
    /// Replace at most so many
    #[arg(long, value_name = "NUMBER")]
    count: Vec<String>,
    /// Replace nothing when this matches anywhere
    #[arg(long, value_name = "REGEX")]
    unless: Vec<String>,
    /// A line that is there
    #[arg(long, value_name = "TEXT")]
    line: Vec<String>,
    /// A line that matches is replaced by that of the --line before it; alone, with --absent, such lines are not there
    #[arg(long, value_name = "REGEX")]
    matches: Vec<String>,
    /// Put the line or block behind the last line that matches
    #[arg(long, value_name = "REGEX")]
    after: Vec<String>,
    /// Put the line or block before the last line that matches
    #[arg(long, value_name = "REGEX")]
    before: Vec<String>,
    /// Put it at the end or at the beginning
    #[arg(long, value_name = "PLACE")]
    at: Vec<String>,
    /// The line of --line, every line that matches, or the block is not there
    #[arg(long, num_args = 0, default_missing_value = "true", action = ArgAction::Append)]
    absent: Vec<String>,
    /// The name of a block between two marker lines, whose text is that of the --text behind it
    #[arg(long, value_name = "MARKER")]
    block: Vec<String>,
    /// The text of the block
    #[arg(long, value_name = "TEXT")]
    text: Vec<String>,
}

/// The names of the flags, as clap knows them.
const FLAGS: [&str; 14] = [
    "replace",
    "replace_regex",
    "with",
    "must_match",
    "count",
    "unless",
    "line",
    "matches",
    "after",
    "before",
    "at",
    "absent",
    "block",
    "text",
];

/// The flags that were typed, each with its value, in their order.
#[derive(Debug, Default)]
pub(in crate::cli) struct TextArguments(pub(in crate::cli) Vec<(&'static str, String)>);

impl Args for TextArguments {
    fn augment_args(command: Command) -> Command {
        TextFlags::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        TextFlags::augment_args_for_update(command)
    }
}

impl FromArgMatches for TextArguments {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        Ok(Self(typed(matches, &FLAGS)))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// The flags of these names that were typed, each with its value, in their order.
pub(super) fn typed(matches: &ArgMatches, flags: &[&'static str]) -> Vec<(&'static str, String)> {
    let mut typed = Vec::new();
    for flag in flags {
        let indices = matches.indices_of(flag).into_iter().flatten();
        let values = matches.get_many::<String>(flag).into_iter().flatten();
        typed.extend(indices.zip(values).map(|(index, value)| (index, *flag, value.clone())));
    }
    typed.sort_by_key(|(index, ..)| *index);
    typed.into_iter().map(|(_, flag, value)| (flag, value)).collect()
}
