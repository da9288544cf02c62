//! nginx configuration files, as nginx's own reader takes them apart: words, quotes, comments and variables.
//!
//! Limits: what a directive makes of its words (regular expressions, `map`'s `default`, time and size units) is not
//! known here, and neither are the languages inside `*_by_lua_block`.

mod lexer;
#[cfg(test)]
mod tests;

use super::{Insertion, Problem};

/// Puts each value into the configuration so that the directive gets exactly it, as a part of the word in which it stands.
///
/// nginx cannot express a dollar sign: such a value is a problem.
pub(crate) fn escape(text: &str, insertions: &[Insertion]) -> Result<String, Problem> {
    lexer::Lexer::new(text, insertions).run()
}
