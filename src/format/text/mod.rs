//! Changing plain text: replacing, single lines, and blocks between markers.
//!
//! A second run changes nothing: each operation first looks for what it would write. A replacement for which that cannot be
//! known (`s/^/#/`) is refused instead of stacking up at every start.

use regex_lite::{Regex, RegexBuilder};

use super::EditError;

mod block;
mod line;
mod replace;
mod rows;
#[cfg(test)]
mod tests;

/// One change of a text.
#[derive(Debug, Clone)]
pub(crate) enum TextOperation {
    /// Every occurrence of the pattern is replaced.
    Replace {
        pattern: Pattern,
        with: Vec<Piece>,
        /// At most the first ones. Occurrences of the finished replacement count, so that a second run does not go on.
        count: Option<usize>,
        /// It is an error when there is neither an occurrence nor the replacement.
        must_match: bool,
        /// Nothing is done when this matches anywhere.
        unless: Option<Regex>,
    },
    /// The line is there.
    Line {
        /// Several lines are taken as one thing. A line break at the end makes no difference.
        text: String,
        place: LinePlace,
        /// The last line that matches becomes the text, unless the text is there.
        matches: Option<Regex>,
        /// The line, or every line that matches, is not there.
        absent: bool,
    },
    /// The text stands between two marker lines: `marker` with `BEGIN` and `END` for `{mark}`, or `# BEGIN marker`.
    Block { marker: String, text: String, place: LinePlace, absent: bool },
}

#[derive(Debug, Clone)]
pub(crate) enum Pattern {
    Literal(String),
    /// Made by [`regex`].
    Regex(Regex),
}

/// A part of a replacement: text that stands for itself, or what a group of the pattern matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    Text(String),
    /// Empty if the group took no part in the match.
    Group(usize),
}

/// Where a new line goes.
#[derive(Debug, Clone)]
pub(crate) enum LinePlace {
    End,
    Beginning,
    /// Behind the last line that matches, as Ansible's `insertafter`. No such line is an error.
    After(Regex),
    /// Before the last line that matches, as Ansible's `insertbefore`. No such line is an error.
    Before(Regex),
}

/// Compiles a regular expression for this module: `^` and `$` match at every line, `$` also before `\r\n`.
pub(crate) fn regex(pattern: &str) -> Result<Regex, regex_lite::Error> {
    RegexBuilder::new(pattern).multi_line(true).crlf(true).build()
}

/// The text with the operations carried out, each on what the one before made.
pub(crate) fn edit(text: &str, operations: &[TextOperation]) -> Result<String, EditError> {
    let mut text = text.to_owned();
    for (index, operation) in operations.iter().enumerate() {
        let edited = carry_out(&text, operation).map_err(|(message, hint)| EditError::Operation {
            index,
            message,
            hint: hint.map(str::to_owned),
        })?;
        if let Some(edited) = edited {
            text = edited;
        }
    }
    Ok(text)
}

/// The message and perhaps a remedy.
type Refusal = (String, Option<&'static str>);

/// The new text, or `None` when nothing changes.
fn carry_out(text: &str, operation: &TextOperation) -> Result<Option<String>, Refusal> {
    match operation {
        TextOperation::Replace { pattern, with, count, must_match, unless } => {
            if unless.as_ref().is_some_and(|unless| unless.is_match(text)) {
                return Ok(None);
            }
            replace::replace(text, &replace::Replacement { pattern, with, count: *count }, *must_match, unless.as_ref())
        }
        TextOperation::Line { text: line, matches, absent: true, .. } => Ok(line::remove(text, line, matches.as_ref())),
        TextOperation::Line { text: line, place, matches, absent: false } => {
            line::ensure(text, line, place, matches.as_ref())
        }
        TextOperation::Block { marker, absent: true, .. } => block::remove(text, marker),
        TextOperation::Block { marker, text: block, place, absent: false } => block::ensure(text, marker, block, place),
    }
}
