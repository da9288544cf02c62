//! Replaced stretches of a text.

use std::ops::Range;

/// A stretch of a text and what stands there instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Patch {
    pub(crate) range: Range<usize>,
    pub(crate) text: String,
}

impl Patch {
    pub(crate) fn replace(range: Range<usize>, text: impl Into<String>) -> Self {
        Self { range, text: text.into() }
    }

    pub(crate) fn insert(at: usize, text: impl Into<String>) -> Self {
        Self { range: at..at, text: text.into() }
    }

    pub(crate) fn remove(range: Range<usize>) -> Self {
        Self { range, text: String::new() }
    }
}

/// The text with all patches, which do not overlap. Of two at the same place the first given comes first.
pub(crate) fn patched(text: &str, mut patches: Vec<Patch>) -> String {
    patches.sort_by_key(|patch| (patch.range.start, patch.range.end));
    let grown: usize = patches.iter().map(|patch| patch.text.len()).sum();
    let mut result = String::with_capacity(text.len() + grown);
    let mut copied = 0;
    for patch in patches {
        result.push_str(&text[copied..patch.range.start.max(copied)]);
        result.push_str(&patch.text);
        copied = patch.range.end.max(copied);
    }
    result.push_str(&text[copied..]);
    result
}

/// Where the line begins that holds this byte.
pub(crate) fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |found| found + 1)
}

/// Where the line ends that holds this byte: before its line break.
pub(crate) fn line_end(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes();
    let end = text[at..].find('\n').map_or(text.len(), |found| at + found);
    if end > at && bytes[end - 1] == b'\r' && end < text.len() { end - 1 } else { end }
}

/// Behind the line break that stands here, if one does.
pub(crate) fn after_line_break(text: &str, at: usize) -> usize {
    let rest = &text[at..];
    if rest.starts_with("\r\n") {
        at + 2
    } else if rest.starts_with('\n') {
        at + 1
    } else {
        at
    }
}

/// The blanks with which the line begins that holds this byte, at most up to it.
pub(crate) fn indentation(text: &str, at: usize) -> &str {
    let start = line_start(text, at);
    let line = &text[start..at];
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

/// How the lines of a text end.
pub(crate) fn line_break(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if text[..at].ends_with('\r') => "\r\n",
        _ => "\n",
    }
}
