//! SQL as statements, and what each of them means for a transaction.
//!
//! Nothing is understood beyond that: the server parses, this only keeps what looks like a semicolon or a `COMMIT` inside a
//! string from being taken for one. Settings of a session that change the language (`standard_conforming_strings = off`,
//! `ANSI_QUOTES`, `NO_BACKSLASH_ESCAPES`, `ORACLE`) are not followed.

mod class;
mod mysql;
mod postgres;
mod quotes;
mod scanner;
mod split;
mod sqlite;
mod statement;
#[cfg(test)]
mod tests;

pub(crate) use class::Refused;
#[allow(unused_imports, reason = "for runs that go on where a killed one stopped")]
pub(crate) use class::{Class, Doubt, IndexDoubt, IndexWork, accepted_codes};
pub(crate) use split::statements;
pub(crate) use statement::Statement;
