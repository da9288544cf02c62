//! Templates: Handlebars made strict, escaping for the target format, and the names that a template uses.
//!
//! Knows no operating system: text and data in, text or a failure with its place out.

mod data;
mod engine;
mod escape;
mod helpers;
mod names;
mod pattern;
mod secrets;
mod segments;
mod strict;

pub(crate) use data::{Data, FACTS};
pub(crate) use engine::{Template, evaluate, holds_expression};
pub(crate) use escape::Escaper;
pub(crate) use names::Declared;
pub(crate) use pattern::Pattern;
pub(crate) use secrets::Secrets;
