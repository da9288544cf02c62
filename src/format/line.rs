//! The lines of a text, and how they end.

/// One line: where it begins, where its content ends, and where the next one begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) start: usize,
    /// The end of the content: before `\n` or `\r\n`.
    pub(super) end: usize,
    /// Behind the line break.
    pub(super) next: usize,
}

/// The lines of the text. A text that ends in a line break has no empty line behind it.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Line> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let rest = text.get(start..).filter(|rest| !rest.is_empty())?;
        let length = rest.find('\n').map_or(rest.len(), |at| at + 1);
        let content = content(&rest[..length]).len();
        let line = Line { start, end: start + content, next: start + length };
        start = line.next;
        Some(line)
    })
}

/// The same, the last line first.
pub(super) fn lines_from_end(text: &str) -> impl Iterator<Item = Line> {
    let mut next = text.len();
    std::iter::from_fn(move || {
        let rest = text.get(..next).filter(|rest| !rest.is_empty())?;
        let start = rest.strip_suffix('\n').unwrap_or(rest).rfind('\n').map_or(0, |at| at + 1);
        let line = Line { start, end: start + content(&rest[start..]).len(), next };
        next = start;
        Some(line)
    })
}

/// The line without its line break.
pub(super) fn content(line: &str) -> &str {
    let Some(content) = line.strip_suffix('\n') else { return line };
    content.strip_suffix('\r').unwrap_or(content)
}

/// How the lines of this text end: `\r\n` if most of them do.
pub(super) fn line_break(text: &str) -> &'static str {
    let (mut plain, mut windows) = (0_usize, 0_usize);
    for (at, _) in text.match_indices('\n') {
        if text[..at].ends_with('\r') {
            windows += 1;
        } else {
            plain += 1;
        }
    }
    if windows > plain { "\r\n" } else { "\n" }
}
