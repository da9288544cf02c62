//! The tokens of a rendered TOML text in which values stand.

use super::super::stretch::{Next, Stretch, Walk};

/// What a value stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Comment,
    /// One part of a key, without quotes.
    BareKey,
    /// A value without quotes.
    BareValue,
    Basic,
    Literal,
    MultilineBasic,
    MultilineLiteral,
}

/// A token with at least one value in it.
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    pub(super) stretch: Stretch<'a>,
    /// A string has its closing quote; something bare does not touch a quote.
    pub(super) sound: bool,
}

enum Bracket {
    Array,
    InlineTable,
}

/// Finds the tokens with values in them, in order.
pub(super) struct Scanner<'a> {
    walk: Walk<'a>,
    brackets: Vec<Bracket>,
    /// Behind `=`, or in an array: what comes is a value.
    in_value: bool,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(walk: Walk<'a>) -> Self {
        Self { walk, brackets: Vec::new(), in_value: false }
    }

    pub(super) fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let (start, passed) = (self.walk.at(), self.walk.passed());
            let (kind, sound) = match self.walk.next() {
                Next::End => return None,
                Next::Byte(b'#') => {
                    self.walk.advance_to(|byte| byte == b'\n');
                    (Kind::Comment, true)
                }
                Next::Byte(quote @ (b'"' | b'\'')) => self.string(quote),
                Next::Byte(byte) if self.punctuation(byte) => {
                    self.walk.advance(1);
                    continue;
                }
                Next::Insertion | Next::Byte(_) => self.bare(),
            };
            if self.walk.passed() > passed {
                return Some(Token { kind, stretch: self.walk.stretch(start, passed), sound });
            }
        }
    }

    /// Whether the byte stands between tokens; what it opens, closes or begins is kept in mind.
    fn punctuation(&mut self, byte: u8) -> bool {
        match byte {
            b'\n' => self.in_value &= !self.brackets.is_empty(),
            b'=' => self.in_value = true,
            b',' => self.in_value = !matches!(self.brackets.last(), Some(Bracket::InlineTable)),
            b'[' if self.in_value => self.brackets.push(Bracket::Array),
            b'{' if self.in_value => {
                self.brackets.push(Bracket::InlineTable);
                self.in_value = false;
            }
            b']' | b'}' if !self.brackets.is_empty() => {
                self.brackets.pop();
                self.in_value = true;
            }
            b' ' | b'\t' | b'\r' | b'[' | b']' | b'{' | b'}' => {}
            b'.' => return !self.in_value,
            _ => return false,
        }
        true
    }

    fn bare(&mut self) -> (Kind, bool) {
        let touches = matches!(self.walk.before(), Some(b'"' | b'\''));
        let in_value = self.in_value;
        self.walk.advance_to(|byte| match byte {
            b' ' | b'\t' | b'\r' | b'\n' | b',' | b']' | b'}' | b'[' | b'{' | b'=' | b'#' | b'"' | b'\'' => true,
            b'.' => !in_value,
            _ => false,
        });
        let touches = touches || matches!(self.walk.next(), Next::Byte(b'"' | b'\''));
        (if in_value { Kind::BareValue } else { Kind::BareKey }, !touches)
    }

    fn string(&mut self, quote: u8) -> (Kind, bool) {
        let basic = quote == b'"';
        let literal = self.walk.literal();
        if literal.starts_with("\"\"\"") || literal.starts_with("'''") {
            self.walk.advance(3);
            let kind = if basic { Kind::MultilineBasic } else { Kind::MultilineLiteral };
            return (kind, self.multiline(quote));
        }
        self.walk.advance(1);
        let kind = if basic { Kind::Basic } else { Kind::Literal };
        while self.walk.advance_to(|byte| byte == quote || byte == b'\n' || basic && byte == b'\\') {
            match self.walk.next() {
                Next::Byte(b'\\') => self.escape_sequence(),
                Next::Byte(b'\n') => return (kind, false),
                _ => {
                    self.walk.advance(1);
                    return (kind, true);
                }
            }
        }
        (kind, false)
    }

    /// The rest of a string in three quotes. Up to two quotes may stand before the closing ones.
    fn multiline(&mut self, quote: u8) -> bool {
        let basic = quote == b'"';
        while self.walk.advance_to(|byte| byte == quote || basic && byte == b'\\') {
            if self.walk.next() == Next::Byte(b'\\') {
                self.escape_sequence();
                continue;
            }
            let run = self.walk.literal().bytes().take(5).take_while(|byte| *byte == quote).count();
            self.walk.advance(run);
            if run >= 3 {
                return true;
            }
        }
        false
    }

    /// A backslash and the byte behind it, unless that is a value.
    fn escape_sequence(&mut self) {
        let follows = self.walk.literal().as_bytes().get(1).is_some_and(u8::is_ascii);
        self.walk.advance(if follows { 2 } else { 1 });
    }
}
