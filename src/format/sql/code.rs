//! A value that stands without quotes.

use super::Dialect;
use super::lexer::{Lexer, Token, is_word, is_word_start};
use super::quoted::{push_doubled, push_with_backslashes};
use crate::format::walk::Unit;
use crate::format::{Problem, Scalar};

impl Lexer<'_> {
    pub(super) fn unquoted_value(&mut self) -> Result<(), Problem> {
        self.check_nul()?;
        let Some(insertion) = self.walk.insertion() else { return Ok(()) };
        let value = self.walk.value();
        let (before, behind) = (self.walk.before(), self.walk.behind_value());
        let joins = Self::joins(before) || Self::joins(behind);
        let boolean = value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false");
        match insertion.scalar {
            Scalar::Number if is_number(value) => {
                if joins && !self.number_can_join(value, before, behind) {
                    return Err(self.joined());
                }
                self.number(value);
                self.last = Token::Other;
            }
            _ if joins => return Err(self.joined()),
            Scalar::Boolean if boolean => {
                self.write_value(|out, value| out.push_str(&value.to_ascii_uppercase()));
                self.last = Token::Other;
            }
            _ => {
                if self.last == Token::Text {
                    return Err(self.joined());
                }
                let mysql = self.dialect == Dialect::Mysql;
                self.write_value(|out, value| {
                    out.push('\'');
                    if mysql {
                        push_with_backslashes(out, value, '\'');
                    } else {
                        push_doubled(out, value, b'\'');
                    }
                    out.push('\'');
                });
                self.last = Token::Text;
            }
        }
        Ok(())
    }

    fn joined(&self) -> Problem {
        self.walk
            .problem("the value would be read together with what stands beside it")
            .hint("put all of it into quotes: '...' for a string, \"...\" for a name")
    }

    /// Digits can be a part of a name or of a number, but not begin a name.
    fn number_can_join(&self, value: &str, before: Option<Unit>, behind: Option<Unit>) -> bool {
        let literal = self.walk.literal_before();
        let word_start = literal.iter().rposition(|&byte| !is_word(byte)).map_or(0, |at| at + 1);
        let word = literal.get(word_start..).unwrap_or_default();
        let is_name = word.first().is_some_and(|&byte| is_word_start(byte));
        let quotes = |unit| matches!(unit, Some(Unit::Byte(b'\'' | b'"' | b'`')));
        value.bytes().all(|byte| byte.is_ascii_digit())
            && !word.contains(&b'$')
            && !quotes(before)
            && !quotes(behind)
            && (is_name || !matches!(behind, Some(Unit::Byte(byte)) if is_word_start(byte) || byte == b'$'))
            && behind != Some(Unit::Byte(b'$'))
    }

    /// A negative number must not make a comment or another operator with what stands before it.
    fn number(&mut self, value: &str) {
        let operator = self.walk.literal_before().iter().rev().take_while(|byte| b"+-*/<>=~!@#%^&|`?:".contains(byte));
        let joins_operator = operator.clone().any(|byte| !b"<>=:".contains(byte));
        let binds_tighter = {
            let mut ahead = self.walk.ahead();
            ahead.skip_value();
            let behind = ahead.literal().trim_ascii_start();
            behind.starts_with(b"::") || behind.starts_with(b"^")
        };
        if value.starts_with('-') && (joins_operator || binds_tighter) {
            self.write_value(|out, value| {
                out.push('(');
                out.push_str(value);
                out.push(')');
            });
        } else {
            self.write_value(String::push_str);
        }
    }
}

/// Whether a text is a number in SQL: `-1`, `1.5`, `1e-3`.
fn is_number(value: &str) -> bool {
    let unsigned = value.strip_prefix('-').unwrap_or(value);
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    [whole, fraction, exponent].iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}
