//! INI files. There is no standard, so this keeps to what the common readers share and refuses the rest.
//!
//! The yardstick is Python's `configparser`: sections, `key = value` or `key: value`, keys without value, `#` and `;` at the
//! beginning of a line, values that go on in lines with more indentation than their key. The readers of `MySQL`, PHP, git,
//! systemd and Go differ in what a quote, a backslash, ` #` and ` ;` mean inside a value. Therefore:
//! - reading takes off one pair of quotes around a whole value, and takes everything else as it stands;
//! - an inserted value must not hold what would be cut off, taken off or joined by one of the large families;
//! - `#` and `;` without a blank before them are let through.

use serde_json::Value;

use super::{EditError, Insertion, Operation, Problem};

mod add;
mod dispute;
mod document;
mod edit;
mod escape;
mod lex;
mod place;
mod read;
mod rules;
#[cfg(test)]
mod tests;

/// The file as `{section: {key: text}}`, keys before any section at the top. A key without value is `null`, a key that
/// stands repeatedly a list of its values; sections of the same name are one.
pub(crate) fn read(text: &str) -> Result<Value, Problem> {
    read::read(text)
}

/// The rendered text itself: INI knows no escapes. Fails when a value cannot stand at its place.
pub(crate) fn escape(text: &str, insertions: &[Insertion]) -> Result<String, Problem> {
    escape::check(text, insertions)?;
    Ok(text.to_owned())
}

/// The text with the operations carried out. A path is a key before the first section, or a section and a key; the names of
/// a longer path but the last, joined by `.`, are the section. A key that stands repeatedly is set by a list or with
/// `[number]`; `[+]` adds a line unless an equal one is there. A mapping is a whole section: keys that are not in it go.
pub(crate) fn edit(text: &str, operations: &[Operation]) -> Result<String, EditError> {
    edit::edit(text, operations)
}
