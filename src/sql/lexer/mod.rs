//! SQL as statements, and what each of them means for a transaction.
//!
//! Nothing is understood beyond that: the server parses, this only keeps what looks like a semicolon or a `COMMIT` inside a
//! string from being taken for one.

mod class;
mod scanner;
mod statement;

pub(crate) use class::Refused;
#[allow(unused_imports, reason = "for runs that go on where a killed one stopped")]
pub(crate) use class::{Class, Doubt, IndexDoubt, IndexWork, accepted_codes};
pub(crate) use statement::{Statement, statements};
