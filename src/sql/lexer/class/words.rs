//! The words that a statement begins with.

use crate::sql::lexer::scanner::{Token, TokenKind};
use crate::sql::lexer::statement::Statement;

/// What tells one kind of statement from another stands among its first tokens.
const HEAD: usize = 24;
/// No keyword is longer; the name or the text of somebody else is not copied.
const LONGEST: usize = 32;

/// The first tokens: words in capital letters, symbols as they are, and of anything else a sign of what it is (`'`, `"`, `0`).
pub(super) struct Words(Vec<String>);

impl Words {
    pub(super) fn of(statement: &Statement<'_>) -> Self {
        let word = |token: &Token| match token.kind {
            TokenKind::Word if token.end - token.start <= LONGEST => statement.token(*token).to_ascii_uppercase(),
            TokenKind::Symbol(symbol) => symbol.to_string(),
            TokenKind::Text => "'".to_owned(),
            TokenKind::QuotedIdentifier => "\"".to_owned(),
            TokenKind::Number => "0".to_owned(),
            _ => "_".to_owned(),
        };
        Self(statement.tokens().iter().take(HEAD).map(word).collect())
    }

    pub(super) fn list(&self) -> Vec<&str> {
        self.0.iter().map(String::as_str).collect()
    }
}
