//! Values put into JSON.

use super::string::{push_escaped, push_quoted};
use crate::format::{Insertion, Problem, Scalar};

/// The text with every value written for its place: with escapes inside a string, as a string outside of one.
pub(crate) fn escape(text: &str, insertions: &[Insertion]) -> Result<String, Problem> {
    let mut escaper = Escaper { text, insertions, at: 0, copied: 0, output: String::with_capacity(text.len()) };
    let mut inside = false;
    while let Some(next) = escaper.insertions.first() {
        let bound = next.range.start;
        if inside {
            if escaper.string_ends(bound)? {
                inside = false;
            } else {
                escaper.value_in_string();
            }
        } else {
            match escaper.token(bound)? {
                Token::StringStart => inside = true,
                Token::Value { start } => escaper.bare_value(start)?,
            }
        }
    }
    escaper.output.push_str(&text[escaper.copied..]);
    Ok(escaper.output)
}

enum Token {
    StringStart,
    /// A value stands here; what it is glued to begins at `start`.
    Value {
        start: usize,
    },
}

struct Escaper<'a> {
    text: &'a str,
    /// Those that are not written yet.
    insertions: &'a [Insertion],
    at: usize,
    copied: usize,
    output: String,
}

impl Escaper<'_> {
    /// Goes to the end of the string, and says so, or to the value inside it.
    fn string_ends(&mut self, bound: usize) -> Result<bool, Problem> {
        let bytes = self.text.as_bytes();
        while self.at < bound {
            match bytes[self.at] {
                b'"' => {
                    self.at += 1;
                    return Ok(true);
                }
                b'\\' => {
                    let length = if bytes[self.at + 1..bound].first() == Some(&b'u') { 6 } else { 2 };
                    let end = self.at + length;
                    if end > bound && bytes[self.at + 1..bound].iter().skip(1).all(u8::is_ascii_hexdigit) {
                        return Err(Problem::new(bound, "a value stands inside an escape sequence")
                            .hint("write `\\\\` for a backslash"));
                    }
                    self.at = end.min(bound);
                }
                _ => self.at += 1,
            }
        }
        Ok(false)
    }

    fn value_in_string(&mut self) {
        let Some((insertion, rest)) = self.insertions.split_first() else { return };
        self.output.push_str(&self.text[self.copied..insertion.range.start]);
        push_escaped(&mut self.output, &self.text[insertion.range.clone()]);
        self.written(insertion.range.end, rest.len());
    }

    /// Everything up to this byte is written, and this many insertions are not.
    fn written(&mut self, end: usize, left: usize) {
        self.at = end;
        self.copied = end;
        self.insertions = &self.insertions[self.insertions.len() - left..];
    }

    fn token(&mut self, bound: usize) -> Result<Token, Problem> {
        let bytes = self.text.as_bytes();
        let mut start = self.at;
        // What was written before a value that begins here was a string or value: being glued to it is wrong as well.
        if self.at > 0 && self.at == bound && self.copied != self.at && bytes[self.at - 1] == b'"' {
            start = self.at - 1;
        }
        while self.at < bound {
            let byte = bytes[self.at];
            self.at += 1;
            match byte {
                b'"' => return Ok(Token::StringStart),
                b'/' if self.at < bound && matches!(bytes[self.at], b'/' | b'*') => {
                    self.pass_comment(bound)?;
                    start = self.at;
                }
                b' ' | b'\t' | b'\r' | b'\n' | b',' | b':' | b'[' | b']' | b'{' | b'}' => start = self.at,
                _ => {}
            }
        }
        Ok(Token::Value { start })
    }

    /// JSON has no comments, but many readers know them. A value cannot stand in one.
    fn pass_comment(&mut self, bound: usize) -> Result<(), Problem> {
        let rest = &self.text[self.at..bound];
        let (behind, end) = if rest.starts_with('*') { (1, "*/") } else { (0, "\n") };
        match rest[behind..].find(end) {
            Some(length) => {
                self.at += behind + length + end.len();
                Ok(())
            }
            None => Err(Problem::new(bound, "a value stands in a comment, which JSON has not")),
        }
    }

    /// Writes the value that stands here, with everything it is glued to.
    fn bare_value(&mut self, start: usize) -> Result<(), Problem> {
        let bytes = self.text.as_bytes();
        let mut end = self.at;
        let mut parts = usize::from(start < self.at);
        let mut text_at = None;
        let mut used = 0;
        loop {
            if let Some(insertion) = self.insertions.get(used).filter(|insertion| insertion.range.start == end) {
                if insertion.scalar == Scalar::Text {
                    text_at = text_at.or(Some(end));
                }
                end = insertion.range.end;
                used += 1;
                parts += 1;
            } else if bytes.get(end).is_some_and(|byte| !b" \t\r\n,:[]{}\"".contains(byte)) {
                end += 1;
                parts += 1;
            } else {
                break;
            }
        }
        parts += usize::from(bytes.get(end) == Some(&b'"'));
        let bound = self.insertions.get(used).map_or(self.text.len(), |next| next.range.start);
        let is_key = self.text[end..bound].trim_start_matches([' ', '\t', '\r', '\n']).starts_with(':');
        if is_key {
            text_at = text_at.or(Some(self.at));
        }
        self.output.push_str(&self.text[self.copied..self.at]);
        match text_at {
            None => self.output.push_str(&self.text[self.at..end]),
            Some(_) if parts == 1 => push_quoted(&mut self.output, &self.text[self.at..end]),
            Some(place) => {
                return Err(Problem::new(place, "text next to other text outside of quotes")
                    .hint("put all of it in one pair of quotes"));
            }
        }
        self.written(end, self.insertions.len() - used);
        Ok(())
    }
}
