//! `${...}`.

use super::frame::{Frame, Parameter, Stage};
use super::lexer::Lexer;
use super::value::{is_name, is_name_byte, push_in_quoted_parameter, push_in_quoted_pattern, push_single_quoted};
use crate::format::Problem;
use crate::format::walk::Unit;

impl Lexer<'_> {
    pub(super) fn parameter(&mut self, unit: Unit) -> Result<(), Problem> {
        let Some(Frame::Parameter(frame)) = self.frames.last_mut() else { return Ok(()) };
        match (frame.stage, unit) {
            (Stage::Start | Stage::Name, Unit::Byte(b'\\')) if self.walk.literal().starts_with(b"\\\n") => {
                self.skip_joins();
            }
            (_, Unit::Value) => return self.value_in_parameter(),
            (Stage::Start, Unit::Byte(byte)) if byte != b'}' => {
                // `${#}`, `${?}` and `${#name}` begin with what is an operator later.
                frame.stage = Stage::Name;
                self.walk.advance(1);
            }
            (Stage::Name, Unit::Byte(byte)) if byte != b'}' => self.operator(byte),
            (_, Unit::Byte(b'}')) if !frame.inner_quote => {
                self.walk.advance(1);
                self.frames.pop();
            }
            (_, Unit::Byte(byte)) => self.in_parameter(byte)?,
        }
        Ok(())
    }

    fn operator(&mut self, byte: u8) {
        let Some(Frame::Parameter(frame)) = self.frames.last_mut() else { return };
        frame.stage = match byte {
            _ if is_name_byte(byte) => Stage::Name,
            b'-' | b'=' | b'?' | b'+' => Stage::Word,
            b':' => return self.colon(),
            b'#' | b'%' => Stage::Pattern,
            _ => {
                frame.stage = Stage::Other;
                return;
            }
        };
        self.walk.advance(1);
    }

    fn colon(&mut self) {
        self.walk.advance(1);
        self.skip_joins();
        let is_word = self.walk.literal().first().is_some_and(|next| b"-=?+".contains(next));
        self.walk.advance(usize::from(is_word));
        if let Some(Frame::Parameter(frame)) = self.frames.last_mut() {
            frame.stage = if is_word { Stage::Word } else { Stage::Other };
        }
    }

    fn in_parameter(&mut self, byte: u8) -> Result<(), Problem> {
        let Some(Frame::Parameter(frame)) = self.frames.last_mut() else { return Ok(()) };
        let quoted_word = frame.quoted && frame.stage != Stage::Pattern;
        match byte {
            b'\'' if quoted_word => {
                frame.apostrophe = true;
                self.walk.advance(1);
            }
            b'\'' => {
                let quoted_pattern = frame.quoted;
                if quoted_pattern {
                    frame.apostrophe = !frame.apostrophe;
                    self.walk.advance(1);
                } else {
                    self.single_quotes();
                }
            }
            b'"' if quoted_word => {
                frame.inner_quote = !frame.inner_quote;
                self.walk.advance(1);
            }
            b'"' => {
                self.walk.advance(1);
                self.push(Frame::Double)?;
            }
            b'\\' if quoted_word => self.backslash_in_quotes(),
            b'\\' => self.backslash()?,
            b'$' => {
                let quoted = frame.quoted;
                self.dollar(quoted)?;
            }
            b'`' => self.backquotes()?,
            // Inside inner quotes.
            b'}' => self.walk.advance(1),
            _ => self.walk.skip_to(|byte| b"}'\"\\$`".contains(&byte)),
        }
        Ok(())
    }

    /// Whether the value makes `<(` or `>(`, behind which `bash` looks for a command even in quotes.
    fn substitutes_process(&self) -> bool {
        let value = self.walk.value();
        let behind_mark = matches!(self.walk.before(), Some(Unit::Byte(b'<' | b'>') | Unit::Value));
        let before_bracket = self.walk.behind_value() == Some(Unit::Byte(b'('));
        value.contains("<(")
            || value.contains(">(")
            || behind_mark && (value.starts_with('(') || value.is_empty() && before_bracket)
            || before_bracket && value.ends_with(['<', '>'])
    }

    fn value_in_parameter(&mut self) -> Result<(), Problem> {
        let Some(Frame::Parameter(frame)) = self.frames.last() else { return Ok(()) };
        let value = self.walk.value();
        let Parameter { quoted, stage, inner_quote, apostrophe } = *frame;
        if matches!(stage, Stage::Start | Stage::Name) {
            let name = is_name(value) && !value.is_empty();
            return self.write_if(name, "a value in a variable's name can only hold letters, digits and `_`");
        }
        if inner_quote || apostrophe || stage == Stage::Other {
            return self.write_if(is_name(value), "this value cannot stand here in `${...}`");
        }
        if self.before() == Some(Unit::Byte(b'~')) {
            return self.write_if(false, "a value cannot stand behind a tilde");
        }
        // Unquoted, a word is split at the characters of `IFS`, which can be any.
        if !quoted && is_name(value) && !value.is_empty() && !self.lengthens_name() {
            self.write_value(String::push_str);
            return Ok(());
        }
        if quoted && self.lengthens_name() {
            return Err(self.lengthened_name());
        }
        if quoted && value.contains('\'') {
            return self.write_if(false, "an apostrophe cannot stand in `${...}` inside quotes or a here-document");
        }
        if quoted && stage == Stage::Word && self.substitutes_process() {
            let message = "`<(` or `>(` cannot stand in `${...}` inside quotes or a here-document";
            return self.write_if(false, message);
        }
        self.write_value(match (quoted, stage) {
            (true, Stage::Word) => push_in_quoted_parameter,
            (true, _) => push_in_quoted_pattern,
            (false, _) => push_single_quoted,
        });
        Ok(())
    }
}
