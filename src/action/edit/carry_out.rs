//! The operations of an edit, carried out on a text in memory.

use std::borrow::Cow;
use std::ops::Range;

use crate::format::text::TextOperation;
use crate::format::{self, EditError, Operation};
use crate::spec::{EditFormat, Operations};

/// Carries everything out on the text.
pub(super) fn carry_out<'a>(operations: &Operations, text: &'a str) -> Result<Cow<'a, str>, EditError> {
    edit(operations.format, &operations.keys, &operations.lines, text)
}

fn edit<'a>(
    format: EditFormat,
    keys: &[Operation],
    lines: &[TextOperation],
    text: &'a str,
) -> Result<Cow<'a, str>, EditError> {
    let edit = match format {
        EditFormat::Json => format::json::edit,
        EditFormat::Yaml => format::yaml::edit,
        EditFormat::Toml => format::toml::edit,
        EditFormat::Ini => format::ini::edit,
        EditFormat::Properties => format::properties::edit,
        EditFormat::Env => format::env::edit,
        EditFormat::Xml => format::xml::edit,
        EditFormat::Auto | EditFormat::Text => return format::text::edit(text, lines).map(Cow::Owned),
    };
    edit(text, keys).map(Cow::Owned)
}

/// Changes that contradict each other.
pub(super) enum Contradiction {
    /// By their numbers: what the second one makes, the first one would change at the next run, or fail at it.
    Between(usize, usize),
    /// Each alone comes to rest, or never does.
    Among,
}

/// What a second run would find to do. Whether a key was there before is no question for it. Of changes of text each alone
/// has to find nothing to do: what one makes and the next makes undone is a contradiction also when the end is always the same.
pub(super) fn contradiction(operations: &Operations, text: &str, edited: &str) -> Option<Contradiction> {
    let again = Again::new(operations);
    let is_at_rest = if operations.is_text() {
        again.lines.len() < 2 || format::text::rests(edited, again.lines)
    } else {
        again.keys.len() < 2 || text == edited || again.rests(again.all(), edited)
    };
    if is_at_rest { None } else { again.between(text, edited).or(Some(Contradiction::Among)) }
}

/// The operations as a second run carries them out.
struct Again<'a> {
    format: EditFormat,
    keys: Vec<Operation>,
    lines: &'a [TextOperation],
}

impl<'a> Again<'a> {
    fn new(operations: &'a Operations) -> Self {
        let relaxed = |key: &Operation| match key.clone() {
            Operation::Set { path, value, .. } => Operation::Set { path, value, must_exist: false },
            Operation::Unset { path, .. } => Operation::Unset { path, must_exist: false },
        };
        let keys = operations.keys.iter().map(relaxed).collect();
        Self { format: operations.format, keys, lines: &operations.lines }
    }

    fn all(&self) -> Range<usize> {
        0..self.keys.len().max(self.lines.len())
    }

    fn carry_out<'t>(&self, range: Range<usize>, text: &'t str) -> Result<Cow<'t, str>, EditError> {
        let keys = self.keys.get(range.clone()).unwrap_or_default();
        edit(self.format, keys, self.lines.get(range).unwrap_or_default(), text)
    }

    fn rests(&self, range: Range<usize>, text: &str) -> bool {
        self.carry_out(range, text).is_ok_and(|again| again == text)
    }

    fn between(&self, text: &str, edited: &str) -> Option<Contradiction> {
        let undone = self.all().find(|number| !self.rests(*number..number + 1, edited))?;
        let mut state = text.to_owned();
        for number in self.all() {
            state = self.carry_out(number..number + 1, &state).ok()?.into_owned();
            if number > undone && !self.rests(undone..undone + 1, &state) {
                return Some(Contradiction::Between(undone, number));
            }
        }
        None
    }
}
