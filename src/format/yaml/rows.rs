//! Passing over lines that say nothing about what is looked for.

use super::node::{Content, Outside, Reader};
use super::row::{Entry, Row, row};
use crate::format::search::{end_of_line, end_of_run};

/// Where the lines end that were passed over.
#[derive(Debug, Clone, Copy)]
struct Passed {
    /// The beginning of the line behind them.
    next: usize,
    /// Behind their last token.
    end: usize,
    /// The column of their last key or dash.
    outer: usize,
    /// Where their last token begins, if it is a block scalar.
    last_block: Option<usize>,
}

/// Entries of a mapping that were passed over.
#[derive(Debug, Clone, Copy)]
pub(super) struct Others {
    pub(super) count: usize,
    /// The beginning of the line of the last one.
    pub(super) last: usize,
    /// Where the block scalar begins that the last one ends with.
    pub(super) last_block: Option<usize>,
}

/// Goes through lines, with one line's patience: only the line behind a plain scalar tells whether it has ended.
struct Rows<'a> {
    bytes: &'a [u8],
    at: usize,
    /// What is sure to be passed.
    passed: Option<Passed>,
    /// The last line, when it may go on in the next.
    open: Option<Passed>,
}

impl<'a> Rows<'a> {
    fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at, passed: None, open: None }
    }

    /// The next line that is an entry and no part of what stands before.
    fn next(&mut self) -> Option<Entry> {
        loop {
            let row = row(self.bytes, self.at);
            let column = match &row {
                Row::Blank { next, comment } => {
                    self.at = *next;
                    if *comment {
                        self.settle();
                    }
                    if self.at >= self.bytes.len() {
                        self.settle();
                        return None;
                    }
                    continue;
                }
                Row::Entry(entry) => entry.column,
                Row::Other { .. } if self.at >= self.bytes.len() => 0,
                Row::Other { column } => *column,
            };
            if self.open.is_some_and(|open| column > open.outer) {
                return None;
            }
            self.settle();
            return if let Row::Entry(entry) = row { Some(entry) } else { None };
        }
    }

    fn settle(&mut self) {
        self.passed = self.open.take().or(self.passed);
    }

    fn pass(&mut self, entry: &Entry) {
        let mut passed = Passed { next: entry.next, end: entry.end, outer: entry.outer, last_block: None };
        if let Some((start, keeps)) = entry.block {
            passed.last_block = Some(start);
            self.pass_block(&mut passed, keeps);
        }
        self.at = passed.next;
        if entry.open {
            self.open = Some(passed);
        } else {
            self.passed = Some(passed);
        }
    }
}

impl Rows<'_> {
    /// Goes behind the lines of a block scalar.
    fn pass_block(&self, passed: &mut Passed, keeps: bool) {
        let mut indent = None;
        while passed.next < self.bytes.len() {
            let first = end_of_run(self.bytes, passed.next, b' ');
            let column = first - passed.next;
            let end = end_of_line(self.bytes, first);
            if end > first {
                if column < *indent.get_or_insert(column.max(passed.outer + 1)) {
                    return;
                }
                passed.end = end;
            } else if keeps || indent.is_some_and(|indent| column > indent) {
                passed.end = end;
            }
            let after = usize::from(self.bytes.get(end) == Some(&b'\r')) + end;
            passed.next = usize::from(self.bytes.get(after) == Some(&b'\n')) + after;
        }
    }
}

impl Reader<'_> {
    /// Passes over lines that are part of a block collection. Returns the end of the last one and the block scalar that
    /// it is the end of, if there were some.
    pub(super) fn skip_rows(&mut self, outside: Outside, content: Content) -> Option<(usize, Option<usize>)> {
        let mut rows = Rows::new(self.bytes(), self.peek.start - self.peek.column);
        while let Some(entry) = rows.next() {
            let is_part = match outside {
                Outside::Document => true,
                Outside::Mapping(column) if entry.column == column => entry.dash && content == Content::BlockSequence,
                Outside::Mapping(column) | Outside::Sequence(column) => entry.column > column,
                Outside::Flow => false,
            };
            if !is_part {
                break;
            }
            rows.pass(&entry);
        }
        let passed = rows.passed?;
        self.go_to_line(passed.next, passed.outer);
        Some((passed.end, passed.last_block))
    }

    /// Passes over entries of a mapping in this column that have another key.
    pub(super) fn skip_others(&mut self, column: usize, name: &str) -> Option<Others> {
        let mut rows = Rows::new(self.bytes(), self.peek.start - self.peek.column);
        let mut next = rows.next();
        let mut others: Option<(Others, Passed)> = None;
        let mut entry_at = rows.at;
        while let Some(entry) = next.take() {
            let is_other = entry.column == column
                && !entry.dash
                && entry.key.clone().is_some_and(|key| &rows.bytes[key] != name.as_bytes());
            if !is_other {
                break;
            }
            rows.pass(&entry);
            next = rows.next();
            if !entry.has_value {
                let has_list = next.as_ref().is_some_and(|first| first.dash && first.column == column);
                let is_inner = |inner: &mut Entry| inner.column > column || has_list && inner.is_dash_at(column);
                while let Some(inner) = next.take_if(is_inner) {
                    rows.pass(&inner);
                    next = rows.next();
                }
            }
            let ends = match &next {
                Some(entry) => entry.column <= column && !entry.is_dash_at(column),
                None => is_outside(rows.bytes, rows.at, column),
            };
            if !ends || rows.open.is_some() {
                break;
            }
            let Some(passed) = rows.passed else { break };
            let count = others.map_or(0, |(others, _)| others.count) + 1;
            others = Some((Others { count, last: entry_at, last_block: passed.last_block }, passed));
            entry_at = rows.at;
        }
        let (others, passed) = others?;
        self.go_to_line(passed.next, passed.outer);
        Some(others)
    }
}

/// Whether the line here, which is no plain entry, is no part of the value of a key in this column.
fn is_outside(bytes: &[u8], at: usize, column: usize) -> bool {
    match row(bytes, at) {
        Row::Other { column: own } => {
            at >= bytes.len() || own < column || own == column && bytes.get(at + own) != Some(&b'-')
        }
        Row::Blank { .. } => at >= bytes.len(),
        Row::Entry(_) => false,
    }
}
