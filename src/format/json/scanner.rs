//! Finds the ends of values in JSON without reading them. Comments and trailing commas are passed over.

use std::ops::Range;

use crate::format::Problem;
use crate::format::delimited::Member;
use crate::format::search::{end_of_run, end_of_text};

/// A key and its value, or an element of a list.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) member: Member,
    /// With its quotes. Empty in a list.
    pub(crate) key: Range<usize>,
    pub(crate) value: Range<usize>,
}

/// A place in a text, and the way on from there.
pub(crate) struct Scanner<'a> {
    bytes: &'a [u8],
    pub(crate) at: usize,
    /// The brackets that are open inside of the value that is passed over: kept only to be used again.
    closers: Vec<u8>,
}

impl<'a> Scanner<'a> {
    pub(crate) fn new(text: &'a str, at: usize) -> Self {
        Self { bytes: text.as_bytes(), at, closers: Vec::new() }
    }

    /// Where the one value of a whole text begins; `None` when there are only blanks and comments.
    pub(crate) fn start(text: &'a str) -> Result<Option<usize>, Problem> {
        let mut scanner = Self::new(text, 0);
        scanner.blanks()?;
        Ok(scanner.byte().map(|_| scanner.at))
    }

    /// The one value of a whole text; none when there are only blanks and comments.
    pub(crate) fn document(text: &'a str) -> Result<Option<Range<usize>>, Problem> {
        let mut scanner = Self::new(text, 0);
        scanner.blanks()?;
        if scanner.byte().is_none() {
            return Ok(None);
        }
        let value = scanner.value()?;
        Self::check_end(text, value.end)?;
        Ok(Some(value))
    }

    /// Refuses what stands behind the value that ends here.
    pub(crate) fn check_end(text: &'a str, end: usize) -> Result<(), Problem> {
        let mut scanner = Self::new(text, end);
        scanner.blanks()?;
        match scanner.byte() {
            None => Ok(()),
            Some(_) => Err(Problem::new(scanner.at, "there is something behind the end of the value")),
        }
    }

    pub(crate) fn byte(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Goes behind blanks and comments.
    pub(crate) fn blanks(&mut self) -> Result<(), Problem> {
        loop {
            match self.byte() {
                Some(b' ') => self.at = end_of_run(self.bytes, self.at, b' '),
                Some(b'\t' | b'\r' | b'\n') => self.at += 1,
                Some(b'/') => self.comment()?,
                _ => return Ok(()),
            }
        }
    }

    fn comment(&mut self) -> Result<(), Problem> {
        let rest = &self.bytes[self.at..];
        let length = match rest.get(1) {
            Some(b'/') => rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len()),
            Some(b'*') => rest
                .get(2..)
                .and_then(|inner| inner.windows(2).position(|pair| pair == b"*/"))
                .map(|found| found + 4)
                .ok_or_else(|| Problem::new(self.at, "the comment is not closed"))?,
            _ => return Err(Problem::new(self.at, "here is no value")),
        };
        self.at += length;
        Ok(())
    }

    fn string(&mut self) -> Result<Range<usize>, Problem> {
        let start = self.at;
        if self.byte() != Some(b'"') {
            return Err(Problem::new(start, "a key in quotes is missing"));
        }
        self.at += 1;
        loop {
            self.at = end_of_text(self.bytes, self.at, b'"', b'\\');
            match self.byte() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(start..self.at);
                }
                Some(b'\\') => self.at += 2,
                Some(_) => {
                    return Err(Problem::new(self.at, "a string cannot hold a line break or control character"));
                }
                None => break,
            }
        }
        Err(Problem::new(start, "the string is not closed"))
    }

    fn word(&mut self) -> Result<(), Problem> {
        let rest = &self.bytes[self.at..];
        let length =
            rest.iter().position(|byte| !byte.is_ascii_alphanumeric() && !b"+-.".contains(byte)).unwrap_or(rest.len());
        let word = &rest[..length];
        let known = matches!(word, b"true" | b"false" | b"null")
            || word.first().is_some_and(|byte| *byte == b'-' || byte.is_ascii_digit());
        if !known {
            return Err(Problem::new(self.at, "here is no value"));
        }
        self.at += length;
        Ok(())
    }

    fn key(&mut self) -> Result<Range<usize>, Problem> {
        let key = self.string()?;
        self.blanks()?;
        if self.byte() != Some(b':') {
            return Err(Problem::new(self.at, "`:` is missing behind a key"));
        }
        self.at += 1;
        self.blanks()?;
        Ok(key)
    }

    /// Goes behind the value that begins here.
    pub(crate) fn value(&mut self) -> Result<Range<usize>, Problem> {
        let mut closers = std::mem::take(&mut self.closers);
        let value = self.value_within(&mut closers);
        closers.clear();
        self.closers = closers;
        value
    }

    fn value_within(&mut self, closers: &mut Vec<u8>) -> Result<Range<usize>, Problem> {
        let start = self.at;
        loop {
            match self.byte() {
                Some(open @ (b'{' | b'[')) => {
                    let closer = if open == b'{' { b'}' } else { b']' };
                    self.at += 1;
                    self.blanks()?;
                    if self.byte() != Some(closer) {
                        closers.push(closer);
                        if closer == b'}' {
                            self.key()?;
                        }
                        continue;
                    }
                    self.at += 1;
                }
                Some(b'"') => _ = self.string()?,
                _ => self.word()?,
            }
            if !self.next_value(closers)? {
                return Ok(start..self.at);
            }
        }
    }

    /// Goes from behind one value to the next one, out of what ends on the way. False at the end of the outermost.
    fn next_value(&mut self, closers: &mut Vec<u8>) -> Result<bool, Problem> {
        while let Some(&closer) = closers.last() {
            self.blanks()?;
            if self.byte() == Some(b',') {
                self.at += 1;
                self.blanks()?;
                if self.byte() != Some(closer) {
                    if closer == b'}' {
                        self.key()?;
                    }
                    return Ok(true);
                }
            }
            if self.byte() != Some(closer) {
                return Err(Problem::new(self.at, "`,` or a closing bracket is missing"));
            }
            self.at += 1;
            closers.pop();
        }
        Ok(false)
    }
}

/// The entries of the object or list that begins at `open`, one after the other.
pub(crate) struct Entries<'a> {
    scanner: Scanner<'a>,
    before: usize,
    object: bool,
    closer: u8,
}

impl<'a> Entries<'a> {
    pub(crate) fn new(text: &'a str, open: usize) -> Self {
        let object = text.as_bytes()[open] == b'{';
        let closer = if object { b'}' } else { b']' };
        Self { scanner: Scanner::new(text, open + 1), before: open, object, closer }
    }

    /// `None` at the end; then [`Self::close`] is the closing bracket.
    pub(crate) fn next(&mut self) -> Result<Option<Entry>, Problem> {
        self.scanner.blanks()?;
        if self.scanner.byte() == Some(self.closer) {
            return Ok(None);
        }
        let start = self.scanner.at;
        let key = if self.object { self.scanner.key()? } else { start..start };
        let value = self.scanner.value()?;
        self.scanner.blanks()?;
        let comma = match self.scanner.byte() {
            Some(b',') => Some(self.scanner.at),
            Some(byte) if byte == self.closer => None,
            _ => return Err(Problem::new(self.scanner.at, "`,` or a closing bracket is missing")),
        };
        let member = Member { range: start..value.end, before: self.before, comma };
        if let Some(comma) = comma {
            self.before = comma;
            self.scanner.at = comma + 1;
        }
        Ok(Some(Entry { member, key, value }))
    }

    pub(crate) fn close(&self) -> usize {
        self.scanner.at
    }
}
