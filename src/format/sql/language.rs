//! What the program in a dollar quote is written in.

use super::lexer::{Lexer, Token, is_word};
use crate::format::Problem;
use crate::format::walk::Unit;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    /// SQL or PL/pgSQL, whose strings are those of SQL.
    Sql,
    Other,
}

impl Language {
    /// By what stands behind the word `LANGUAGE`: a name, bare or in quotes. A comment there or a value is another one.
    pub(super) fn named(behind: &[u8]) -> Self {
        let name = behind.trim_ascii_start();
        let name = name.strip_prefix(b"'").or_else(|| name.strip_prefix(b"\"")).unwrap_or(name);
        let length = name.iter().take_while(|&&byte| is_word(byte)).count();
        let is_whole = name.get(length).is_none_or(|&byte| byte.is_ascii_whitespace() || b"'\";".contains(&byte));
        let name = name.get(..length).unwrap_or_default();
        let is_sql = name.eq_ignore_ascii_case(b"sql") || name.eq_ignore_ascii_case(b"plpgsql");
        if is_sql && is_whole { Self::Sql } else { Self::Other }
    }
}

impl Lexer<'_> {
    /// The name behind `DO LANGUAGE`.
    pub(super) fn skip_language(&mut self) {
        self.walk.skip_to(|byte| !byte.is_ascii_whitespace());
        if matches!(self.walk.unit(), Some(Unit::Byte(b'"' | b'\''))) {
            self.walk.advance(1);
            self.walk.skip_to(|byte| byte == b'"' || byte == b'\'');
            self.walk.advance(1);
        } else {
            self.walk.skip_to(|byte| !is_word(byte));
        }
        self.last = Token::Program;
    }

    /// Whether the statement names another language between the end of a body and its `;`.
    pub(super) fn other_language_behind(&self, from: usize) -> bool {
        let mut ahead = self.walk.ahead();
        let around = self.bodies.iter().rev().nth(1);
        ahead.set_limit(around.map_or(self.walk.text().len(), |body| body.end));
        while let Some(unit) = ahead.unit() {
            if unit == Unit::Value {
                ahead.skip_value();
                continue;
            }
            if ahead.at() < from {
                ahead.advance(from - ahead.at());
                continue;
            }
            let literal = ahead.literal();
            if literal.is_empty() || literal.starts_with(b";") {
                return false;
            }
            let length = literal.iter().take_while(|&&byte| is_word(byte)).count();
            let (word, behind) = literal.split_at(length);
            if word.eq_ignore_ascii_case(b"language") && Language::named(behind) == Language::Other {
                return true;
            }
            ahead.advance(length.max(1));
        }
        false
    }

    /// A body that is not SQL: no value can stand in it.
    pub(super) fn foreign_body(&mut self) -> Result<(), Problem> {
        while let Some(unit) = self.walk.unit() {
            if self.is_body_end() {
                break;
            }
            match unit {
                Unit::Byte(_) => self.walk.advance(usize::MAX),
                Unit::Value => {
                    let problem = self.walk.problem("a value cannot stand in a program in another language than SQL");
                    return Err(problem.hint("pass the value as an argument, or read it from a table or a setting"));
                }
            }
        }
        Ok(())
    }
}
