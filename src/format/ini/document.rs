//! An INI file as its lines, for changing some of them.

use std::borrow::Cow;
use std::ops::Range;

use super::super::Problem;
use super::super::line::{Line, content, line_break, lines};
use super::lex::{Kind, Lexer};
use super::rules::check_line_breaks;

/// One line of the file. The ranges of its kind are those of its text.
#[derive(Debug, Clone)]
struct Row<'a> {
    /// The line break included.
    text: Cow<'a, str>,
    kind: Kind,
}

/// All lines. A place in it is the number of a line.
pub(super) struct Document<'a> {
    rows: Vec<Row<'a>>,
    /// As it was before any change.
    text: &'a str,
}

impl<'a> Document<'a> {
    pub(super) fn parse(text: &'a str) -> Result<Self, Problem> {
        check_line_breaks(text)?;
        let mut lexer = Lexer::default();
        let mut rows = Vec::new();
        for line in lines(text) {
            let own = &text[line.start..line.next];
            let kind = lexer.kind(own, Line { start: 0, end: line.end - line.start, next: own.len() }, &[]);
            match &kind {
                Kind::Section { name } if name.as_ref().is_none_or(Range::is_empty) => {
                    return Err(Problem::new(line.start, "the header of the section is not `[name]`"));
                }
                Kind::Key { key, .. } if key.is_empty() => {
                    return Err(Problem::new(line.start, "the key is missing"));
                }
                _ => rows.push(Row { text: Cow::Borrowed(own), kind }),
            }
        }
        Ok(Self { rows, text })
    }

    /// The text, unless some line has become another kind of line by what was put before it.
    pub(super) fn into_text(self) -> Result<String, Problem> {
        let mut lexer = Lexer::default();
        let mut text = String::with_capacity(self.rows.iter().map(|row| row.text.len()).sum());
        for row in &self.rows {
            let line = Line { start: 0, end: content(&row.text).len(), next: row.text.len() };
            if lexer.kind(&row.text, line, &[]) != row.kind {
                return Err(Problem::new(text.len(), "a line would become a part of the value above it")
                    .hint("give the keys of the section the same indentation"));
            }
            text.push_str(&row.text);
        }
        Ok(text)
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The lines below each header of this section; `None`: those before the first header.
    pub(super) fn bodies(&self, section: Option<&str>) -> Vec<Range<usize>> {
        let mut bodies = Vec::new();
        let mut start = section.is_none().then_some(0);
        for (at, row) in self.rows.iter().enumerate() {
            let Kind::Section { name: Some(name) } = &row.kind else { continue };
            bodies.extend(start.map(|start| start..at));
            start = (section == Some(&row.text[name.clone()])).then_some(at + 1);
        }
        bodies.extend(start.map(|start| start..self.rows.len()));
        bodies
    }

    /// The key that begins at this line.
    pub(super) fn key(&self, at: usize) -> Option<&str> {
        let row = self.rows.get(at)?;
        let Kind::Key { key, .. } = &row.kind else { return None };
        Some(&row.text[key.clone()])
    }

    /// The key of a line that continues a value, but that other readers take for a key of its own.
    pub(super) fn disputed_key(&self, at: usize) -> Option<&str> {
        let row = self.rows.get(at)?;
        let Kind::Continuation { value } = &row.kind else { return None };
        row.text[value.clone()].split_once(['=', ':']).map(|(key, _)| key.trim())
    }

    /// The value of the key at this line with the lines that continue it; `None` if there is no separator.
    pub(super) fn value(&self, at: usize) -> Option<Cow<'_, str>> {
        let row = self.rows.get(at)?;
        let Kind::Key { value: Some(value), .. } = &row.kind else { return None };
        let first = &row.text[value.clone()];
        let end = self.end(at);
        if end == at + 1 {
            return Some(Cow::Borrowed(first));
        }
        let mut text = first.to_owned();
        for row in self.rows.get(at + 1..end).unwrap_or_default() {
            if let Kind::Continuation { value } = &row.kind {
                text.push('\n');
                text.push_str(&row.text[value.clone()]);
            }
        }
        Some(Cow::Owned(text))
    }

    /// Behind the last line of the value of the key at this line.
    pub(super) fn end(&self, at: usize) -> usize {
        let mut end = at + 1;
        for (index, row) in self.rows.iter().enumerate().skip(at + 1) {
            match row.kind {
                Kind::Continuation { .. } => end = index + 1,
                Kind::Blank | Kind::Comment => {}
                Kind::Section { .. } | Kind::Key { .. } => break,
            }
        }
        end
    }

    /// The value of a key goes on behind this line.
    pub(super) fn is_within_value(&self, at: usize) -> bool {
        let below = self.rows.iter().skip(at + 1).find(|row| !matches!(row.kind, Kind::Blank | Kind::Comment));
        below.is_some_and(|row| matches!(row.kind, Kind::Continuation { .. }))
    }

    pub(super) fn is_blank(&self, at: usize) -> bool {
        self.rows.get(at).is_none_or(|row| row.kind == Kind::Blank)
    }

    /// The comment at this line without its marks.
    pub(super) fn comment(&self, at: usize) -> Option<&str> {
        let row = self.rows.get(at).filter(|row| row.kind == Kind::Comment)?;
        Some(row.text.trim_start().trim_start_matches(['#', ';']).trim())
    }

    /// What stands before the key at this line, and between it and its value.
    pub(super) fn style(&self, at: usize) -> Option<(&str, Option<&str>)> {
        let row = self.rows.get(at)?;
        let Kind::Key { key, value } = &row.kind else { return None };
        let separator = value.as_ref().map(|value| &row.text[key.end..value.start]);
        Some((&row.text[..key.start], separator))
    }

    /// Gives the key at this line another value; `default` is the separator if it has none.
    pub(super) fn replace(&mut self, at: usize, new: Option<&str>, default: &str) {
        let end = self.end(at);
        self.drop_continuation(at + 1..end);
        let Some(row) = self.rows.get_mut(at) else { return };
        let Kind::Key { key, value } = &row.kind else { return };
        let text = match (new, value) {
            (None, value) => {
                let end = value.as_ref().map_or(key.end, |value| value.end);
                [&row.text[..key.end], &row.text[end..]].concat()
            }
            (Some(new), None) => [&row.text[..key.end], default, new, &row.text[key.end..]].concat(),
            (Some(new), Some(value)) => {
                let before = &row.text[..value.start];
                // `key =` among `key = value`.
                let blank =
                    if value.is_empty() && default.ends_with(' ') && before.ends_with(['=', ':']) { " " } else { "" };
                [before, blank, new, &row.text[value.end..]].concat()
            }
        };
        *row = single(text);
    }

    fn drop_continuation(&mut self, rows: Range<usize>) {
        for at in rows.rev() {
            if self.rows.get(at).is_some_and(|row| matches!(row.kind, Kind::Continuation { .. })) {
                self.rows.remove(at);
            }
        }
    }

    /// Removes the key at this line and the lines that continue its value, but no comment.
    pub(super) fn remove_key(&mut self, at: usize) {
        let end = self.end(at);
        self.drop_continuation(at + 1..end);
        self.remove(at..at + 1);
    }

    pub(super) fn remove(&mut self, rows: Range<usize>) {
        self.rows.drain(rows);
    }

    /// Puts a line there; at the end of a file without line break, the last line has none again.
    pub(super) fn insert(&mut self, at: usize, mut line: String) {
        match at.checked_sub(1).and_then(|last| self.rows.get_mut(last)) {
            Some(last) if content(&last.text).len() == last.text.len() => {
                last.text.to_mut().push_str(line_break(self.text));
            }
            _ => line.push_str(line_break(self.text)),
        }
        self.rows.insert(at, single(line));
    }
}

/// A line that continues nothing.
fn single(text: String) -> Row<'static> {
    let line = Line { start: 0, end: content(&text).len(), next: text.len() };
    let kind = Lexer::default().kind(&text, line, &[]);
    Row { text: Cow::Owned(text), kind }
}
