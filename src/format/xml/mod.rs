//! XML 1.0. Namespace prefixes are just parts of names.

mod character;
mod check;
mod content;
mod doctype;
mod edit;
mod escape;
mod insert;
mod markup;
mod place;
mod route;
mod scan;
#[cfg(test)]
mod tests;
mod text;
mod tree;

pub(crate) use check::check;
pub(crate) use edit::edit;
pub(crate) use escape::escape;
