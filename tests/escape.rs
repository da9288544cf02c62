//! Values that look like syntax, put into every place of every format and read back with a real parser of that format: each
//! comes back as it is, or is refused with its place in the template and without being shown.
//!
//! `FITOUT_SEED` chooses other random values.

mod everywhere;
mod flat;
mod injection;
mod messages;
mod nginx;
mod place;
mod reader;
mod shell;
mod sql;
mod trees;
mod trial;
mod typed;
mod values;
mod xml;
