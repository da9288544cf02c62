//! Where something was written: a source text, and a line and column in it.

use std::fmt;
use std::sync::Arc;

/// A text that a person wrote: the plan, a template, a migration, or the command line.
#[derive(Debug)]
pub(crate) struct Source {
    /// What the person calls it: a path, or `command line`.
    pub(crate) name: String,
    /// The whole text; only single lines of it are ever printed.
    pub(crate) text: String,
}

impl Source {
    pub(crate) fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self { name: name.into(), text: text.into() })
    }

    /// The line with this number, counted from 1, without its end.
    pub(crate) fn line(&self, number: u32) -> Option<&str> {
        self.text.lines().nth(usize::try_from(number).ok()?.checked_sub(1)?)
    }

    /// The character at this byte; an offset inside of a character means that character.
    pub(crate) fn span_at(&self, offset: usize) -> Span {
        let before = &self.text[..self.text.floor_char_boundary(offset)];
        let line = before.rfind('\n').map_or(0, |at| at + 1);
        Span::new(before.matches('\n').count() + 1, before[line..].chars().count() + 1, 1)
    }
}

/// A stretch of one line: line and column count from 1, in characters. Line 0 means "nowhere".
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) line: u32,
    pub(crate) column: u32,
    pub(crate) length: u32,
}

impl Span {
    pub(crate) fn new(line: usize, column: usize, length: usize) -> Self {
        let narrow = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Self { line: narrow(line), column: narrow(column), length: narrow(length) }
    }

    pub(crate) fn is_known(self) -> bool {
        self.line > 0
    }
}

/// A span in a source.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) source: Arc<Source>,
    pub(crate) span: Span,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}:{}", self.source.name, self.span.line, self.span.column)
    }
}
