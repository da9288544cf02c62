//! Files of environment variables: dotenv, docker's `--env-file`, systemd's `EnvironmentFile`, and what `sh` sources.
//!
//! Their readers differ, so a value is written in the form that most of them read alike: plain where no reader sees
//! anything special, else in single quotes, else in double quotes. Docker's `--env-file` knows no quotes at all, and most
//! dotenv libraries undo only some of the backslashes in double quotes: there only the plain form is safe.
//! Nothing is expanded: `$X` in a file that is read stays `$X`.

use serde_json::Value;

use super::{EditError, Insertion, Operation, Problem, flat};

mod escape;
mod language;
mod lex;
mod quote;
#[cfg(test)]
mod tests;

/// The file as a mapping of texts. Of a name that stands twice the later one wins.
pub(crate) fn read(text: &str) -> Result<Value, Problem> {
    flat::read::<language::Env>(text)
}

/// The rendered text with each value quoted for its place.
pub(crate) fn escape(text: &str, insertions: &[Insertion]) -> Result<String, Problem> {
    escape::escape(text, insertions)
}

/// The text with the operations carried out. A path is one name: its parts joined by `.` again. `null` is the empty value.
/// Of a name that stands twice the last one is set; unset removes all.
pub(crate) fn edit(text: &str, operations: &[Operation]) -> Result<String, EditError> {
    flat::edit::<language::Env>(text, operations)
}
