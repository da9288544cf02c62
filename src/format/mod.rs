//! The languages of configuration files: reading them as data, putting a value into them so that it comes back as it was,
//! and changing one key without touching the rest. Pure: text in, text out.

mod agreement;
mod delimited;
mod edit;
mod encoding;
pub(crate) mod env;
#[cfg(test)]
mod fixture;
mod flat;
pub(crate) mod ini;
mod insertion;
pub(crate) mod json;
mod language;
mod line;
pub(crate) mod nginx;
mod patch;
mod patched;
mod problem;
pub(crate) mod properties;
mod refusal;
mod schema;
mod search;
pub(crate) mod sh;
pub(crate) mod sql;
mod stretch;
pub(crate) mod text;
pub(crate) mod toml;
mod walk;
pub(crate) mod xml;
pub(crate) mod yaml;

pub(crate) use edit::{EditError, Operation, Segment, parse_path, split_pair};
pub(crate) use encoding::decode;
pub(crate) use insertion::{Insertion, Scalar};
pub(crate) use language::Language;
pub(crate) use problem::Problem;
pub(crate) use schema::{Schema, equal};
