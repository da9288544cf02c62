//! Values of a template in an env file.

use std::ops::Range;

use super::super::{Insertion, Problem};
use super::lex::{Entry, Form, Kind, Lexer, NAME, is_name};
use super::quote::{is_plain_text, write, write_double};

/// See [`super::escape`].
pub(super) fn escape(text: &str, insertions: &[Insertion]) -> Result<String, Problem> {
    let mut writer = Writer { text, output: String::with_capacity(text.len() + text.len() / 8), copied: 0 };
    let mut rest = insertions;
    for entry in Lexer::new(text, insertions) {
        let count = rest.iter().take_while(|insertion| insertion.range.start < entry.all.end).count();
        // An empty value at the end of a line without line break.
        let count = if entry.all.end == text.len() { rest.len() } else { count };
        let (inside, after) = rest.split_at(count);
        rest = after;
        if !inside.is_empty() {
            writer.entry(&entry, inside)?;
        }
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
    fn entry(&mut self, entry: &Entry, inside: &[Insertion]) -> Result<(), Problem> {
        if let Some(insertion) = inside.iter().find(|insertion| self.text[insertion.range.clone()].contains('\0')) {
            return Err(Problem::new(insertion.range.start, "an environment variable cannot hold a NUL character"));
        }
        match &entry.kind {
            Kind::Comment => self.check_comments(inside),
            Kind::Blank | Kind::Bare => self.check_name(&entry.all, inside),
            Kind::Pair { key, value, form } => {
                let (in_key, behind) = split(inside, |range| range.start <= key.end);
                let (in_value, behind) = split(behind, |range| range.start < value.end || range.end <= value.end);
                self.check_name(key, in_key)?;
                self.value(value, *form, in_value)?;
                self.tail(*form, behind)
            }
        }
    }

    fn check_comments(&self, inside: &[Insertion]) -> Result<(), Problem> {
        let broken = inside.iter().find(|insertion| self.text[insertion.range.clone()].contains(['\n', '\r']));
        broken.map_or(Ok(()), |insertion| {
            Err(Problem::new(insertion.range.start, "a comment in an env file cannot hold a line break"))
        })
    }

    /// Checks the values in a name, or in a line that is not a pair.
    fn check_name(&self, all: &Range<usize>, inside: &[Insertion]) -> Result<(), Problem> {
        let Some(first) = inside.first() else { return Ok(()) };
        for insertion in inside {
            let value = self.text[insertion.range.clone()].as_bytes();
            let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.-".contains(byte);
            if !value.iter().all(allowed) {
                return Err(Problem::new(insertion.range.start, NAME));
            }
        }
        let name = self.text[all.clone()].as_bytes();
        if first.range.start == all.start && !is_name(name.get(..1).unwrap_or_default()) {
            return Err(Problem::new(first.range.start, NAME));
        }
        Ok(())
    }

    fn copy_to(&mut self, end: usize) {
        self.output.push_str(&self.text[self.copied..end]);
        self.copied = end;
    }

    fn value(&mut self, value: &Range<usize>, form: Form, inside: &[Insertion]) -> Result<(), Problem> {
        if inside.is_empty() {
            return Ok(());
        }
        self.copy_to(value.start);
        match form {
            Form::Plain => self.plain(value, inside)?,
            Form::Double => self.double(value, inside),
            Form::Single => self.single(value, inside),
        }
        self.copied = value.end;
        Ok(())
    }

    /// A value without quotes gets them as a whole when it needs them. What the template wants a shell to expand stays as
    /// it is.
    fn plain(&mut self, value: &Range<usize>, inside: &[Insertion]) -> Result<(), Problem> {
        let whole = &self.text[value.clone()];
        let has_literal =
            |special: &[char]| literals(self.text, value, inside).any(|literal| literal.contains(special));
        if is_plain_text(whole) || !has_literal(&['$', '`']) {
            write(whole, &mut self.output);
        } else if is_read_whole(whole)
            && inside.iter().all(|insertion| is_plain_text(&self.text[insertion.range.clone()]))
        {
            self.output.push_str(whole);
        } else if has_literal(&['\\', '"', '\'']) {
            let message =
                "this value needs quotes, in which the backslashes and quotes beside it would have another meaning";
            return Err(Problem::new(inside[0].range.start, message)
                .hint("put all that stands behind the `=` into double quotes"));
        } else {
            self.output.push('"');
            self.pieces(value, inside, |literal, output| output.push_str(literal));
            self.output.push('"');
        }
        Ok(())
    }

    fn double(&mut self, value: &Range<usize>, inside: &[Insertion]) {
        self.pieces(value, inside, |literal, output| {
            output.push_str(literal);
            if literal.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1 {
                output.push('\\');
            }
        });
    }

    /// Single quotes hold anything but themselves; if they must, the whole value moves into double quotes.
    fn single(&mut self, value: &Range<usize>, inside: &[Insertion]) {
        if inside.iter().any(|insertion| self.text[insertion.range.clone()].contains('\'')) {
            self.output.push('"');
            write_double(&self.text[value.start + 1..value.end - 1], &mut self.output);
            self.output.push('"');
        } else {
            self.output.push_str(&self.text[value.clone()]);
        }
    }

    /// Writes literal parts as told, and the values between them for double quotes.
    fn pieces(&mut self, value: &Range<usize>, inside: &[Insertion], literal: impl Fn(&str, &mut String)) {
        let mut at = value.start;
        for insertion in inside {
            literal(&self.text[at..insertion.range.start], &mut self.output);
            write_double(&self.text[insertion.range.clone()], &mut self.output);
            at = insertion.range.end;
        }
        literal(&self.text[at..value.end], &mut self.output);
    }

    /// What is behind the value: a comment, or behind a closing quote what a shell takes for more of the same word.
    fn tail(&mut self, form: Form, behind: &[Insertion]) -> Result<(), Problem> {
        for insertion in behind {
            let before = &self.text[self.copied..insertion.range.start];
            if form == Form::Plain || before.contains([' ', '\t']) {
                return self.check_comments(behind);
            }
            self.copy_to(insertion.range.start);
            write(&self.text[insertion.range.clone()], &mut self.output);
            self.copied = insertion.range.end;
        }
        Ok(())
    }
}

fn split(insertions: &[Insertion], first: impl Fn(&Range<usize>) -> bool) -> (&[Insertion], &[Insertion]) {
    insertions.split_at(insertions.iter().take_while(|insertion| first(&insertion.range)).count())
}

/// The parts of a value that are the template's own.
fn literals<'a>(text: &'a str, value: &Range<usize>, inside: &'a [Insertion]) -> impl Iterator<Item = &'a str> {
    let starts = std::iter::once(value.start).chain(inside.iter().map(|insertion| insertion.range.end));
    let ends = inside.iter().map(|insertion| insertion.range.start).chain(std::iter::once(value.end));
    starts.zip(ends).map(|(start, end)| &text[start..end])
}

/// Without quotes nothing of it is lost, or taken for something else.
fn is_read_whole(value: &str) -> bool {
    let line = format!("A={value}");
    let entry = Lexer::new(&line, &[]).next();
    entry.is_some_and(|Entry { kind, problem, .. }| {
        let value = 2..line.len();
        problem.is_none() && matches!(kind, Kind::Pair { value: found, form: Form::Plain, .. } if found == value)
    })
}
