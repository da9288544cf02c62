//! Logical lines of properties, with values of a template as opaque units.

use std::ops::Range;

use super::super::Insertion;
use super::super::search::end_before;
use super::character::is_blank;

/// One logical line, or one natural line that is no pair. Ranges are those of the whole text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Logical {
    /// All bytes, leading blanks and the line break included.
    pub(super) all: Range<usize>,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// Raw ranges, continuation lines included. `separated`: `=` or `:` stands between them, not only blanks.
    Pair {
        key: Range<usize>,
        value: Range<usize>,
        separated: bool,
    },
    Comment,
    Blank,
}

/// Goes through a text line by line.
pub(super) struct Lexer<'a> {
    bytes: &'a [u8],
    insertions: &'a [Insertion],
    at: usize,
}

/// What stands at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    /// A value of the template, perhaps empty.
    Insertion,
    Byte(u8),
    /// A backslash with the character behind it.
    Escape,
    /// A backslash, the line break, and the blanks of the next line.
    Continuation,
    /// A line break or the end of the text.
    End,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str, insertions: &'a [Insertion]) -> Self {
        Self { bytes: text.as_bytes(), insertions, at: 0 }
    }

    /// The unit at the current place, and where it ends.
    fn peek(&self) -> (Unit, usize) {
        if let Some(insertion) = self.insertions.first().filter(|insertion| insertion.range.start == self.at) {
            return (Unit::Insertion, insertion.range.end);
        }
        let next = self.at + 1;
        match self.bytes.get(self.at) {
            None | Some(b'\n' | b'\r') => (Unit::End, self.at),
            Some(b'\\') if self.is_insertion(next) => (Unit::Byte(b'\\'), next),
            Some(b'\\') => match self.bytes.get(next) {
                Some(b'\n' | b'\r') => (Unit::Continuation, self.skip_blanks(self.skip_break(next))),
                Some(byte) => (Unit::Escape, next + width(*byte)),
                None => (Unit::Escape, next),
            },
            Some(byte) => (Unit::Byte(*byte), next),
        }
    }

    fn is_insertion(&self, at: usize) -> bool {
        self.insertions.first().is_some_and(|insertion| insertion.range.start == at)
    }

    fn take(&mut self, (unit, end): (Unit, usize)) {
        if unit == Unit::Insertion {
            self.insertions = self.insertions.get(1..).unwrap_or_default();
        }
        self.at = end;
    }

    /// Behind the line break at this place.
    fn skip_break(&self, at: usize) -> usize {
        match self.bytes.get(at..).unwrap_or_default() {
            [b'\r', b'\n', ..] if !self.is_insertion(at + 1) => at + 2,
            [b'\r' | b'\n', ..] => at + 1,
            _ => at,
        }
    }

    fn skip_blanks(&self, mut at: usize) -> usize {
        while !self.is_insertion(at) && self.bytes.get(at).copied().is_some_and(is_blank) {
            at += 1;
        }
        at
    }

    /// Goes on until a unit of another kind. Returns that.
    fn skip_while(&mut self, wanted: impl Fn(Unit) -> bool) -> Unit {
        loop {
            let unit = self.peek();
            if !wanted(unit.0) {
                return unit.0;
            }
            self.take(unit);
        }
    }

    /// Goes to the first of these bytes, if no values are to come.
    fn skip_to<const N: usize>(&mut self, ends: [u8; N]) {
        if self.insertions.is_empty() {
            self.at = end_before(self.bytes, self.at, ends);
        }
    }

    fn pair(&mut self) -> Kind {
        let start = self.at;
        self.skip_to(*b"\n\r\\=: \t\x0C");
        let ends_key = |byte| is_blank(byte) || matches!(byte, b'=' | b':');
        self.skip_while(|unit| match unit {
            Unit::End => false,
            Unit::Byte(byte) => !ends_key(byte),
            _ => true,
        });
        let key = start..self.at;
        let skips = |unit| unit == Unit::Continuation || matches!(unit, Unit::Byte(byte) if is_blank(byte));
        let mut separated = false;
        if let Unit::Byte(b'=' | b':') = self.skip_while(skips) {
            separated = true;
            self.take(self.peek());
            self.skip_while(skips);
        }
        let value = self.at;
        self.skip_to(*b"\n\r\\");
        self.skip_while(|unit| unit != Unit::End);
        Kind::Pair { key, value: value..self.at, separated }
    }
}

impl Iterator for Lexer<'_> {
    type Item = Logical;

    fn next(&mut self) -> Option<Logical> {
        let start = self.at;
        if start >= self.bytes.len() && self.insertions.is_empty() {
            return None;
        }
        self.at = self.skip_blanks(start);
        let kind = match self.peek().0 {
            Unit::End => Kind::Blank,
            Unit::Byte(b'#' | b'!') => {
                self.skip_to(*b"\n\r\\");
                while let unit @ (Unit::Insertion | Unit::Byte(_) | Unit::Escape | Unit::Continuation, _) = self.peek()
                {
                    // A comment knows no backslash.
                    let end = if unit.0 == Unit::Insertion { unit.1 } else { self.at + 1 };
                    self.take((unit.0, end));
                }
                Kind::Comment
            }
            // A line that is only a backslash is nothing: the next one begins as if it were not there. Only as the very
            // last line Java takes it for an empty key.
            Unit::Continuation if self.at + 2 < self.bytes.len() => {
                self.at += 1;
                Kind::Blank
            }
            _ => self.pair(),
        };
        self.at = self.skip_break(self.at);
        Some(Logical { all: start..self.at, kind })
    }
}

/// The number of bytes of the character that begins with this one.
fn width(byte: u8) -> usize {
    match byte {
        0xF0.. => 4,
        0xE0.. => 3,
        0xC0.. => 2,
        _ => 1,
    }
}
