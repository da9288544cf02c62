//! SQL, as its lexers take it apart: strings, identifiers, numbers, comments and dollar quotes.
//!
//! Limits: servers cut off or refuse identifiers that are too long for them (PostgreSQL: 63 bytes). The data lines behind
//! `COPY ... FROM stdin` and the commands of clients (`\connect`, `DELIMITER`) are not SQL.

mod code;
mod comment;
mod dollar;
mod language;
mod lexer;
mod quoted;
#[cfg(test)]
mod tests;

use super::{Insertion, Problem};

/// Which rules a text follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dialect {
    Standard,
    Mysql,
}

/// Puts each value into SQL of the standard, PostgreSQL (with `standard_conforming_strings`, as it is by default) or
/// `SQLite`. A backslash in a string is a backslash there: for `MySQL` and `MariaDB` see [`escape_mysql`].
///
/// A text that stands without quotes becomes a string. What stands in the dollar quotes of `DO` and `AS` is SQL again.
pub(crate) fn escape(text: &str, insertions: &[Insertion]) -> Result<String, Problem> {
    lexer::Lexer::new(text, insertions, Dialect::Standard).run()
}

/// The same for `MySQL` and `MariaDB`, without `NO_BACKSLASH_ESCAPES` and without `ANSI_QUOTES`, as they are by default.
pub(crate) fn escape_mysql(text: &str, insertions: &[Insertion]) -> Result<String, Problem> {
    lexer::Lexer::new(text, insertions, Dialect::Mysql).run()
}
