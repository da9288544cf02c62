//! Walking through a text in which values stand, without ever looking into a value, and writing it anew with the values
//! escaped. What lies between the values is copied in bulk.

use super::{Insertion, Problem};

/// What stands at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// A byte of the template's own text.
    Byte(u8),
    /// A value.
    Value,
}

/// A place in the text, and what has been written up to it.
pub(super) struct Walk<'a> {
    text: &'a str,
    insertions: &'a [Insertion],
    at: usize,
    /// The first insertion that is not behind us.
    next: usize,
    /// No literal bytes are given out from here on.
    limit: usize,
    /// Where the literal stretch that we are in begins.
    stretch: usize,
    out: String,
    /// All before this byte is in `out`.
    copied: usize,
}

impl<'a> Walk<'a> {
    pub(super) fn new(text: &'a str, insertions: &'a [Insertion]) -> Self {
        let out = String::with_capacity(text.len() + text.len() / 16);
        Self { text, insertions, at: 0, next: 0, limit: text.len(), stretch: 0, out, copied: 0 }
    }

    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// What stands here, unless the text ends.
    pub(super) fn unit(&self) -> Option<Unit> {
        if self.insertions.get(self.next).is_some_and(|insertion| insertion.range.start <= self.at) {
            return Some(Unit::Value);
        }
        self.text.as_bytes().get(self.at).copied().map(Unit::Byte)
    }

    /// The unit before this place.
    pub(super) fn before(&self) -> Option<Unit> {
        if self.at > self.stretch {
            return self.text.as_bytes().get(self.at - 1).copied().map(Unit::Byte);
        }
        (self.next > 0).then_some(Unit::Value)
    }

    /// Whether the literal bytes that we are in stand behind a value.
    pub(super) fn stretch_follows_value(&self) -> bool {
        self.next > 0
    }

    /// The template's own bytes from here to the next value or the end.
    pub(super) fn literal(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..self.literal_end()).unwrap_or_default()
    }

    /// Where the literal bytes that stand here end.
    pub(super) fn literal_end(&self) -> usize {
        self.insertions.get(self.next).map_or(self.limit, |insertion| insertion.range.start.min(self.limit))
    }

    /// From now on the text seems to have no literal bytes from there on.
    pub(super) fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
    }

    /// The template's own bytes that stand directly before this place, back to the last value or the beginning.
    pub(super) fn literal_before(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.stretch..self.at).unwrap_or_default()
    }

    /// Whether the text ends behind the literal bytes that stand here.
    pub(super) fn is_last_stretch(&self) -> bool {
        self.next >= self.insertions.len()
    }

    /// The value that stands here.
    pub(super) fn insertion(&self) -> Option<&'a Insertion> {
        self.insertions.get(self.next)
    }

    /// The value that stands here, as text.
    pub(super) fn value(&self) -> &'a str {
        self.insertion().and_then(|insertion| self.text.get(insertion.range.clone())).unwrap_or_default()
    }

    /// What stands behind the value that stands here.
    pub(super) fn behind_value(&self) -> Option<Unit> {
        let end = self.insertion()?.range.end;
        if self.insertions.get(self.next + 1).is_some_and(|insertion| insertion.range.start <= end) {
            return Some(Unit::Value);
        }
        self.text.as_bytes().get(end).copied().map(Unit::Byte)
    }

    /// Goes on by literal bytes, at most to the next value.
    pub(super) fn advance(&mut self, bytes: usize) {
        self.at += bytes.min(self.literal().len());
    }

    /// Goes on to the first byte that is wanted, to the next value or to the end.
    pub(super) fn skip_to(&mut self, wanted: impl Fn(u8) -> bool) {
        let literal = self.literal();
        self.at += literal.iter().position(|&byte| wanted(byte)).unwrap_or(literal.len());
    }

    /// Writes something that is not in the text.
    pub(super) fn write(&mut self, added: &str) {
        self.flush();
        self.out.push_str(added);
    }

    /// Writes the value that stands here by way of a function, and goes behind it. Returns where it is in the output.
    pub(super) fn write_value(&mut self, write: impl FnOnce(&mut String, &str)) -> std::ops::Range<usize> {
        self.flush();
        let start = self.out.len();
        if let Some(insertion) = self.insertions.get(self.next) {
            write(&mut self.out, self.text.get(insertion.range.clone()).unwrap_or_default());
            self.at = insertion.range.end;
            self.stretch = self.at;
            self.copied = self.at;
            self.next += 1;
        }
        start..self.out.len()
    }

    /// The same place, to look further without writing.
    pub(super) fn ahead(&self) -> Self {
        let Self { text, insertions, at, next, limit, stretch, .. } = *self;
        Self { text, insertions, at, next, limit, stretch, out: String::new(), copied: at }
    }

    /// Goes behind the value that stands here without writing it.
    pub(super) fn skip_value(&mut self) {
        if let Some(insertion) = self.insertion() {
            self.at = insertion.range.end;
            self.stretch = self.at;
            self.next += 1;
        }
    }

    /// What has been written, up to this place.
    pub(super) fn written(&mut self) -> &str {
        self.flush();
        &self.out
    }

    pub(super) fn finish(mut self) -> String {
        self.at = self.text.len();
        self.flush();
        self.out
    }

    /// A problem with the value that stands here.
    pub(super) fn problem(&self, message: &str) -> Problem {
        Problem::new(self.insertion().map_or(self.at, |insertion| insertion.range.start), message)
    }

    fn flush(&mut self) {
        if self.copied < self.at {
            self.out.push_str(self.text.get(self.copied..self.at).unwrap_or_default());
            self.copied = self.at;
        }
    }
}

/// Appends a value with something before each of some ASCII characters.
pub(super) fn push_escaped(out: &mut String, value: &str, special: &[u8], escape: &str) {
    let mut copied = 0;
    for (at, byte) in value.bytes().enumerate() {
        if special.contains(&byte) {
            out.push_str(value.get(copied..at).unwrap_or_default());
            out.push_str(escape);
            copied = at;
        }
    }
    out.push_str(value.get(copied..).unwrap_or_default());
}
