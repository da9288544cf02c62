//! The tokens of SQL, as far as they matter for a value.

use super::Dialect;
use super::language::Language;
use super::quoted::Quoted;
use crate::format::walk::{Unit, Walk};
use crate::format::{Insertion, Problem};

pub(super) struct Lexer<'a> {
    pub(super) walk: Walk<'a>,
    pub(super) dialect: Dialect,
    /// What the last token was.
    pub(super) last: Token,
    /// What the statement said so far that its programs are written in.
    pub(super) language: Language,
    /// Dollar quotes with SQL in them that we are in, by their delimiters, and the values written in the outermost.
    pub(super) bodies: Vec<Body<'a>>,
    pub(super) in_bodies: Vec<(std::ops::Range<usize>, usize)>,
}

/// A dollar quote with SQL in it.
pub(super) struct Body<'a> {
    pub(super) delimiter: &'a str,
    /// Where it begins in the output, and where it ends in the text.
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) first_value: usize,
}

/// A token, as far as it matters for what follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    Other,
    Word,
    /// `DO` or `AS`: a dollar quote that follows is a program.
    Program,
    Text,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str, insertions: &'a [Insertion], dialect: Dialect) -> Self {
        let walk = Walk::new(text, insertions);
        Self { walk, dialect, last: Token::Other, language: Language::Sql, bodies: Vec::new(), in_bodies: Vec::new() }
    }

    pub(super) fn run(mut self) -> Result<String, Problem> {
        while let Some(unit) = self.walk.unit() {
            if self.ends_body()? {
                continue;
            }
            match unit {
                Unit::Byte(byte) => self.token(byte)?,
                Unit::Value => self.unquoted_value()?,
            }
        }
        while !self.bodies.is_empty() {
            self.check_body()?;
        }
        Ok(self.walk.finish())
    }

    fn token(&mut self, byte: u8) -> Result<(), Problem> {
        let standard = self.dialect == Dialect::Standard;
        let literal = self.walk.literal();
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c => self.walk.advance(1),
            b'-' if literal.starts_with(b"--") && (standard || mysql_comment(literal)) => self.line_comment()?,
            b'#' if !standard => self.line_comment()?,
            b'/' if literal.starts_with(b"/*") => self.block_comment()?,
            b'\'' => self.quoted(if standard { Quoted::Text } else { Quoted::MysqlText })?,
            b'"' => self.quoted(if standard { Quoted::Identifier(b'"') } else { Quoted::MysqlDoubleText })?,
            b'`' => self.quoted(Quoted::Identifier(b'`'))?,
            b'$' if standard => self.dollar(literal)?,
            b';' => self.end_statement(),
            _ if is_word(byte) => self.word(literal)?,
            _ => {
                self.walk.advance(1);
                self.last = Token::Other;
            }
        }
        Ok(())
    }

    fn word(&mut self, literal: &[u8]) -> Result<(), Problem> {
        let length = literal.iter().take_while(|&&byte| is_word(byte)).count();
        let (word, behind) = literal.split_at(length);
        let quote = behind.first().copied();
        if self.dialect == Dialect::Standard && quote == Some(b'\'') && word.eq_ignore_ascii_case(b"e") {
            self.walk.advance(1);
            return self.quoted(Quoted::EscapedText);
        }
        if (behind.starts_with(b"&'") || behind.starts_with(b"&\""))
            && self.dialect == Dialect::Standard
            && word.eq_ignore_ascii_case(b"u")
        {
            self.walk.advance(2);
            return self.quoted(if quote_is_double(behind) { Quoted::UnicodeIdentifier } else { Quoted::Unicode });
        }
        if quote == Some(b'\'') && (word.eq_ignore_ascii_case(b"b") || word.eq_ignore_ascii_case(b"x")) {
            self.walk.advance(1);
            return self.quoted(Quoted::Bits);
        }
        self.walk.advance(length);
        // `DO LANGUAGE name $$...$$` and `AS 'object', $$...$$`: only the first is of use here.
        let keyword = [&b"do"[..], b"as"].iter().any(|keyword| word.eq_ignore_ascii_case(keyword));
        let language = self.last == Token::Program && word.eq_ignore_ascii_case(b"language");
        self.last = if keyword || language { Token::Program } else { Token::Word };
        if word.eq_ignore_ascii_case(b"language") {
            self.language = Language::named(behind);
        }
        if language {
            self.skip_language();
        }
        Ok(())
    }

    fn end_statement(&mut self) {
        self.walk.advance(1);
        self.last = Token::Other;
        self.language = Language::Sql;
    }

    /// Writes the value that stands here, and remembers where for the dollar quote that it may stand in.
    pub(super) fn write_value(&mut self, write: impl FnOnce(&mut String, &str)) {
        let offset = self.walk.at();
        let range = self.walk.write_value(write);
        if !self.bodies.is_empty() {
            self.in_bodies.push((range, offset));
        }
    }

    pub(super) fn check_nul(&self) -> Result<(), Problem> {
        if self.walk.value().contains('\0') {
            return Err(self.walk.problem("SQL cannot hold a NUL character"));
        }
        Ok(())
    }

    /// Whether the dollar quote that we are in ends here. An empty value directly before its end still belongs to it.
    pub(super) fn is_body_end(&self) -> bool {
        self.bodies.last().is_some_and(|body| self.walk.at() >= body.end) && self.walk.unit() != Some(Unit::Value)
    }
}

fn quote_is_double(behind: &[u8]) -> bool {
    behind.get(1) == Some(&b'"')
}

/// In `MySQL` `--` is a comment only before a blank, a control character or the end.
fn mysql_comment(literal: &[u8]) -> bool {
    literal.get(2).is_none_or(|&byte| byte <= b' ')
}

pub(super) fn is_word_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || !byte.is_ascii()
}

pub(super) fn is_word(byte: u8) -> bool {
    is_word_start(byte) || byte.is_ascii_digit() || byte == b'$'
}
