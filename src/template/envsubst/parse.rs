//! Reading a template.
//!
//! Expansions nest; the ones that are open are kept in a list and not on the stack.

use super::names::{Table, find_dollar, name_length};
use super::{Allowed, Conditional, Expansion, Forms, NameIndex, Piece, Side, Template};
use crate::format::Problem;

/// Expansions in the words of expansions.
const MAX_DEPTH: usize = 64;

pub(super) fn parse<'a>(text: &'a str, forms: Forms, allowed: &Allowed) -> Result<Template<'a>, Problem> {
    let table = Table::new(allowed);
    let parser =
        Parser { text, bytes: text.as_bytes(), forms, table, at: 0, copied: 0, pieces: Vec::new(), open: Vec::new() };
    parser.run()
}

struct Parser<'a, 'allowed> {
    text: &'a str,
    bytes: &'a [u8],
    forms: Forms,
    table: Table<'allowed>,
    at: usize,
    /// Where the literal stretch begins that has not become a piece.
    copied: usize,
    /// The pieces of the innermost expansion that is open, or of the text.
    pieces: Vec<Piece>,
    open: Vec<Open>,
}

/// An expansion that is not closed yet.
struct Open {
    name: NameIndex,
    operator: Operator,
    start: usize,
    word_start: usize,
    /// The pieces of what it stands in.
    outer: Vec<Piece>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Operator {
    Conditional { kind: Conditional, empty_is_unset: bool },
    Trim { at: Side, longest: bool },
}

impl<'a: 'allowed, 'allowed> Parser<'a, 'allowed> {
    fn run(mut self) -> Result<Template<'a>, Problem> {
        while self.next() {
            match self.bytes.get(self.at) {
                Some(b'$') => self.dollar()?,
                Some(b'}') => self.close(),
                _ => self.backslash(),
            }
        }
        if let Some(open) = self.open.first() {
            return Err(Problem::new(open.start, "`${` is not closed")
                .hint("leave the name out of the variables that are replaced if the text shall stay as it is"));
        }
        self.literal(self.bytes.len());
        Ok(Template { text: self.text, pieces: self.pieces, names: self.table.names })
    }

    /// Goes to the next byte that means something.
    fn next(&mut self) -> bool {
        let found = if self.open.is_empty() {
            find_dollar(self.text, self.at)
        } else {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            rest.iter().position(|byte| b"$}\\".contains(byte)).map(|found| self.at + found)
        };
        self.at = found.unwrap_or(self.bytes.len());
        found.is_some()
    }

    fn dollar(&mut self) -> Result<(), Problem> {
        let start = self.at;
        if self.bytes.get(start + 1) != Some(&b'{') {
            let end = start + 1 + name_length(self.bytes, start + 1);
            self.variable(start, start + 1, end, end);
            self.at = end;
            return Ok(());
        }
        let name_start = start + 2;
        let name_end = name_start + name_length(self.bytes, name_start);
        self.at = name_end;
        match self.bytes.get(name_end) {
            Some(b'}') if name_end > name_start => {
                self.at = name_end + 1;
                self.variable(start, name_start, name_end, name_end + 1);
            }
            Some(b'#') if name_end == name_start && self.forms == Forms::Posix => self.length(start),
            Some(_) if name_end > name_start && self.forms == Forms::Posix => {
                self.expansion(start, name_start, name_end)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn variable(&mut self, start: usize, name_start: usize, name_end: usize, end: usize) {
        if let Some(name) = self.name(name_start, name_end) {
            self.literal(start);
            self.pieces.push(Piece::Variable { name, start, end });
            self.copied = end;
        }
    }

    fn name(&mut self, start: usize, end: usize) -> Option<NameIndex> {
        let name = self.text.get(start..end).filter(|name| !name.is_empty())?;
        self.table.index(name, start)
    }

    /// `${#name}`
    fn length(&mut self, start: usize) {
        let name_start = start + 3;
        let name_end = name_start + name_length(self.bytes, name_start);
        self.at = name_end;
        if self.bytes.get(name_end) != Some(&b'}') || name_end == name_start {
            return;
        }
        self.at = name_end + 1;
        if let Some(name) = self.name(name_start, name_end) {
            self.literal(start);
            self.pieces.push(Piece::Expansion { name, start, end: self.at, expansion: Box::new(Expansion::Length) });
            self.copied = self.at;
        }
    }

    fn expansion(&mut self, start: usize, name_start: usize, name_end: usize) -> Result<(), Problem> {
        let Some((operator, length)) = Operator::read(self.bytes.get(name_end..).unwrap_or_default()) else {
            return Ok(());
        };
        self.at = name_end + length;
        let Some(name) = self.name(name_start, name_end) else {
            self.skip_untouched();
            return Ok(());
        };
        if self.open.len() >= MAX_DEPTH {
            return Err(Problem::new(start, format!("expansions are nested more than {MAX_DEPTH} levels deep")));
        }
        self.literal(start);
        self.copied = self.at;
        let outer = std::mem::take(&mut self.pieces);
        self.open.push(Open { name, operator, start, word_start: self.at, outer });
        Ok(())
    }

    /// Goes behind the expansion of a name that is not replaced. One that is not closed reaches to the end of the text.
    fn skip_untouched(&mut self) {
        let mut depth = 1_usize;
        while let Some(&byte) = self.bytes.get(self.at) {
            match byte {
                b'\\' => self.at += 1,
                b'$' if self.bytes.get(self.at + 1) == Some(&b'{') => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return;
            }
        }
        self.at = self.bytes.len();
    }

    fn close(&mut self) {
        let end = self.at;
        self.literal(end);
        self.at = end + 1;
        let Some(Open { name, operator, start, word_start, outer }) = self.open.pop() else { return };
        let word = std::mem::replace(&mut self.pieces, outer);
        let expansion = match operator {
            Operator::Conditional { kind, empty_is_unset } => {
                Expansion::Conditional { kind, empty_is_unset, word, word_start, word_end: end }
            }
            Operator::Trim { at, longest } => Expansion::Trim { at, longest, pattern: word },
        };
        self.pieces.push(Piece::Expansion { name, start, end: self.at, expansion: Box::new(expansion) });
        self.copied = self.at;
    }

    /// A backslash in a word. In a pattern it stays: it means something there.
    fn backslash(&mut self) {
        let in_pattern = self.open.last().is_some_and(|open| matches!(open.operator, Operator::Trim { .. }));
        let next = self.bytes.get(self.at + 1);
        if !in_pattern && next.is_some_and(|next| b"$}\\`\n".contains(next)) {
            self.literal(self.at);
            self.copied = if next == Some(&b'\n') { self.at + 2 } else { self.at + 1 };
        }
        self.at = self.bytes.len().min(self.at + 2);
    }

    /// Makes a piece of what is literal up to there.
    fn literal(&mut self, end: usize) {
        if self.copied < end {
            self.pieces.push(Piece::Literal { start: self.copied, end });
            self.copied = end;
        }
    }
}

impl Operator {
    /// The operator that stands behind a name, and its length.
    fn read(rest: &[u8]) -> Option<(Self, usize)> {
        let doubled = rest.len() > 1 && rest.first() == rest.get(1);
        let longest = doubled;
        let trim = |at| Some((Self::Trim { at, longest }, if longest { 2 } else { 1 }));
        let (byte, empty_is_unset) = match rest {
            [b'#', ..] => return trim(Side::Beginning),
            [b'%', ..] => return trim(Side::End),
            [b':', byte, ..] => (byte, true),
            [byte, ..] => (byte, false),
            [] => return None,
        };
        let kind = match byte {
            b'-' => Conditional::Default,
            b'=' => Conditional::Assign,
            b'?' => Conditional::Error,
            b'+' => Conditional::Alternative,
            _ => return None,
        };
        Some((Self::Conditional { kind, empty_is_unset }, if empty_is_unset { 2 } else { 1 }))
    }
}
