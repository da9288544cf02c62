//! The statements of a TOML text, one after the other, without a tree of them. Only what is plainly right is passed over:
//! anything that is wrong, or rare, ends the way.

use std::ops::Range;

use toml_edit::Datetime;

use super::super::search::end_of_text;
use super::names::{Names, Owner};

/// Deeper values are left to the library.
const DEEPEST: usize = 16;

/// A line or some lines that are one statement.
pub(super) struct Statement<'t> {
    /// With the whole of its lines.
    pub(super) range: Range<usize>,
    /// A header `[name]` or `[[name]]`, not a key with its value.
    pub(super) header: bool,
    pub(super) names: Vec<&'t str>,
}

/// Goes from statement to statement.
pub(super) struct Outline<'t> {
    text: &'t str,
    at: usize,
    section: Owner,
    given: Names,
    /// The last statement, whose space is used again.
    pub(super) statement: Statement<'t>,
}

impl<'t> Outline<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let statement = Statement { range: 0..0, header: false, names: Vec::new() };
        Self { text, at: 0, section: Owner::ROOT, given: Names::new(text.len()), statement }
    }

    /// Goes to the next statement. `Some(false)` at the end, `None` where the way ends.
    pub(super) fn next(&mut self) -> Option<bool> {
        let mut start = self.at;
        loop {
            self.blanks();
            match self.byte() {
                None => return Some(false),
                Some(b'\n' | b'\r' | b'#') => self.line_end()?,
                Some(_) => break,
            }
            start = self.at;
        }
        self.statement.names.clear();
        self.statement.header = self.accept(b'[');
        if self.statement.header {
            self.header()?;
        } else {
            self.pair()?;
        }
        self.blanks();
        self.line_end()?;
        self.statement.range = start..self.at;
        Some(true)
    }

    fn header(&mut self) -> Option<()> {
        let is_element = self.accept(b'[');
        let mut names = std::mem::take(&mut self.statement.names);
        self.key(&mut names)?;
        self.section = self.given.header(&names, is_element)?;
        self.statement.names = names;
        let closed = self.accept(b']') && (!is_element || self.accept(b']'));
        closed.then_some(())
    }

    fn pair(&mut self) -> Option<()> {
        let mut names = std::mem::take(&mut self.statement.names);
        self.key(&mut names)?;
        let key = self.given.key(self.section, &names)?;
        self.statement.names = names;
        self.value_of(key, 0)
    }

    /// `=` and what stands behind it.
    fn value_of(&mut self, key: Owner, depth: usize) -> Option<()> {
        if !self.accept(b'=') {
            return None;
        }
        self.blanks();
        self.value(key, depth)
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn accept(&mut self, wanted: u8) -> bool {
        let found = self.byte() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn blanks(&mut self) {
        while matches!(self.byte(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
    }

    /// Goes behind the line, of which there is nothing left but a comment.
    fn line_end(&mut self) -> Option<()> {
        if self.byte() == Some(b'#') {
            loop {
                self.at = end_of_text(self.text.as_bytes(), self.at, [0x7f]);
                match self.byte() {
                    Some(b'\t') => self.at += 1,
                    _ => break,
                }
            }
        }
        self.accept(b'\r');
        (self.accept(b'\n') || self.at == self.text.len() && !self.text.ends_with('\r')).then_some(())
    }

    /// Blanks, line breaks and comments inside of an array.
    fn gap(&mut self) -> Option<()> {
        loop {
            self.blanks();
            match self.byte()? {
                b'\n' | b'\r' | b'#' => self.line_end()?,
                _ => return Some(()),
            }
        }
    }

    /// The parts of a key, with the blanks behind it.
    fn key(&mut self, names: &mut Vec<&'t str>) -> Option<()> {
        loop {
            self.blanks();
            let start = self.at;
            let text = self.text;
            let name = match self.byte()? {
                quote @ (b'"' | b'\'') => {
                    self.at += 1;
                    self.at = end_of_text(text.as_bytes(), self.at, [quote, b'\\', 0x7f]);
                    let name = &text[start + 1..self.at];
                    if !self.accept(quote) {
                        return None;
                    }
                    name
                }
                _ => {
                    let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
                    while self.byte().is_some_and(is_bare) {
                        self.at += 1;
                    }
                    Some(&text[start..self.at]).filter(|name| !name.is_empty())?
                }
            };
            names.push(name);
            self.blanks();
            if !self.accept(b'.') {
                return Some(());
            }
        }
    }

    /// A value. The names in it belong to the `owner`.
    fn value(&mut self, owner: Owner, depth: usize) -> Option<()> {
        if depth > DEEPEST {
            return None;
        }
        match self.byte()? {
            quote @ (b'"' | b'\'') => self.string(quote),
            b'[' => self.array(owner, depth + 1),
            b'{' => self.inline_table(owner, depth + 1),
            _ => self.bare(),
        }
    }

    fn string(&mut self, quote: u8) -> Option<()> {
        let bytes = self.text.as_bytes();
        let three = [quote; 3];
        let several_lines = bytes[self.at..].starts_with(&three);
        self.at += if several_lines { 3 } else { 1 };
        loop {
            self.at = end_of_text(bytes, self.at, [quote, b'\\', 0x7f]);
            match self.byte()? {
                b'\t' => {}
                b'\\' if quote == b'\'' => {}
                b'\\' if several_lines => return None,
                b'\\' => match bytes.get(self.at + 1)? {
                    b'b' | b't' | b'n' | b'f' | b'r' | b'"' | b'\\' => self.at += 1,
                    _ => return None,
                },
                b'\n' if several_lines => {}
                b'\r' if several_lines && bytes.get(self.at + 1) == Some(&b'\n') => {}
                byte if byte != quote => return None,
                _ if !several_lines => {
                    self.at += 1;
                    return Some(());
                }
                _ if bytes[self.at..].starts_with(&three) => {
                    self.at += 3;
                    return (self.byte() != Some(quote)).then_some(());
                }
                _ => {}
            }
            self.at += 1;
        }
    }

    fn array(&mut self, owner: Owner, depth: usize) -> Option<()> {
        self.at += 1;
        for index in 0.. {
            self.gap()?;
            if self.accept(b']') {
                break;
            }
            self.value(owner.element(index), depth)?;
            self.gap()?;
            if !self.accept(b',') && self.byte() != Some(b']') {
                return None;
            }
        }
        Some(())
    }

    fn inline_table(&mut self, owner: Owner, depth: usize) -> Option<()> {
        self.at += 1;
        self.blanks();
        if self.accept(b'}') {
            return Some(());
        }
        let mut names = Vec::new();
        loop {
            names.clear();
            self.key(&mut names)?;
            let key = self.given.key(owner, &names)?;
            self.value_of(key, depth)?;
            self.blanks();
            if self.accept(b'}') {
                return Some(());
            }
            if !self.accept(b',') {
                return None;
            }
        }
    }

    fn bare(&mut self) -> Option<()> {
        let rest = &self.text[self.at..];
        let ends = |byte: u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b',' | b']' | b'}' | b'#');
        let length = rest.bytes().position(ends).unwrap_or(rest.len());
        let word = &rest[..length];
        self.at += length;
        (matches!(word, "true" | "false") || is_number(word) || word.parse::<Datetime>().is_ok()).then_some(())
    }
}

/// Whether it is a decimal number in a common notation.
fn is_number(word: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.len() < 18 && text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = word.split_once('.').unwrap_or((word, "0"));
    let whole = whole.strip_prefix(['+', '-']).unwrap_or(whole);
    digits(whole) && (whole == "0" || !whole.starts_with('0')) && digits(fraction)
}
