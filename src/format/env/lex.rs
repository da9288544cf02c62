//! Lines of an env file, with values of a template as opaque units.

use std::ops::Range;

use super::super::search::end_before;
use super::super::{Insertion, Problem};

/// One line, or the lines of a pair with a value in quotes. Ranges are those of the whole text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// All bytes, the line break included.
    pub(super) all: Range<usize>,
    pub(super) kind: Kind,
    /// What is wrong with it. A template is lexed all the same.
    pub(super) problem: Option<Problem>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Pair {
        key: Range<usize>,
        /// Quotes included.
        value: Range<usize>,
        form: Form,
    },
    Comment,
    Blank,
    /// A line without `=`: `export NAME`, or of another language.
    Bare,
}

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Plain,
    Single,
    Double,
}

/// Goes through a text entry by entry.
pub(super) struct Lexer<'a> {
    bytes: &'a [u8],
    insertions: &'a [Insertion],
    at: usize,
    /// No closing quote of this kind is behind this place: it need not be looked for again.
    unclosed: [usize; 2],
}

/// What stands at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    /// A value of the template, perhaps empty.
    Insertion,
    Byte(u8),
    /// A line break.
    Break,
    End,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str, insertions: &'a [Insertion]) -> Self {
        Self { bytes: text.as_bytes(), insertions, at: 0, unclosed: [usize::MAX; 2] }
    }

    /// The unit at the current place, and where it ends.
    fn peek(&self) -> (Unit, usize) {
        if let Some(insertion) = self.insertions.first().filter(|insertion| insertion.range.start == self.at) {
            return (Unit::Insertion, insertion.range.end);
        }
        // With a value between them, even an empty one, two characters are no line break.
        let is_parted = self.insertions.first().is_some_and(|insertion| insertion.range.start == self.at + 1);
        match self.bytes.get(self.at..).unwrap_or_default() {
            [] => (Unit::End, self.at),
            // A carriage return at the end of the text is half a line break: what is put behind it would make it a whole one.
            [b'\n', ..] => (Unit::Break, self.at + 1),
            [b'\r'] if !is_parted => (Unit::Break, self.at + 1),
            [b'\r', b'\n', ..] if !is_parted => (Unit::Break, self.at + 2),
            [byte, ..] => (Unit::Byte(*byte), self.at + 1),
        }
    }

    fn take(&mut self) {
        let (unit, end) = self.peek();
        if unit == Unit::Insertion {
            self.insertions = self.insertions.get(1..).unwrap_or_default();
        }
        self.at = end;
    }

    fn skip_while(&mut self, wanted: impl Fn(Unit) -> bool) {
        while wanted(self.peek().0) {
            self.take();
        }
    }

    fn skip_blanks(&mut self) {
        self.skip_while(is_blank);
    }

    /// The end of the line, before its line break. Only where no values are to come.
    fn line_end(&self) -> usize {
        let end = end_before(self.bytes, self.at, [b'\n']);
        let is_windows = end > self.at && end < self.bytes.len() && self.bytes[end - 1] == b'\r';
        if is_windows { end - 1 } else { end }
    }

    fn skip_line(&mut self) {
        if self.insertions.is_empty() {
            self.at = self.line_end();
        }
        self.skip_while(in_line);
    }

    /// The key of a pair; `None` if there is no `=` in the line.
    fn key(&mut self) -> Option<Range<usize>> {
        if self.bytes.get(self.at..self.at + 6).is_some_and(|word| word == b"export") && !self.insertion_within(6) {
            let start = (self.at, self.insertions);
            self.at += 6;
            if is_blank(self.peek().0) {
                self.skip_blanks();
            }
            if self.at == start.0 + 6 || self.peek().0 == Unit::Byte(b'=') {
                (self.at, self.insertions) = start;
            }
        }
        let start = self.at;
        let mut end = start;
        if self.insertions.is_empty() {
            // The last byte before a blank or the end of the key is left to the loop.
            let run = end_before(self.bytes, start, *b"= \t\r\n");
            self.at = run.max(start + 1) - 1;
            end = self.at;
        }
        while in_line(self.peek().0) && self.peek().0 != Unit::Byte(b'=') {
            let blank = is_blank(self.peek().0);
            self.take();
            if !blank {
                end = self.at;
            }
        }
        (self.peek().0 == Unit::Byte(b'=')).then_some(start..end)
    }

    fn insertion_within(&self, length: usize) -> bool {
        self.insertions.first().is_some_and(|insertion| insertion.range.start < self.at + length)
    }

    /// The value behind the `=` at whose end this place is.
    fn value(&mut self) -> (Range<usize>, Form) {
        let sign = self.at;
        self.skip_blanks();
        let start = self.at;
        if start > sign && self.peek().0 == Unit::Byte(b'#') {
            return (sign..sign, Form::Plain);
        }
        let form = match self.peek().0 {
            Unit::Byte(b'\'') => Form::Single,
            Unit::Byte(b'"') => Form::Double,
            _ => Form::Plain,
        };
        if form != Form::Plain
            && let Some(end) = self.quoted(form)
        {
            return (start..end, form);
        }
        let mut end = start;
        let mut behind_blank = false;
        if self.insertions.is_empty() {
            let run = end_before(self.bytes, start, *b"# \t\r\n");
            self.at = run.max(start + 1) - 1;
            end = self.at;
        }
        while in_line(self.peek().0) && !(behind_blank && self.peek().0 == Unit::Byte(b'#')) {
            behind_blank = is_blank(self.peek().0);
            self.take();
            if !behind_blank {
                end = self.at;
            }
        }
        (start..end, Form::Plain)
    }

    /// Moves behind the closing quote, if there is one.
    fn quoted(&mut self, form: Form) -> Option<usize> {
        let (quote, index) = if form == Form::Single { (b'\'', 0) } else { (b'"', 1) };
        let start = (self.at, self.insertions);
        if self.unclosed.get(index).is_some_and(|unclosed| self.at >= *unclosed) {
            return None;
        }
        self.at += 1;
        loop {
            if self.insertions.is_empty() {
                self.at = end_before(self.bytes, self.at, [quote, b'\\']);
            }
            match self.peek().0 {
                Unit::End => break,
                Unit::Byte(byte) if byte == quote => {
                    self.at += 1;
                    return Some(self.at);
                }
                Unit::Byte(b'\\') if form == Form::Double => {
                    self.at += 1;
                    // A value behind a literal backslash is a value.
                    if matches!(self.peek().0, Unit::Byte(_)) {
                        self.at += 1;
                    }
                }
                _ => self.take(),
            }
        }
        if let Some(unclosed) = self.unclosed.get_mut(index) {
            *unclosed = start.0;
        }
        (self.at, self.insertions) = start;
        None
    }

    fn pair(&mut self) -> (Kind, Option<Problem>) {
        let line = self.at;
        let Some(key) = self.key() else {
            let problem = Problem::new(line, "`=` is missing").hint("write `NAME=value`, or `#` in front of a comment");
            return (Kind::Bare, Some(problem));
        };
        self.at += 1;
        let (value, form) = self.value();
        let mut problem = self.check_key(&key).or_else(|| self.check_value(&value, form));
        if form != Form::Plain {
            let end = self.at;
            self.skip_blanks();
            let comment = self.at > end && self.peek().0 == Unit::Byte(b'#');
            if in_line(self.peek().0) && !comment {
                problem = problem.or_else(|| Some(Problem::new(end, "something stands behind the closing quote")));
            }
        }
        self.skip_line();
        (Kind::Pair { key, value, form }, problem)
    }

    fn check_key(&self, key: &Range<usize>) -> Option<Problem> {
        let name = self.bytes.get(key.clone()).unwrap_or_default();
        let message = if name.is_empty() { "the name of the variable is missing" } else { NAME };
        (!is_name(name)).then(|| Problem::new(key.start, message))
    }

    fn check_value(&self, value: &Range<usize>, form: Form) -> Option<Problem> {
        let raw = self.bytes.get(value.clone()).unwrap_or_default();
        if form == Form::Plain && matches!(raw, [b'\'' | b'"', ..]) {
            return Some(Problem::new(value.start, "the quote is not closed"));
        }
        let open = raw.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1;
        (form == Form::Plain && open).then(|| {
            Problem::new(
                value.end.saturating_sub(1),
                "a backslash ends the line, which some readers join with the next",
            )
            .hint("put the value into single quotes")
        })
    }
}

/// What [`is_name`] wants.
pub(super) const NAME: &str =
    "the name of a variable has only letters, digits, `_`, `.` and `-`, and begins with a letter or `_`";

/// The name can be that of an environment variable in most readers.
pub(super) fn is_name(name: &[u8]) -> bool {
    let starts = name.first().is_some_and(|first| first.is_ascii_alphabetic() || *first == b'_');
    starts && name.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(byte))
}

fn is_blank(unit: Unit) -> bool {
    matches!(unit, Unit::Byte(b' ' | b'\t'))
}

fn in_line(unit: Unit) -> bool {
    matches!(unit, Unit::Byte(_) | Unit::Insertion)
}

impl Iterator for Lexer<'_> {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        let start = self.at;
        if self.peek().0 == Unit::End {
            return None;
        }
        self.skip_blanks();
        let (kind, problem) = match self.peek().0 {
            Unit::Break | Unit::End => (Kind::Blank, None),
            Unit::Byte(b'#') => {
                self.skip_line();
                (Kind::Comment, None)
            }
            _ => self.pair(),
        };
        if self.peek().0 == Unit::Break {
            self.take();
        }
        Some(Entry { all: start..self.at, kind, problem })
    }
}
