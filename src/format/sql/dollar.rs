//! Dollar quotes of PostgreSQL.

use super::language::Language;
use super::lexer::{Body, Lexer, Token, is_word, is_word_start};
use crate::format::Problem;
use crate::format::walk::Unit;

/// A program in a program in a program is as deep as it gets.
const MAX_DEPTH: usize = 16;

impl<'a> Lexer<'a> {
    /// `$1`, `$$`, `$tag$` or a dollar sign.
    pub(super) fn dollar(&mut self, literal: &'a [u8]) -> Result<(), Problem> {
        let tag = literal.get(1..).unwrap_or_default();
        let length = tag.iter().take_while(|&&byte| is_word(byte) && byte != b'$').count();
        let is_tag = tag.first().is_none_or(|&byte| is_word_start(byte) || byte == b'$');
        self.walk.advance(length + 1);
        if self.walk.unit() == Some(Unit::Value) {
            let problem =
                self.walk.problem("a value cannot stand in the delimiter of a dollar quote or a parameter's number");
            return Err(problem);
        }
        if !is_tag || tag.get(length) != Some(&b'$') {
            self.last = Token::Other;
            return Ok(());
        }
        self.walk.advance(1);
        let at = self.walk.at();
        let Some(delimiter) = self.walk.text().get(at - length - 2..at) else { return Ok(()) };
        let end = self.literal_end(delimiter);
        let start = self.walk.written().len();
        if self.bodies.len() >= MAX_DEPTH {
            return Err(Problem::new(at, format!("dollar quotes are nested more than {MAX_DEPTH} levels deep")));
        }
        self.bodies.push(Body { delimiter, start, end, first_value: self.in_bodies.len() });
        self.walk.set_limit(end);
        if self.last != Token::Program {
            self.text_body()?;
        } else if self.language == Language::Other || self.other_language_behind(end + length + 2) {
            self.foreign_body()?;
        }
        self.last = Token::Other;
        Ok(())
    }

    /// Where the delimiter stands in the template's own text.
    fn literal_end(&self, delimiter: &str) -> usize {
        let limit = self.bodies.last().map_or(self.walk.text().len(), |body| body.end);
        let mut ahead = self.walk.ahead();
        while ahead.unit().is_some() && ahead.at() < limit {
            let stretch = self.walk.text().get(ahead.at()..ahead.literal_end()).unwrap_or_default();
            if let Some(found) = stretch.find(delimiter) {
                return (ahead.at() + found).min(limit);
            }
            ahead.advance(stretch.len());
            ahead.skip_value();
        }
        limit
    }

    /// The inside of a dollar quote that is a text: values stand in it as they are.
    fn text_body(&mut self) -> Result<(), Problem> {
        while let Some(unit) = self.walk.unit() {
            if self.is_body_end() {
                break;
            }
            match unit {
                Unit::Byte(_) => self.walk.advance(usize::MAX),
                Unit::Value => {
                    self.check_nul()?;
                    self.write_value(String::push_str);
                }
            }
        }
        Ok(())
    }

    /// Goes behind the end of the dollar quote if that is reached.
    pub(super) fn ends_body(&mut self) -> Result<bool, Problem> {
        if !self.is_body_end() {
            return Ok(false);
        }
        let delimiter = self.bodies.last().map_or("", |body| body.delimiter);
        self.check_body()?;
        self.walk.set_limit(self.bodies.last().map_or(self.walk.text().len(), |body| body.end));
        if self.walk.literal().starts_with(delimiter.as_bytes()) {
            self.walk.advance(delimiter.len());
        }
        self.last = Token::Text;
        Ok(true)
    }

    /// Leaves the innermost dollar quote: with its values it must still end where it ended without.
    pub(super) fn check_body(&mut self) -> Result<(), Problem> {
        let Some(body) = self.bodies.pop() else { return Ok(()) };
        let end = self.walk.written().len();
        let mut written = self.walk.written().get(body.start..).unwrap_or_default().to_owned();
        written.push_str(body.delimiter);
        let found = body.start + written.find(body.delimiter).unwrap_or(written.len());
        if found < end {
            let values = self.in_bodies.get(body.first_value..).unwrap_or_default();
            // The delimiter came to be in or beside a value; an empty one can lie between its halves.
            let value = values.iter().find(|(range, _)| range.end >= found);
            if let Some((_, offset)) = value {
                let problem = Problem::new(*offset, "the value would end the dollar quote that it stands in");
                return Err(problem.hint("give the dollar quote a tag, for instance `$text$...$text$`"));
            }
        }
        if self.bodies.is_empty() {
            self.in_bodies.clear();
        }
        Ok(())
    }
}
