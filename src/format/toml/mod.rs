//! TOML. What is written is of TOML 1.0; what is read may be of 1.1.

mod edit;
mod escape;
mod focus;
mod insert;
mod layout;
mod names;
mod outline;
mod place;
mod read;
mod remove;
mod scan;
#[cfg(test)]
mod tests;
mod text;
mod write;

pub(crate) use edit::edit;
pub(crate) use escape::escape;
pub(crate) use read::{check, read};
