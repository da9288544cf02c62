//! PostgreSQL: routines with a body in SQL, rules, data of `COPY`, and commands of psql.

use std::ops::Range;

use super::scanner::{Token, TokenKind};

/// What is open in a statement: a semicolon inside ends nothing.
#[derive(Default)]
pub(super) struct Blocks {
    /// As in `CREATE RULE … DO (…; …)`.
    parentheses: usize,
    /// `BEGIN ATOMIC` of an SQL routine, and `CASE` inside of it.
    atomic: usize,
    creates: bool,
    begun: bool,
    last: Last,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Last {
    Begin,
    /// A name follows, which may be that of a keyword: `AS end`, `a.end`.
    Naming,
    #[default]
    Other,
}

impl Blocks {
    pub(super) fn push(&mut self, kind: TokenKind, word: &str) {
        let is = |wanted: &str| word.eq_ignore_ascii_case(wanted);
        let last = std::mem::replace(&mut self.last, Last::Other);
        if !std::mem::replace(&mut self.begun, true) {
            self.creates = is("CREATE");
        }
        match kind {
            TokenKind::Symbol('(') => self.parentheses += 1,
            TokenKind::Symbol(')') => self.parentheses = self.parentheses.saturating_sub(1),
            TokenKind::Symbol('.') => self.last = Last::Naming,
            TokenKind::Word if is("AS") => self.last = Last::Naming,
            TokenKind::Word if is("BEGIN") => self.last = Last::Begin,
            TokenKind::Word if last == Last::Naming => {}
            TokenKind::Word if is("ATOMIC") && last == Last::Begin && self.creates => self.atomic += 1,
            TokenKind::Word if is("CASE") && self.atomic > 0 => self.atomic += 1,
            TokenKind::Word if is("END") => self.atomic = self.atomic.saturating_sub(1),
            _ => {}
        }
    }

    pub(super) fn are_closed(&self) -> bool {
        self.parentheses == 0 && self.atomic == 0
    }
}

/// What `pg_dump` writes around its output for psql alone.
pub(super) fn is_passed_over(command: &str) -> bool {
    matches!(command.split_ascii_whitespace().next(), Some("\\restrict" | "\\unrestrict"))
}

/// The word `COPY`, if the lines behind the statement are its data.
pub(super) fn copy_from_stdin(file: &str, tokens: &[Token]) -> Option<Range<usize>> {
    let first = tokens.first()?;
    let copies = is_word(file, *first, "COPY") && has_pair(file, tokens, "FROM", "STDIN");
    copies.then_some(first.start..first.end)
}

/// `COPY` that sends its rows to the client.
pub(super) fn is_copy_to_stdout(file: &str, tokens: &[Token]) -> bool {
    has_pair(file, tokens, "TO", "STDOUT")
}

/// Whether these two words follow each other outside of parentheses.
fn has_pair(file: &str, tokens: &[Token], first: &str, second: &str) -> bool {
    let mut depth = 0_usize;
    tokens.windows(2).any(|pair| {
        match pair[0].kind {
            TokenKind::Symbol('(') => depth += 1,
            TokenKind::Symbol(')') => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && is_word(file, pair[0], first) && is_word(file, pair[1], second)
    })
}

fn is_word(file: &str, token: Token, wanted: &str) -> bool {
    token.kind == TokenKind::Word && file[token.start..token.end].eq_ignore_ascii_case(wanted)
}
