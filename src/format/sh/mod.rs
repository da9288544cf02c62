//! Shell scripts: what POSIX `sh`, `dash`, `bash` and busybox `ash` agree on.

mod backquotes;
mod code;
mod document;
mod doubt;
mod frame;
mod join;
mod lexer;
mod parameter;
mod redirection;
#[cfg(test)]
mod tests;
mod value;

use lexer::Lexer;

use super::{Insertion, Problem};

/// Puts each value into the script so that the shell gets exactly it, as a part of the word, string or here-document in
/// which it stands.
///
/// A value never becomes syntax: it cannot be a keyword, an operator, a pattern, a number of a file descriptor or a part
/// of a variable's name. Where a shell can only take some values (arithmetic, backquotes) others are a problem.
pub(crate) fn escape(text: &str, insertions: &[Insertion]) -> Result<String, Problem> {
    Lexer::new(text, insertions).run()
}
