//! `` `...` ``

use super::join::{backward, forward};
use super::lexer::Lexer;
use super::value::{begins_with_reserved, is_name_byte, is_plain};
use crate::format::Problem;
use crate::format::walk::Unit;

impl Lexer<'_> {
    /// In backquotes backslashes are taken away before anything is read, quotes or not.
    pub(super) fn backquotes(&mut self) -> Result<(), Problem> {
        self.walk.advance(1);
        while let Some(unit) = self.walk.unit() {
            match unit {
                Unit::Byte(b'`') => {
                    self.walk.advance(1);
                    return Ok(());
                }
                Unit::Byte(b'\\') => self.walk.advance(2),
                Unit::Byte(_) => self.walk.skip_to(|byte| byte == b'`' || byte == b'\\'),
                Unit::Value => {
                    self.check_value()?;
                    if !self.fits_backquotes() {
                        let problem = self.walk.problem("this value cannot stand in backquotes");
                        return Err(problem.hint("write `$(...)`"));
                    }
                    self.write_value(String::push_str);
                }
            }
        }
        Ok(())
    }

    /// Whether the value is the same to every shell whatever it stands in between backquotes.
    fn fits_backquotes(&self) -> bool {
        let value = self.walk.value();
        let before = backward(self.walk.literal_before()).find(|&byte| !is_name_byte(byte));
        // A value behind another one would have to be judged together with it.
        let glued = matches!(self.before(), Some(Unit::Value | Unit::Byte(b'$' | b'\\' | b'~')));
        let is_descriptor = value.bytes().all(|byte| byte.is_ascii_digit())
            && matches!(self.behind_value(true), Some(Unit::Value | Unit::Byte(b'<' | b'>')));
        let follows = self.walk.text().get(self.walk.at()..).unwrap_or_default().as_bytes();
        let is_keyword = begins_with_reserved(forward(follows));
        !value.is_empty() && is_plain(value) && !glued && before != Some(b'$') && !is_descriptor && !is_keyword
    }
}
