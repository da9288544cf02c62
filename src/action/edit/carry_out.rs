//! The operations of an edit, carried out on a text in memory.

use std::borrow::Cow;

use crate::format::text::TextOperation;
use crate::format::{self, EditError};
use crate::spec::{EditFormat, Operations};

/// Carries everything out on the text.
pub(super) fn carry_out<'a>(operations: &Operations, text: &'a str) -> Result<Cow<'a, str>, EditError> {
    let edit = match operations.format {
        EditFormat::Json => format::json::edit,
        EditFormat::Yaml => format::yaml::edit,
        EditFormat::Toml => format::toml::edit,
        EditFormat::Ini => format::ini::edit,
        EditFormat::Properties => format::properties::edit,
        EditFormat::Env => format::env::edit,
        EditFormat::Xml => format::xml::edit,
        EditFormat::Auto | EditFormat::Text => return format::text::edit(text, &operations.lines).map(Cow::Owned),
    };
    edit(text, &operations.keys).map(Cow::Owned)
}

/// Two changes of text that contradict each other, by their numbers: what the second one makes, the first one would change
/// at the next run. Each alone comes to rest.
pub(super) fn contradiction(operations: &Operations, text: &str, edited: &str) -> Option<(usize, usize)> {
    let lines = &operations.lines;
    if lines.len() < 2 || format::text::edit(edited, lines).is_ok_and(|again| again == edited) {
        return None;
    }
    let changes = |text: &str, operation: &TextOperation| {
        format::text::edit(text, std::slice::from_ref(operation)).is_ok_and(|again| again != text)
    };
    let undone = lines.iter().position(|operation| changes(edited, operation))?;
    let mut state = text.to_owned();
    for (number, operation) in lines.iter().enumerate() {
        state = format::text::edit(&state, std::slice::from_ref(operation)).ok()?;
        if number > undone && changes(&state, lines.get(undone)?) {
            return Some((undone, number));
        }
    }
    None
}
