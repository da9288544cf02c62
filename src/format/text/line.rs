//! A line that is there, or is not.

use std::ops::Range;

use regex_lite::Regex;

use super::super::line::lines;
use super::rows::{last_match, lines_at, position, wanted};
use super::{LinePlace, Refusal};

/// The bytes that a line which is not there takes the place of.
pub(super) fn place(text: &str, place: &LinePlace, matches: Option<&Regex>) -> Result<Range<usize>, Refusal> {
    match matches.and_then(|regex| last_match(text, regex)) {
        Some(line) => Ok(line.start..line.next),
        None => position(text, place).map(|at| at..at),
    }
}

/// The text without the line, or without every line that matches; `None` if there is none.
pub(super) fn remove(text: &str, line: &str, matches: Option<&Regex>) -> Option<String> {
    let wanted = wanted(line);
    let mut kept = String::with_capacity(text.len());
    // Where the kept lines begin, if several are wanted: what was around removed ones may be such lines again.
    let mut starts = Vec::new();
    for line in lines(text) {
        if let Some(regex) = matches {
            if !regex.is_match(&text[line.start..line.end]) {
                kept.push_str(&text[line.start..line.next]);
            }
            continue;
        }
        starts.push(kept.len());
        kept.push_str(&text[line.start..line.next]);
        if let Some(first) = starts.len().checked_sub(wanted.len())
            && lines_at(&kept, starts[first], &wanted).is_some()
        {
            kept.truncate(starts[first]);
            starts.truncate(first);
        }
        if wanted.len() == 1 {
            starts.clear();
        }
    }
    (kept.len() < text.len()).then_some(kept)
}
