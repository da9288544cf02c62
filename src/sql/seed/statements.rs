//! Statements that are made one after the other, and what in the plan each stretch of them is for.

use std::ops::Range;

use super::super::Dialect;
use super::super::lexer::{Statement, statements};
use crate::failure::Span;

/// What a statement does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Compare,
    Insert,
    Update,
    /// Fails unless a reference finds exactly one row.
    Refer,
    /// Fails unless the row is as it was declared.
    Verify,
}

/// A stretch of the text.
#[derive(Debug)]
pub(super) struct Mark<'a> {
    range: Range<usize>,
    pub(super) purpose: Purpose,
    pub(super) table: &'a str,
    /// In the plan: the row, or one of its values.
    pub(super) span: Span,
}

/// Statements as one text.
#[derive(Debug, Default)]
pub(super) struct Statements<'a> {
    text: String,
    marks: Vec<Mark<'a>>,
}

impl<'a> Statements<'a> {
    /// Adds a statement, in pieces, each of which may be a value of the plan.
    pub(super) fn push(
        &mut self,
        (purpose, table, span): (Purpose, &'a str, Span),
        pieces: impl IntoIterator<Item = (String, Option<Span>)>,
    ) {
        let start = self.text.len();
        let mut inner = Vec::new();
        for (piece, span) in pieces {
            let from = self.text.len();
            self.text.push_str(&piece);
            inner.extend(span.map(|span| Mark { range: from..self.text.len(), purpose, table, span }));
        }
        self.marks.append(&mut inner);
        self.marks.push(Mark { range: start..self.text.len(), purpose, table, span });
        self.text.push_str(";\n");
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn divided(&self, dialect: Dialect) -> Vec<Statement<'_>> {
        // What is made here has no end that is missing.
        let mut found = statements(&self.text, dialect).unwrap_or_default();
        found.retain(|statement| statement.head().is_some());
        found
    }

    /// What stands at this byte: a value, or else the whole statement.
    pub(super) fn mark(&self, at: usize) -> Option<&Mark<'a>> {
        self.marks.iter().find(|mark| mark.range.contains(&at))
    }
}
