//! Lines of a text, and putting other lines in their place.

use std::ops::Range;

use regex_lite::Regex;

use super::super::line::{Line, line_break, lines, lines_from_end};
use super::{LinePlace, Refusal};

/// The lines of what was asked for. A line break at its end makes no difference, and neither do carriage returns at the end
/// of a line: they would become a part of the line break.
pub(super) fn wanted(text: &str) -> Vec<&str> {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.split('\n').map(|line| line.trim_end_matches('\r')).collect()
}

/// Whether these lines stand somewhere one after the other.
pub(super) fn are_there(text: &str, wanted: &[&str]) -> bool {
    lines(text).any(|line| lines_at(text, line.start, wanted).is_some())
}

/// The bytes of these lines, if they stand from the beginning of a line on.
pub(super) fn lines_at(text: &str, start: usize, wanted: &[&str]) -> Option<Range<usize>> {
    let mut end = start;
    let mut below = lines(&text[start..]);
    for wanted in wanted {
        let line = below.next()?;
        if &text[start + line.start..start + line.end] != *wanted {
            return None;
        }
        end = start + line.next;
    }
    Some(start..end)
}

/// The last line that matches.
pub(super) fn last_match(text: &str, regex: &Regex) -> Option<Line> {
    lines_from_end(text).find(|line| regex.is_match(&text[line.start..line.end]))
}

/// Where a new line goes: the byte at which a line begins, or the end of the text.
pub(super) fn position(text: &str, place: &LinePlace) -> Result<usize, Refusal> {
    let (regex, after) = match place {
        LinePlace::End => return Ok(text.len()),
        LinePlace::Beginning => return Ok(0),
        LinePlace::After(regex) => (regex, true),
        LinePlace::Before(regex) => (regex, false),
    };
    let line = last_match(text, regex);
    let line = line.ok_or_else(|| ("no line matches the place for the new one".to_owned(), None))?;
    Ok(if after { line.next } else { line.start })
}

/// Puts lines in the place of these bytes, which are whole lines or none. A text without line break at its end stays so.
pub(super) fn splice(text: &str, range: Range<usize>, rows: &[&str]) -> String {
    let written = written(text, &range, rows, line_break(text));
    [&text[..range.start], &written, &text[range.end..]].concat()
}

/// What [`splice`] puts in.
pub(super) fn written(text: &str, range: &Range<usize>, rows: &[&str], line_break: &str) -> String {
    let mut written = String::new();
    if range.start > 0 && !text[..range.start].ends_with('\n') {
        written.push_str(line_break);
    }
    let open = range.end == text.len() && !text.is_empty() && !text.ends_with('\n');
    for (index, row) in rows.iter().enumerate() {
        written.push_str(row);
        // An empty line at the end exists only by its line break.
        if index + 1 < rows.len() || !open || row.is_empty() {
            written.push_str(line_break);
        }
    }
    written
}
