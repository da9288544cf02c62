//! Templates: Handlebars made strict, escaping for the target format, and the names that a template uses.
//!
//! Knows no operating system: text and data in, text or a failure with its place out.

mod balance;
mod capture;
mod data;
mod engine;
pub(crate) mod envsubst;
mod explain;
mod helpers;
mod names;
mod nesting;
mod partials;
mod pattern;
mod plain;
mod secrets;
mod segments;
mod stretches;
mod strict;

pub(crate) use data::{Data, FACTS, Facts};
pub(crate) use engine::{Template, evaluate, holds_expression};
#[cfg(feature = "schema")]
pub(crate) use helpers::reference as helpers_reference;
pub(crate) use names::Declared;
pub(crate) use partials::Partials;
pub(crate) use pattern::Pattern;
pub(crate) use secrets::Secrets;
#[cfg(feature = "fuzz")]
pub(crate) use segments::check_pieces;
