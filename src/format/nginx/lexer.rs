//! nginx's words.

use crate::format::walk::{Unit, Walk, push_escaped};
use crate::format::{Insertion, Problem};

/// nginx reads through a buffer of 4096 bytes, and a word with its quotes must fit.
const MAX_WORD: usize = 4095;

pub(super) struct Lexer<'a> {
    walk: Walk<'a>,
    /// A word has ended with its quote: what follows is an error unless it is a blank, `;`, `{` or `)`.
    behind_quote: bool,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str, insertions: &'a [Insertion]) -> Self {
        Self { walk: Walk::new(text, insertions), behind_quote: false }
    }

    pub(super) fn run(mut self) -> Result<String, Problem> {
        while let Some(unit) = self.walk.unit() {
            let behind_quote = std::mem::take(&mut self.behind_quote);
            match unit {
                Unit::Byte(b' ' | b'\t' | b'\r' | b'\n' | b';' | b'{' | b'}') => self.walk.advance(1),
                Unit::Byte(b')') if behind_quote => self.walk.advance(1),
                Unit::Byte(b'#') => self.comment()?,
                Unit::Byte(quote @ (b'"' | b'\'')) => self.quoted(quote)?,
                Unit::Value if behind_quote => {
                    let problem = self.walk.problem("the value stands directly behind a string in quotes");
                    return Err(problem.hint("put all of the word into the quotes"));
                }
                Unit::Byte(_) | Unit::Value => self.unquoted()?,
            }
        }
        Ok(self.walk.finish())
    }

    fn comment(&mut self) -> Result<(), Problem> {
        while let Some(unit) = self.walk.unit() {
            match unit {
                Unit::Byte(b'\n') => break,
                Unit::Byte(_) => self.walk.skip_to(|byte| byte == b'\n'),
                Unit::Value if self.walk.value().contains('\n') => {
                    return Err(self.walk.problem("a comment cannot hold a line break"));
                }
                Unit::Value => {
                    self.check_nul()?;
                    self.walk.write_value(String::push_str);
                }
            }
        }
        Ok(())
    }

    fn quoted(&mut self, quote: u8) -> Result<(), Problem> {
        let mut word = WordLength::new(&mut self.walk);
        self.walk.advance(1);
        let special: &[u8] = if quote == b'"' { b"\"\\" } else { b"'\\" };
        let mut variable = Variable::default();
        while let Some(unit) = self.walk.unit() {
            match unit {
                Unit::Byte(byte) if byte == quote => {
                    self.walk.advance(1);
                    self.behind_quote = true;
                    break;
                }
                Unit::Byte(byte) => self.literal_byte(byte, &mut variable),
                Unit::Value => {
                    self.check_value(&variable)?;
                    word.value(&self.walk);
                    self.walk.write_value(|out, value| push_escaped(out, value, special, "\\"));
                }
            }
        }
        word.check(&mut self.walk)
    }

    /// A word without quotes. It gets some as a whole when one of its values needs them.
    fn unquoted(&mut self) -> Result<(), Problem> {
        let needs_quotes = self.needs_quotes();
        let mut word = WordLength::new(&mut self.walk);
        if needs_quotes {
            self.walk.write("\"");
        }
        let mut variable = Variable::default();
        while let Some(unit) = self.walk.unit() {
            match unit {
                Unit::Byte(b' ' | b'\t' | b'\r' | b'\n' | b';') => break,
                Unit::Byte(b'{') if !variable.is_dollar => break,
                Unit::Byte(b'"') if needs_quotes => {
                    self.walk.write("\\");
                    self.walk.advance(1);
                    variable = Variable::default();
                }
                Unit::Byte(byte) => self.literal_byte(byte, &mut variable),
                Unit::Value => {
                    self.check_value(&variable)?;
                    word.value(&self.walk);
                    self.walk.write_value(|out, value| push_escaped(out, value, b"\"\\", "\\"));
                }
            }
        }
        if needs_quotes {
            self.walk.write("\"");
        }
        word.check(&mut self.walk)
    }

    fn literal_byte(&mut self, byte: u8, variable: &mut Variable) {
        self.walk.advance(1);
        if byte != b'\\' {
            variable.read(byte);
            return;
        }
        *variable = Variable::default();
        match self.walk.unit() {
            Some(Unit::Byte(_)) => self.walk.advance(1),
            // A backslash before a value is a backslash.
            Some(Unit::Value) => self.walk.write("\\"),
            None => {}
        }
    }

    fn check_nul(&self) -> Result<(), Problem> {
        if self.walk.value().contains('\0') {
            return Err(self.walk.problem("an nginx configuration cannot hold a NUL character"));
        }
        Ok(())
    }

    fn check_value(&self, variable: &Variable) -> Result<(), Problem> {
        self.check_nul()?;
        let value = self.walk.value();
        if value.contains('$') {
            let problem = self
                .walk
                .problem("nginx would read the dollar sign in the value as a variable and has no escape for it");
            return Err(problem.hint(
                "define a variable outside of `server`, `geo $dollar { default \"$\"; }`, and write `${dollar}` in the template",
            ));
        }
        let next = match value.bytes().next() {
            Some(first) => Some(Unit::Byte(first)),
            None => self.walk.behind_value(),
        };
        let lengthens = matches!(next, Some(Unit::Value)) || matches!(next, Some(Unit::Byte(byte)) if is_name(byte));
        if variable.is_dollar || variable.in_braces || variable.in_name && lengthens {
            let problem = self.walk.problem("the value would be read as a part of the name of a variable");
            return Err(problem.hint("write a variable before a value as `${name}`"));
        }
        Ok(())
    }

    /// Whether the word that begins here holds a value that cannot stand without quotes.
    fn needs_quotes(&self) -> bool {
        let mut ahead = self.walk.ahead();
        let (mut is_empty, mut dollar) = (true, false);
        while let Some(piece) = ahead.unit() {
            match piece {
                Unit::Byte(b' ' | b'\t' | b'\r' | b'\n' | b';') => break,
                Unit::Byte(b'{') if !dollar => break,
                Unit::Byte(b'\\') => ahead.advance(2),
                Unit::Byte(byte) => {
                    dollar = byte == b'$';
                    ahead.advance(1);
                }
                Unit::Value => {
                    let value = ahead.value();
                    if value.bytes().any(|byte| byte <= b' ' || b";{}#\"'\\\x7f".contains(&byte)) {
                        return true;
                    }
                    is_empty &= value.is_empty();
                    dollar = false;
                    ahead.skip_value();
                    continue;
                }
            }
            is_empty = false;
        }
        is_empty
    }
}

/// Whether the place that is reached continues the name of a variable.
#[derive(Default)]
struct Variable {
    is_dollar: bool,
    in_name: bool,
    in_braces: bool,
}

impl Variable {
    fn read(&mut self, byte: u8) {
        let was_name = self.in_name || self.is_dollar;
        // `$1` to `$9` are complete.
        let capture = self.is_dollar && byte.is_ascii_digit();
        self.in_braces = self.is_dollar && byte == b'{' || self.in_braces && byte != b'}';
        self.in_name = was_name && is_name(byte) && !capture;
        self.is_dollar = byte == b'$';
    }
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The bytes that a word takes in the file.
struct WordLength {
    start: usize,
    /// Where the first value in it stands.
    value: Option<usize>,
}

impl WordLength {
    fn new(walk: &mut Walk) -> Self {
        Self { start: walk.written().len(), value: None }
    }

    fn value(&mut self, walk: &Walk) {
        self.value.get_or_insert(walk.at());
    }

    fn check(&self, walk: &mut Walk) -> Result<(), Problem> {
        let length = walk.written().len() - self.start;
        match self.value {
            Some(offset) if length > MAX_WORD => Err(Problem::new(
                offset,
                format!("a word of an nginx configuration cannot be longer than {MAX_WORD} bytes"),
            )),
            _ => Ok(()),
        }
    }
}
