//! Changing plain text: replacing, single lines, and blocks between markers.
//!
//! A second run changes nothing: each operation first looks for what it would write. A replacement for which that cannot be
//! known (`s/^/#/`) is refused instead of stacking up at every start.

use regex_lite::{Regex, RegexBuilder};

use super::EditError;
use super::line::line_break;
use inventory::Inventory;

mod block;
mod inventory;
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
    let mut draft = Draft::new(text.to_owned(), operations.len());
    for (index, operation) in operations.iter().enumerate() {
        draft.carry_out(operation).map_err(|(message, hint)| EditError::Operation {
            index,
            message,
            hint: hint.map(str::to_owned),
        })?;
    }
    Ok(draft.text)
}

/// Whether each of the operations alone finds nothing to do.
pub(crate) fn rests(text: &str, operations: &[TextOperation]) -> bool {
    let mut draft = Draft::new(text.to_owned(), operations.len());
    operations.iter().all(|operation| draft.carry_out(operation) == Ok(false))
}

/// The message and perhaps a remedy.
type Refusal = (String, Option<&'static str>);

/// A text on its way.
struct Draft {
    text: String,
    /// Made when it is needed, and again when something else than a line was changed.
    inventory: Option<Inventory>,
    is_worth_it: bool,
}

impl Draft {
    fn new(text: String, changes: usize) -> Self {
        Self { text, inventory: None, is_worth_it: Inventory::is_worth_it(changes) }
    }

    /// Whether anything was changed.
    fn carry_out(&mut self, operation: &TextOperation) -> Result<bool, Refusal> {
        let text = &self.text;
        let edited = match operation {
            TextOperation::Replace { unless: Some(unless), .. } if unless.is_match(text) => None,
            TextOperation::Replace { pattern, with, count, must_match, unless } => {
                let replacement = replace::Replacement { pattern, with, count: *count };
                replace::replace(text, &replacement, *must_match, unless.as_ref())?
            }
            TextOperation::Line { text: line, place, matches, absent: false } => {
                return self.ensure_line(line, place, matches.as_ref());
            }
            TextOperation::Line { text: line, matches, .. } => line::remove(text, line, matches.as_ref()),
            TextOperation::Block { marker, absent: true, .. } => block::remove(text, marker)?,
            TextOperation::Block { marker, text: block, place, .. } => block::ensure(text, marker, block, place)?,
        };
        let Some(edited) = edited.filter(|edited| edited != text) else { return Ok(false) };
        self.text = edited;
        self.inventory = None;
        Ok(true)
    }

    fn ensure_line(&mut self, line: &str, place: &LinePlace, matches: Option<&Regex>) -> Result<bool, Refusal> {
        let wanted = rows::wanted(line);
        if self.is_worth_it && self.inventory.is_none() {
            self.inventory = Some(Inventory::new(&self.text, line_break(&self.text)));
        }
        let is_there = match &self.inventory {
            Some(inventory) => {
                wanted.iter().all(|row| inventory.has(row))
                    && (wanted.len() == 1 || rows::are_there(&self.text, &wanted))
            }
            None => rows::are_there(&self.text, &wanted),
        };
        if is_there {
            return Ok(false);
        }
        let range = line::place(&self.text, place, matches)?;
        let is_added = range.is_empty() && (range.start == 0 || self.text[..range.start].ends_with('\n'));
        let line_break = self.inventory.as_ref().map_or_else(|| line_break(&self.text), |known| known.line_break);
        let written = rows::written(&self.text, &range, &wanted, line_break);
        let is_changed = self.text.get(range.clone()) != Some(written.as_str());
        self.text.replace_range(range, &written);
        match &mut self.inventory {
            // The line breaks of lines that were only added are those that most lines had.
            Some(inventory) if is_added => inventory.add(wanted.into_iter()),
            inventory => *inventory = None,
        }
        Ok(is_changed)
    }
}
