//! Tables for the lexers and the classes, and texts that are meant to hurt.

mod classes;
mod hostile;
mod splitting;
mod tokens;

use super::{Statement, statements};
use crate::sql::Dialect;

/// The statements of a text, which is what they are together.
fn split(text: &str, dialect: Dialect) -> Vec<Statement<'_>> {
    let found = statements(text, dialect).unwrap_or_else(|error| panic!("{dialect:?} {text}: {error:?}"));
    let joined: String = found.iter().map(|statement| statement.text).collect();
    assert_eq!(joined, text, "{dialect:?}: the statements are not the file");
    found
}

/// What would be sent of a text.
fn sent(text: &str, dialect: Dialect) -> Vec<&str> {
    let found = statements(text, dialect).unwrap_or_else(|error| panic!("{dialect:?} {text}: {error:?}"));
    let joined: String = found.iter().map(|statement| statement.text).collect();
    assert_eq!(joined, text, "{dialect:?}: the statements are not the file");
    let parts = found.iter().filter(|statement| statement.head().is_some());
    parts.map(|statement| &text[statement.sql_start()..statement.sql_start() + statement.sql().len()]).collect()
}
