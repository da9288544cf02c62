//! Structured text as a tree that remembers its places, and reading that tree into types with all findings at once.

mod deserialize;
mod distinct;
mod error;
mod located;
mod node;
mod number;
mod read;
mod text_or_mapping;
mod yaml;

pub(crate) use located::{LISTED, Located, TEXT, Table};
pub(crate) use node::{Key, Node, Value};
pub(crate) use number::{IN_QUOTES, respelt, rounded, spelling_hint};
pub(crate) use read::read;
#[cfg(feature = "schema")]
pub(crate) use text_or_mapping::schema_of_text_or;
pub(crate) use text_or_mapping::text_or_mapping;
pub(crate) use yaml::{check, check_syntax, parse, parse_data, parse_mapping};
