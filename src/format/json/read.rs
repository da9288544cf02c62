//! JSON as data.

use serde_json::Value;

use super::distinct::{DUPLICATE, Distinct, beginning};
use crate::format::Problem;

/// Reads a file strictly: no comments, no trailing commas, nested at most 127 deep. Of a key that is there twice the last
/// one counts.
pub(crate) fn read(text: &str) -> Result<Value, Problem> {
    serde_json::from_str(text).map_err(|error| explain(text, &error))
}

/// Checks that the text is JSON, and that no key stands twice in one object. Builds nothing.
pub(crate) fn check(text: &str) -> Result<(), Problem> {
    serde_json::from_str::<Distinct>(text).map(|_| ()).map_err(|error| {
        let mut problem = explain(text, &error);
        if problem.message == DUPLICATE {
            problem.offset = beginning(text, problem.offset);
        }
        problem
    })
}

fn explain(text: &str, error: &serde_json::Error) -> Problem {
    let described = error.to_string();
    let message = described.rsplit_once(" at line ").map_or(described.as_str(), |(message, _)| message);
    Problem::new(offset(text, error.line(), error.column()), in_our_words(message))
}

fn offset(text: &str, line: usize, column: usize) -> usize {
    let start = if line <= 1 {
        0
    } else {
        text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').nth(line - 2).map_or(text.len(), |(at, _)| at + 1)
    };
    text.floor_char_boundary((start + column.saturating_sub(1)).min(text.len()))
}

/// Most of the parser's own words say what is wrong.
fn in_our_words(message: &str) -> String {
    if message == "recursion limit exceeded" {
        return "the value is nested more than 127 levels deep".to_owned();
    }
    message.strip_prefix("EOF").map_or_else(|| message.to_owned(), |rest| format!("end of file{rest}"))
}
