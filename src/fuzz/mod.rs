//! What the fuzz targets in `fuzz/` call: one function for each, which panics when a promise is broken. Development only.
//!
//! Each takes the bytes as they come. What is no text, or not of the form that the function reads, is passed over.

#![allow(clippy::missing_panics_doc, reason = "panicking is what they are for")]

mod archive;
mod certificates;
mod editors;
mod encoding;
mod envsubst;
mod escape;
mod fields;
mod model;
mod names;
mod plan;
mod sql;
mod template;
mod text;
mod url;
mod values;

pub use archive::archive;
pub use certificates::certificates;
pub use editors::{env, ini, json, properties, toml, xml, yaml};
pub use encoding::encoding;
pub use envsubst::envsubst;
pub use escape::escape;
pub use names::names;
pub use plan::plan;
pub use sql::sql;
pub use template::template;
pub use text::text;
pub use url::url;
pub use values::values;
