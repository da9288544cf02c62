//! Comments.

use super::Dialect;
use super::lexer::{Lexer, is_word};
use crate::format::Problem;
use crate::format::walk::Unit;

impl Lexer<'_> {
    pub(super) fn line_comment(&mut self) -> Result<(), Problem> {
        while let Some(unit) = self.walk.unit() {
            if self.is_body_end() {
                return Ok(());
            }
            match unit {
                Unit::Byte(b'\n') => return Ok(()),
                Unit::Byte(b'\r') if self.dialect == Dialect::Standard => return Ok(()),
                Unit::Byte(_) => self.walk.advance(1),
                Unit::Value => {
                    self.check_nul()?;
                    if self.walk.value().contains(['\n', '\r']) {
                        return Err(self.walk.problem("a comment cannot hold a line break"));
                    }
                    self.write_value(String::push_str);
                }
            }
        }
        Ok(())
    }

    /// `/* ... */`, nested in the standard.
    pub(super) fn block_comment(&mut self) -> Result<(), Problem> {
        let nests = self.dialect == Dialect::Standard;
        // MySQL executes `/*!` and obeys `/*+`.
        let behind = self.walk.literal().get(2..).unwrap_or_default();
        let executed = behind.starts_with(b"!") || behind.starts_with(b"M!") || behind.starts_with(b"+");
        let mut depth = 1_usize;
        self.walk.advance(2);
        while let Some(unit) = self.walk.unit() {
            if self.is_body_end() {
                return Ok(());
            }
            let literal = self.walk.literal();
            match unit {
                Unit::Byte(b'*') if literal.starts_with(b"*/") => {
                    self.walk.advance(2);
                    depth -= 1;
                    if depth == 0 {
                        return Ok(());
                    }
                }
                Unit::Byte(b'/') if nests && literal.starts_with(b"/*") => {
                    self.walk.advance(2);
                    depth += 1;
                }
                Unit::Byte(_) => self.walk.advance(1),
                Unit::Value if executed => {
                    return Err(self.walk.problem("a value cannot stand in a comment that is executed"));
                }
                Unit::Value => {
                    self.check_nul()?;
                    if self.would_end_comment() {
                        return Err(self.walk.problem("the value would begin or end a comment"));
                    }
                    self.write_value(String::push_str);
                }
            }
        }
        Ok(())
    }

    /// Whether `*/` or `/*` is in the value, or can come to be at its ends. Of a value beside it the worst is assumed.
    fn would_end_comment(&self) -> bool {
        let value = self.walk.value();
        let marks = |unit: Option<Unit>| match unit {
            Some(Unit::Byte(byte)) => byte == b'*' || byte == b'/',
            Some(Unit::Value) => true,
            None => false,
        };
        let (before, behind) = (marks(self.walk.before()), marks(self.walk.behind_value()));
        value.contains("*/")
            || value.contains("/*")
            || before && value.starts_with(['*', '/'])
            || behind && value.ends_with(['*', '/'])
            || before && behind && value.is_empty()
    }

    /// Whether a unit would be one word with what stands beside it.
    pub(super) fn joins(unit: Option<Unit>) -> bool {
        match unit {
            Some(Unit::Byte(byte)) => is_word(byte) || b"'\"`".contains(&byte),
            Some(Unit::Value) => true,
            None => false,
        }
    }
}
