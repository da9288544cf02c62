//! Values of a template in properties.

use std::ops::Range;

use super::super::{Insertion, Problem};
use super::character::{Place, is_blank, is_special, write};
use super::lex::{Kind, Lexer, Logical};

/// See [`super::escape`].
pub(super) fn escape(text: &str, insertions: &[Insertion]) -> Result<String, Problem> {
    let mut writer = Writer { text, output: String::with_capacity(text.len() + text.len() / 8), copied: 0 };
    let mut rest = insertions;
    for logical in Lexer::new(text, insertions) {
        let count = rest.iter().take_while(|insertion| insertion.range.start < logical.all.end).count();
        let behind = rest.get(count..).unwrap_or_default();
        // An empty value at the end of a line without line break.
        let count = if logical.all.end == text.len() { count + behind.len() } else { count };
        let (inside, after) = rest.split_at(count);
        rest = after;
        writer.line(&logical, inside)?;
    }
    writer.output.push_str(&text[writer.copied..]);
    Ok(writer.output)
}

struct Writer<'a> {
    text: &'a str,
    output: String,
    /// Up to here the text is in the output.
    copied: usize,
}

impl Writer<'_> {
    fn line(&mut self, logical: &Logical, inside: &[Insertion]) -> Result<(), Problem> {
        let Kind::Pair { key, value, separated } = &logical.kind else {
            return inside.iter().try_for_each(|insertion| self.check_comment(&insertion.range));
        };
        let mut unpaired_from = logical.all.start;
        // Where a leading blank would be skipped; moves on with values that are empty.
        let mut start = value.start;
        for (index, insertion) in inside.iter().enumerate() {
            let range = &insertion.range;
            let in_key = range.start <= key.end;
            let at_start = !in_key && (range.start == start || self.begins_line(unpaired_from, range.start));
            let place = match (in_key, at_start) {
                (true, _) => Place::Key,
                // Only directly behind the key a `=` could still be taken for the separator.
                (false, true) => Place::ValueStart { separated: *separated || range.start != start },
                (false, false) => Place::Value,
            };
            self.copy_to(range.start, unpaired_from);
            write(&self.text[range.clone()], place, &mut self.output);
            self.copied = range.end;
            unpaired_from = range.end;
            let leads = if in_key { range.start == key.start } else { at_start };
            if range.is_empty() && leads && inside.get(index + 1).is_none_or(|next| next.range.start != range.end) {
                self.protect_next(place);
            }
            if range.is_empty() && at_start {
                start = range.end;
            }
        }
        Ok(())
    }

    fn check_comment(&self, range: &Range<usize>) -> Result<(), Problem> {
        if self.text[range.clone()].contains(['\n', '\r']) {
            return Err(Problem::new(range.start, "a comment in properties cannot hold a line break"));
        }
        Ok(())
    }

    /// Copies literal text, and completes a backslash at its end that would otherwise reach into the value.
    fn copy_to(&mut self, end: usize, unpaired_from: usize) {
        let literal = &self.text.as_bytes()[unpaired_from..end];
        let backslashes = literal.iter().rev().take_while(|byte| **byte == b'\\').count();
        self.output.push_str(&self.text[self.copied..end]);
        if backslashes % 2 == 1 {
            self.output.push('\\');
        }
    }

    /// Only blanks are between the beginning of a continuation line and this place.
    fn begins_line(&self, from: usize, at: usize) -> bool {
        let literal = &self.text.as_bytes()[from..at];
        let blanks = literal.iter().rev().take_while(|byte| is_blank(**byte)).count();
        matches!(literal.get(..literal.len() - blanks), Some([.., b'\n' | b'\r']))
    }

    /// Behind an empty value: keeps the literal character that follows from being skipped.
    fn protect_next(&mut self, place: Place) {
        let Some(next) = self.text.as_bytes().get(self.copied).copied() else { return };
        let special = match place {
            Place::Key => matches!(next, b'#' | b'!'),
            _ => is_blank(next) || is_special(char::from(next), place),
        };
        if special {
            self.output.push('\\');
        }
    }
}
