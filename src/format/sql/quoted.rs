//! Strings and identifiers in quotes.

use super::lexer::{Lexer, Token};
use crate::format::Problem;
use crate::format::walk::{Unit, push_escaped};

/// What stands in quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quoted {
    /// `'...'` of the standard.
    Text,
    /// `E'...'`
    EscapedText,
    /// `U&'...'`
    Unicode,
    /// `U&"..."`
    UnicodeIdentifier,
    /// `B'...'` and `X'...'`
    Bits,
    /// `'...'` of `MySQL`.
    MysqlText,
    /// `"..."` of `MySQL`.
    MysqlDoubleText,
    Identifier(u8),
}

impl Quoted {
    fn quote(self) -> u8 {
        match self {
            Self::Identifier(quote) => quote,
            Self::MysqlDoubleText | Self::UnicodeIdentifier => b'"',
            _ => b'\'',
        }
    }

    fn has_backslashes(self) -> bool {
        matches!(self, Self::EscapedText | Self::MysqlText | Self::MysqlDoubleText)
    }
}

impl Lexer<'_> {
    /// Something in quotes; its opening quote stands here.
    pub(super) fn quoted(&mut self, kind: Quoted) -> Result<(), Problem> {
        let quote = kind.quote();
        self.walk.advance(1);
        let (mut is_empty, mut first_value) = (true, None);
        while let Some(unit) = self.walk.unit() {
            if self.is_body_end() {
                return Ok(());
            }
            match unit {
                Unit::Byte(byte) if byte == quote => {
                    if !self.walk.literal().starts_with(&[quote, quote]) {
                        break;
                    }
                    self.walk.advance(2);
                    is_empty = false;
                }
                Unit::Byte(b'\\') if kind.has_backslashes() => {
                    self.backslash(kind)?;
                    is_empty = false;
                }
                Unit::Byte(_) => {
                    self.walk.skip_to(|byte| byte == quote || byte == b'\\' && kind.has_backslashes());
                    is_empty = false;
                }
                Unit::Value => {
                    first_value.get_or_insert(self.walk.at());
                    is_empty &= self.walk.value().is_empty();
                    self.value_in_quotes(kind)?;
                }
            }
        }
        if let (Quoted::Identifier(_), true, Some(offset)) = (kind, is_empty, first_value) {
            return Err(Problem::new(offset, "an identifier cannot be empty"));
        }
        self.walk.advance(1);
        self.last = if matches!(kind, Quoted::Identifier(_)) { Token::Word } else { Token::Text };
        Ok(())
    }

    fn value_in_quotes(&mut self, kind: Quoted) -> Result<(), Problem> {
        self.check_nul()?;
        match kind {
            Quoted::Text => self.write_value(|out, value| push_doubled(out, value, b'\'')),
            Quoted::EscapedText | Quoted::MysqlText => self.write_value(push_in_escaped_text),
            Quoted::MysqlDoubleText => self.write_value(push_in_double_text),
            Quoted::Identifier(quote) => self.write_value(|out, value| push_doubled(out, value, quote)),
            Quoted::Unicode | Quoted::UnicodeIdentifier => {
                let problem =
                    self.walk.problem("a value cannot stand in `U&` quotes, whose escape character can be any");
                return Err(problem.hint("leave `U&` out and write the characters themselves"));
            }
            Quoted::Bits => {
                let fits = self.walk.value().bytes().all(|byte| byte.is_ascii_hexdigit());
                if !fits {
                    return Err(self.walk.problem("a bit string can only hold hexadecimal digits"));
                }
                self.write_value(String::push_str);
            }
        }
        Ok(())
    }

    /// A backslash and what belongs to it, which must not be a value: `\x4` would go on in it.
    fn backslash(&mut self, kind: Quoted) -> Result<(), Problem> {
        self.walk.advance(1);
        let longest = match self.walk.literal().first() {
            _ if kind != Quoted::EscapedText => 0,
            Some(b'x' | b'0'..=b'7') => 2,
            Some(b'u') => 4,
            Some(b'U') => 8,
            _ => 0,
        };
        let octal = self.walk.literal().first().is_some_and(u8::is_ascii_digit);
        let is_digit = |byte: &u8| if octal { (b'0'..=b'7').contains(byte) } else { byte.is_ascii_hexdigit() };
        let complete = !self.walk.literal().is_empty();
        self.walk.advance(1);
        let digits = self.walk.literal().iter().take(longest).take_while(|byte| is_digit(byte)).count();
        self.walk.advance(digits);
        if self.walk.unit() == Some(Unit::Value) && (!complete || digits < longest) {
            let problem = self.walk.problem("the value would be read as a part of the backslash escape before it");
            return Err(problem.hint("write `\\\\` for a backslash"));
        }
        Ok(())
    }
}

pub(super) fn push_doubled(out: &mut String, value: &str, quote: u8) {
    push_escaped(out, value, &[quote], char::from(quote).encode_utf8(&mut [0; 4]));
}

fn push_in_escaped_text(out: &mut String, value: &str) {
    push_with_backslashes(out, value, '\'');
}

fn push_in_double_text(out: &mut String, value: &str) {
    push_with_backslashes(out, value, '"');
}

pub(super) fn push_with_backslashes(out: &mut String, value: &str, quote: char) {
    let mut copied = 0;
    for (at, found) in value.match_indices(['\\', quote]) {
        out.push_str(value.get(copied..at).unwrap_or_default());
        out.push_str(found);
        copied = at;
    }
    out.push_str(value.get(copied..).unwrap_or_default());
}
