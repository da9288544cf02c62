//! One simple command as a POSIX shell reads it: words, quotes and redirections. Whatever else has a meaning in a shell is refused,
//! so that no text is ever executed as something that a shell would not have done. Texts are bytes: names need not be UTF-8.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;

use super::reserved::{self, Standing};
use crate::process::{Redirection, Source};
use crate::root::Opening;

/// A program with its arguments, and what happens to its descriptors before, in order.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Command {
    pub(super) words: Vec<OsString>,
    pub(super) redirections: Vec<Redirection>,
}

/// The first thing that is none of these, and its column, which begins with 1 and counts characters.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) what: String,
    pub(super) column: usize,
}

/// A word without its quotes.
struct Word {
    start: usize,
    bytes: Vec<u8>,
    /// How many of its bytes stand in front of the first quote.
    plain: usize,
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
}

pub(super) fn read(text: &[u8]) -> Result<Command, Refused> {
    let mut reader = Reader { text, at: 0 };
    reader.command().map_err(|(at, what)| {
        let column = String::from_utf8_lossy(&text[..at.min(text.len())]).chars().count() + 1;
        Refused { what, column }
    })
}

/// A place in the text and what stands there.
type Problem = (usize, String);

fn problem<T>(at: usize, what: &str) -> Result<T, Problem> {
    Err((at, what.to_owned()))
}

impl Reader<'_> {
    fn command(&mut self) -> Result<Command, Problem> {
        let mut command = Command::default();
        let mut replaced = false;
        while self.goes_on() {
            if let Some(descriptor) = self.operator()? {
                command.redirections.push(self.redirection(descriptor)?);
                continue;
            }
            let word = self.word()?;
            if command.words.is_empty() && !replaced {
                match reserved::standing(&word.bytes, word.plain) {
                    Standing::Program => {}
                    // Which is what happens anyway.
                    Standing::Exec => {
                        replaced = true;
                        continue;
                    }
                    Standing::Refused(what) => return Err((word.start, what)),
                }
            } else if command.words.is_empty() && word.bytes.starts_with(b"-") {
                return problem(word.start, "an option of `exec`");
            }
            command.words.push(OsString::from_vec(word.bytes));
        }
        if command.words.is_empty() { problem(self.at, "the end, and no program") } else { Ok(command) }
    }

    /// Passes over blanks. Says whether there is anything behind them.
    fn goes_on(&mut self) -> bool {
        while matches!(self.here(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
        self.at < self.text.len()
    }

    fn here(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// The descriptor of a redirection that begins here.
    fn operator(&self) -> Result<Option<i32>, Problem> {
        let digits = self.text[self.at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let descriptor = match self.text.get(self.at + digits) {
            Some(b'<') => 0,
            Some(b'>') => 1,
            _ => return Ok(None),
        };
        match digits {
            0 => Ok(Some(descriptor)),
            1 => Ok(Some(i32::from(self.text[self.at] - b'0'))),
            // One shell takes it for a descriptor, another one for an argument.
            _ => problem(self.at, "a descriptor above 9"),
        }
    }

    fn redirection(&mut self, descriptor: i32) -> Result<Redirection, Problem> {
        let start = self.at;
        while self.here().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        let (length, opening) = match &self.text[self.at..] {
            [b'>', b'>', ..] => (2, Some(Opening::Append)),
            [b'>' | b'<', b'&', ..] => (2, None),
            [b'<', b'<', ..] => return problem(start, "a text that is given line by line"),
            [b'<', b'>', ..] => return problem(start, "a file that is opened for reading and writing"),
            [b'>', b'|', ..] => return problem(start, "a redirection in spite of `noclobber`"),
            [b'>', ..] => (1, Some(Opening::Write)),
            _ => (1, Some(Opening::Read)),
        };
        self.at += length;
        if !self.goes_on() {
            return problem(start, "a redirection to nothing");
        }
        if self.operator()?.is_some() {
            return problem(self.at, "a redirection in the place of a name");
        }
        let word = self.word()?;
        let source = match opening {
            Some(opening) => Source::File(OsString::from_vec(word.bytes), opening),
            None => match word.bytes[..] {
                [digit @ b'0'..=b'9'] => Source::Descriptor(i32::from(digit - b'0')),
                _ => return problem(word.start, "not the number of a descriptor"),
            },
        };
        Ok(Redirection { descriptor, source })
    }

    fn word(&mut self) -> Result<Word, Problem> {
        let (start, mut bytes, mut plain) = (self.at, Vec::new(), None);
        if let Some(what) = self.here().and_then(reserved::at_the_beginning) {
            return problem(start, what);
        }
        while let Some(byte) = self.here().filter(|byte| !b" \t<>".contains(byte)) {
            if b"'\"\\".contains(&byte) {
                plain.get_or_insert(bytes.len());
            } else if let Some(what) = reserved::anywhere(byte) {
                return problem(self.at, what);
            }
            match byte {
                b'\'' => self.in_single_quotes(&mut bytes)?,
                b'"' => self.in_double_quotes(&mut bytes)?,
                b'\\' => bytes.push(self.behind_backslash()?),
                byte => {
                    bytes.push(byte);
                    self.at += 1;
                }
            }
        }
        Ok(Word { start, plain: plain.unwrap_or(bytes.len()), bytes })
    }

    fn in_single_quotes(&mut self, bytes: &mut Vec<u8>) -> Result<(), Problem> {
        let start = self.at;
        let inner = &self.text[start + 1..];
        let Some(length) = inner.iter().position(|byte| *byte == b'\'') else {
            return problem(start, "a quote without its end");
        };
        bytes.extend_from_slice(&inner[..length]);
        self.at = start + length + 2;
        Ok(())
    }

    fn in_double_quotes(&mut self, bytes: &mut Vec<u8>) -> Result<(), Problem> {
        let start = self.at;
        self.at += 1;
        loop {
            match self.here() {
                None => return problem(start, "a quote without its end"),
                Some(b'"') => break,
                Some(b'\\') if matches!(self.text.get(self.at + 1), Some(b'$' | b'`' | b'"' | b'\\' | b'\n')) => {
                    bytes.push(self.behind_backslash()?);
                }
                Some(byte @ (b'$' | b'`')) => return problem(self.at, reserved::anywhere(byte).unwrap_or_default()),
                Some(byte) => {
                    bytes.push(byte);
                    self.at += 1;
                }
            }
        }
        self.at += 1;
        Ok(())
    }

    fn behind_backslash(&mut self) -> Result<u8, Problem> {
        match self.text.get(self.at + 1) {
            None => problem(self.at, "a backslash with nothing behind it"),
            Some(b'\n') => problem(self.at, "a line that goes on in the next one"),
            Some(byte) => {
                self.at += 2;
                Ok(*byte)
            }
        }
    }
}
