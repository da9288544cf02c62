//! Java properties, by the rules of `java.util.Properties`.
//!
//! What is written is ASCII (everything else as `\uHHHH`), so that it does not matter whether the reader takes the file for
//! Latin-1, as Java did, or for UTF-8.

use serde_json::Value;

use super::{EditError, Insertion, Operation, Problem, flat};

mod character;
mod escape;
mod language;
mod lex;
#[cfg(test)]
pub(super) mod tests;

/// The file as a mapping of texts. Of a key that stands twice the later one wins.
pub(crate) fn read(text: &str) -> Result<Value, Problem> {
    flat::read::<language::Properties>(text)
}

/// The rendered text with each value escaped for its place. Only a line break in a comment cannot be expressed.
pub(crate) fn escape(text: &str, insertions: &[Insertion]) -> Result<String, Problem> {
    escape::escape(text, insertions)
}

/// The text with the operations carried out. A path is one key: its names joined by `.` again. `null` is the empty value. Of
/// a key that stands twice the last one is set; unset removes all.
pub(crate) fn edit(text: &str, operations: &[Operation]) -> Result<String, EditError> {
    flat::edit::<language::Properties>(text, operations)
}
