//! Lines of an INI file, with values of a template as opaque units.

use std::ops::Range;

use super::super::Insertion;
use super::super::line::Line;
use super::super::search::end_before;

/// What a line is. Ranges are those of the whole text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Blank,
    Comment,
    /// The name without blanks around it; `None` if there is no `]`.
    Section {
        name: Option<Range<usize>>,
    },
    /// The value without blanks around it; `None` if there is no separator.
    Key {
        key: Range<usize>,
        value: Option<Range<usize>>,
    },
    /// A further line of the value above.
    Continuation {
        value: Range<usize>,
    },
}

/// Knows what a line is from the lines before it.
#[derive(Debug, Default)]
pub(super) struct Lexer {
    /// The indentation of the last header or key.
    indentation: usize,
    /// A line with more indentation continues a value.
    in_value: bool,
}

/// What Python's `strip` takes off, which is more than other readers take off.
pub(super) fn is_blank(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\x1C'..='\x1F')
}

pub(super) fn is_comment_mark(character: char) -> bool {
    matches!(character, '#' | ';')
}

impl Lexer {
    /// What the line is. `inside`: the insertions in it, none of which holds a line break.
    pub(super) fn kind(&mut self, text: &str, line: Line, inside: &[Insertion]) -> Kind {
        let whole = trim(text, line.start..line.end, inside);
        let at_value = inside.iter().any(|insertion| insertion.range.start == whole.start);
        let first = text[whole.clone()].chars().next().filter(|_| !at_value);
        match first {
            None if !at_value => return Kind::Blank,
            Some(mark) if is_comment_mark(mark) => return Kind::Comment,
            _ => {}
        }
        let indentation = if whole.start == line.start { 0 } else { text[line.start..whole.start].chars().count() };
        if self.in_value && indentation > self.indentation {
            return Kind::Continuation { value: whole };
        }
        self.indentation = indentation;
        if first == Some('[') {
            self.in_value = false;
            return Kind::Section { name: name(text, whole, inside) };
        }
        let separator = if inside.is_empty() {
            let line = &text.as_bytes()[..whole.end];
            Some(end_before(line, whole.start, *b"=:")).filter(|separator| *separator < whole.end)
        } else {
            find(text, &whole, inside, |character| matches!(character, '=' | ':'))
        };
        let Some(separator) = separator else {
            // `configparser` lets nothing continue a key without value.
            self.in_value = false;
            return Kind::Key { key: whole, value: None };
        };
        self.in_value = true;
        let key = trim(text, whole.start..separator, inside);
        Kind::Key { key, value: Some(trim(text, separator + 1..whole.end, inside)) }
    }
}

/// The name in a header: up to the first `]` behind which there is nothing or a comment.
fn name(text: &str, whole: Range<usize>, inside: &[Insertion]) -> Option<Range<usize>> {
    let mut from = whole.start + 1;
    while let Some(close) = find(text, &(from..whole.end), inside, |character| character == ']') {
        let after = trim(text, close + 1..whole.end, inside);
        let next = text[after.clone()].chars().next();
        if next.is_none_or(is_comment_mark) || !inside.is_empty() {
            return Some(trim(text, whole.start + 1..close, inside));
        }
        from = close + 1;
    }
    None
}

/// The range without literal blanks at its edges; an insertion at an edge stays, also when it is empty.
pub(super) fn trim(text: &str, range: Range<usize>, inside: &[Insertion]) -> Range<usize> {
    if inside.is_empty() {
        return trim_literal(text, range);
    }
    let within = |at: &&Insertion| at.range.start >= range.start && at.range.end <= range.end;
    let first = inside.iter().find(within).map_or(range.end, |insertion| insertion.range.start);
    let last = inside.iter().rfind(within).map_or(range.start, |insertion| insertion.range.end);
    let head = &text[range.start..first];
    let start = first - head.trim_start_matches(is_blank).len();
    let tail = &text[last.max(start)..range.end];
    let end = last.max(start) + tail.trim_end_matches(is_blank).len();
    start..end
}

/// The same without values: mostly there is nothing to take off, or one blank.
fn trim_literal(text: &str, range: Range<usize>) -> Range<usize> {
    let (mut start, mut end) = (range.start, range.end);
    let bytes = text.as_bytes();
    while start < end && bytes[start] == b' ' {
        start += 1;
    }
    while end > start && bytes[end - 1] == b' ' {
        end -= 1;
    }
    let is_plain = |byte: &u8| byte.is_ascii_graphic();
    if start == end || is_plain(&bytes[start]) && is_plain(&bytes[end - 1]) {
        return if start == end { range.end..range.end } else { start..end };
    }
    let start = range.end - text[range.clone()].trim_start_matches(is_blank).len();
    start..start + text[start..range.end].trim_end_matches(is_blank).len()
}

/// The first literal character in the range that is wanted.
pub(super) fn find(
    text: &str,
    range: &Range<usize>,
    inside: &[Insertion],
    wanted: impl Fn(char) -> bool,
) -> Option<usize> {
    let mut at = range.start;
    for insertion in inside.iter().filter(|insertion| insertion.range.end >= range.start) {
        let end = insertion.range.start.clamp(at, range.end);
        if let Some(found) = text[at..end].find(&wanted) {
            return Some(at + found);
        }
        at = insertion.range.end.clamp(at, range.end);
    }
    text[at..range.end].find(&wanted).map(|found| at + found)
}
