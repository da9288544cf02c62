//! One statement of a file.

use std::ops::Range;

use super::postgres::copy_from_stdin;
use super::scanner::{Token, TokenKind};

/// One statement with the space and the comments before it. The texts of all statements, one after the other, are the file.
#[derive(Debug, Clone)]
pub(crate) struct Statement<'a> {
    pub(crate) text: &'a str,
    /// Where `text` starts in the file.
    pub(crate) start: usize,
    pub(super) file: &'a str,
    /// The tokens that are neither space nor comment nor the end of the statement.
    pub(super) tokens: Vec<Token>,
    /// What is sent, by its bytes in the file.
    pub(super) sent: Range<usize>,
    /// By its bytes in the file.
    pub(super) copy_data: Option<Range<usize>>,
    /// What no client understands as it stands there, or what is for the client alone.
    pub(super) aside: Option<Aside>,
}

/// A stretch of a file that belongs to no statement of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Aside {
    /// A line for the client that can be passed over: `\restrict`.
    Skipped(Token),
    /// What stands behind `COPY … FROM stdin;` on its line: psql runs it after the data.
    BehindCopy(Token),
}

impl Statement<'_> {
    /// Where the statement itself starts in the file; nothing when it is only space and comments.
    pub(crate) fn head(&self) -> Option<Token> {
        self.tokens.first().copied()
    }

    /// What is sent: the statement without what ends it and what stands around it.
    pub(crate) fn sql(&self) -> &str {
        &self.file[self.sent.clone()]
    }

    /// Where [`Self::sql`] starts in the file.
    pub(crate) fn sql_start(&self) -> usize {
        self.sent.start
    }

    /// The lines that `COPY … FROM stdin` reads.
    pub(crate) fn copy_data(&self) -> Option<&str> {
        self.copy_data.clone().map(|data| &self.file[data])
    }

    /// The value of `PRAGMA foreign_keys = …`.
    pub(crate) fn foreign_keys(&self) -> Option<bool> {
        let mut tokens = self.tokens.iter().map(|token| self.token(*token));
        let is = |token: Option<&str>, wanted: &str| token.is_some_and(|token| token.eq_ignore_ascii_case(wanted));
        if !is(tokens.next(), "PRAGMA") || !is(tokens.next(), "foreign_keys") {
            return None;
        }
        tokens.find(|token| !["=", "("].contains(token)).map(|value| {
            let value = value.trim_matches(['\'', '"']);
            ["on", "yes", "true"].iter().any(|on| value.eq_ignore_ascii_case(on))
                || value.parse::<i64>().is_ok_and(|number| number != 0)
        })
    }

    /// `SQLite`: it may set something, or make something, that lives as long as the connection.
    pub(crate) fn stays_with_connection(&self) -> bool {
        let words = ["PRAGMA", "TEMP", "TEMPORARY"];
        self.tokens.iter().any(|token| {
            words.iter().any(|word| self.token(*token).trim_matches(['"', '`', '[', ']']).eq_ignore_ascii_case(word))
        })
    }

    pub(super) fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    pub(super) fn token(&self, token: Token) -> &str {
        &self.file[token.start..token.end]
    }

    pub(super) fn is_copy_from_stdin(&self) -> bool {
        copy_from_stdin(self.file, &self.tokens).is_some()
    }

    /// Whether the token is this name, in quotes or not.
    pub(super) fn is_name(&self, token: Token, name: &str) -> bool {
        let text = self.token(token).trim_matches('`');
        matches!(token.kind, TokenKind::Word | TokenKind::QuotedIdentifier) && text.eq_ignore_ascii_case(name)
    }

    /// Whether the token is this keyword.
    pub(super) fn is(&self, token: Token, keyword: &str) -> bool {
        token.kind == TokenKind::Word && self.token(token).eq_ignore_ascii_case(keyword)
    }
}
