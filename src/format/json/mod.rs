//! JSON. Files that are edited may hold comments and trailing commas, as the settings of many tools do.

mod distinct;
mod edit;
mod escape;
mod read;
mod scanner;
mod string;
mod style;
#[cfg(test)]
mod tests;

pub(crate) use edit::edit;
pub(crate) use escape::escape;
pub(crate) use read::{check, read};
