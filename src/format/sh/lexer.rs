//! The state of a shell's parser, followed through the script.

use std::ops::Range;

use super::doubt::Doubt;
use super::frame::{Arithmetic, Code, Frame, Parameter, Stage};
use super::value::{is_decimal_integer, is_name_byte, push_in_double_quotes, push_in_single_quotes};
use crate::format::walk::{Unit, Walk};
use crate::format::{Insertion, Problem};

/// Deeper nesting is no script that a human wrote.
const MAX_DEPTH: usize = 128;

const ASSIGN_FIRST: &str = "assign the value to a variable in a line of its own and use the variable here";

pub(super) struct Lexer<'a> {
    pub(super) walk: Walk<'a>,
    pub(super) frames: Vec<Frame>,
    /// Here-documents among the frames.
    pub(super) documents: usize,
    /// Values that were written while in a here-document: where in the output, and where in the text.
    pub(super) in_documents: Vec<(Range<usize>, usize)>,
    /// Where a `$name` ended: a value there must not lengthen the name.
    name_end: Option<usize>,
    /// Why what has been read since is uncertain.
    pub(super) doubt: Option<Doubt>,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str, insertions: &'a [Insertion]) -> Self {
        Self {
            walk: Walk::new(text, insertions),
            frames: vec![Frame::Code(Code::default())],
            documents: 0,
            in_documents: Vec::new(),
            name_end: None,
            doubt: None,
        }
    }

    pub(super) fn run(mut self) -> Result<String, Problem> {
        while let Some(unit) = self.walk.unit() {
            if unit == Unit::Value {
                self.check_value()?;
            }
            match self.frames.last() {
                Some(Frame::Code(_)) | None => self.code(unit)?,
                Some(Frame::Double) => self.double(unit)?,
                Some(Frame::Arithmetic(_)) => self.arithmetic(unit)?,
                Some(Frame::Parameter(_)) => self.parameter(unit)?,
                Some(Frame::Document(_)) => self.document(unit)?,
            }
        }
        self.check_open_documents()?;
        Ok(self.walk.finish())
    }

    pub(super) fn push(&mut self, frame: Frame) -> Result<(), Problem> {
        if self.frames.len() >= MAX_DEPTH {
            return Err(Problem::new(
                self.walk.at(),
                format!("the script is nested more than {MAX_DEPTH} levels deep"),
            ));
        }
        self.frames.push(frame);
        Ok(())
    }

    /// Writes the value that stands here, and remembers where for the here-document that it may stand in.
    pub(super) fn write_value(&mut self, write: impl FnOnce(&mut String, &str)) {
        let offset = self.walk.at();
        let range = self.walk.write_value(write);
        if self.documents > 0 {
            self.in_documents.push((range, offset));
        }
    }

    /// A value that only some places can take.
    pub(super) fn write_if(&mut self, fits: bool, message: &str) -> Result<(), Problem> {
        if !fits {
            return Err(self.walk.problem(message).hint(ASSIGN_FIRST));
        }
        self.write_value(String::push_str);
        Ok(())
    }

    /// Whether the value that stands here would lengthen the name of a variable before it.
    pub(super) fn lengthens_name(&self) -> bool {
        self.name_end == Some(self.walk.at())
            && match self.walk.value().bytes().next() {
                Some(first) => is_name_byte(first),
                None => match self.behind_value(false) {
                    Some(Unit::Byte(next)) => is_name_byte(next),
                    next => next.is_some(),
                },
            }
    }

    pub(super) fn lengthened_name(&self) -> Problem {
        self.walk
            .problem("the value would be read as a part of the name of the variable before it")
            .hint("write the variable as `${NAME}`")
    }

    pub(super) fn check_nul(&self) -> Result<(), Problem> {
        if self.walk.value().contains('\0') {
            return Err(self.walk.problem("a shell script cannot hold a NUL character"));
        }
        Ok(())
    }

    pub(super) fn check_value(&self) -> Result<(), Problem> {
        self.check_nul()?;
        self.doubt.map_or(Ok(()), |doubt| Err(doubt.problem(self.walk.at())))
    }

    fn double(&mut self, unit: Unit) -> Result<(), Problem> {
        match unit {
            Unit::Byte(b'"') => {
                self.walk.advance(1);
                self.frames.pop();
            }
            Unit::Byte(b'\\') => self.backslash_in_quotes(),
            Unit::Byte(b'$') => self.dollar(true)?,
            Unit::Byte(b'`') => self.backquotes()?,
            Unit::Byte(_) => self.walk.skip_to(|byte| b"\"\\$`".contains(&byte)),
            Unit::Value => {
                let separate = self.lengthens_name();
                self.write_value(|out, value| {
                    out.push_str(if separate { "\"\"" } else { "" });
                    push_in_double_quotes(out, value);
                });
            }
        }
        Ok(())
    }

    /// A backslash where it only sometimes means something. Before a value it is a backslash.
    pub(super) fn backslash_in_quotes(&mut self) {
        self.walk.advance(1);
        match self.walk.unit() {
            Some(Unit::Byte(_)) => self.walk.advance(1),
            Some(Unit::Value) => self.walk.write("\\"),
            None => {}
        }
    }

    /// Everything that can begin with `$`.
    pub(super) fn dollar(&mut self, quoted: bool) -> Result<(), Problem> {
        self.walk.advance(1);
        self.skip_joins();
        match self.walk.literal().first() {
            None if self.walk.is_last_stretch() => {}
            None => {
                let problem = self.walk.problem("a dollar sign stands directly before the value");
                return Err(problem.hint("write `\\$` for a dollar sign"));
            }
            Some(b'(') => {
                self.walk.advance(1);
                self.skip_joins();
                if self.walk.literal().first() == Some(&b'(') {
                    self.walk.advance(1);
                    return self.push(Frame::Arithmetic(Arithmetic::default()));
                }
                self.push(Frame::Code(Code { is_substitution: true, ..Code::default() }))?;
            }
            Some(b'{') => {
                self.walk.advance(1);
                let stage = Stage::Start;
                self.push(Frame::Parameter(Parameter { quoted, stage, inner_quote: false, apostrophe: false }))?;
            }
            Some(b'\'') if !quoted => self.ansi_quotes()?,
            Some(b'[') => self.doubt(Doubt::OldArithmetic),
            Some(first) if first.is_ascii_digit() => {
                self.walk.advance(1);
                self.skip_joins();
                self.name_end = Some(self.walk.at());
            }
            Some(&first) if is_name_byte(first) => {
                while self.walk.literal().first().is_some_and(|&byte| is_name_byte(byte)) {
                    self.walk.skip_to(|byte| !is_name_byte(byte));
                    self.skip_joins();
                }
                self.name_end = Some(self.walk.at());
            }
            Some(b'@' | b'*' | b'#' | b'?' | b'-' | b'$' | b'!') => self.walk.advance(1),
            Some(_) => {}
        }
        Ok(())
    }

    pub(super) fn single_quotes(&mut self) {
        self.walk.advance(1);
        while let Some(unit) = self.walk.unit() {
            match unit {
                Unit::Byte(b'\'') => return self.walk.advance(1),
                Unit::Byte(_) => self.walk.skip_to(|byte| byte == b'\''),
                Unit::Value if self.check_value().is_err() => return,
                Unit::Value => self.write_value(push_in_single_quotes),
            }
        }
    }

    /// `$'...'` is bash; `sh` reads it as a dollar sign and a string. We are behind the dollar sign.
    fn ansi_quotes(&mut self) -> Result<(), Problem> {
        self.walk.advance(1);
        while let Some(unit) = self.walk.unit() {
            match unit {
                Unit::Byte(b'\'') => {
                    self.walk.advance(1);
                    return Ok(());
                }
                Unit::Byte(b'\\') => self.walk.advance(2),
                Unit::Byte(_) => self.walk.skip_to(|byte| byte == b'\'' || byte == b'\\'),
                Unit::Value => {
                    let problem = self.walk.problem("a value cannot stand in `$'...'`, which shells read differently");
                    return Err(problem.hint("use `\"...\"` or `'...'`"));
                }
            }
        }
        Ok(())
    }

    fn arithmetic(&mut self, unit: Unit) -> Result<(), Problem> {
        let Some(Frame::Arithmetic(frame)) = self.frames.last_mut() else { return Ok(()) };
        match unit {
            Unit::Byte(b'(') => {
                frame.open += 1;
                self.walk.advance(1);
            }
            Unit::Byte(b')') if frame.open > 0 => {
                frame.open -= 1;
                self.walk.advance(1);
            }
            Unit::Byte(b')') => {
                self.walk.advance(1);
                self.skip_joins();
                if self.walk.literal().first() != Some(&b')') {
                    self.doubt(Doubt::Parentheses);
                }
                self.walk.advance(1);
                self.frames.pop();
            }
            Unit::Byte(b'$') => self.dollar(true)?,
            Unit::Byte(b'`') => self.backquotes()?,
            Unit::Byte(b'\\') => self.walk.advance(2),
            Unit::Byte(_) => self.walk.skip_to(|byte| b"()$`\\".contains(&byte)),
            Unit::Value if self.lengthens_name() => return Err(self.lengthened_name()),
            Unit::Value => {
                if self.walk.value().starts_with('-') && self.before() == Some(Unit::Byte(b'-')) {
                    self.walk.write(" ");
                }
                self.write_if(
                    is_decimal_integer(self.walk.value()),
                    "an arithmetic expression can only hold an integer",
                )?;
            }
        }
        Ok(())
    }
}
