//! Lines between two markers.

use std::ops::Range;

use super::super::line::lines;
use super::rows::{position, splice, wanted};
use super::{LinePlace, Refusal};

/// The two lines around a block.
struct Markers {
    begin: String,
    end: String,
}

impl Markers {
    fn new(marker: &str) -> Result<Self, Refusal> {
        if marker.contains(['\n', '\r']) {
            return Err(("the marker of a block cannot hold a line break".to_owned(), None));
        }
        let line = |mark| {
            if marker.contains("{mark}") { marker.replace("{mark}", mark) } else { format!("# {mark} {marker}") }
        };
        Ok(Self { begin: line("BEGIN"), end: line("END") })
    }

    /// The bytes of the block, markers included.
    fn find(&self, text: &str) -> Result<Option<Range<usize>>, Refusal> {
        let (mut begin, mut end) = (None, None);
        for line in lines(text) {
            // A carriage return at the very end would become a part of the line break that a line after it needs.
            let content = text[line.start..line.end].trim_end_matches('\r');
            let found = if content == self.begin {
                begin.replace(line.start)
            } else if content == self.end {
                end.replace(line.next)
            } else {
                continue;
            };
            if found.is_some() {
                return Err((
                    "a marker of the block stands twice".to_owned(),
                    Some("remove one of the blocks by hand"),
                ));
            }
        }
        match (begin, end) {
            (None, None) => Ok(None),
            (Some(begin), Some(end)) if begin < end => Ok(Some(begin..end)),
            (Some(_), Some(_)) => Err(("the end of the block stands before its beginning".to_owned(), Some(BY_HAND))),
            (Some(_), None) => Err(("the block has a beginning but no end".to_owned(), Some(BY_HAND))),
            (None, Some(_)) => Err(("the block has an end but no beginning".to_owned(), Some(BY_HAND))),
        }
    }
}

const BY_HAND: &str = "put the marker lines right by hand";

/// The text with the block; `None` if it is there with the same lines.
pub(super) fn ensure(text: &str, marker: &str, block: &str, place: &LinePlace) -> Result<Option<String>, Refusal> {
    let markers = Markers::new(marker)?;
    let content = if block.is_empty() { Vec::new() } else { wanted(block) };
    if content.iter().any(|line| *line == markers.begin || *line == markers.end) {
        return Err(("the text of the block holds one of its markers".to_owned(), None));
    }
    let mut rows = vec![markers.begin.as_str()];
    rows.extend(content);
    rows.push(&markers.end);
    let range = match markers.find(text)? {
        Some(range) => range,
        None => {
            let at = position(text, place)?;
            at..at
        }
    };
    let is_equal = lines(&text[range.clone()]).map(|line| &text[range.start + line.start..range.start + line.end]);
    if is_equal.eq(rows.iter().copied()) {
        return Ok(None);
    }
    Ok(Some(splice(text, range, &rows)))
}

/// The text without the block and its markers; `None` if it is not there.
pub(super) fn remove(text: &str, marker: &str) -> Result<Option<String>, Refusal> {
    let range = Markers::new(marker)?.find(text)?;
    Ok(range.map(|range| [&text[..range.start], &text[range.end..]].concat()))
}
