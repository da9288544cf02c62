//! Commands: words, keywords, operators, comments.

use super::doubt::Doubt;
use super::frame::{Arithmetic, Code, Frame, Nest, Word};
use super::join::{backward, forward};
use super::lexer::Lexer;
use super::value::{begins_with_reserved, is_name_byte, is_plain, push_single_quoted};
use crate::format::Problem;
use crate::format::walk::Unit;

impl Lexer<'_> {
    pub(super) fn code(&mut self, unit: Unit) -> Result<(), Problem> {
        let byte = match unit {
            Unit::Byte(byte) => byte,
            Unit::Value => return self.value_in_word(),
        };
        match byte {
            b' ' | b'\t' => {
                self.end_word();
                self.walk.skip_to(|byte| byte != b' ' && byte != b'\t');
            }
            b'\n' => {
                self.end_word();
                self.walk.advance(1);
                self.begin_documents()?;
            }
            b'(' | b')' => self.parenthesis(byte)?,
            b'<' | b'>' => {
                self.end_word();
                self.redirection(byte)?;
            }
            b';' | b'&' | b'|' => self.separator(byte),
            b'#' if self.word_is_none() => self.comment()?,
            b'\\' if self.walk.literal().starts_with(b"\\\n") => self.skip_joins(),
            _ => self.in_word(byte)?,
        }
        Ok(())
    }

    pub(super) fn current_code(&mut self) -> Option<&mut Code> {
        match self.frames.last_mut() {
            Some(Frame::Code(code)) => Some(code),
            _ => None,
        }
    }

    fn word_is_none(&mut self) -> bool {
        self.current_code().is_none_or(|code| code.word.is_none())
    }

    fn in_word(&mut self, byte: u8) -> Result<(), Problem> {
        let start = self.begin_word();
        let at = self.walk.at();
        let text = self.walk.text();
        let Some(word) = self.current_code().and_then(|code| code.word.as_mut()) else { return Ok(()) };
        let plain = word.plain;
        word.plain &= !b"\\'\"`$".contains(&byte);
        match byte {
            b'\\' => self.backslash()?,
            b'\'' => self.single_quotes(),
            b'"' => {
                self.walk.advance(1);
                self.push(Frame::Double)?;
            }
            b'`' => self.backquotes()?,
            b'$' => self.dollar(false)?,
            b'{' => {
                word.brace = true;
                self.walk.advance(1);
            }
            b'[' => {
                word.bracket = true;
                word.subscript |= plain && at > start && backward(&text.as_bytes()[start..at]).all(is_name_byte);
                self.walk.advance(1);
            }
            _ => self.walk.skip_to(|byte| b" \t\n()<>;&|\\'\"`${[".contains(&byte)),
        }
        Ok(())
    }

    /// An unquoted backslash quotes what follows, which cannot be a value: that has quotes of its own.
    pub(super) fn backslash(&mut self) -> Result<(), Problem> {
        self.walk.advance(1);
        match self.walk.unit() {
            Some(Unit::Value) => {
                let problem = self.walk.problem("a backslash stands directly before the value");
                Err(problem.hint("leave it out: the value is quoted as needed; a backslash itself is `\\\\`"))
            }
            _ => {
                self.walk.advance(1);
                Ok(())
            }
        }
    }

    /// Returns where the word begins.
    fn begin_word(&mut self) -> usize {
        let start = self.walk.at();
        let mut before = backward(self.walk.literal_before()).skip_while(u8::is_ascii_whitespace);
        let regex = before.next() == Some(b'~') && before.next() == Some(b'=');
        let Some(code) = self.current_code() else { return start };
        let new = || Word { start, plain: true, brace: false, bracket: false, subscript: false, regex };
        code.word.get_or_insert_with(new).start
    }

    fn value_in_word(&mut self) -> Result<(), Problem> {
        let start = self.begin_word();
        let (at, text, value) = (self.walk.at(), self.walk.text(), self.walk.value());
        let begins_word = backward(&text.as_bytes()[start..at]).nth(1).is_none();
        if tilde_before(self.walk.literal_before(), begins_word) {
            return self.write_if(false, "a value cannot stand behind a tilde");
        }
        let lengthens_name = self.lengthens_name();
        let next = self.walk.behind_value();
        let redirects = matches!(self.behind_value(true), Some(Unit::Value | Unit::Byte(b'<' | b'>')));
        let names_descriptor = self.names_descriptor();
        let Some(word) = self.current_code().and_then(|code| code.word.as_mut()) else { return Ok(()) };
        word.plain = false;
        if word.subscript && !value.bytes().all(is_name_byte) {
            return self.write_if(false, "this value cannot stand in a subscript");
        }
        let is_descriptor = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) && redirects;
        let quotes = !is_plain(value)
            || value.is_empty() && !(at > start && next_is_bare(next))
            || lengthens_name
            || is_descriptor
            || word.brace && names_descriptor
            || word.regex
            || word.brace && (value.contains(',') || value.contains(".."))
            || word.bracket && value.contains(['-', ':', '.'])
            || begins_with_reserved(forward(text.as_bytes().get(word.start..).unwrap_or_default()));
        self.write_value(if quotes { push_single_quoted } else { push_plain });
        Ok(())
    }

    /// Whether the value is the end of a `{name}>`, which makes `bash` assign to the variable.
    fn names_descriptor(&self) -> bool {
        let mut ahead = self.walk.ahead();
        ahead.skip_value();
        let mut behind = forward(ahead.literal()).skip_while(|&byte| is_name_byte(byte));
        behind.next() == Some(b'}') && behind.next().is_none_or(|byte| byte == b'<' || byte == b'>')
    }

    pub(super) fn end_word(&mut self) {
        let (at, text) = (self.walk.at(), self.walk.text());
        let Some(code) = self.current_code() else { return };
        let Some(word) = code.word.take() else { return };
        if std::mem::take(&mut code.redirected) {
            return;
        }
        let written = text.get(word.start..at).filter(|_| word.plain);
        code.read(written.map(|written| written.replace("\\\n", "")).as_deref());
    }

    fn separator(&mut self, byte: u8) {
        self.end_word();
        self.walk.advance(1);
        self.skip_joins();
        let doubled = byte == b';' && self.walk.literal().first().is_some_and(|next| b";&".contains(next));
        if let Some(code) = self.current_code() {
            code.mid_command = false;
            code.pattern |= doubled && code.nest.last() == Some(&Nest::Case);
        }
        self.walk.advance(usize::from(doubled));
    }

    fn parenthesis(&mut self, byte: u8) -> Result<(), Problem> {
        let in_word = !self.word_is_none();
        self.end_word();
        if byte == b'(' && !in_word && self.walk.literal().starts_with(b"((") {
            self.walk.advance(2);
            return self.push(Frame::Arithmetic(Arithmetic::default()));
        }
        self.walk.advance(1);
        if byte == b'(' && !in_word && self.joins_parenthesis() {
            // `bash` reads arithmetic, `dash` a subshell in a subshell.
            self.doubt(Doubt::Parentheses);
        }
        let Some(code) = self.current_code() else { return Ok(()) };
        code.mid_command = false;
        if byte == b'(' {
            code.nest.push(Nest::Parenthesis);
            return Ok(());
        }
        match code.nest.last() {
            Some(Nest::Parenthesis) => {
                code.nest.pop();
            }
            None if code.is_substitution => {
                let unread = !code.pending.is_empty();
                self.frames.pop();
                if unread {
                    self.doubt(Doubt::DocumentPlace);
                }
                return Ok(());
            }
            Some(Nest::Case) | None => {}
        }
        code.pattern = false;
        Ok(())
    }

    fn joins_parenthesis(&self) -> bool {
        self.walk.literal().starts_with(b"\\\n") && forward(self.walk.literal()).next() == Some(b'(')
    }

    fn comment(&mut self) -> Result<(), Problem> {
        while let Some(unit) = self.walk.unit() {
            match unit {
                Unit::Byte(b'\n') => return Ok(()),
                Unit::Byte(_) => self.walk.skip_to(|byte| byte == b'\n'),
                Unit::Value if self.walk.value().contains('\n') => {
                    return Err(self.walk.problem("a comment cannot hold a line break"));
                }
                Unit::Value => {
                    self.check_nul()?;
                    self.write_value(String::push_str);
                }
            }
        }
        Ok(())
    }
}

impl Code {
    /// A word has ended; its text, if it has no quotes, expansions and values.
    fn read(&mut self, word: Option<&str>) {
        let in_case = self.nest.last() == Some(&Nest::Case);
        match word {
            Some("esac") if in_case && (self.pattern || !self.mid_command) => {
                self.nest.pop();
                self.pattern = false;
                self.mid_command = true;
            }
            _ if self.pattern => {}
            Some("in") if in_case && self.mid_command => self.pattern = true,
            Some("case") if !self.mid_command => {
                self.nest.push(Nest::Case);
                self.mid_command = true;
            }
            Some("if" | "then" | "else" | "elif" | "do" | "while" | "until" | "!" | "{" | "time")
                if !self.mid_command => {}
            Some(word) if word.contains('=') && !self.mid_command => {}
            _ => self.mid_command = true,
        }
    }
}

fn push_plain(out: &mut String, value: &str) {
    out.push_str(value);
}

/// An empty value in the middle of a word needs no quotes to be there.
fn next_is_bare(next: Option<Unit>) -> bool {
    matches!(next, Some(Unit::Byte(byte)) if byte.is_ascii_alphanumeric() || b"/._-:".contains(&byte))
}

/// Whether a tilde that stands directly before a value is one that is expanded.
fn tilde_before(literal: &[u8], at_word_start: bool) -> bool {
    let mut bytes = backward(literal);
    bytes.next() == Some(b'~') && (at_word_start || bytes.next().is_some_and(|before| b":=".contains(&before)))
}
