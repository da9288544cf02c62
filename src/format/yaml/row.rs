//! Lines of YAML that can be told from others without reading each token: an entry that begins and ends on its line. All
//! else, above all what may go on over several lines, is left to the [`super::lexer::Lexer`].

use std::ops::Range;

use crate::format::search::{end_of_line, end_of_text};

/// What a line is at first sight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Row {
    /// Empty, or only a comment.
    Blank {
        next: usize,
        comment: bool,
    },
    Entry(Entry),
    /// Anything else; also the end of the text. The column is [`usize::MAX`] when it is not clear.
    Other {
        column: usize,
    },
}

/// A line of dashes, and perhaps a key, and perhaps a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) column: usize,
    pub(super) dash: bool,
    /// Without quotes.
    pub(super) key: Option<Range<usize>>,
    pub(super) has_value: bool,
    /// A plain scalar ends the line: it goes on in the next line if that is indented deeper than the last key or dash.
    pub(super) open: bool,
    /// The beginning of the block scalar that ends the line, and whether it keeps all empty lines at its end.
    pub(super) block: Option<(usize, bool)>,
    /// Behind the last token that is no comment.
    pub(super) end: usize,
    /// The column of the last key or dash.
    pub(super) outer: usize,
    /// The beginning of the next line.
    pub(super) next: usize,
}

impl Entry {
    pub(super) fn is_dash_at(&self, column: usize) -> bool {
        self.dash && self.column == column
    }
}

/// Reads the line that begins here.
pub(super) fn row(bytes: &[u8], start: usize) -> Row {
    let at = behind_blanks(bytes, start);
    match bytes.get(at) {
        Some(b'\n' | b'\r') => break_end(bytes, at).map_or(Row::Other { column: usize::MAX }, blank),
        Some(b'#') => {
            line_end(bytes, at).map_or(Row::Other { column: usize::MAX }, |next| Row::Blank { next, comment: true })
        }
        Some(b'\t') => Row::Other { column: usize::MAX },
        _ => entry(bytes, start, at).map_or(Row::Other { column: at - start }, Row::Entry),
    }
}

fn blank(next: usize) -> Row {
    Row::Blank { next, comment: false }
}

fn behind_blanks(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at) == Some(&b' ') {
        at += 1;
    }
    at
}

/// Behind the line break that stands here. `None` for one that not every reader takes for one.
fn break_end(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes.get(at..)? {
        [] => Some(at),
        [b'\n', ..] => Some(at + 1),
        [b'\r', b'\n', ..] => Some(at + 2),
        _ => None,
    }
}

/// The beginning of the next line.
fn line_end(bytes: &[u8], at: usize) -> Option<usize> {
    break_end(bytes, end_of_line(bytes, at))
}

fn ends_token(byte: Option<&u8>) -> bool {
    matches!(byte, None | Some(b' ' | b'\t' | b'\n' | b'\r'))
}

/// Whether a plain scalar can begin with this byte, whatever follows. `-` and `.` are for the caller.
fn begins_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80 || b"_/$(~+=^;\\".contains(&byte)
}

fn entry(bytes: &[u8], start: usize, at: usize) -> Option<Entry> {
    let column = at - start;
    let mut entry = Entry {
        column,
        dash: false,
        key: None,
        has_value: false,
        open: false,
        block: None,
        end: at,
        outer: column,
        next: at,
    };
    let mut at = at;
    while bytes.get(at) == Some(&b'-') && matches!(bytes.get(at + 1), Some(b' ' | b'\n')) {
        entry.dash = true;
        entry.outer = at - start;
        entry.end = at + 1;
        at = behind_blanks(bytes, at + 1);
    }
    let first = *bytes.get(at)?;
    if matches!(first, b'\n' | b'\r' | b'#') {
        return finish(bytes, at, entry);
    }
    if entry.dash && matches!(first, b'|' | b'>') {
        return block(bytes, at, entry);
    }
    let scalar = scalar(bytes, at, column > 0)?;
    if !scalar.key {
        return if entry.dash { valued(bytes, &scalar, entry) } else { None };
    }
    entry.outer = at - start;
    entry.key = Some(scalar.inner);
    // Only blanks stand between the key and its colon.
    entry.end = behind_blanks(bytes, scalar.end) + 1;
    at = behind_blanks(bytes, entry.end);
    match bytes.get(at) {
        None | Some(b'\n' | b'\r' | b'#') => return finish(bytes, at, entry),
        Some(b'|' | b'>') => return block(bytes, at, entry),
        _ => {}
    }
    let value = self::scalar(bytes, at, true)?;
    if value.key { None } else { valued(bytes, &value, entry) }
}

/// A block scalar that tells its indentation by its first line.
fn block(bytes: &[u8], start: usize, mut entry: Entry) -> Option<Entry> {
    let signs = bytes[start + 1..].iter().take_while(|byte| matches!(byte, b'+' | b'-')).count();
    if signs > 1 {
        return None;
    }
    let end = start + 1 + signs;
    entry.has_value = true;
    entry.block = Some((start, bytes[start..end].contains(&b'+')));
    let mut entry = finish(bytes, behind_blanks(bytes, end), entry)?;
    entry.end = end_of_line(bytes, end);
    Some(entry)
}

fn valued(bytes: &[u8], value: &Scalar, mut entry: Entry) -> Option<Entry> {
    entry.has_value = true;
    entry.end = value.end;
    entry.open = value.plain;
    finish(bytes, behind_blanks(bytes, value.end), entry)
}

/// Ends the line here, where there is nothing or a comment behind a blank.
fn finish(bytes: &[u8], at: usize, mut entry: Entry) -> Option<Entry> {
    if bytes.get(at) == Some(&b'#') {
        if !bytes[..at].ends_with(b" ") {
            return None;
        }
        entry.open = false;
        entry.next = line_end(bytes, at)?;
    } else {
        entry.next = break_end(bytes, at)?;
    }
    Some(entry)
}

/// A scalar on one line, or a collection in brackets on one line.
struct Scalar {
    /// Without quotes.
    inner: Range<usize>,
    end: usize,
    plain: bool,
    /// A `:` follows.
    key: bool,
}

fn scalar(bytes: &[u8], at: usize, indented: bool) -> Option<Scalar> {
    let first = *bytes.get(at)?;
    match first {
        b'"' | b'\'' => {
            let end = quoted(bytes, at, first)?;
            let key = colon_follows(bytes, end);
            let inner = at + 1..end - 1;
            // What has escapes is to be read first.
            if key && bytes[inner.clone()].iter().any(|byte| matches!(byte, b'\\' | b'\'')) {
                return None;
            }
            Some(Scalar { inner, end, plain: false, key })
        }
        b'[' | b'{' => {
            let end = brackets(bytes, at)?;
            if bytes.get(behind_blanks(bytes, end)) == Some(&b':') {
                return None;
            }
            Some(Scalar { inner: at..at, end, plain: false, key: false })
        }
        b'-' if indented && !ends_token(bytes.get(at + 1)) => plain(bytes, at),
        b'.' if indented => plain(bytes, at),
        _ if begins_plain(first) => plain(bytes, at),
        _ => None,
    }
}

fn colon_follows(bytes: &[u8], at: usize) -> bool {
    let at = behind_blanks(bytes, at);
    bytes.get(at) == Some(&b':') && ends_token(bytes.get(at + 1))
}

fn plain(bytes: &[u8], start: usize) -> Option<Scalar> {
    let mut at = start;
    let key = loop {
        at = end_of_text(bytes, at, [b':', b'#']);
        match bytes.get(at) {
            None | Some(b'\n' | b'\r') => break false,
            Some(b':') if ends_token(bytes.get(at + 1)) => break true,
            Some(b'#') if matches!(bytes.get(at - 1), Some(b' ' | b'\t')) => break false,
            _ => at += 1,
        }
    };
    let mut end = at;
    while bytes.get(end - 1) == Some(&b' ') {
        end -= 1;
    }
    // Blanks of other kinds are left to the lexer.
    (bytes.get(end - 1) != Some(&b'\t')).then_some(Scalar { inner: start..end, end, plain: true, key })
}

/// Behind the closing quote, when it stands on the same line.
fn quoted(bytes: &[u8], start: usize, quote: u8) -> Option<usize> {
    let mut at = start + 1;
    loop {
        at = end_of_text(bytes, at, [quote, b'\\']);
        match *bytes.get(at)? {
            byte if byte == quote => {
                at += 1;
                if quote == b'"' || bytes.get(at) != Some(&quote) {
                    return Some(at);
                }
            }
            b'\\' if quote == b'"' => {
                if matches!(bytes.get(at + 1)?, b'\n' | b'\r') {
                    return None;
                }
                at += 1;
            }
            b'\n' | b'\r' => return None,
            _ => {}
        }
        at += 1;
    }
}

/// Behind the closing bracket, when it stands on the same line and nothing in between is doubtful.
fn brackets(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    let mut depth = 0_usize;
    // A quote begins a scalar here, and an indicator has a meaning.
    let mut fresh = true;
    loop {
        match *bytes.get(at)? {
            b'[' | b'{' => {
                depth += 1;
                fresh = true;
            }
            b']' | b'}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
                fresh = false;
            }
            b',' => fresh = true,
            b' ' => {}
            b':' => match bytes.get(at + 1)? {
                b' ' => fresh = true,
                b'"' | b'\'' => return None,
                _ => fresh = false,
            },
            quote @ (b'"' | b'\'') if fresh => {
                at = quoted(bytes, at, quote)?;
                if !matches!(bytes.get(behind_blanks(bytes, at))?, b',' | b':' | b']' | b'}') {
                    return None;
                }
                fresh = false;
                continue;
            }
            b'\n' | b'\r' | b'\t' => return None,
            b'&' | b'*' | b'!' | b'?' | b'#' if fresh => return None,
            b'#' if bytes.get(at - 1) == Some(&b' ') => return None,
            _ => fresh = false,
        }
        at += 1;
    }
}
