//! YAML, for readers of version 1.1 and of version 1.2.

mod block_scalar;
mod block_text;
mod change;
mod chosen;
mod edit;
mod entries;
mod escape;
mod flow_scalar;
mod lexer;
mod node;
mod plain;
mod quoted;
mod row;
mod rows;
mod sound;
#[cfg(test)]
mod tests;
mod token;
mod value;
mod write;

pub(crate) use edit::edit;
pub(crate) use escape::escape;
pub(crate) use sound::is_surely_sound;
