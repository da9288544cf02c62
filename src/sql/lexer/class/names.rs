//! Names as PostgreSQL's catalogue has them.

use crate::sql::lexer::scanner::{Token, TokenKind};
use crate::sql::lexer::statement::Statement;

/// PostgreSQL cuts longer names.
const LONGEST: usize = 63;

/// A name with the schema before it, if there is one.
pub(super) struct Qualified {
    pub(super) schema: Option<String>,
    pub(super) name: String,
}

/// The name that these tokens start with, which may be `database.schema.name`.
pub(super) fn qualified(statement: &Statement<'_>, tokens: &[Token]) -> Option<Qualified> {
    // `U&"…"` has escapes of its own.
    let escaped = tokens.get(1).is_some_and(|next| next.kind == TokenKind::Symbol('&'));
    if escaped {
        return None;
    }
    let mut parts = vec![part(statement, *tokens.first()?)?];
    for pair in tokens[1..].chunks_exact(2) {
        if pair[0].kind != TokenKind::Symbol('.') {
            break;
        }
        parts.push(part(statement, pair[1])?);
    }
    let name = parts.pop()?;
    Some(Qualified { schema: parts.pop(), name })
}

fn part(statement: &Statement<'_>, token: Token) -> Option<String> {
    let text = statement.token(token);
    let mut name = match token.kind {
        TokenKind::Word => text.to_ascii_lowercase(),
        TokenKind::QuotedIdentifier => text.strip_prefix('"')?.strip_suffix('"')?.replace("\"\"", "\""),
        _ => return None,
    };
    name.truncate(name.floor_char_boundary(LONGEST));
    Some(name)
}
