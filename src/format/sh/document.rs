//! Here-documents.

use super::doubt::Doubt;
use super::frame::{Delimiter, Document, Frame};
use super::lexer::Lexer;
use super::value::push_in_document;
use crate::format::Problem;
use crate::format::walk::Unit;

impl Lexer<'_> {
    /// A line of code has ended: the here-documents that were announced in it follow.
    pub(super) fn begin_documents(&mut self) -> Result<(), Problem> {
        let Some(code) = self.current_code() else { return Ok(()) };
        code.mid_command = false;
        let pending = std::mem::take(&mut code.pending);
        if pending.is_empty() {
            return Ok(());
        }
        for delimiter in pending.into_iter().rev() {
            let (start, first_value) = (0, self.in_documents.len());
            self.push(Frame::Document(Document { delimiter, start, first_value, at_line_start: true }))?;
            self.documents += 1;
        }
        self.start_document();
        Ok(())
    }

    fn start_document(&mut self) {
        let start = self.walk.written().len();
        let first = self.in_documents.len();
        if let Some(Frame::Document(document)) = self.frames.last_mut() {
            document.start = start;
            document.first_value = first;
        }
    }

    pub(super) fn document(&mut self, unit: Unit) -> Result<(), Problem> {
        let literal = self.walk.literal();
        let last_stretch = self.walk.is_last_stretch();
        let Some(Frame::Document(document)) = self.frames.last_mut() else { return Ok(()) };
        let quoted = document.delimiter.quoted;
        if std::mem::take(&mut document.at_line_start)
            && let Some(length) = document.delimiter.ending_line(literal, last_stretch)
        {
            return self.end_document(length);
        }
        match unit {
            Unit::Byte(b'\n') => {
                document.at_line_start = true;
                self.walk.advance(1);
            }
            Unit::Byte(_) if quoted => self.walk.skip_to(|byte| byte == b'\n'),
            Unit::Byte(b'\\') => self.backslash_in_quotes(),
            Unit::Byte(b'$') => self.dollar(true)?,
            Unit::Byte(b'`') => self.backquotes()?,
            Unit::Byte(_) => self.walk.skip_to(|byte| b"\n\\$`".contains(&byte)),
            Unit::Value if quoted => self.write_value(String::push_str),
            Unit::Value if self.lengthens_name() => return Err(self.lengthened_name()),
            Unit::Value => self.write_value(push_in_document),
        }
        Ok(())
    }

    fn end_document(&mut self, length: usize) -> Result<(), Problem> {
        if let Some(Frame::Document(document)) = self.frames.pop() {
            self.check_document(&document)?;
            self.documents -= 1;
        }
        if self.documents == 0 {
            self.in_documents.clear();
        }
        self.walk.advance(length);
        self.start_document();
        Ok(())
    }

    pub(super) fn check_open_documents(&mut self) -> Result<(), Problem> {
        while let Some(frame) = self.frames.pop() {
            if let Frame::Document(document) = frame {
                self.check_document(&document)?;
            }
        }
        Ok(())
    }

    /// A line with a value in it must not end the document, and must not lose tabs at its beginning. Where a line of the
    /// template alone could have ended it, what follows is uncertain.
    fn check_document(&mut self, document: &Document) -> Result<(), Problem> {
        let body = self.walk.written().get(document.start..).unwrap_or_default().to_owned();
        let mut values = self.in_documents.get(document.first_value..).unwrap_or_default();
        let delimiter = &document.delimiter;
        let mut at = document.start;
        let mut logical = LogicalLine::default();
        let mut could_have_ended = false;
        for line in body.split('\n') {
            let end = at + line.len();
            while let Some(((range, offset), rest)) = values.split_first().filter(|((range, _), _)| range.start <= end)
            {
                if could_have_ended {
                    return Err(Doubt::DocumentEnd.problem(*offset));
                }
                let from = range.start.saturating_sub(at);
                let before = line.get(..from).unwrap_or_default();
                let in_value = line.get(from..).filter(|_| range.end > range.start.max(at)).unwrap_or_default();
                if delimiter.strips_tabs && in_value.starts_with('\t') && before.bytes().all(|byte| byte == b'\t') {
                    return Err(lost_tabs(*offset));
                }
                logical.value.get_or_insert(*offset);
                if range.end > end {
                    break;
                }
                values = rest;
            }
            if let Some(offset) = logical.value.filter(|_| delimiter.loses_byte(line)) {
                let problem =
                    Problem::new(offset, "`dash` loses a byte of a line that begins like the end of its here-document");
                return Err(problem.hint("choose another delimiter"));
            }
            let value = logical.value;
            match (logical.take(line, delimiter), value) {
                (true, Some(offset)) => {
                    let problem = Problem::new(offset, "the value would end the here-document");
                    return Err(problem.hint("choose another delimiter"));
                }
                (ends, _) => could_have_ended |= ends,
            }
            at = end + 1;
        }
        if could_have_ended {
            self.doubt(Doubt::DocumentEnd);
        }
        Ok(())
    }
}

/// A line as the shell sees it, when a backslash at the end joins it with the next.
#[derive(Default)]
struct LogicalLine {
    joined: String,
    /// Where the first value in it stands in the template.
    value: Option<usize>,
}

impl LogicalLine {
    /// Takes one more line of the file. Returns whether it ends the document to some shell. They compare the whole line or
    /// the lines of the file; a line without values that is joined to the one before is no end to any.
    fn take(&mut self, line: &str, delimiter: &Delimiter) -> bool {
        let backslashes = line.bytes().rev().take_while(|&byte| byte == b'\\').count();
        let goes_on = !delimiter.quoted && backslashes % 2 == 1;
        let part = if goes_on { line.get(..line.len() - 1).unwrap_or_default() } else { line };
        let tabs = |text: &str| text.bytes().take_while(|&byte| byte == b'\t' && delimiter.strips_tabs).count();
        let behind_tabs = if self.joined.is_empty() { tabs(part) } else { 0 };
        // More than this can never become the delimiter again.
        if self.joined.len() <= delimiter.text.len() {
            self.joined.push_str(part.get(behind_tabs..).unwrap_or_default());
        }
        let alone = self.value.is_some() && line.get(tabs(line)..) == Some(&*delimiter.text);
        let found = alone || !goes_on && self.joined == delimiter.text;
        if !goes_on {
            *self = Self::default();
        }
        found
    }
}

impl Delimiter {
    /// `dash` 0.5.12 drops bytes from 0x80 on directly behind a part of the delimiter at the beginning of a line.
    fn loses_byte(&self, line: &str) -> bool {
        let line = if self.strips_tabs { line.trim_start_matches('\t') } else { line };
        let common = line.bytes().zip(self.text.bytes()).take_while(|(left, right)| left == right).count();
        common > 0 && line.as_bytes().get(common).is_some_and(|byte| !byte.is_ascii())
    }

    /// The length of the line that ends the document, if it stands here.
    fn ending_line(&self, literal: &[u8], last_stretch: bool) -> Option<usize> {
        let tabs = if self.strips_tabs { literal.iter().take_while(|&&byte| byte == b'\t').count() } else { 0 };
        let rest = literal.get(tabs..)?.strip_prefix(self.text.as_bytes())?;
        let length = tabs + self.text.len();
        match rest.first() {
            Some(b'\n') => Some(length + 1),
            None if last_stretch => Some(length),
            _ => None,
        }
    }
}

fn lost_tabs(offset: usize) -> Problem {
    Problem::new(offset, "a `<<-` here-document cannot hold a line that begins with a tab").hint("write `<<`")
}
