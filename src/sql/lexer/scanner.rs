//! SQL as tokens: just enough to see where quotes, comments and statements end.
//!
//! The tokens of a text, one after the other, are the text. Every token is found in time that grows with its length.

use super::quotes;
use crate::sql::Dialect;

/// What a stretch of SQL is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenKind {
    Space,
    Comment,
    Word,
    Number,
    /// A string, in quotes or in dollars.
    Text,
    QuotedIdentifier,
    /// One character of anything else.
    Symbol(char),
    /// `/*!50003` or the `*/` that belongs to it: what stands between is code for some servers.
    Mark,
    /// What `DELIMITER` made the end of a statement.
    Delimiter,
    /// A line, or the rest of one, that is for the client of the database and not for the server.
    Command,
}

/// A stretch of SQL, by its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// A quote or comment that the text ends in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unterminated {
    pub(crate) what: &'static str,
    pub(crate) start: usize,
    pub(crate) length: usize,
}

pub(super) struct Scanner<'a> {
    text: &'a str,
    dialect: Dialect,
    pub(super) at: usize,
    /// PostgreSQL: a string that comes now may belong to the one before.
    continuation: Continuation,
    /// `MySQL`: where the executable comment starts that is open.
    executable: Option<usize>,
    /// `MySQL`: what ends a statement in the place of a semicolon.
    delimiter: Option<&'a str>,
}

/// Strings that only space with a line break divides are one, with the rules of the first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Continuation {
    None,
    /// An `E''` has ended.
    Possible,
    /// A line break has followed.
    Due,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str, dialect: Dialect) -> Self {
        Self { text, dialect, at: 0, continuation: Continuation::None, executable: None, delimiter: None }
    }

    pub(super) fn next(&mut self) -> Result<Option<Token>, Unterminated> {
        let start = self.at;
        let rest = &self.text[start..];
        let Some(first) = rest.chars().next() else { return self.end() };
        let continuation = std::mem::replace(&mut self.continuation, Continuation::None);
        let (kind, length) = if is_space(first) {
            let length = quotes::length_while(rest, is_space);
            let broken = continuation == Continuation::Possible && rest[..length].contains(['\n', '\r']);
            self.continuation = if broken { Continuation::Due } else { continuation };
            (TokenKind::Space, length)
        } else if let Some(delimiter) = self.delimiter_at(rest) {
            (TokenKind::Delimiter, delimiter.len())
        } else if self.starts_line_comment(rest) {
            self.continuation = continuation;
            let ends: &[char] = if self.dialect == Dialect::Postgres { &['\n', '\r'] } else { &['\n'] };
            (TokenKind::Comment, rest.find(ends).unwrap_or(rest.len()))
        } else if rest.starts_with("/*") {
            self.block_comment(rest)?
        } else if self.executable.is_some() && rest.starts_with("*/") {
            self.executable = None;
            (TokenKind::Mark, 2)
        } else {
            self.code(rest, first, continuation)?
        };
        self.at = start + length;
        Ok(Some(Token { kind, start, end: self.at }))
    }

    fn end(&self) -> Result<Option<Token>, Unterminated> {
        match self.executable {
            Some(start) => Err(Unterminated { what: "comment", start, length: 2 }),
            None => Ok(None),
        }
    }

    fn starts_line_comment(&self, rest: &str) -> bool {
        match self.dialect {
            Dialect::Mysql => {
                let dashes = rest.strip_prefix("--").map(|rest| rest.chars().next());
                rest.starts_with('#')
                    || dashes.is_some_and(|next| next.is_none_or(|c| c == ' ' || c.is_ascii_control()))
            }
            Dialect::Postgres | Dialect::Sqlite => rest.starts_with("--"),
        }
    }

    fn block_comment(&mut self, rest: &str) -> Result<(TokenKind, usize), Unterminated> {
        let marks = if self.dialect == Dialect::Mysql { ["/*!", "/*M!"].as_slice() } else { &[] };
        let mark = marks.iter().find(|mark| rest.starts_with(**mark));
        if let Some(mark) = mark.filter(|_| self.executable.is_none()) {
            self.executable = Some(self.at);
            let digits = quotes::length_while(&rest[mark.len()..], |c| c.is_ascii_digit());
            return Ok((TokenKind::Mark, mark.len() + digits));
        }
        let end = if self.dialect == Dialect::Postgres { quotes::nested_comment(rest) } else { quotes::comment(rest) };
        Ok((TokenKind::Comment, self.closed(end, "comment", 2)?))
    }

    /// A token that is neither space nor comment.
    fn code(
        &mut self,
        rest: &str,
        first: char,
        continuation: Continuation,
    ) -> Result<(TokenKind, usize), Unterminated> {
        let (postgres, mysql) = (self.dialect == Dialect::Postgres, self.dialect == Dialect::Mysql);
        let identifier = |end| self.closed(end, "quoted identifier", 1).map(|end| (TokenKind::QuotedIdentifier, end));
        match first {
            '\'' => {
                let escapes = mysql || continuation == Continuation::Due;
                self.string(rest, escapes).map(|length| (TokenKind::Text, length))
            }
            '"' if mysql => self.closed(quotes::quoted(rest, '"', true), "string", 1).map(|end| (TokenKind::Text, end)),
            '"' => identifier(quotes::quoted(rest, '"', false)),
            '`' if !postgres => identifier(quotes::quoted(rest, '`', false)),
            '[' if self.dialect == Dialect::Sqlite => identifier(rest.find(']').map(|end| end + 1)),
            '\\' if mysql && rest.starts_with("\\N") => Ok((TokenKind::Word, 2)),
            '\\' if self.dialect != Dialect::Sqlite => Ok((TokenKind::Command, rest.find('\n').unwrap_or(rest.len()))),
            '$' if postgres && let Some(tag) = quotes::dollar_tag(rest) => {
                let end = rest[tag.len()..].find(tag).map(|end| end + 2 * tag.len());
                self.closed(end, "dollar quote", tag.len()).map(|end| (TokenKind::Text, end))
            }
            _ if quotes::is_word_start(first) || mysql && first == '$' => self.word(rest),
            _ if first.is_ascii_digit() => {
                // `1$$` is a number and the start of a string.
                let is_part = |c| quotes::is_word(c) && !(postgres && c == '$') || c == '.';
                Ok((TokenKind::Number, self.length_while(rest, is_part)))
            }
            _ => Ok((TokenKind::Symbol(first), first.len_utf8())),
        }
    }

    fn word(&mut self, rest: &str) -> Result<(TokenKind, usize), Unterminated> {
        let length = self.length_while(rest, quotes::is_word);
        // `E'…'` is one string; every other prefix may stand apart from a string with plain rules.
        let prefix = self.dialect == Dialect::Postgres && rest[..length].eq_ignore_ascii_case("e");
        if !prefix || !rest[length..].starts_with('\'') {
            return Ok((TokenKind::Word, length));
        }
        self.at += length;
        let string = self.string(&rest[length..], true)?;
        self.at -= length;
        Ok((TokenKind::Text, length + string))
    }

    fn string(&mut self, rest: &str, escapes: bool) -> Result<usize, Unterminated> {
        let may_continue = escapes && self.dialect == Dialect::Postgres;
        self.continuation = if may_continue { Continuation::Possible } else { Continuation::None };
        self.closed(quotes::quoted(rest, '\'', escapes), "string", 1)
    }

    /// A delimiter ends a word, `END$$`, where it ends anything.
    fn length_while(&self, rest: &str, wanted: impl Fn(char) -> bool) -> usize {
        let delimiter = self.delimiter.filter(|_| self.executable.is_none());
        let Some(delimiter) = delimiter else { return quotes::length_while(rest, wanted) };
        let mut ends = rest.char_indices().filter(|(at, c)| !wanted(*c) || rest[*at..].starts_with(delimiter));
        ends.next().map_or(rest.len(), |(at, _)| at)
    }

    fn closed(&self, end: Option<usize>, what: &'static str, length: usize) -> Result<usize, Unterminated> {
        end.ok_or(Unterminated { what, start: self.at, length })
    }

    /// Whether only blanks stand before this on its line.
    pub(super) fn is_first_of_line(&self, at: usize) -> bool {
        let before = &self.text.as_bytes()[..at];
        !before.iter().rev().take_while(|byte| **byte != b'\n').any(|byte| !byte.is_ascii_whitespace())
    }

    /// Goes to the end of the line and gives what is passed, without the line break.
    pub(super) fn rest_of_line(&mut self) -> &'a str {
        let rest = &self.text[self.at..];
        let line = &rest[..rest.find('\n').unwrap_or(rest.len())];
        self.at += line.len();
        line
    }

    /// Goes over the line break and over data up to a line `\.`; gives the data.
    pub(super) fn copy_data(&mut self) -> Option<std::ops::Range<usize>> {
        let start = (self.at + 1).min(self.text.len());
        let mut at = start;
        for line in self.text[start..].split_inclusive('\n') {
            let end = at + line.len();
            if line.trim_end_matches(['\r', '\n']) == "\\." {
                self.at = end;
                return Some(start..at);
            }
            at = end;
        }
        None
    }

    /// Makes this the end of statements; a semicolon is that without being asked for.
    pub(super) fn set_delimiter(&mut self, delimiter: &'a str) {
        self.delimiter = (delimiter != ";").then_some(delimiter);
    }

    /// Inside of an executable comment nothing ends a statement.
    pub(super) fn ends_by_semicolon(&self) -> bool {
        self.delimiter.is_none() && self.executable.is_none()
    }

    fn delimiter_at(&self, rest: &str) -> Option<&'a str> {
        self.delimiter.filter(|delimiter| self.executable.is_none() && rest.starts_with(delimiter))
    }
}

fn is_space(c: char) -> bool {
    c.is_ascii_whitespace() || c == '\u{b}'
}
