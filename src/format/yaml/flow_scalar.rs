//! Plain and quoted scalars as their reader gets them: lines folded, escapes resolved.

use super::quoted::{escape_digits, named_escape};
use super::token::{Kind, Token};
use crate::format::Insertion;

/// The text of a plain or quoted scalar, values put in as they are. `None` for an escape that does not exist.
pub(crate) fn composed(text: &str, token: &Token, insertions: &[Insertion]) -> Option<String> {
    let (start, end) = match token.kind {
        Kind::Plain => (token.start, token.end),
        _ => (token.start + 1, token.end - 1),
    };
    let mut folder = Folder::default();
    let mut at = start;
    for insertion in insertions {
        folder.literal(&text[at..insertion.range.start], token.kind)?;
        folder.push(&text[insertion.range.clone()]);
        at = insertion.range.end;
    }
    folder.literal(&text[at..end], token.kind)?;
    folder.settle();
    Some(folder.result)
}

#[derive(Default)]
struct Folder {
    result: String,
    /// Blanks that count unless a line break follows.
    blanks: String,
    breaks: usize,
    /// The first of the breaks is escaped.
    joined: bool,
}

impl Folder {
    fn push(&mut self, part: &str) {
        self.settle();
        self.result.push_str(part);
    }

    fn settle(&mut self) {
        match self.breaks {
            0 => self.result.push_str(&self.blanks),
            1 if !self.joined => self.result.push(' '),
            breaks => self.result.extend(std::iter::repeat_n('\n', breaks - 1)),
        }
        self.blanks.clear();
        self.breaks = 0;
        self.joined = false;
    }

    fn literal(&mut self, part: &str, kind: Kind) -> Option<()> {
        let mut rest = part;
        while let Some(first) = rest.chars().next() {
            let mut length = first.len_utf8();
            match first {
                ' ' | '\t' if self.breaks > 0 => {}
                ' ' | '\t' => self.blanks.push(first),
                '\r' | '\n' => {
                    length += usize::from(rest.starts_with("\r\n"));
                    self.blanks.clear();
                    self.breaks += 1;
                }
                '\'' if kind == Kind::Single => {
                    self.push("'");
                    length += usize::from(rest[1..].starts_with('\''));
                }
                '\\' if kind == Kind::Double => length = self.escape(rest)?,
                _ => {
                    length = rest.find([' ', '\t', '\r', '\n', '\'', '\\']).unwrap_or(rest.len()).max(length);
                    self.push(&rest[..length]);
                }
            }
            rest = &rest[length..];
        }
        Some(())
    }

    /// Resolves the escape with which the text begins, and tells how long it is.
    fn escape(&mut self, rest: &str) -> Option<usize> {
        self.settle();
        let letter = *rest.as_bytes().get(1)?;
        if matches!(letter, b'\n' | b'\r') {
            self.breaks = 1;
            self.joined = true;
            return Some(if rest[1..].starts_with("\r\n") { 3 } else { 2 });
        }
        let digits = escape_digits(letter);
        let character = if digits == 0 {
            named_escape(letter)?
        } else {
            char::from_u32(u32::from_str_radix(rest.get(2..2 + digits)?, 16).ok()?)?
        };
        self.result.push(character);
        Some(2 + digits)
    }
}
